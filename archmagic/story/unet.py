"""How data flows through a U-Net: down, through the middle, and up again with what the way down had laid beside.

Which parts lead down and up is told by their names; sizes and strides are read off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..facts.convolution import Convolution, convolution
from ..facts.names import named
from ..facts.places import Place
from .story import Statement
from .telling import Telling, words

POOLS = ("MaxPool", "AvgPool")
GROWING = ("ConvTranspose", "Upsample", "PixelShuffle")


def unet(telling: Telling) -> list[Statement]:
    """The steps; [] for any other model."""
    kind = telling.fact("architecture")
    if kind is None or kind.value != "U-Net":
        return []
    return list(_levels(telling, kind.evidence) if telling.findings.unet_levels else _steps(telling, kind.evidence))


def _levels(telling: Telling, paths: Sequence[str]) -> Iterator[Statement]:
    """Of levels that stand one in another, what each of them does."""
    yield telling.say(
        "flow.unet_levels", basis="derived", evidence=paths, count=words.capital(words.count(len(paths))), outer=paths[0], inner=paths[-1]
    )


def _steps(telling: Telling, paths: Sequence[str]) -> Iterator[Statement]:
    by_path = telling.findings.places.by_path
    ways: dict[str, list[Place]] = {"down": [], "middle": [], "up": []}
    for path in paths:
        place = by_path[path]
        ways[next(way for way in ways if named(f"unet_{way}", place.name))].append(place)
    down, up = _parts(ways["down"]), _parts(ways["up"])
    yield from _stem(telling, down[0])
    yield from _way(telling, "flow.unet_down", down, "shrinks")
    for place in ways["middle"][:1]:
        width = _main(telling, place)
        yield telling.say(
            "flow.unet_middle", basis="named", evidence=[place], name=place.path, channels=_channels(width[-1].n_out if width else None)
        )
    yield from _way(telling, "flow.unet_up", up, "grows")
    yield from _end(telling, up[-1])


def _parts(places: list[Place]) -> list[Place]:
    """The single steps: of one list, what it lists."""
    return places[0].kids if len(places) == 1 and len(places[0].kids) > 1 else places


def _main(telling: Telling, place: Place) -> list[Convolution]:
    """Its convolutions but those of shortcuts and those that only change the resolution."""
    inside = [c for p in telling.findings.places.under(place) if (c := convolution(p))]
    return [c for c in inside if not _aside(c.place, place) and "Transpose" not in c.place.node.type and c.stride == 1]


def _aside(place: Place, within: Place) -> bool:
    names = [a.name for a in (place, *place.up()) if a.index >= within.index]
    return any(word in name for name in names for word in ("shortcut", "skip", "residual_conv", "res_conv"))


def _way(telling: Telling, key: str, parts: list[Place], change: str) -> Iterator[Statement]:
    sizes = [_main(telling, part) for part in parts]
    if not all(sizes):
        return
    changing = [part for part in parts if _changes(telling, part, change)]
    which = "each" if len(changing) == len(parts) else "all but the last" if changing == parts[:-1] else ""
    if changing == parts[1:]:
        which = "all but the first"
    verb = {"shrinks": "halves", "grows": "doubles"}[change]
    plural = verb if which == "each" else verb[:-1]
    yield telling.say(
        key,
        basis="named",
        evidence=parts,
        parts=words.listing([p.path for p in parts], 8),
        channels=words.listing([f"{s[-1].n_out:,}" for s in sizes], len(sizes)),
        takes=words.listing([f"{s[0].n_in:,}" for s in sizes], len(sizes)),
        give="gives" if len(parts) == 1 else "give",
        change=f"; {which} {plural} height and width" if which else "",
    )


def _changes(telling: Telling, part: Place, change: str) -> bool:
    """Whether the part changes height and width by two, as what stands in it shows."""
    for place in telling.findings.places.under(part):
        filters, kind = convolution(place), place.node.type
        step = place.node.get("stride" if change == "shrinks" else "scale_factor", "kernel_size")
        step = step[0] if isinstance(step, tuple) else step
        if change == "shrinks" and ((filters and filters.stride == 2) or (kind.startswith(POOLS) and step == 2)):
            return filters is None or "Transpose" not in kind
        if change == "grows" and kind.startswith(GROWING) and ((filters and filters.stride == 2) or step == 2):
            return True
    return False


def _channels(width: int | None) -> str:
    return f", {width:,} channels deep" if width else ""


def _stem(telling: Telling, first: Place) -> Iterator[Statement]:
    for conv in telling.findings.convolutions:
        if conv.place.index < first.index:
            yield telling.say(
                "flow.unet_stem", basis="named", evidence=[conv.place], name=conv.place.path, n_in=conv.n_in, n_out=conv.n_out
            )
            return


def _end(telling: Telling, last: Place) -> Iterator[Statement]:
    after = [c for c in telling.findings.convolutions if c.place.index >= last.end]
    if after:
        conv = after[-1]
        out = words.several(conv.n_out, "channel")
        yield telling.say("flow.unet_end", basis="named", evidence=[conv.place], name=conv.place.path, n_out=out)

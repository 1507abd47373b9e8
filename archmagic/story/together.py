"""Parts of a block that go together, told in one line: queries, keys and values; norms; the products of a feed-forward; dropout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from ..facts import weakest
from ..facts.places import Place
from ..options import LEVELS, Level
from .items import idle, is_idle, item, kinds_of_text, relative, type_notes
from .story import Statement
from .telling import Telling, name, words

DROPOUTS = ("attention_dropout", "residual_dropout", "feed_dropout", "inner_dropout")

MAKES = {
    "query": ("the queries", " (what each position looks for)"),
    "key": ("the keys", " (what queries are compared with)"),
    "value": ("the values", " (what is gathered where query and key agree)"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """Parts that share a line, and what is said of them together: in full, and where that was said of others before."""

    key: str
    places: tuple[Place, ...]
    text: str
    again: str


def items(telling: Telling, places: Sequence[Place], within: Place) -> Iterator[Statement]:
    """The parts in order, those that go together in the line of the first of them. Norms before sub-layers come first, as data
    passes them; dropout, and what only passes its input through, come last."""
    through = [place for place in places if is_idle(telling, place)]
    groups = _groups(telling, places)
    grouped = {place for row in groups for place in row.places}
    starts = {row.places[0]: row for row in groups if row.key not in ("norm_before", "dropout")}
    for row in groups:
        if row.key == "norm_before":
            yield from _row(telling, row, within)
    for place in places:
        if place in starts:
            yield from _row(telling, starts[place], within)
        elif place not in grouped and place not in through:
            yield from item(telling, place, within)
    for row in groups:
        if row.key == "dropout":
            yield from _row(telling, row, within)
    yield from idle(telling, through, within)


def _groups(telling: Telling, places: Sequence[Place]) -> list[Row]:
    found: dict[tuple[str, Hashable], list[Place]] = {}
    for place in places:
        if key := _key(telling, place):
            found.setdefault(key, []).append(place)
    told = ((key, group, TEXTS[key](telling, group)) for (key, _), group in found.items() if len(group) > 1)
    return [Row(key, tuple(group), text, _bracketless(text) if key == "projection" else text) for key, group, text in told if text]


def _bracketless(text: str) -> str:
    for _, meaning in MAKES.values():
        text = text.replace(meaning, "")
    return text


def _key(telling: Telling, place: Place) -> tuple[str, Hashable] | None:
    """What line a part can share, and what it must have in common with the others there; None for a part told by itself."""
    role = telling.roles.get(place)
    if role is None or place.kids:
        return None
    built = place.match.entry.name, telling.parts[place.path].arithmetic
    if role.key in MAKES and role.sentence == "text":
        return "projection", place.parent
    if role.key in ("query_norm", "key_norm"):
        return "qk_norm", (place.parent, role.sentence, built)
    if (role.key, role.sentence) in (("norm_before", "text"), ("norm_after", "text"), ("norm_after", "sandwich")):
        return role.key if role.sentence == "text" else "norm_sandwich", built
    if role.key == "block_norm":
        return role.key, built
    if role.key in ("gate", "gate_up", "up", "down") and role.sentence != "bare":
        return "feed", place.parent
    if role.key in DROPOUTS and role.sentence == "text":
        return "dropout", str(role.values["percent"])
    return None


def _projections(telling: Telling, places: Sequence[Place]) -> str:
    roles = [telling.roles[place] for place in places]
    outs, ins = ([role.values[side] for role in roles] for side in ("n_out", "n_in"))
    if len(set(ins)) > 1 or len({role.key for role in roles}) < len(roles):
        return ""
    each = len(set(outs)) == 1
    sizes = f"{ins[0]:,} → {outs[0]:,} each" if each else f"{ins[0]:,} → {words.listing([f'{out:,}' for out in outs])}"
    return telling.text("together.projections", makes=words.listing(["".join(MAKES[role.key]) for role in roles]), sizes=sizes)


def _norms(key: str) -> Callable[[Telling, Sequence[Place]], str]:
    def text(telling: Telling, places: Sequence[Place]) -> str:
        return telling.text(f"together.{key}", parts=words.listing([str(telling.roles[place].values["part"]) for place in places]))

    return text


def _qk_norms(telling: Telling, places: Sequence[Place]) -> str:
    role = telling.roles[places[0]]
    return telling.text(f"together.qk_norm_{role.sentence}", **role.values)


def _block_norms(telling: Telling, places: Sequence[Place]) -> str:
    return telling.text("together.block_norm", width=telling.roles[places[0]].values["width"])


def _feed(telling: Telling, places: Sequence[Place]) -> str:
    """What the products of one feed-forward do, with the widths unless its own line has them."""
    of = {telling.roles[place].key: place for place in places}
    form = {frozenset(("up", "down")): "plain", frozenset(("gate", "up", "down")): "gated", frozenset(("gate_up", "down")): "fused"}
    key = form.get(frozenset(of))
    if key is None or len(of) < len(places):
        return ""
    holder = telling.roles.get(places[0].parent) if places[0].parent else None
    if holder and (holder.key, holder.sentence) == ("feed_forward", "across"):
        return telling.text("together.feed_across")
    down = telling.roles[of["down"]].values
    inner, outer = ("", "") if _is_told(telling, places[0].parent) else (f", {down['n_in']:,} numbers", f" to {down['n_out']:,}")
    return telling.text(f"together.feed_{key}", inner=inner, outer=outer, **{role: name(place) for role, place in of.items()})


def _is_told(telling: Telling, feed: Place | None) -> bool:
    """Whether a line of its own tells the widths and the parameters of a feed-forward."""
    role = telling.roles.get(feed) if feed else None
    return role is not None and role.key in ("feed_forward", "shared_experts") and role.sentence in ("plain", "gated", "across", "text")


def _dropouts(telling: Telling, places: Sequence[Place]) -> str:
    return telling.text("together.dropout", percent=telling.roles[places[0]].values["percent"])


TEXTS: dict[str, Callable[[Telling, Sequence[Place]], str]] = {
    "projection": _projections,
    "qk_norm": _qk_norms,
    "norm_before": _norms("norm_before"),
    "norm_after": _norms("norm_after"),
    "norm_sandwich": _norms("norm_sandwich"),
    "block_norm": _block_norms,
    "feed": _feed,
    "dropout": _dropouts,
}


def _row(telling: Telling, row: Row, within: Place) -> list[Statement]:
    """One line for several parts: what they do, what their type does where that is new, their parameters."""
    parts = [telling.parts[place.path] for place in row.places]
    assumed = any(place in telling.findings.sizes.assumed for place in row.places)
    bases = [part.basis for part in parts] if row.key != "dropout" else []  # what its class says is enough
    basis = weakest([*bases, "assumed"]) if assumed else weakest(bases)
    last = _parameters([(part.num_own_parameters or 0, part.arithmetic) for part in parts])
    if row.key == "feed" and _is_told(telling, row.places[0].parent) and row.places[0].parent is not within:
        last = ""  # its line has their sum
    label = _label([relative(place, within) for place in row.places])
    paths = tuple(place.path for place in row.places)
    said: dict[Level, list[str]] = {}
    for level in LEVELS:
        known = level == "expert" or (f"{row.key} together" in telling.described[level] and level != "beginner")
        said[level] = [row.again if known else row.text, *type_notes(telling, row.places[0], parts[0], level), last]
        telling.described[level].add(f"{row.key} together")
    texts = kinds_of_text(said)
    return [Statement(text, basis, paths, (), label, levels) for text, levels in texts.items()]


def _parameters(counts: list[tuple[int, str | None]]) -> str:
    if not all(number for number, _ in counts):
        return ""
    if len(set(counts)) == 1:
        return f"{counts[0][1]} parameters each."
    terms = [f"{times} × {number:,}" if times > 1 else f"{number:,}" for number, times in Counter(n for n, _ in counts).items()]
    return f"{' + '.join(terms)} = {sum(number for number, _ in counts):,} parameters."


def _label(paths: list[str]) -> str:
    """ "self_attn.q_proj, k_proj, v_proj": what the paths begin with stands once."""
    before = paths[0].rpartition(".")[0]
    names = [path.rpartition(".") for path in paths]
    return ", ".join(
        last if at and first == before and not last.isdecimal() else f"{first}{dot}{last}" for at, (first, dot, last) in enumerate(names)
    )

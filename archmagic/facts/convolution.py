"""Convolutional networks by structure: the stem, the stages and the blocks in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .names import named
from .places import Place, Places


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """A convolution's sizes. `kernel` and `stride` are along the first spatial axis."""

    place: Place
    n_in: int
    n_out: int
    kernel: int
    stride: int
    groups: int
    sides: str = ""
    """The kernel for a sentence: "3 × 3"."""
    flat: bool = True
    """Whether it slides over two axes or more, as over an image, not along a line."""
    dilation: int = 1
    """How far apart along the first axis the inputs lie that a filter reads."""

    @property
    def depthwise(self) -> bool:
        return self.groups > 1 and self.groups == self.n_in


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Blocks that work at one resolution: how many, the channels that leave them, and by how much the stage shrinks the image."""

    place: Place
    blocks: int
    channels: int
    shrink: int


def convolution(place: Place) -> Convolution | None:
    """The sizes of a convolution; None for anything else."""
    if place.kind != "convolution":
        return None
    node = place.node
    n_in, n_out = node.get("in_channels", "0"), node.get("out_channels", "1")
    if type(n_in) is not int or type(n_out) is not int:
        return None
    if any(kid.kind == "convolution" for kid in place.kids):
        return None  # a module around a convolution, which bears its name and settings
    groups = node.get("groups")
    kernel = node.get("kernel_size")
    sides = " × ".join(str(side) for side in kernel) if isinstance(kernel, tuple) else ""
    groups, flat = groups if type(groups) is int else 1, "1d" not in node.type
    return Convolution(place, n_in, n_out, _first(kernel), _first(node.get("stride")), groups, sides, flat, _first(node.get("dilation")))


def _first(value: object) -> int:
    if isinstance(value, tuple) and value:
        value = value[0]
    return value if type(value) is int else 1


def find_convolutions(places: Places) -> list[Convolution]:
    """Every convolution in the order of registration."""
    return [found for place in places.of_kind("convolution") if (found := convolution(place))]


def find_stages(places: Places) -> list[Stage]:
    """The stages of the outermost group of siblings that each repeat convolutional blocks, one after another; [] where there is none."""
    for place in places.holders:
        if len(place.kids) < 2 or len({kid.node.type for kid in place.kids}) == len(place.kids):
            continue
        stages = _of(places, place)
        if len(stages) > 1 and len({s.channels for s in stages}) > 1:
            return stages
    return []


def _of(places: Places, place: Place) -> list[Stage]:
    """The stages among a module's children: all children of one class that list blocks are stages, and each takes what came before it."""
    listing = [kid for kid in place.kids if kid.count == 1 and kid.kids and _block_list(places, kid)]
    types = {kid.node.type for kid in listing}
    if len(types) != 1:
        return []
    starts = {kid.name.rstrip("0123456789") for kid in listing}
    beside = [kid for kid in place.kids if kid.node.type in types and kid.count == 1 and kid.name.rstrip("0123456789") in starts]
    peers = [kid for kid in beside if kid in listing or _lists(places, kid)]
    if any(named("unet_up", kid.name) for kid in peers):
        return []  # ways down and up, or an encoder and a decoder
    found = [_stage(places, kid) for kid in peers]
    stages = [stage for stage in found if stage]
    return _chained(places, place, stages) if len(stages) == len(peers) else []


def _stage(places: Places, place: Place) -> Stage | None:
    holder = _block_list(places, place) or _lists(places, place)
    main = main_path(places, place)
    if not holder or not main or len({kid.node.type for kid in holder.kids}) > 1:
        return None
    listed = sum(c.place.count for c in main if holder.index < c.place.index < holder.end)
    gives = _gives(places, holder)
    if 2 * listed <= sum(c.place.count for c in main) or not gives:
        return None
    shrink = 1
    for conv in main:
        shrink *= conv.stride if conv.place.count == 1 else 1
    return Stage(place, sum(k.child.count if k.child else 1 for k in holder.kids), gives, shrink)


def _lists(places: Places, place: Place) -> Place | None:
    """The module itself where it lists parts that each convolve, if only once."""
    return place if place.kids and _numbered(place) and all(kid.kids and main_path(places, kid) for kid in place.kids) else None


def _numbered(place: Place) -> bool:
    names = {re.sub(r"\d+$", "", k.attribute) for k in place.kids}
    return len(names) == 1 and all(k.attribute[-1:].isdigit() or (k.child and k.child.repeat) for k in place.kids)


def _block_list(places: Places, place: Place) -> Place | None:
    """The first list in it, or itself, of modules of one class with a convolution and another product of their own."""
    for below in places.under(place):
        if (
            below.kids
            and _numbered(below)
            and len({k.node.type for k in below.kids}) == 1
            and all(_is_block(places, kid) for kid in below.kids)
        ):
            return below
    return None


def _is_block(places: Places, place: Place) -> bool:
    main = main_path(places, place)
    return bool(main) and len(main) + sum(1 for p in places.under(place) if places.linear(p) and p.kind == "linear") > 1


def _gives(places: Places, holder: Place) -> int | None:
    """The channels that leave a list of blocks, None where they do not follow one another: each block takes what the one before it gives
    (or twice as much, where blocks split and join it; or, if blocks are dense, that and all before)."""
    ends = [(path[0].n_in, path[-1].n_out) for kid in holder.kids if (path := main_path(places, kid))]
    steps = list(zip(ends, ends[1:], strict=False))
    if steps and all(after[0] - before[0] == before[1] for before, after in steps):
        return sum(ends[-1])
    follow = any(all(after[0] == times * before[1] for before, after in steps) for times in (1, 2))
    return ends[-1][1] if follow else None


def _chained(places: Places, place: Place, stages: list[Stage]) -> list[Stage]:
    """The stages with the channels that the next one takes; [] where they stand side by side."""
    convolutions = main_path(places, place)
    doubled = []
    for stage, after in zip(stages, stages[1:], strict=False):
        first = next(c for c in convolutions if c.place.index >= after.place.index)
        last = [c for c in convolutions if c.place.index < after.place.index][-1]
        given = last.n_out if last.place.index >= stage.place.end else stage.channels
        if first.n_in == 2 * given and after.shrink > 1:
            doubled.append(stage)  # blocks that work on half the channels, and join them with the other half
        elif first.n_in != given:
            return []
    if doubled and doubled != stages[:-1]:
        return []
    return [replace(stage, channels=2 * stage.channels) for stage in stages] if doubled else stages


def main_path(places: Places, place: Place) -> list[Convolution]:
    """The convolutions in a module that do not stand in a shortcut."""
    return [c for p in places.under_of_kind(place, "convolution") if (c := convolution(p)) and not beside(c.place)]


SHORTCUT = ("shortcut", "skip", "proj_drop")


def beside(place: Place) -> bool:
    """Whether it stands in a shortcut: the path around a block that makes both ends fit."""
    return any(any(word in above.name for word in SHORTCUT) or _down_beside(above) for above in (place, *place.up()))


def _down_beside(place: Place) -> bool:
    """Whether a "downsample" stands beside a block's single convolutions, as in ResNets; between whole blocks it is on the main path."""
    if "downsample" not in place.name or place.parent is None:
        return False
    siblings = [
        kid for kid in place.parent.kids if kid is not place and not any(k.name.isdecimal() or k.count > kid.count for k in kid.kids)
    ]
    return any(sum(p.kind == "convolution" for p in _small(kid)) == 1 for kid in siblings)


def _small(place: Place) -> list[Place]:
    return [place, *place.kids, *(below for kid in place.kids for below in kid.kids)]


def find_unet(places: Places, convolutions: list[Convolution]) -> tuple[str, ...]:
    """The parts of a U-Net: convolutions on a way down and a way up, which their names say, where the way up takes in again what the way
    down made. () where there is none."""
    indices = [c.place.index for c in convolutions]
    for place in places.holders if indices else ():
        kids = [kid for kid in place.kids if any(kid.index <= index < kid.end for index in indices)]
        down, middle, up = ([k for k in kids if named(role, k.name)] for role in ("unet_down", "unet_middle", "unet_up"))
        if (
            down
            and up
            and down[0].index < up[0].index
            and all(main_path(places, part) for part in (down[0], down[-1]))  # else its only convolutions are shortcuts
            and not _narrows(places, down[-1], up[0])
            and not _pyramid(places, down, up)
            and joins(places, down, up) > (0 if middle else 1)
        ):
            return tuple(k.path for k in (*down, *middle, *up))
    return ()


def _narrows(places: Places, down: Place, up: Place) -> bool:
    """Whether the way down ends in far fewer channels than it had, which are all that the way up starts from: an autoencoder's latent."""
    path, back = main_path(places, down), main_path(places, up)
    return bool(path and back) and path[-1].n_out == back[0].n_in and 4 * path[-1].n_out <= max(c.n_out for c in path)


def _pyramid(places: Places, down: list[Place], up: list[Place]) -> bool:
    """Whether the way up brings what the way down gave at three sizes or more, in order, to one width by a convolution
    each, to add it: a feature pyramid's, which lays nothing beside."""
    given = {c.n_out for part in down for c in main_path(places, part)}
    own = [c for part in up for p in places.under_of_kind(part, "convolution") if (c := convolution(p)) and c.groups == 1]
    read = {c.n_in for c in own}
    for width in read & {c.n_out for c in own}:
        taken = list(dict.fromkeys(c.n_in for c in own if c.n_out == width and c.n_in in given - {width}))
        if len(taken) > 2 and taken in (sorted(taken), sorted(taken, reverse=True)):
            return True
    return False


def joins(places: Places, down: list[Place], up: list[Place]) -> int:
    """How often the way up takes in what the way down made: convolutions that take more channels than the one before gives, by a number
    of channels that the way down has. Counted once for each size, since parallel branches read the same input again and again."""
    given = {c.n_out for part in down for c in main_path(places, part) if not c.depthwise} | {main_path(places, down[0])[0].n_in}
    path = [c for p in places.all[down[0].index : up[-1].end] if (c := convolution(p)) and not beside(c.place)]
    inner = main_path(places, down[-1])[-1].n_out  # parallel branches at the turning point read this again and again
    if backwards := _backwards(places, up, inner):
        path = [c for c in path if c.place.index < up[0].index] + backwards
    inside = [(before, after) for before, after in zip(path, path[1:], strict=False) if _within(after, up)]
    first = inside[0][1].n_in if inside else 0
    if sum(after.n_in == first for _, after in inside) > 2:
        inner = first  # more than two read what comes in: branches, not steps
    return len({after.n_in for before, after in inside if after.n_in != inner and _joins(before.n_out, after.n_in, given)})


def _within(conv: Convolution, parts: list[Place]) -> bool:
    return any(part.index <= conv.place.index < part.end for part in parts)


def _joins(made: int, taken: int, given: set[int]) -> bool:
    """Whether what a convolution takes may be what the one before made, and beside it what the way down gave: not the results of three
    or more equal branches."""
    branches = made > 0 and taken % made == 0 and taken > 2 * made
    return taken - made in given and not branches


def _backwards(places: Places, up: list[Place], inner: int) -> list[Convolution]:
    """The convolutions of a way up that is registered from its last part to its first: the last one takes what the way down ends in, and
    each of the others what the one after it gives. [] for any other."""
    paths = [path for part in up if (path := main_path(places, part))]
    paths.reverse()
    fits = len(paths) > 1 and paths[0][0].n_in == inner
    if fits and all(after[0].n_in == before[-1].n_out for before, after in zip(paths, paths[1:], strict=False)):
        return [c for path in paths for c in path]
    return []


def block_paths(places: Places, stages: list[Stage]) -> list[list[Convolution]]:
    """The main path of each distinct block of the stages."""
    holders = [holder for stage in stages if (holder := _block_list(places, stage.place) or _lists(places, stage.place))]
    return [main_path(places, kid) for holder in holders for kid in holder.kids]

"""Convolutional networks by structure: the stem, the stages and the blocks in them."""

from __future__ import annotations

from dataclasses import dataclass

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
    node = place.node
    n_in, n_out = node.get("in_channels"), node.get("out_channels")
    if place.kind != "convolution" or type(n_in) is not int or type(n_out) is not int:
        return None
    groups = node.get("groups")
    kernel = node.get("kernel_size")
    sides = " × ".join(str(side) for side in kernel) if isinstance(kernel, tuple) else ""
    return Convolution(place, n_in, n_out, _first(kernel), _first(node.get("stride")), groups if type(groups) is int else 1, sides)


def _first(value: object) -> int:
    if isinstance(value, tuple) and value:
        value = value[0]
    return value if type(value) is int else 1


def find_convolutions(places: Places) -> list[Convolution]:
    """Every convolution in the order of registration."""
    return [found for place in places.all if (found := convolution(place))]


def find_stages(places: Places) -> list[Stage]:
    """The stages of the outermost group of siblings that each repeat convolutional blocks; [] where there is none."""
    for place in places.all:
        if len(place.kids) < 2 or len({kid.node.type for kid in place.kids}) == len(place.kids):
            continue
        stages = [stage for kid in place.kids if (stage := _stage(places, kid))]
        if len(stages) > 1 and len({s.place.node.type for s in stages}) == 1 and len({s.channels for s in stages}) > 1:
            return stages
    return []


def _stage(places: Places, place: Place) -> Stage | None:
    if place.count != 1 or not place.kids:
        return None
    convolutions = [c for p in places.under(place) if (c := convolution(p))]
    lists = [p for p in places.under(place) if p.kids and all(k.name.isdecimal() or (k.child and k.child.repeat) for k in p.kids)]
    lists = [p for p in lists if any(p.index < c.place.index < p.end for c in convolutions)]
    lists = [p for p in lists if len({k.node.type for k in p.kids}) == 1]
    if not convolutions or not lists:
        return None
    main = [c for c in convolutions if not _beside(c.place)]
    if not main:
        return None
    strides = [c.stride for c in main]
    shrink = 1
    for stride, conv in zip(strides, main, strict=True):
        shrink *= stride if conv.place.count == 1 else 1
    return Stage(place, sum(k.child.count if k.child else 1 for k in lists[0].kids), main[-1].n_out, shrink)


def _beside(place: Place) -> bool:
    """Whether it stands in a shortcut: the path around a block that makes both ends fit."""
    return any(word in above.name for above in (place, *place.up()) for word in ("shortcut", "downsample", "skip", "proj_drop"))

"""How an image becomes a sequence: cut into patches by a convolution, or by laying each patch's numbers in one row for a product."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ..tree import Value
from .places import Place, Places
from .stacks import Tower


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """What cuts an image (or a spectrogram) into patches.

    Attributes:
        place: what makes a vector of each patch: a convolution whose kernel and stride are equal, or a product over the numbers of one.
        channels, width, size: of the image, of a vector, of a patch along each axis.
        laid: before a product, the module that lays the numbers of each patch in one row.
    """

    place: Place
    channels: int
    width: int
    size: tuple[int, ...]
    laid: Place | None = None

    def norms(self) -> tuple[list[Place], list[Place]]:
        """The norms before and after a product over patches that are laid in rows."""
        start = self.laid.index if self.laid else self.place.end
        beside = [kid for kid in (self.place.parent.kids if self.laid and self.place.parent else []) if kid.index > start]
        norms = [kid for kid in beside if kid.kind == "normalization"]
        return [n for n in norms if n.index < self.place.index], [n for n in norms if n.index > self.place.index]


def find_patches(places: Places, tower: Tower) -> Patches | None:
    """The patch embedding of a vision tower, None where there is none."""
    start = tower.stacks[0].holder
    for place in places.under(tower.place):
        if place.index >= start.index:  # later ones shrink or enlarge feature maps
            break
        if place.node.type == "Rearrange" and (laid := _laid(places, place)):
            return laid
        if (
            place.kind != "convolution"
            or "Transpose" in place.node.type
            or any(p.kind == "attention" for p in place.up())
            or place.node.get("kernel_size") != place.node.get("stride")
        ):
            continue
        made = any(
            c.node.get("out_channels") == place.node.get("in_channels") for c in places.all[: place.index] if c.kind == "convolution"
        )
        if made and place.node.get("in_channels") not in range(16):
            continue  # it shrinks what earlier convolutions made
        size = tuple(v for v in _tuple(place.node.get("kernel_size")) if type(v) is int)
        channels, width = place.node.get("in_channels"), place.node.get("out_channels")
        if len(size) > 1 and max(size) > 1 and type(channels) is int and type(width) is int:
            return Patches(place, channels, width, size)
    return None


def _tuple(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else ()


COLOURS = 4
"""Channels of images that people take, colours and transparency."""

LAYING = re.compile(r"\w+ (\w+)((?: \(\w+ \w+\)){2,3}) -> \w+ \(([\w ]+)\) \(([\w ]+)\)")
"""einops' pattern that cuts: "b c (h p1) (w p2) -> b (h w) (p1 p2 c)"."""


def _laid(places: Places, place: Place) -> Patches | None:
    """The patches that einops' Rearrange lays in rows, and the product that reads them, perhaps through a norm."""
    found = LAYING.fullmatch(str(place.node.settings.get("0")))
    after = [kid for kid in (place.parent.kids if place.parent else []) if kid.index > place.index and kid.kind != "normalization"]
    product = places.linear(after[0]) if after else None
    if not found or not product or not product.n_in or not product.n_out or any(c.kind == "convolution" for c in places.all[: place.index]):
        return None
    channel, grid = found[1], [tuple(group.split()) for group in re.findall(r"\((.*?)\)", found[2])]
    sides = [place.node.settings.get(side) for _, side in grid]
    size = tuple(side for side in sides if type(side) is int and side > 0)
    inside = {*(side for _, side in grid), channel}
    if len(size) != len(grid) or set(found[3].split()) != {count for count, _ in grid} or set(found[4].split()) != inside:
        return None
    channels, rest = divmod(product.n_in, math.prod(size))
    around = [p for p in place.up() if p.parent and p.node.type not in ("Sequential", "ModuleList", "ModuleDict")]
    if around and channels > COLOURS:
        return None  # a module of its own may lay more beside the image, such as shifted copies
    return Patches(product.place, channels, product.n_out, size, place) if channels and not rest else None

"""Where each part of a picture stands: a line from the top down, branches side by side, skip connections at the right.

Sizes are in pixels. Text is measured by a table, since no font is at hand here; what is too long is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ..story.picture import Box, Fork, Group, Item, Items, Mark, Picture

GAP, TURN = 24, 8
"""From one item to the next; the radius of a line's corners."""
LANE, SKIP, SPLIT = 16, 22, 14
"""Between branches; from a branch to the skip connection beside it; from where a line forks to its branches."""
PAD, HEADER = 14, 24
RADIUS, MARGIN = 9, 4
SMALL, LARGE = 11, 13
"""Sizes of text."""
LEAST, MOST = 96, 252
"""Widths of a box."""
SIGNS = {
    "+": ((-4.5, 0, "h9"), (0, -4.5, "v9")),
    "×": ((-3.3, -3.3, "l6.6 6.6"), (3.3, -3.3, "l-6.6 6.6")),
    "‖": ((-2, -4, "v8"), (2, -4, "v8")),
}
"""What stands in a join's circle: where each stroke begins, and the stroke."""


class _Ems(dict[str, float]):
    """How wide each character is, in ems; one that is not known yet is measured."""

    def __missing__(self, character: str) -> float:
        code = ord(character)
        width = 1.05 if code > 0x2E7F else 0.69 if character.isupper() or code > 0x2000 else 0.57
        if code < 0x3000:  # no text makes the table large
            self[character] = width
        return width


_EMS = _Ems({**dict.fromkeys("fijlrtI.,:;'’|!()[]· ", 0.33), **dict.fromkeys("mwMW@%—…", 0.9)})


def text_width(text: str, size: int) -> float:
    """About how wide a text is in a sans-serif font, rather too wide than too narrow."""
    return size * sum(map(_EMS.__getitem__, text))


def fitted(text: str, size: int, width: float) -> str:
    """The text, cut with an ellipsis where it is wider."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


class Word(NamedTuple):
    """A text at a point: 0 it begins there, 1 it stands around it, 2 it ends there. `size` and `weight` as in CSS."""

    x: float
    y: float
    anchor: int
    text: str
    size: int = SMALL
    strong: bool = False


class Shape(NamedTuple):
    """A box or frame with its words; or only words, where its width is 0."""

    kind: str = ""
    path: str | None = None
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    corner: int = 6
    words: tuple[Word, ...] = ()


@dataclass(slots=True)
class Drawing:
    """The placed parts, frames before what stands in them; lines and arrow heads as SVG path data."""

    width: float = 0
    height: float = 0
    shapes: list[Shape] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    def join(self, x: float, y: float, sign: str) -> None:
        """A circle with a sign in it."""
        strokes = "".join([f"M{_pair(x + dx, y + dy)}{stroke}" for dx, dy, stroke in SIGNS[sign]])
        self.lines.append(f"M{_pair(x - RADIUS, y)}a9 9 0 1 0 18 0a9 9 0 1 0-18 0{strokes}")

    def word(self, x: float, y: float, anchor: int, text: str) -> None:
        self.shapes.append(Shape(words=(Word(x, y, anchor, text),)))

    def line(self, *points: tuple[float, float], arrow: bool = False) -> None:
        """A line of level and upright pieces with round corners, perhaps ending in an arrow head."""
        path = f"M{_pair(*points[0])}"
        for before, at, after in zip(points, points[1:], points[2:], strict=False):
            path += f"L{_pair(*_towards(at, before))}Q{_pair(*at)} {_pair(*_towards(at, after))}"
        (x0, y0), (x, y) = points[-2:]
        dx, dy = _sign(x - x0), _sign(y - y0)
        back = 4 if arrow else 0
        self.lines.append(f"{path}L{_pair(x - back * dx, y - back * dy)}")
        if arrow:
            side = _pair(-7 * dx - 3.5 * dy, -7 * dy - 3.5 * dx)
            self.heads.append(f"M{_pair(x, y)}l{side}l{_pair(7 * dy, 7 * dx)}z")


@lru_cache(maxsize=4096)
def short(value: float) -> str:
    """A number with one place at most."""
    whole = int(value)
    return str(whole) if whole == value else f"{value:.1f}".removesuffix(".0")


def _pair(x: float, y: float) -> str:
    return f"{short(x)} {short(y)}"


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _towards(at: tuple[float, float], to: tuple[float, float]) -> tuple[float, float]:
    """The point where a corner's curve begins, on the way to a neighbour."""
    dx, dy = to[0] - at[0], to[1] - at[1]
    reach = min(TURN, (abs(dx) + abs(dy)) / 2)
    return at[0] + reach * _sign(dx), at[1] + reach * _sign(dy)


class Extent(NamedTuple):
    """How far something reaches to the left and right of its line, and its height; of a frame what is in it, of a fork where
    the line of each branch is from its own, and what is in that."""

    left: float
    right: float
    height: float
    inside: Series | None = None
    lanes: Sequence[tuple[float, Series]] = ()


class Series(NamedTuple):
    """Items one above the other with the room that each takes, where a box is `width` wide; and how much room they take together."""

    items: Items
    extents: list[Extent]
    width: float
    left: float
    right: float
    height: float


def layout(picture: Picture) -> Drawing:
    """The picture with every part at its place."""
    series = measure_series(picture.items, box_width(picture.items))
    drawing = Drawing(series.left + series.right + 2 * MARGIN, series.height + 2 * MARGIN)
    _series(drawing, series, series.left + MARGIN, MARGIN)
    return drawing


def box_width(items: Items) -> float:
    """One width for the boxes that follow one another, wide enough for the widest text."""
    widest = float(LEAST)
    for item in items:
        if isinstance(item, Box):
            widest = max(widest, text_width(item.label, LARGE) + 24, text_width(item.note, SMALL) + 24)
        elif isinstance(item, Fork) and len(full := [lane for lane in item.lanes if lane]) == 1:
            widest = max(widest, box_width(full[0]))
    return min(MOST, widest)


def measure(item: Item, width: float) -> Extent:
    """How much room an item takes, where a box is `width` wide."""
    if isinstance(item, Box):
        side = text_width(item.side, SMALL) + 26 if item.side else 0
        return Extent(width / 2 + side, width / 2, 42 if item.note else 30)
    if isinstance(item, Mark):
        half = text_width(item.text, SMALL) / 2
        return Extent(half, half, 14)
    if isinstance(item, Group):
        inside = measure_series(item.items, box_width(item.items))
        label, times = (text_width(text, SMALL) + 24 for text in (item.label, item.times))  # the line passes between them
        left, right = max(inside.left + PAD, min(label, MOST)), max(inside.right + PAD, times)
        return Extent(left, right, inside.height + HEADER + SPLIT + PAD, inside)
    lanes = _lanes(item, width)
    said = text_width(item.said, SMALL) + 16 if item.said else 0
    left = max([lane.left - x for x, lane in lanes])
    right = max([lane.right + x for x, lane in lanes])
    tallest = max([lane.height for _, lane in lanes])
    height = (0 if item.apart else SPLIT) + tallest + SPLIT + 2 * RADIUS
    return Extent(left, max(right, said), height, lanes=lanes)


def measure_series(items: Items, width: float) -> Series:
    """How much room items one above the other take."""
    if not items:
        return Series(items, [], width, 2, 2, 0)
    extents = [measure(item, width) for item in items]
    left, right = max([e.left for e in extents]), max([e.right for e in extents])
    return Series(items, extents, width, left, right, sum([e.height for e in extents]) + GAP * (len(items) - 1))


def _lanes(fork: Fork, width: float) -> list[tuple[float, Series]]:
    """The branches: where each one's line is from the fork's own, and what is in it. A single branch stands on the line itself, as does a
    skip connection between branches."""
    single = sum(1 for lane in fork.lanes if lane) == 1
    placed: list[tuple[float, Series]] = []
    edge = 0.0
    for lane in fork.lanes:
        series = measure_series(lane, width if single else box_width(lane))
        gap = (LANE if lane and placed[-1][1].items else SKIP) if placed else 0
        x = edge + gap + series.left
        placed.append((x, series))
        edge = x + series.right
    axes = [x for x, series in placed if series.items] or [x for x, _ in placed]  # where no branch has anything to show
    between = [x for x, series in placed if not series.items and axes[0] < x < axes[-1]]
    middle = axes[len(axes) // 2] if len(axes) % 2 else (axes[0] + axes[-1]) / 2
    axis = between[0] if between else middle
    return [(x - axis, series) for x, series in placed]


def _series(drawing: Drawing, series: Series, x: float, y: float) -> None:
    before: float | None = None
    for item, extent in zip(series.items, series.extents, strict=True):
        if before is not None:
            depth, arrow = _entry(item)
            drawing.line((x, before), (x, y + depth), arrow=arrow)
        _place(drawing, item, extent, x, y, series.width)
        before = y + extent.height - _exit(item)
        y += extent.height + GAP


def _entry(item: Item) -> tuple[float, bool]:
    """How far below an item's top the line goes, and whether it ends there in an arrow head."""
    depth: float = 0
    while isinstance(item, Group):
        depth += HEADER + SPLIT
        item = item.items[0]
    return depth, not isinstance(item, Fork)


def _exit(item: Item) -> float:
    """How far above an item's bottom the line leaves it."""
    depth: float = 0
    while isinstance(item, Group):
        depth += PAD
        item = item.items[-1]
    return depth


def _place(drawing: Drawing, item: Item, extent: Extent, x: float, y: float, width: float) -> None:
    if isinstance(item, Box):
        _box(drawing, item, x, y, width)
    elif isinstance(item, Mark):
        drawing.word(x, y + 11, 1, item.text)
    elif isinstance(item, Group) and extent.inside:
        left, wide = x - extent.left, extent.left + extent.right
        label = fitted(item.label, SMALL, extent.left - 18)
        words = [Word(left + 12, y + 17, 0, label), Word(left + wide - 12, y + 17, 2, item.times, strong=True)]
        drawing.shapes.append(Shape(item.kind, item.path, left, y, wide, extent.height, 10, tuple([w for w in words if w.text])))
        _series(drawing, extent.inside, x, y + HEADER + SPLIT)
    elif isinstance(item, Fork):
        _fork(drawing, item, extent.lanes, x, y)


def _box(drawing: Drawing, box: Box, x: float, y: float, width: float) -> None:
    height = 42 if box.note else 30
    label, note = box.label, box.note
    if width >= MOST:  # a narrower box is as wide as its words need
        label, note = fitted(label, LARGE, width - 12), fitted(note, SMALL, width - 12)
    words = [Word(x, y + (18 if note else 19.5), 1, label, LARGE)]
    if note:
        words.append(Word(x, y + 34, 1, note))
    drawing.shapes.append(Shape(box.kind, box.path, x - width / 2, y, width, height, words=tuple(words)))
    if box.side:
        start, level = x - width / 2 - 22, y + height / 2
        drawing.line((start, level), (x - width / 2, level), arrow=True)
        drawing.word(start - 4, level + 4, 2, box.side)


def _fork(drawing: Drawing, fork: Fork, lanes: Sequence[tuple[float, Series]], x: float, y: float) -> None:
    top = y + (0 if fork.apart else SPLIT)
    level = top + max([lane.height for _, lane in lanes]) + SPLIT + RADIUS
    for offset, lane in lanes:
        at = x + offset
        end = (x - _sign(-offset) * RADIUS, level) if offset else (x, level - RADIUS)
        corner = [(at, level)] if offset else []
        if not lane.items:
            start = [(x, y), (at, y)] if offset else [(x, y)]
            drawing.line(*start, *corner, end, arrow=True)
            continue
        depth, arrow = _entry(lane.items[0])
        if not fork.apart:
            drawing.line(*([(x, y)] if offset else []), (at, y), (at, top + depth), arrow=arrow)
        _series(drawing, lane, at, top)
        drawing.line((at, top + lane.height - _exit(lane.items[-1])), *corner, end, arrow=True)
    drawing.join(x, level, fork.join)
    if fork.said:
        drawing.word(x + 14, level + 22, 0, fork.said)

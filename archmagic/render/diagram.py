"""A picture as SVG that stands by itself (no script, no style sheet, no ids), as an image for the static page, and as data for the view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..facts.fact import BASES
from ..story.picture import Picture
from .escape import escape
from .kinds import color
from .layout import SMALL, Drawing, Shape, Word, layout, short
from .once import once

if TYPE_CHECKING:
    from ..explanation import Explanation

FONT = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"
ANCHORS = ("start", "middle", "end")
INVALID = str.maketrans({"\ufffe": "\N{REPLACEMENT CHARACTER}", "\uffff": "\N{REPLACEMENT CHARACTER}", "\n": " ", "\t": " "})
MOST = 3
"""Pictures that the view is sent."""
ESCAPED = {"%": "%25", "<": "%3C", ">": "%3E", "#": "%23", "&": "%26", '"': "'"}
"""How characters that end something are written in the address of an image."""
CARD = "#fff", "#24292f"
"""Ground and ink of an image, which cannot know the page's."""


def svg(picture: Picture) -> str:
    """The picture as an SVG element in the colour of the text around it. Its parts carry `data-path`, the row they stand for."""
    return _svg(picture, layout(picture))


@once
def drawings(explanation: Explanation) -> Sequence[tuple[Picture, Drawing]]:
    """The main pictures of an explanation, laid out."""
    return [(picture, layout(picture)) for picture in explanation.story.pictures if picture.main]


def image(picture: Picture, drawing: Drawing) -> str:
    """The picture as an HTML image with its data inside. JupyterLab's sanitiser keeps it, and would spill an SVG element's words."""
    ground = f'<rect width="100%" height="100%" rx="8" fill="{CARD[0]}" fill-opacity="1"/>'
    data = _svg(picture, drawing, f' color="{CARD[1]}"', ground, paths=False)  # what is in an image cannot be hovered over
    for character, written in ESCAPED.items():
        data = data.replace(character, written)
    return f'<img alt="{_text(picture.title)}" width="{short(drawing.width)}" src="data:image/svg+xml;charset=utf8,{data}">'


def sent_pictures(drawn: Iterable[tuple[Picture, Drawing]], rows: Mapping[str, int]) -> list[Any]:
    """The first pictures for the view: title, basis, size, lines, arrow heads, and each shape with the row it stands for (-1: none)."""
    return [_sent(picture, drawing, rows) for picture, drawing in islice(drawn, MOST)]


def _sent(picture: Picture, drawing: Drawing, rows: Mapping[str, int]) -> list[Any]:
    shapes = [_sent_shape(shape, -1 if shape.path is None else rows.get(shape.path, -1)) for shape in drawing.shapes]
    size = round(drawing.width), round(drawing.height)
    return [picture.title, BASES.index(picture.basis), *size, "".join(drawing.lines), "".join(drawing.heads), shapes]


def _sent_shape(shape: Shape, row: int) -> list[Any]:
    rect = [round(n) for n in (shape.x, shape.y, shape.width, shape.height, shape.corner)] if shape.width else []
    return [row, shape.kind, rect, [[round(w.x), round(w.y), w.anchor, w.size, int(w.strong), w.text] for w in shape.words]]


def _svg(picture: Picture, drawing: Drawing, about: str = "", ground: str = "", paths: bool = True) -> str:
    width, height = short(drawing.width), short(drawing.height)
    lines = f'<path d="{"".join(drawing.lines)}" fill="none" stroke="currentColor" stroke-width="1.3"/>'
    heads = f'<path d="{"".join(drawing.heads)}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"{about} '
        f'style="max-width:100%;height:auto" font-family="{FONT}" font-size="{SMALL}" text-anchor="middle" fill="currentColor" '
        f'fill-opacity=".85" stroke-opacity=".7"><title>{_text(picture.title)}</title>'
        f"{ground}{lines}{heads}{''.join(_shape(shape, paths) for shape in drawing.shapes)}</svg>"
    )


def _shape(shape: Shape, paths: bool) -> str:
    words = "".join(map(_word, shape.words))
    if not shape.width:
        return words
    tone = color(shape.kind) or "currentColor"
    x, y, width, height = (round(size) for size in (shape.x, shape.y, shape.width, shape.height))
    faint = ' fill-opacity=".05" stroke-opacity=".4"' if shape.corner > 6 else ' fill-opacity=".17"'  # a frame is fainter than a box
    rect = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{shape.corner}" fill="{tone}" stroke="{tone}"{faint}/>'
    if shape.path is None or not paths:
        return rect + words
    path = _text(shape.path)
    return f'<g data-path="{path}"><title>{path}</title>{rect}{words}</g>'


def _word(word: Word) -> str:
    anchor = "" if word.anchor == 1 else f' text-anchor="{ANCHORS[word.anchor]}"'
    size = "" if word.size == SMALL else f' font-size="{word.size}"'
    weight = ' font-weight="600"' if word.strong else ""
    return f'<text x="{short(word.x)}" y="{short(word.y)}"{anchor}{size}{weight}>{_text(word.text)}</text>'


def _text(text: str) -> str:
    """Text as XML. What XML cannot hold becomes a replacement character."""
    return escape(text.translate(INVALID))

"""The tree as a picture: an SVG for a paper, a slide or a README. Light or dark as its reader's system is; its text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .escape import escape
from .kinds import color
from .rows import Row, clean, rows

if TYPE_CHECKING:
    from ..explanation import Explanation

MOST_ROWS = 400
"""A picture of more is no picture."""

WIDTH, MARGIN, LINE, STEP = 960, 20, 22, 18
TOP = 64
"""Where the first row's line begins, beneath the title."""
GLYPH = 7.3
"""How wide a letter of the fixed font is, at 12 px; wide enough for the fonts of all systems."""
NUMBERS = 190
"""How wide the column of the parameters is."""
BAR = 70

STYLE = """\
svg { color-scheme: light dark; }
.page { fill: #ffffff; } .line { stroke: #d0d7de; } .track { fill: #eaeef2; }
text { fill: #1f2328; font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }
.title { font: 600 17px system-ui, sans-serif; } .dim { fill: #59636e; } .type { font-weight: 600; }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117; } .line { stroke: #30363d; } .track { fill: #21262d; }
  text { fill: #e6edf3; } .dim { fill: #9198a1; }
}
"""


def to_svg(explanation: Explanation) -> str:
    """The tree as it starts open, one row a line: name, type, settings, parameters and their share as a bar. No script, no link."""
    shown = list(rows(explanation))
    left_out = len(shown) - MOST_ROWS
    del shown[MOST_ROWS:]
    height = TOP + LINE * (len(shown) + (left_out > 0)) + MARGIN
    body = [*_guides(shown), *(piece for at, row in enumerate(shown) for piece in _row(row, TOP + LINE * at))]
    if left_out > 0:
        body.append(_text(MARGIN, TOP + LINE * len(shown) + 15, f"... {left_out:,} more rows", "dim"))
    title = escape(clean(explanation.title))
    total = shown[0].parameters
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
            f"<title>{title}</title>",
            f"<desc>{escape(clean(explanation.summary))}</desc>",
            f"<style>\n{STYLE}</style>",
            f'<rect class="page" width="{WIDTH}" height="{height}" rx="6"/>',
            f'<text class="title" x="{MARGIN}" y="36">{title}</text>',
            _text(WIDTH - MARGIN, 36, f"{total} parameters" if total else "", "dim", "end"),
            f'<path class="line" d="M{MARGIN} 50H{WIDTH - MARGIN}"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _row(row: Row, top: int) -> Iterator[str]:
    """The pieces of one row: its name, its type in its kind's colour, the rest of the label, badges, and on the right the numbers."""
    base = top + 15
    room = int((WIDTH - 2 * MARGIN - NUMBERS - BAR - row.depth * STEP) / GLYPH) - 2
    name = f"{row.name} " if row.name else ""
    kind, more = re.match(r"(.*?)((?:\(|  ).*)?$", row.label).groups("")  # type: ignore[union-attr]  # any text matches
    badges = "".join(f" [{badge}]" for badge in row.badges)
    pieces = (("dim", name), ("type", kind), ("dim", more), ("dim", badges))
    spans = []
    for style, text in pieces:
        kept = text if len(text) <= room else text[: max(0, room - 1)] + "…" if room > 1 else ""
        room -= len(kept)
        tone = color(row.kind) if style == "type" else None
        fill = f' style="fill: {tone}"' if tone else ""
        if kept:
            spans.append(f'<tspan class="{style}"{fill}>{escape(kept)}</tspan>')
    yield f'<text x="{MARGIN + row.depth * STEP}" y="{base}">{"".join(spans)}</text>'
    yield _text(WIDTH - MARGIN - BAR - 12, base, row.parameters, "", "end")
    if share := _fraction(row.share):
        left = WIDTH - MARGIN - BAR
        tone = color(row.kind) or "#7d8590"
        yield f'<rect class="track" x="{left}" y="{base - 8}" width="{BAR}" height="6" rx="3"/>'
        yield f'<rect x="{left}" y="{base - 8}" width="{max(1.5, BAR * share):.1f}" height="6" rx="3" fill="{tone}"/>'


def _guides(shown: list[Row]) -> Iterator[str]:
    """A line down from each row that has rows beneath, as far as the last of its own."""
    ends: dict[int, tuple[int, int]] = {}  # of the open row at each depth: where it stands, and the last row seen directly beneath it
    for at, row in enumerate([*shown, None]):
        depth = row.depth if row else 0
        for deeper in [d for d in ends if d >= depth]:
            start, last = ends.pop(deeper)
            if last > start:
                x = MARGIN + deeper * STEP + 4
                yield f'<path class="line" d="M{x} {TOP + LINE * start + 20}V{TOP + LINE * last + 12}"/>'
        if row and depth - 1 in ends:
            ends[depth - 1] = ends[depth - 1][0], at
        ends[depth] = at, at


def _fraction(share: str) -> float:
    """A row's share as text ("12.3 %", "< 0.1 %", "") as a part of one."""
    number = share.removeprefix("< ").removesuffix(" %")
    return float(number) / 100 if number else 0.0


def _text(x: int, y: int, text: str, style: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>' if text else ""

"""The explanation as it travels to the view: the rows (wire.py), what is told (told.py) and the print, within a budget.

Only these three and js/src/payload.ts know the wire.
"""

from __future__ import annotations

import base64
import gzip
import json
from bisect import bisect_left
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_args
from weakref import WeakKeyDictionary

from ..options import Level
from ..tree import print_lines, walk
from .diagram import drawings, sent_pictures
from .outline import open_paths
from .passing import pass_badges, passing
from .rows import NO_PART, counted
from .told import Told
from .turns import Row, rows
from .wire import Wire

if TYPE_CHECKING:
    from ..explanation import Explanation

VERSION = 2
BUDGET = 30_000
"""Most characters of a payload as sent."""
MOST_LINES = 1000
"""So many of its print at most, where a model is too large to be sent whole."""
MANY_ROWS = 1000
"""From so many on it is tried first whether they fit at all."""
LARGE_PRINT = 2_000_000
"""Characters of a print from which it is cut without a try to send it whole."""
SPARED = (
    *("file", "levels", "pictures", "settings", "forward", "about", "glossary", "differs", "tensors"),
    *("qualified", "arithmetic", "shapes", "docs", "description", "role"),
)
"""What is left out first where that is needed."""
SHORTENED = "This model is very large: {rows} of its rows, the deepest, are not shown here. The explanation (to_dict()) has them all."
_SENT: WeakKeyDictionary[Explanation, str] = WeakKeyDictionary()
"""An explanation does not change, and what is sent also tells its identity: it is made once."""
FAST = 4
"""How hard gzip tries where all fits: at 9 it takes twice as long for 3 % less."""
LOOK_AHEAD = 40
"""How far ahead a printed line that is not where it should be is looked for."""


def payload(explanation: Explanation, *, without: Collection[str] = (), most_rows: int | None = None) -> dict[str, Any]:
    """The compact form: what the view draws, as JSON data. Equal explanations give equal data.

    Args:
        explanation: what to show.
        without: columns to leave empty; "levels", "forward" and "glossary" too.
        most_rows: so many rows are kept, level by level, and the first lines of the print; the notes say so.
    """
    tree, story = explanation.tree, explanation.story
    visits = list(walk(tree.root))
    shown, instead = rows(visits, story.parts, *counted(visits, story.parts))
    kept = _kept(shown, most_rows)
    wire = Wire(without, story.about)
    opened = open_paths(tree, explanation.depth)
    ids: dict[str, int] = {}
    above: list[int] = []
    marks = pass_badges(tree.forward)
    for row in shown:
        path = row.visit.path
        del above[row.visit.depth :]
        # What rests on a row that is not kept is shown to rest on what it is in.
        above.append(wire.add(row, story.parts.get(path, NO_PART), path in opened, marks.get(path, ())) if path in kept else above[-1])
        ids[path] = above[-1]
    ids |= {path: ids[leader] for path, leader in instead.items()}
    lines, owners = _print(explanation, None if most_rows is None else min(MOST_LINES, 50 + 4 * most_rows))
    left_out = [SHORTENED.format(rows=f"{len(shown) - len(kept):,}")] if len(kept) < len(shown) else []
    told = Told(tree, ids)
    levels = [explanation.level] if "levels" in without else get_args(Level)
    return {
        "v": VERSION,
        "title": story.title,
        "source": tree.source,
        "notes": [*tree.notes, *left_out],
        "print": {"text": "\n".join(lines), "lines": _steps([-1 if path is None else ids[path] for path in owners])},
        "pictures": [] if "pictures" in without else sent_pictures(drawings(explanation), ids),
        "level": explanation.level,
        "levels": {level: told.story(explanation.story_at(level)) for level in levels},
        "statements": told.statements,
        "forward": passing(tree.forward, wire.text, told.row) if tree.forward and "forward" not in without else None,
        "glossary": [] if "glossary" in without else [list(term) for term in story.terms.items()],
        **wire.tables(),
    }


def sent(explanation: Explanation) -> str:
    """The payload encoded, within `BUDGET`: of a very large model first what a row's details say is left out, then the deepest rows."""
    if explanation not in _SENT:
        _SENT[explanation] = _within_budget(explanation)
    return _SENT[explanation]


def _within_budget(explanation: Explanation) -> str:
    def without(spared: int) -> str:
        return encode(payload(explanation, without=SPARED[:spared]))

    most = sum(1 for _ in walk(explanation.tree.root))
    if len(explanation.printed) > LARGE_PRINT:  # a chain of thousands prints megabytes of indentation: packing it only to see takes seconds
        most = min(most, MOST_LINES)
    else:
        if most < MANY_ROWS and len(data := without(0)) <= BUDGET:
            return data
        if len(data := without(len(SPARED))) <= BUDGET:
            return without(bisect_left(range(len(SPARED)), True, key=lambda spared: len(without(spared)) <= BUDGET))
        most = max(1, int(most * min(0.8, BUDGET / len(data))))
    while True:
        data = encode(payload(explanation, without=SPARED, most_rows=most))
        if len(data) <= BUDGET or most <= 1:
            return data
        most = max(1, int(most * min(0.8, BUDGET / len(data))))


def encode(data: dict[str, Any]) -> str:
    """The payload as the document carries it: JSON, gzipped, in base64. The same data gives the same bytes, whenever."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    fast = pack(text, FAST)
    return pack(text) if BUDGET < len(fast) < 1.2 * BUDGET else fast


def pack(text: str, level: int = 9) -> str:
    """Any text, gzipped and in base64, as js/src/payload.ts unpacks it."""
    # Models may hold lone surrogates in their names; they must not cost the output.
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), level, mtime=0)).decode()


def _print(explanation: Explanation, most: int | None) -> tuple[list[str], list[str | None]]:
    """The printed lines, and for each the path of the module it belongs to.

    Where the print is not what our printer gives (a class that overrides `__repr__`, a paste with gaps), equal lines are paired in order.
    """
    lines = explanation.printed.split("\n")
    ours = [(line.text.strip(), line.path) for line in print_lines(explanation.tree.root)]
    owners: list[str | None] = []
    at = 0
    for line in lines[:most]:
        text = line.strip()
        hit = next((k for k in range(at, min(at + LOOK_AHEAD, len(ours))) if ours[k][0] == text), None)
        owners.append(None if hit is None else ours[hit][1])
        at = at if hit is None else hit + 1
    if most is not None and len(lines) > most:
        return [*lines[:most], f"... {len(lines) - most:,} more lines"], [*owners, None]
    return lines, owners


def _kept(shown: Sequence[Row], most: int | None) -> set[str]:
    """The paths of the rows that are kept: the first so many, level by level, so that a row's parent is always among them."""
    by_level = shown if most is None else sorted(shown, key=lambda row: row.visit.depth)[:most]
    return {row.visit.path for row in by_level}


def _steps(values: Sequence[int]) -> list[int]:
    return [b - a for a, b in pairwise([0, *values])]

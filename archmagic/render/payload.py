"""The explanation as it travels to the view: the rows (wire.py), what is told (told.py) and the print, within a budget.

Only these three and js/src/payload.ts know the wire.
"""

from __future__ import annotations

import base64
import gzip
import json
from bisect import bisect_left
from collections.abc import Collection, Sequence
from functools import cache, partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, get_args

from ..options import Level
from .diagram import drawings, sent_pictures
from .once import once
from .outline import by_level, outline
from .passing import pass_badges, passing
from .printed import printed
from .rows import NO_PART
from .told import Told
from .wire import Strings, Wire

if TYPE_CHECKING:
    from ..explanation import Explanation

VERSION = 2
BUDGET = 30_000
"""Most characters of a payload as sent."""
MOST_LINES = 1000
"""So many of its print at most, where a model is too large to be sent whole."""
MANY_ROWS = 500
"""From so many on `SOME_ROWS` are tried first, which tells whether all may fit."""
SOME_ROWS = 480
LONG_PRINT = 2_000_000
"""Characters of a print that is not tried whole: so much, nearly all of it indentation, does a chain of a thousand print."""
SPARED = (
    *("file", "levels", "pictures", "settings", "forward", "about", "glossary", "differs", "tensors"),
    *("qualified", "arithmetic", "shapes", "docs", "description", "role"),
)
"""What is left out first where that is needed."""
SHORTENED = "This model is very large: {rows} of its rows, the deepest, are not shown here. The explanation (to_dict()) has them all."
FAST = 4
"""How hard gzip tries where all fits: at 9 it takes twice as long for 3 % less."""
_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))


def payload(explanation: Explanation, *, without: Collection[str] = (), most_rows: int | None = None) -> dict[str, Any]:
    """The compact form: what the view draws, as JSON data. Equal explanations give equal data.

    Args:
        explanation: what to show.
        without: columns to leave empty; "levels", "pictures", "forward" and "glossary" too.
        most_rows: so many rows are kept, level by level, and the first lines of the print; the notes say so.
    """
    return _Gathered(explanation, most_rows).data(without)


class _Gathered:
    """The rows and the print that are sent: gathered once, however often it is tried how much of what is said of them fits."""

    def __init__(self, explanation: Explanation, most_rows: int | None = None) -> None:
        self._explanation = explanation
        tree, story, shown = explanation.tree, explanation.story, outline(explanation)
        kept = None if most_rows is None else set(islice(by_level(shown.root), most_rows))
        self._wire = Wire(story.about)
        marks = pass_badges(tree.forward)
        numbers: list[int] = []
        for row in shown.rows:
            if kept is None or row in kept:
                path = row.visit.path
                numbers.append(self._wire.add(row, story.parts.get(path, NO_PART), path in shown.opened, marks.get(path, ())))
            else:  # what rests on a row that is not kept is shown to rest on what it is in
                numbers.append(numbers[row.above])
        self._ids = {path: numbers[at] for path, at in shown.numbers.items()}
        lines, owners = printed(explanation).owned(None if most_rows is None else min(MOST_LINES, 50 + 4 * most_rows))
        self._print = {"text": "\n".join(lines), "lines": _steps([-1 if path is None else self._ids[path] for path in owners])}
        missing = len(shown.rows) - (len(shown.rows) if kept is None else len(kept))
        self._notes = [*tree.notes, *([SHORTENED.format(rows=f"{missing:,}")] if missing else [])]

    def data(self, without: Collection[str]) -> dict[str, Any]:
        explanation, ids = self._explanation, self._ids
        tree, story = explanation.tree, explanation.story
        told, strings = Told(tree, ids), Strings()
        levels = [explanation.level] if "levels" in without else get_args(Level)
        return {
            "v": VERSION,
            "title": story.title,
            "source": tree.source,
            "notes": self._notes,
            "print": self._print,
            "pictures": [] if "pictures" in without else sent_pictures(drawings(explanation), ids),
            "level": explanation.level,
            "levels": {level: told.story(explanation.story_at(level)) for level in levels},
            "statements": told.statements,
            "forward": passing(tree.forward, strings.number, told.row) if tree.forward and "forward" not in without else None,
            "glossary": [] if "glossary" in without else [list(term) for term in story.terms.items()],
            **self._wire.tables(strings, without),
        }


@once
def sent(explanation: Explanation) -> str:
    """The payload encoded, within `BUDGET`: of a very large model first what a row's details say is left out, then the deepest rows."""
    gathered = cache(partial(_Gathered, explanation))

    @cache
    def tried(spared: int, most_rows: int | None = None) -> str:
        return encode(gathered(most_rows).data(SPARED[:spared]))

    count, every = len(outline(explanation).rows), len(SPARED)
    most, may_fit = count, True
    if count >= MANY_ROWS or _prints_long(explanation):
        most = min(count, SOME_ROWS)
        data = tried(every, most)
        may_fit = count * len(data) <= most * BUDGET and not _prints_long(explanation)
    if may_fit:
        most = count
        if len(data := tried(0)) <= BUDGET:
            return data
        if len(data := tried(every)) <= BUDGET:
            return tried(bisect_left(range(every), True, key=lambda spared: len(tried(spared)) <= BUDGET))
    while len(data) > BUDGET and most > 1:
        most = max(1, int(most * min(0.9, BUDGET / len(data))))
        data = tried(every, most)
    return data


def _prints_long(explanation: Explanation) -> bool:
    return printed(explanation).within(LONG_PRINT) is None


def encode(data: dict[str, Any]) -> str:
    """The payload as the document carries it: JSON, gzipped, in base64. The same data gives the same bytes, whenever."""
    text = _JSON.encode(data)
    fast = pack(text, FAST)
    return pack(text) if BUDGET < len(fast) < 1.2 * BUDGET else fast


def pack(text: str, level: int = 9) -> str:
    """Any text, gzipped and in base64, as js/src/payload.ts unpacks it."""
    # Models may hold lone surrogates in their names; they must not cost the output.
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), level, mtime=0)).decode()


def _steps(values: Sequence[int]) -> list[int]:
    return [b - a for a, b in pairwise([0, *values])]

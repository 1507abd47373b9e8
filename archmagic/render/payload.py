"""The explanation as it travels to the view. Only this module and js/src/payload.ts know the wire.

Nodes are columns of numbers in the order of the tree; every text stands once in `strings`. gzip makes little of the rest.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..facts.fact import BASES
from ..story.story import About, Part
from ..tree import Tensor, Tree, Visit, find, parent, print_lines, walk
from .outline import open_paths
from .rows import counted

if TYPE_CHECKING:
    from ..explanation import Explanation
    from ..story.story import Section

VERSION = 1
BUDGET = 30_000
"""Most characters of a payload as sent."""
MOST_LINES = 1000
"""So many of its print at most, where a model is too large to be sent whole."""
LARGE_PRINT = 2_000_000
"""Characters of a print from which it is cut without a try to send it whole."""
SPARED = ("about", "settings", "tensors", "qualified", "arithmetic", "shapes", "docs", "description", "role")
"""What is left out first where that is needed."""
SHORTENED = "This model is very large: {rows} of its rows, the deepest, are not shown here. The explanation (to_dict()) has them all."
LOOK_AHEAD = 40
"""How far ahead a printed line that is not where it should be is looked for."""


def payload(explanation: Explanation, *, without: Collection[str] = (), most_rows: int | None = None) -> dict[str, Any]:
    """The compact form: what the view draws, as JSON data. Equal explanations give equal data.

    Args:
        explanation: what to show.
        without: columns to leave empty.
        most_rows: so many rows are kept, level by level, and the first lines of the print; the notes say so.
    """
    tree, story = explanation.tree, explanation.story
    visits = list(walk(tree.root))
    kept = _kept(visits, most_rows)
    lines, owners = _print(explanation, None if most_rows is None else min(MOST_LINES, 50 + 4 * most_rows))
    wire = _Wire(without, story.about)
    opened = open_paths(tree, explanation.depth)
    columns = zip(visits, _turns(visits), *counted(visits, story.parts), strict=True)
    ids: dict[str, int] = {}
    for visit, turn, count, partial in columns:
        if visit.path not in kept:  # whatever rests on it is shown to rest on what it is in
            ids[visit.path] = ids[parent(visit.path)]
            continue
        ids[visit.path] = wire.add(visit, story.parts.get(visit.path), visit.path in opened, turn, count, partial)
    left_out = [SHORTENED.format(rows=f"{len(visits) - len(kept):,}")] if len(kept) < len(visits) else []
    return {
        "v": VERSION,
        "title": story.title,
        "summary": story.summary,
        "source": tree.source,
        "notes": [*tree.notes, *left_out],
        "print": {"text": "\n".join(lines), "lines": _steps([-1 if path is None else ids[path] for path in owners])},
        "story": [_section(section, tree, ids) for section in story.sections],
        **wire.tables(),
    }


def sent(explanation: Explanation) -> str:
    """The payload encoded, within `BUDGET`: of a very large model first what a row's details say is left out, then the deepest rows."""
    rows = sum(1 for _ in walk(explanation.tree.root))
    if len(explanation.printed) > LARGE_PRINT:  # a chain of thousands prints megabytes of indentation: packing it only to see takes seconds
        rows = min(rows, MOST_LINES)
    else:
        for steps in range(len(SPARED) + 1):
            data = encode(payload(explanation, without=SPARED[:steps]))
            if len(data) <= BUDGET:
                return data
        rows = max(1, int(rows * min(0.8, BUDGET / len(data))))
    while True:
        data = encode(payload(explanation, without=SPARED, most_rows=rows))
        if len(data) <= BUDGET or rows <= 1:
            return data
        rows = max(1, int(rows * min(0.8, BUDGET / len(data))))


def encode(data: dict[str, Any]) -> str:
    """The payload as the document carries it: JSON, gzipped, in base64. The same data gives the same bytes, whenever."""
    return pack(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def pack(text: str) -> str:
    """Any text, gzipped and in base64, as js/src/payload.ts unpacks it."""
    # Models may hold lone surrogates in their names; they must not cost the output.
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), 6, mtime=0)).decode()


class _Wire:
    """Gathers the columns, giving each text and each tensor a number."""

    def __init__(self, without: Collection[str], about: Mapping[str, About]) -> None:
        self._without = without
        self._about = about
        self._abouts: dict[About, int] = {About(): 0}
        self._strings: dict[str, int] = {"": 0}
        self._tensors: dict[tuple[str, str, str, str], int] = {}
        self._owned: dict[tuple[int, ...], int] = {(): 0}
        self._columns: dict[str, list[int]] = {}
        self._rows = 0

    def add(self, visit: Visit, part: Part | None, is_open: bool, turn: int, count: int, partial: bool) -> int:
        """Adds a row; gives its number."""
        node, repeat = visit.node, visit.child.repeat if visit.child else None
        part = part or Part("")
        description = "" if part.description == part.role else part.description  # said once
        texts = {
            "segment": visit.name, "name": _shown(visit), "type": node.type, "args": node.args, "qualified": node.qualified,
            "title": part.title or node.type, "kind": part.kind, "description": description, "role": part.role,
            "arithmetic": part.arithmetic, "shapes": part.shapes, "docs": part.docs, "badges": "\t".join(part.badges),
            "settings": "\n".join(text for _, text in part.settings),
        }  # fmt: skip
        numbers = {
            "depth": visit.depth, "count": repeat.count if repeat else 1, "period": repeat.period if repeat else 1, "turn": turn,
            "basis": BASES.index(part.basis), "params": _known(part.num_parameters), "own": _known(part.num_own_parameters),
            "counted": count, "partial": int(partial), "open": int(is_open), "tensors": self._own(node.tensors or ()),
            "about": self._class(part.about),
        }  # fmt: skip
        for name, text in texts.items():
            known = "" if name in self._without else text or ""
            self._columns.setdefault(name, []).append(self._strings.setdefault(known, len(self._strings)))
        for name, number in numbers.items():
            self._columns.setdefault(name, []).append(number)
        self._rows += 1
        return self._rows - 1

    def _own(self, tensors: Sequence[Tensor]) -> int:
        if "tensors" in self._without:
            return 0
        numbers = tuple(self._tensors.setdefault(_tensor(t), len(self._tensors)) for t in tensors)
        return self._owned.setdefault(numbers, len(self._owned))

    def _class(self, key: str) -> int:
        known = None if "about" in self._without else self._about.get(key)
        return self._abouts.setdefault(known, len(self._abouts)) if known else 0

    def tables(self) -> dict[str, Any]:
        return {
            "strings": list(self._strings),
            "tensors": [list(t) for t in self._tensors],
            "owned": [list(o) for o in self._owned],
            "abouts": [[a.why, a.formula, list(a.pitfalls), list(a.paper or ()), a.library] for a in self._abouts],
            "nodes": self._columns,
        }


def _shown(visit: Visit) -> str:
    """A row's name as a person reads it: attn, 0–11, 0, 6 … 30."""
    repeat = visit.child.repeat if visit.child else None
    if repeat is None:
        return visit.name
    rest = f"–{repeat.last}" if repeat.step == 1 else f", {repeat.first + repeat.step} … {repeat.last}"
    return f"{repeat.prefix}{repeat.first}{rest}"


def _turns(visits: Sequence[Visit]) -> list[int]:
    """In a run of several rows that take turns, which of them each is; 0 elsewhere."""
    turns = []
    before: dict[int, tuple[int, int]] = {}  # by depth: period and turn of the row before, among its siblings
    for visit in visits:
        period = visit.child.repeat.period if visit.child and visit.child.repeat else 1
        last = before.get(visit.depth, (1, 0))
        turns.append((last[1] + 1) % period if last[0] == period else 0)
        before[visit.depth] = period, turns[-1]
        before.pop(visit.depth + 1, None)
    return turns


def _known(value: int | None) -> int:
    return -1 if value is None else value


def _tensor(tensor: Tensor) -> tuple[str, str, str, str]:
    shape = "unknown" if tensor.shape is None else " × ".join(f"{n:,}" for n in tensor.shape) or "scalar"
    notes = [*(["buffer"] if tensor.kind == "buffer" else []), *(["frozen"] if tensor.trainable is False else []), *tensor.notes]
    return tensor.name, shape, tensor.dtype or "", ", ".join(notes)


def _section(section: Section, tree: Tree, ids: dict[str, int]) -> list[Any]:
    statements = [[s.text, BASES.index(s.basis), _nodes(s.evidence, tree, ids), s.label] for s in section.statements]
    where = _nodes((section.path,), tree, ids) if section.path is not None else []
    return [section.title, where[0] if where else -1, section.style, statements]


def _nodes(paths: Sequence[str], tree: Tree, ids: dict[str, int]) -> list[int]:
    """The rows that paths lead to; a path of one module in a run leads to the run's row."""
    found: dict[int, None] = {}
    for path in paths:
        at = ids.get(path)
        if at is None and (visit := find(tree.root, path)):
            at = ids.get(visit.path)
        if at is not None:
            found[at] = None
    return list(found)


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


def _kept(visits: Sequence[Visit], most: int | None) -> set[str]:
    """The paths of the rows that are kept: the first so many, level by level, so that a row's parent is always among them."""
    by_level = visits if most is None else sorted(visits, key=lambda visit: visit.depth)[:most]
    return {visit.path for visit in by_level}


def _steps(values: Sequence[int]) -> list[int]:
    return [b - a for a, b in pairwise([0, *values])]

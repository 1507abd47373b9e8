"""The explanation as it travels to the view. Only this module and js/src/payload.ts know the wire.

Nodes are columns of numbers in the order of the tree; every text stands once in `strings`. gzip makes little of the rest.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..facts.fact import BASES
from ..tree import Tensor, Tree, Visit, find, print_lines, walk
from .outline import open_paths
from .rows import counted

if TYPE_CHECKING:
    from ..explanation import Explanation
    from ..story.story import Part, Section

VERSION = 1
LOOK_AHEAD = 40
"""How far ahead a printed line that is not where it should be is looked for."""


def payload(explanation: Explanation) -> dict[str, Any]:
    """The compact form: what the view draws, as JSON data. Equal explanations give equal data."""
    tree, story = explanation.tree, explanation.story
    visits = list(walk(tree.root))
    ids = {visit.path: at for at, visit in enumerate(visits)}
    wire = _Wire()
    opened = open_paths(tree, explanation.depth)
    for visit in visits:
        wire.add(visit, story.parts.get(visit.path), visit.path in opened)
    wire.columns["turn"] = _turns(visits)
    wire.columns["counted"], partial = counted(visits, story.parts)
    wire.columns["partial"] = list(map(int, partial))
    return {
        "v": VERSION,
        "title": story.title,
        "summary": story.summary,
        "source": tree.source,
        "notes": list(tree.notes),
        "print": {"text": explanation.printed, "lines": _steps(_owners(tree, explanation.printed.split("\n"), ids))},
        "story": [_section(section, tree, ids) for section in story.sections],
        **wire.tables(),
    }


def encode(data: dict[str, Any]) -> str:
    """The payload as the document carries it: JSON, gzipped, in base64. The same data gives the same bytes, whenever."""
    return pack(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def pack(text: str) -> str:
    """Any text, gzipped and in base64, as js/src/payload.ts unpacks it."""
    # Models may hold lone surrogates in their names; they must not cost the output.
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), 9, mtime=0)).decode()


class _Wire:
    """Gathers the columns, giving each text and each tensor a number."""

    def __init__(self) -> None:
        self._strings: dict[str, int] = {"": 0}
        self._tensors: dict[tuple[str, str, str, str], int] = {}
        self._owned: dict[tuple[int, ...], int] = {(): 0}
        self.columns: dict[str, list[int]] = {}

    def add(self, visit: Visit, part: Part | None, is_open: bool) -> None:
        node, repeat = visit.node, visit.child.repeat if visit.child else None
        texts = {
            "segment": visit.name, "name": _shown(visit), "type": node.type, "args": node.args, "qualified": node.qualified,
            "title": part and part.title or node.type, "kind": part and part.kind, "description": part and part.description,
            "role": part and part.role, "arithmetic": part and part.arithmetic, "shapes": part and part.shapes,
            "docs": part and part.docs, "badges": part and "\t".join(part.badges),
        }  # fmt: skip
        numbers = {
            "depth": visit.depth, "count": repeat.count if repeat else 1, "period": repeat.period if repeat else 1,
            "basis": BASES.index(part.basis) if part else 0,
            "params": _known(part and part.num_parameters), "own": _known(part and part.num_own_parameters),
            "tensors": self._own(node.tensors or ()), "open": int(is_open),
        }  # fmt: skip
        for name, text in texts.items():
            self.columns.setdefault(name, []).append(self._strings.setdefault(text or "", len(self._strings)))
        for name, number in numbers.items():
            self.columns.setdefault(name, []).append(number)

    def _own(self, tensors: Sequence[Tensor]) -> int:
        numbers = tuple(self._tensors.setdefault(_tensor(t), len(self._tensors)) for t in tensors)
        return self._owned.setdefault(numbers, len(self._owned))

    def tables(self) -> dict[str, Any]:
        return {
            "strings": list(self._strings),
            "tensors": [list(t) for t in self._tensors],
            "owned": [list(o) for o in self._owned],
            "nodes": self.columns,
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


def _owners(tree: Tree, lines: Sequence[str], ids: dict[str, int]) -> list[int]:
    """For each printed line the row it belongs to, -1 for none.

    Where the print is not what our printer gives (a class that overrides `__repr__`, a paste with gaps), equal lines are paired in order.
    """
    ours = [(line.text.strip(), ids[line.path]) for line in print_lines(tree.root)]
    owners = []
    at = 0
    for line in lines:
        text = line.strip()
        hit = next((k for k in range(at, min(at + LOOK_AHEAD, len(ours))) if ours[k][0] == text), None)
        owners.append(-1 if hit is None else ours[hit][1])
        at = at if hit is None else hit + 1
    return owners


def _steps(values: Sequence[int]) -> list[int]:
    return [b - a for a, b in pairwise([0, *values])]

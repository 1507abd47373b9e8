"""The payload's tables: nodes as columns of numbers in the order of the tree, and every text, tensor and setting once.

Gzip makes little of what repeats.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from ..facts.fact import BASES
from ..story.story import About, Part
from ..tree import Node, Tensor, Value
from .glance import sizes
from .turns import Row

TEXTS = (
    *("segment", "name", "type", "args", "qualified", "title", "kind", "description", "role"),
    *("arithmetic", "shapes", "docs", "badges", "differs", "file", "glance"),
)
"""The columns whose numbers stand for texts."""
NUMBERS = (
    *("depth", "count", "period", "turn", "width", "basis", "params", "own", "counted", "partial", "open"),
    *("tensors", "settings", "about"),
)


NUMBER_OF = {basis: number for number, basis in enumerate(BASES)}


class Wire:
    """Gathers the rows, giving each text, tensor, setting and class a number. Columns named in `without` stay empty."""

    def __init__(self, without: Collection[str], about: Mapping[str, About]) -> None:
        self._without = without
        self._about = about
        self._abouts: dict[About, int] = {About(): 0}
        self._strings: dict[str, int] = {"": 0}
        self._tensors = _Lists()
        self._settings = _Lists()
        self._texts: list[tuple[str | None, ...]] = []
        self._numbers: list[tuple[int, ...]] = []

    def text(self, text: str) -> int:
        """The number of a text."""
        return self._strings.setdefault(text, len(self._strings))

    def add(self, row: Row, part: Part, is_open: bool, badges: Sequence[str] = ()) -> int:
        """Adds a row; gives its number. `badges` come after the part's own."""
        visit = row.visit
        node, repeat = visit.node, visit.child.repeat if visit.child else None
        description = "" if part.description == part.role else part.description  # said once
        self._texts.append((
            visit.name, row.name, node.type, node.args, node.qualified, part.title or node.type, part.kind, description, part.role,
            part.arithmetic, part.shapes, part.docs, "\t".join(dict.fromkeys((*part.badges, *badges))), row.differs, _file(node),
            row.glance or sizes(node),
        ))  # fmt: skip
        self._numbers.append((
            visit.depth, repeat.count * row.width if repeat else 1, repeat.period if repeat else 1, row.turn, row.width,
            NUMBER_OF[part.basis], _known(part.num_parameters), _known(part.num_own_parameters), row.counted, row.partial, is_open,
            0 if "tensors" in self._without or not node.tensors else self._tensors.number(map(_tensor, node.tensors)),
            0 if "settings" in self._without else self._settings.number(_settings(node, part)),
            0 if "about" in self._without else self._class(part.about),
        ))  # fmt: skip
        return len(self._numbers) - 1

    def _class(self, key: str) -> int:
        known = self._about.get(key)
        return self._abouts.setdefault(known, len(self._abouts)) if known else 0

    def tables(self) -> dict[str, Any]:
        columns: dict[str, list[int]] = {}
        strings = self._strings
        number = strings.setdefault
        for name, texts in zip(TEXTS, zip(*self._texts, strict=True), strict=True):
            left_out = name in self._without
            columns[name] = [0] * len(texts) if left_out else [number(text, len(strings)) if text else 0 for text in texts]
        columns |= {name: list(map(int, numbers)) for name, numbers in zip(NUMBERS, zip(*self._numbers, strict=True), strict=True)}
        return {
            "strings": list(self._strings),
            "tensors": self._tensors.items,
            "owned": self._tensors.lists,
            "settings": self._settings.items,
            "set": self._settings.lists,
            "abouts": [[a.why, a.formula, list(a.pitfalls), *(a.paper or ("", "")), a.library] for a in self._abouts],
            "nodes": columns,
        }


class _Lists:
    """Lists of tuples, each tuple and each list kept once."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, ...], int] = {}
        self._lists: dict[tuple[int, ...], int] = {(): 0}

    def number(self, values: Any) -> int:
        items = self._items
        numbers = tuple([items.setdefault(value, len(items)) for value in values])
        return self._lists.setdefault(numbers, len(self._lists))

    @property
    def items(self) -> list[list[str]]:
        return [list(item) for item in self._items]

    @property
    def lists(self) -> list[list[int]]:
        return [list(numbers) for numbers in self._lists]


def _known(value: int | None) -> int:
    return -1 if value is None else value


def _tensor(tensor: Tensor) -> tuple[str, str, str, str]:
    shape = "unknown" if tensor.shape is None else " × ".join([f"{n:,}" for n in tensor.shape]) or "scalar"
    notes = ["buffer"] if tensor.kind == "buffer" else []
    if tensor.trainable is False:
        notes.append("frozen")
    notes += tensor.notes
    if tensor.spread:
        notes.append(str(tensor.spread))
    return tensor.name, shape, tensor.dtype or "", ", ".join(notes)


def _settings(node: Node, part: Part) -> list[tuple[str, str, str]]:
    """(name, value, what it means here) of the printed settings, then of the attributes that they do not tell."""
    values: dict[str, Value] = {**node.settings, **node.attributes, **node.settings}
    meanings = dict(part.settings)
    return [("" if name.isdecimal() else name, str(value), meanings.get(name, "")) for name, value in values.items()]


def _file(node: Node) -> str:
    """Where the class is written, from its package on: "transformers/models/gpt2/modeling_gpt2.py:263". No path of this machine."""
    return _from_package(*node.source, (node.qualified or "").partition(".")[0]) if node.source else ""


@lru_cache(maxsize=1024)
def _from_package(file: str, line: int, package: str) -> str:
    parts = PurePath(file).parts
    start = max((at for at, part in enumerate(parts) if part == package), default=len(parts) - 1)
    return f"{'/'.join(parts[start:])}:{line}"

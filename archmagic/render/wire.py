"""The payload's tables: nodes as columns of numbers in the order of the tree, and every text, tensor and setting once.

Gzip makes little of what repeats.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
"""How a basis travels."""
Texts = tuple[str | None, ...]
Numbers = tuple[int, ...]


class Strings:
    """Every text of a payload once, by its number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def column(self, texts: Iterable[str | None]) -> list[int]:
        numbers = self._numbers
        return [numbers.setdefault(text, len(numbers)) if text else 0 for text in texts]

    def all(self) -> list[str]:
        return list(self._numbers)


class Wire:
    """Gathers the rows, giving each tensor, setting and class a number."""

    def __init__(self, about: Mapping[str, About]) -> None:
        self._about = about
        self._abouts: dict[About, int] = {About(): 0}
        self._tensors = _Lists()
        self._settings = _Lists()
        self._texts: list[Texts] = []
        self._numbers: list[Numbers] = []

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
            self._tensors.number(map(_tensor, node.tensors)) if node.tensors else 0,
            self._settings.number(_settings(node, part)),
            self._class(part.about),
        ))  # fmt: skip
        return len(self._numbers) - 1

    def _class(self, key: str) -> int:
        known = self._about.get(key)
        return self._abouts.setdefault(known, len(self._abouts)) if known else 0

    def tables(self, strings: Strings, without: Collection[str]) -> dict[str, Any]:
        """The rows as columns, those named in `without` empty; and what they number."""
        columns: dict[str, list[int]] = {}
        nothing = [0] * len(self._numbers)
        for name, texts in zip(TEXTS, zip(*self._texts, strict=True), strict=True):
            columns[name] = nothing if name in without else strings.column(texts)
        for name, numbers in zip(NUMBERS, zip(*self._numbers, strict=True), strict=True):
            columns[name] = nothing if name in without else list(map(int, numbers))
        none = _Lists()
        tensors = none if "tensors" in without else self._tensors
        settings = none if "settings" in without else self._settings
        abouts = [About()] if "about" in without else self._abouts
        return {
            "strings": strings.all(),
            "tensors": tensors.items,
            "owned": tensors.lists,
            "settings": settings.items,
            "set": settings.lists,
            "abouts": [[a.why, a.formula, list(a.pitfalls), *(a.paper or ("", "")), a.library] for a in abouts],
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

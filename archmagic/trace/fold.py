"""Folds a pass as the tree is folded: what the blocks of a run all do alike stands once.

Steps form a tree by `parent`. Two steps are alike when module, operation, shapes and all steps inside are, wherever in its run
the module stands. Among the steps inside one step, what comes again alike, one after another or in turns, is kept the first time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from ..tree import Node
from .steps import RawStep

LONGEST_PERIOD = 64
FEWEST_FUNCTIONS = 8
"""So often must bare operations come again to be a loop: two additions after each other are two additions."""


@dataclass(slots=True)
class Kept:
    """A step that stays: its place in the pass, its path in the folded tree, and how many times it ran."""

    index: int
    path: str
    repeat: int


@dataclass(slots=True)
class _Group:
    """A step and those like it, the first of them kept."""

    first: int
    others: list[int] = field(default_factory=list)


class Folding:
    """What is kept of a pass, in order, and where each step went: `place[i]` is the kept step that stands for step i."""

    def __init__(self, steps: Sequence[RawStep], root: Node) -> None:
        self._steps, self._runs = steps, _Runs(root)
        self._inside: list[list[int]] = [[] for _ in steps]
        tops: list[int] = []
        for index, step in enumerate(steps):
            (tops if step.parent is None else self._inside[step.parent]).append(index)
        self._like = self._signatures()
        self._stands_for: dict[int, int] = {}
        self.kept: list[Kept] = []
        self._walk(tops)
        places = {kept.index: at for at, kept in enumerate(self.kept)}
        self.place = [places[self._resolve(index)] for index in range(len(steps))]

    def _signatures(self) -> list[int]:
        """A number for each step, equal for steps that are alike."""
        numbers: dict[Hashable, int] = {}
        found = [0] * len(self._steps)
        for index in range(len(self._steps) - 1, -1, -1):  # steps inside a step come after it
            step = self._steps[index]
            shapes = tuple((d.shape, d.dtype) for d in (*step.inputs, None, *step.outputs) if d is not None), len(step.inputs)
            inside = tuple(found[i] for i in self._inside[index])
            key = (self._runs.folded(step.path), step.kind, step.op, shapes, tuple(step.details.items()), step.flops, step.ended, inside)
            found[index] = numbers.setdefault(key, len(numbers))
        return found

    def _walk(self, tops: list[int]) -> None:
        """Keeps what is to be kept, in order; a stack, since models may be deep."""
        names: dict[str, str] = {}
        stack: list[tuple[_Group, int, dict[str, str]]] = [(group, 1, names) for group in reversed(self._grouped(tops))]
        while stack:
            group, times, names = stack.pop()
            times *= 1 + len(group.others)
            names = self._renamed(group, names)
            self.kept.append(Kept(group.first, self._runs.named(self._steps[group.first].path, names), times))
            for other in group.others:
                self._match(other, group.first)
            stack += [(inner, times, names) for inner in reversed(self._grouped(self._inside[group.first]))]

    def _match(self, other: int, first: int) -> None:
        """Everything inside `other` is stood for by its counterpart inside `first`."""
        pairs = [(other, first)]
        while pairs:
            a, b = pairs.pop()
            self._stands_for[a] = b
            pairs += zip(self._inside[a], self._inside[b], strict=True)

    def _resolve(self, index: int) -> int:
        while index in self._stands_for:
            index = self._stands_for[index]
        return index

    def _grouped(self, indices: list[int]) -> list[_Group]:
        """The steps directly inside one step, those that repeat grouped with their first."""
        codes = [self._like[index] for index in indices]
        groups: list[_Group] = []
        at = 0
        while at < len(codes):
            period, count = _period(codes, at)
            if count < FEWEST_FUNCTIONS and all(self._steps[index].kind == "function" for index in indices[at : at + period]):
                period, count = 1, 1
            for offset in range(period):
                first, *others = indices[at + offset : at + period * count : period]
                groups.append(_Group(first, others))
            at += period * count
        return self._joined(groups)

    def _joined(self, groups: list[_Group]) -> list[_Group]:
        """Modules of one run that are alike but do not follow each other are one group too; not a module that is called again."""
        first: dict[tuple[int, int], _Group] = {}
        calls: Counter[str] = Counter()
        joined = []
        for group in groups:
            step = self._steps[group.first]
            if step.kind == "module" and self._runs.folded(step.path) != step.path:
                calls[step.path] += 1
                known = first.setdefault((self._like[group.first], calls[step.path]), group)
                if known is not group:
                    known.others += [group.first, *group.others]
                    continue
            joined.append(group)
        return joined

    def _renamed(self, group: _Group, names: dict[str, str]) -> dict[str, str]:
        """How the run is called that a group of modules is: names of single modules -> of runs, for this step and all inside."""
        if self._steps[group.first].kind != "module":
            return names
        paths = list(dict.fromkeys(self._steps[index].path for index in (group.first, *group.others)))
        label = self._runs.label(paths) if len(paths) > 1 else None
        return {**names, label[0]: label[1]} if label else names


def _period(codes: Sequence[int], at: int) -> tuple[int, int]:
    """(period, how often) of the repetition that starts here and reaches furthest; (1, 1) where nothing repeats."""
    best = (1, 1)
    positions = [p for p in range(at + 1, min(len(codes), at + LONGEST_PERIOD + 1)) if codes[p] == codes[at]]
    for position in positions:
        period = position - at
        reach = position
        while reach < len(codes) and codes[reach] == codes[reach - period]:
            reach += 1
        count = (reach - at) // period
        if count > 1 and period * count > best[0] * best[1]:
            best = (period, count)
    return best


class _Runs:
    """Paths of single modules as paths of the folded tree."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._folded: dict[str, str] = {}

    def folded(self, path: str) -> str:
        """ "h.[0-11].attn" of "h.3.attn"."""
        known = self._folded.get(path)
        if known is None:
            from ..tree import find

            visit = find(self._root, path)
            known = self._folded[path] = visit.path if visit else path
        return known

    def label(self, paths: Sequence[str]) -> tuple[str, str] | None:
        """("h.0", "h.[0-11]") of paths that differ in one number; None where no path names them together."""
        parts = [path.split(".") for path in paths]
        if len({len(part) for part in parts}) != 1:
            return None
        differ = [i for i in range(len(parts[0])) if len({part[i] for part in parts}) > 1]
        if len(differ) != 1:
            return None
        at = differ[0]
        prefix = parts[0][at].rstrip("0123456789")
        numbers = sorted({int(part[at][len(prefix) :]) for part in parts if part[at][len(prefix) :].isdecimal()})
        steps = {b - a for a, b in zip(numbers, numbers[1:], strict=False)}
        if len(numbers) != len({part[at] for part in parts}) or len(steps) != 1:
            return None
        step = steps.pop()
        label = f"{prefix}[{numbers[0]}-{numbers[-1]}{f':{step}' if step > 1 else ''}]"
        return ".".join(parts[0][: at + 1]), ".".join([*parts[0][:at], label])

    def named(self, path: str, names: dict[str, str]) -> str:
        """The path with the names of runs put in."""
        if not names:
            return path
        parts = path.split(".")
        for end in range(1, len(parts) + 1):
            label = names.get(".".join(path.split(".")[:end]))
            if label is not None:
                parts[end - 1] = label.rpartition(".")[2]
        return ".".join(parts)

"""Sharing and tying as a table of folded paths, made from the single pairs found while reading."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ..tree import Node, find, join


@dataclass(frozen=True, slots=True)
class Pair:
    """A module, or a tensor of the module at `path`, that is the very same object as an earlier one.

    `tensor` is the tensor's name, "" where the module itself is shared. `target` is the whole path of the earlier one.
    """

    path: str
    tensor: str
    target: str

    @property
    def source(self) -> str:
        return join(self.path, self.tensor) if self.tensor else self.path


def shared_table(root: Node, pairs: Sequence[Pair]) -> tuple[dict[str, str], set[str]]:
    """Folded path -> earlier folded path; and the paths of modules whose targets follow no pattern along the run they are in."""
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    counts: dict[str, int] = {}
    for pair in pairs:
        visit = find(root, pair.path)
        if visit is None:
            continue
        groups[visit.path, pair.tensor].append(pair)
        counts[visit.path] = visit.multiplicity
    table: dict[str, str] = {}
    irregular: set[str] = set()
    for (path, tensor), group in groups.items():
        target = _common(path, group) if len(group) == counts[path] else None
        if target is None:
            irregular.update(pair.path for pair in group)
            table.update((pair.source, pair.target) for pair in group)
        else:
            table[join(path, tensor) if tensor else path] = target
    return table, irregular


def _common(path: str, group: Sequence[Pair]) -> str | None:
    """The one path for all targets of a run's modules: the same for each, or a run in step with theirs."""
    first = group[0].target.split(".")
    if all(pair.target == group[0].target for pair in group):
        return group[0].target
    rows = [pair.target.split(".") for pair in group]
    if any(len(row) != len(first) for row in rows):
        return None
    sources = [pair.path.split(".") for pair in group]
    runs = [names for names in (list(dict.fromkeys(column)) for column in zip(*sources, strict=True)) if len(names) > 1]
    columns = [list(dict.fromkeys(column)) for column in zip(*rows, strict=True)]
    varying = [names for names in columns if len(names) > 1]
    segments = [names[0] if len(names) == 1 else _run(names) for names in columns]
    if len(varying) > len(runs) or any(len(a) != len(b) for a, b in zip(varying, runs, strict=False)) or None in segments:
        return None
    in_step = [tuple(indices[: len(varying)]) for indices in itertools.product(*(range(len(names)) for names in runs))]
    places = [tuple(names.index(segment) for names, segment in zip(columns, row, strict=True) if len(names) > 1) for row in rows]
    return ".".join(s for s in segments if s) if places == in_step else None


def _run(names: Sequence[str]) -> str | None:
    """`[0-5]` of 0, 1, ..., 5; `expert_[0-6:2]` of every second one; None where they do not count up evenly."""
    prefix = names[0].rstrip("0123456789")
    numbers = [name[len(prefix) :] for name in names]
    if not all(name.startswith(prefix) and n.isdecimal() and str(int(n)) == n for name, n in zip(names, numbers, strict=True)):
        return None
    values = [int(n) for n in numbers]
    step = values[1] - values[0]
    if step < 1 or values != list(range(values[0], values[0] + step * len(values), step)):
        return None
    return f"{prefix}[{values[0]}-{values[-1]}{f':{step}' if step != 1 else ''}]"

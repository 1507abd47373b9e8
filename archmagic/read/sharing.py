"""Sharing and tying as a table of folded paths, made from the single pairs found while reading."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ..tree import Node, concrete, find, join, parent


@dataclass(frozen=True, slots=True)
class Pair:
    """A module, or a tensor of the module at `path`, that is the very same object as an earlier one.

    `tensor` is the tensor's name, "" where the module itself is shared; `target` the whole path of the earlier one. `bare` tells a
    module without any tensor (one activation used everywhere): its sharing counts for nothing and keeps no siblings apart.
    """

    path: str
    tensor: str
    target: str
    bare: bool = False

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
        whole = len(group) == counts[path]
        source = path if whole else _slice([pair.path for pair in group]) if group[0].bare else None
        target = _target(group)
        if target is not None and not concrete(root, parent(target) if tensor else target):
            target = None  # a name for several (conv[1-2]) that are no run in the tree
        if source is not None and target is not None:
            table[join(source, tensor) if tensor else source] = target
        elif not group[0].bare:
            irregular.update(pair.path for pair in group)
            table.update((pair.source, pair.target) for pair in group)
    return table, irregular


def _target(group: Sequence[Pair]) -> str | None:
    """The one path for all targets of a run's modules: the same for each, or a run in step with theirs."""
    rows = [pair.target.split(".") for pair in group]
    if all(row == rows[0] for row in rows):
        return group[0].target
    if any(len(row) != len(rows[0]) for row in rows):
        return None
    runs = [names for names in _columns([pair.path.split(".") for pair in group]) if len(names) > 1]
    columns = _columns(rows)
    varying = [names for names in columns if len(names) > 1]
    if len(varying) > len(runs) or any(len(a) != len(b) for a, b in zip(varying, runs, strict=False)):
        return None
    # Where there are fewer runs in the targets than in the sources, the outer ones are in step: each layer's own first head.
    in_step = [indices[: len(varying)] for indices in itertools.product(*(range(len(names)) for names in runs))]
    places = [tuple(names.index(segment) for names, segment in zip(columns, row, strict=True) if len(names) > 1) for row in rows]
    return _joined(columns) if places == in_step else None


def _slice(paths: Sequence[str]) -> str | None:
    """One path for several: `h.[1-11].act`. None where they are not what such a path stands for."""
    rows = [path.split(".") for path in paths]
    if any(len(row) != len(rows[0]) for row in rows):
        return None
    columns = _columns(rows)
    return _joined(columns) if [list(row) for row in itertools.product(*columns)] == rows else None


def _columns(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The different segments at each level, in order."""
    return [list(dict.fromkeys(column)) for column in zip(*rows, strict=True)]


def _joined(columns: Sequence[Sequence[str]]) -> str | None:
    segments = [names[0] if len(names) == 1 else _run(names) for names in columns]
    return None if None in segments else ".".join(s for s in segments if s is not None)


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

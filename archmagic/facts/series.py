"""How the steps of a flow follow one another: one after the other, or side by side between a fork and a join.

Not every graph is of that form (two-terminal series-parallel); of those that are not, nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

IN = -1
"""Where data comes in."""


@dataclass(frozen=True, slots=True)
class Parallel:
    """Branches that all read what comes in, and the step that joins them; () is a branch that passes it on as it is."""

    lanes: tuple[Series, ...]
    join: int


Series = tuple["int | Parallel", ...]
"""Steps by their numbers, in the order in which data passes them."""


def series(before: Mapping[int, tuple[int, ...]], joins: set[int], last: int, sums: Collection[int] = ()) -> Series | None:
    """The steps from what comes in to the step `last`.

    Args:
        before: of each step, in order of execution, the earlier steps (or `IN`) whose results it reads. What leads nowhere is left out.
        joins: the steps that may bring branches together.
        last: the step whose result leaves.
        sums: those joins of which a chain is as good as one, in any order.

    Returns:
        Their arrangement, or None where it is no series of steps and branches.
    """
    needed = {last}
    for step in sorted(before, reverse=True):
        if step in needed:
            needed.update(before[step])
    edges = {step: tuple(dict.fromkeys(before[step])) for step in sorted(before) if step in needed}
    if IN not in needed or any(not found for found in edges.values()):
        return None
    readers = Counter(read for found in edges.values() for read in found)
    for step in [step for step in edges if step in sums]:
        merged = [read for read in edges[step] if read in sums and readers[read] == 1]
        edges[step] = tuple(dict.fromkeys(x for read in edges[step] for x in (edges.pop(read) if read in merged else (read,))))
    return _between(edges, joins, IN, last)


def _between(edges: Mapping[int, tuple[int, ...]], joins: set[int], start: int, end: int) -> Series | None:
    """The arrangement of what lies after `start` up to `end`, which comes last. All of `edges` lies on a way between them."""
    items: list[int | Parallel] = []
    while end != start:
        found = edges[end]
        if len(found) == 1:
            items.append(end)
            end = found[0]
            continue
        fork = _fork(edges, start, end)
        lanes = _lanes(edges, joins, fork, end) if end in joins else None
        if lanes is None:
            return None
        items.append(Parallel(lanes, end))
        end = fork
    return tuple(reversed(items))


def _fork(edges: Mapping[int, tuple[int, ...]], start: int, end: int) -> int:
    """The last step before `end` through which every way to it leads: where its branches part."""
    open_ = set(edges[end])
    while len(open_) > 1:
        latest = max(open_)
        if latest == start:
            break
        open_.remove(latest)
        open_.update(edges[latest])
    return open_.pop() if len(open_) == 1 else start


def _lanes(edges: Mapping[int, tuple[int, ...]], joins: set[int], fork: int, end: int) -> tuple[Series, ...] | None:
    """The branches from a fork to a join, each a series of its own. Those that part only later are one branch up to there."""
    groups: list[tuple[set[int], list[int]]] = []
    for last in edges[end]:
        inside, lasts = _behind(edges, fork, last), [last]
        for group in [group for group in groups if group[0] & inside]:
            groups.remove(group)
            inside, lasts = inside | group[0], group[1] + lasts
        groups.append((inside, lasts))
    lanes = [_lane({step: edges[step] for step in inside}, joins, fork, end, tuple(lasts)) for inside, lasts in groups]
    return tuple(lane for lane in lanes if lane is not None) if None not in lanes else None


def _lane(edges: dict[int, tuple[int, ...]], joins: set[int], fork: int, end: int, lasts: tuple[int, ...]) -> Series | None:
    if len(lasts) == 1:
        return _between(edges, joins, fork, lasts[0])
    inner = _fork({**edges, end: lasts}, fork, end)
    start = _between(edges, joins, fork, inner)
    lanes = _lanes({**edges, end: lasts}, joins, inner, end) if inner != fork else None
    return None if start is None or lanes is None else (*start, Parallel(lanes, end))


def _behind(edges: Mapping[int, tuple[int, ...]], fork: int, last: int) -> set[int]:
    """The steps on the ways from a fork to a step."""
    inside: set[int] = set()
    todo = [last]
    while todo:
        step = todo.pop()
        if step != fork and step not in inside:
            inside.add(step)
            todo += edges[step]
    return inside

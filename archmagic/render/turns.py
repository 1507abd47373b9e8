"""The rows that are shown: as in the tree, but equal neighbours that take turns in a periodic run are one row.

The tree has a child for each position of a period: five local layers and one global make six. Shown are two,
"0–4, 6–10 … 18–22" and "5, 11 … 23", of all siblings of one type in what they differ, and of their list how they follow each
other: "4 × [5 local, 1 global]".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..story.story import Part
from ..tree import Node, Visit, differences, join, walk
from .glance import pattern, words

MOST_SIBLINGS = 64

MOST_SAID = 3
"""Numbers of a series that its name gives one by one."""

NO_ROWS: list[Row] = []
"""One for all rows that have none in them."""


@dataclass(slots=True, eq=False)
class Row:
    """A row.

    Attributes:
        visit: the node, where it stands first.
        counted, partial: what it adds to the total and whether it may hold more (outline.counted).
        above: the number of the row that it is in, -1 of the root.
        times: how many modules it stands for in the whole model.
        turn: which of the rows that take turns it is, 0 outside periodic runs.
        below: the rows directly in it.
        width: how many positions of the period it stands for.
        differs: in what it differs from its siblings of the same type.
        glance: the same in a few words, in a list that repeats; of the list how its rows follow each other.
    """

    visit: Visit
    counted: int
    partial: bool
    above: int
    times: int
    turn: int = 0
    below: list[Row] = field(default_factory=list)
    width: int = 1
    differs: str = ""
    glance: str = ""

    @property
    def name(self) -> str:
        """Its name as a person reads it: attn, 0–11, 3, 7, 0, 6 … 30, 0–4, 6–10 … 18–22."""
        repeat = self.visit.child.repeat if self.visit.child else None
        if repeat is None:
            return self.visit.name
        if repeat.step == 1:
            return f"{repeat.prefix}{repeat.first}–{repeat.last}"
        more = self.width - 1
        said = range(repeat.first, repeat.last + 1, repeat.step)
        few = said if len(said) <= MOST_SAID else (repeat.first, repeat.first + repeat.step)
        names = ", ".join(f"{repeat.prefix}{n}–{n + more}" if more else f"{repeat.prefix}{n}" for n in few)
        return names if few is said else f"{names} … {f'{repeat.last}–{repeat.last + more}' if more else repeat.last}"


def rows(
    visits: Sequence[Visit], parts: Mapping[str, Part], counts: Sequence[int], partial: Sequence[bool]
) -> tuple[list[Row], dict[str, int]]:
    """The rows, and for each path the number of the row that tells it."""
    turns = dict(_turns(visits, parts))
    found: list[Row] = []
    numbers: dict[str, int] = {}
    above: list[int] = []  # the numbers of the rows that the last one is in, and its own
    for visit, count, unknown in zip(visits, counts, partial, strict=True):
        depth = visit.depth
        del above[depth:]
        outer = above[-1] if above else -1
        turn = 0
        if turns and above:
            path = join(found[outer].visit.path, visit.name)
            leader, turn = turns.get(path, (path, 0))
            if leader != visit.path:
                number = numbers[visit.path] = numbers[leader]
                above.append(number)
                found[number].counted += count
                if leader != path:  # the first of what another row tells, and not a part of it
                    found[number].width += visit.path == path
                continue
        row = Row(visit, count, unknown, outer, visit.multiplicity, turn, [] if visit.node.children else NO_ROWS)
        if above:
            found[outer].below.append(row)
        numbers[visit.path] = len(found)
        above.append(len(found))
        found.append(row)
    for row in found:
        if len(row.below) > 1 and row.visit.node.style != "models":  # those are no siblings
            _tell_apart(row, parts)
    if turns:
        _multiply(found)
    return found, numbers


def _turns(visits: Sequence[Visit], parts: Mapping[str, Part]) -> Iterator[tuple[str, tuple[str, int]]]:
    """For each child of a periodic run the first of those beside it that are the same, and the turn of that."""
    for visit in visits:
        children = visit.node.children
        if not children or not any(child.repeat and child.repeat.period > 1 for child in children):
            continue
        first: tuple[str, Node, int] | None = None
        turn = -1
        for child in children:
            period = child.repeat.period if child.repeat else 1
            turn = (turn + 1) % period
            path = join(visit.path, child.segment)
            if period == 1:
                turn, first = -1, None
                continue
            if first is None or turn == 0 or first[1] is not child.node or not _alike(child.node, first[0], path, parts):
                first = path, child.node, turn
            yield path, (first[0], first[2])


def _alike(node: Node, path: str, other: str, parts: Mapping[str, Part]) -> bool:
    """Whether the same is said of every part of a node that stands in two places."""
    return all(parts.get(a.path) == parts.get(b.path) for a, b in zip(walk(node, path), walk(node, other), strict=True))


def _tell_apart(row: Row, parts: Mapping[str, Part]) -> None:
    """Tells of the rows in one how those of a type differ that hold parts, and of a list that repeats how they follow each other."""
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for below in row.below:
        if below.visit.node.children:
            groups[below.visit.node.type].append(below)
    for siblings in groups.values():
        if 1 < len(siblings) <= MOST_SIBLINGS:
            for sibling, text in zip(siblings, differences([s.visit.node for s in siblings]), strict=True):
                sibling.differs = text
    if len(row.below) > MOST_SIBLINGS or sum(map(len, groups.values())) < len(row.below):
        return
    if any(below.visit.child and below.visit.child.repeat for below in row.below):
        told = words(row.below, parts)
        row.glance = pattern(row.below, told)
        for below, text in zip(row.below, told, strict=True):
            below.glance = below.glance or text


def _multiply(found: Sequence[Row]) -> None:
    widths: list[int] = []  # of each row above and the row itself, all multiplied
    for row in found:
        del widths[row.visit.depth :]
        widths.append(row.width * (widths[-1] if widths else 1))
        row.times *= widths[-1]

"""The rows that are shown: as in the tree, but equal neighbours that take turns in a periodic run are one row.

The tree has a child for each position of a period: five local layers and one global make six. Shown are two,
"0–4, 6–10 … 18–22" and "5, 11 … 23", of all siblings of one type in what they differ, and of their list how they follow each
other: "4 × [5 local, 1 global]".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..story.story import Part
from ..tree import Node, Visit, differences, join, parent, walk
from .glance import pattern, words

MOST_SIBLINGS = 64


@dataclass(slots=True)
class Row:
    """A row.

    Attributes:
        visit: the node, where it stands first.
        counted, partial: what it adds to the total and whether it may hold more (rows.counted).
        turn: which of the rows that take turns it is, 0 outside periodic runs.
        width: how many positions of the period it stands for.
        times: how many modules it stands for in the whole model.
        differs: in what it differs from its siblings of the same type.
        glance: the same in a few words, in a list that repeats; of the list how its rows follow each other.
    """

    visit: Visit
    counted: int
    partial: bool
    turn: int = 0
    width: int = 1
    times: int = 1
    differs: str = ""
    glance: str = ""

    @property
    def name(self) -> str:
        """Its name as a person reads it: attn, 0–11, 0, 6 … 30, 0–4, 6–10 … 18–22."""
        repeat = self.visit.child.repeat if self.visit.child else None
        if repeat is None:
            return self.visit.name
        if repeat.step == 1:
            return f"{repeat.prefix}{repeat.first}–{repeat.last}"
        more = self.width - 1
        first, second, last = (f"{n}–{n + more}" if more else str(n) for n in (repeat.first, repeat.first + repeat.step, repeat.last))
        return f"{repeat.prefix}{first}, {second} … {last}"


def rows(
    visits: Sequence[Visit], parts: Mapping[str, Part], counts: Sequence[int], partial: Sequence[bool]
) -> tuple[list[Row], dict[str, str]]:
    """The rows, and for each path that is told by another's row, that other path."""
    turns = dict(_turns(visits, parts))
    found: dict[str, Row] = {}
    instead: dict[str, str] = {}
    above: list[str] = []  # the paths of the rows that the last one is in, and its own
    for visit, count, unknown in zip(visits, counts, partial, strict=True):
        del above[visit.depth :]
        path = join(above[-1], visit.name) if above else visit.path
        leader, turn = turns.get(path, (path, 0))
        above.append(leader)
        if leader == visit.path:
            found[leader] = Row(visit, count, unknown, turn)
            continue
        instead[visit.path] = leader
        found[leader].counted += count
        if leader != path:  # the first of what another row tells, and not a part of it
            found[leader].width += visit.path == path
    for siblings in _siblings(found.values()):
        for row, text in zip(siblings, differences([row.visit.node for row in siblings]), strict=True):
            row.differs = text
    _follow(found, parts)
    _multiply(found.values())
    return list(found.values()), instead


def _turns(visits: Sequence[Visit], parts: Mapping[str, Part]) -> Iterator[tuple[str, tuple[str, int]]]:
    """For each child of a periodic run the first of those beside it that are the same, and the turn of that."""
    for visit in visits:
        first: tuple[str, Node, int] | None = None
        turn = -1
        for child in visit.node.children:
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


def _follow(found: Mapping[str, Row], parts: Mapping[str, Part]) -> None:
    """Tells of lists that repeat how their rows follow each other."""
    lists: defaultdict[str, list[Row]] = defaultdict(list)
    for row in found.values():
        if row.visit.path:
            lists[parent(row.visit.path)].append(row)
    for path, below in lists.items():
        if not 1 < len(below) <= MOST_SIBLINGS or not all(row.visit.node.children for row in below):
            continue
        if any(row.visit.child and row.visit.child.repeat for row in below):
            told = words(below, parts)
            found[path].glance = pattern(below, told)
            for row, text in zip(below, told, strict=True):
                row.glance = row.glance or text


def _multiply(found: Iterable[Row]) -> None:
    widths: list[int] = []  # of each row above and the row itself, all multiplied
    for row in found:
        del widths[row.visit.depth :]
        widths.append(row.width * (widths[-1] if widths else 1))
        row.times = row.visit.multiplicity * widths[-1]


def _siblings(found: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows beside each other that hold parts and are of one type: those a reader must tell apart."""
    groups: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in found:
        if row.visit.node.children and row.visit.path:
            groups[parent(row.visit.path), row.visit.node.type].append(row)
    return (group for group in groups.values() if 1 < len(group) <= MOST_SIBLINGS)

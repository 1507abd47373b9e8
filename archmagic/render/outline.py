"""The rows of an explanation and what starts open: found once, for all outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..story.story import Parts
from ..tree import Visit
from .once import once
from .turns import Row, rows

if TYPE_CHECKING:
    from ..explanation import Explanation

MOST_ROWS = 48
"""As many rows as start on the screen where no depth is asked for."""


class Outline(NamedTuple):
    """The rows in order, the root first; for each path of the tree which of them tells it; and the paths that start open."""

    rows: Sequence[Row]
    numbers: Mapping[str, int]
    opened: set[str]

    @property
    def root(self) -> Row:
        return self.rows[0]

    def count_shown(self) -> int:
        """How many rows show as it starts open."""
        return sum([row.above < 0 or self.rows[row.above].visit.path in self.opened for row in self.rows])


@once
def outline(explanation: Explanation) -> Outline:
    """The rows of an explanation."""
    visits, parts = explanation.tree.visits, explanation.story.parts
    shown, numbers = rows(visits, parts, *counted(visits, parts))
    return Outline(shown, numbers, open_paths(visits, explanation.depth))


def by_level(root: Row) -> Iterator[Row]:
    """The rows level by level, so that a row's parent always comes before it."""
    level = [root]
    while level:
        yield from level
        level = [row for above in level for row in above.below]


def open_paths(visits: Sequence[Visit], depth: int | None = None) -> set[str]:
    """The paths of the nodes that start open: those less than `depth` levels down; where it is None, as many whole levels as fit.

    Their children are shown; the root is at level 0 and always opens unless `depth` is 0.
    """
    if depth is None:
        sizes = Counter([visit.depth for visit in visits])
        depth, shown = 0, 1
        while depth + 1 < len(sizes) and (depth < 1 or shown + sizes[depth + 1] <= MOST_ROWS):
            depth += 1
            shown += sizes[depth]
    return {visit.path for visit in visits if visit.depth < depth}


def counted(visits: Sequence[Visit], parts: Parts) -> tuple[list[int], list[bool]]:
    """What each row counts, and whether it may hold more: its own parameters and those of all rows below it, times the modules it
    stands for, shared ones once."""
    counts, partial = [0] * len(visits), [False] * len(visits)
    below: dict[int, tuple[int, bool]] = {}  # what the rows of each depth add up to, gathered from the last row to the first
    nothing = (0, False)
    own_of = parts.own
    for at in range(len(visits) - 1, -1, -1):
        path, _, _, depth, times, _ = visits[at]
        own = own_of(path)
        count, unknown = below.pop(depth + 1, nothing)
        if own:
            count += own * times
        unknown = unknown or own is None
        counts[at], partial[at] = count, unknown
        beside, beside_unknown = below.get(depth, nothing)
        below[depth] = (beside + count, beside_unknown or unknown)
    return counts, partial

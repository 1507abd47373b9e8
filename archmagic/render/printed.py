"""The print of an explanation, as far as an output shows it: of a deep model nearly all that it prints is indentation."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ..tree import Line, Tree, count_lines, print_lines
from .once import once

if TYPE_CHECKING:
    from ..explanation import Explanation

LOOK_AHEAD = 40
"""How far ahead a printed line that is not where it should be is looked for."""


class Print:
    """The printed lines. Where they are ours to make, no more of them are made than was asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._made: list[Line] = []
        self._rest = print_lines(tree.root)

    def within(self, most: int) -> str | None:
        """The whole text; None where it has more characters."""
        if self._tree.text is not None:
            return self._tree.text if len(self._tree.text) <= most else None
        size = -1
        for line in self._lines():
            size += len(line.text) + 1
            if size > most:
                return None
        return "\n".join([line.text for line in self._made])

    def owned(self, most: int | None = None) -> tuple[list[str], list[str | None]]:
        """The lines, and for each the path of the module it belongs to; of more than `most` the first, and how many more there are."""
        lines: list[str]
        owners: list[str | None]
        if self._tree.text is None:
            ours = list(islice(self._lines(), most))
            lines, owners = [line.text for line in ours], [line.path for line in ours]
            more = count_lines(self._tree.root) - len(lines) if len(lines) == most else 0
        else:
            whole = self._tree.text.split("\n")
            lines = whole[:most]
            more = len(whole) - len(lines)
            owners = list(_owners(lines, self._lines()))
        return ([*lines, f"... {more:,} more lines"], [*owners, None]) if more else (lines, owners)

    def _lines(self) -> Iterator[Line]:
        """The lines that our printer gives."""
        yield from self._made
        for line in self._rest:
            self._made.append(line)
            yield line


@once
def printed(explanation: Explanation) -> Print:
    """The print of an explanation."""
    return Print(explanation.tree)


def _owners(lines: list[str], ours: Iterator[Line]) -> Iterator[str | None]:
    """Whom each printed line belongs to. Where the print is not what our printer gives (a class that overrides `__repr__`, a paste with
    gaps), equal lines are paired in order."""
    ahead = deque(islice(ours, LOOK_AHEAD))
    for line in lines:
        if ahead and ahead[0].text == line:
            hit = 0
        else:
            text = line.strip()
            hit = next((at for at, other in enumerate(ahead) if other.text.strip() == text), -1)
        if hit < 0:
            yield None
            continue
        yield ahead[hit].path
        for _ in range(hit + 1):
            ahead.popleft()
        ahead.extend(islice(ours, hit + 1))

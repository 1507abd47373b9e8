"""What is told, as it travels to the view: statements once, and the sections of every level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..facts.fact import BASES
from ..story.story import Statement, Story
from ..tree import Tree, find


class Told:
    """Gathers statements, giving each a number; `ids` are the rows by path."""

    def __init__(self, tree: Tree, ids: dict[str, int]) -> None:
        self._tree, self._ids = tree, ids
        self._numbers: dict[int | Statement, int] = {}  # most are met at every level: the very same object is not compared again
        self.statements: list[list[Any]] = []

    def story(self, story: Story) -> list[Any]:
        """[summary, sections]; the summary is "" where the first section tells it. A section is [title, row, style, statements]."""
        sections = story.sections
        same = bool(sections) and " ".join(s.text for s in sections[0].statements) == story.summary
        told = [[s.title, self.row(s.path) if s.path is not None else -1, s.style, [*map(self._number, s.statements)]] for s in sections]
        return ["" if same else story.summary, told]

    def _number(self, statement: Statement) -> int:
        numbers = self._numbers
        number = numbers.get(id(statement))
        if number is None:
            number = numbers[id(statement)] = numbers.setdefault(statement, len(self.statements))
            if number == len(self.statements):
                self.statements.append([statement.text, BASES.index(statement.basis), self._rows(statement.evidence), statement.label])
        return number

    def row(self, path: str) -> int:
        """The row that a path leads to; 0, the whole, where it leads nowhere."""
        return next(iter(self._rows((path,))), 0)

    def _rows(self, paths: Sequence[str]) -> list[int]:
        """The rows that paths lead to; a path of one module in a run leads to the run's row."""
        found: dict[int, None] = {}
        for path in paths:
            at = self._ids.get(path)
            if at is None and (visit := find(self._tree.root, path)):
                at = self._ids.get(visit.path)
            if at is not None:
                found[at] = None
        return list(found)

"""The first lines of a print, and what is below them in number only. Where the print is ours to make, no more of it is made."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

from ..tree import Line, Tree, count_lines, print_lines

LOOK_AHEAD = 40
"""How far ahead a printed line that is not where it should be is looked for."""


def print_within(tree: Tree, most: int) -> str | None:
    """The print; None where it has more characters."""
    if tree.text is not None:
        return tree.text if len(tree.text) <= most else None
    lines: list[str] = []
    size = -1
    for line in print_lines(tree.root):
        size += len(line.text) + 1
        if size > most:
            return None
        lines.append(line.text)
    return "\n".join(lines)


def owned_lines(tree: Tree, most: int | None = None) -> tuple[list[str], list[str | None]]:
    """The printed lines, and for each the path of the module it belongs to; of more than `most` the first, and how many more there are."""
    lines: list[str]
    owners: list[str | None]
    if tree.text is None:
        ours = list(islice(print_lines(tree.root), most))
        lines, owners = [line.text for line in ours], [line.path for line in ours]
        more = count_lines(tree.root) - len(lines) if len(lines) == most else 0
    else:
        whole = tree.text.split("\n")
        lines = whole[:most]
        more = len(whole) - len(lines)
        owners = list(_owners(lines, print_lines(tree.root)))
    return ([*lines, f"... {more:,} more lines"], [*owners, None]) if more else (lines, owners)


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

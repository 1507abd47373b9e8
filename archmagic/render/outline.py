"""What starts open: one pass over the tree, shared by all outputs."""

from __future__ import annotations

from ..tree import Tree, walk

MOST_ROWS = 48
"""As many rows as start on the screen where no depth is asked for."""


def open_paths(tree: Tree, depth: int | None = None) -> set[str]:
    """The paths of the nodes that start open: those less than `depth` levels down; where it is None, as many whole levels as fit.

    Their children are shown; the root is at level 0 and always opens unless `depth` is 0.
    """
    levels: list[list[str]] = []
    for visit in walk(tree.root):
        if visit.depth == len(levels):
            levels.append([])
        levels[visit.depth].append(visit.path)
    if depth is None:
        depth, shown = 0, 1
        while depth + 1 < len(levels) and (depth < 1 or shown + len(levels[depth + 1]) <= MOST_ROWS):
            depth += 1
            shown += len(levels[depth])
    return {path for level in levels[:depth] for path in level}

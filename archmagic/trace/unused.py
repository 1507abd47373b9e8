"""Which parts of a model took no part in a pass."""

from __future__ import annotations

from typing import Any

from ..tree import Tree, find, walk
from .run import Pass


def never_called(tree: Tree, base: Pass, model: Any) -> tuple[str, ...]:
    """The topmost parts of which nothing was called and no weight was read, by whatever name; containers are called by nobody."""
    used = {row_of(tree, path) for path in {*base.calls, *(path for step in base.steps for path in step.reads)}}
    used |= {_holder(one) for pair in tree.shared.items() for one in pair if used & {_holder(other) for other in pair}}
    above = {row[:end] for row in used for end in (*(at for at, letter in enumerate(row) if letter == "."), len(row))}
    found: list[str] = []
    for visit in walk(tree.root):
        path = visit.path
        unused = path and path not in above and not visit.node.is_none and not (tree.shared and _elsewhere(tree, path))
        if unused and not any(path.startswith(f"{other}.") for other in (*found, *scripts(model) - {""})):
            found.append(path)
    return () if "" in scripts(model) else tuple(found)


def _elsewhere(tree: Tree, path: str) -> bool:
    """Whether a part stands elsewhere too, by itself or in a module that does: what is told of it there holds."""
    return any(path[:end] in tree.shared for end in (*(at for at, letter in enumerate(path) if letter == "."), len(path)))


def _holder(path: str) -> str:
    """The module that holds a tensor."""
    return path.rpartition(".")[0]


def scripts(model: Any) -> set[str]:
    """The paths of ScriptModules, whose parts are called where nobody sees it."""
    from torch.jit import ScriptModule

    return {path for path, module in model.named_modules() if isinstance(module, ScriptModule)}


def row_of(tree: Tree, path: str) -> str:
    """The row that a module stands in."""
    visit = find(tree.root, path)
    return visit.path if visit else path

"""Objects that hold modules: a pipeline, a list or a dict of models. Each is read as one tree with its models as children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..tree import Tree
from .module import holding, is_module, read_module

PLAIN = (list, tuple)


def modules_of(x: object) -> dict[str, Any]:
    """The modules an object holds directly: items of a list, tuple or mapping, else values of `vars(x)`. Empty where there are none."""
    if isinstance(x, PLAIN):
        items = {str(i): item for i, item in enumerate(x)}
    elif isinstance(x, Mapping):
        items = {str(name): item for name, item in x.items()}
    else:
        items = dict(getattr(x, "__dict__", {}))
    return {name: item for name, item in items.items() if is_module(item)}


def read_holder(x: object, modules: Mapping[str, Any]) -> Tree:
    """The tree of an object that holds several models; of one that holds a single one, that model's tree with a note."""
    if len(modules) == 1 and not isinstance(x, (*PLAIN, Mapping)):
        name, module = next(iter(modules.items()))
        tree = read_module(module)
        return replace(tree, notes=(*tree.notes, f"This is what {type(x).__name__} holds as {name}."))
    tree = read_module(holding(modules))
    title = f"{len(modules)} model{'s' * (len(modules) > 1)}" if isinstance(x, (*PLAIN, Mapping)) else type(x).__name__
    root = replace(tree.root, type=title, qualified=None, bases=(), source=None, style="models")
    return replace(tree, root=root, text=None)

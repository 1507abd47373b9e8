"""Objects that hold modules: a pipeline, a list or a dict of models. Each is read as one tree with its models as children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..tree import Tree
from .module import holding, is_module, read_module

PLAIN = (list, tuple)


def modules_of(x: object) -> dict[str, Any]:
    """The modules an object holds: items of a list, tuple or mapping, else values of `vars(x)`; where none of them is a module, those
    in the lists, tuples and mappings among them, as in `self.nets = {"G": ..., "D": ...}`. Empty where there are none."""
    if direct := _modules(x):
        return direct
    items = _items(x)
    inside = {name: found for name, item in items.items() if isinstance(item, (*PLAIN, Mapping)) and (found := _modules(item))}
    alone = len({name for found in inside.values() for name in found}) == sum(map(len, inside.values()))
    return {name if alone else f"{outer}_{name}": item for outer, found in inside.items() for name, item in found.items()}


def _modules(x: object) -> dict[str, Any]:
    return {name: item for name, item in _items(x).items() if is_module(item)}


def _items(x: object) -> dict[str, Any]:
    if isinstance(x, PLAIN):
        return {str(i): item for i, item in enumerate(x)}
    if isinstance(x, Mapping):
        return {str(name): item for name, item in x.items()}
    return dict(getattr(x, "__dict__", {}))


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

"""Modules that a module keeps in a plain list, tuple or dict: PyTorch does not register them, so nothing of them is in the tree."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable
from typing import Any, NamedTuple

from ..tree import Node, Unregistered, find

PLAIN = frozenset((list, tuple, dict))


class Held(NamedTuple):
    """What the attribute `name` of the module at `path` holds."""

    path: str
    name: str
    modules: tuple[Any, ...]


def modules_in(value: Any, module_class: type) -> tuple[Any, ...]:
    """The modules in a plain container; () where its first item is none."""
    items = value.values() if type(value) is dict else value
    first = next(iter(items), None)
    if not issubclass(type(first), module_class):
        return ()
    return tuple(item for item in list(items) if issubclass(type(item), module_class))


def unregistered(root: Node, held: Iterable[Held], registered: Container[Hashable]) -> tuple[Unregistered, ...]:
    """What of it has parameters and is registered nowhere else, by the row of the module that holds it, each module once. `registered`
    are the ids of the modules read."""
    counts: dict[tuple[str, str], int] = {}
    seen: set[int] = set()
    for path, name, modules in held:
        new = {id(module): module for module in modules if id(module) not in registered and id(module) not in seen}
        seen |= new.keys()
        count = sum(map(_has_parameters, new.values()))
        visit = find(root, path) if count else None
        if visit:
            row = (visit.path, name)
            counts[row] = counts.get(row, 0) + count
    return tuple(Unregistered(path, name, count) for (path, name), count in counts.items())


def _has_parameters(module: Any) -> bool:
    """Whether there are any in it, as far as it can be read; of activations and losses nothing is missed."""
    stack, seen = [module], {id(module)}
    try:
        while stack:
            tables = object.__getattribute__(stack.pop(), "__dict__")
            if any(tensor is not None for tensor in tables["_parameters"].values()):
                return True
            below = [child for child in tables["_modules"].values() if child is not None and id(child) not in seen]
            seen.update(map(id, below))
            stack += below
    except Exception:
        return False
    return False

"""Puts a model back as it was: whatever a forward pass leaves in it is taken out again, also when the pass raises.

Forward may keep things: a cached mask, a buffer grown to the length seen, the last attention in a list. After a pass on fake tensors these
would be fake tensors, on which the next real pass fails. So each module's own dictionary is noted before, one level of copies of
the containers and plain objects in it too, and put back after.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

CONTAINERS = (list, dict, set)
MOST_OBJECTS = 200_000
DEEPEST = 4


@contextmanager
def unchanged(model: Any) -> Iterator[None]:
    """Leaves the model's modules, the random number generators and torch's defaults as they were."""
    import torch

    notes = _Notes()
    for module in model.modules():
        notes.take(module)
    caches = [(cache, cache.cache_info()) for cache in _caches(model)]
    numpy = sys.modules.get("numpy")
    generators = torch.get_rng_state(), random.getstate(), numpy and numpy.random.get_state()
    dtype = torch.get_default_dtype()
    try:
        yield
    finally:
        notes.put_back()
        for cache, before in caches + [(cache, None) for cache in notes.caches]:
            if before is None or cache.cache_info().misses != before.misses:
                cache.cache_clear()  # it would go on giving out tensors of this pass
        torch.set_rng_state(generators[0])
        random.setstate(generators[1])
        if numpy is not None:
            numpy.random.set_state(generators[2])
        torch.set_default_dtype(dtype)


class _Notes:
    """What stood in dictionaries, lists and objects."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._dicts: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
        self._others: list[tuple[Any, Any]] = []
        self._classes: list[tuple[Any, type]] = []
        self.caches: list[Any] = []

    def take(self, module: Any) -> None:
        """Notes a module and what plain things it holds."""
        import torch

        self._classes.append((module, type(module)))
        stack: list[tuple[Any, int]] = [(module.__dict__, 0)]
        while stack and len(self._seen) < MOST_OBJECTS:
            thing, depth = stack.pop()
            if id(thing) in self._seen:
                continue
            self._seen.add(id(thing))
            if isinstance(thing, dict):
                self._dicts.append((thing, dict(thing)))
                parts = list(thing.values())
            else:
                self._others.append((thing, thing.copy()))
                parts = list(thing)
            if depth < DEEPEST:
                for part in parts:
                    kind = type(part)
                    if issubclass(kind, CONTAINERS):
                        stack.append((part, depth + 1))
                    elif kind.__module__ != "builtins" and not issubclass(kind, (torch.nn.Module, torch.Tensor, type)):
                        self._take_object(part, depth, stack)

    def _take_object(self, thing: Any, depth: int, stack: list[tuple[Any, int]]) -> None:
        if hasattr(type(thing), "cache_clear"):
            self.caches.append(thing)
        inner = getattr(thing, "__dict__", None)
        if type(inner) is dict and not type(thing).__module__.startswith(("torch.jit", "torch._")):
            stack.append((inner, depth + 1))

    def put_back(self) -> None:
        """Puts everything back."""
        for module, kind in self._classes:
            if type(module) is not kind:
                module.__class__ = kind
        for now, before in self._dicts:
            if now.keys() != before.keys() or any(now[key] is not value for key, value in before.items()):
                now.clear()
                now.update(before)
        for now, before in self._others:
            if isinstance(now, list):
                now[:] = before
            else:
                now.clear()
                now.update(before)


def _caches(model: Any) -> Iterator[Any]:
    """The functions with a cache in the files and classes of the model: one may keep the tensors it made. Also those inside a decorator's
    closure."""
    classes = {type(module) for module in model.modules()}
    spaces = [vars(cls) for cls in classes]
    spaces += [vars(sys.modules[name]) for name in {cls.__module__ for cls in classes} if name in sys.modules]
    seen: set[int] = set()
    for space in spaces:
        for thing in list(space.values()):
            cells = (isinstance(thing, FunctionType) and thing.__closure__) or ()
            for part in (thing, *(cell.cell_contents for cell in cells if _filled(cell))):
                if hasattr(type(part), "cache_clear") and id(part) not in seen:
                    seen.add(id(part))
                    yield part


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True

"""Finds the tensors inside whatever a module takes or gives: nested tuples, dicts, model outputs, caches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

MOST = 256
"""So many tensors of one value are looked at: a cache of keys and values may hold hundreds."""
DEEPEST = 6
PLAIN = (str, bytes, int, float, complex, bool, type(None), type)


def tensors_in(value: Any, name: str = "", most: int = MOST, objects: bool = False) -> Iterator[tuple[str, Any]]:
    """(name, tensor) of every tensor in a value, in order; names are dotted: "past_key_values.layers.0.keys".

    `objects` looks into the attributes of objects too, such as a cache that each block of a model is given.
    """
    import torch

    found, seen = 0, set[int]()
    stack: list[tuple[str, Any, int]] = [(name, value, 0)]
    while stack and found < most:
        label, item, depth = stack.pop()
        if isinstance(item, torch.Tensor):
            found += 1
            yield label, item
            continue
        if isinstance(item, PLAIN) or depth > DEEPEST or id(item) in seen:
            continue
        seen.add(id(item))
        parts = list(_parts(item, objects))
        stack += [(f"{label}.{key}" if label and key else key or label, part, depth + 1) for key, part in reversed(parts)]


def _parts(item: Any, objects: bool) -> Iterator[tuple[str, Any]]:
    import torch

    if isinstance(item, Mapping):
        yield from ((str(key), item[key]) for key in item)
    elif isinstance(item, tuple) and hasattr(item, "_fields"):
        yield from zip(item._fields, item, strict=True)
    elif isinstance(item, (list, tuple)):
        yield from ((str(at) if len(item) > 1 else "", part) for at, part in enumerate(item))
    elif is_dataclass(item) or (objects and not isinstance(item, torch.nn.Module)):
        yield from ((key, part) for key, part in getattr(item, "__dict__", {}).items() if not key.startswith("_"))


def replaced(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with `change` applied to every tensor in its lists, tuples and dicts; the same object where nothing changed."""
    import torch

    if isinstance(value, torch.Tensor):
        return change(value)
    if type(value) in (list, tuple):
        parts = [replaced(part, change) for part in value]
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else type(value)(parts)
    if type(value) is dict:
        return {key: replaced(part, change) for key, part in value.items()}
    return value

"""Plain data out of what a module carries: its attributes, its config, its class. Imports no torch; runs no property of the user's."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from types import BuiltinFunctionType, FunctionType
from typing import Any

from ..tree import Value, may_count
from .unregistered import PLAIN, Held, modules_in

LONGEST_STRING = 200
LONGEST_TUPLE = 8
DEEPEST_CONFIG = 8
ACTIVATION = re.compile(r"act|nonlin")
NAMES_ITSELF = re.compile(r"(^|_)(name|prefix|key|id|path|fqn)$")

RawAttributes = tuple[Any, ...]
"""name, type, value, name, type, value, ...: flat, since most of it is only compared; the type tells 1 from True. In place of an integer
that may only count from layer to layer stands COUNTS."""

COUNTS: Any = object()
_ABSENT: Any = object()
_EXACT = frozenset((int, bool, type(None)))


class AttributeReader:
    """Reads what a module carries."""

    def __init__(self, module_class: type) -> None:
        self._module_class = module_class
        self.held: list[Held] = []
        """The modules met in plain lists, tuples and dicts."""
        self._told: dict[tuple[str, ...], tuple[tuple[int, str, bool], ...]] = {}
        """Of the names in a module, in order, those that may tell something: where they stand, and whether an integer may count."""

    def read(self, state: Mapping[str, Any], path: str) -> tuple[RawAttributes, tuple[int, ...]]:
        """The plain scalars and short tuples in `vars(module)`, nothing private, and no string that says where the module is; and, apart,
        those integers that may only count from layer to layer."""
        names = tuple(state)
        told = self._told.get(names)
        if told is None:
            told = self._told[names] = tuple([(at, name, may_count(name)) for at, name in enumerate(names) if _tells(name)])
        if not told:
            return (), ()
        values = [*state.values()]
        found: list[Any] = []
        integers: list[int] = []
        for at, name, counts in told:
            value = values[at]
            kind = type(value)
            if kind is int:
                if counts:
                    integers.append(value)
                    value = COUNTS
            elif kind not in _EXACT and (kind is not float or not math.isfinite(value)):
                if kind in PLAIN and value and (modules := modules_in(value, self._module_class)):
                    self.held.append(Held(path, name, modules))
                    continue
                value = _activation_name(name, value) if kind in (FunctionType, BuiltinFunctionType) else plain(value)
                if value is _ABSENT or (type(value) is str and _says_where(name, value, path)):
                    continue
                kind = type(value)
                if kind is int and counts:
                    integers.append(value)
                    value = COUNTS
            found += (name, kind, value)
        return tuple(found), tuple(integers)


def _tells(name: Any) -> bool:
    return type(name) is str and name[:1] not in ("", "_") and name != "training"


def attributes_of(raw: RawAttributes, integers: Sequence[int]) -> dict[str, Value]:
    """The attributes by name."""
    if not integers:
        return dict(zip(raw[::3], raw[2::3], strict=True))
    rest = iter(integers)
    return {name: next(rest) if value is COUNTS else value for name, value in zip(raw[::3], raw[2::3], strict=True)}


def counters(raw: RawAttributes) -> tuple[str, ...]:
    """The names of the integers that may only count."""
    return tuple([name for name, value in zip(raw[::3], raw[2::3], strict=True) if value is COUNTS])


def plain(value: Any) -> Any:
    """`value` as a `Value`, or `_ABSENT` where it is neither a scalar nor a short sequence of them.

    Types are asked by `type`: `isinstance` would look at `__class__`, which may be a property of the user's.
    """
    kind = type(value)
    if kind is tuple and len(value) <= LONGEST_TUPLE and _EXACT.issuperset(map(type, value)):
        return value
    if not issubclass(kind, tuple | list):
        return _scalar(value)
    own: Any = tuple if issubclass(kind, tuple) else list
    if own.__len__(value) > LONGEST_TUPLE:
        return _ABSENT
    items = tuple(_scalar(item) for item in own.__iter__(value))
    return _ABSENT if any(item is _ABSENT for item in items) else items


def _scalar(value: Any) -> Any:
    """None, bool, int, float or short str as is; their subclasses (enumerations) and torch's small values as such; else `_ABSENT`."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if issubclass(kind, str):
        return str.__str__(value) if str.__len__(value) <= LONGEST_STRING else _ABSENT
    if issubclass(kind, int):
        return int.__int__(value)
    if issubclass(kind, float):
        number = float.__float__(value)
        return number if math.isfinite(number) else str(number)  # JSON has neither infinity nor nan
    if kind.__module__ == "torch" and kind.__name__ in ("dtype", "device", "layout", "memory_format"):
        return str(value).removeprefix("torch.")
    return _ABSENT


def _activation_name(name: str, function: Any) -> Any:
    """nn.TransformerEncoderLayer keeps its activation as a function: its name is the only thing that tells."""
    return function.__name__ if ACTIVATION.search(name) and function.__name__.isidentifier() else _ABSENT


def _says_where(name: str, value: str, path: str) -> bool:
    """Whether a string repeats the module's own path, whole, in part, or by its number ("layer_3" under h.3)."""
    if not path or not value:
        return False
    if f".{path}".endswith(f".{value}") or f".{value}".endswith(f".{path}"):
        return True
    numbers = re.findall(r"\d+", value)
    return bool(numbers) and NAMES_ITSELF.search(name) is not None and set(numbers) <= set(re.findall(r"\d+", path))


def plain_config(config: Any) -> dict[str, object] | None:
    """A model's `config` as JSON-able data: what its own `to_dict` gives, else its items or attributes. None where it has none."""
    if config is None or isinstance(config, str | int | float | type):
        return None
    to_dict = getattr(type(config), "to_dict", None)
    try:
        data = to_dict(config) if callable(to_dict) else None
    except Exception:
        data = None
    if data is None:
        data = config if isinstance(config, Mapping) else getattr(config, "__dict__", None)
    if data is None:
        slots = [name for cls in type(config).__mro__ for name in _slots(cls)]
        data = {name: getattr(config, name, None) for name in slots}
    result = _jsonable(data, DEEPEST_CONFIG)
    return result if isinstance(result, dict) and result else None


def _slots(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _jsonable(value: Any, depth: int) -> Any:
    scalar = _scalar(value)
    if scalar is not _ABSENT:
        return scalar
    if isinstance(value, str):
        return str.__str__(value)
    if depth == 0:
        return _ABSENT
    if isinstance(value, Mapping):
        items = {str(k): _jsonable(v, depth - 1) for k, v in value.items() if not (isinstance(k, str) and k.startswith("_"))}
        return {k: v for k, v in items.items() if v is not _ABSENT}
    if isinstance(value, list | tuple | set | frozenset):
        return [item for item in (_jsonable(v, depth - 1) for v in value) if item is not _ABSENT]
    if hasattr(type(value), "__dataclass_fields__"):
        return _jsonable(vars(value), depth - 1) if hasattr(value, "__dict__") else _ABSENT
    return _ABSENT

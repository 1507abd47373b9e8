"""Shapes of data through a layer, from the entry's shape texts: "(N, in_channels, H, W)" to "(N, out_channels, H_out, W_out)"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..tree import Value
from .entry import Entry
from .formula import FormulaError, evaluate

_SHAPE = re.compile(r"\(((?:[^()]|\([^()]*\))*)\)")
_COMMA = re.compile(r",\s*(?![^()\[\]]*[)\]])")
_SYMBOL = re.compile(r"[A-Z][A-Za-z_]*")


def output_shape(entry: Entry, settings: Mapping[str, Value], given: Sequence[int]) -> tuple[int, ...] | None:
    """The shape of the output for an input of shape `given`; None where the catalog cannot tell or the input does not fit.

    >>> from archmagic.catalog.lookup import entry_of
    >>> output_shape(entry_of("Linear").entry, {"in_features": 3, "out_features": 5}, (7, 2, 3))
    (7, 2, 5)
    """
    values = {**entry.defaults, **settings}
    ways = _SHAPE.findall(entry.inputs) if " or " in entry.inputs else _SHAPE.findall(entry.inputs)[:1]
    for at, way in enumerate(ways):
        bound = _bind(_elements(way), values, list(given))
        if bound is None:
            continue
        if entry.outputs == "as the input":
            return tuple(given)
        results = _SHAPE.findall(entry.outputs)
        if not results:
            return None
        return _result(_elements(results[at] if len(results) == len(ways) else results[0]), entry, {**values, **bound})
    return None


def _elements(text: str) -> list[str]:
    return [part.strip() for part in _COMMA.split(text) if part.strip()]


def _bind(elements: list[str], values: Mapping[str, Value], given: list[int]) -> dict[str, Value] | None:
    """What the letters of an input shape stand for; `*` is all that no other element takes."""
    bound: dict[str, Value] = {}
    sizes: list[Value] = []
    for element in elements:
        if element == "*" or _SYMBOL.fullmatch(element):
            sizes.append(element)
            continue
        try:
            size = evaluate(element, values)
        except FormulaError:
            return None
        sizes += size if isinstance(size, tuple) else (size,)
    if "*" in sizes:
        at = sizes.index("*")
        rest = len(given) - (len(sizes) - 1)
        if rest < 0:
            return None
        bound["*"] = tuple(given[at : at + rest])
        sizes[at : at + 1] = given[at : at + rest]
    if len(sizes) != len(given):
        return None
    for size, actual in zip(sizes, given, strict=True):
        if isinstance(size, str):
            bound[size] = actual
        elif size != actual:
            return None
    return bound


def _result(elements: list[str], entry: Entry, values: Mapping[str, Value]) -> tuple[int, ...] | None:
    shape: list[Value] = []
    try:
        known = {**values, **{name: evaluate(expression, values) for name, expression in entry.where.items()}}
        for element in elements:
            size = known["*"] if element == "*" else evaluate(element, known)
            shape += size if isinstance(size, tuple) else (size,)
    except (FormulaError, KeyError):
        return None
    return tuple(size for size in shape if isinstance(size, int)) if all(type(size) is int for size in shape) else None

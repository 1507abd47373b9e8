"""Fills the sentence templates of facts. Values go in as they are: a template's text is ours, a value's never is a template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from ..tables import table_of

FIELD = re.compile(r"\{(\w+)\}")


@cache
def templates(name: str) -> Mapping[str, str]:
    """The sentences of one TOML file, tables flattened to "table.key"."""
    return dict(_flat(table_of(name)))


def _flat(table: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in table.items():
        rows += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, str(value))]
    return rows


def fill(template: str, values: Mapping[str, object]) -> str:
    """`template` with each {name} replaced by values[name], numbers with thousands separators."""
    pieces = _pieces(template)
    if len(pieces) == 1:
        return template
    filled = list(pieces)
    filled[1::2] = [words(values[name]) for name in pieces[1::2]]
    return "".join(filled)


@lru_cache(maxsize=4096)
def _pieces(template: str) -> tuple[str, ...]:
    """The template's texts and, between them, the names of its fields."""
    return tuple(FIELD.split(template))


def words(value: object) -> str:
    """A value for people: 50257 as "50,257"."""
    if type(value) is str:  # most are
        return value
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (tuple, list)):
        return ", ".join(words(v) for v in value)
    return str(value)


def sentence(key: str, **values: object) -> str:
    """The sentence of a fact key."""
    return fill(templates("facts/sentences")[key], values)

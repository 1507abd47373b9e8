"""What attribute and class names may mean, from the catalog's roles.toml."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from ..tables import table_of

DIGITS = frozenset("0123456789[")
"""What the name of one module of a list, or of a run of them, begins with."""


@cache
def _data() -> dict[str, Any]:
    return table_of("catalog/roles")


@cache
def _pattern(table: str, role: str) -> re.Pattern[str]:
    return re.compile(_data()[table][role], re.IGNORECASE)


@lru_cache(maxsize=32768)
def named(role: str, name: str) -> bool:
    """Whether an attribute of this name may play the role: named("query", "q_proj")."""
    return _pattern("names", role).fullmatch(name) is not None


def first_role(roles: tuple[str, ...], name: str) -> str | None:
    """The first of the roles that an attribute of this name may play; None for a number, as in a list."""
    return None if name[:1] in DIGITS else _first_role(roles, name)


@lru_cache(maxsize=8192)
def _first_role(roles: tuple[str, ...], name: str) -> str | None:
    return next((role for role in roles if named(role, name)), None)


@lru_cache(maxsize=32768)
def classed(role: str, type_name: str) -> bool:
    """Whether a class of this name says so: classed("attention", "GPT2Attention")."""
    return _pattern("classes", role).fullmatch(type_name) is not None


def attribute_names(key: str) -> tuple[str, ...]:
    """The names under which modules hold a fact as an attribute."""
    return tuple(_data()["attributes"][key])


def config_names(key: str) -> tuple[str, ...]:
    """The names under which configs hold a fact."""
    return tuple(_data()["config"].get(key, ()))


def config_keys() -> tuple[str, ...]:
    return tuple(_data()["config"])


def activation_name(type_name: str) -> str | None:
    """Hugging Face's hidden_act name of a printed activation class: "gelu_new" of NewGELUActivation."""
    found = _data()["activations"].get(type_name)
    return str(found) if found else None


def adapter_kind(parts: set[str]) -> str | None:
    """The kind of adapter that has parts of these names: "LoRA" of lora_A and lora_B."""
    return next((kind for names, kind in _adapters() if names <= parts), None)


def may_adapt(words: frozenset[str]) -> bool:
    """Whether the parts of an adapter of any kind are among these names."""
    return any(names <= words for names, _ in _adapters())


@cache
def _adapters() -> tuple[tuple[frozenset[str], str], ...]:
    return tuple((frozenset(names), kind) for kind, names in _data()["adapters"].items())

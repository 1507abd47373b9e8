"""The catalog's sentences with a node's own values filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..tree import Value
from .entry import Entry

ONE = re.compile(r"(There are)?( ?\{value\} )(number|channel|head|row|step|position|filter|block|group)s\b(?! that)")
"""What is counted, where it may be one."""


def setting_texts(entry: Entry, settings: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    """(setting, what it means with this node's value) for each printed setting that the entry explains.

    A setting that is None is left out where the entry's sentence would make no sense of it.

    >>> from archmagic.catalog.lookup import entry_of
    >>> setting_texts(entry_of("Embedding").entry, {"embedding_dim": 768})
    (('embedding_dim', 'Each row is a vector of 768 numbers.'),)
    """
    meanings = entry.settings
    known = [(name, meanings[name], value) for name, value in settings.items() if name in meanings]
    return tuple([(name, _filled(text, value)) for name, text, value in known if value is not None or "None" in text])


def _filled(text: str, value: Value) -> str:
    if type(value) is int and value == 1:
        text = ONE.sub(lambda found: f"{'There is' if found[1] else ''}{found[2]}{found[3]}", text)
    return text.replace("{value}", value_text(value))


def value_text(value: Value) -> str:
    """A value for people: 50,257; 3 × 3; yes; 1e-05."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple):
        return " × ".join(map(value_text, value)) if all(type(v) is int for v in value) else str(value)
    return str(value)


def setting_meanings(entry: Entry) -> dict[str, str]:
    """What each setting means, without a node: its own name stands where the value would."""
    return {name: _meaning(name, text) for name, text in entry.settings.items()}


def _meaning(name: str, text: str) -> str:
    return text.replace(": {value}.", ".").replace("{value}", f"`{name}`")


def output_text(entry: Entry) -> str:
    """The output's shape with the arithmetic of its sizes: "(N, C, L_out), L_out = (L - kernel_size[0]) // stride[0] + 1"."""
    sizes = (f"{name} = {_always(expression)}" for name, expression in entry.where.items())
    return ", ".join([entry.outputs, *sizes]).replace(" * ", " × ")


def _always(expression: str) -> str:
    """A size's arithmetic without the condition after it under which it holds; one inside brackets is part of the arithmetic."""
    at = expression.find(" if ")
    while at >= 0 and expression[:at].count("(") > expression[:at].count(")"):
        at = expression.find(" if ", at + 1)
    return expression if at < 0 else expression[:at]

"""Finds the entry for a class: exact name, base class, name pattern, or the honest generic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .entry import Entry, Match
from .load import Catalog, catalog, fits

_PREFIX = re.compile(r"Parametrized|Lazy|FSDP")
"""What torch puts before the name of a class that it derives at run time."""


def entry_of(type: str, qualified: str | None = None, bases: Sequence[str] = ()) -> Match:
    """The entry for a module class.

    Args:
        type: the class name as printed.
        qualified: the class's full name where the module is live; a class named Linear that is not torch's is then not taken
            for torch's.
        bases: full names of the base classes in method resolution order (live only).

    Returns:
        the match; one by a name that needs more than itself (`FooAttention`) is not specific before `Match.confirm`.
    """
    return _entry_of(type, qualified, tuple(bases))


@lru_cache(maxsize=8192)
def _entry_of(type: str, qualified: str | None, bases: tuple[str, ...]) -> Match:
    known = catalog()
    if (entry := _exact(known, type, qualified)) is not None:
        return Match(entry, "class", confirmed=not entry.needs)
    for base in bases:
        if (entry := _base(known, base)) is not None:
            return Match(entry, "base", confirmed=not entry.needs)
    for pattern, name in known.patterns:
        if fits(pattern, type):
            entry = known.entry(name)
            return Match(entry, "pattern", confirmed=not entry.needs)
    for pattern, name in known.generic:
        if fits(pattern, type):
            return Match(known.entry(name), "generic")
    return generic()


def generic() -> Match:
    """The honest entry for what the catalog does not know."""
    return Match(catalog().entry("GenericModule"), "generic")


def nearest(type: str) -> tuple[str, ...]:
    """Up to three names of layer types that look like this one, whatever its case."""
    from difflib import get_close_matches  # only for a name that nobody knows

    known: dict[str, str] = {}
    for name, entry in catalog().names.items():
        if catalog().tables[entry].get("specific", True):
            known.setdefault(name.lower(), name)
    return tuple(known[name] for name in get_close_matches(type.lower(), known, 3, 0.75))


def _exact(known: Catalog, type: str, qualified: str | None) -> Entry | None:
    name, derived = known.names.get(type), False
    if name is None and (prefix := _PREFIX.match(type)):
        name, derived = known.names.get(type[prefix.end() :]), True
    if name is None:
        return None
    entry = known.entry(name)
    foreign = qualified is not None and not qualified.startswith("torch.") and not derived
    return None if foreign and entry.origin == "torch" and type == name else entry


def _base(known: Catalog, base: str) -> Entry | None:
    name = known.bases.get(base) or known.names.get(base.rpartition(".")[2])
    if name is None:
        return None
    entry = known.entry(name)
    if entry.exact:
        return None
    return entry if base in entry.bases or base.startswith("torch.") or entry.origin != "torch" else None

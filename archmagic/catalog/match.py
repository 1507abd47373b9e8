"""Finds the entry for a class: exact name, base class, name pattern, or the honest generic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .entry import Entry, How, Match
from .load import catalog

_PREFIX = re.compile(r"Parametrized|Lazy|FSDP|lora\.")
"""What libraries put before the name of a class they wrap or derive at run time."""


def entry_of(type: str, qualified: str | None = None, bases: Sequence[str] = ()) -> Match:
    """The entry for a module class.

    Args:
        type: the class name as printed.
        qualified: the class's full name where the module is live; a class named Linear that is not torch's is then not taken
            for torch's.
        bases: full names of the base classes in method resolution order (live only).
    """
    return _entry_of(type, qualified, tuple(bases))


@lru_cache(maxsize=8192)
def _entry_of(type: str, qualified: str | None, bases: tuple[str, ...]) -> Match:
    if (entry := _exact(type, qualified)) is not None:
        return Match(entry, "class")
    for base in bases:
        if (entry := _base(base)) is not None:
            return Match(entry, "base")
    known = catalog()
    searches: tuple[tuple[How, tuple[tuple[re.Pattern[str], Entry], ...]], ...]
    searches = (("pattern", known.patterns), ("generic", known.generic))
    for how, patterns in searches:
        for pattern, entry in patterns:
            if pattern.match(type):
                return Match(entry, how)
    return Match(known.entries["Module"], "generic")


def _exact(type: str, qualified: str | None) -> Entry | None:
    known = catalog()
    entry = known.names.get(type)
    if entry is None and (prefix := _PREFIX.match(type)):
        entry = known.names.get(type[prefix.end() :])
    if entry is None or qualified is None or not is_torch(entry):
        return entry
    return entry if qualified.startswith(("torch.", "abc.")) or _made_by_torch(type) else None


def _made_by_torch(type: str) -> bool:
    """Whether the class name carries a prefix that torch itself puts there at run time."""
    return type.startswith(("Parametrized", "FSDP"))


def _base(base: str) -> Entry | None:
    known = catalog()
    if (entry := known.bases.get(base)) is not None:
        return entry
    name = base.rpartition(".")[2]
    entry = known.names.get(name)
    if entry is None or (is_torch(entry) and not base.startswith("torch.")):
        return None
    return entry


def is_torch(entry: Entry) -> bool:
    """Whether the entry is about a class of torch itself."""
    return entry.docs is not None and entry.docs.startswith("https://docs.pytorch.org/docs/stable/")

"""The words that an explanation uses and a reader may not know, from the catalog's glossary."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from ..catalog.lookup import terms_in, terms_of
from .story import Section, Statement
from .telling import Telling


def terms(telling: Telling, sections: Iterable[Section]) -> tuple[list[Section], dict[str, str]]:
    """For beginners, a section with each glossary term that is told to them, in the order of first use; and every term that any level or
    the meaning of another term uses."""
    told = [statement for section in sections for statement in section.statements]
    known = terms_in(" ".join([s.text for s in told if "beginner" in s.levels]))
    rows = tuple([_row(term, meaning) for term, meaning in known.items()])
    every = known | terms_in(" ".join([s.text for s in told if "beginner" not in s.levels]), known)
    for term in known:
        every |= terms_of(term)
    return [Section(telling.text("names.terms"), rows, style="parts")] if rows else [], every


@cache
def _row(term: str, meaning: str) -> Statement:
    return Statement(meaning, label=term, levels=("beginner",))

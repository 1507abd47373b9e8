"""The words that an explanation uses and a beginner may not know, from the catalog's glossary."""

from __future__ import annotations

from collections.abc import Iterable

from ..catalog.lookup import terms_in
from .story import Section, Statement
from .telling import Telling


def terms(telling: Telling, sections: Iterable[Section]) -> list[Section]:
    """For beginners, a section with each glossary term that the sections use, in the order of first use."""
    text = " ".join(statement.text for section in sections for statement in section.statements if "beginner" in statement.levels)
    rows = tuple(Statement(meaning, label=term, levels=("beginner",)) for term, meaning in terms_in(text).items())
    return [Section(telling.text("names.terms"), rows, style="parts")] if rows else []

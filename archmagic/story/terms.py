"""The words that an explanation uses and a beginner may not know, from the catalog's glossary."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..catalog.lookup import glossary
from .story import Section, Statement
from .telling import Telling


def terms(telling: Telling, sections: Iterable[Section]) -> list[Section]:
    """For beginners, a section with each glossary term that the sections use, in the order of first use."""
    if telling.level != "beginner":
        return []
    text = " ".join(statement.text for section in sections for statement in section.statements)
    found = [(match.start(), term, meaning) for term, meaning in glossary().items() if (match := _uses(term, text))]
    rows = tuple(Statement(meaning, label=term) for _, term, meaning in sorted(found))
    return [Section(telling.text("names.terms"), rows, style="parts")] if rows else []


def _uses(term: str, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<!\w){re.escape(term)}s?(?!\w)", text, re.IGNORECASE)

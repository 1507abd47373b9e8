"""Which of the glossary's terms a text uses."""

from __future__ import annotations

import re

from .load import glossary


def terms_in(text: str) -> dict[str, str]:
    """Each term that the text uses, alone or in the plural, with its meaning, in the order of first use."""
    lowered = text.lower()  # Looking for a term costs little where it does not occur at all, as most do not.
    found = []
    for term, meaning in glossary().items():
        if term.lower() in lowered and (match := _use(term, text)):
            found.append((match.start(), term, meaning))
    return {term: meaning for _, term, meaning in sorted(found)}


def _use(term: str, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<!\w){re.escape(term)}s?(?!\w)", text, re.IGNORECASE)

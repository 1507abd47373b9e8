"""Which of the glossary's terms a text uses."""

from __future__ import annotations

from .load import glossary


def terms_in(text: str) -> dict[str, str]:
    """Each term that the text uses, alone or in the plural, with its meaning, in the order of first use."""
    lowered = text.lower()
    found = ((_first_use(term.lower(), lowered), term, meaning) for term, meaning in glossary().items())
    return {term: meaning for at, term, meaning in sorted(found) if at >= 0}


def _first_use(term: str, text: str) -> int:
    """Where the term stands as a word of its own; -1 where it does not."""
    at = text.find(term)
    while at >= 0:
        end = at + len(term)
        end += text[end : end + 1] == "s"
        if not (_is_letter(text[at - 1 : at]) or _is_letter(text[end : end + 1])):
            return at
        at = text.find(term, at + 1)
    return -1


def _is_letter(character: str) -> bool:
    """Whether the character goes on with a word: "decoder-only" is not a use of "decoder"."""
    return character.isalnum() or (character in "_-" and character != "")

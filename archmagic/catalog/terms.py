"""Which of the glossary's terms a text uses."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from .load import glossary

WORD = re.compile(r"\w+")


def terms_in(text: str) -> dict[str, str]:
    """Each term that the text uses, alone or in the plural, with its meaning, in the order of first use."""
    lowered = text.lower()
    by_word = _by_first_word()
    # Most terms are not there, which takes longest to find out; most words come again and again.
    words = by_word.keys() & set(WORD.findall(" ".join(set(lowered.split()))))
    found = {term: at for word in words for term in by_word[word] if (at := _first_use(term.lower(), lowered)) >= 0}
    return {term: glossary()[term] for term in sorted(found, key=lambda term: (found[term], term))}


@cache
def terms_of(term: str) -> dict[str, str]:
    """The terms that the meaning of a term uses."""
    return terms_in(glossary()[term])


@cache
def _by_first_word() -> dict[str, list[str]]:
    """The terms by each first word that a text using them may have."""
    terms: defaultdict[str, list[str]] = defaultdict(list)
    for term in glossary():
        first = WORD.findall(term.lower())[0]
        terms[first].append(term)
        if first == term.lower():
            terms[f"{first}s"].append(term)
    return dict(terms)


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

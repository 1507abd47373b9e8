"""Which of the glossary's terms a text uses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container
from functools import cache, lru_cache

from .load import glossary

WORD = re.compile(r"\w+")


def terms_in(text: str, known: Container[str] = ()) -> dict[str, str]:
    """Each term that the text uses, alone or in the plural, with its meaning, in the order of first use; not those `known`."""
    meanings, lowered = glossary(), text.lower()
    terms = set().union(*map(_begun_in, set(lowered.split())))  # most terms are not there, which takes longest to find out
    padded = f" {lowered} "
    found = [(at, term) for term, low in terms if term not in known and (at := _first_use(low, padded)) >= 0]
    return {term: meanings[term] for _, term in sorted(found)}


@cache
def terms_of(term: str) -> dict[str, str]:
    """The terms that the meaning of a term uses."""
    return terms_in(glossary()[term])


@lru_cache(maxsize=8192)
def _begun_in(letters: str) -> tuple[tuple[str, str], ...]:
    """The terms that may begin in letters between two spaces; the same words come again and again."""
    return tuple([term for word in WORD.findall(letters) for term in _by_first_word().get(word, ())])


@cache
def _by_first_word() -> dict[str, list[tuple[str, str]]]:
    """The terms, each also in lower case, by every first word that a text using them may have."""
    terms: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for term in glossary():
        lowered = term.lower()
        first = WORD.findall(lowered)[0]
        terms[first].append((term, lowered))
        if first == lowered:
            terms[f"{first}s"].append((term, lowered))
    return dict(terms)


def _first_use(term: str, text: str) -> int:
    """Where the term stands as a word of its own in a text with a space at either end; -1 where it does not: "decoder-only" is not a use
    of "decoder"."""
    at = text.find(term)
    while at >= 0:
        end = at + len(term)
        end += text[end] == "s"
        before, after = text[at - 1], text[end]
        if not (before.isalnum() or after.isalnum() or before in "_-" or after in "_-"):
            return at
        at = text.find(term, at + 1)
    return -1

"""What is known of each class in a model, told once however many nodes are of it."""

from __future__ import annotations

import re
from functools import lru_cache

from ..facts import Findings
from ..facts.places import Place
from ..tree import Node
from .story import About

MARKUP = re.compile(r":\w+(?::\w+)?:(?=`)|\[([^\]]*)\]\([^)]*\)|`[^`<]*<[^>`]*>`_|[`*]+|\[(?=`)|(?<=`)\]")
"""Marks of Markdown and reStructuredText: roles, links (of which the text stays), stress and code."""


def library_words(node: Node) -> str:
    """The class's own docstring as plain text; "" where there is none or it only repeats the signature, as a dataclass's does."""
    return _plain_words(node.doc) if node.doc and not node.doc.startswith(f"{node.type}(") else ""


@lru_cache(maxsize=1024)
def _plain_words(doc: str) -> str:
    return " ".join(MARKUP.sub(r"\1", doc).split())


def find_abouts(findings: Findings) -> dict[str, About]:
    """What is known of each class in the model, by the key that its parts hold."""
    found: dict[str, About] = {}
    for place in findings.places.all:
        if (place.node.qualified or place.node.type) not in found and (key := class_key(place)):
            entry, library = place.match.entry, library_words(place.node)
            known = place.match.specific
            found[key] = About(entry.why, entry.formula, entry.pitfalls, entry.paper, library) if known else About(library=library)
    return found


def class_key(place: Place) -> str:
    """The key of what is known of the place's class; "" where nothing is."""
    known = place.match.specific or library_words(place.node)
    return (place.node.qualified or place.node.type) if known and not place.node.is_none else ""

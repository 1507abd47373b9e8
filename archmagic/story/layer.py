"""A single layer without parts, explained by itself: why it is there, its mathematics, its own settings, what people get wrong."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog.lookup import output_text
from .story import Section, Statement
from .telling import Telling


def layer(telling: Telling) -> list[Section]:
    """One section where the whole model is one layer of a known type; else none."""
    root = telling.findings.places.root
    if root.kids or not root.match.specific:
        return []
    return [Section(telling.text("names.layer"), tuple(_rows(telling)), "", "parts")]


def _rows(telling: Telling) -> Iterator[Statement]:
    root = telling.findings.places.root
    entry, part = root.match.entry, telling.parts[""]
    named = (
        ("Why", entry.why),
        ("Formula", entry.formula),
        ("Parameters", part.arithmetic),
        ("Input", entry.inputs),
        ("Output", output_text(entry) if entry.outputs else ""),
    )
    for label, text in (*named, *part.settings, *(("Note", text) for text in entry.pitfalls)):
        if text:
            yield Statement(text if text.endswith((".", ")")) else f"{text}.", part.basis, ("",), label=label)

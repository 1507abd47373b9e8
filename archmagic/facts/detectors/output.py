"""The output head, and whether it shares the token table's weight."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..sentence import sentence


def tying(findings: Findings) -> Iterator[Fact]:
    """tie_word_embeddings: measured on a live model; on a print the family's convention, assumed, or nothing."""
    for head, table in findings.vocabulary_heads[:1]:
        evidence = (head.place.path, table.place.path)
        if findings.tree.source == "module":
            tied = _tied(findings, head.place.path, table.place.path)
            text = sentence("tie_word_embeddings", head=evidence[0], table=evidence[1], shares="shares" if tied else "does not share")
            yield Fact("tie_word_embeddings", tied, "measured", "", evidence, text=text)
            continue
        family = findings.get("family")
        if family and findings.conventions.get("tie_word_embeddings"):
            text = sentence("tie_word_embeddings_assumed", head=evidence[0], table=evidence[1], family=family.value)
            findings.assumed_ties[head.place] = f"{table.place.path}.weight"
            yield Fact("tie_word_embeddings", True, "assumed", "", evidence, (("family", ""),), text)


def _tied(findings: Findings, head: str, table: str) -> bool:
    names = [f"{path}.{suffix}" for path in (head, table) for suffix in ("weight", "base_layer.weight")] + [head, table]
    shared = findings.tree.shared
    first = {shared.get(n, n) for n in names if n.startswith(head)}
    second = {shared.get(n, n) for n in names if n.startswith(table)}
    return bool(first & second)

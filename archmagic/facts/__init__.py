"""Facts: what is true of a model, how far to trust it, and what it rests on."""

from __future__ import annotations

from ..tree import Tree
from .detectors import DETECTORS
from .fact import BASES, Basis, Fact, Facts, weakest
from .findings import Findings

__all__ = ["BASES", "Basis", "Fact", "Facts", "Findings", "find_facts", "weakest"]


def find_facts(tree: Tree) -> Findings:
    """Runs every detector over the tree. (key, scope) stays unique: the first to tell it is believed."""
    findings = Findings(tree)
    for detector in DETECTORS:
        for fact in detector(findings):
            if findings.get(fact.key, fact.scope) is None:
                findings.found.append(fact)
    return findings

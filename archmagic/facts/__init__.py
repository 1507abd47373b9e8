"""Facts: what is true of a model, how far to trust it, and what it rests on."""

from __future__ import annotations

from dataclasses import replace

from ..tree import Tree, join
from .detectors import DETECTORS, SIZES
from .fact import BASES, Basis, Fact, Facts, weakest
from .findings import Findings

__all__ = ["BASES", "Basis", "Fact", "Facts", "Findings", "find_facts", "weakest"]


def find_facts(tree: Tree) -> Findings:
    """Runs every detector over the tree. (key, scope) stays unique: the first to tell it is believed.

    Several models read together are looked at one by one; only their sizes are also told of all."""
    findings = Findings(tree)
    if tree.root.style == "models":
        findings.inner = {child.segment: find_facts(_alone(tree, child.segment)) for child in tree.root.children}
        for segment, inner in findings.inner.items():
            for fact in inner.found:
                findings.add(_within(segment, fact))
    for detector in SIZES if findings.inner else DETECTORS:
        for fact in detector(findings):
            findings.add(fact)
    return findings


def _alone(tree: Tree, segment: str) -> Tree:
    """One of several models as a tree of its own, with what it shares inside itself."""
    node = next(child.node for child in tree.root.children if child.segment == segment)
    start = f"{segment}."
    inside = {s[len(start) :]: t[len(start) :] for s, t in tree.shared.items() if s.startswith(start) and t.startswith(start)}
    unseen = tuple(u._replace(path=u.path[len(start) :]) for u in tree.unregistered if f"{u.path}.".startswith(start))
    return Tree(node, tree.source, inside, unregistered=unseen)


def _within(segment: str, fact: Fact) -> Fact:
    return replace(
        fact,
        scope=join(segment, fact.scope) if fact.scope else segment,
        evidence=tuple(join(segment, path) if path else segment for path in fact.evidence),
        sources=tuple((key, join(segment, scope) if scope else segment) for key, scope in fact.sources),
    )

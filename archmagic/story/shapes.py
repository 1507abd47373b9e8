"""The data's shape through a product, a table or a norm of a tower over tokens or patches."""

from __future__ import annotations

from ..facts import Findings
from ..facts.places import Place
from ..facts.stacks import Tower


class Shapes:
    """What is the same for all parts of a model, looked up once, and the shapes through each."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._towers = [(t.place, [stack.holder for stack in t.stacks], _letter(findings, t)) for t in findings.towers]
        self._tables = {e.place: e.width for e in findings.embeddings if e.role == "token"}
        self._heads = {head.place for head, _ in findings.vocabulary_heads}

    def of(self, place: Place) -> str | None:
        """ "(B, T, 768) → (B, T, 2304)"; None where it is not known."""
        for tower, holders, letter in self._towers:
            if tower.index <= place.index < tower.end:
                return self._within(place, holders, letter) if letter else None
        return None

    def _within(self, place: Place, holders: list[Place], letter: str) -> str | None:
        if place in self._tables:
            return f"(B, {letter}) → (B, {letter}, {self._tables[place]})"
        found = self._findings.places.linear(place)
        n_in, n_out = (found.n_in, found.n_out) if found else (None, None)
        if not (n_in and n_out):
            n_in, n_out = self._findings.assumed_shapes.get(place, (None, None))
        if not (n_in and n_out) or not (place in self._heads or any(h.index <= place.index < h.end for h in holders)):
            return None
        return f"(B, {letter}, {n_in}) → (B, {letter}, {n_out})"


def _letter(findings: Findings, tower: Tower) -> str | None:
    """What counts positions in a tower's shapes: tokens or patches; None where it works on something else."""
    if tower.main.stages:
        return None
    return "T" if findings.embeddings_of(tower, "token") else "N" if findings.patches(tower) else None

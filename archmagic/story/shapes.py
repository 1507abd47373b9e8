"""The data's shape through a product, a table or a norm of a tower over tokens or patches."""

from __future__ import annotations

from ..facts import Findings
from ..facts.places import Place
from ..facts.stacks import Tower


class Shapes:
    """What is the same for all parts of a model, looked up once, and the shapes through each."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._letters = [(tower, _letter(findings, tower)) for tower in findings.towers]
        self._tables = {e.place: e.width for e in findings.embeddings if e.role == "token"}
        self._heads = {head.place for head, _ in findings.vocabulary_heads}

    def of(self, place: Place) -> str | None:
        """ "(B, T, 768) → (B, T, 2304)"; None where it is not known."""
        index = place.index
        tower, letter = next(((t, x) for t, x in self._letters if t.place.index <= index < t.place.end), (None, None))
        if tower is None or letter is None:
            return None
        if place in self._tables:
            return f"(B, {letter}) → (B, {letter}, {self._tables[place]})"
        if place not in self._heads and not any(s.holder.index <= index < s.holder.end for s in tower.stacks):
            return None
        n_in, n_out = self._findings.assumed_shapes.get(place, (None, None))
        found = self._findings.places.linear(place)
        if found and found.n_in and found.n_out:
            n_in, n_out = found.n_in, found.n_out
        return f"(B, {letter}, {n_in}) → (B, {letter}, {n_out})" if n_in and n_out else None


def _letter(findings: Findings, tower: Tower) -> str | None:
    """What counts positions in a tower's shapes: tokens or patches; None where it works on something else."""
    if tower.main.stages:
        return None
    return "T" if findings.embeddings_of(tower, "token") else "N" if findings.patches(tower) else None

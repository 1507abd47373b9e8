"""What all sections share: statements with their basis, from templates and facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..facts import Basis, Fact, Findings, weakest
from ..facts.places import Place
from ..facts.sentence import fill, templates
from ..facts.stacks import Tower
from ..options import LEVELS, Level
from . import words
from .roles import Role
from .story import Parts, Statement


@dataclass(eq=False)
class Telling:
    """The findings, roles and parts that an explanation is told from."""

    findings: Findings
    roles: dict[Place, Role]
    parts: Parts
    described: dict[Level, set[str]] = field(default_factory=lambda: {level: set() for level in LEVELS})
    """Layer types that the explanation at each level has described already."""
    flowed: set[str] = field(default_factory=set)
    """Paths of what the steps of the data flow tell of."""

    def say(
        self,
        key: str,
        *,
        facts: Iterable[Fact | None] = (),
        basis: Basis = "measured",
        evidence: Iterable[Place | str | None] = (),
        label: str = "",
        levels: tuple[Level, ...] = LEVELS,
        **values: object,
    ) -> Statement:
        """A statement from a template; its basis is the weakest of its own and its facts'."""
        known = [f for f in facts if f]
        paths = [p.path if isinstance(p, Place) else p for p in evidence if p is not None]
        told: tuple[tuple[str, str], ...] = ()
        if known:
            paths += [path for f in known for path in f.evidence]
            told = tuple([(f.key, f.scope) for f in known])
            basis = weakest([basis, *[f.basis for f in known]])
        return Statement(self.text(key, **values), basis, tuple(dict.fromkeys(paths))[:8], told, label, levels)

    def fact(self, key: str, tower: Tower | None = None) -> Fact | None:
        """The tower's own fact, else the whole model's."""
        return (self.findings.get(key, tower.scope) if tower else None) or self.findings.get(key)

    def known(self, keys: Iterable[str], tower: Tower | None = None, levels: tuple[Level, ...] = LEVELS) -> Iterator[Statement]:
        """Facts of these keys in their own words: those of the tower and its parts, or of the whole model."""
        wanted, inside = frozenset(keys), tower.scope if tower else ""
        for fact in self.findings.found:
            within = not tower or not inside or fact.scope == inside or fact.scope.startswith(f"{inside}.")
            if fact.key in wanted and within and fact.text:
                yield Statement(fact.text, fact.basis, fact.evidence[:8], ((fact.key, fact.scope),), levels=levels)

    def text(self, key: str, **values: object) -> str:
        return fill(templates("story/sentences")[key], values)

    @property
    def printed(self) -> bool:
        return self.findings.tree.source == "print"


def name(place: Place) -> str:
    """What prose calls a part: its attribute name, with its parent's where the name is only a number."""
    if place.name.startswith("[") or place.name.isdecimal():
        return f"{place.parent.name}.{place.name}" if place.parent and place.parent.path else place.name
    return place.name or place.node.type


__all__ = ["Telling", "name", "words"]

"""Gives places their roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from ...facts import Basis, Findings
from ...facts.places import Place
from ...facts.sentence import fill, templates
from .. import words


@dataclass(eq=False)
class Role:
    """What a part is here: its title and kind, and a sentence with its basis; `values` are those filled into the sentence."""

    key: str
    sentence: str
    basis: Basis
    values: Mapping[str, object]

    @cached_property
    def text(self) -> str:
        """The sentence, filled in when it is first asked for: of thousands of parts few are told."""
        return fill(_wording(self.key, self.sentence).sentence, self.values)

    @property
    def title(self) -> str:
        return _wording(self.key, self.sentence).title

    @property
    def kind(self) -> str:
        return _wording(self.key, self.sentence).kind


class _Wording(NamedTuple):
    """What roles.toml has for a role with one of its sentences."""

    sentence: str
    title: str
    kind: str


@cache
def _wording(key: str, sentence: str) -> _Wording:
    table = templates("story/roles")
    title = table.get(f"{key}.{sentence}_title") or table[f"{key}.title"]
    return _Wording(table[f"{key}.{sentence}"], title, table[f"{key}.kind"])


class Assigner:
    """Collects the roles of a model's places; the first role given to a place stays."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.places = findings.places
        self.roles: dict[Place, Role] = {}

    def give(self, place: Place | None, key: str, sentence: str = "text", basis: Basis = "measured", **values: object) -> None:
        """Gives a place its role, unless it has one already."""
        if place is not None and place not in self.roles:
            self.roles[place] = Role(key, sentence, basis, values)

    def sizes_of(self, place: Place) -> tuple[int | None, int | None, Basis]:
        """(n_in, n_out) of a product and whether they are measured or a convention's."""
        if place in self.findings.assumed_shapes:
            return *self.findings.assumed_shapes[place], "assumed"
        found = self.places.linear(place)
        return (found.n_in, found.n_out, "measured") if found else (None, None, "measured")

    def dropout(self, place: Place, key: str, part: str = "the sub-layer") -> None:
        p = place.node.get("p")
        if type(p) is not float and type(p) is not int:
            return
        if not p:
            self.give(place, "inner_dropout", "off")
            return
        basis: Basis = "measured" if key == "inner_dropout" else "named"
        self.give(place, key, basis=basis, percent=words.percent(float(p)), part=part)


def around(wrapper: Place, inner: Place) -> str:
    """ "layer_norm and dropout": what a wrapper holds beside the part it wraps; "" for nothing."""
    beside = [k.name for k in wrapper.kids if not k.index <= inner.index < k.end]
    return words.listing(beside)

"""What each part does here: roles from the structure found, in sentences from roles.toml."""

from __future__ import annotations

from ...facts import Findings
from ...facts.names import classed
from ...facts.places import Place
from .assigner import Assigner, Role
from .ends import assign_ends, assign_tower
from .feed_forward import assign_mixtures

__all__ = ["Role", "find_roles"]


def find_roles(findings: Findings) -> dict[Place, Role]:
    """The role of every place that has one."""
    to = Assigner(findings)
    assign_ends(to)
    assign_mixtures(to)
    for tower in findings.towers:
        assign_tower(to, tower)
    assign_rest(to)
    return to.roles


def assign_rest(to: Assigner) -> None:
    for place in to.places.all:
        found = to.places.linear(place)
        if found and found.n_in and found.n_out:
            to.give(place, "linear", n_in=found.n_in, n_out=found.n_out)
        if place.node.type.startswith("Dropout"):
            to.dropout(place, "inner_dropout")
        elif classed("rotary", place.node.type) and to.findings.towers:
            to.give(place, "rotary", basis="named")

"""Roles of what holds several towers, and of what stands between them."""

from __future__ import annotations

from ...facts.chains import find_chains
from ...facts.places import Place
from ...facts.stacks import Tower
from .. import words
from .assigner import Assigner

MOST_MERGED = 64


def assign_connectors(to: Assigner) -> None:
    """The roles of what stands between towers of different widths and a tower that reads tokens, by what it takes and gives."""
    towers = to.findings.towers
    holders = [place for place in to.places.all if len(_holding(place, towers)) > 1] if len(towers) > 1 else []
    for holder in holders:
        free = [kid for kid in holder.kids if not any(_overlap(kid, tower.place) for tower in towers)]
        made = [(kid, chain) for kid in free if (chain := find_chains(to.places, kid).get(kid)) and chain.products]
        for kid, chain in made:
            if sum(other.n_out == chain.n_out for _, other in made) == 1:  # two into one width make a space that both towers share
                _assign_connector(to, towers, kid, chain.n_in, chain.n_out)


def assign_joined(to: Assigner) -> None:
    """The roles of what holds several towers, and the connectors between them."""
    towers = to.findings.towers
    for place in to.places.all if len(towers) > 1 else ():
        if len(_holding(place, towers)) > 1:
            _assign_holder(to, place, towers)


def _holding(place: Place, towers: list[Tower]) -> list[Place]:
    """The place's own parts that have towers inside."""
    return [kid for kid in place.kids if any(kid.index <= t.place.index < kid.end for t in towers)]


def _overlap(a: Place, b: Place) -> bool:
    return a.index < b.end and b.index < a.end


def _assign_connector(to: Assigner, towers: list[Tower], place: Place, n_in: int, n_out: int) -> None:
    widths = [(tower, found[0]) for tower in towers if (found := to.findings.width(tower))]
    targets = [tower for tower, width in widths if width == n_out and to.findings.embeddings_of(tower, "token")]
    sources = [(tower, width, n_in // width) for tower, width in widths if n_in % width == 0 and n_in // width <= MOST_MERGED]
    sources = [row for row in sources if row[1] != n_out]
    if len(targets) != 1 or len(sources) != 1:
        return
    source, width, several = sources[0]
    values = {"source": source.place.name, "target": targets[0].place.name, "width": width, "n_out": n_out}
    to.give(place, "connector", "merging" if several > 1 else "text", "named", **values, several=words.count(several))


def _assign_holder(to: Assigner, place: Place, towers: list[Tower]) -> None:
    holding = _holding(place, towers)
    inside = [t for t in towers if place.index <= t.place.index < place.end]
    if len(inside) == 2 and inside[1].cross and not inside[0].cross and len(holding) == 2:
        to.give(place, "joined", "pair", "named", encoder=holding[0].name, decoder=holding[1].name)
        return
    connectors = [kid.name for kid in place.kids if kid in to.roles and to.roles[kid].key == "connector"]
    by = f", connected by {words.listing(connectors)}" if connectors else ""
    names = [f"{kid.name}{_what(to, kid)}" for kid in holding]
    to.give(place, "joined", basis="named", towers=words.listing(names), connectors=by)


def _what(to: Assigner, place: Place) -> str:
    """ " (vision tower)"."""
    role = to.roles.get(place)
    known = role.title if role and role.key == "tower" else ""
    title = known or (place.match.entry.title if place.match.specific else "")
    return f" ({words.uncapital(title)})" if title else ""

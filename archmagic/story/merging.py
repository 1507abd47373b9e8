"""What leads from one stage of a hierarchy to the next by putting the vectors of neighbours side by side, as Swin's patch merging does."""

from __future__ import annotations

from dataclasses import dataclass

from ..facts import Findings
from ..facts.heads import norm_width
from ..facts.places import Linear, Place
from ..facts.stacks import Stack, Tower

NEIGHBOURS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Merging:
    """The product of four vectors to one, the norm of all four before it, and the module that is there for both alone, if there is one."""

    product: Linear
    norm: Place | None
    holder: Place | None


def merging(findings: Findings, tower: Tower, before: Stack, after: Stack) -> Merging | None:
    """What stands between the two: a product that takes four times the one's width and gives the other's."""
    narrow, wide = findings.width(tower, before), findings.width(tower, after)
    if not (narrow and wide):
        return None
    for place in findings.places.all[before.holder.end : after.holder.index]:
        found = findings.places.linear(place)
        if found and (found.n_in, found.n_out) == (NEIGHBOURS * narrow[0], wide[0]):
            around = place.parent
            beside = [kid for kid in around.kids if kid is not place] if around else []
            norm = next((kid for kid in beside if kid.kind == "normalization" and norm_width(kid) == found.n_in), None)
            alone = around is not None and all(not kid.kids for kid in around.kids)
            return Merging(found, norm, around if alone else None)
    return None

"""Mixers without attention: state-space layers (Mamba) and their relatives, by their projections in and out."""

from __future__ import annotations

from dataclasses import dataclass

from .names import classed, named
from .places import Place, Places


@dataclass(frozen=True, slots=True, eq=False)
class Mixer:
    """One mixer.

    Attributes:
        place: the module that holds its projections.
        width: features that come in and go out; inner: features of its inner stream, which its last projection reads.
        convolved: whether a short convolution stands between the projections, as in Mamba.
    """

    place: Place
    width: int
    inner: int
    convolved: bool


def find_mixers(places: Places, block: Place) -> list[Mixer]:
    """The mixers in a block, told by their class or name and by a projection in and one out of one width."""
    found: list[Mixer] = []
    for place in places.under(block):
        says = place.kind == "mixer" or classed("mixer", place.node.type) or named("mixer", place.attribute)
        if not says or any(m.place.index <= place.index < m.place.end for m in found):
            continue
        last = next((linear for kid in place.kids if kid.name == "out_proj" and (linear := places.linear(kid))), None)
        first = next((linear for kid in place.kids if kid.name.startswith("in_proj") and (linear := places.linear(kid))), None)
        if last and first and last.n_in and last.n_out and first.n_in == last.n_out:
            found.append(Mixer(place, last.n_out, last.n_in, any(kid.kind == "convolution" for kid in place.kids)))
    return found

"""Mixers without attention: state-space layers (Mamba) and their relatives, by their projections in and out; products over positions, as in
MLP-Mixers; Fourier transforms and pooling, by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .heads import norm_width
from .names import classed, named
from .places import Linear, Place, Places


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
        says = place.kind == "mixer" or classed("mixer", place.node.type) or named("mixer", place.attribute) or is_state_space(place)
        if not says or any(m.place.index <= place.index < m.place.end for m in found):
            continue
        last = next((linear for kid in place.kids if kid.name == "out_proj" and (linear := places.linear(kid))), None)
        first = next((linear for kid in place.kids if kid.name.startswith("in_proj") and (linear := places.linear(kid))), None)
        if last and first and last.n_in and last.n_out and first.n_in == last.n_out:
            found.append(Mixer(place, last.n_out, last.n_in, any(kid.kind == "convolution" for kid in place.kids)))
    return found


def is_state_space(place: Place) -> bool:
    """Whether a module is built as Mamba's: a short convolution between a product in and one out."""
    return {"in_proj", "conv1d", "out_proj"} <= {kid.name for kid in place.kids}


def over_positions(places: Places, block: Place) -> Place | None:
    """The module in a block whose products run over the positions, not over each one's vector: they take and give another number than the
    block's norms are wide. None where there is none, or no norm tells the width."""
    widths = {norm_width(kid) for kid in block.kids if kid.kind == "normalization"} - {None}
    if len(widths) != 1:
        return None
    groups: dict[Place, list[Linear]] = {}
    for place in places.under(block)[1:]:
        found = places.linear(place)
        if found and place.parent and place.kind == "linear":
            groups.setdefault(place.parent, []).append(found)
    reads = [x.n_in for linears in groups.values() for x in linears]
    if widths.pop() not in reads:
        return None
    width = next(iter({norm_width(kid) for kid in block.kids if kid.kind == "normalization"} - {None}))
    for holder, linears in groups.items():
        alone = holder is block and len(linears) == 1
        square = linears[0].n_in == linears[-1].n_out not in (None, width)
        if square and (alone or holder is not block):
            return linears[0].place if alone else holder
    return None


KINDS = (
    ("Fourier transforms", re.compile(r"fourier|fft|afno", re.IGNORECASE)),
    ("pooling", re.compile(r"pooling", re.IGNORECASE)),
    ("state-space layers", re.compile(r"mamba|ssm(?!a)|s4d?|s5|state_?space", re.IGNORECASE)),
    ("long convolutions", re.compile(r"hyena", re.IGNORECASE)),
    (
        "gated linear recurrence",
        re.compile(r"rwkv|time_?mix|retention|rg_?lru|griffin|recurrent|(?<![a-z])[ms]lstm|xlstm|delta|gated_?linear", re.IGNORECASE),
    ),
)
"""What a mixer does, by the names of such modules."""


def kind_of(place: Place) -> str | None:
    """What a mixer relates positions by, None where its name does not tell."""
    return next((kind for kind, pattern in KINDS if pattern.search(place.node.type) or pattern.search(place.attribute)), None)

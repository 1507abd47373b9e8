"""What a part takes and gives, where its products follow one another: the widths along its path, and by how much it shrinks or enlarges.

Registration order is believed only where every product takes what the one before it gives; anything else has no chain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .convolution import convolution
from .names import classed
from .places import Place, Places

LONGEST = 64
"""Products whose widths are kept one by one."""

SIDE = ("shortcut", "downsample", "skip", "residual", "identity", "id_path")
"""Words in the names of a path around a block, which makes both ends fit."""

CONDITION = ("time", "temb", "cond", "emb")
"""Words in the names of products that a second input passes, beside the chain."""

KEEP = ("attention", "experts", "mixer")
"""Kinds of parts that give as many numbers as they take, though their products do not follow one another."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Products one after another.

    Attributes:
        widths: what goes in, what passes between them, what comes out (repeats of a run once; of long chains only the ends).
        products: how many products there are.
        convolutions: how many of them are convolutions.
        down, up: by how much each side of the map, or the sequence, gets shorter or longer; None where a part changes it in a way
            that is not known.
        flat: whether a map was laid out as one vector on the way; no convolution can follow.
        around: whether a path leads around it, which makes both ends fit.
        gate: whether it ends in numbers between 0 and 1, one for each that goes in: others are multiplied by them (squeeze and excitation).
    """

    widths: tuple[int, ...]
    products: int = 1
    convolutions: int = 0
    down: int | None = 1
    up: int | None = 1
    flat: bool = False
    around: bool = False
    gate: bool = False

    @property
    def n_in(self) -> int:
        return self.widths[0]

    @property
    def n_out(self) -> int:
        return self.widths[-1]

    def then(self, other: Chain) -> Chain | None:
        """This chain and then the other; None where that does not take what this one gives."""
        flattened = self.convolutions == self.products and not other.convolutions and self.n_out > 1 and other.n_in % self.n_out == 0
        if (self.n_out != other.n_in and not flattened) or (self.flat and other.convolutions):
            return None
        widths = self.widths + (other.widths[1:] if self.n_out == other.n_in else other.widths)
        return Chain(
            widths if len(widths) <= LONGEST else (widths[0], widths[-1]),
            self.products + other.products,
            self.convolutions + other.convolutions,
            _times(self.down, other.down),
            _times(self.up, other.up),
            self.flat or other.flat or self.n_out != other.n_in,
        )

    def repeated(self, count: int) -> Chain | None:
        """`count` of them, one after another."""
        if count == 1:
            return self
        if self.n_in != self.n_out or self.down != 1 or self.up != 1:
            return None
        return replace(self, products=self.products * count, convolutions=self.convolutions * count)


def _times(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a * b


EMPTY = Chain((0,), 0)
"""What passes everything on in its width: norms, activations, attention with its way back to the stream."""


def find_chains(places: Places, top: Place) -> dict[Place, Chain]:
    """The chains of a place and of all below it that have one, the innermost first; parts without products have an empty one."""
    chains: dict[Place, Chain] = {}
    for place in reversed(places.under(top)):
        chain = _product(places, place) or _passes(place) or _kids(place, chains)
        if chain is not None:
            chains[place] = replace(chain, gate=True) if chain.products and _is_gate(places, place, chain) else chain
    return chains


def _is_gate(places: Places, place: Place, chain: Chain) -> bool:
    """Whether a part narrows, widens back and ends in a sigmoid."""
    last = next((p for p in reversed(places.under(place)) if not p.kids and p.kind == "activation"), None)
    bounded = last is not None and last.node.type in ("Sigmoid", "Hardsigmoid")
    return bounded and chain.products == 2 and chain.n_in == chain.n_out and min(chain.widths) < chain.n_in


def _product(places: Places, place: Place) -> Chain | None:
    if filters := convolution(place):
        enlarges = "Transpose" in place.node.type or any("ConvTranspose" in base for base in place.node.bases)
        stride = filters.stride if _scales(place, filters.stride, enlarges) else None
        return Chain((filters.n_in, filters.n_out), 1, 1, *((1, stride) if enlarges else (stride, 1)))
    if place.kind == "recurrent" and not place.kids:
        return _recurrent(place)
    found = places.linear(place)
    return Chain((found.n_in, found.n_out)) if found and found.n_in and found.n_out else None


def _recurrent(place: Place) -> Chain | None:
    n_in, hidden = place.node.get("input_size"), place.node.get("proj_size") or place.node.get("hidden_size")
    if type(n_in) is not int or type(hidden) is not int:
        return None
    return Chain((n_in, hidden * (2 if place.node.get("bidirectional") is True else 1)))


def _passes(place: Place) -> Chain | None:
    """The empty chain of what keeps its width: a sub-layer that adds to the stream, a norm, an activation, a pooling."""
    node = place.node
    if not place.kids and (place.kind == "pooling" or node.type.startswith("Upsample")):
        return Chain((0,), 0, 0, None, None)  # that it is held does not say how often it is used
    if place.kind in ("normalization", "activation", "regularization", *KEEP) or node.type == "Identity" or node.is_none:
        return EMPTY
    return None


def _kids(place: Place, chains: dict[Place, Chain]) -> Chain | None:
    """The chain of a part's own parts in order; first of all of them, then without those that lead around the others."""
    if not place.kids or place.kind == "adapter" or place.node.type == "ModuleDict":
        return None
    if classed("attention", place.node.type):
        return EMPTY
    kids = [kid for kid in place.kids if not _is_condition(place, kid, chains)]
    whole = _in_order(kids, chains)
    if whole is not None:
        return whole
    beside = [kid for kid in kids if any(word in kid.name.lower() for word in SIDE)]
    main = _in_order([kid for kid in kids if kid not in beside], chains) if beside else None
    if main is None or not main.products:
        return None
    around = [chains.get(kid) for kid in beside]
    ends = (main.n_in, main.n_out, main.down, main.up)
    fits = all(c is not None and (not c.products or (c.n_in, c.n_out, c.down, c.up) == ends) for c in around)
    return replace(main, around=True) if fits else None


def _scales(place: Place, stride: int, enlarges: bool) -> bool:
    """Whether a convolution changes sizes by its stride and by nothing else: along a sequence, which is long, always; of a map only
    where its padding makes up for its window."""
    node = place.node
    sizes = [node.get(name) for name in ("kernel_size", "stride", "padding", "dilation", "output_padding")]
    if any(isinstance(size, tuple) and len(set(size)) > 1 for size in sizes):
        return False
    kernel, _, padding, dilation, extra = (size[0] if isinstance(size, tuple) and size else size for size in sizes)
    if node.type.endswith("1d") or padding == "same":
        return True
    around = [size if size is not None else usual for size, usual in ((padding, 0), (dilation, 1), (extra, 0))]
    if not isinstance(kernel, int) or not all(isinstance(size, int) for size in around):
        return False  # "valid", or what a damaged print leaves of a number
    padding, dilation, extra = (int(size) for size in around if isinstance(size, int))
    reach = dilation * (kernel - 1) + 1 - 2 * padding
    return reach + extra == stride if enlarges else 1 <= reach <= stride


def _is_condition(place: Place, kid: Place, chains: dict[Place, Chain]) -> bool:
    """Whether a linear layer among convolutions brings in a second input, such as the time step of a diffusion."""
    chain = chains.get(kid)
    linear = chain is not None and chain.products == 1 and not chain.convolutions
    among = any((other := chains.get(k)) and other.convolutions for k in place.kids)
    return linear and among and any(word in kid.name.lower() for word in CONDITION)


ORDERED = re.compile(
    r".*[0-9]|.*_[ab]$|.*(^|_)(in|out|pre|post|(up|down)(sampl\w*)?|mid|middle|first|last|final|start|end|stem|head)(_.*|$)"
)
"""Names that say where in an order a part stands: conv2, out_proj, mid_block."""


def _in_order(kids: list[Place], chains: dict[Place, Chain]) -> Chain | None:
    """The chain of parts in the order of their registration; None where one does not take what the one before gives, or might as well
    stand beside it, since it takes what all of them take and its name says nothing."""
    made = EMPTY
    for kid in kids:
        step = chains.get(kid)
        count = kid.child.count if kid.child else 1
        if step and count > 1 and step.products == 1 and kid.parent and kid.parent.node.style == "list":
            return None  # a bare list of equal products may as well be one for each of several inputs
        step = step and step.repeated(count)
        if step is None:
            return None
        alone = step.products == 1 and made.products and not step.gate
        if alone and step.n_in == made.n_in and not ORDERED.match(kid.name):
            return None
        if not step.products or not made.products or step.gate:
            filled = made if not step.products or step.gate else step
            joined: Chain | None = replace(filled, down=_times(made.down, step.down), up=_times(made.up, step.up), gate=False)
        else:
            joined = made.then(step)
        if joined is None:
            return None
        made = joined
    return made

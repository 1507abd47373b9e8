"""What a model without blocks of attention or mixers is: convolutional, recurrent, an autoencoder, or linear layers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fact import Basis
from .feed_forward import find_feed_forwards
from .names import classed
from .places import Linear, Place

if TYPE_CHECKING:
    from .findings import Findings

Kind = tuple[str, Basis, tuple[str, ...]]


def without_blocks(findings: Findings) -> Kind | None:
    """The kind of such a model, how far to trust it, and what it rests on; None where nothing tells."""
    computing = _computing(findings)
    leaves = [
        p
        for p in findings.places.all
        if (not p.kids or all(kid in computing for kid in p.kids)) and p not in computing and not p.node.is_none
    ]
    kinds = {p.kind for p in leaves}
    whole = findings.embeddings or findings.vocabulary_heads
    if (
        not whole
        and sum(a.place.count for a in findings.attentions) in (1, 2)
        and find_feed_forwards(findings.places, findings.places.root, findings.attentions)
    ):
        return "Transformer block", "derived", tuple(a.place.path for a in findings.attentions)
    if _convolves(findings, leaves):
        return _convolutional(findings, kinds)
    if "recurrent" in kinds and not findings.attentions:
        return _recurrent(findings, leaves)
    return _perceptron(findings, leaves, kinds)


def in_order(findings: Findings) -> bool:
    """Whether the order of calls is known: nothing but torch's Sequentials, one inside another, around layers of known classes that have
    no parts of their own; nothing then happens between them."""
    places = findings.places
    known = all(p.node.is_sequence and p.match.how == "class" for p in places.holders)  # most models end this at their root
    return known and not findings.tree.notes and all(p.kids or p.match.how == "class" for p in places.all)


def _computing(findings: Findings) -> set[Place]:
    """What computes a layer's weight from other parameters."""
    places = findings.places
    return {below for holder in places.holders if holder.name == "parametrizations" for below in places.under(holder)}


def _convolutional(findings: Findings, kinds: set[str]) -> Kind:
    if findings.unet_levels:
        return "U-Net", "derived", tuple(p.path for p in findings.unet_levels)
    if findings.unet_grid:
        return "nested U-Net", "derived", tuple(p.path for p in findings.unet_grid[:8])
    halves = _halves(findings)
    beside = "with recurrent layers" if "recurrent" in kinds else "with attention" if findings.attentions else ""
    if halves and _gives_back(findings, *halves):
        return f"convolutional autoencoder {beside}".strip(), "named", tuple(p.path for p in halves)
    return f"convolutional network {beside}".strip(), "derived", ("",)


def _gives_back(findings: Findings, encoder: Place, decoder: Place) -> bool:
    """Whether the decoder's last convolution gives as many channels as the encoder's first takes."""
    first = [c for c in findings.convolutions if encoder.index <= c.place.index < encoder.end]
    last = [c for c in findings.convolutions if decoder.index <= c.place.index < decoder.end]
    return bool(first and last) and first[0].n_in == last[-1].n_out


def _recurrent(findings: Findings, leaves: list[Place]) -> Kind:
    halves = _halves(findings)
    recurrent = tuple(p.path for p in leaves if p.kind == "recurrent")
    if halves and all(any(h.index <= p.index < h.end for p in leaves if p.kind == "recurrent") for h in halves):
        return "recurrent encoder-decoder", "named", tuple(p.path for p in halves)
    return "recurrent network", "derived", recurrent[:4]


def _halves(findings: Findings) -> tuple[Place, Place] | None:
    """An encoder and a decoder side by side."""
    for place in (findings.model, *findings.model.kids):
        named = {kid.name.strip("_"): kid for kid in place.kids}
        for first, second in (("encoder", "decoder"), ("encode", "decode")):
            if first in named and second in named and named[first].index < named[second].index:
                return named[first], named[second]
    return None


def _perceptron(findings: Findings, leaves: list[Place], kinds: set[str]) -> Kind | None:
    """Linear layers and what stands between them: an autoencoder where they narrow and widen again to what came in."""
    linears = [found for p in leaves if (found := findings.places.linear(p)) and p.kind == "linear"]
    plain = kinds <= {"linear", "activation", "regularization", "normalization", "shaping", "other"} and not findings.attentions
    if len(linears) < 2 or not plain or classed("attention", findings.model.node.type):
        return None
    evidence = tuple(x.place.path for x in linears[:6])
    halves = _halves(findings)
    if halves and linears[0].n_in == linears[-1].n_out:
        return "autoencoder of linear layers", "named", tuple(p.path for p in halves)
    gives = {x.n_out for x in linears}
    if not any(x.n_in is None or x.n_in in gives for x in linears):
        return None  # none reads what another gives: they stand side by side
    chained = findings.model.node.is_sequence and "activation" in kinds
    # A class may call what is no module between them. A list calls nothing, and in a Sequential nothing else is between them.
    hidden = not findings.model.node.is_listing and not in_order(findings)
    if "activation" in kinds or (_chain(linears) and hidden):
        return "multi-layer perceptron", "derived" if chained else "named", evidence
    return None


def _chain(linears: list[Linear]) -> bool:
    """Whether each product takes what the one before it gives, and none gives as much as another way of reading it would need."""
    return all(before.n_out == after.n_in is not None for before, after in zip(linears, linears[1:], strict=False))


def _convolves(findings: Findings, leaves: list[Place]) -> bool:
    """Whether convolutions mix positions all through the model, not only at its entry."""
    multiplying = sum(p.count for p in leaves if findings.places.linear(p))
    wide = [c for c in findings.convolutions if c.kernel > max(1, c.stride)]
    return sum(c.place.count for c in findings.convolutions) > multiplying or sum(c.place.count for c in wide) > max(1, multiplying // 4)

"""Convolutional networks: input channels, stages, blocks in each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..convolution import Convolution, convolution
from ..fact import Fact
from ..findings import Findings
from ..names import named
from ..places import Place
from ..sentence import sentence


def stages(findings: Findings) -> Iterator[Fact]:
    """Channels of the input, and of each stage its blocks; only where no attention or recurrence mixes positions."""
    if findings.towers or not findings.convolutions:
        return
    first = _entry(findings)
    if first and not any(_rearranges(p) for p in findings.places.all[: first.place.index]):
        text = sentence("num_channels", value=first.n_in)
        yield Fact("num_channels", first.n_in, "named", "", (first.place.path,), text=text)
    for stage in findings.stages:
        path = stage.place.path
        yield Fact("num_blocks", stage.blocks, "measured", path, (path,), text=sentence("num_blocks", holder=path, value=stage.blocks))


def _entry(findings: Findings) -> Convolution | None:
    """The convolution that reads the input: the first registered, unless it stands on a way up while a way down is registered later.

    None where the first one enlarges (what comes in is no image yet), or reads more than the input (a recurrent cell's own state)."""
    places = [c.place for c in findings.convolutions]
    up = next((p for p in (places[0], *places[0].up()) if named("unet_up", p.name)), None)
    down = next((k for k in up.parent.kids if k.index > up.index and named("unet_down", k.name)), None) if up and up.parent else None
    found = next((c for c in findings.convolutions if down is None or c.place.index >= down.index), None)
    if found is None or "Transpose" in found.place.node.type or any(RECURRENT.search(p.node.type) for p in found.place.up()):
        return None
    made = found.n_in > MOST and any(c.n_out == found.n_in for c in findings.convolutions if c is not found)
    given = {c.n_out for c in findings.convolutions}
    others = {c.n_in for c in findings.convolutions if c.n_in <= MOST and c.n_in not in given and c.groups == 1} - {found.n_in}
    return None if made or others else found  # a neck registered before its backbone reads what that makes; two inputs are not one


MOST = 16
"""Channels that an input may have and a layer make as well, without that telling anything."""

RECURRENT = re.compile(r"LSTM|GRU|RNN|Recurrent")
"""Classes of cells whose convolutions read their state beside what comes in."""

REARRANGING = re.compile(r"depth|shuffle|rearrange|fold|dct|wavelet|haar|spectr|patch|stft|mel|coord|concat|cat$", re.IGNORECASE)


def _rearranges(place: Place) -> bool:
    """Whether what comes in may leave with other channels: products, tables, and layers that move pixels into channels."""
    products = place.kind in ("linear", "embedding", "recurrent") or (place.match.how == "generic" and bool(place.node.tensors))
    return not place.kids and (products or REARRANGING.search(place.node.type) is not None)


def latents(findings: Findings) -> Iterator[Fact]:
    """The width between a convolutional encoder and its decoder: what a codec or an autoencoder keeps of each position."""
    for place in findings.places.holders if not findings.unet else ():
        for encoder in (kid for kid in place.kids if "encoder" in kid.name):
            decoder = next((k for k in place.kids if k.name == encoder.name.replace("encoder", "decoder") and k is not encoder), None)
            if decoder and (width := _latent(findings, place, encoder, decoder)):
                scope = place.path if not any(t.scope == place.path for t in findings.towers) else encoder.path
                text = sentence("latent_size", encoder=encoder.path, decoder=decoder.path, value=width)
                yield Fact("hidden_size", width, "measured", scope, (encoder.path, decoder.path), text=text)


def _latent(findings: Findings, place: Place, encoder: Place, decoder: Place) -> int | None:
    """The channels that leave the encoder where the decoder takes as many, or those between a projection after the one and before the
    other."""
    if any(encoder.index <= t.main.holder.index < decoder.end for t in findings.towers):
        return None
    ends, starts = _convolutions(findings, encoder), _convolutions(findings, decoder)
    if len(ends) < 4 or len(starts) < 4 or _branches(starts):
        return None
    out, into = ends[-1].n_out, starts[0].n_in
    beside = [found for kid in place.kids if (found := convolution(kid)) and found.kernel == 1]
    after = [c.n_out for c in beside if c.n_in == out]
    before = [c.n_in for c in beside if c.n_out == into]
    if len(after) == len(before) == 1 and after[0] == before[0]:
        return after[0]
    return out if out == into and not beside else None


def _branches(convolutions: list[Convolution]) -> bool:
    """Whether more than what the encoder gave comes in on the way: a convolution that takes other channels than any before it has."""
    seen = {convolutions[0].n_in}
    for conv in convolutions:
        if conv.n_in not in seen:
            return True
        seen.add(conv.n_out)
    return False


def _convolutions(findings: Findings, place: Place) -> list[Convolution]:
    return [found for below in findings.places.under(place) if (found := convolution(below))]

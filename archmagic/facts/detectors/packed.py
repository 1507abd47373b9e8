"""Quantised weights: how many numbers are stored in few bits, and in how many."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Basis, Fact
from ..findings import Findings
from ..sentence import sentence


def quantized(findings: Findings) -> Iterator[Fact]:
    """num_quantized_parameters, bits_per_weight where all agree, and the bytes of these weights where they can be told."""
    found = findings.sizes.packed
    if not found:
        return
    total = sum(packed.numel * place.count for place, packed in found.items())
    evidence = tuple(place.path for place in list(found)[:4])
    bits = {packed.bits for packed in found.values()}
    basis: Basis = "derived"
    if len(bits) == 1 and (each := bits.pop()):
        yield Fact("bits_per_weight", each, basis, "", evidence, text=sentence("bits_per_weight", value=each))
    yield Fact("num_quantized_parameters", total, basis, "", evidence, text=sentence("num_quantized_parameters", value=total))
    sizes = [packed.nbytes * place.count for place, packed in found.items() if packed.nbytes is not None]
    if len(sizes) == len(found):
        bare = any(packed.counted for packed in found.values())
        text = sentence("quantized_bytes_bare" if bare else "quantized_bytes", value=sum(sizes))
        yield Fact("quantized_bytes", sum(sizes), basis, "", evidence, text=text)

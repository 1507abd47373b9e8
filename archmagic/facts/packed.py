"""Weights in fewer bits than their shape tells: in parameters of packed types, in integer buffers (GPTQ, AWQ) or out of sight."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.counting import tensors_of
from ..tree import BITS, Tensor
from .places import Place

SMALL = 8
"""Bits up to which a number counts as quantised."""
FULL = frozenset((None, *(dtype for dtype, bits in BITS.items() if bits > SMALL)))
"""Types that nothing is packed into where no buffer stands beside."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The packed weight of one module.

    Attributes:
        numel: numbers that it stands for.
        bits: bits for each, scales left out; None where nothing tells.
        counted: whether the numbers are among the module's parameters; those in buffers or out of sight are not.
        nbytes: bytes that it takes with its scales and zero points, None where that cannot be told.
        biased: whether a bias may be packed with it, out of sight.
    """

    numel: int
    bits: int | None
    counted: bool
    nbytes: int | None = None
    biased: bool = False


def find_packed(place: Place, live: bool) -> Packed | None:
    """The packed weight of a module, None where it has none that can be told."""
    tensors = place.node.tensors or ()
    if not place.match.entry.packed and all(t.dtype in FULL and t.kind == "parameter" for t in tensors):
        return None
    return _in_parameters(place, tensors) or _in_buffers(place, tensors) or _out_of_sight(place, tensors, live)


def _in_parameters(place: Place, tensors: tuple[Tensor, ...]) -> Packed | None:
    small = [t for t in tensors if t.kind == "parameter" and t.dtype and t.numel and BITS.get(t.dtype, SMALL + 1) <= SMALL]
    if not small:
        return None
    bits = {BITS[t.dtype or ""] for t in small}
    total, nbytes = sum(t.numel for t in small), sum(t.nbytes or 0 for t in small)
    return Packed(total, bits.pop() if len(bits) == 1 else None, True, nbytes, _may_hide_bias(place) and len(small) == len(tensors))


def _in_buffers(place: Place, tensors: tuple[Tensor, ...]) -> Packed | None:
    """qweight holds several numbers in each 32-bit integer; scales have a column for each output, g_idx an entry for each input."""
    held = {t.name: t for t in tensors if t.kind == "buffer" and t.shape}
    weight, scales = held.get("qweight"), held.get("scales")
    if not weight or not scales:
        return None
    n_in, n_out = _sizes(place, held)
    if not n_in or not n_out:
        return None
    stored = weight.numel * BITS.get(weight.dtype or "", 32)
    bits = stored // (n_in * n_out) if stored % (n_in * n_out) == 0 else None
    sizes = [t.nbytes for t in held.values()]
    return Packed(n_in * n_out, bits, False, sum(size or 0 for size in sizes) if None not in sizes else None)


def _sizes(place: Place, held: dict[str, Tensor]) -> tuple[int | None, int | None]:
    n_in, n_out = place.node.get("in_features", "infeatures"), place.node.get("out_features", "outfeatures")
    index, scales = held.get("g_idx"), held["scales"].shape or ()
    if type(n_in) is not int and index and index.shape:
        n_in = index.shape[0]
    group = place.node.get("group_size")
    if type(n_in) is not int and type(group) is int and group > 0 and len(scales) == 2:
        n_in = scales[0] * group
    if type(n_out) is not int and len(scales) == 2:
        n_out = scales[1]
    return n_in if type(n_in) is int else None, n_out if type(n_out) is int else None


def _out_of_sight(place: Place, tensors: tuple[Tensor, ...], live: bool) -> Packed | None:
    """What the class and its arguments say, where a live module shows no tensor and a print none but by them."""
    entry = place.match.entry
    if not entry.packed or (live and any(t.kind == "parameter" and t.name == "weight" for t in tensors)):
        return None
    rules = tensors_of(place.node.type, place.node.settings) or ()
    weights = [t for t in rules if t.name.startswith("weight") and t.shape]
    if not weights:
        return None
    said = place.node.get("w_bit")
    bits = said if type(said) is int else BITS.get(weights[0].dtype or "")
    biases = [t for t in rules if t.name.startswith("bias")] if live else []
    return Packed(sum(t.numel for t in (*weights, *biases)), bits, not live, biased=_may_hide_bias(place))


def _may_hide_bias(place: Place) -> bool:
    """Whether the class packs a bias with the weight and does not print whether there is one."""
    entry = place.match.entry
    return entry.packed and "bias" in entry.defaults and entry.defaults["bias"] is None

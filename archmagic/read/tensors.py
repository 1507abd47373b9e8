"""Parameters and buffers as data: shape, dtype, device, and what is special about them. Never a value. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any, Literal, cast

from ..tree import Spread, Tensor
from .spread import FlatTensor, spread_of

RawTensor = tuple[str, Hashable, Any, Any, bool, Literal["parameter", "buffer"], tuple[str, ...], Spread | None]
"""(name, shape, dtype, device, trainable, kind, notes, spread) with torch's own objects: comparing these is cheaper than naming them."""


class TensorReader:
    """Reads tensors. `plain` are the classes that hide nothing, torch.Tensor and nn.Parameter; `strided` is the usual layout."""

    def __init__(self, plain: frozenset[type], strided: Any) -> None:
        self._plain, self._strided = plain, strided
        self._names: dict[Any, str] = {}

    def read(self, name: str, tensor: Any, kind: Literal["parameter", "buffer"]) -> RawTensor:
        if type(tensor) not in self._plain:
            return _unusual(name, tensor, kind)
        if tensor.is_nested:  # of tensors of several sizes: it has no shape
            return _unusual(name, tensor, kind)
        notes = () if tensor.is_meta else self._storage_notes(tensor)
        return name, tensor.shape, tensor.dtype, tensor.device, kind == "parameter" and tensor.requires_grad, kind, notes, None

    def _storage_notes(self, tensor: Any) -> tuple[str, ...]:
        if tensor.layout is not self._strided:
            return (str(tensor.layout).removeprefix("torch."),)
        if tensor.is_quantized:
            return ("quantized",)
        # Fully sharded training gives a parameter's memory back and keeps its shape.
        return ("freed",) if tensor.untyped_storage().nbytes() == 0 and tensor.numel() else ()

    def flat(self, name: str, tensor: FlatTensor) -> RawTensor:
        """A parameter that is part of a flat vector."""
        vector = tensor.vector
        return name, tensor.shape, vector.dtype, vector.device, bool(vector.requires_grad), "parameter", (), tensor.spread

    def named(self, raw: RawTensor) -> Tensor:
        """The tensor with everything by name."""
        name, shape, dtype, device, trainable, kind, notes, spread = raw
        sizes = None if shape is None else tuple(int(size) for size in cast("tuple[int, ...]", shape))
        return Tensor(name, sizes, self._name(dtype), self._name(device), trainable, kind, notes, spread)

    def _name(self, thing: Any) -> str | None:
        """ "float32" of torch.float32; "cuda:0" of a device."""
        if thing is None or isinstance(thing, str):
            return thing
        name = self._names.get(thing)
        if name is None:
            name = self._names[thing] = str(thing).removeprefix("torch.")
        return name


def _unusual(name: str, tensor: Any, kind: Literal["parameter", "buffer"]) -> RawTensor:
    """A tensor subclass. Each property is asked for itself, since any of them may be the subclass's own and fail."""
    families = {cls.__name__ for cls in type(tensor).__mro__}
    if "Tensor" not in families:
        raise TypeError(f"{name} is {type(tensor).__name__}, not a tensor")
    trainable = kind == "parameter" and bool(_ask(tensor, "requires_grad"))
    dtype, device = _ask(tensor, "dtype"), _ask(tensor, "device")
    if "UninitializedTensorMixin" in families:
        return name, None, dtype, device, trainable, kind, ("lazy",), None
    shape = _ask(tensor, "shape")
    if "DTensor" in families and (spread := spread_of(tensor)):
        held_here = type(tensor._local_tensor).__name__
        notes = ("DTensor",) if held_here in ("Tensor", "Parameter") else ("DTensor", held_here)
        return name, tuple(int(size) for size in shape), dtype, device, trainable, kind, notes, spread
    notes = ("nested",) if _ask(tensor, "is_nested") is True else (type(tensor).__name__,)
    # bitsandbytes packs two 4-bit weights into a byte; its quant_state knows the shape that was packed.
    packed = getattr(_ask(tensor, "quant_state"), "shape", None) if "Params4bit" in families else None
    if packed is not None:
        shape, dtype = tuple(packed), "uint4"
    elif held := _held(tensor):
        dtype = _stored(held, shape) or dtype
    try:
        sizes = None if shape is None else tuple(int(size) for size in shape)
    except Exception:  # symbolic sizes
        sizes = None
    return name, sizes, dtype, device, trainable, kind, notes, None


def _held(tensor: Any) -> list[Any]:
    """The plain tensors inside a wrapper that says which attributes hold them (quantised weights of torchao)."""
    flatten = getattr(type(tensor), "__tensor_flatten__", None)
    try:
        names = flatten(tensor)[0] if flatten else ()
        return [held for name in names if hasattr(held := getattr(tensor, name), "dtype")]
    except Exception:
        return []


def _stored(held: list[Any], shape: Any) -> Any:
    """How the numbers are stored: the type of the largest tensor held, or 4 bits each where it has half as many entries."""
    try:
        largest, count = max(held, key=lambda t: t.numel()), math.prod(int(size) for size in shape)
        if largest.numel() == count:
            return largest.dtype
        return "uint4" if 2 * largest.numel() == count and str(largest.dtype) in ("torch.uint8", "torch.int8") else None
    except Exception:
        return None


def _ask(tensor: Any, attribute: str) -> Any:
    try:
        return getattr(tensor, attribute)
    except Exception:
        return None

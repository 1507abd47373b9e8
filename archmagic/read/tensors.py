"""Parameters and buffers as data: shape, dtype, device, and what is special about them. Never a value. Imports no torch."""

from __future__ import annotations

import math
from typing import Any, Literal

from ..tree import Tensor
from .spread import FlatTensor, spread_of

Kind = Literal["parameter", "buffer"]


class _Names(dict[Any, Any]):
    """ "float32" of torch.float32, "cuda:0" of a device; what is text or unknown stays as it is."""

    def __missing__(self, thing: Any) -> str | None:
        name = self[thing] = thing if thing is None else str(thing).removeprefix("torch.")
        return name


class TensorReader:
    """Reads tensors. `plain` are the classes that hide nothing, torch.Tensor and nn.Parameter; `strided` is the usual layout."""

    def __init__(self, plain: frozenset[type], strided: Any) -> None:
        self._plain, self._strided = plain, strided
        self._names = _Names()

    def read(self, name: str, tensor: Any, kind: Kind) -> Tensor:
        """A tensor as data.

        Raises:
            Exception: what a property of a tensor subclass raises.
        """
        if type(tensor) not in self._plain or tensor.is_nested:  # one of several sizes has no shape
            return self._unusual(name, tensor, kind)
        trainable, dtype = kind == "parameter" and tensor.requires_grad, self._names[tensor.dtype]
        if tensor.is_meta:
            return Tensor(name, tuple(tensor.shape), dtype, "meta", trainable, kind)
        return Tensor(name, tuple(tensor.shape), dtype, self._names[tensor.device], trainable, kind, self._storage_notes(tensor))

    def _storage_notes(self, tensor: Any) -> tuple[str, ...]:
        if tensor.layout is not self._strided:
            return (str(tensor.layout).removeprefix("torch."),)
        if tensor.is_quantized:
            return ("quantized",)
        # Fully sharded training gives a parameter's memory back and keeps its shape.
        return ("freed",) if tensor.untyped_storage().nbytes() == 0 and tensor.numel() else ()

    def flat(self, name: str, tensor: FlatTensor) -> Tensor:
        """A parameter that is part of a flat vector."""
        vector = tensor.vector
        dtype, device = self._names[vector.dtype], self._names[vector.device]
        return Tensor(name, tensor.shape, dtype, device, bool(vector.requires_grad), "parameter", (), tensor.spread)

    def _unusual(self, name: str, tensor: Any, kind: Kind) -> Tensor:
        """A tensor subclass. Each property is asked for itself, since any of them may be the subclass's own and fail."""
        families = {cls.__name__ for cls in type(tensor).__mro__}
        if "Tensor" not in families:
            raise TypeError(f"{name} is {type(tensor).__name__}, not a tensor")
        trainable = kind == "parameter" and bool(_ask(tensor, "requires_grad"))
        dtype, device = _ask(tensor, "dtype"), _ask(tensor, "device")
        if "UninitializedTensorMixin" in families:
            return Tensor(name, None, self._names[dtype], self._names[device], trainable, kind, ("lazy",))
        shape = _ask(tensor, "shape")
        if "DTensor" in families and (spread := spread_of(tensor)):
            held_here = type(tensor._local_tensor).__name__
            notes = ("DTensor",) if held_here in ("Tensor", "Parameter") else ("DTensor", held_here)
            whole = tuple(int(size) for size in shape)
            return Tensor(name, whole, self._names[dtype], self._names[device], trainable, kind, notes, spread)
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
        return Tensor(name, sizes, self._names[dtype], self._names[device], trainable, kind, notes)


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

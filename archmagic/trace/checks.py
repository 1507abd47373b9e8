"""What operators check on real tensors and not on fake ones, with the words that PyTorch has for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

PRODUCTS = {"mm": (0, 1), "addmm": (1, 2), "bmm": (0, 1), "baddbmm": (1, 2), "mv": (0, 1), "convolution": (0, 1)}
"""Where the two things stand that are multiplied."""


def check(name: str, args: Sequence[Any], value: Callable[[Any], Any], types: bool = True) -> None:
    """Raises what the operation would raise on real tensors. `value` gives the value of a tensor where it is known; `types`: whether the
    types are the model's own.

    Raises:
        IndexError: an id that its table has no row for.
        RuntimeError: a product of two types.
    """
    if name == "embedding" and len(args) > 1:
        _rows(int(args[0].shape[0]), value(args[1]))
    if types and name in PRODUCTS:
        left, right = (args[place] for place in PRODUCTS[name])
        if left.dtype != right.dtype:
            names = (_class(left.dtype), _class(right.dtype))
            if name == "convolution":
                raise RuntimeError(f"Input type ({names[0]}) and bias type ({names[1]}) should be the same")
            raise RuntimeError(f"mat1 and mat2 must have the same dtype, but got {names[0]} and {names[1]}")


def _rows(rows: int, ids: Any) -> None:
    from torch.utils._python_dispatch import _disable_current_modes

    if ids is None or not ids.numel():
        return
    with _disable_current_modes():
        least, most = int(ids.min()), int(ids.max())
    if least < 0 or most >= rows:
        raise IndexError(f"index out of range in self: {most if most >= rows else least}, of {rows} rows")


def _class(dtype: Any) -> str:
    """ "Float" of torch.float32, as PyTorch's errors say."""
    names = {"float32": "Float", "float64": "Double", "float16": "Half", "bfloat16": "BFloat16", "int64": "Long", "int32": "Int"}
    name = str(dtype).removeprefix("torch.")
    return names.get(name, name)

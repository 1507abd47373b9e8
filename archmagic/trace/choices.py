"""Choices made up where forward picks by values: the largest of some scores, as a router of experts does.

Which experts a position goes to depends on the data, and how many positions an expert gets decides shapes. So where a pass on shapes
would stop for that, it may pick by itself: evenly, each position the next ones in turn, so that every expert gets an even share; or the
same for each position, so that of many experts few run. What all of them get together is the same for both.
"""

from __future__ import annotations

import math
from typing import Any, Literal

Choice = Literal["even", "same"]
PICKS = {"topk": 1, "argmax": 0, "max": 1}
"""Operations that pick the largest, and which of their results says where they are."""
LARGEST = 1 << 20
"""Picks of a tensor that are made up at most."""


def picked(choice: Choice, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> tuple[Any, Any] | None:
    """The result that says which were picked along a dimension, and a choice as its values; None where nothing is."""
    import torch
    from torch.utils._python_dispatch import _disable_current_modes

    name = func._schema.name.partition("::")[2]
    results = out if isinstance(out, (list, tuple)) else (out,)
    if name not in PICKS or len(results) <= PICKS[name] or not isinstance(args[0], torch.Tensor):
        return None
    places = results[PICKS[name]]
    named = {argument.name: given for argument, given in zip(func._schema.arguments, args, strict=False)} | kwargs
    dim = named.get("dim", -1 if name == "topk" else None)
    if dim is None or places.dtype != torch.int64 or not 0 < places.numel() <= LARGEST:
        return None
    options, several = args[0].shape[dim], name == "topk"
    shape = list(places.shape)
    each = shape.pop(dim) if several else 1
    with _disable_current_modes():
        turn = torch.arange(math.prod(shape) * each).remainder(options if choice == "even" else each)
        return places, turn.reshape(*shape, each).movedim(-1, dim) if several else turn.reshape(places.shape)

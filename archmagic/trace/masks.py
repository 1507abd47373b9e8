"""What a mask lets positions see of each other, read off its values where they are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from .origins import Origin, Seen

FORBIDDEN = -1e3
"""What is added to a score, or put in its place, so that softmax makes nothing of it, is below this."""
Value = Callable[[Any], Any]
"""The value of a tensor, None where it is not known."""


def seen_by(mask: Any) -> Seen:
    """What a mask of (..., queries, keys) lets see: a band along the diagonal, everything but padding, or what is not told."""
    from torch.utils._python_dispatch import _disable_current_modes

    if mask is None or mask.dim() < 2 or mask.shape[-2] < 2:
        return Seen(causal=None)
    with _disable_current_modes():
        return _band(mask.detach().cpu())


def _band(mask: Any) -> Seen:
    import torch

    allowed = mask if mask.dtype == torch.bool else mask > FORBIDDEN if mask.is_floating_point() else mask != 0
    allowed = allowed.reshape(-1, *allowed.shape[-2:])
    queries, keys = allowed.shape[-2:]
    rows = torch.arange(queries).unsqueeze(1) + (keys - queries)
    back = rows - torch.arange(keys)  # how far back a key lies, below zero where it comes later
    told = back.expand_as(allowed)[allowed]
    if not told.numel():
        return Seen(causal=None)
    most, least = int(told.max()), int(told.min())
    if torch.equal(allowed, ((back <= most) & (back >= least)).expand_as(allowed)):  # a band
        if least == 0:
            return Seen(causal=True, window=most + 1 if most < int(back.max()) else None)
        return Seen(causal=False if least < 0 else None)
    padding = allowed.any(-2, keepdim=True).expand_as(allowed)
    return Seen(causal=False if torch.equal(allowed, padding) else None)


def attention_seen(mask: Any, causal: bool, value: Value) -> Seen:
    """Of scaled dot product attention, by its arguments."""
    if mask is None:
        return Seen(causal=bool(causal))
    return seen_by(value(mask))


def masked(name: str, args: Sequence[Any], origins: Sequence[Origin], result: Origin, value: Value) -> Origin:
    """The origin of scores after an operation that may mask them."""
    if result.seen is None or result.seen.weights:
        return result
    from torch.utils._python_dispatch import _disable_current_modes

    with _disable_current_modes():
        mask = _mask(name.rstrip("_"), args, origins, value)
    if mask is None:
        return result
    found = seen_by(mask if mask is not UNTOLD else None)
    if result.seen.causal:  # masked before, too
        found = result.seen if found.causal is not None else Seen(causal=None)
    return replace(result, seen=found)


UNTOLD = object()


def _mask(name: str, args: Sequence[Any], origins: Sequence[Origin], value: Value) -> Any:
    """True where something may be seen, or what is added to the scores; UNTOLD where that is not known, None where nothing is masked."""
    import torch

    def known(tensor: Any) -> Any:
        found = value(tensor)
        return UNTOLD if found is None else found

    if name == "masked_fill":
        fill = args[2] if not isinstance(args[2], torch.Tensor) else value(args[2])
        found = known(args[1])
        return UNTOLD if fill is None or float(fill) > FORBIDDEN or found is UNTOLD else ~found
    if name == "where":
        scores_first = isinstance(args[1], torch.Tensor) and origins[1].seen is not None
        found = known(args[0])
        return found if found is UNTOLD or scores_first else ~found
    if name == "add" and len(origins) == 2:
        other = args[1] if origins[0].seen is not None else args[0]
        return known(other) if isinstance(other, torch.Tensor) else None
    return None

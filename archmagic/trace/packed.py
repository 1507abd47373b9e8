"""Packed sequences on shapes alone. torch reads how many sequences each step has in memory, which a fake tensor has not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

RECURRENT = (torch.lstm, torch.gru, torch.rnn_tanh, torch.rnn_relu)


def packed_function(func: Any, args: tuple[Any, ...], value: Callable[[Any], Any]) -> Callable[[], Any] | None:
    """What gives the same shapes at the same cost, of a function on packed sequences; None of any other. `value` gives what is known of a
    tensor."""
    if func in RECURRENT and isinstance(args[1], torch.Tensor) and args[1].dim() == 1:
        return partial(_recurrent, func, *args)
    if func is torch._pad_packed_sequence and (sizes := value(args[1])) is not None:
        return partial(_padded, args[0], sizes, *args[2:])
    return None


def _recurrent(func: Any, rows: Any, sizes: Any, state: Any, *rest: Any) -> Any:
    """A recurrent layer: each row is taken as a sequence of one step."""
    states = state if isinstance(state, (list, tuple)) else (state,)
    each = tuple(s[:, :1].expand(-1, rows.shape[0], -1).contiguous() for s in states)
    out, *last = func(rows[None], each if len(each) > 1 else each[0], *rest, False)
    return (out[0], *(new[:, : old.shape[1]] for new, old in zip(last, states, strict=True)))


def _padded(rows: Any, sizes: Any, batch_first: bool, padding: Any, length: int = -1) -> tuple[Any, Any]:
    """The sequences side by side, and how long each is."""
    with _disable_current_modes():
        lengths = (sizes > torch.arange(int(sizes[0]))[:, None]).sum(-1)
        places = torch.zeros(max(len(sizes), length), int(sizes[0]), dtype=torch.int64)
    out = rows[places]
    return out.transpose(0, 1) if batch_first else out, lengths

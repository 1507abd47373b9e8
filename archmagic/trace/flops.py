"""Floating-point operations of one operator, by torch's own formulas (torch.utils.flop_counter), and for what it does not count by the
same rules.

Counted is what multiplies matrices and convolves, two operations for a multiplication and an addition; element by element nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any


def count_flops(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], out: Any) -> int:
    """How many a call of `func` takes; 0 for what is not counted."""
    packet = getattr(func, "_overloadpacket", func)
    formula = _registry().get(packet)
    if formula is not None:
        return int(formula(*args, **kwargs, out_val=out))
    extra = EXTRA.get(func._schema.name.partition("::")[2])
    return extra(args, kwargs, out) if extra else 0


@cache
def _registry() -> Mapping[Any, Any]:
    from torch.utils.flop_counter import flop_registry

    return flop_registry  # type: ignore[no-any-return]


def _attention(args: Sequence[Any], kwargs: Mapping[str, Any], out: Any) -> int:
    """Query by key, and the weights by value."""
    query, key, value = args[0].shape, args[1].shape, args[2].shape
    pairs = math.prod(query[:-1]) * key[-2]
    return int(2 * pairs * (query[-1] + value[-1]))


def _grouped(args: Sequence[Any], kwargs: Mapping[str, Any], out: Any) -> int:
    """Each row by the matrix of its group."""
    return int(2 * math.prod(out.shape) * args[0].shape[-1])


def _vector(args: Sequence[Any], kwargs: Mapping[str, Any], out: Any) -> int:
    return int(2 * math.prod(args[0].shape))


def _recurrent(args: Sequence[Any], kwargs: Mapping[str, Any], out: Any) -> int:
    """At each position the input and the state by their weights, all gates in one product. arguments: input, weights of input, of state."""
    positions = math.prod(args[0].shape[:-1])
    return int(2 * positions * (math.prod(args[1].shape) + math.prod(args[2].shape)))


EXTRA = {
    "mkldnn_rnn_layer": _recurrent,
    "_scaled_dot_product_flash_attention_for_cpu": _attention,
    "_scaled_dot_product_fused_attention_overrideable": _attention,
    "_grouped_mm": _grouped,
    "mv": _vector,
    "dot": _vector,
}
"""Operators of torch.ops.aten that torch has no formula for."""

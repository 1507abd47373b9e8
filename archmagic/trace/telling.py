"""Which operations stand as steps: what brings data together, multiplies by weights or mixes positions, not what scales or masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .operations import ARITHMETIC, BINARY, STEPS, TOLD_INSIDE
from .origins import Move, Origin, is_rotation, summary

TURNING = ("angle", "negated", "turned", "angled", "turned scaled", "half")
MERGED = ("attention", "matmul", "rotary", "softmax")
"""Around these, that heads are split and put together again shows in their own shapes."""


def op_of(name: str, origins: Sequence[Origin]) -> str | None:
    """What an operation is called as a step: a product with a weight is linear, one of two things made from the data a matmul."""
    op = STEPS.get(name)
    if op not in ("linear", "matmul"):
        return op
    data = sum(bool(origin.steps) for origin in origins)
    if name in ("addmm", "baddbmm", "addbmm"):  # what is added comes first
        return "matmul" if all(origin.steps for origin in origins[1:]) else "linear"
    return "matmul" if data == len(origins) and name in ("mm", "bmm", "matmul", "mv", "dot") else "linear"


def told(name: str, origins: Sequence[Origin], given: Sequence[Any], origin: Origin, made: Sequence[Any], module: Any) -> str | None:
    """What an operation is called as a step in the forward of `module`; None where it is none."""
    op = op_of(name, origins)
    if op is None or not origin.steps:
        return None
    if not module._modules and (op not in TOLD_INSIDE or type(module).__module__.startswith("torch.nn")):
        return None
    if op in ARITHMETIC and not made[0].is_floating_point():
        return None
    if op in BINARY:
        return _binary(op, origins, given, made)
    if op == "cat":
        if is_rotation(op, origins):
            return "rotary"
        whole = sum(1 for tensor in given if tensor.numel()) > 1
        return op if whole and not any(o.turn in TURNING for o in origins) else None
    if op == "linear" and STEPS[name] == "matmul":  # of constants it is no step
        return op if any(o.weights for o in origins) else None
    return op


def _binary(op: str, origins: Sequence[Origin], given: Sequence[Any], made: Sequence[Any]) -> str | None:
    """Of an addition, a product and the like."""
    if len(origins) != 2:
        return None
    if is_rotation(op, origins) or (op == "mul" and _turns_complex(origins, made)):
        return "rotary"
    if op != "div" and any(o.turn in TURNING and not (op == "add" and o.turn == "angle") for o in origins):
        return None
    if op == "add":
        table = any(not o.steps and (o.turn == "angle" or (o.weights and _wide(t))) for o, t in zip(origins, given, strict=True))
        return op if table or all(o.steps for o in origins) else None
    return op if all(o.steps for o in origins) else None


def _turns_complex(origins: Sequence[Origin], made: Sequence[Any]) -> bool:
    """Whether pairs of numbers, as complex ones, are multiplied by angles."""
    return (
        bool(made[0].is_complex()) and [o.turn for o in origins].count("angle") == 1 and any(o.steps and o.turn != "angle" for o in origins)
    )


def _wide(tensor: Any) -> bool:
    """Whether a weight is a table (of positions), not a vector that shifts."""
    return sum(int(size) > 1 for size in tensor.shape) > 1


def reshaping(move: Move, makers: Sequence[str], tensor: Any, reader: str) -> str | None:
    """What views before a step are called, where they matter: they change the shape of data, not on its way through attention."""
    if not tensor.is_floating_point() or any(op in MERGED for op in (*makers, reader)):
        return None
    op = summary(move)
    return None if op == "slice" and reader in BINARY else op  # one position of many, most likely

"""A forward pass as plain JSON data."""

from __future__ import annotations

from typing import Any

from ..tree import Data, Failure, Forward, Growth, Step


def forward_data(forward: Forward | None) -> dict[str, Any] | None:
    """The pass, None where there was none. `steps` are in order of execution, folded as the tree: `path` is a path into it.

    `in` and `out` are lists of exact shapes; `named_in` and `named_out` say the same in symbols ("B", "T", "H/4", "768"). `flops` and
    `bytes` are
    those of one such step with all inside it, `repeat` how many times it ran. `from` are for each input the steps that made it, by
    number; -1 is the first input of the model, -2 the second.
    """
    if forward is None:
        return None
    return {
        "inputs": [_data(data) for data in forward.inputs],
        "outputs": [_data(data) for data in forward.outputs],
        "symbols": [{"letter": s.letter, "meaning": s.meaning, "size": s.size} for s in forward.symbols],
        "flops": forward.flops,
        "growth": _growth(forward.growth),
        "attention_growth": _growth(forward.attention_growth),
        "parameter_bytes": forward.parameter_bytes,
        "activation_bytes": forward.activation_bytes,
        "peak_bytes": forward.peak_bytes,
        "peak_growth": _growth(forward.peak_growth),
        "cache_bytes": forward.cache_bytes,
        "cache_per_token": forward.cache_per_token,
        "cache_growth": _growth(forward.cache_growth),
        "never_called": list(forward.never_called),
        "failed": _failure(forward.failed),
        "chosen": list(forward.chosen),
        "choice": forward.choice,
        "real": forward.real,
        "passes": forward.passes,
        "notes": list(forward.notes),
        "steps": [_step(step) for step in forward.steps],
    }


def _data(data: Data) -> dict[str, Any]:
    return {"name": data.name, "shape": list(data.shape), "named": list(data.named), "dtype": data.dtype}


def _growth(growth: Growth | None) -> list[list[Any]] | None:
    """[[factor, {"B": 1, "T": 2}], ...]: the sum of these products."""
    return None if growth is None else [[factor, dict(powers)] for factor, powers in growth.terms]


def _failure(failed: Failure | None) -> dict[str, Any] | None:
    if failed is None:
        return None
    return {
        "path": failed.path,
        "module": failed.module,
        "error": failed.error,
        "shapes": [list(data.shape) for data in failed.inputs],
        "expected": failed.expected,
        "line": failed.line,
        "code": failed.code,
        "reason": failed.reason,
        "done": failed.done,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "path": step.path,
        "kind": step.kind,
        "op": step.op,
        "in": [list(data.shape) for data in step.inputs],
        "named_in": [list(data.named) for data in step.inputs],
        "out": [list(data.shape) for data in step.outputs],
        "named_out": [list(data.named) for data in step.outputs],
        "from": [list(data.sources) for data in step.inputs],
        "parent": step.parent,
        "flops": step.flops,
        "bytes": step.bytes,
        "line": step.line,
        "call": step.call,
        "calls": step.calls,
        "repeat": step.repeat,
        "details": dict(step.details),
        "reads": list(step.reads),
    }

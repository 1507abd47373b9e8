"""What is told of a pass that stopped: where, on what shapes, what was expected there, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from ..tree import Data, Failure, Tree, find
from .run import Pass
from .steps import RawData, RawStep

Reason = Literal["error", "data", "fake", "inputs", "interrupted"]
LONGEST = 600


def half_wanted(error: BaseException) -> bool:
    """Whether an operator wants bfloat16: grouped matrix products of experts do."""
    text = str(error)
    return "_grouped_mm" in text or ("Expected" in text and ("BFloat16" in text or "BF16" in text))


def reason_of(error: BaseException) -> Reason:
    """Why a pass stopped."""
    name = type(error).__name__
    if name in ("DataDependentOutputException", "DynamicOutputShapeException") or "data-dependent" in str(error).lower():
        return "data"
    if name in ("UnsupportedOperatorException", "UnsupportedFakeTensorException", "UnsupportedMutationAliasingException"):
        return "fake"
    if isinstance(error, RuntimeError) and ("FakeTensor" in str(error) or "fake" in str(error).lower().split()):
        return "fake"
    return "error"


def failure_of(told: Pass, tree: Tree, datas: Callable[[Sequence[RawData], Sequence[Any]], tuple[Data, ...]]) -> Failure:
    """The failure of a pass."""
    error = told.error
    assert error is not None
    steps = [told.steps[place] for place in told.failed_at]
    step = steps[-1] if steps else (told.steps[0] if told.steps else None)
    path = step.path if step else ""
    visit = find(tree.root, path)
    reason = reason_of(error)
    if isinstance(error, TypeError) and "argument" in str(error) and len(steps) <= 1:
        reason = "inputs"
    return Failure(
        path=path,
        module=step.op if step else tree.root.type,
        error=_text(error),
        inputs=datas(step.inputs, []) if step else (),
        expected=_expected(visit.node, step) if visit and step else "",
        line=told.line or (step.line if step else None),
        reason=reason,
        done=sum(1 for s in told.steps if s.kind == "module" and s.ended),
    )


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:LONGEST]


def _expected(node: Any, step: RawStep) -> str:
    """What the module takes, where its type and settings tell."""
    if not step.inputs:
        return ""
    shape, kind = step.inputs[0].shape, f"{node.type}({node.args})" if node.args else node.type
    last = shape[-1] if shape else 0
    width = node.get("in_features", "nf_in")
    if isinstance(width, int) and width != last:
        return f"{kind} takes a last dimension of {width:,}; this one has {last:,}."
    channels = node.get("in_channels")
    if isinstance(channels, int):
        dims = 3 if "1d" in node.type else 5 if "3d" in node.type else 4
        if len(shape) not in (dims, dims - 1):
            return f"{kind} takes {dims} dimensions, batch and {channels:,} channels first; this one has {len(shape)}."
        if shape[-dims + 1] != channels:
            return f"{kind} takes {channels:,} channels in the dimension after the batch; this one has {shape[-dims + 1]:,}."
    return _expected_otherwise(node, kind, shape)


def _expected_otherwise(node: Any, kind: str, shape: tuple[int, ...]) -> str:
    wanted = node.get("normalized_shape")
    wanted = (wanted,) if isinstance(wanted, int) else wanted
    if isinstance(wanted, tuple) and tuple(shape[-len(wanted) :]) != wanted:
        return f"{kind} takes data whose last dimensions are {wanted}; here they are {tuple(shape[-len(wanted) :])}."
    features = node.get("num_features", "num_channels")
    if isinstance(features, int) and len(shape) > 1 and shape[1] != features:
        return f"{kind} takes {features:,} channels in the second dimension; this one has {shape[1]:,}."
    size = node.get("input_size", "embed_dim")
    if isinstance(size, int) and shape and shape[-1] != size:
        return f"{kind} takes a last dimension of {size:,}; this one has {shape[-1]:,}."
    return ""

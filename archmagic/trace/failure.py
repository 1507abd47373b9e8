"""What is told of a pass that stopped: where, on what shapes, what was expected there, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from ..tree import Data, Failure, Tree, find
from .expected import Makers, expected_by_module, expected_by_operation
from .run import Pass
from .steps import RawData, RawStep

Reason = Literal["error", "data", "fake", "inputs", "interrupted"]
LONGEST = 600
REWORDED = (
    (r"a and b must have same reduction dim, but got \[(\d+), (\d+)\] X \[(\d+), (\d+)\]\.?",
     r"mat1 and mat2 shapes cannot be multiplied (\1x\2 and \3x\4)"),
    (r"Expected (\d+) in dimension \d+ but got (\d+) for tensor number (\d+) in the list\.?",
     r"Expected size \1 but got size \2 for tensor number \3 in the list."),
)  # fmt: skip
BROADCAST = "Attempting to broadcast a dimension of length"
"""How fake tensors word what real ones word otherwise."""


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
    reason = reason_of(error)
    if isinstance(error, TypeError) and "argument" in str(error) and len(steps) <= 1:
        reason = "inputs"
    return Failure(
        path=path,
        module=step.op if step else tree.root.type,
        error=_text(error, told.failed_operation),
        inputs=datas(step.inputs, []) if step else (),
        expected=_expected(told, tree, step, error) if step and reason != "data" else "",
        line=told.line or (step.line if step else None),
        code=told.code,
        reason=reason,
        done=sum(1 for s in told.steps if s.kind == "module" and s.ended),
    )


def _text(error: BaseException, operation: RawStep | None) -> str:
    """The error in the words that people know it by."""
    text = " ".join(str(error).split())
    for fake, real in REWORDED:
        text = re.sub(fake, real, text)
    if text.startswith(BROADCAST) and operation is not None and len(operation.inputs) == 2:
        a, b = (data.shape for data in operation.inputs)
        for back, (x, y) in enumerate(zip(a[::-1], b[::-1], strict=False), 1):
            if x != y and 1 not in (x, y):
                dim = max(len(a), len(b)) - back
                text = f"The size of tensor a ({x}) must match the size of tensor b ({y}) at non-singleton dimension {dim}"
                break
    return f"{type(error).__name__}: {text}"[:LONGEST]


def _expected(told: Pass, tree: Tree, step: RawStep, error: BaseException) -> str:
    makers, visit = Makers(told.steps, told.inputs), find(tree.root, step.path)
    by_module = expected_by_module(visit.node, step, error, makers) if visit else ""
    if by_module or told.failed_operation is None:
        return by_module or _parts(tree, step, error)
    return expected_by_operation(told.failed_operation, makers)


def _parts(tree: Tree, step: RawStep, error: BaseException) -> str:
    """The names that a module has, where one was asked for that it has not."""
    visit = find(tree.root, step.path)
    if not isinstance(error, AttributeError) or "object has no attribute" not in str(error) or visit is None:
        return ""
    names = [child.segment for child in visit.node.children][:8]
    return f"Its parts are {', '.join(names)}." if names and f"'{visit.node.type}' object" in str(error) else ""

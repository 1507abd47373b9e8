"""A pass of data through the model as it travels to the view: its steps in order, as columns of numbers beside the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from ..tree import Data, Failure, Forward, Step

Text = Callable[[str], int]
Place = Callable[[str], int]

MOST = 8
"""So many shapes are listed one by one."""
TIMES = {2: "twice"}


def passing(forward: Forward, text: Text, place: Place) -> dict[str, Any]:
    """Each step's depth in the outline, row, operation ("" for a module's call), shapes by name and exact, what more is known of it and
    where it was computed; the sizes that the inputs chose; where it failed, if it did. `text` numbers a text, `place` gives the row of
    a path."""
    depths: list[int] = []
    for step in forward.steps:
        depths.append(0 if step.parent is None else depths[step.parent] + 1)
    columns = {
        "depth": depths,
        "node": [place(step.path) for step in forward.steps],
        "op": [text("" if step.kind == "module" else step.op.replace("_", " ")) for step in forward.steps],
        "shapes": [text(_flow(step, named=True)) for step in forward.steps],
        "exact": [text(_flow(step, named=False)) for step in forward.steps],
        "more": [text(_more(step)) for step in forward.steps],
        "line": [text(step.line or "") for step in forward.steps],
        "flops": [step.flops for step in forward.steps],
        "call": [step.call for step in forward.steps],
    }
    failed = forward.failed
    return {
        "steps": columns,
        "symbols": [[symbol.letter, symbol.meaning, symbol.size] for symbol in forward.symbols],
        "failed": [place(failed.path), _failure(failed)] if failed else None,
    }


def pass_badges(forward: Forward | None) -> dict[str, tuple[str, ...]]:
    """By path: "never called", "called twice", "made-up choice", "failed here"."""
    if forward is None:
        return {}
    badges: dict[str, tuple[str, ...]] = dict.fromkeys(forward.never_called, ("never called",))
    for step in forward.steps:
        if step.kind == "module" and step.calls > 1 and step.call == 1:
            badges[step.path] = (f"called {TIMES.get(step.calls, f'{step.calls} times')}",)
    for path in forward.chosen:
        badges[path] = (*badges.get(path, ()), "made-up choice")
    if forward.failed and forward.failed.path:
        badges[forward.failed.path] = ("failed here",)
    return badges


def _flow(step: Step, named: bool) -> str:
    given, made = _shapes(step.inputs, named), _shapes(step.outputs, named)
    return f"{given} → {made}" if given and made else given or made


def _shapes(data: Sequence[Data], named: bool) -> str:
    """ "(B, T, 768), 2 x (B, T, 64)": of more than MOST, those alike in a row are counted."""
    texts = [d.text if named else f"({', '.join(map(str, d.shape))}{',' if len(d.shape) == 1 else ''})" for d in data]
    if len(texts) <= MOST:
        return ", ".join(texts)
    runs = [(text, len(list(alike))) for text, alike in groupby(texts)]
    told = [f"{count} x {text}" if count > 1 else text for text, count in runs]
    return ", ".join(told if len(told) <= MOST else [*told[:MOST], "..."])


def _more(step: Step) -> str:
    return ", ".join(f"{name}={value}" for name, value in step.details.items() if value is not None)


def _failure(failed: Failure) -> str:
    error = failed.error if failed.error.endswith((".", "!", "?")) else f"{failed.error}."
    parts = [error, failed.expected, failed.line and f"({failed.line}{failed.code and ': '}{failed.code})"]
    if failed.inputs:
        parts.insert(1, f"It was given {_shapes(failed.inputs, named=False)}.")
    return " ".join(filter(None, parts))

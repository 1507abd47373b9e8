"""What people do with a model in archmagic."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from torch import nn

import archmagic
from archmagic import Explanation


def explain(model: nn.Module, inputs: Any) -> Explanation:
    return archmagic.explain(model)


def explain_in_every_form(model: nn.Module, inputs: Any) -> None:
    explanation = archmagic.explain(model, level="beginner", depth=2)
    assert explanation.to_text() and explanation.to_markdown() and explanation.to_html() and explanation.to_dict()
    explanation.selected = explanation.paths("") and ""


def display(model: nn.Module, inputs: Any) -> None:
    """The explanation and the model itself, as a notebook's formatters are asked for them."""
    shell = InteractiveShell.instance()
    for shown in (archmagic.explain(model), model):
        assert shell.display_formatter.format(shown)[0]["text/html"]


def make_a_widget(model: nn.Module, inputs: Any) -> None:
    archmagic.explain(model).widget.close()


def trace(model: nn.Module, inputs: Any) -> None:
    assert archmagic.explain(model, inputs=inputs).forward is not None


def trace_for_real(model: nn.Module, inputs: Any) -> None:
    with contextlib.suppress(archmagic.ArchmagicError):  # no real pass without weights
        archmagic.explain(model, inputs=inputs, trace="real")


def fail_in_reading_options(model: nn.Module, inputs: Any) -> None:
    with contextlib.suppress(archmagic.ArchmagicError):
        archmagic.explain(model, level="wizard")  # type: ignore[arg-type]


def trace_what_does_not_fit(model: nn.Module, inputs: Any) -> None:
    with contextlib.suppress(archmagic.ArchmagicError):
        archmagic.explain(model, inputs=(3, 5, 7, 11))


ACTIONS: dict[str, Callable[[nn.Module, Any], Any]] = {
    function.__name__.replace("_", " "): function
    for function in (
        explain, explain_in_every_form, display, make_a_widget, trace, trace_for_real, fail_in_reading_options, trace_what_does_not_fit,
    )
}  # fmt: skip

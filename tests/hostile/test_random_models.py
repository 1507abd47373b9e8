"""Whatever a model is put together from, every form of its explanation comes out, and what it counts and prints is exact."""

from __future__ import annotations

import contextlib
import json
import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.parameter import is_lazy

import archmagic
from archmagic import PrintedModelError

from .random_models import random_model


def parameters(model: nn.Module) -> int | None:
    """As torch counts them; None where some have no size yet."""
    found = list(model.parameters())
    return None if any(map(is_lazy, found)) else sum(parameter.numel() for parameter in found)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@given(seed=st.integers(0, 2**32))
def test_any_model_is_explained_in_every_form_and_counted_exactly(seed: int) -> None:
    model = random_model(seed)
    explanation = archmagic.explain(model)
    assert explanation.printed == repr(model)
    fact, expected = explanation.facts.get("num_parameters"), parameters(model)
    assert expected is None or (fact is not None and fact.value == expected)
    assert explanation.to_text() and explanation.to_markdown() and explanation.to_svg()
    assert explanation._repr_mimebundle_()[0]["text/html"]
    explanation.diagram(form="mermaid")
    json.dumps(explanation.to_dict())
    assert pickle.loads(pickle.dumps(explanation)).to_text() == explanation.to_text()
    for path in list(dict(model.named_modules()))[1:20]:
        assert path in explanation.paths(path)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@given(seed=st.integers(0, 2**32))
@example(seed=17191)
def test_its_print_is_explained_too_and_printed_back(seed: int) -> None:
    printed = repr(random_model(seed))
    with contextlib.suppress(PrintedModelError):  # a layer alone may be dressed so that its print is none: LSTM(8, nan)
        explanation = archmagic.explain(printed)
        assert str(explanation.tree) == printed
        assert explanation.to_text()
        assert explanation._repr_mimebundle_()[0]["text/html"]

"""Model and process are afterwards what they were before."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import archmagic
from tests.notebook.conftest import Cells

from .actions import ACTIONS, explain
from .models import INPUTS, MODELS
from .state import of_model, of_process

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    built = {name: make() for name, make in MODELS.items()}
    for name in built:  # what torch and transformers load and warn of the first time is not ours to answer for
        archmagic.explain(built[name], inputs=INPUTS[name])
    return built


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("name", MODELS)
def test_the_model_is_as_it_was(models: dict[str, Any], shell: Cells, name: str, action: str) -> None:
    before = of_model(models[name])
    ACTIONS[action](models[name], INPUTS[name])
    assert of_model(models[name]) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_the_process_is_as_it_was(models: dict[str, Any], shell: Cells, action: str) -> None:
    for name in MODELS:
        ACTIONS[action](models[name], INPUTS[name])
    before = of_process()
    for name in MODELS:
        ACTIONS[action](models[name], INPUTS[name])
    after = of_process()
    assert {key: value for key, value in after.items() if value != before[key]} == {}


@pytest.mark.parametrize("broken", ["archmagic.read.read", "archmagic.facts.find_facts", "archmagic.story.tell"])
@pytest.mark.parametrize("name", ["hand-written", "gpt2", "scripted"])
def test_a_failure_of_ours_leaves_all_as_it_was(models: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str, broken: str) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    before, process = of_model(models[name]), of_process()
    monkeypatch.setattr(broken, fail)
    with pytest.raises(ZeroDivisionError):
        archmagic.explain(models[name])
    assert of_model(models[name]) == before
    assert of_process() == process


@pytest.mark.parametrize("name", sorted(MODELS.keys() - {"quantized"}))  # whose own extra_repr unpacks its weight
def test_no_operation_runs_on_a_tensor(models: dict[str, Any], name: str) -> None:
    from torch.utils._python_dispatch import TorchDispatchMode

    ran: list[str] = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            ran.append(str(func))
            return func(*args, **(kwargs or {}))

    with Watch():
        explain(models[name], None)._repr_mimebundle_()
    assert ran == []


def test_a_models_gradients_are_where_they_were() -> None:
    model = MODELS["gpt2"]()
    model(torch.zeros(1, 4, dtype=torch.long)).logits.sum().backward()
    grads = {name: (id(p.grad), p.grad.tolist()) for name, p in model.named_parameters() if p.grad is not None}
    archmagic.explain(model, inputs="auto")._repr_mimebundle_()
    assert grads
    assert {name: (id(p.grad), p.grad.tolist()) for name, p in model.named_parameters() if p.grad is not None} == grads

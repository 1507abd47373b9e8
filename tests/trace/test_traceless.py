"""A pass leaves nothing behind: not in the model, not in torch, also when forward raises or is interrupted."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import threading
import weakref
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from archmagic import explain

from .models import DependsOnData, Keeps, Language, Wrong


def state(model: nn.Module) -> dict[str, Any]:
    """All that a model holds: by identity what it is, by value what is in it."""
    found: dict[str, Any] = {}
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            found[f"{path}.{name}"] = id(value)
            if isinstance(value, list):
                found[f"{path}.{name}[]"] = [id(part) for part in value]
            if isinstance(value, dict):
                found[f"{path}.{name}[]"] = [(key, id(part), getattr(part, "_version", None)) for key, part in value.items()]
            if isinstance(value, Tensor):
                found[f"{path}.{name}="] = value._version, value.clone().tolist()
    return found


def torch_state() -> tuple[Any, ...]:
    """What of torch and of Python's generators a pass could change."""
    from torch.utils._python_dispatch import _get_current_dispatch_mode

    return (
        nn.Module.__call__, nn.functional.linear, nn.functional.scaled_dot_product_attention, torch.get_rng_state().tolist(),
        random.getstate(), torch.get_default_dtype(), torch.is_grad_enabled(), _get_current_dispatch_mode(),
    )  # fmt: skip


@pytest.mark.parametrize("how", ["fake", "real"])
@pytest.mark.parametrize("training", [True, False])
def test_a_model_that_keeps_things_is_as_before(how: Any, training: bool) -> None:
    model = Keeps().train(training)
    model.fc.register_forward_hook(lambda module, args, out: model.seen.append(out))
    before, elsewhere = state(model), torch_state()
    forward = explain(model, inputs=(4, 8), trace=how).forward
    assert forward is not None
    assert forward.failed is None, forward.failed
    assert state(model) == before
    assert torch_state() == elsewhere
    assert model.training is training
    assert model(torch.ones(4, 8)).shape == (4, 8)  # nothing fake is left to meet


class Converts(nn.Module):
    """Turns parts of itself into another type on the way, as routers of experts do."""

    def __init__(self) -> None:
        super().__init__()
        self.recurrent = nn.LSTM(8, 8, batch_first=True)
        self.head = nn.Sequential(nn.Linear(8, 2), nn.BatchNorm1d(2))

    def forward(self, x: Tensor) -> Tensor:
        self.head = self.head.to(torch.float64)
        result: Tensor = self.head(self.recurrent.to(x.dtype)(x)[0][:, 0].double())
        return result


def test_what_forward_converts_of_the_model_is_as_before() -> None:
    model = Converts()
    before, elsewhere = state(model), (nn.Module._apply, torch_state())
    forward = explain(model, inputs=(4, 3, 8)).forward
    assert forward is not None and forward.failed is None
    assert [data.dtype for data in forward.outputs] == ["float64"]
    assert state(model) == before
    assert (nn.Module._apply, torch_state()) == elsewhere


@pytest.mark.parametrize(("model", "inputs"), [(Wrong(), (1, 3, 32, 32)), (DependsOnData(), (2, 10)), (Keeps(), (9, 8))])
def test_also_where_forward_raises(model: nn.Module, inputs: tuple[int, ...]) -> None:
    before, elsewhere = state(model), torch_state()
    forward = explain(model, inputs=inputs).forward
    assert forward is not None
    assert forward.failed is not None
    assert state(model) == before
    assert torch_state() == elsewhere


def test_an_interruption_passes_through_and_leaves_nothing() -> None:
    class Stopped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            self.half = self.fc(x)
            raise KeyboardInterrupt

    model = Stopped()
    before, elsewhere = state(model), torch_state()
    with pytest.raises(KeyboardInterrupt):
        explain(model, inputs=(1, 4))
    assert state(model) == before
    assert torch_state() == elsewhere


@pytest.mark.parametrize("model", [Language(), Wrong()])
def test_an_explanation_does_not_keep_the_model(model: nn.Module) -> None:
    import copy

    model = copy.deepcopy(model)
    inputs = (1, 16) if isinstance(model, Language) else (1, 3, 32, 32)
    explanation = explain(model, inputs=inputs)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    assert explanation.forward is not None


def test_no_weight_is_read() -> None:
    """Weights whose memory is gone cannot be read; shapes are all that is left of them."""
    model = Language()
    for parameter in model.parameters():
        parameter.untyped_storage().resize_(0)
    forward = explain(model, inputs=(1, 16)).forward
    assert forward is not None
    assert forward.failed is None


def test_a_model_on_meta_will_do() -> None:
    with torch.device("meta"):
        model = Language(2)
    forward = explain(model, inputs=(1, 16)).forward
    assert forward is not None
    assert [data.text for data in forward.outputs] == ["(B, T, 50)"]


def test_calls_in_other_threads_are_none_of_the_pass() -> None:
    other, stop, failures = nn.Linear(4, 4), threading.Event(), []

    def work() -> None:
        while not stop.is_set():
            if type(other(torch.ones(2, 4))) is not Tensor:
                failures.append("fake")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        forward = explain(Language(), inputs=(1, 16)).forward
    finally:
        stop.set()
        thread.join()
    assert forward is not None
    assert not failures
    assert all(step.op != "Linear" or step.path for step in forward.steps)


def test_inputs_given_are_not_changed() -> None:
    class InPlace(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.add_(1)

    x = torch.ones(2, 3)
    for how in ("fake", "real"):
        explain(InPlace(), inputs=x, trace=how)  # type: ignore[arg-type]
    assert x.tolist() == [[1.0] * 3] * 2
    assert x._version == 0


def test_without_inputs_nothing_of_it_is_imported() -> None:
    code = (
        "import sys, torch, archmagic; archmagic.explain(torch.nn.Linear(3, 2)).to_text(); "
        "print([name for name in sys.modules if name.startswith(('archmagic.trace', 'torch._subclasses.fake_tensor_'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

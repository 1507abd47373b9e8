"""An interrupt at any line leaves the model, the process and the notebook as they were, and what is asked next is right."""

from __future__ import annotations

import random
import signal
import threading
import time
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archmagic
from tests.notebook.conftest import Cells

from .actions import display, explain_in_every_form, trace, trace_for_real
from .interrupt import lines_of
from .models import INPUTS, MODELS
from .state import of_model, of_process

POINTS = 24
"""Lines at which each is interrupted, of all that run."""

WHERE = {
    "explain in every form": (explain_in_every_form, ""),
    "display": (display, "notebook"),
    "follow data": (trace, ""),
    "follow data, in the code that changes and restores the model": (trace, "trace"),
    "follow data for real": (trace_for_real, "trace"),
}


@pytest.fixture(autouse=True)
def as_in_a_notebook() -> Any:
    """Interrupts raise KeyboardInterrupt, as they do in a cell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("name", ["hand-written", "gpt2", "parametrized"])
def test_an_interrupt_at_any_line_leaves_all_as_it_was(shell: Cells, name: str, where: str) -> None:
    action, within = WHERE[where]
    model, inputs = MODELS[name](), INPUTS[name]
    action(model, inputs)
    expected = archmagic.explain(model).to_dict()
    before, process = of_model(model), of_process()
    chance = random.Random(f"{name} {where}")
    lines = lines_of(lambda: action(model, inputs), within)
    assert lines > POINTS
    interrupted = 0
    for at in sorted(chance.sample(range(1, lines + 1), POINTS)):
        try:
            lines_of(lambda: action(model, inputs), within, at)
        except KeyboardInterrupt:
            interrupted += 1
        assert of_model(model) == before, at
        after = of_process()
        assert {key: value for key, value in after.items() if value != process[key]} == {}, at
    assert interrupted == POINTS
    assert archmagic.explain(model).to_dict() == expected


class Endless(nn.Module):
    """A forward that no operation interrupts."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.began = threading.Event()

    def forward(self, x: Tensor) -> Tensor:
        self.fc(x)
        self.began.set()
        while True:
            time.sleep(0.01)


def test_a_loop_without_end_is_ended_by_a_second_interrupt() -> None:
    model = Endless()
    began, ended = model.began, threading.Event()

    def press() -> None:
        began.wait(60)
        while not ended.wait(0.2):
            signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=press)
    before = {name: id(tensor) for name, tensor in model.named_parameters()}
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            archmagic.explain(model, inputs=(1, 4))
    finally:
        ended.set()
        thread.join()
    assert {name: id(tensor) for name, tensor in model.named_parameters()} == before
    assert torch.is_grad_enabled()

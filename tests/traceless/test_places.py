"""Wherever it is called from: several threads at once, a forked worker, under modes and defaults that change what torch makes."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import torch
from torch import nn

import archmagic
from archmagic.read.alone import alone

from .actions import explain_in_every_form
from .models import INPUTS, MODELS
from .state import of_model

pytestmark = pytest.mark.slow

NAMES = ("hand-written", "gpt2", "adapted")
THREADS = 4
TURNS = 6


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns far more often than usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def texts(model: nn.Module, inputs: Any) -> tuple[str, str]:
    return archmagic.explain(model).to_text(), archmagic.explain(model, inputs=inputs).to_text()


@pytest.mark.parametrize("name", NAMES)
def test_threads_that_read_and_follow_one_model_at_once_all_see_it_as_it_is(hasty: None, name: str) -> None:
    model, inputs = MODELS[name](), INPUTS[name]
    expected, before = texts(model, inputs), of_model(model)
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(TURNS):
            follows = (number + turn) % 2
            try:
                text = (archmagic.explain(model, inputs=inputs) if follows else archmagic.explain(model)).to_text()
            except Exception as error:
                wrong.append(error)
            else:
                wrong.extend([text] * (text != expected[follows]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert of_model(model) == before


def _in_worker(model: nn.Module, inputs: Any, sender: Any) -> None:
    sender.send(texts(model, inputs))
    sender.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system forks no processes")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python's, of forking where threads run: which is what is tried
def test_a_worker_forked_while_another_thread_reads_explains_too() -> None:
    model, inputs = MODELS["gpt2"](), INPUTS["gpt2"]
    expected = texts(model, inputs)
    reading, done = threading.Event(), threading.Event()

    def read_for_long() -> None:
        with alone():
            reading.set()
            done.wait(120)

    reader = threading.Thread(target=read_for_long)
    reader.start()
    reading.wait(60)
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # torch's own pool of threads does not outlive a fork
    worker = fork.Process(target=_in_worker, args=(model, inputs, sender))
    try:
        worker.start()
        assert receiver.poll(120), "the worker waits for a lock that nobody holds"
        assert receiver.recv() == expected
    finally:
        done.set()
        reader.join()
        worker.kill()
        worker.join()
        torch.set_num_threads(threads)


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    yield
    torch.set_default_dtype(before)


PLACES: dict[str, Callable[[], Any]] = {
    "inference mode": torch.inference_mode,
    "no gradients": torch.no_grad,
    "a default device of meta": lambda: torch.device("meta"),
    "a default dtype of bfloat16": lambda: default_dtype(torch.bfloat16),
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "anomaly detection": torch.autograd.detect_anomaly,
}


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", NAMES)
def test_the_same_is_told_and_nothing_left_under(name: str, place: str) -> None:
    model, inputs = MODELS[name](), INPUTS[name]
    expected = archmagic.explain(model).to_dict()
    followed = archmagic.explain(model, inputs=inputs)
    before = of_model(model)
    with ExitStack() as stack:
        stack.enter_context(PLACES[place]())
        modes = torch.get_default_dtype(), torch.get_default_device(), torch.is_inference_mode_enabled(), torch.is_grad_enabled()
        assert archmagic.explain(model).to_dict() == expected
        explain_in_every_form(model, inputs)
        again = archmagic.explain(model, inputs=inputs)
        assert modes == (
            torch.get_default_dtype(), torch.get_default_device(), torch.is_inference_mode_enabled(), torch.is_grad_enabled(),
        )  # fmt: skip
    assert again.forward is not None
    assert again.forward.failed is None, again.forward.failed
    assert followed.forward is not None
    if place != "autocast":  # in which the products of a pass are bfloat16, as told
        assert again.to_dict() == followed.to_dict()
    assert of_model(model) == before

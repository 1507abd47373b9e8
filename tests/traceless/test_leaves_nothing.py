"""Nothing is kept, written, started or asked for: models and explanations can be collected, and no file, thread, comm or socket is left."""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from torch import nn

import archmagic
from tests.notebook.conftest import Cells

from .actions import ACTIONS, display
from .models import INPUTS, MODELS

pytestmark = pytest.mark.slow

TURNS = 1_000


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("name", ["hand-written", "gpt2", "adapted", "parametrized"])
def test_a_model_can_be_collected_afterwards(shell: Cells, name: str, action: str) -> None:
    model = MODELS[name]()
    ACTIONS[action](model, INPUTS[name])
    gone = [weakref.ref(part) for part in model.modules()] + [weakref.ref(tensor) for tensor in model.parameters()]
    del model
    gc.collect()
    assert [reference for reference in gone if reference() is not None] == []


@pytest.mark.parametrize("followed", [False, True])
def test_an_explanation_can_be_collected_with_all_that_was_made_of_it(shell: Cells, followed: bool) -> None:
    model = MODELS["gpt2"]()
    explanation = archmagic.explain(model, inputs=INPUTS["gpt2"] if followed else None)
    assert explanation._repr_mimebundle_()[0] and explanation.to_text() and explanation.to_html() and explanation.to_svg()
    gone = weakref.ref(explanation)
    del explanation
    gc.collect()
    assert gone() is None


def test_an_explanation_outlives_its_model_and_still_tells_all() -> None:
    model = MODELS["gpt2"]()
    explanation = archmagic.explain(model)
    expected = archmagic.explain(model).to_text()
    del model
    gc.collect()
    assert explanation.to_text() == expected


def test_a_thousand_displays_take_no_more_memory_than_a_few(shell: Cells) -> None:
    """Blocks that Python holds, counted: not the system's idea of memory, which depends on the machine."""
    model = MODELS["adapted"]()

    def turns(count: int) -> int:
        for _ in range(count):
            display(model, None)
        gc.collect()
        return sys.getallocatedblocks()

    turns(50)
    before = turns(10)
    after = turns(TURNS)
    assert after - before < TURNS  # less than a block for each


def test_widgets_that_are_closed_leave_no_comm(shell: Cells) -> None:
    import comm
    from ipywidgets import Widget

    model = MODELS["adapted"]()
    archmagic.explain(model).widget.close()
    manager = comm.get_comm_manager()
    before = len(manager.comms), len(Widget.widgets) if hasattr(Widget, "widgets") else 0
    for _ in range(5):
        archmagic.explain(model).widget.close()
    after = len(manager.comms), len(Widget.widgets) if hasattr(Widget, "widgets") else 0
    assert after == before


class Refused(Exception):
    """What must not be asked for was."""


@pytest.fixture
def refusing() -> Iterator[Callable[[], list[str]]]:
    """Notes, through Python's own audit of itself, what opens a file to write, a socket, a process or a thread."""
    seen: list[str] = []
    watched = [True]

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if not watched[0]:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
            if writes and path != os.devnull:
                seen.append(f"open {path} {mode}")
        elif event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "urllib.", "http.")):
            seen.append(event)
        elif event in (
            "os.remove",
            "os.rename",
            "os.mkdir",
            "os.rmdir",
            "os.chmod",
            "shutil.copyfile",
            "tempfile.mkstemp",
            "tempfile.mkdtemp",
        ):
            seen.append(f"{event} {arguments}")

    sys.addaudithook(audit)  # cannot be taken away: from the end of the test on it looks at nothing
    yield lambda: seen
    watched[0] = False


@pytest.mark.parametrize("action", ACTIONS)
def test_no_file_is_written_no_socket_opened_and_nothing_started(
    shell: Cells, refusing: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    model, inputs = MODELS["hand-written"](), INPUTS["hand-written"]
    ACTIONS[action](model, inputs)  # what Python itself writes when it imports a module for the first time is not ours
    before = {thread.ident for thread in threading.enumerate()}
    refusing().clear()

    def refuse(*_: object, **__: object) -> None:
        raise Refused("a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    ACTIONS[action](model, inputs)
    assert refusing() == []
    assert {thread.ident for thread in threading.enumerate()} == before


def test_a_print_is_explained_without_sockets_too(refusing: Callable[[], list[str]]) -> None:
    text = repr(nn.Sequential(nn.Linear(3, 2), nn.ReLU()))
    archmagic.explain(text).to_html()
    refusing().clear()
    explanation = archmagic.explain(text)
    assert explanation.to_text() and explanation.to_html()
    assert refusing() == []


def test_memory_while_explaining_is_given_back() -> None:
    model = MODELS["gpt2"]()
    archmagic.explain(model).to_text()
    gc.collect()
    tracemalloc.start()
    try:
        archmagic.explain(model).to_text()
        gc.collect()
        now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now < 300_000
    assert peak < 20_000_000

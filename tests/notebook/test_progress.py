"""The line that says that work goes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from archmagic.notebook import progress as module
from archmagic.notebook.progress import progress

from .conftest import Cells


class Publisher:
    """Keeps what is published, and tells of each."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.told = threading.Event()

    def publish(self, data: dict[str, Any], metadata: dict[str, Any], **kwargs: Any) -> None:
        self.published.append({"text": data["text/plain"], **kwargs})
        self.told.set()


@pytest.fixture
def kernel(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    """A shell that is a kernel's, where patience is short."""
    monkeypatch.setattr(module, "PATIENCE", 0.001)
    cells.shell.kernel = object()  # type: ignore[attr-defined]
    publisher = Publisher()
    monkeypatch.setattr(cells.shell, "display_pub", publisher)
    return publisher


def test_long_work_is_told_in_one_output_that_is_empty_in_the_end(kernel: Publisher) -> None:
    with progress("working"):
        assert kernel.told.wait(60)
    first, *_, last = kernel.published
    assert first["text"].startswith("working ... ")
    assert first["update"] is False
    assert last["text"] == ""
    assert last["update"] is True
    assert len({one["transient"]["display_id"] for one in kernel.published}) == 1


def test_short_work_says_nothing(kernel: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 3600)
    with progress("working"):
        pass
    assert kernel.published == []


def test_interrupted_work_leaves_no_thread_and_no_line(kernel: Publisher) -> None:
    with pytest.raises(KeyboardInterrupt), progress("working"):
        assert kernel.told.wait(60)
        raise KeyboardInterrupt
    assert kernel.published[-1]["text"] == ""
    assert not [thread for thread in threading.enumerate() if thread.name == "archmagic-progress"]


def test_work_within_work_is_told_once(kernel: Publisher) -> None:
    with progress("outer"), progress("inner"):
        assert kernel.told.wait(60)
    assert not [one for one in kernel.published if "inner" in one["text"]]


def test_outside_a_shell_and_in_a_pipe_nothing_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(module, "_tell", lambda *args: pytest.fail("told"))
    with progress("working"):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_it_in_one_line_and_clears_it(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    told = threading.Event()
    tell: Callable[[str], None] = lambda text: (written.append(text), told.set())  # type: ignore[func-returns-value]  # noqa: E731
    stderr = type("Terminal", (), {"isatty": lambda self: True, "write": lambda self, text: tell(text), "flush": lambda self: None})()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(module, "PATIENCE", 0.001)
    with progress("working"):
        assert told.wait(60)
    assert written[0].startswith("\r\x1b[Kworking")
    assert written[-1] == "\r\x1b[K"

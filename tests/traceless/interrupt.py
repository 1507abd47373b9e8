"""Presses Ctrl-C at a chosen moment: before the n-th line of archmagic's own code that a call runs."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import archmagic

PACKAGE = str(Path(archmagic.__file__).parent)


def lines_of(action: Callable[[], Any], within: str = "", at: int | None = None) -> int:
    """Runs `action`; gives how many lines of archmagic's (in a folder `within` it, if given) it ran. Before the one numbered `at` the
    process gets a real SIGINT, once."""
    count = 0
    start = str(Path(PACKAGE) / within)

    def line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
            if count == at:
                signal.raise_signal(signal.SIGINT)
        return line

    def call(frame: FrameType, event: str, _: Any) -> Any:
        return line if frame.f_code.co_filename.startswith(start) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        action()
    finally:
        sys.settrace(before)
    return count

"""A guard against work that would not end, as a quadratic reader of megabytes. It judges no speed."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def must_end(seconds: float = 120) -> Iterator[None]:
    """Fails the test where the block has not ended after `seconds`."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"still running after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

"""An interrupt (Ctrl-C, the stop button) while a model stands changed waits for a moment at which all can be put back."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Interrupts:
    """Those that came since `held` began.

    Python raises an interrupt between any two steps of a program, also half-way through putting a model back. So it is noted, and raised
    at the next operation or module call of the pass, from where every `finally` runs whole. Where none comes, as in a loop without
    end in forward, a second interrupt is raised at once.
    """

    def __init__(self) -> None:
        self.waiting = False
        self.running = False
        """Whether forward runs, so that a second interrupt may come through."""
        self.usual: Any = None

    def arrive(self, number: int, frame: Any) -> None:
        again, self.waiting = self.waiting and self.running, True
        if again:
            self.come(frame)

    def come(self, frame: Any = None) -> None:
        """Raises what waits, as it would have been raised without us."""
        if self.waiting:
            self.waiting = False
            self.usual(signal.SIGINT, frame)


@contextmanager
def held() -> Iterator[Interrupts]:
    """While the block runs, interrupts wait; what still waits comes after it. Python interrupts the main thread only."""
    interrupts = Interrupts()
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield interrupts
        return
    interrupts.usual = usual
    try:
        signal.signal(signal.SIGINT, interrupts.arrive)
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, usual)
        interrupts.come()

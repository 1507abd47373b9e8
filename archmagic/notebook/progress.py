"""A line that says that work goes on, once it has taken a second, and is gone when it is done.

Not a widget: making one would switch all of Colab to another widget manager, and leave an error box in a saved notebook.
"""

from __future__ import annotations

import contextvars
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 1.0
"""Seconds before anything is said, and between two sayings."""

_at_work = threading.local()
"""What one line speaks of may call what would show another."""


@contextmanager
def progress(what: str) -> Iterator[None]:
    """While the block runs, says so where a person waits for it: in a notebook, or in an interactive terminal. Elsewhere does nothing."""
    say = None if getattr(_at_work, "now", False) else _speaker()
    if say is None:
        yield
        return
    done = threading.Event()
    # An output finds its cell by the context that it is published in.
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(_tell, say, what, done), name="archmagic-progress", daemon=True)
    try:  # from here on, so that an interrupt leaves no thread
        thread.start()
        _at_work.now = True
        yield
    finally:
        _at_work.now = False
        done.set()
        if thread.ident is not None:
            thread.join()


def _tell(say: Any, what: str, done: threading.Event) -> None:
    start = time.monotonic()
    said = False
    while not done.wait(PATIENCE):
        said = True
        say(f"{what} ... {time.monotonic() - start:.0f} s")
    if said:
        say("")


def _speaker() -> Any:
    """What shows a line in place of the one before; None where nobody waits."""
    IPython = sys.modules.get("IPython")
    shell = IPython.get_ipython() if IPython is not None and hasattr(IPython, "get_ipython") else None
    if shell is None:
        return None
    if getattr(shell, "kernel", None) is not None:
        return _Line(shell.display_pub)
    return _terminal if sys.stderr.isatty() else None


class _Line:
    """An output that is overwritten. It is left empty in the saved notebook."""

    def __init__(self, publisher: Any) -> None:
        self._publisher = publisher
        self._name = f"archmagic-progress-{time.monotonic_ns()}"  # transient: never saved
        self._begun = False

    def __call__(self, text: str) -> None:
        self._publisher.publish({"text/plain": text}, {}, transient={"display_id": self._name}, update=self._begun)
        self._begun = True


def _terminal(text: str) -> None:
    sys.stderr.write(f"\r\x1b[K{text}")
    sys.stderr.flush()

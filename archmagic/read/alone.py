"""While data is followed through a model it stands changed: hooks aside, in eval mode, on tensors without numbers. Nobody reads it then."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.RLock()


def _renew() -> None:
    """A forked worker has none of the threads that could let go of the lock."""
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


@contextmanager
def alone() -> Iterator[None]:
    """One thread at a time reads models or follows data through them; within it, it may do so again."""
    with _lock:
        yield

"""Sends the module calls of a pass through the recorder.

Module calls are seen by standing before `nn.Module.__call__` while the pass runs. Hooks would be the documented way, but a global pre-hook
is not given keyword arguments and no hook runs when a pass is interrupted; hooks on modules would stand in the model.
`nn.Module.__call__` is put back in a `finally`, and calls of other threads go straight through.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .record import Recorder


@contextmanager
def watching(recorder: Recorder) -> Iterator[None]:
    """Module calls of this thread go through the recorder."""
    from torch import nn

    original = nn.Module.__call__
    owner = threading.get_ident()

    def call(module: Any, *args: Any, **kwargs: Any) -> Any:
        place = recorder.enter(module, args, kwargs) if threading.get_ident() == owner else None
        if place is None:
            return original(module, *args, **kwargs)
        try:
            result = original(module, *args, **kwargs)
        except BaseException:
            if not recorder.failed_at:
                recorder.failed_at = list(recorder.open)
            recorder.close(place)
            raise
        recorder.leave(place, (args, kwargs), result)
        return result

    nn.Module.__call__ = call
    try:
        yield
    finally:
        nn.Module.__call__ = original

"""Lets a forward convert a module of its own (`self.router.to(x.dtype)`) in a pass on fake tensors: torch would exchange the contents of
the old tensor and the new one, which it refuses where others look at them, as a pass does.

`nn.Module._apply` is put back in a `finally`, and calls of other threads go straight through.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def convertible() -> Iterator[None]:
    """What modules convert in this thread replaces the tensor in their tables. Whoever put fake tensors there puts the model's back."""
    from torch import nn

    original = nn.Module._apply
    owner = threading.get_ident()

    def apply(module: Any, change: Callable[[Any], Any], recurse: bool = True) -> Any:
        if threading.get_ident() != owner:
            return original(module, change, recurse)
        for child in module.children() if recurse else ():
            child._apply(change)
        for table in (module._parameters, module._buffers):
            table.update({name: change(tensor) for name, tensor in table.items() if tensor is not None})
        return module

    nn.Module._apply = apply
    try:
        yield
    finally:
        nn.Module._apply = original

"""torch's two places to look on while a model runs: operations as written (TorchFunctionMode), and as executed (TorchDispatchMode)."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from .fakes import DEVICE, Fakes
from .record import Recorder
from .values import replaced


class Operations(TorchDispatchMode):  # type: ignore[misc]
    """Every operation as executed: real tensors become fake ones first, then it is recorded. Without `fakes` it is only recorded."""

    def __init__(self, recorder: Recorder, fakes: Fakes | None) -> None:
        super().__init__()
        self._recorder, self._fakes = recorder, fakes
        self._device = torch.device(DEVICE)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if self._fakes is None:
            out = func(*args, **kwargs)
        else:
            args = tuple(replaced(arg, self._fake) for arg in args)
            kwargs = {name: replaced(value, self._fake) for name, value in kwargs.items()}
            if kwargs.get("device") is not None:
                kwargs["device"] = self._device
            out = self._fakes.known.call(func, args, kwargs)
        self._recorder.operation(func, args, kwargs, out)
        return out

    def _fake(self, tensor: Any) -> Any:
        fakes = self._fakes
        assert fakes is not None
        return tensor if fakes.is_fake(tensor) else fakes.like(tensor)


class Functions(TorchFunctionMode):  # type: ignore[misc]
    """Scaled dot product attention as called: further down it may be several operations."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is not scaled_dot_product_attention:
            return func(*args, **kwargs)
        with self._recorder.attention(args, kwargs) as done:
            out = func(*args, **kwargs)
            done(out)
        return out

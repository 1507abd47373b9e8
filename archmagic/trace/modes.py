"""torch's two places to look on while a model runs: operations as written (TorchFunctionMode), and as executed (TorchDispatchMode)."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from .fakes import DEVICE, Fakes
from .known import Known
from .packed import packed_function
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
        if self._fakes is not None:
            args = tuple(replaced(arg, self._fake) for arg in args)
            kwargs = {name: replaced(value, self._fake) for name, value in kwargs.items()}
            if kwargs.get("device") is not None:
                kwargs["device"] = self._device
        with self._recorder.trying(func, args, kwargs):
            out = func(*args, **kwargs) if self._fakes is None else self._fakes.call(func, args, kwargs)
        self._recorder.operation(func, args, kwargs, out)
        return out

    def _fake(self, tensor: Any) -> Any:
        fakes = self._fakes
        assert fakes is not None
        return tensor if fakes.is_fake(tensor) else fakes.like(tensor)


PRODUCTS = (torch.matmul, torch.Tensor.matmul, torch.Tensor.__matmul__)
ARRAYS = (torch.Tensor.numpy, torch.Tensor.__array__)
Call = tuple[Any, ...]
"""What `Recorder.spanning` takes."""
NAMES = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")


class Functions(TorchFunctionMode):  # type: ignore[misc]
    """Scaled dot product attention, and products of two things made from the data, as called: further down they may be several operations,
    on other shapes. `known` are the values of fake tensors; None in a real pass."""

    def __init__(self, recorder: Recorder, known: Known | None) -> None:
        super().__init__()
        self._recorder, self._known = recorder, known

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.Tensor.__format__ and args[0].dim() == 0:  # f"expert_{index}" gives the number, of plain tensors only
            return format(args[0].item(), *args[1:])
        if self._known is not None:
            if func in ARRAYS:
                return self._known.array(args[0])
            if (packed := packed_function(func, args, self._known.value)) is not None:
                return packed()
        call: Call | None
        if func is scaled_dot_product_attention:
            call = self._attention(args, kwargs)
        elif func is linear:
            call = self._linear(*args, **kwargs)
        else:
            call = self._product(func, args, kwargs)
        if call is None:
            return func(*args, **kwargs)
        with self._recorder.spanning(*call) as done:
            out = func(*args, **kwargs)
            done(out)
        return out

    def _attention(self, args: Any, kwargs: Any) -> Call:
        named = dict(zip(NAMES, args, strict=False)) | kwargs
        given = [(name, named[name]) for name in NAMES[:4] if named.get(name) is not None]
        details = self._recorder.attention_details(named["query"], named["key"], named.get("attn_mask"), bool(named.get("is_causal")))
        return "attention", given, details

    def _linear(self, input: Any, weight: Any, bias: Any = None) -> Call | None:  # torch's own names
        """None where it is all that a layer does."""
        if not self._recorder.among_parts(input):
            return None
        return "linear", [("", input)], {}, [t for t in (weight, bias) if t is not None]

    def _product(self, func: Any, args: Any, kwargs: Any) -> Call | None:
        """None where it is none, or one with a weight."""
        if func in PRODUCTS and len(args) == 2 and not kwargs:
            pair = args
        elif func is torch.einsum and len(args) == 3:
            pair = args[1:]
        else:
            return None
        made = all(isinstance(t, torch.Tensor) and t.dim() > 1 and self._recorder.origin(t).steps for t in pair)
        if not made:
            return None
        details = {"equation": args[0]} if func is torch.einsum else self._recorder.product_details(*pair)
        return "matmul", [("", tensor) for tensor in pair], details

"""Runs a model on fake tensors: tensors with a shape and a type but no numbers.

Every parameter and buffer is replaced through `torch.func.functional_call`; whatever else turns up in an operation (a mask kept as a
plain attribute,
a constant in a closure, a ScriptModule's weights, which functional_call cannot reach) is turned into a fake one there, in a
TorchDispatchMode that stands before
FakeTensorMode. So `allow_non_fake_inputs`, which lets real weights into computations, is never needed, and no number is ever read.

All fakes are on the CPU, whatever device the model is on: nothing is allocated there, and attention stays one operator. Devices named in
forward are overruled, so models spread over several need none of them.
"""

from __future__ import annotations

import weakref
from typing import Any

from .checks import check
from .choices import Choice
from .known import Known

DEVICE = "cpu"


class Fakes:
    """Makes fake tensors for one pass. `half`: floating-point weights and inputs become bfloat16. `choose`: how what is
    picked by values is made up."""

    def __init__(self, half: bool = False, choose: Choice | None = None) -> None:
        import torch
        from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

        self.mode = FakeTensorMode(allow_fallback_kernels=False, allow_non_fake_inputs=False)
        self._fake = FakeTensor
        self._half = half
        self._torch = torch
        self._made: dict[int, tuple[weakref.ref[Any], Any]] = {}
        self.known = Known(self, choose)

    def like(self, tensor: Any) -> Any:
        """The fake of a tensor; the same one each time."""
        known = self._made.get(id(tensor))
        if known is not None and known[0]() is tensor:
            return known[1]
        torch = self._torch
        dtype = torch.bfloat16 if self._half and tensor.is_floating_point() else tensor.dtype
        with self.mode:
            if tensor.layout == torch.strided and not tensor.is_quantized:
                fake = torch.empty_strided(tuple(tensor.shape), tensor.stride(), dtype=dtype, device=DEVICE)
            else:
                fake = torch.empty(tuple(tensor.shape), dtype=dtype, device=DEVICE)
        self._made[id(tensor)] = (weakref.ref(tensor), fake)
        if not isinstance(tensor, torch.nn.Parameter) and not tensor.requires_grad:
            self.known.keep(fake, tensor)
        return fake

    def of_weights(self, model: Any) -> dict[str, Any]:
        """Fakes for all parameters and buffers, each under its first name, as functional_call wants them; tied ones are one."""
        from torch.jit import ScriptModule

        fakes = {}
        for path, module in model.named_modules():
            if isinstance(module, ScriptModule):
                continue
            for table in (module._parameters, module._buffers):
                for name, tensor in table.items():
                    if tensor is not None:
                        fakes[f"{path}.{name}" if path else name] = self.like(tensor)
        return fakes

    def call(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs an operation on fakes.

        Raises:
            What it raises on fakes, and what it would raise on real tensors.
        """
        check(func._schema.name.partition("::")[2], args, self.known.value, types=not self._half)
        return self.known.call(func, args, kwargs)

    def is_fake(self, tensor: Any) -> bool:
        """Whether it is a fake of this pass; one of an earlier pass is as foreign as a real tensor."""
        return isinstance(tensor, self._fake) and tensor.fake_mode is self.mode

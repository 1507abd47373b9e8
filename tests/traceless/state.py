"""What must be the same afterwards: everything in a model, and everything of the process that explaining could touch."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import threading
import warnings
from typing import Any

import numpy
import torch
from torch import nn

CONTAINERS = (dict, list, set)


def of_model(model: nn.Module) -> list[Any]:
    """Every module's dictionary, mode and hooks; every tensor's identity, version, gradient and values."""
    found: list[Any] = []
    for name, part in model.named_modules():
        state = object.__getattribute__(part, "__dict__")
        found.append((name, id(part), type(part), part.training, {key: _value(value) for key, value in state.items()}))
        if not isinstance(part, torch.jit.ScriptModule):
            found += [_tensor(t) for t in (*part._parameters.values(), *part._buffers.values()) if isinstance(t, torch.Tensor)]
    return found


def _value(value: Any, deep: int = 3) -> Any:
    """Which object it is and, of a plain container, what it holds."""
    inner: Any = None
    if isinstance(value, dict) and deep:
        inner = [(str(k), _value(v, deep - 1)) for k, v in value.items()]
    elif isinstance(value, list | tuple) and deep:
        inner = [_value(v, deep - 1) for v in value]
    return id(value), type(value), inner


def _tensor(tensor: torch.Tensor) -> tuple[Any, ...]:
    lazy = torch.nn.parameter.is_lazy(tensor)
    values = None if lazy or tensor.is_meta else tensor.detach().clone().tolist()
    return (
        id(tensor), tensor._version, tensor.requires_grad, tensor.grad is None, tensor.is_leaf, _value(vars(tensor)),
        list((tensor._backward_hooks or {}).items()), None if lazy or tensor.is_meta else tensor.data_ptr(), values,
    )  # fmt: skip


def of_process() -> dict[str, Any]:
    """What a library could leave changed."""
    return {
        "torch's random numbers": torch.get_rng_state().tolist(),
        "python's random numbers": random.getstate(),
        "numpy's random numbers": [str(part) for part in numpy.random.get_state()],
        "default dtype": torch.get_default_dtype(),
        "default device": torch.get_default_device(),
        "threads of torch": (torch.get_num_threads(), torch.get_num_interop_threads()),
        "gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.is_anomaly_enabled()),
        "autocast": (torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")),
        "determinism": (torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.deterministic, torch.backends.mkldnn.enabled),
        "modes": (torch._C._len_torch_dispatch_stack(), torch._C._len_torch_function_stack()),
        "warning filters": list(warnings.filters),
        "how warnings are shown": (warnings.showwarning, warnings.formatwarning),
        "logging": (logging.root.level, list(logging.root.handlers), logging.root.manager.disable, logging.getLoggerClass()),
        "loggers": {n: (g.level, list(g.handlers), g.disabled) for n, g in _loggers()},
        "torch's functions": _functions(),
        "hooks of all modules": {n: str(v) for n, v in vars(nn.modules.module).items() if n.startswith("_global_")},
        "threads": {thread.ident for thread in threading.enumerate()},
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)],
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "hooks of python": (sys.excepthook, sys.displayhook, sys.unraisablehook, sys.getrecursionlimit(), tuple(sys.path), sys.gettrace()),
        "streams": (sys.stdout, sys.stderr, sys.stdin),
    }


def _loggers() -> list[tuple[str, logging.Logger]]:
    known = logging.root.manager.loggerDict.copy()
    return [(name, logger) for name, logger in known.items() if isinstance(logger, logging.Logger) and (logger.handlers or logger.level)]


def _functions() -> dict[str, list[tuple[str, int]]]:
    """The functions and methods of torch that others patch, by which object each is."""
    owners: list[Any] = [torch, torch.Tensor, nn.Module, nn.functional, nn.Parameter, nn.init]
    return {
        str(owner): [(name, id(value)) for name, value in sorted(vars(owner).items(), key=lambda item: item[0]) if callable(value)]
        for owner in owners
    }

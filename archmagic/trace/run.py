"""One pass through a model, after which the model is as it was."""

from __future__ import annotations

import logging
import traceback
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from ..read.alone import alone
from .choices import Choice
from .conversions import convertible
from .interrupts import held
from .lines import line_of_error
from .memory import Memory
from .origins import Origin
from .record import Recorder
from .restore import unchanged
from .steps import RawData, RawStep
from .values import replaced, tensors_in
from .watch import watching

WRAPPERS = {
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "OptimizedModule": "_orig_mod",
    "FullyShardedDataParallel": "module",
}


@dataclass
class Pass:
    """What one pass told, with paths of single modules."""

    steps: list[RawStep] = field(default_factory=list)
    inputs: list[RawData] = field(default_factory=list)
    outputs: list[RawData] = field(default_factory=list)
    cache_bytes: int | None = None
    peak: int = 0
    error: BaseException | None = None
    line: str | None = None
    code: str = ""
    failed_operation: RawStep | None = None
    failed_at: list[int] = field(default_factory=list)
    calls: Mapping[str, int] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    result: Any = None


def unwrap(model: Any) -> tuple[Any, str]:
    """The model inside DataParallel's and torch.compile's wrappers, and the prefix of its paths."""
    prefix = ""
    while type(model).__name__ in WRAPPERS and type(model).__module__.startswith("torch."):
        name = WRAPPERS[type(model).__name__]
        inner = model._modules.get(name)
        if inner is None:
            break
        model, prefix = inner, f"{prefix}{name}."
    return model, prefix


def run(
    model: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, prefix: str = "", real: bool = False, half: bool = False,
    choose: Choice | None = None,
    watch: Callable[[int], None] | None = None,
    most: int | None = None,
) -> Pass:  # fmt: skip
    """Runs `model` once on inputs like these: on fake tensors, or for real. What it raises is in the result.

    Modules stand in eval mode meanwhile, as for inference, and no gradients are kept.
    """
    import torch

    from .fakes import Fakes
    from .modes import Functions, Operations

    fakes = None if real else Fakes(half, choose)
    paths: dict[int, str] = {}
    weights: dict[int, str] = {}
    with alone(), held() as interrupts, ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)  # FakeTensorMode logs with a traceback what it also raises
        stack.enter_context(unchanged(model))
        stack.enter_context(torch.inference_mode(False))  # in it operations are taken apart less, so others would be seen
        for path, module in model.named_modules():
            paths[id(module)] = (prefix + path).rstrip(".")
        _quiet(model, real)
        swapped = _copied_buffers(model) if fakes is None else fakes.of_weights(model)
        for name, tensor in swapped.items():
            weights.setdefault(id(tensor), (prefix + name.rpartition(".")[0]).rstrip("."))
        change = (lambda t: t.detach().clone()) if fakes is None else fakes.like
        args, kwargs = replaced(args, change), replaced(kwargs, change)
        there = [*model.parameters(), *swapped.values(), *(tensor for _, tensor in tensors_in((args, kwargs)))]
        memory = Memory(there)
        recorder = Recorder(paths, weights, memory, (lambda t: t) if fakes is None else fakes.known.value, watch, most, interrupts.come)
        if fakes is not None:
            fakes.known.where = recorder.here
        told = Pass(steps=recorder.steps, calls=recorder.calls)
        given = dict(input_tensors(model, args, kwargs))
        for place, tensor in enumerate(given.values(), 1):
            recorder.set_origin(tensor, Origin(frozenset((-place,))))
        told.inputs = [data for name, tensor in given.items() for data in recorder.data(tensor, name)]
        stack.enter_context(torch.no_grad())
        if hasattr(torch.compiler, "set_stance"):
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        stack.enter_context(watching(recorder))
        if fakes is not None:
            stack.enter_context(convertible())
            stack.enter_context(fakes.mode)
        stack.enter_context(Operations(recorder, fakes))
        stack.enter_context(Functions(recorder, None if fakes is None else fakes.known))
        try:
            interrupts.running = True
            result = run_model(model, swapped, args, kwargs)
            told.outputs = recorder.data(result, most=64)
            told.cache_bytes = _cache_bytes(result)
        except BaseException as error:  # an interruption too: how far it came is told
            told.error, told.failed_at, told.failed_operation = error, recorder.failed_at, recorder.failed_operation(error)
            told.line, told.code = line_of_error(error)
            _let_go(error)
        interrupts.running = False
        told.peak = memory.peak
        told.chosen = () if fakes is None else tuple(fakes.known.chosen or fakes.known.picks)
    return told


def run_model(model: Any, swapped: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The call itself. Lines of source are looked for up to here."""
    import torch

    if not swapped or isinstance(model, torch.jit.ScriptModule):
        return model(*args, **kwargs)
    return torch.func.functional_call(model, swapped, args, kwargs, tie_weights=False)


def _let_go(error: BaseException | None) -> None:
    """An error's traceback holds every frame it came through, and so the model."""
    seen: list[BaseException] = []
    while error is not None and all(error is not other for other in seen):
        seen.append(error)
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def input_tensors(model: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(name, tensor) of the inputs, positional ones named as in the signature."""
    import inspect

    try:
        names = [n for n, p in inspect.signature(model.forward).parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    except (TypeError, ValueError):
        names = []
    names += [f"input {at}" for at in range(len(names) + 1, len(args) + 1)]
    yield from ((label, tensor) for name, arg in zip(names, args, strict=False) for label, tensor in tensors_in(arg, name))
    yield from tensors_in(dict(kwargs))


def _cache_bytes(result: Any) -> int | None:
    """Bytes of what is given back for the next token."""
    names = ("past_key_values", "cache_params", "past_buckets_states", "mems", "state")
    found = [getattr(result, name, None) for name in names]
    sizes = [t.numel() * t.element_size() for value in found if value is not None for _, t in tensors_in(value, most=100_000, objects=True)]
    return sum(sizes) if sizes else None


def _quiet(model: Any, real: bool) -> None:
    """Eval mode, no hooks of the user's, nothing compiled: undone by `unchanged`. On shapes alone nothing is gathered from other
    processes either: every tensor has the shape of the whole."""
    libraries = {type(module).__module__.partition(".")[0] for module in model.modules()} | {"torch"}
    libraries.discard("__main__")
    for module in model.modules():
        state = module.__dict__
        if "training" in state:
            state["training"] = False
        if state.get("_compiled_call_impl") is not None:
            state["_compiled_call_impl"] = None
        for name in ("_forward_hooks", "_forward_pre_hooks"):
            hooks = state.get(name) or {}
            kept = {key: hook for key, hook in hooks.items() if _library(hook) in libraries and (real or not _gathers(hook))}
            if len(kept) < len(hooks):
                state[name] = OrderedDict(kept)
        if state.get("_hf_hook") is not None and "_old_forward" in state:  # accelerate's, which moves weights
            state["forward"] = state["_old_forward"]
        modules = state.get("_modules") or {}
        for name, child in list(modules.items()):
            if type(child).__name__ == "OptimizedModule" and "_orig_mod" in getattr(child, "_modules", {}):
                modules[name] = child._modules["_orig_mod"]


def _gathers(hook: Any) -> bool:
    """Whether a hook is of FSDP2 or tensor parallelism: such a one asks other processes for their parts of a tensor."""
    return str(getattr(hook, "__module__", None)).startswith("torch.distributed.")


def _library(hook: Any) -> str:
    """Whose a hook is. Those of torch (weight norm makes a weight in one) and of the model's own library are part of forward; a user's
    keeps what it sees."""
    return str(getattr(hook, "__module__", None) or type(hook).__module__).partition(".")[0]


def _copied_buffers(model: Any) -> dict[str, Any]:
    """Copies of the buffers, for a real pass to change."""
    return {
        f"{path}.{name}" if path else name: buffer.detach().clone()
        for path, module in model.named_modules()
        for name, buffer in module._buffers.items()
        if buffer is not None
    }

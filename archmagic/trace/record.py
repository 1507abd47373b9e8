"""Watches one pass: which module is called when, which operations run between, on what shapes, made from what, at what cost.

Module calls are seen by standing before `nn.Module.__call__` while the pass runs, and operations by a TorchDispatchMode, the last station
before the kernels: it sees everything, whoever wrote it. Hooks would be the documented way, but a global pre-hook is not given keyword
arguments
and no hook runs when a pass is interrupted; hooks on modules would stand in the model. `nn.Module.__call__` is put back in a `finally`,
and calls of other threads go straight through.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..tree import EMPTY, Value
from .flops import count_flops
from .lines import line_of
from .operations import BINARY, STEPS, TOLD_INSIDE, attention_details, details_of
from .values import tensors_in

NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Origin:
    """What a tensor was made from: steps (or inputs, below zero), and weights (by the path of their module)."""

    steps: frozenset[int] = NOTHING
    weights: frozenset[str] = frozenset()
    trig: bool = False
    """Whether it holds sines or cosines, of positions most likely."""
    turned: bool = False
    """Whether it is the data with halves swapped and one negated, or such data times sines: half of a rotation."""
    scaled: bool = False
    """Whether it is data times sines or cosines."""


UNKNOWN = Origin()
JOINS = ("cat", "stack")


@dataclass(slots=True)
class RawData:
    """A tensor of a step, before names are known."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    sources: tuple[int, ...]


@dataclass(slots=True)
class RawStep:
    """A step of one pass, unfolded: `path` names one module."""

    path: str
    kind: str
    op: str
    parent: int | None
    inputs: list[RawData] = field(default_factory=list)
    outputs: list[RawData] = field(default_factory=list)
    flops: int = 0
    compare_flops: int = 0
    """Those of comparing positions with each other."""
    bytes: int = 0
    line: str | None = None
    details: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    reads: tuple[str, ...] = ()
    call: int = 1
    ended: bool = False


class TooLong(Exception):
    """A pass has more steps than was wished: a loop over positions, most likely."""


class Recorder:
    """Records a pass. `paths` and `weights` give the path of a module and of a tensor's module by id; `most` is how many steps it may
    have; `pause` is called where the pass may be interrupted."""

    def __init__(
        self, paths: Mapping[int, str], weights: Mapping[int, str], watch: Callable[[int], None] | None = None, most: int | None = None,
        pause: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._most, self._pause = most, pause
        self.paths, self.weights = paths, weights
        self.steps: list[RawStep] = []
        self.open: list[int] = []
        self.calls: dict[str, int] = {}
        self.failed_at: list[int] = []
        self.peak = 0
        self._alive = 0
        self._watch = watch
        self._leaf: list[bool] = []
        self._modules: list[Any] = []
        self._origins: dict[int, tuple[weakref.ref[Any], Origin]] = {}
        self._storages: dict[int, list[int]] = {}
        self._span = False

    # -- tensors ---------------------------------------------------------------------------------------------------

    def origin(self, tensor: Any) -> Origin:
        """What the tensor was made from."""
        known = self._origins.get(id(tensor))
        if known is not None:
            return known[1]
        path = self.weights.get(id(tensor))
        return UNKNOWN if path is None else Origin(weights=frozenset((path,)))

    def set_origin(self, tensor: Any, origin: Origin) -> None:
        """Notes what the tensor was made from; forgotten when it dies."""
        key = id(tensor)
        known = self._origins.get(key)
        reference = known[0] if known is not None else weakref.ref(tensor, lambda _: self._origins.pop(key, None))
        self._origins[key] = (reference, origin)

    def data(self, value: Any, name: str = "", most: int = 16) -> list[RawData]:
        """The tensors in a value as data."""
        return [
            RawData(label, tuple(map(int, t.shape)), str(t.dtype).removeprefix("torch."), tuple(sorted(self.origin(t).steps)))
            for label, t in tensors_in(value, name, most)
        ]

    def _count_bytes(self, tensor: Any) -> int:
        """Bytes of a tensor whose memory is new; follows how much is alive at once."""
        try:
            storage = tensor.untyped_storage()
            key, size = storage._cdata, storage.nbytes()
        except Exception:  # sparse and other layouts without one storage
            return 0
        entry = self._storages.get(key)
        new = entry is None
        if entry is None:
            entry = self._storages[key] = [0, size]
            self._alive += size
            self.peak = max(self.peak, self._alive)
        entry[0] += 1

        def gone() -> None:
            entry[0] -= 1
            if entry[0] == 0:
                self._alive -= entry[1]
                self._storages.pop(key, None)

        weakref.finalize(tensor, gone).atexit = False
        return size if new else 0

    # -- modules ---------------------------------------------------------------------------------------------------

    def enter(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int | None:
        """A module is called; gives the place of its step."""
        path = self.paths.get(id(module))
        if path is None:
            return None
        self._pause()
        call = self.calls[path] = self.calls.get(path, 0) + 1
        inputs = self.data(args) + self.data(kwargs)
        line = line_of(self._modules[-1]) if self._modules else None
        self.steps.append(RawStep(path, "module", _name(module), self.open[-1] if self.open else None, inputs, line=line, call=call))
        place = len(self.steps) - 1
        self.open.append(place)
        self._modules.append(module)
        self._leaf.append(not module._modules)
        if self._watch is not None:
            self._watch(place)
        return place

    def leave(self, place: int, given: Any, result: Any) -> None:
        """A module gives its result."""
        step = self.steps[place]
        if len(self.steps) == place + 1:  # nothing inside is told: the module itself is where its result comes from
            same = {id(tensor) for _, tensor in tensors_in(given)}
            for _, tensor in tensors_in(result):
                if id(tensor) not in same:
                    old = self.origin(tensor)
                    self.set_origin(tensor, Origin(frozenset((place,)), trig=old.trig))
        step.outputs = self.data(result)
        step.ended = True
        self.close(place)

    def close(self, place: int) -> None:
        """The step ends, well or not."""
        step = self.steps[place]
        self.open.pop()
        self._modules.pop()
        self._leaf.pop()
        if self.open:
            above = self.steps[self.open[-1]]
            above.flops += step.flops
            above.compare_flops += step.compare_flops
            above.bytes += step.bytes

    # -- operations ------------------------------------------------------------------------------------------------

    def operation(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], out: Any) -> None:
        """An operation has run."""
        self._pause()
        name = func._schema.name.partition("::")[2]
        given = [tensor for _, tensor in _flat(args)] + [tensor for _, tensor in _flat(tuple(kwargs.values()))]
        origins = [self.origin(tensor) for tensor in given]
        made = [tensor for _, tensor in _flat((out,) if not isinstance(out, (list, tuple)) else out)]
        flops = count_flops(func, args, kwargs, out)
        size = sum(self._count_bytes(tensor) for tensor in made if id(tensor) not in {id(t) for t in given})
        if self._most is not None and len(self.steps) > self._most:
            raise TooLong
        op = STEPS.get(name)
        if name in JOINS and 0 in (sizes := [tensor.numel() for tensor in given]):  # an empty cache before the first keys
            origins = [o for o, n in zip(origins, sizes, strict=True) if n]
            given = [t for t in given if t.numel()]
        compares = op == "attention" or (op == "matmul" and all(o.steps for o in origins))
        if self.open:
            here = self.steps[self.open[-1]]
            here.flops += flops
            here.bytes += size
            if compares or self._span:
                here.compare_flops += flops
        origin = _derived(name, origins, args)
        if op is not None and self._told(op, name, origins, given, origin):
            if op == "add" and _is_rotation(origins):
                op = "rotary"
            origin = Origin(frozenset((self._add(op, name, func, args, kwargs, given, origins, made, flops, size, compares),)))
        for tensor in made:
            self.set_origin(tensor, origin)

    def _told(self, op: str, name: str, origins: Sequence[Origin], given: Sequence[Any], origin: Origin) -> bool:
        """Whether an operation stands as a step."""
        if self._span or not self.open or not origin.steps:
            return False
        if self._leaf[-1] and (op not in TOLD_INSIDE or type(self._modules[-1]).__module__.startswith("torch.nn")):
            return False
        if op in BINARY:
            if len(origins) != 2:
                return False
            if op == "add" and _is_rotation(origins):
                return True
            if any(o.trig or o.turned or o.scaled for o in origins) and op in ("mul", "add", "sub"):
                return False
            table = op == "add" and any(o.weights and not o.steps and _wide(t) for o, t in zip(origins, given, strict=True))
            return table or all(o.steps for o in origins)
        if op == "cat":
            return not origin.turned and not origin.trig and sum(1 for tensor in given if tensor.numel()) > 1
        if op == "matmul" and not all(o.steps for o in origins):
            return any(o.weights for o in origins)
        return True

    def _add(self, op: str, name: str, func: Any, args: Any, kwargs: Any, given: Any, origins: Any, made: Any, flops: int, size: int,
             compares: bool) -> int:  # fmt: skip
        if op == "matmul" and not all(o.steps for o in origins):
            op = "linear"
        inputs = [_raw(tensor, origin) for tensor, origin in zip(given, origins, strict=True)]
        reads = tuple(sorted({path for o in origins for path in o.weights} - {self.steps[self.open[-1]].path}))
        step = RawStep(
            self.steps[self.open[-1]].path, "function", op, self.open[-1], inputs, flops=flops, bytes=size,
            compare_flops=flops if compares else 0, line=line_of(self._modules[-1]), details=details_of(op, name, args, kwargs),
            reads=reads, )  # fmt: skip
        self.steps.append(step)
        place = len(self.steps) - 1
        step.outputs = [RawData("", tuple(map(int, t.shape)), str(t.dtype).removeprefix("torch."), (place,)) for t in made[:2]]
        step.ended = True
        return place

    @contextmanager
    def attention(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[Callable[[Any], None]]:
        """Scaled dot product attention, however it is computed below, is one step. Gives a function that takes its result."""
        if self._span or not self.open:
            yield lambda result: None
            return
        named = dict(zip(("query", "key", "value", "attn_mask", "dropout_p", "is_causal"), args, strict=False)) | dict(kwargs)
        given = [(name, named[name]) for name in ("query", "key", "value", "attn_mask") if named.get(name) is not None]
        mask, causal = named.get("attn_mask"), bool(named.get("is_causal"))
        details = attention_details(named["query"], named["key"], mask, True if causal else None if mask is not None else False)
        above = self.steps[self.open[-1]]
        flops, size, compared = above.flops, above.bytes, above.compare_flops
        step = RawStep(above.path, "function", "attention", self.open[-1], details=details, line=line_of(self._modules[-1]))
        step.inputs = [RawData(name, *_facts(t), tuple(sorted(self.origin(t).steps))) for name, t in given]
        self._span = True

        def done(result: Any) -> None:
            self.steps.append(step)
            place = len(self.steps) - 1
            step.flops, step.bytes, step.compare_flops = above.flops - flops, above.bytes - size, above.compare_flops - compared
            self.set_origin(result, Origin(frozenset((place,))))
            step.outputs = self.data(result)
            step.ended = True

        try:
            yield done
        finally:
            self._span = False


def _name(module: Any) -> str:
    return str(getattr(module, "original_name", None) or type(module).__name__)


def _facts(tensor: Any) -> tuple[tuple[int, ...], str]:
    return tuple(map(int, tensor.shape)), str(tensor.dtype).removeprefix("torch.")


def _raw(tensor: Any, origin: Origin) -> RawData:
    return RawData("", *_facts(tensor), tuple(sorted(origin.steps)))


def _flat(values: Any) -> Iterator[tuple[str, Any]]:
    """The tensors in an operation's arguments, which nest one level at most."""
    import torch

    for value in values:
        if isinstance(value, torch.Tensor):
            yield "", value
        elif isinstance(value, (list, tuple)):
            yield from (("", part) for part in value if isinstance(part, torch.Tensor))


def _wide(tensor: Any) -> bool:
    """Whether a weight is a table (of positions), not a vector that shifts."""
    return sum(int(size) > 1 for size in tensor.shape) > 1


def _derived(name: str, origins: Sequence[Origin], args: Sequence[Any]) -> Origin:
    """What an operation's result is made from, where it is no step."""
    if not origins:
        return UNKNOWN
    if len(origins) == 1 and name not in ("cos", "sin", "neg", "polar", "mul"):
        return origins[0]
    steps = frozenset().union(*(o.steps for o in origins))
    weights = frozenset().union(*(o.weights for o in origins)) if not steps else frozenset()
    if name in ("cos", "sin", "polar"):
        return Origin(steps, weights, trig=True)
    if name == "neg":
        return Origin(steps, weights, turned=not origins[0].trig, trig=origins[0].trig)
    if name in ("cat", "stack"):
        turned = any(o.turned for o in origins) and len({o.steps for o in origins}) == 1 and len(origins) == 2
        return Origin(steps, weights, turned=turned, trig=all(o.trig for o in origins), scaled=all(o.scaled for o in origins))
    if name in ("mul", "mul_"):
        trig = [o.trig for o in origins]
        if all(trig):
            return Origin(steps, weights, trig=True)
        if any(trig):
            return Origin(steps, weights, scaled=True, turned=any(o.turned for o in origins))
        return Origin(steps, weights, turned=any(o.turned for o in origins) and len(origins) > 1)
    return Origin(steps, weights)


def _is_rotation(origins: Sequence[Origin]) -> bool:
    """Whether a sum is x * cos + turned(x) * sin."""
    return (
        len(origins) == 2
        and any(o.turned for o in origins)
        and (all(o.scaled for o in origins) or all(o.turned or not o.trig for o in origins))
    )


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

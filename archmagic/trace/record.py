"""Records one pass: which module is called when, which operations run between, on what shapes, made from what, at what cost."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ..tree import Value
from .flops import count_flops
from .lines import line_of
from .masks import attention_seen, masked
from .memory import Memory
from .operations import RESULTS, WEIGHTED, details_of, failing_details, heads_of
from .origins import JOINS, UNKNOWN, VIEWS, Origin, Seen, derived, moved
from .steps import RawData, RawStep, raw, shape_of
from .telling import op_of, reshaping, told
from .values import tensors_in


class TooLong(Exception):
    """A pass has more steps than was wished: a loop over positions, most likely."""


class Recorder:
    """Records a pass.

    Args:
        paths: the path of each module, by its id.
        weights: the path of the module that each weight is in, by the weight's id.
        memory: follows memory.
        value: the value of a tensor where it is known, else None.
        watch: called with the place of each module's call.
        most: how many steps there may be.
        pause: called where the pass may be interrupted.
    """

    def __init__(
        self, paths: Mapping[int, str], weights: Mapping[int, str], memory: Memory, value: Callable[[Any], Any],
        watch: Callable[[int], None] | None = None, most: int | None = None, pause: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.paths, self.weights, self.memory, self.value, self._pause = paths, weights, memory, value, pause
        self.steps: list[RawStep] = []
        self.open: list[int] = []
        self.calls: dict[str, int] = {}
        self.failed_at: list[int] = []
        self._watch, self._most = watch, most
        self._modules: list[Any] = []
        self._origins: dict[int, tuple[weakref.ref[Any], Origin]] = {}
        self._span = False
        self._failed: tuple[BaseException, RawStep] | None = None

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
        return [raw(tensor, self.origin(tensor).steps, label) for label, tensor in tensors_in(value, name, most)]

    def here(self) -> str:
        """The path of the module whose forward runs."""
        return self.steps[self.open[-1]].path if self.open else ""

    # -- modules ---------------------------------------------------------------------------------------------------

    def enter(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int | None:
        """A module is called; gives the place of its step."""
        path = self.paths.get(id(module))
        if path is None:
            return None
        self._pause()
        self._tell_moves(tensor for _, tensor in tensors_in((args, kwargs), most=16))
        call = self.calls[path] = self.calls.get(path, 0) + 1
        inputs = self.data(args) + self.data(kwargs)
        line = line_of(self._modules[-1]) if self._modules else None
        place = self._add(RawStep(path, "module", _name(module), self.open[-1] if self.open else None, inputs, line=line, call=call))
        self.open.append(place)
        self._modules.append(module)
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
                    self.set_origin(tensor, Origin(frozenset((place,)), turn=old.turn, seen=old.seen))
        else:
            self._tell_moves(tensor for _, tensor in tensors_in(result, most=16))
        step.outputs = self.data(result)
        step.ended = True
        self.close(place)

    def close(self, place: int) -> None:
        """The step ends, well or not."""
        step = self.steps[place]
        self.open.pop()
        self._modules.pop()
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
        given = [*_flat(args), *_flat(tuple(kwargs.values()))]
        origins = [self.origin(tensor) for tensor in given]
        made = list(_flat((out,) if not isinstance(out, (list, tuple)) else out))
        flops = count_flops(func, args, kwargs, out)
        before = {id(tensor) for tensor in given}
        size = sum(self.memory.add(tensor) for tensor in made if id(tensor) not in before)
        if self._most is not None and len(self.steps) > self._most:
            raise TooLong
        if name in JOINS and 0 in (sizes := [tensor.numel() for tensor in given]):  # an empty cache before the first keys
            origins = [o for o, n in zip(origins, sizes, strict=True) if n]
            given = [t for t in given if t.numel()]
        compares = op_of(name, origins) in ("attention", "matmul") and len([o for o in origins if o.steps]) > 1
        self._count(flops, size, flops if compares or self._span else 0)
        origin = masked(name, args, origins, derived(name, origins), self.value)
        if name in VIEWS and len(given) == 1 and origin.steps and self._modules:
            origin = moved(name, origin, shape_of(given[0]), [shape_of(tensor) for tensor in made], line_of(self._modules[-1]))
        op = None if self._span or not self.open else told(name, origins, given, origin, made, self._modules[-1])
        if op is not None:
            place = self._operate(op, name, args, kwargs, given, origins, made)
            step = self.steps[place]
            step.flops, step.bytes, step.compare_flops = flops, size, flops if compares else 0
            origin = Origin(frozenset((place,)), seen=_softened(op, origin))
        for tensor in made:
            self.set_origin(tensor, origin)

    @contextmanager
    def trying(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[None]:
        """An operation is tried. Where it fails, what it was given is noted."""
        try:
            yield
        except Exception as error:
            name, given = func._schema.name.partition("::")[2], [*_flat(args), *_flat(tuple(kwargs.values()))]
            origins = [self.origin(tensor) for tensor in given]
            step = RawStep(
                "", "function", op_of(name, origins) or name, None, [raw(t, o.steps) for t, o in zip(given, origins, strict=True)]
            )
            step.details = failing_details(name, args, kwargs)
            self._failed = error, step
            raise

    def failed_operation(self, error: BaseException | None) -> RawStep | None:
        """The operation that raised an error, or what led to it; None where none did."""
        while error is not None:
            if self._failed is not None and self._failed[0] is error:
                return self._failed[1]
            error = error.__cause__ or error.__context__
        return None

    def _count(self, flops: int, size: int, compare: int) -> None:
        if self.open:
            here = self.steps[self.open[-1]]
            here.flops += flops
            here.bytes += size
            here.compare_flops += compare

    def _add(self, step: RawStep) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def _operate(self, op: str, name: str, args: Any, kwargs: Any, given: Any, origins: Any, made: Any) -> int:
        """Adds the step of an operation."""
        here = self.steps[self.open[-1]].path
        if op not in ("attention", "matmul"):
            self._tell_moves(given, op)
        weighted = op in WEIGHTED
        inputs = [raw(t, o.steps) for t, o in zip(given, origins, strict=True) if o.steps or not weighted]
        if op == "rotary":  # its two sides are one thing, on the way and turned
            data = next(o for o in origins if o.steps and o.turn != "angle")
            inputs = [raw(made[0], data.steps)]
        reads = tuple(sorted({path for o in origins for path in o.weights} - {here}))
        details = details_of(op, name, args, kwargs, self.value)
        place = self._add(
            RawStep(here, "function", op, self.open[-1], inputs, line=line_of(self._modules[-1]), details=details, reads=reads)
        )
        self.steps[place].outputs = [raw(tensor, frozenset((place,))) for tensor in made[: RESULTS.get(op, 1)]]
        self.steps[place].ended = True
        return place

    def _tell_moves(self, tensors: Any, reader: str = "") -> None:
        """Adds steps for what views did to these tensors, where it matters. They lead nowhere: what reads the data reads what made it."""
        for tensor in tensors:
            origin = self.origin(tensor)
            move = origin.move
            if move is None or move.told or not self.open:
                continue
            move.told = True
            op = reshaping(move, [self.steps[place].op for place in origin.steps if place >= 0], tensor, reader)
            if op is None:
                continue
            given = RawData("", move.start, str(tensor.dtype).removeprefix("torch."), tuple(sorted(origin.steps)))
            step = RawStep(self.steps[self.open[-1]].path, "function", op, self.open[-1], [given], line=move.line)
            place = self._add(step)
            step.outputs = [replace(given, shape=shape, sources=(place,)) for shape in move.made[:4]]
            step.ended = True

    @contextmanager
    def spanning(
        self, op: str, named: Sequence[tuple[str, Any]], details: Mapping[str, Value], weights: Sequence[Any] = ()
    ) -> Iterator[Callable[[Any], None]]:
        """An operation that is one step, however it is computed below; `named` is given to it, `weights` it reads. Gives a function that
        takes its result."""
        if self._span or not self.open:
            yield lambda result: None
            return
        above = self.steps[self.open[-1]]
        flops, size, compared = above.flops, above.bytes, above.compare_flops
        step = RawStep(above.path, "function", op, self.open[-1], details=details, line=line_of(self._modules[-1]))
        origins = [self.origin(tensor) for _, tensor in named]
        step.inputs = [raw(tensor, origin.steps, name) for (name, tensor), origin in zip(named, origins, strict=True)]
        step.reads = tuple(sorted({path for tensor in weights for path in self.origin(tensor).weights} - {above.path}))
        self._span = True

        def done(result: Any) -> None:
            place = self._add(step)
            step.flops, step.bytes, step.compare_flops = above.flops - flops, above.bytes - size, above.compare_flops - compared
            scores = op == "matmul" and not any(o.seen and o.seen.weights for o in origins)
            self.set_origin(result, Origin(frozenset((place,)), seen=Seen() if scores else None))
            step.outputs = self.data(result)
            step.ended = True

        try:
            yield done
        except Exception as error:
            self._failed = error, step  # on the shapes that were written, not those further down
            raise
        finally:
            self._span = False

    def among_parts(self, tensor: Any) -> bool:
        """Whether an operation on a tensor made from the data stands between the parts of a module."""
        return bool(self._modules and self._modules[-1]._modules and self.origin(tensor).steps)

    def attention_details(self, query: Any, key: Any, mask: Any, causal: bool) -> Mapping[str, Value]:
        """Heads of scaled dot product attention on (batch, heads, positions, head size), and what may be seen."""
        return heads_of(query.shape, key.shape, attention_seen(mask, causal, self.value), mask is not None)

    def product_details(self, left: Any, right: Any) -> Mapping[str, Value]:
        """Of a product of attention's weights with values, written by hand: the same; of another product nothing."""
        seen = self.origin(left).seen
        if seen is None or not seen.weights or left.dim() != right.dim() or left.dim() > 4:
            return {}
        return heads_of((*left.shape[:-1], right.shape[-1]), right.shape, seen, seen.causal is not False)


def _softened(op: str, origin: Origin) -> Seen | None:
    return replace(origin.seen, weights=True) if op == "softmax" and origin.seen else None


def _name(module: Any) -> str:
    return str(getattr(module, "original_name", None) or type(module).__name__)


def _flat(values: Any) -> Iterator[Any]:
    """The tensors in an operation's arguments, which nest one level at most."""
    import torch

    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from (part for part in value if isinstance(part, torch.Tensor))

"""Makes one account of several passes: steps folded as the tree is, their dimensions named, their costs as they grow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..tree import Data, Forward, Growth, Step, Symbol, Tree, Value
from .arguments import told_of_arguments
from .failure import failure_of
from .fold import Folding
from .growth import Other, growth_of_bytes, growths_of, keys_of
from .naming import VARIES, Probe, name_dimension
from .run import Pass
from .steps import RawData, RawStep
from .unused import never_called, row_of


@dataclass(frozen=True, slots=True)
class _Naming:
    """Gives a step's tensors their names and their places in the folded pass."""

    folding: Folding
    probes: Sequence[Probe]
    sizes: Mapping[str, int]

    def datas(self, raws: Sequence[RawData], rest: Sequence[Sequence[RawData]]) -> tuple[Data, ...]:
        """The tensors as data; `rest` are those of the other passes, () where one has no such step."""
        return tuple(self._data(raw, [other[at] if at < len(other) else None for other in rest]) for at, raw in enumerate(raws))

    def _data(self, raw: RawData, rest: Sequence[RawData | None]) -> Data:
        sources = tuple(dict.fromkeys(s if s < 0 else self.folding.place[s] for s in raw.sources))
        return Data(raw.shape, raw.dtype, _names(raw, rest, self.probes, self.sizes), raw.name, sources)


def account(
    tree: Tree, base: Pass, others: Sequence[Other], symbols: Sequence[Symbol], real: bool, notes: Sequence[str], model: Any
) -> Forward:
    """What the first pass tells, its dimensions named and its costs extended by the others."""
    probes = [other.probe for other in others]
    naming = _Naming(Folding(base.steps, tree.root), probes, {symbol.letter: symbol.size for symbol in symbols})
    alike = [dict(zip(keys_of(other.told.steps), other.told.steps, strict=True)) for other in others]
    counterparts = [[steps.get(key) for steps in alike] for key in keys_of(base.steps)]
    growths = growths_of(base.steps, counterparts, probes)
    root = base.steps[0] if base.steps else None
    whole = growths[0] if growths else (None, None)
    failed = failure_of(base, tree, naming.datas) if base.error is not None else None
    if failed:
        taken = told_of_arguments(model, [data.name for data in base.inputs], failed.reason == "inputs")
        failed = replace(failed, expected=" ".join(filter(None, (failed.expected, taken))))
    return Forward(
        inputs=naming.datas(base.inputs, [other.told.inputs for other in others]),
        outputs=naming.datas(base.outputs, [other.told.outputs for other in others]),
        steps=tuple(_steps(tree, base, naming, counterparts, [growth for growth, _ in growths])),
        symbols=tuple(symbols),
        flops=root.flops if root else 0,
        growth=whole[0] if probes else None,
        attention_growth=whole[1] if probes else None,
        parameter_bytes=_weight_bytes(model),
        activation_bytes=root.bytes if root else 0,
        peak_bytes=base.peak or None,
        peak_growth=growth_of_bytes(base, others, "peak"),
        cache_bytes=base.cache_bytes,
        cache_growth=growth_of_bytes(base, others, "cache_bytes"),
        never_called=() if failed else never_called(tree, base, model),
        failed=failed,
        real=real,
        chosen=tuple(dict.fromkeys(row_of(tree, path) for path in base.chosen)),
        passes=1 + len(others),
        notes=tuple(notes),
    )


def _steps(
    tree: Tree, base: Pass, naming: _Naming, counterparts: Sequence[Sequence[RawStep | None]], growths: Sequence[Growth | None]
) -> Iterator[Step]:
    """The steps that are kept, in order."""
    for kept in naming.folding.kept:
        raw, rest = base.steps[kept.index], counterparts[kept.index]
        yield Step(
            kept.path, raw.kind, raw.op,  # type: ignore[arg-type]
            naming.datas(raw.inputs, [other.inputs if other else () for other in rest]),
            naming.datas(raw.outputs, [other.outputs if other else () for other in rest]),
            None if raw.parent is None else naming.folding.place[raw.parent],
            raw.flops, growths[kept.index], raw.bytes, raw.line, raw.call, base.calls.get(raw.path, 1), kept.repeat,
            _details(raw, [other for other in rest if other]), tuple(dict.fromkeys(row_of(tree, path) for path in raw.reads)),
        )  # fmt: skip


def _names(raw: RawData, rest: Sequence[RawData | None], probes: Sequence[Probe], sizes: Mapping[str, int]) -> tuple[str, ...]:
    """What its dimensions are called, by how they differ in those passes that have it, too."""
    rank = len(raw.shape)
    found = [(probe, _of_rank(other.shape, rank)) for probe, other in zip(probes, rest, strict=False) if other]
    there = [(probe, shape) for probe, shape in found if shape is not None]
    if {probe.letter for probe, _ in there} != {probe.letter for probe in probes}:
        return (VARIES,) * len(raw.shape)
    used = [probe for probe, _ in there]
    return tuple(name_dimension(size, [shape[at] for _, shape in there], used, sizes) for at, size in enumerate(raw.shape)) if used else ()


def _of_rank(shape: tuple[int, ...], rank: int) -> tuple[int, ...] | None:
    """A shape in fewer dimensions, the first ones taken together: a product may see (B, T, 32) as (B*T, 32) or not, as its memory lies."""
    more = len(shape) - rank
    return shape if not more else (math.prod(shape[: more + 1]), *shape[more + 1 :]) if more > 0 and rank else None


def _details(step: RawStep, others: Sequence[RawStep]) -> Mapping[str, Value]:
    """Its details. A window of attention shows only where more positions are given than it lets see. A product by hand is attention only
    if it is over positions, whose number the inputs choose: the same is computed over channels."""
    if step.op == "matmul" and "causal" in step.details:
        positions = {other.inputs[0].shape[-1] for other in (step, *others)}
        return step.details if len(positions) > 1 else {}
    windows = {other.details["window"] for other in (step, *others) if "window" in other.details}
    return {**step.details, "window": windows.pop()} if len(windows) == 1 else step.details


def _weight_bytes(model: Any) -> int:
    tensors = {
        id(t): t for module in model.modules() for table in (module._parameters, module._buffers) for t in table.values() if t is not None
    }
    return sum(t.numel() * t.element_size() for t in tensors.values())

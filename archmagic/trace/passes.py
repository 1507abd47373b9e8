"""Several passes make one account: the first is for the given inputs, each other changes one size, so that dimensions get names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..tree import Data, Forward, Growth, Step, Symbol, Tree, Value, find, walk
from .failure import failure_of, half_wanted
from .fold import Folding
from .inputs import Given
from .naming import Probe, growth_of, is_power, name_dimension, total
from .record import TooLong
from .run import Pass, run, unwrap
from .sizes import Guess, guesses, named_inputs, resized
from .steps import RawData, RawStep

HALF = (
    "Its experts' matrix products run in bfloat16 only, so this pass did; shapes and operations are the same, bytes are those of bfloat16."
)
REAL = 'A real pass on real weights, asked for with trace="real".'
THIRD = 3
"""A length is tried at three sizes where some cost is no power of it."""
LONG = 3_000
"""From so many steps on, most likely a loop over positions, shorter inputs are tried before longer ones."""


@dataclass
class _Other:
    """Another pass and what it changed."""

    probe: Probe
    told: Pass


def follow(
    model: Any,
    tree: Tree,
    given: Given,
    *,
    real: bool = False,
    names: bool = True,
    most: int | None = None,
    tick: Callable[[str], None] | None = None,
) -> Forward:
    """Follows data through a model.

    Args:
        model: the live module.
        tree: what was read of it.
        given: the inputs.
        real: run on real weights and values; never done unless asked.
        names: also run the passes that name dimensions and tell how costs grow.
        most: so many steps at most, else TooLong is raised.
        tick: called with a few words as work goes on.
    """
    inner, prefix = unwrap(model)
    half = False

    def once(args: Any, kwargs: Any, what: str) -> Pass:
        count = 0

        def watch(place: int) -> None:
            nonlocal count
            count += 1
            if tick is not None and count % 50 == 1:
                tick(f"{what}: {count:,} calls")

        return run(inner, args, kwargs, prefix=prefix, real=real, half=half, watch=watch, most=most)

    base = once(given.args, given.kwargs, "pass")
    if base.error is not None and not real and half_wanted(base.error):
        half = True
        again = once(given.args, given.kwargs, "pass")
        half = again.error is None
        base = again if half else base
    if isinstance(base.error, (KeyboardInterrupt, SystemExit, TooLong)):
        raise base.error
    others: list[_Other] = []
    symbols: list[Symbol] = []
    if names and not real and base.error is None:
        symbols, others = _probe(given, base, once)
    notes = (*given.notes, *((HALF,) if half else ()), *((REAL,) if real else ()))
    return _account(tree, base, others, symbols, real, notes, inner)


def _probe(given: Given, base: Pass, once: Callable[[Any, Any, str], Pass]) -> tuple[list[Symbol], list[_Other]]:
    """Which sizes can be chosen, and a pass for each choice."""
    named = named_inputs(given.args, given.kwargs, given.names)
    ids = {id(tensor): name for name, tensor in named.items()}
    symbols: list[Symbol] = []
    others: list[_Other] = []

    def attempt(guess: Guess, size: int) -> bool:
        sizes = dict.fromkeys(guess.dimensions, size)
        told = once(*resized(given.args, given.kwargs, ids, sizes), f"pass with {guess.letter} = {size:,}")
        if isinstance(told.error, (KeyboardInterrupt, SystemExit)):
            raise told.error
        if told.error is None:
            others.append(_Other(Probe(guess.letter, guess.size, size), told))
        return told.error is None

    taken: set[tuple[str, int]] = set()
    for alternatives in guesses(named):
        for guess in alternatives:
            if guess.dimensions & taken:
                continue
            size = next((size for size in guess.sizes_to_try(len(base.steps) > LONG) if attempt(guess, size)), None)
            if size is None:
                continue
            symbols.append(Symbol(guess.letter, guess.meaning, guess.size))
            taken |= guess.dimensions
            if guess.letter in "TS" and not _powers(base, others[-1]):
                attempt(guess, THIRD * guess.size if size > guess.size else max(1, guess.size // 4))
            break
    return symbols, others


def _powers(base: Pass, other: _Other) -> bool:
    """Whether each cost is a power of the size that another pass changed. Between two sizes only a power can look like one."""
    there = dict(zip(_keys(other.told.steps), other.told.steps, strict=True))
    costs = [(base.cache_bytes or 0, other.told.cache_bytes or 0)]
    own, own_there = _own_flops(base.steps), {id(s): f for s, f in zip(other.told.steps, _own_flops(other.told.steps), strict=True)}
    for key, flops in zip(_keys(base.steps), own, strict=True):
        if flops:
            costs.append((flops, own_there[id(there[key])] if key in there else 0))
    return all(is_power(cost, found, other.probe) for cost, found in set(costs))


def _own_flops(steps: Sequence[RawStep]) -> list[int]:
    """Of each step what none of the steps inside it costs."""
    own = [step.flops for step in steps]
    for step in steps:
        if step.parent is not None:
            own[step.parent] -= step.flops
    return own


def _account(
    tree: Tree, base: Pass, others: Sequence[_Other], symbols: Sequence[Symbol], real: bool, notes: Sequence[str], model: Any
) -> Forward:
    folding = Folding(base.steps, tree.root)
    sizes = {symbol.letter: symbol.size for symbol in symbols}
    probes = [other.probe for other in others]
    keys = _keys(base.steps)
    alike = [dict(zip(_keys(other.told.steps), other.told.steps, strict=True)) for other in others]
    counterparts = [[steps.get(key) for steps in alike] for key in keys]

    def data(raw: RawData, rest: Sequence[RawData | None]) -> Data:
        named: tuple[str, ...] = ()
        if probes and all(other is not None and len(other.shape) == len(raw.shape) for other in rest):
            columns = zip(raw.shape, *(other.shape for other in rest if other is not None), strict=True)
            named = tuple(name_dimension(size, found, probes, sizes) for size, *found in columns)
        sources = tuple(dict.fromkeys(s if s < 0 else folding.place[s] for s in raw.sources))
        return Data(raw.shape, raw.dtype, named, raw.name, sources)

    def datas(raws: Sequence[RawData], rest: Sequence[Sequence[RawData]]) -> tuple[Data, ...]:
        return tuple(data(raw, [other[at] if at < len(other) else None for other in rest]) for at, raw in enumerate(raws))

    growths = _growths(base.steps, counterparts, probes)
    steps = []
    for kept in folding.kept:
        raw, rest = base.steps[kept.index], [other for other in counterparts[kept.index] if other is not None]
        complete = len(rest) == len(probes)
        steps.append(
            Step(
                kept.path, raw.kind, raw.op,  # type: ignore[arg-type]
                datas(raw.inputs, [other.inputs for other in rest] if complete else [()] * len(probes)),
                datas(raw.outputs, [other.outputs for other in rest] if complete else [()] * len(probes)),
                None if raw.parent is None else folding.place[raw.parent],
                raw.flops, growths[kept.index][0], raw.bytes, raw.line, raw.call, base.calls.get(raw.path, 1), kept.repeat,
                _details(raw, rest), tuple(dict.fromkeys(_row(tree, path) for path in raw.reads)),
            )
        )  # fmt: skip
    root = base.steps[0] if base.steps else None
    whole = growths[0] if growths else (None, None)
    failed = failure_of(base, tree, datas) if base.error is not None else None
    return Forward(
        inputs=datas(base.inputs, [other.told.inputs for other in others]),
        outputs=datas(base.outputs, [other.told.outputs for other in others]),
        steps=tuple(steps),
        symbols=tuple(symbols),
        flops=root.flops if root else 0,
        growth=whole[0] if probes else None,
        attention_growth=whole[1] if probes else None,
        parameter_bytes=_weight_bytes(model),
        activation_bytes=root.bytes if root else 0,
        peak_bytes=base.peak or None,
        peak_growth=_growth(base, others, "peak"),
        cache_bytes=base.cache_bytes,
        cache_growth=_growth(base, others, "cache_bytes"),
        never_called=() if failed else _never_called(tree, base),
        failed=failed,
        real=real,
        passes=1 + len(others),
        notes=tuple(notes),
    )


def _details(step: RawStep, others: Sequence[RawStep]) -> Mapping[str, Value]:
    """Its details; a window of attention shows only where more positions are given than it lets see."""
    windows = {other.details["window"] for other in (step, *others) if "window" in other.details}
    return {**step.details, "window": windows.pop()} if len(windows) == 1 else step.details


def _keys(steps: Sequence[RawStep]) -> list[tuple[str, str, str, str | None, int]]:
    """What a step is found by in another pass: its place, operation and line, and the how-manieth of these it is. Without the line, what
    follows a loop over positions would be taken for a part of the longer loop."""
    counts: dict[tuple[str, str, str, str | None], int] = {}
    keys = []
    for step in steps:
        key = (step.path, step.kind, step.op, step.line)
        counts[key] = counts.get(key, 0) + 1
        keys.append((*key, counts[key]))
    return keys


def _growths(
    steps: Sequence[RawStep], counterparts: Sequence[Sequence[RawStep | None]], probes: Sequence[Probe]
) -> list[tuple[Growth | None, Growth | None]]:
    """For each step how its cost grows, and the part of comparing positions: its own and that of all inside it."""
    if not probes:
        return [(None, None)] * len(steps)
    inside: list[list[int]] = [[] for _ in steps]
    for index, step in enumerate(steps):
        if step.parent is not None:
            inside[step.parent].append(index)
    found: list[tuple[Growth | None, Growth | None]] = [(None, None)] * len(steps)
    known: dict[tuple[int, ...], Growth | None] = {}
    rest = _own_flops(steps)

    def own(index: int, name: str) -> Growth | None:
        there = counterparts[index]
        if any(other is None for other in there):
            return None
        costs = tuple(int(getattr(step, name)) for step in (steps[index], *there))
        if costs not in known:
            known[costs] = growth_of(costs[0], costs[1:], probes)
        return known[costs]

    for index in range(len(steps) - 1, -1, -1):
        parts = inside[index]
        if not parts or not any(steps[part].flops for part in parts):
            found[index] = own(index, "flops"), own(index, "compare_flops")
            continue
        if rest[index]:  # some of its operations are no steps
            found[index] = own(index, "flops"), own(index, "compare_flops")
        else:
            found[index] = total([found[part][0] for part in parts]), total([found[part][1] for part in parts])
    return found


def _growth(base: Pass, others: Sequence[_Other], name: str) -> Growth | None:
    """How bytes of the whole pass grow."""
    here, there = getattr(base, name), [getattr(other.told, name) for other in others]
    return growth_of(here, there, [other.probe for other in others]) if here and others and None not in there else None


def _weight_bytes(model: Any) -> int:
    tensors = {
        id(t): t for module in model.modules() for table in (module._parameters, module._buffers) for t in table.values() if t is not None
    }
    return sum(t.numel() * t.element_size() for t in tensors.values())


def _row(tree: Tree, path: str) -> str:
    visit = find(tree.root, path)
    return visit.path if visit else path


def _never_called(tree: Tree, base: Pass) -> tuple[str, ...]:
    """The topmost parts of which nothing was called and no weight was read; containers are called by nobody."""
    used = set(base.calls) | {path for step in base.steps for path in step.reads}
    rows = {_row(tree, path) for path in used}
    above = set()
    for row in rows:
        while row:
            above.add(row)
            row = row.rpartition(".")[0]
    found: list[str] = []
    for visit in walk(tree.root):
        path = visit.path
        unused = path and path not in above and not visit.node.is_none and path not in tree.shared
        if unused and not any(path.startswith(f"{other}.") for other in found):
            found.append(path)
    return tuple(found)

"""How data passes the parts of one module, from a forward pass: its sub-layers, norms and additions, and what each of them reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..tree import Data, Forward, Step
from .blocks import Block
from .places import Place, Places
from .series import IN, Parallel, Series, series

JOINS = frozenset(("add", "mul", "cat"))
"""Operations that bring two branches together."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What data passes in one module.

    Attributes:
        series: its parts in order, as places in `Forward.steps`, branches side by side.
        part_of: which sub-layer each of those steps stands for: the place of an attention, a feed-forward, a mixture. Others are their own.
        beside: the steps that also read what comes from outside the module's own stream.
    """

    series: Series
    part_of: Mapping[int, Place]
    beside: frozenset[int]


class Steps:
    """The steps of a pass, to be asked."""

    def __init__(self, forward: Forward, places: Places) -> None:
        self.all, self.places = forward.steps, places
        self.below: dict[int, list[int]] = defaultdict(list)
        for number, step in enumerate(forward.steps):
            if step.parent is not None:
                self.below[step.parent].append(number)

    @cached_property
    def of(self) -> dict[str, int]:
        """The first call of each module."""
        calls = ((step.path, number) for number, step in enumerate(self.all) if step.kind == "module")
        return dict(reversed(list(calls)))

    def place(self, number: int) -> Place | None:
        """The module that a step calls; None of an operation."""
        step = self.all[number]
        return self.places.by_path.get(step.path) if step.kind == "module" else None

    def inside(self, number: int) -> Iterator[int]:
        """The steps that ran inside a step."""
        todo = list(reversed(self.below[number]))
        while todo:
            step = todo.pop()
            yield step
            todo += reversed(self.below[step])


def block_flow(steps: Steps, block: Block) -> Flow | None:
    """How data passes a block's sub-layers; None where it did not run or is no arrangement of series and branches."""
    groups: dict[Place, set[str]] = {}
    for attention in block.attentions:
        groups[attention.whole] = {attention.whole.path, *(part.path for part in attention.parts.values())}
    for mixture in block.mixtures:
        groups[mixture.holder] = {mixture.holder.path}
    for mixer in block.mixers:
        groups.setdefault(mixer.place, {mixer.place.path})
    for feed in block.feeds:
        if not any(m.holder.index <= feed.place.index < m.holder.end for m in block.mixtures):
            own = feed.place is not block.place
            parts = (feed.place,) if own else (feed.up, feed.down, feed.gate, feed.activation)
            groups[feed.place if own else feed.up] = {part.path for part in parts if part}
    return module_flow(steps, block.place.path, groups)


def module_flow(steps: Steps, path: str, groups: Mapping[Place, set[str]]) -> Flow | None:
    """How data passes the module at `path`; `groups` are parts that are looked at as one, by the paths of what they consist of."""
    me = steps.of.get(path)
    if me is None or not steps.all[me].outputs:
        return None
    units, part_of = _units(steps, me, groups)
    stream = _stream(steps.all[me])
    if stream is None:
        return None
    before: dict[int, tuple[int, ...]] = {}
    beside: set[int] = set()
    for unit, members in units.items():
        reads = [source for member in members for data in steps.all[member].inputs for source in data.sources]
        found = {_unit_of(steps, units, me, source, stream.sources) for source in reads} - {unit}
        if None in found:
            beside.add(unit)
        before[unit] = tuple(sorted(x for x in found if x is not None))
        if any(x > unit for x in before[unit]):
            return None
    last = {_unit_of(steps, units, me, source, stream.sources) for source in steps.all[me].outputs[0].sources}
    if len(last) != 1 or (end := last.pop()) is None or end == IN:
        return None
    joins = {unit for unit in units if steps.all[unit].kind == "function" and steps.all[unit].op in JOINS}
    found_series = series(before, joins, end, {unit for unit in joins if steps.all[unit].op == "add"})
    if found_series is None:
        return None
    return Flow(found_series, part_of, frozenset(beside))


def _stream(step: Step) -> Data | None:
    """The input that the module works on: the first one of the output's shape, else the first made from the data."""
    made = [data for data in step.inputs if data.sources]
    return next((data for data in made if data.shape == step.outputs[0].shape), made[0] if made else None)


def _units(steps: Steps, me: int, groups: Mapping[Place, set[str]]) -> tuple[dict[int, tuple[int, ...]], dict[int, Place]]:
    """The parts looked at, each under its last step, with all its steps; and which of them are groups."""
    rows: dict[object, list[int]] = defaultdict(list)
    todo = list(reversed(steps.below[me]))
    while todo:
        number = todo.pop()
        step = steps.all[number]
        group = _group(step, groups)
        if group is None and step.kind == "module" and _opens(steps, number, groups):
            todo += reversed(steps.below[number])
        else:
            rows[group or number].append(number)
    units = {max(members): tuple(members) for members in rows.values()}
    return units, {max(members): key for key, members in rows.items() if isinstance(key, Place)}


def _group(step: Step, groups: Mapping[Place, set[str]]) -> Place | None:
    """The group that a step belongs to: it is one of its parts, or in one."""
    for place, paths in groups.items():
        if step.kind == "module" and any(step.path == path or step.path.startswith(f"{path}.") for path in paths):
            return place
    return None


def _opens(steps: Steps, number: int, groups: Mapping[Place, set[str]]) -> bool:
    """Whether what is in a module is looked at by itself: it is a mere container, or holds groups, or brings branches together."""
    place = steps.place(number)
    if place is None or not steps.below[number]:
        return False
    below = f"{steps.all[number].path}."
    if any(path.startswith(below) for paths in groups.values() for path in paths):
        return True
    whole = ("normalization", "attention", "recurrent", "activation")
    return place.kind not in whole and (place.kind == "container" or any(steps.all[inner].op in JOINS for inner in steps.below[number]))


def _unit_of(steps: Steps, units: Mapping[int, tuple[int, ...]], me: int, source: int, stream: tuple[int, ...]) -> int | None:
    """The unit that made something; IN for the module's stream, None for what else came from outside."""
    if source in stream:
        return IN
    at: int | None = source
    while at is not None and at >= 0 and at != me:
        for unit, members in units.items():
            if at in members:
                return unit
        at = steps.all[at].parent
    return None


__all__ = ["Flow", "Parallel", "Series", "Steps", "block_flow", "module_flow"]

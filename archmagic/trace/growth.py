"""How costs grow with the sizes that the inputs choose, by passes over inputs of other sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..tree import Growth
from .naming import Probe, growth_of, is_power, total
from .run import Pass
from .steps import RawStep


@dataclass
class Other:
    """Another pass and what it changed."""

    probe: Probe
    told: Pass


def keys_of(steps: Sequence[RawStep]) -> list[tuple[str, str, str, str | None, int]]:
    """What a step is found by in another pass: its place, operation and line, and the how-manieth of these it is. Without the line, what
    follows a loop over positions would be taken for a part of the longer loop."""
    counts: dict[tuple[str, str, str, str | None], int] = {}
    keys = []
    for step in steps:
        key = (step.path, step.kind, step.op, step.line)
        counts[key] = counts.get(key, 0) + 1
        keys.append((*key, counts[key]))
    return keys


def all_powers(base: Pass, other: Other) -> bool:
    """Whether each cost is a power of the size that another pass changed. Between two sizes only a power can look like one."""
    there = dict(zip(keys_of(other.told.steps), other.told.steps, strict=True))
    costs = [(base.cache_bytes or 0, other.told.cache_bytes or 0)]
    own, own_there = _own_flops(base.steps), {id(s): f for s, f in zip(other.told.steps, _own_flops(other.told.steps), strict=True)}
    for key, flops in zip(keys_of(base.steps), own, strict=True):
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


def growths_of(
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


def growth_of_bytes(base: Pass, others: Sequence[Other], name: str) -> Growth | None:
    """How bytes of the whole pass grow."""
    here, there = getattr(base, name), [getattr(other.told, name) for other in others]
    return growth_of(here, there, [other.probe for other in others]) if here and others and None not in there else None

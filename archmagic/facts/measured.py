"""What a forward pass measures: heads where attention is computed, how many experts a token passes, where norms stand in the flow.

It fills in, and replaces, what names and conventions told before. Where something surely known was told otherwise, that is kept as a
contradiction, to be reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..tree import Step
from .attention import Attention
from .blocks import Block
from .dataflow import Flow, Parallel, Series, Steps, block_flow
from .experts import Experts
from .heads import Number
from .placement import KINDS, Placement
from .places import Place


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What the modules told, and what the pass measured instead."""

    place: Place
    key: str
    told: object
    measured: object


def attention_steps(steps: Steps, attention: Attention) -> list[Step]:
    """The computations of attention in an attention module: by PyTorch's function, or by hand, as a product of weights and values."""
    path = attention.place.path
    inside = (s for s in steps.all if s.kind == "function" and _within(s.path, path))
    return [s for s in inside if s.op == "attention" or (s.op == "matmul" and "causal" in s.details)]


def measure_heads(steps: Steps, attention: Attention) -> Iterator[Contradiction]:
    """Sets the numbers of heads and their width as they were computed, where they agree with the module's own widths."""
    found = {
        (s.details.get("heads"), s.details.get("key_value_heads"), s.details.get("head_dim")) for s in attention_steps(steps, attention)
    }
    if len(found) != 1 or attention.form == "latent" or attention.linear:
        return
    heads, shared, width = found.pop()
    if type(heads) is not int or type(width) is not int or heads * width != attention.inner:
        return
    kv = shared
    if attention.kv_inner and (type(shared) is not int or shared * width != attention.kv_inner):  # repeated before they were compared
        kv = attention.kv_inner // width if width and attention.kv_inner % width == 0 else None
    rows = (("heads", "num_attention_heads", heads), ("head_dim", "head_dim", width), ("kv_heads", "num_key_value_heads", kv))
    for name, key, value in rows:
        if type(value) is not int:
            continue
        told = getattr(attention, name)
        if told and told.value != value and told.basis in ("measured", "derived", "config"):
            yield Contradiction(attention.place, key, told.value, value)
        setattr(attention, name, Number(value, "measured" if value in (heads, width, shared) else "derived", (attention.place.path,)))


def measure_experts(steps: Steps, experts: Experts) -> Iterator[Contradiction]:
    """Sets how many experts a token passes, as they were picked: the largest of as many scores as there are experts."""
    inside = experts.holder.path
    picks = [s for s in steps.all if s.op == "topk" and s.inputs[0].shape[-1] == experts.count and _within(s.path, inside)]
    found = {step.outputs[0].shape[-1] for step in picks}
    if len(found) != 1:
        return
    told, value = experts.per_token, found.pop()
    if told and told.value != value:
        yield Contradiction(experts.place, "num_experts_per_tok", told.value, value)
    experts.per_token = Number(value, "measured", (picks[0].path,))


def _within(path: str, module: str) -> bool:
    return path == module or path.startswith(f"{module}." if module else "")


def measured_window(steps: Steps | None, attention: Attention) -> int | None:
    """How many positions back an attention lets see, as its mask did; None where it let see all or was not long enough."""
    found = {step.details.get("window") for step in attention_steps(steps, attention)} if steps else set()
    window = found.pop() if len(found) == 1 else None
    return window if type(window) is int else None


def unlimited(steps: Steps, attention: Attention, window: int) -> bool:
    """Whether a causal attention let positions further back be seen than `window`."""
    found = attention_steps(steps, attention)
    long = [s for s in found if s.details.get("causal") and "window" not in s.details and s.inputs[-1].shape[-2] > window]
    return bool(found) and len(long) == len(found)


def measure_placement(steps: Steps, block: Block) -> Iterator[Contradiction]:
    """Sets where the block's norms stand, where the flow of data shows it."""
    flow = block_flow(steps, block)
    found = flow and _placement(flow, steps)
    if not found:
        return
    placement, before, after = found
    if block.placement not in (None, placement):
        yield Contradiction(block.place, "norm_placement", block.placement, placement)
    block.placement, block.basis, block.before, block.after = placement, "measured", before, after


Found = tuple[Placement, dict[Place, Place], dict[Place, Place]]


def _placement(flow: Flow, steps: Steps) -> Found | None:
    before: dict[Place, Place] = {}
    after: dict[Place, Place] = {}
    kinds: set[Placement | None] = set()
    for at, item in enumerate(flow.series):
        if isinstance(item, int):
            if item in flow.part_of:
                return None  # a sub-layer that nothing goes round
            continue
        bodies = [lane for lane in item.lanes if lane]
        if steps.all[item.join].op != "add" or len(bodies) == len(item.lanes):
            return None
        follows = _norm(steps, flow.series[at + 1]) if at + 1 < len(flow.series) else None
        kinds.add(_residual(flow, steps, bodies, follows, before, after))
    if len(kinds) != 1 or (kind := kinds.pop()) is None or set(flow.part_of.values()) != before.keys() | after.keys():
        return None
    return kind, before, after


def _residual(
    flow: Flow, steps: Steps, bodies: list[Series], follows: Place | None, before: dict[Place, Place], after: dict[Place, Place]
) -> Placement | None:
    """Where the norms stand in one residual branch, or in several side by side."""
    lead = None
    if len(bodies) == 1 and isinstance(bodies[0][-1], Parallel) and len(bodies[0]) == 2:  # one norm, then branches
        lead, inner = _norm(steps, bodies[0][0]), bodies[0][-1]
        bodies = list(inner.lanes) if lead and steps.all[inner.join].op == "add" else []
    elif len(bodies) == 1 and isinstance(bodies[0][-1], Parallel) and len(bodies[0]) == 1:
        inner = bodies[0][-1]
        bodies = list(inner.lanes) if steps.all[inner.join].op == "add" else []
    kinds: set[Placement | None] = set()
    for body in bodies:
        first, last = lead or (_norm(steps, body[0]) if body else None), _norm(steps, body[-1]) if body else None
        parts = [flow.part_of[x] for x in body if isinstance(x, int) and x in flow.part_of]
        if len(parts) != 1 or any(isinstance(x, Parallel) for x in body):
            return None
        if first:
            before[parts[0]] = first
        if last or follows:
            after[parts[0]] = last or follows  # type: ignore[assignment]
        kinds.add(KINDS.get((bool(first), bool(last), bool(follows))))
    if len(bodies) > 1:
        return "parallel" if kinds == {"pre"} else None
    return kinds.pop() if len(kinds) == 1 else None


def _norm(steps: Steps, item: int | Parallel) -> Place | None:
    place = steps.place(item) if isinstance(item, int) else None
    return place if place and place.kind == "normalization" else None

"""Pictures from a forward pass: what was computed, in the order and with the branches that data took."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...facts.blocks import Block
from ...facts.dataflow import JOINS, Flow, Parallel, Series, Steps, block_flow, module_flow
from ...facts.places import Place
from ...facts.stacks import Tower
from ..picture import Box, Fork, Group, Item, Items, Mark, Picture, parts_of
from ..telling import Telling
from .convolution import MOST, step
from .parts import attention, box, feed_forward, mixture, norm, say

SIGNS = {"add": "+", "mul": "×", "cat": "‖"}
KINDS = {
    "activation": ("relu", "gelu", "silu", "sigmoid", "tanh", "leaky_relu", "elu", "softplus", "mish", "hardswish", "hardtanh", "glu"),
    "pooling": ("pool", "mean", "max"),
    "normalization": ("norm", "normalize"),
    "attention": ("attention",),
    "linear": ("linear", "matmul"),
    "convolution": ("conv",),
}
"""The kinds of operations between modules; any other stays grey."""


def followed_block(telling: Telling, tower: Tower, block: Block) -> Items:
    """What data passed in a block; () where it did not, or not as a series of steps and branches."""
    steps = telling.findings.followed
    flow = block_flow(steps, block) if steps else None
    if steps is None or flow is None:
        return ()
    parts: dict[Place, Item] = {a.whole: attention(telling, tower, a) for a in block.attentions}
    for mixer in block.mixers:
        parts.setdefault(mixer.place, box(telling, mixer.place, mixer.place.name))
    parts |= {f.place if f.place is not block.place else f.up: feed_forward(telling, block, f) for f in block.feeds}
    parts |= {e.holder: mixture(telling, block, e) for e in block.mixtures}
    return _items(telling, steps, flow, flow.series, parts.get)


def followed_pictures(telling: Telling) -> Iterator[Picture]:
    """Of a model without blocks of attention: its most frequent module that adds or joins branches, else the model as a chain."""
    steps = telling.findings.followed
    if steps is None:
        return
    model = telling.findings.model
    calls = [(place, steps.all[at].repeat) for path, at in steps.of.items() if (place := telling.findings.places.by_path.get(path))]
    joining = [(place, times) for place, times in calls if place is not model and place.kids and _joining(steps, place)]
    for place, times in sorted(joining, key=lambda row: (-row[1], row[0].index)):
        if (items := _module(telling, steps, place)) and any(isinstance(item, Fork) for item in parts_of(items)):
            frame = Group(place.node.type, "", items, place.path, say("times.all", count=times) if times > 1 else "")
            title = say("title.kind", title=model.node.type)
            yield Picture(place.path, title, (Mark(say("mark.input")), frame, Mark(say("mark.output"))))
            return
    if len(items := _module(telling, steps, model)) > 1:
        yield Picture(model.path, say("title.chain", title=model.node.type), (Mark(say("mark.input")), *items, Mark(say("mark.output"))))


def _joining(steps: Steps, place: Place) -> bool:
    """Whether a module brings branches together itself."""
    inside = (steps.all[number] for number in steps.below[steps.of[place.path]])
    return any(step.kind == "function" and step.op in JOINS for step in inside)


def _module(telling: Telling, steps: Steps, place: Place) -> Items:
    flow = module_flow(steps, place.path, {})
    items = _items(telling, steps, flow, flow.series, lambda _: None) if flow else ()
    return items if sum(1 for _ in parts_of(items)) <= 2 * MOST else ()


def _items(telling: Telling, steps: Steps, flow: Flow, series: Series, part: Callable[[Place], Item | None]) -> Items:
    """The drawn form of a series."""
    items: list[Item] = []
    for link in series:
        if isinstance(link, Parallel):
            lanes = tuple(_items(telling, steps, flow, lane, part) for lane in link.lanes)
            full = [lane for lane in lanes if lane]  # a skip line goes round one branch, or between several
            items.append(Fork((*full[:1], *[lane for lane in lanes if not lane][:1], *full[1:]), SIGNS[steps.all[link.join].op]))  # type: ignore[arg-type]
            continue
        place = steps.place(link)
        found = part(flow.part_of[link]) if link in flow.part_of else None
        if found:
            items.append(found)
        elif place is None:
            items.append(_operation(steps.all[link].op))
        elif place.kind == "normalization" and not place.kids and telling.findings.towers:
            items.append(norm(telling, place))
        else:
            items.append(step(telling, place))
    return tuple(items)


def _operation(op: str) -> Box:
    """A step that no module stands for."""
    kind = next((kind for kind, ops in KINDS.items() if op in ops), "")
    label = op.upper() if op in ("gelu", "elu", "glu") else {"relu": "ReLU", "silu": "SiLU"}.get(op, op.replace("_", " ").capitalize())
    return Box(label, kind)

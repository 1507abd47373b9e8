"""What each part does here: roles from the structure found, in sentences from roles.toml."""

from __future__ import annotations

from itertools import groupby

from ...facts import Findings
from ...facts.blocks import Block
from ...facts.convolution import convolution
from ...facts.feed_forward import find_feed_forwards
from ...facts.names import classed
from ...facts.places import Place
from ...facts.stacks import Stack, Tower
from .. import words
from .assigner import Assigner, Role
from .attention import assign_attention
from .built import assign_built
from .ends import assign_ends, assign_tower
from .feed_forward import assign_feed_forward, assign_mixtures
from .joined import assign_connectors, assign_joined
from .recurrent import assign_recurrent

__all__ = ["Role", "find_roles"]


def find_roles(findings: Findings) -> dict[Place, Role]:
    """The role of every place that has one."""
    to = Assigner(findings)
    if not findings.towers:
        _assign_lone(to)
    _assign_wrappers(to)
    if network := findings.alike:
        to.give(network, "network", basis="derived", count=words.count(network.count))
    assign_connectors(to)
    assign_ends(to)
    assign_mixtures(to)
    for tower in findings.towers:
        assign_tower(to, tower)
    assign_joined(to)
    assign_rest(to)
    assign_built(to)
    return to.roles


def assign_rest(to: Assigner) -> None:
    """Roles that a place has by what it is, wherever it stands."""
    for place in to.places.all:
        found = to.places.linear(place)
        if found and found.n_in and found.n_out:
            if place.kind == "experts" and found.n_out > 1:
                to.give(place, "router", basis="named", count=found.n_out)
            if place.kind != "convolution":
                to.give(place, "linear", n_in=found.n_in, n_out=found.n_out)
        if place.kind == "convolution":
            _convolution(to, place)
        if place.node.type.startswith("Dropout"):
            to.dropout(place, "inner_dropout")
        elif classed("rotary", place.node.type) and to.findings.towers:
            to.give(place, "rotary", basis="named")
        elif place.kind == "recurrent":
            assign_recurrent(to, place)
        elif place.node.type in PADDINGS and (steps := _shift(place)):
            to.give(place, "shift", basis="derived", steps=words.several(steps, "step"))
        elif place.kids and place.node.type in HOLDERS:
            to.give(place, HOLDERS[place.node.type], parts=parts_of(place))


PADDINGS = ("ZeroPad2d", "ConstantPad2d")
HOLDERS = {"ModuleList": "listing", "ModuleDict": "listing", "Sequential": "sequence", "FSDPSequential": "sequence"}


def parts_of(place: Place) -> str:
    """ "Conv2d, BatchNorm2d and ReLU": what a module holds."""
    runs = [(kind, sum(k.count // place.count for k in kids)) for kind, kids in groupby(place.kids, key=lambda k: k.node.type)]
    return words.listing([f"{n} × {kind}" if n > 1 else kind for kind, n in runs]) or "nothing"


def _convolution(to: Assigner, place: Place) -> None:
    filters = convolution(place)
    if filters and filters.sides:
        key = "depthwise" if filters.depthwise else "grouped" if filters.groups > 1 else "text"
        if key == "text" and not filters.flat and to.places.linear(place):
            key = "pointwise"
        stride = f", {filters.stride} steps apart" if filters.stride > 1 else ""
        dilation = f", dilated by {filters.dilation}" if filters.dilation > 1 else ""
        kernel = filters.sides if "×" in filters.sides else f"{filters.sides}-step"
        to.give(
            place,
            "convolution",
            key,
            n_in=filters.n_in,
            n_out=filters.n_out,
            kernel=kernel,
            stride=stride,
            dilation=dilation,
            groups=filters.groups,
        )


def _shift(place: Place) -> int | None:
    """By how many steps a padding of (batch, steps, numbers) shifts: as many are put before as are cut off behind."""
    padding = place.node.get("padding", "0")
    if not isinstance(padding, tuple) or len(padding) != 4:
        return None
    sides, front, back = padding[:2], padding[2], padding[3]
    shifts = sides == (0, 0) and isinstance(front, int) and isinstance(back, int) and front > 0 and front + back == 0
    return front if shifts and isinstance(front, int) else None


ADAPTERS = {"lora_A": "adapter_down", "lora_B": "adapter_up"}


def _assign_wrappers(to: Assigner) -> None:
    """Roles of what stands around a model (DataParallel, PEFT) and beside its layers (adapters)."""
    model = to.findings.model
    for above in model.up():
        if above is not to.places.root:
            to.give(above, "wrapper", model=model.node.type)
    if model is not to.places.root:
        to.give(model, "wrapped")
    if not any(word.startswith("lora_") or word == "base_layer" for word in to.places.words):
        return
    for place in to.places.all:
        key = ADAPTERS.get(place.name) or ADAPTERS.get(place.parent.name if place.parent else "")
        key = key or ("adapted" if place.name == "base_layer" else None)
        if place.name.startswith("lora_") and not to.places.linear(place):
            to.give(place, "adapter_holder")
        elif key and (found := to.places.linear(place)) and found.n_in and found.n_out:
            to.give(place, key, n_in=found.n_in, n_out=found.n_out)


def _assign_lone(to: Assigner) -> None:
    """Roles in a model that is itself only a part: a block, an attention, a feed-forward."""
    root, attentions = to.places.root, to.findings.attentions
    feeds = find_feed_forwards(to.places, root, attentions) if attentions or classed("feed_forward", root.node.type) else []
    stack = Stack(root, [root], 1)
    tower = Tower(root, "", [stack], attentions)
    block = Block(root, stack, attentions, feeds, [], [])
    for attention in attentions:
        assign_attention(to, tower, block, attention)
    for feed in feeds:
        assign_feed_forward(to, block, feed)

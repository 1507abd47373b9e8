"""Blocks of convolutional networks, and chains of layers, which by definition run in order."""

from __future__ import annotations

from collections.abc import Iterator

from ...facts.convolution import convolution
from ...facts.detectors.normalization import norm_kind
from ...facts.names import named
from ...facts.places import Place
from ...tree import expand
from ..picture import Box, Fork, Group, Item, Items, Mark, Picture, residual
from ..telling import Telling
from .parts import box, say, sizes

MOST = 20
"""Steps of a chain that can be drawn."""


def stage_pictures(telling: Telling) -> Iterator[Picture]:
    """A residual block of the middle of a network of stages: the kind that most blocks are, where its parts say how they are joined."""
    stages = telling.findings.stages
    places = [p for stage in stages for p in telling.findings.places.under(stage.place) if p.child and p.parent and p.parent.kids]
    for place in sorted(places, key=lambda p: (-p.count, p.index)):
        if items := _residual(telling, place):
            times = say("times.all", count=place.count) if place.count > 1 else ""
            frame = Group(place.node.type, "", items, place.path, times)
            title = say("title.kind", title=telling.findings.model.node.type)
            yield Picture(place.path, title, (Mark(say("mark.input")), frame, Mark(say("mark.output"))), "named")
            return


def _residual(telling: Telling, place: Place) -> Items:
    """What a block does whose parts' names tell: a chain beside a shortcut, or one with its own stochastic depth; () for any other."""
    kids = [kid for kid in place.kids if not kid.node.is_none]
    beside = [kid for kid in kids if named("shortcut", kid.name)]
    body = [kid for kid in kids if kid.node.is_sequence and kid.kids and kid not in beside]
    after = [kid for kid in kids if kid not in beside and kid not in body]
    if len(beside) == len(body) == 1 and all(kid.kind == "activation" and kid.index > body[0].index for kid in after):
        shortcut = steps(telling, [beside[0]])
        main = steps(telling, [kid for kid in body[0].kids for _ in range(kid.count // place.count)])
        return (Fork((main, shortcut)), *steps(telling, after)) if 0 < len(main) <= MOST else ()
    if len(kids) > 2 and named("drop_path", kids[-1].name) and not any(kid.kids for kid in kids) and _chained(telling, kids[:-1]):
        return (residual(*steps(telling, kids[:-1])),)
    return ()


def _chained(telling: Telling, kids: list[Place]) -> bool:
    """Whether each product or convolution takes what the one before it gives, and the last gives what the first takes."""
    ends = [(found.n_in, found.n_out) for kid in kids if (found := convolution(kid) or telling.findings.places.linear(kid))]
    fits = all(before[1] == after[0] for before, after in zip(ends, ends[1:], strict=False))
    return len(ends) > 1 and fits and ends[0][0] == ends[-1][1]


def chain_picture(telling: Telling) -> Iterator[Picture]:
    """A model that is a Sequential, or one inside a wrapper."""
    root = telling.findings.model
    lone = root.kids[0] if len(root.kids) == 1 and root.kids[0].node.is_sequence else root
    if not lone.node.is_sequence or len(lone.kids) < 2:
        return
    kids = {kid.child: kid for kid in lone.kids}
    items = steps(telling, [kids[child] for _, child in expand(lone.node)])
    if 1 < len(items) <= MOST:
        title = say("title.chain", title=root.node.type)
        yield Picture(lone.path, title, (Mark(say("mark.input")), *items, Mark(say("mark.output"))))


def steps(telling: Telling, places: list[Place]) -> Items:
    """One box for each layer that does something, in order."""
    return tuple(step(telling, place) for place in places if place.node.type != "Identity" and not place.node.is_none)


def step(telling: Telling, place: Place) -> Item:
    """A layer, or a small module around one convolution, as one box."""
    layers = place.kids if place.kids and all(not kid.kids for kid in place.kids) else [place]
    first = next((found for layer in layers if (found := convolution(layer))), None)
    others = [kid for kid in layers if first and kid is not first.place and kid.node.type != "Identity"]
    if first and all(kid.kind in ("normalization", "activation") and kid.index > first.place.index for kid in others):
        key = "note.channels_stride" if first.stride > 1 else "note.channels"
        notes = [say(key, n_in=first.n_in, n_out=first.n_out, stride=first.stride)]
        notes += [norm_kind(kid) if kid.kind == "normalization" else kid.match.entry.title for kid in others]
        key = "label.depthwise" if first.depthwise else "label.convolution"
        return Box(say(key, kernel=first.sides), "convolution", place.path, " · ".join(notes))
    if place.kids:
        return Box(place.node.type, telling.parts[place.path].kind, place.path, place.name)
    label = norm_kind(place) if place.kind == "normalization" and place.match.how != "generic" else place.match.entry.title
    return box(telling, place, sizes(telling, place), label=label if place.match.specific else place.node.type)

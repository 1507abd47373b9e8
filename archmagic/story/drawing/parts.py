"""The sub-layers of a block as they are drawn: attention, mixers, feed-forwards, experts, norms."""

from __future__ import annotations

from ...facts.attention import Attention
from ...facts.blocks import Block
from ...facts.detectors.normalization import norm_kind
from ...facts.experts import Experts
from ...facts.feed_forward import FeedForward
from ...facts.names import attribute_names, named
from ...facts.places import Place
from ...facts.sentence import fill, templates
from ...facts.stacks import Tower
from ..picture import Box, Fork, Group, Item, Mark
from ..telling import Telling


def say(key: str, **values: object) -> str:
    """A word of a picture."""
    return fill(templates("story/drawing/pictures")[key], values)


def box(telling: Telling, place: Place, note: str = "", label: str = "", side: str = "") -> Box:
    """A part under the title it has in this model."""
    part, role = telling.parts[place.path], telling.roles.get(place)
    return Box(label or (role.title if role else part.title) or place.node.type, part.kind, place.path, note, side)


def norm(telling: Telling, place: Place) -> Box:
    label = norm_kind(place) if place.match.how != "generic" else say("label.norm")
    return Box(label, "normalization", place.path, place.name)


def attention(telling: Telling, tower: Tower, found: Attention) -> Box:
    """Its heads, where they are known, and what is special: a window, a latent, the other sequence."""
    side = ""
    if found.cross:
        paired = len(telling.findings.towers) == 2 and not telling.findings.towers[0].cross
        side = say("side.encoder" if paired else "side.other")
    return box(telling, found.whole, _heads(telling, tower, found), side=side)


def _heads(telling: Telling, tower: Tower, found: Attention) -> str:
    notes = []
    heads, dim, kv = found.heads, found.head_dim, found.kv_heads
    if found.form == "latent" and (latent := found.latent.get("kv_lora_rank")):
        notes.append(say("note.latent", latent=latent.value))
    elif heads and dim and not found.linear:
        grouped = kv is not None and kv.value < heads.value
        notes.append(say("note.heads_grouped" if grouped else "note.heads", heads=heads.value, dim=dim.value, kv=kv.value if kv else 0))
    window = next((v for n in attribute_names("sliding_window") if type(v := found.place.node.attributes.get(n)) is int and v > 0), None)
    if window:
        notes.append(say("note.window", window=window))
    positions = telling.fact("position_encoding", tower)
    if positions and positions.value == "rotary" and notes and not window and not found.cross:
        notes.append(say("note.rotary"))
    return " · ".join(notes) or found.place.name


def feed_forward(telling: Telling, block: Block, feed: FeedForward, label: str = "") -> Item:
    """One box; where a gate is part of it, opened, so that the multiplication shows."""
    label = label or say("label.feed_forward")
    own = feed.place is not block.place
    path = feed.place.path if own else feed.up.path
    if not feed.gate and not feed.fused_gate:
        note = say("note.sizes_inner", n_in=feed.hidden, inner=feed.inner) if feed.hidden and feed.inner else feed.place.name
        return Box(label, "feed-forward", path, note)
    activation = (box(telling, feed.activation, label=feed.activation.match.entry.title),) if feed.activation else ()
    if feed.gate:
        gate, up = (box(telling, p, sizes(telling, p), label=p.name) for p in (feed.gate, feed.up))
        items: tuple[Item, ...] = (Fork(((gate, *activation), (up,)), "×"),)
    else:
        items = (box(telling, feed.up, sizes(telling, feed.up), label=feed.up.name), Fork((activation, ()), "×"))
    down = box(telling, feed.down, sizes(telling, feed.down), label=feed.down.name)
    return Group(label, "feed-forward", (*items, down), path if own else None)


def sizes(telling: Telling, place: Place) -> str:
    """What a product takes and gives; "" where that is unknown."""
    found = telling.findings.places.linear(place)
    return say("note.sizes", n_in=found.n_in, n_out=found.n_out) if found and found.n_in and found.n_out else ""


def mixture(telling: Telling, block: Block, experts: Experts) -> Group:
    """The router, the first experts and the last, and what every token passes beside them."""
    shown = range(1, experts.count + 1) if experts.count <= 3 else (1, 2, 0, experts.count)
    lanes = tuple((Box(say("label.expert", number=n), "experts", experts.place.path) if n else Mark(say("label.more")),) for n in shown)
    known = experts.per_token or telling.fact("num_experts_per_tok")
    said = say("note.picks", count=known.value, all=experts.count) if known else ""
    routed: tuple[Item, ...] = (Fork(lanes, "+", said=said),)
    if experts.router:
        routed = (box(telling, experts.router, experts.router.name), *routed)
    for feed in block.feeds:
        kid = feed.place
        shared = named("shared_experts", kid.name) or named("shared_expert", kid.name)
        if shared and experts.holder.index < kid.index < experts.holder.end:
            routed = (Fork((routed, (box(telling, kid, kid.name),))),)
    return Group(say("label.mixture"), "experts", routed, experts.holder.path)

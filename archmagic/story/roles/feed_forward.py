"""Roles in feed-forward parts and mixtures of experts."""

from __future__ import annotations

from ...facts import Basis, weakest
from ...facts.blocks import Block
from ...facts.feed_forward import FeedForward, normed
from ...facts.names import activation_name, named
from ...facts.places import Place
from .. import words
from ..kinds import itself
from .assigner import Assigner, around


def assign_feed_forward(to: Assigner, block: Block, feed: FeedForward) -> None:
    n_in, n_out, basis = to.sizes_of(feed.up)
    inner = n_out // 2 if n_out and feed.fused_gate else n_out
    act = activation_name(feed.activation.node.type) if feed.activation else None
    activation = (
        f"; the activation is {feed.activation.match.entry.title}"
        if act and feed.activation and feed.activation.match.how != "generic"
        else ""
    )
    if feed.place is not block.place:
        if n_in and inner and _is_shared(feed.place):
            to.give(feed.place, "shared_experts", basis=weakest(["named", basis]), hidden=n_in, inner=inner, activation=activation)
        elif n_in and inner:
            width = across(block, feed)
            form = "across" if width else "gated" if feed.gate or feed.fused_gate else "plain"
            ratio = _wider(inner, n_in)
            values = {"hidden": n_in, "inner": inner, "ratio": ratio, "activation": activation, "width": width}
            to.give(feed.place, "feed_forward", form, basis, **values, itself=itself(feed))
        else:
            to.give(feed.place, "feed_forward", "bare", "named")
        for above in feed.place.up():
            if above is block.place or len(above.kids) > 4 or any(k.kind == "experts" for k in (above, *above.kids)):
                break
            if any(a.place.index >= above.index and a.place.index < above.end for a in block.attentions):
                break
            beside = around(above, feed.place)
            to.give(above, "feed_forward", "wrapper" if beside else "holder", around=beside, inner=feed.place.name)
    if feed.fused_gate:
        to.give(feed.up, "gate_up", basis=basis, n_in=n_in, n_out=n_out, inner=inner)
    elif n_in and n_out:
        to.give(feed.up, "up", "text" if n_out > n_in else "narrow", basis, n_in=n_in, n_out=n_out, ratio=words.ratio(n_out, n_in))
    else:
        to.give(feed.up, "up", "bare", "named")
    if feed.gate:
        g_in, g_out, g_basis = to.sizes_of(feed.gate)
        to.give(feed.gate, "gate", basis=weakest(["named", g_basis]), n_in=g_in, n_out=g_out, up=feed.up.name)
    d_in, d_out, d_basis = to.sizes_of(feed.down)
    if d_in and d_out:
        to.give(feed.down, "down", basis=d_basis, n_in=d_in, n_out=d_out)
    else:
        to.give(feed.down, "down", "bare", "named")
    _around_feed(to, feed, block)


def across(block: Block, feed: FeedForward) -> int | None:
    """The stream's width where a feed-forward is not as wide, so that it mixes positions, not the numbers of each; else None."""
    width = None if block.attentions else normed(block.place)
    return width if width and feed.hidden and feed.hidden != width else None


def _is_shared(place: Place) -> bool:
    return named("shared_experts", place.name) or named("shared_expert", place.name)


def _around_feed(to: Assigner, feed: FeedForward, block: Block) -> None:
    if feed.activation:
        gated = feed.gate or feed.fused_gate
        plain = feed.up.name != feed.down.name and not feed.up.name.isdecimal()
        up, down = (feed.up.name, feed.down.name) if plain else (_two(feed.up), _two(feed.down))
        to.give(feed.activation, "activation", "gate" if gated else "text", "named", up=up, down=down)
    dropouts = [*feed.dropouts]
    for half, key in ((feed.up.parent, "intermediate"), (feed.down.parent, "feed_output")):
        if half and half is not feed.place and half is not block.place:
            norm = any(k.kind == "normalization" for k in half.kids)
            to.give(half, key, "norm" if norm and key == "feed_output" else "text", "named")
            if key == "feed_output":
                dropouts += [k for k in half.kids if k.node.type.startswith("Dropout")]
    inside = [p for p in to.places.under(feed.place) if p.node.type.startswith("Dropout")] if feed.place is not block.place else []
    for place in dict.fromkeys(inside + dropouts):
        if feed.place is not block.place or place.parent is not block.place:
            to.dropout(
                place,
                "residual_dropout" if place.parent is feed.down.parent and place.parent is not feed.place else "feed_dropout",
                part=feed.place.name if feed.place is not block.place else "the feed-forward",
            )


def assign_mixtures(to: Assigner) -> None:
    for experts in to.findings.experts:
        shared = next((k for k in experts.holder.kids if _is_shared(k)), None)
        feed = next((f for blocks in to.findings.blocks.values() for b in blocks for f in b.feeds if f.place is shared), None)
        beside = " and, always, through the shared one" if shared else ""
        per_token = experts.per_token
        basis: Basis = per_token.basis if per_token else "named"
        key = "counted" if per_token else "plain"
        if experts.holder is not experts.place:
            count = per_token.value if per_token else 0
            to.give(experts.holder, "mixture", key, basis, count=experts.count, per_token=count, shared=beside)
        if experts.place.node.tensors and experts.inner and experts.hidden:
            to.give(experts.place, "experts", "stacked", hidden=experts.hidden, inner=experts.inner, count=experts.count)
        else:
            to.give(experts.place, "experts", "listed", "measured", count=experts.count)
        for kid in experts.place.kids:
            if kid.kind == "activation" and experts.gated:
                to.give(kid, "activation", "gate", "named")
            elif kid.kind == "activation" and len(experts.products) == 2:
                to.give(kid, "activation", "text", "named", up=experts.products[0], down=experts.products[1])
        to.give(experts.router, "router", basis="named", count=experts.count)
        if feed and feed.hidden and feed.inner:
            to.give(shared, "shared_experts", hidden=feed.hidden, inner=feed.inner, activation="")


def _wider(inner: int, hidden: int) -> str:
    ratio = words.ratio(inner, hidden)
    return f" ({'twice' if ratio == '2' else f'{ratio} times'} as wide inside)" if inner > hidden else ""


def _two(place: Place) -> str:
    """ "intermediate.dense": the name with its parent's."""
    return f"{place.parent.name}.{place.name}" if place.parent else place.name

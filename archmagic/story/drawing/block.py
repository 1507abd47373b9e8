"""A Transformer-like block, from where its norms are known to stand."""

from __future__ import annotations

from ...facts import Basis
from ...facts.blocks import Block
from ...facts.places import Place
from ...facts.stacks import Tower
from ..picture import Fork, Item, Items, residual
from ..telling import Telling
from .parts import attention, box, feed_forward, mixture, norm


def block_items(telling: Telling, tower: Tower, block: Block) -> tuple[Items, Basis] | None:
    """What data passes in a block, and how sure that is; None where norms or sub-layers cannot be placed."""
    parts = _parts(telling, tower, block)
    if not parts or block.placement is None:
        return None
    around = {place: (block.before.get(place), block.after.get(place)) for place, _ in parts}
    placed = [n for pair in around.values() for n in pair if n]
    if set(placed) != set(block.norms) or len(parts) != len(dict(parts)):
        return None
    if block.placement == "parallel":
        return (_parallel(telling, parts, block),), block.basis
    items: list[Item] = []
    for place, drawn in parts:
        before, after = ([norm(telling, n)] if n else [] for n in around[place])
        if not before and not after:
            return None
        if block.placement == "post":
            items += [residual(drawn), *after]
        else:
            items.append(residual(*before, drawn, *after))
    return tuple(items), block.basis


def _parallel(telling: Telling, parts: list[tuple[Place, Item]], block: Block) -> Item:
    """One norm, or one for each, before sub-layers that stand side by side."""
    norms = {block.before[place] for place, _ in parts if place in block.before}
    if len(norms) == 1:
        return residual(norm(telling, norms.pop()), Fork(tuple((drawn,) for _, drawn in parts)))
    lanes: list[Items] = [(norm(telling, block.before[place]), drawn) for place, drawn in parts]
    return Fork((lanes[0], (), *lanes[1:]))


def _parts(telling: Telling, tower: Tower, block: Block) -> list[tuple[Place, Item]]:
    """The sub-layers in the order in which data passes them; [] where a norm or a part of the block is none that is known."""
    rows: list[tuple[int, Place, Item]] = [(2 if a.cross else 1, a.whole, attention(telling, tower, a)) for a in block.attentions]
    holders = [e.holder for e in block.mixtures]
    own = {a.place for a in block.attentions}
    rows += [(1, m.place, box(telling, m.place, m.place.name)) for m in block.mixers if m.place not in own]
    feeds = [f for f in block.feeds if not any(h.index <= f.place.index < h.end for h in holders)]
    rows += [(3, f.place, feed_forward(telling, block, f)) for f in feeds]
    rows += [(3, e.holder, mixture(telling, block, e)) for e in block.mixtures]
    rows.sort(key=lambda row: (row[0], row[1].index))
    return [(place, item) for _, place, item in rows]

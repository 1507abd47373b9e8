"""What stands around the blocks: the tables that data enters by, the last norm, the output head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from ...facts import Basis
from ...facts.blocks import Block
from ...facts.places import Place
from ...facts.stacks import Tower
from ..picture import Fork, Group, Item, Items, Mark, Picture
from ..telling import Telling
from .block import block_items
from .followed import followed_block
from .parts import box, norm, say

MOST = 12
"""Kinds of blocks that are drawn of one model."""


def tower_pictures(telling: Telling) -> Iterator[Picture]:
    """A picture of each kind of block, the most frequent of each tower first."""
    for tower in telling.findings.towers:
        blocks = telling.findings.blocks[tower]
        times: dict[int, int] = {}
        for block in blocks:
            times[id(block.place.node)] = times.get(id(block.place.node), 0) + block.count
        main = True
        for block in sorted(blocks, key=lambda b: (-times[id(b.place.node)], b.place.index))[:MOST]:
            if picture := _picture(telling, tower, block, times[id(block.place.node)]):
                yield picture if main else replace(picture, main=False)
                main = False


def _picture(telling: Telling, tower: Tower, block: Block, together: int) -> Picture | None:
    items: Items = followed_block(telling, tower, block)
    basis: Basis = "measured"
    if not items:
        found = block_items(telling, tower, block)
        if found is None:
            return None
        items, basis = found
    count = sum(stack.count for stack in tower.stacks)
    times = say("times.all", count=count) if together == count else say("times.some", count=together, all=count)
    frame = Group(block.place.node.type, "", items, block.place.path, times if count > 1 else "")
    title = say("title.block" if count > 1 else "title.block_one", count=count, title=telling.findings.model.node.type)
    return Picture(block.place.path, title, (*_before(telling, tower), frame, *_after(telling, tower)), basis)


def _before(telling: Telling, tower: Tower) -> Items:
    findings = telling.findings
    tables = findings.embeddings_of(tower, "token")[:1]
    patches = findings.patches(tower)
    if tables:
        lanes: list[Items] = [_table(telling, tables[0].place.path, "mark.tokens")]
        lanes += [_table(telling, e.place.path, "mark.positions") for e in findings.embeddings_of(tower, "position")[:1]]
        lanes += [_table(telling, e.place.path, "mark.segments") for e in findings.embeddings_of(tower, "type")[:1]]
    elif patches:
        holder = _outermost(patches.place, tower)
        lanes = [(Mark(say("mark.image")), replace(box(telling, patches.place, holder.name), path=holder.path))]
    else:
        return (Mark(say("mark.input")),)
    start: Items = lanes[0] if len(lanes) == 1 else (Fork(tuple(lanes), apart=True),)
    inside = (p for p, role in telling.roles.items() if role.key == "embedding_norm" and tower.place.index <= p.index < tower.place.end)
    return (*start, *(norm(telling, p) for p in list(inside)[:1]))


def _outermost(place: Place, tower: Tower) -> Place:
    """The largest part around a place that does not hold the blocks: what else stands in it is drawn with it."""
    first = tower.main.holder.index
    return next((inner for inner, outer in pairwise((place, *place.up())) if outer.index < first < outer.end), place)


def _table(telling: Telling, path: str, mark: str) -> Items:
    place = telling.findings.places.by_path[path]
    return Mark(say(mark)), box(telling, place, place.name)


def _after(telling: Telling, tower: Tower) -> Items:
    findings = telling.findings
    items: list[Item] = []
    final = findings.final_norm(tower)
    if final:
        items.append(norm(telling, final))
    head = next((head.place for head, _ in findings.vocabulary_heads), None) if tower is findings.towers[-1] else None
    if head:
        holder = _outermost(head, tower)
        items.append(replace(box(telling, head, holder.name), path=holder.path))
    return *items, Mark(say("mark.logits" if head else "mark.output"))

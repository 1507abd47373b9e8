"""Stacks of repeated blocks, and the towers they stand in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from .attention import Attention
from .mixers import is_state_space, over_positions
from .names import classed, named
from .places import Place, Places


@dataclass(slots=True, eq=False)
class Stack:
    """A list of blocks.

    Attributes:
        holder: the module that lists them (`transformer.h`).
        blocks: its children that are blocks, runs of equal ones being one.
        count: how many blocks there are in one such list.
        stages: whether the lists are stages of a hierarchy (Swin), several of them making up the tower.
        levels: where the blocks are themselves stages that each list blocks of their own: those lists.
    """

    holder: Place
    blocks: list[Place]
    count: int
    stages: bool = False
    levels: list[Place] = field(default_factory=list)

    def first(self) -> Place:
        """The block told in full: the kind that most of them are."""
        return max(self.blocks, key=lambda b: b.child.count if b.child else 1)


@dataclass(slots=True, eq=False)
class Tower:
    """The part of a model around one stack (or several stages): its embeddings, blocks and what follows them. `scope` is its path,
    "" where it is the whole model."""

    place: Place
    scope: str
    stacks: list[Stack]
    attentions: list[Attention] = field(default_factory=list)

    @property
    def main(self) -> Stack:
        return self.stacks[0]

    @property
    def cross(self) -> bool:
        return any(a.cross for a in self.attentions)


def find_stacks(places: Places, attentions: list[Attention]) -> list[Stack]:
    """Lists of at least two blocks (or one whole block) that mix positions by attention or otherwise."""
    bears = _bearers(places, attentions)
    owned = _owned(places, attentions)
    stacks: list[Stack] = []
    inside: set[Place] = set()
    for holder in reversed(places.holders):
        blocks = [kid for kid in holder.kids if kid in bears and _is_block(places, kid, owned)]
        if not blocks and _is_list(holder) and holder.count == 1 and _has_companion(places, holder):
            blocks = [kid for kid in holder.kids if kid in bears]
        if not _is_list(holder) or not blocks or holder in inside or holder in places.again or _is_layer(places, holder, blocks, owned):
            continue
        count = sum(kid.child.count if kid.child else 1 for kid in blocks)
        if not _alike(blocks) and (count > 1 or not _is_block(places, blocks[0], owned, whole=True)):
            continue
        total = sum(kid.child.count if kid.child else 1 for kid in holder.kids)
        if 2 * count < total:
            continue
        if _same_type(holder) or all(_is_whole(places, kid) for kid in holder.kids if kid not in blocks):
            blocks, count = list(holder.kids), total
        stacks.append(Stack(holder, blocks, count))
        inside.update(holder.up())
    stacks.reverse()
    return stacks


def _is_layer(places: Places, holder: Place, blocks: list[Place], owned: set[Place]) -> bool:
    """Whether a list in a list holds the sub-layers of one layer: attention under a wrapper beside a feed-forward under the same."""
    others = [kid for kid in holder.kids if kid not in blocks]
    nested = holder.parent is not None and _is_list(holder.parent)
    attending = all(b.node.type.endswith(("Attention", "Attn")) or not _transforms(places, b, owned) for b in blocks)
    return nested and bool(others) and attending


def _transforms(places: Places, block: Place, owned: set[Place]) -> bool:
    """Whether a block holds products or convolutions outside its attention."""
    return any(p.kind == "convolution" or places.linear(p) for p in places.under(block) if p not in owned)


def _bearers(places: Places, attentions: list[Attention]) -> set[Place]:
    """Every place that has attention or another mixer inside."""
    bears: set[Place] = set()
    for place in [a.place for a in attentions] + [p for p in places.all if _mixes(p)] + _over_positions(places, attentions):
        bears.add(place)
        bears.update(place.up())
    return bears


def _over_positions(places: Places, attentions: list[Attention]) -> list[Place]:
    """Products over positions in the listed blocks of a model without attention."""
    if attentions:
        return []
    listed = [kid for p in places.holders if p.count == 1 and _is_list(p) and _length(p) > 1 for kid in p.kids if kid.kids]
    return [found for block in listed if (found := over_positions(places, block))]


def _mixes(place: Place) -> bool:
    """Whether a module mixes positions by what its class is called: a mixer, or attention whose products do not print."""
    if place.kids and (named("mixer", place.attribute) or is_state_space(place)):
        return True
    says = _says_mixer(place.node.type)
    if says is False or (place.kids and all(kid.node.type == "Identity" for kid in place.kids)):
        return False
    return bool(says) or place.kind == "mixer"


@lru_cache(maxsize=1024)
def _says_mixer(type_name: str) -> bool | None:
    """Whether a class's name says that it mixes positions; False where it says that it is something larger, None where it says nothing."""
    if type_name.endswith(("Block", "Layer", "Model", "Encoder", "Decoder", "Stage", "Net")):
        return False
    return classed("mixer", type_name) or type_name.endswith("Attention") or None


def _owned(places: Places, attentions: list[Attention]) -> set[Place]:
    return {part for a in attentions for part in (*places.under(a.place), *a.parts.values())}


def _levels(places: Places, stack: Stack, owned: set[Place]) -> list[Place]:
    """The list of blocks in each entry of a stack whose entries are no layers but stages; [] where one lists none."""
    lists = [_listed(places, block, owned) for block in stack.blocks]
    found = [held for held in lists if held]
    return found if len(found) == len(lists) and any(_length(held) > 1 for held in found) else []


def _listed(places: Places, block: Place, owned: set[Place]) -> Place | None:
    """The list in a block whose entries each relate positions, by attention or convolution, and transform them."""
    for holder in places.under(block):
        beside = any(named("experts", p.attribute) or p.kind == "attention" for p in (holder, *holder.up()) if p.index > block.index)
        if not _is_list(holder) or beside or not all(kid.kids for kid in holder.kids):
            continue
        blocks = [kid for kid in holder.kids if _is_stage_block(places, kid, owned)]
        count = sum(kid.child.count for kid in blocks if kid.child)
        if all(kid in blocks or _attends(places, kid, owned) for kid in holder.kids) and 2 * count > _length(holder):
            return holder
    return None


def _attends(places: Places, place: Place, owned: set[Place]) -> bool:
    return any(p in owned or p.kind in ("attention", "mixer") or p.node.type.endswith("Attention") for p in places.under(place))


def _is_stage_block(places: Places, place: Place, owned: set[Place]) -> bool:
    if _attends(places, place, owned):
        return _is_block(places, place, owned, whole=True)
    wide = any(p.kind == "convolution" and p.node.get("kernel_size") not in (1, (1,), (1, 1)) for p in places.under(place))
    return wide and _is_whole(places, place)


def _is_whole(places: Places, place: Place) -> bool:
    """Whether a module of a list is a block by itself, though nothing in it is known to mix positions."""
    return sum(1 for p in places.under(place)[1:] if p.kind == "convolution" or (places.linear(p) and not p.kids)) > 1


def _has_companion(places: Places, holder: Place) -> bool:
    """Whether a second list beside it has as many feed-forwards: models that keep the parts of a block in lists of their own (XLM)."""
    beside = holder.parent.kids if holder.parent else []
    sizes = [_length(kid) for kid in beside if kid is not holder and _is_list(kid) and _makes(places, kid)]
    return _length(holder) in sizes


def _length(holder: Place) -> int:
    return sum(kid.child.count for kid in holder.kids if kid.child)


def _makes(places: Places, holder: Place) -> bool:
    return all(sum(1 for p in places.under(kid) if places.linear(p)) > 1 for kid in holder.kids)


def _is_list(place: Place) -> bool:
    return bool(place.kids) and all((k.child.repeat is not None or k.name.isdecimal()) for k in place.kids if k.child)


def _is_block(places: Places, place: Place, owned: set[Place], whole: bool = False) -> bool:
    """A block holds more than the attention itself: a norm or a product outside it; a `whole` one, a product."""
    outside = [p for p in places.under(place)[1:] if p not in owned]
    return any(places.linear(p) or (not whole and (p.kind == "normalization" or "norm" in p.name.lower())) for p in outside)


def _alike(blocks: list[Place]) -> bool:
    types = [b.node.type for b in blocks for _ in range(2 if b.child and b.child.repeat else 1)]
    return len(types) > len(set(types))


def _same_type(holder: Place) -> bool:
    return len({kid.node.type for kid in holder.kids}) == 1


def find_towers(places: Places, stacks: list[Stack], attentions: list[Attention], alike: Place | None = None) -> list[Tower]:
    """One tower for each stack; stacks that are stages of one hierarchy share a tower. Of networks `alike` one is looked at."""
    owned, top = _owned(places, attentions), alike or places.root
    groups = _stages(stacks, top)
    towers = []
    for group in groups:
        others = [s.holder for other in groups if other is not group for s in other]
        place = _reach(group[0].holder, others) if others else top
        for stack in group:
            stack.levels = _levels(places, stack, owned) if len(group) == 1 else []
            stack.stages = len(group) > 1 or _nested(stack, top) or bool(stack.levels)
        mine = [a for a in attentions if any(s.holder.index <= a.place.index < s.holder.end for s in group)]
        towers.append(Tower(place, place.path, group, mine))
    return towers


def _stages(stacks: list[Stack], top: Place) -> list[list[Stack]]:
    groups: dict[object, list[Stack]] = {}
    for stack in stacks:
        above = next((p for p in stack.holder.up() if _is_list(p) and p.index >= top.index), None)
        groups.setdefault(above or _numbered(stack) or stack.holder, []).append(stack)
    return list(groups.values())


def _numbered(stack: Stack) -> object:
    """Of a list that is, or stands in, one of several numbered modules of one class (layers1, layers2, ...): what holds these."""
    for place in (stack.holder, *stack.holder.up()):
        start = place.name.rstrip("0123456789")
        beside = [k for k in place.parent.kids if k.name.rstrip("0123456789") == start] if place.parent and start != place.name else []
        if len(beside) > 1 and len({k.node.type for k in beside}) == 1:
            return (place.parent, start)
    return None


def _nested(stack: Stack, top: Place) -> bool:
    """Whether the list is one of several in a list."""
    above = next((p for p in stack.holder.up() if _is_list(p) and p.index >= top.index), None)
    return (above is not None and _length(above) > 1) or _numbered(stack) is not None


def _reach(holder: Place, others: list[Place]) -> Place:
    """The highest place around the stack that holds no other stack."""
    best = holder
    for place in holder.up():
        if any(place.index <= other.index < place.end for other in others):
            break
        best = place
    return best

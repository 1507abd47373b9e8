"""How data passes the blocks of a tower: what each block does, how kinds of blocks take turns, what leads from stage to stage."""

from __future__ import annotations

from collections.abc import Iterator

from ..facts.blocks import Block
from ..facts.class_text import first_uses
from ..facts.convolution import convolution
from ..facts.places import Place
from ..facts.stacks import Stack, Tower
from .items import relative
from .kinds import FULL, by_itself, mixes_by, transforms_by
from .merging import merging
from .story import Statement
from .telling import Telling, name, words

CROSSING = "cross-attention to another sequence"

Rows = list[tuple[str, int]]
"""What blocks do, and how many of them."""


def blocks(telling: Telling, tower: Tower) -> Iterator[Statement]:
    for number, stack in enumerate(tower.stacks):
        if number:
            yield from _merging(telling, tower, tower.stacks[number - 1], stack)
        yield from (_stage if stack.stages else _stack)(telling, tower, stack)
        yield from _period(telling, tower, stack)
    both = [b for b in telling.findings.blocks[tower] if {a.cross for a in b.attentions} == {True, False}]
    if both:
        crossing = [a.place for a in tower.attentions if a.cross][:2]
        which = "each block also attends" if len(both) == len(telling.findings.blocks[tower]) else "some blocks also attend"
        between = all(_crosses_between(b) for b in both)
        key = "flow.blocks_cross" if between else "flow.blocks_cross_somewhere"
        yield telling.say(key, basis="named", evidence=crossing, which=which if between else words.capital(which))


def _only_crosses(block: Block) -> bool:
    return bool(block.attentions) and all(a.cross for a in block.attentions)


def _crosses_between(block: Block) -> bool:
    """Whether cross-attention comes after self-attention and before the feed-forward: by the text of the block's class, where that names
    them, else by the order in which they are registered."""
    first = min((a.place.index for a in block.attentions if not a.cross), default=None)
    crossing = next(a.place.index for a in block.attentions if a.cross)
    feed = next((f.place.index for f in block.feeds if f.place is not block.place), None)
    held = {i: k.name for i in (first, crossing, feed) if i is not None for k in block.place.kids if k.index <= i < k.end}
    if block.place.node.source and len(set(held.values())) == len(held) > 1:
        uses = first_uses(block.place.node.source, set(held.values()))
        order = [uses.get(held[i]) for i in (first, crossing, feed) if i is not None]
        if all(order):
            return order == sorted(x for x in order if x)
    order_registered = [i for i in (first, crossing, feed) if i is not None]
    return order_registered == sorted(order_registered)


def _stack(telling: Telling, tower: Tower, stack: Stack) -> Iterator[Statement]:
    """What happens in the blocks: with the norms where their place is known; else by what mixes and what transforms positions."""
    findings = telling.findings
    placement, width = telling.fact("norm_placement", tower), telling.fact("hidden_size", tower)
    mine = [b for b in findings.blocks[tower] if b.stack is stack]
    if placement and width and all(b.attentions and (b.feeds or b.mixtures) for b in mine):
        letter = "T" if findings.embeddings_of(tower, "token") else "N"
        known = findings.embeddings_of(tower, "token") or findings.patches(tower)
        apart = placement.value == "parallel" and any(len(set(b.before.values())) > 1 for b in mine)
        yield telling.say(
            "flow.blocks_parallel_two" if apart else f"flow.blocks_{str(placement.value).replace('-', '_')}",
            facts=[placement, width],
            evidence=[stack.holder],
            times=words.capital(words.times(stack.count)),
            holder=name(stack.holder),
            attend=_attend([CROSSING if _only_crosses(b) else mixes_by(findings, b) for b in mine]),
            feed=_feed([transforms_by(findings, b) for b in mine]),
            shape=f" The shape stays (B, {letter}, {width.value})." if known else "",
        )
        yield from _several(telling, mine)
        return
    follow = f"{words.capital(words.count(stack.count))} blocks follow one another" if stack.count > 1 else "One block stands"
    mixes = [(CROSSING if _only_crosses(b) else mixes_by(findings, b), b.count) for b in mine]
    if all(mix for mix, _ in mixes) and sum(n for _, n in mixes) == stack.count:
        yield telling.say(
            "flow.blocks_mixed", basis="named", evidence=[stack.holder, *(b.place for b in mine[:3])], follow=follow,
            holder=name(stack.holder), mixes=_mixing(mixes),
            feeds=_transforming([(transforms_by(findings, b), b.count) for b in mine], by_itself(mine)),
        )  # fmt: skip
        return
    yield telling.say("flow.blocks_plain", basis="derived", evidence=[stack.holder], times=follow, holder=name(stack.holder))


def _several(telling: Telling, blocks: list[Block]) -> Iterator[Statement]:
    """Of blocks that attend within the sequence more than once, by what."""
    own = [list(dict.fromkeys(a.whole for a in block.attentions if not a.cross)) for block in blocks]
    if len(own[0]) < 2 or len({len(found) for found in own}) > 1:
        return
    parts = words.listing([relative(place, blocks[0].place) for place in own[0]])
    yield telling.say("flow.blocks_several", basis="named", evidence=own[0], times=words.times(len(own[0])), parts=parts)


def _attend(kinds: list[str]) -> str:
    """ "attend", where that is all that mixes positions; else by what they are mixed."""
    kinds = [kind for kind in kinds if kind] or ["attention"]
    plain = all(kind.startswith("attention") and " and " not in kind for kind in kinds)
    return "attend" if plain else f"mix positions by {words.listing(list(dict.fromkeys(kinds)), last='or')}"


def _feed(kinds: list[str]) -> str:
    """ "the feed-forward", "the mixture of experts", or both where blocks differ."""
    if len(set(kinds)) > 1:
        return words.listing(list(dict.fromkeys(kinds)), last="or")
    return kinds[0].replace("a ", "the ", 1)


def _mixing(rows: Rows) -> str:
    """ "each mixes positions by attention"; "36 mix positions by linear attention and twelve by attention"."""
    (what, number), *rest = _counted(rows)
    if not rest:
        return f"{'each' if number > 1 else 'it'} mixes positions by {what}"
    return words.listing([f"{words.count(number)} mix positions by {what}", *(f"{words.count(n)} by {other}" for other, n in rest)])


def _transforming(rows: Rows, itself: str) -> str:
    """ ", then transforms each by itself in a feed-forward"; "" where not every block does."""
    if not all(what for what, _ in rows):
        return ""
    (what, number), *rest = _counted(rows)
    if not rest and what.endswith("forwards"):
        return f"; {what} transform each position {itself}"
    if not rest:
        return f"; then {what} transforms each position {itself}"
    return (
        f"; then {what} transform{'' if what.endswith('forwards') else 's'} each position {itself} in {words.count(number)} of them, "
        + words.listing([f"{other} in {words.count(n)}" for other, n in rest])
    )


def _counted(rows: Rows) -> Rows:
    counts: dict[str, int] = {}
    for what, number in rows:
        counts[what] = counts.get(what, 0) + number
    return sorted(counts.items(), key=lambda row: -row[1])


def _stage(telling: Telling, tower: Tower, stack: Stack) -> Iterator[Statement]:
    """One stage of a hierarchy, at its own width."""
    wide = telling.findings.width(tower, stack)
    inside = telling.findings.places.under(stack.holder)
    windowed = any((role := telling.roles.get(p)) and role.sentence == "windowed" for p in inside)
    yield telling.say(
        "flow.stage_windows" if windowed else "flow.stage", basis="named", evidence=[stack.holder],
        which=_which(tower, stack), blocks=f"{words.count(stack.count)} block{'s' * (stack.count > 1)}",
        holder=stack.holder.path, width=f" on vectors of {wide[0]:,} numbers" if wide else "",
    )  # fmt: skip


def _which(tower: Tower, stack: Stack) -> str:
    """ "The second stage"; of a list that stands there several times, "Each of six stages"."""
    if len(tower.stacks) > 1:
        return f"The {words.ordinal(tower.stacks.index(stack) + 1)} stage"
    return f"Each of {words.count(stack.holder.count)} stages" if stack.holder.count > 1 else "A stage"


def _merging(telling: Telling, tower: Tower, before: Stack, after: Stack) -> Iterator[Statement]:
    """What leads from one stage to the next: neighbours put side by side, or a convolution with a stride."""
    findings = telling.findings
    if found := merging(findings, tower, before, after):
        product, evidence = found.product, [found.holder or found.product.place, found.product.place]
        yield telling.say(
            "flow.merge", basis="named", evidence=evidence, name=evidence[0].path, n_in=product.n_in, n_out=product.n_out
        )  # fmt: skip
        return
    narrow, wide = findings.width(tower, before), findings.width(tower, after)
    if not (narrow and wide):
        return
    for place in findings.places.all[before.holder.end : after.holder.index]:
        filters = convolution(place)
        if filters and filters.stride > 1 and (filters.n_in, filters.n_out) == (narrow[0], wide[0]):
            yield telling.say(
                "flow.coarser", basis="named", evidence=[place], name=place.path, kernel=filters.sides, stride=filters.stride,
                n_in=filters.n_in, n_out=filters.n_out,
            )  # fmt: skip
            return


def _period(telling: Telling, tower: Tower, stack: Stack) -> Iterator[Statement]:
    """How the blocks of a periodic stack alternate: "every sixth block has attention; the five before it ..."."""
    group = [b for b in stack.blocks if b.child and b.child.repeat and b.child.repeat.period > 1]
    if not group or group[0].child is None or group[0].child.repeat is None:
        return
    period = group[0].child.repeat.period
    kinds = [[b] for b in group[:1]]
    for block in group[1:period]:
        if block.node is kinds[-1][-1].node:
            kinds[-1].append(block)
        else:
            kinds.append([block])
    if len(kinds) != 2:
        return
    most, few = len(kinds[0]), len(kinds[1])
    first, second = _traits(telling, tower, kinds[0][0], kinds[1][0])
    said = "named" if first else "plain"
    key = "alternate" if most == few == 1 else "last" if few == 1 else "turns"
    yield telling.say(
        f"period.{key}_{said}", basis="named" if first else "measured", evidence=[b for k in kinds for b in k[:1]],
        holder=name(stack.holder), most=words.count(most), few=words.count(few),
        blocks="one block" if most == 1 else f"{words.count(most)} blocks", follow="is" if most == 1 else "are",
        which=words.ordinal(period), first=first, second=second,
    )  # fmt: skip


def _beside_window(what: str, other: str) -> str:
    return FULL if what == "attention" and "window" in other else what


def _traits(telling: Telling, tower: Tower, first: Place, second: Place) -> tuple[str, str]:
    """In what two kinds of blocks differ, in words; ("", "") where words do not tell them apart."""
    findings = telling.findings
    one, two = (next((b for b in findings.blocks[tower] if b.place is place), None) for place in (first, second))
    if not (one and two):
        return "", ""
    for tell in (mixes_by, transforms_by):
        was, now = tell(findings, one), tell(findings, two)
        if was and now and was != now:
            return _beside_window(was, now), _beside_window(now, was)
    return "", ""

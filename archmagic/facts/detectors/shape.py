"""Depth and width: how many blocks, how wide the stream between them."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..names import named
from ..sentence import sentence
from ..stacks import Stack, Tower


def whose(findings: Findings, tower: Tower) -> str:
    """What a sentence calls the tower: "The model" where it is the only one, else its path."""
    return "The model" if tower.scope == "" else tower.scope


def depth(findings: Findings) -> Iterator[Fact]:
    """Blocks of each tower's main stack; of stages, each one's."""
    for tower in findings.towers:
        for stack in tower.stacks:
            path = stack.holder.path
            evidence = tuple(block.path for block in stack.blocks[:4])
            if stack.levels:
                for held in stack.levels:
                    count = sum(kid.child.count for kid in held.kids if kid.child)
                    text = sentence("num_blocks", holder=held.path, value=count)
                    yield Fact("num_blocks", count, "measured", held.path, (held.path,), text=text)
            elif stack.stages or stack.count < 2 or is_level(findings, stack):  # a lone block may be applied many times, as ALBERT's is
                text = sentence("num_blocks", holder=path or "the model", value=stack.count)
                yield Fact("num_blocks", stack.count, "measured", path, evidence, text=text)
            else:
                yield from _layers(findings, tower, stack, (path, *evidence))


def _layers(findings: Findings, tower: Tower, stack: Stack, evidence: tuple[str, ...]) -> Iterator[Fact]:
    """num_hidden_layers: the blocks, or, where attention and feed-forward are listed in turn, the turns."""
    whole, path = whose(findings, tower), stack.holder.path or "itself"
    turns = sublayers(findings, tower, stack)
    if turns > 1:
        value = stack.count // turns
        text = sentence("num_hidden_layers_turns", whose=whole, value=value, holder=path, turns=turns)
        yield Fact("num_hidden_layers", value, "derived", tower.scope, evidence, text=text)
    else:
        text = sentence("num_hidden_layers", whose=whole, value=stack.count, holder=path)
        yield Fact("num_hidden_layers", stack.count, "measured", tower.scope, evidence, text=text)


def sublayers(findings: Findings, tower: Tower, stack: Stack) -> int:
    """How many entries of the list make one layer: 2 where entries with attention and entries with a feed-forward take turns, 3 with
    cross-attention between them; 1 where each entry is a layer."""
    blocks = [b for b in findings.blocks[tower] if b.stack is stack]
    order: list[tuple[int, str]] = []
    for block in blocks:
        kind = ("a" if block.attentions else "") + ("f" if block.feeds or block.mixtures else "")
        repeat = block.place.child.repeat if block.place.child else None
        numbers = repeat.numbers if repeat else [int(block.place.name)] if block.place.name.isdecimal() else []
        order += [(number, kind) for number in numbers]
    line = "".join(kind if len(kind) == 1 else "?" for _, kind in sorted(order))
    for turn in ("af", "aaf"):
        if len(line) == stack.count >= 2 * len(turn) and line == turn * (len(line) // len(turn)):
            return len(turn)
    return 1


def is_level(findings: Findings, stack: Stack) -> bool:
    """Whether the list is a way down or up of a U-Net, by its joins or by the names of both: its entries are levels, not layers.

    An encoder and a decoder of plain blocks bear the same names; levels convolve over several positions."""
    beside = [kid.name for kid in stack.holder.parent.kids] if stack.holder.parent else []
    ways = ("unet_down", "unet_up")
    if any(named(role, stack.holder.name) for role in ways) and all(any(named(role, name) for name in beside) for role in ways):
        return any(c.kernel > 1 for c in findings.convolutions if stack.holder.index < c.place.index < stack.holder.end)
    return stack.holder.path in findings.unet or any(kid.path in findings.unet for kid in stack.holder.kids)


def width(findings: Findings) -> Iterator[Fact]:
    """The width of each tower's residual stream, where its parts agree."""
    for tower in findings.towers:
        if any(is_level(findings, stack) for stack in tower.stacks):
            continue
        if tower.main.stages:
            yield from _stage_widths(findings, tower)
            continue
        by_block = findings.block_widths(tower)
        if len(by_block) > 1:
            rows = list(by_block.items())
            for path, (value, evidence) in (rows[0], rows[-1]):
                yield Fact("hidden_size", value, "measured", path, evidence, text=sentence("hidden_size", whose=path, value=value))
            continue
        found = findings.width(tower)
        if found and (outer := _bottlenecked(findings, tower, found[0])):
            value, path = outer
            text = sentence("hidden_size", whose=whose(findings, tower), value=value)
            yield Fact("hidden_size", value, "derived", tower.scope, (path, *found[1][:2]), text=text)
        elif found and _reached(findings, tower, found[0]):
            text = sentence("hidden_size", whose=whose(findings, tower), value=found[0])
            yield Fact("hidden_size", found[0], "measured", tower.scope, found[1], text=text)


def _bottlenecked(findings: Findings, tower: Tower, width: int) -> tuple[int, str] | None:
    """The stream's own width where every block narrows it to `width` and widens it again, and the position table agrees."""
    for table in findings.embeddings_of(tower, "position"):
        if table.place.node.type != "Embedding" or table.width == width:
            continue
        products = [[x for p in findings.places.under(b.place) if (x := findings.places.linear(p))] for b in findings.blocks[tower]]
        into = all(any((x.n_in, x.n_out) == (table.width, width) for x in block) for block in products)
        back = all(any((x.n_in, x.n_out) == (width, table.width) for x in block) for block in products)
        if into and back:
            return table.width, table.place.path
    return None


def gathered_first(findings: Findings, tower: Tower) -> bool:
    """Whether attention stands between the table of tokens and the blocks: these work on what it gathers, as a Perceiver's do."""
    tables = findings.embeddings_of(tower, "token")
    between = findings.places.all[tables[-1].place.end : tower.main.holder.index] if tables else ()
    return any(p.kind == "attention" and p.kids for p in between)


def _reached(findings: Findings, tower: Tower, width: int) -> bool:
    """Whether the stream that comes in is as wide as the blocks work on: by its position table, or a product that widens that.

    Else blocks work on a narrower copy of the stream, as MobileBERT's do."""
    tables = {e.width for e in findings.embeddings_of(tower, "position") if e.place.node.type == "Embedding"}
    if tables <= {width} or gathered_first(findings, tower):
        return True
    inside = {place for stack in tower.stacks for place in findings.places.under(stack.holder)}
    for attention in findings.attentions:
        inside.update((*findings.places.under(attention.place), *attention.parts.values()))
    before = [found for p in findings.places.under(tower.place) if p not in inside and (found := findings.places.linear(p))]
    return any(x.n_in in tables and x.n_out == width for x in before)


def _stage_widths(findings: Findings, tower: Tower) -> Iterator[Fact]:
    """Of a hierarchy, the first and the last stage's width: what comes in from the stem and what goes out."""
    for stack in dict.fromkeys((tower.stacks[0], tower.stacks[-1])):
        found = findings.width(tower, stack)
        if found:
            path = stack.holder.path
            yield Fact("hidden_size", found[0], "measured", path, found[1], text=sentence("hidden_size", whose=path, value=found[0]))

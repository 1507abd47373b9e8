"""Depth and width: how many blocks, how wide the stream between them."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..sentence import sentence
from ..stacks import Tower


def whose(findings: Findings, tower: Tower) -> str:
    """What a sentence calls the tower: "The model" where it is the only one, else its path."""
    return "The model" if tower.scope == "" else tower.scope


def depth(findings: Findings) -> Iterator[Fact]:
    """Blocks of each tower's main stack; of stages, each one's."""
    for tower in findings.towers:
        for stack in tower.stacks:
            path = stack.holder.path
            evidence = tuple(block.path for block in stack.blocks[:4])
            if stack.stages or stack.count < 2:  # a lone block may be applied many times, as ALBERT's is
                text = sentence("num_blocks", holder=path or "the model", value=stack.count)
                yield Fact("num_blocks", stack.count, "measured", path, evidence, text=text)
            else:
                text = sentence("num_hidden_layers", whose=whose(findings, tower), value=stack.count, holder=path or "itself")
                yield Fact("num_hidden_layers", stack.count, "measured", tower.scope, (path, *evidence), text=text)


def width(findings: Findings) -> Iterator[Fact]:
    """The width of each tower's residual stream, where its parts agree."""
    for tower in findings.towers:
        if tower.main.stages:
            yield from _stage_widths(findings, tower)
            continue
        found = findings.width(tower)
        tables = {e.width for e in findings.embeddings_of(tower, "position")}
        if found and tables <= {found[0]}:  # else blocks work on a narrower copy of the stream, as MobileBERT's do
            text = sentence("hidden_size", whose=whose(findings, tower), value=found[0])
            yield Fact("hidden_size", found[0], "measured", tower.scope, found[1], text=text)


def _stage_widths(findings: Findings, tower: Tower) -> Iterator[Fact]:
    """Of a hierarchy, the first and the last stage's width: what comes in from the stem and what goes out."""
    for stack in dict.fromkeys((tower.stacks[0], tower.stacks[-1])):
        found = findings.width(tower, stack)
        if found:
            path = stack.holder.path
            yield Fact("hidden_size", found[0], "measured", path, found[1], text=sentence("hidden_size", whose=path, value=found[0]))

"""Which normalisation the blocks use, and where."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Basis, Fact
from ..findings import Findings
from ..forward_products import one_more
from ..places import Place
from ..sentence import sentence
from ..stacks import Tower

HOW = {
    "pre": "each sub-layer normalises what it reads, and its result is added to the unnormalised stream",
    "post": "each sub-layer's result is added to the stream, and the sum is normalised",
    "res-post": "each sub-layer reads the unnormalised stream, and its result is normalised before it is added",
    "sandwich": "each sub-layer normalises what it reads and also what it adds",
    "parallel": "attention and feed-forward read the normalised stream side by side, and both results are added to it",
}


def norm_kind(place: Place) -> str:
    """LayerNorm, RMSNorm, BatchNorm2d, ... of a class such as LlamaRMSNorm, as the catalog knows it."""
    return place.match.entry.name.removeprefix("Library")  # the catalog's entry for what libraries define themselves


def norms(findings: Findings) -> Iterator[Fact]:
    """Kind and placement of the norms in each tower's blocks."""
    for tower in findings.towers:
        blocks = findings.blocks[tower]
        found = [n for b in blocks for n in b.norms]
        kinds = {norm_kind(n) for n in found if n.match.how != "generic"}
        if len(kinds) == 1:
            kind = kinds.pop()
            evidence = tuple(n.path for n in found[:4])
            basis: Basis = "measured" if any(n.match.how in ("class", "base") for n in found) else "named"
            yield Fact("normalization", kind, basis, tower.scope, evidence, text=sentence("normalization", value=kind))
        yield from _one_more(tower, found)
        placements = {b.placement for b in blocks}
        if len(placements) == 1 and (placement := placements.pop()) and not _either(findings, tower, placement):
            text = sentence("norm_placement", value=placement.capitalize(), how=HOW[placement])
            yield Fact("norm_placement", placement, blocks[0].basis, tower.scope, tuple(n.path for n in found[:4]), text=text)


def _one_more(tower: Tower, norms: list[Place]) -> Iterator[Fact]:
    """That norms of the blocks multiply by 1 + weight, as the text of their class's forward shows: of a class that does, whatever other
    norms there are."""
    for first in {n.node.type: n for n in reversed(norms)}.values():
        if first.node.source and first.match.how != "class":
            held = {t.name for t in first.node.tensors or () if t.kind == "parameter"}
            if len(held) == 1 and held <= one_more(first.node.source):
                text = sentence("norm_offset", norm=first.node.type, weight=held.pop())
                paths = tuple(n.path for n in norms if n.node.type == first.node.type)
                yield Fact("norm_offset", 1, "measured", tower.scope, paths[:4], text=text)


def _either(findings: Findings, tower: Tower, placement: str) -> bool:
    """Whether a print would look the same with attention and feed-forward side by side, each after a norm of its own: blocks with fused
    projections and rotary positions (GPT-NeoX's) are built in both ways."""
    fused = any(a.form == "fused" for a in tower.attentions)
    position = findings.get("position_encoding", tower.scope)
    rotary = position is not None and position.value == "rotary"
    plain = not any(f.gate or f.fused_gate for b in findings.blocks[tower] for f in b.feeds)
    return findings.tree.source == "print" and placement == "pre" and fused and rotary and plain

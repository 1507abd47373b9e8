"""What makes a tower's attention special: sinks, capped scores, rotation of a part of each head, layers without positions."""

from __future__ import annotations

from collections.abc import Iterator

from ..attention import Attention
from ..blocks import Block
from ..fact import Fact
from ..findings import Findings
from ..names import attribute_names
from ..sentence import sentence
from ..stacks import Tower


def details(findings: Findings) -> Iterator[Fact]:
    """attention_sinks, attn_logit_softcapping, rotary_dim, and the runs of blocks that use no positions."""
    for tower in findings.towers:
        rows = [(block, a) for block in findings.blocks[tower] for a in block.attentions if not a.cross]
        yield from _sinks(tower, rows)
        yield from _capped(tower, rows)
        yield from _rotated(findings, tower, rows)
        yield from _without(findings, tower, rows)


Rows = list[tuple[Block, Attention]]


def _sinks(tower: Tower, rows: Rows) -> Iterator[Fact]:
    held = [a.place for _, a in rows if any(t.kind == "parameter" and t.name in ("sinks", "sink") for t in a.place.node.tensors or ())]
    if held and len(held) == len(rows):
        evidence = tuple(p.path for p in held[:3])
        yield Fact("attention_sinks", True, "measured", tower.scope, evidence, text=sentence("attention_sinks"))


def _attribute(attention: Attention, key: str) -> object:
    values = (attention.place.node.attributes.get(name) for name in attribute_names(key))
    return next((value for value in values if value is not None), None)


def _capped(tower: Tower, rows: Rows) -> Iterator[Fact]:
    found = {cap for _, a in rows if isinstance(cap := _attribute(a, "attn_logit_softcapping"), (int, float)) and cap > 1}
    if len(found) == 1:
        cap, evidence = found.pop(), tuple(a.place.path for _, a in rows[:2])
        yield Fact("attn_logit_softcapping", cap, "measured", tower.scope, evidence, text=sentence("attn_logit_softcapping", value=cap))


def _rotated(findings: Findings, tower: Tower, rows: Rows) -> Iterator[Fact]:
    found = {(_attribute(a, "rotary_dim"), a.head_dim.value if a.head_dim else None) for _, a in rows}
    if len(found) == 1:
        width, head = found.pop()
        if type(width) is int and head and 0 < width < head:
            text = sentence("rotary_dim", value=width, head=head)
            yield Fact("rotary_dim", width, "measured", tower.scope, tuple(a.place.path for _, a in rows[:2]), text=text)


def _without(findings: Findings, tower: Tower, rows: Rows) -> Iterator[Fact]:
    """Blocks whose attention has a switch for rotary positions that is off, where that of others is on."""
    flags = [(block, a, _attribute(a, "use_rope")) for block, a in rows]
    if len({bool(flag) for _, _, flag in flags if flag is not None}) < 2:
        return
    for block, attention, flag in flags:
        if flag is not None and not flag:
            path = block.place.path
            text = sentence("no_positions", holder=path)
            yield Fact("position_encoding", "none", "measured", path, (attention.place.path,), text=text)

"""What a family's conventions fill in where a print shows no size; all of it is assumed and says so."""

from __future__ import annotations

from collections.abc import Iterator

from ..attention import Attention
from ..fact import Fact
from ..findings import Findings
from ..sentence import sentence


def sizes(findings: Findings) -> Iterator[Fact]:
    """Sizes of products printed without any (`Conv1D()` of older transformers), in a family with a known expansion."""
    family, expansion = findings.get("family"), findings.conventions.get("expansion")
    for tower in findings.towers:
        width = findings.get("hidden_size", tower.scope)
        if not (family and expansion and width and isinstance(width.value, int)):
            continue
        hidden, inner = width.value, width.value * expansion
        feeds = [f for b in findings.blocks[tower] for f in b.feeds if f.inner is None and f.hidden is None]
        for attention in tower.attentions:
            if attention.form == "fused" and attention.width is None:
                findings.assumed_shapes[attention.parts["fused_qkv"]] = (hidden, 3 * hidden)
                if "output" in attention.parts:
                    findings.assumed_shapes[attention.parts["output"]] = (hidden, hidden)
        for feed in feeds:
            findings.assumed_shapes[feed.up], findings.assumed_shapes[feed.down] = (hidden, inner), (inner, hidden)
        if feeds:
            text = sentence("intermediate_size_assumed", value=inner, expansion=expansion, family=family.value)
            sources = (("hidden_size", tower.scope), ("family", ""))
            yield Fact("intermediate_size", inner, "assumed", tower.scope, (feeds[0].up.path, feeds[0].down.path), sources, text)


def heads(findings: Findings) -> Iterator[Fact]:
    """Heads of the family's usual width, where nothing settles them."""
    family, head_dim = findings.get("family"), findings.conventions.get("head_dim")
    for tower in findings.towers:
        inner = {_inner(findings, a) for a in tower.attentions if not a.linear}
        if not (family and head_dim and len(inner) == 1) or findings.get("num_attention_heads", tower.scope):
            continue
        width = inner.pop()
        if width and width % head_dim == 0:
            scope, evidence = tower.scope, tuple(a.place.path for a in tower.attentions[:2])
            values = {"num_attention_heads": width // head_dim, "num_key_value_heads": width // head_dim, "head_dim": head_dim}
            for key, value in values.items():
                text = sentence("num_attention_heads_assumed", value=width // head_dim, head_dim=head_dim, family=family.value)
                yield Fact(key, value, "assumed", scope, evidence, (("family", ""),), text)


def _inner(findings: Findings, attention: Attention) -> int | None:
    """Features of all heads together, by their shapes or the convention's."""
    output = attention.parts.get("output")
    assumed = findings.assumed_shapes.get(output) if output else None
    return attention.inner or (assumed[0] if assumed else None)

"""Kinds of attention and their heads, for each tower; where blocks differ, for each run."""

from __future__ import annotations

from collections.abc import Iterator

from ..attention import Attention, Number
from ..blocks import Block
from ..fact import Fact
from ..findings import Findings
from ..measured import Contradiction, measured_window, unlimited
from ..names import attribute_names
from ..sentence import sentence
from ..stacks import Tower
from .shape import whose

COUNTS = ("num_attention_heads", "num_key_value_heads", "head_dim")


def kinds(findings: Findings) -> Iterator[Fact]:
    """Whether heads share keys and values, or attention is latent or linear."""
    for tower in findings.towers:
        found = {_kind(a) for a in _own(tower)}
        if len(found) == 1 and (kind := found.pop()):
            evidence = tuple(a.place.path for a in _own(tower)[:3])
            text = sentence("attention", whose=whose(findings, tower), value=kind)
            yield Fact("attention", kind, "derived", tower.scope, evidence, text=text)


def _own(tower: Tower) -> list[Attention]:
    return [a for a in tower.attentions if not a.cross]


def _kind(attention: Attention) -> str | None:
    if attention.linear:
        return "linear"
    if attention.form == "latent":
        return "multi-head latent"
    if attention.form == "torch":
        return "multi-head"
    if not attention.inner or not attention.kv_inner:
        return None
    if attention.kv_inner in (attention.inner, attention.query_inner):  # values may be narrower or wider than queries and keys
        return "multi-head"
    if attention.kv_inner > min(attention.inner, attention.query_inner or attention.inner):
        return None
    if attention.kv_heads or attention.kv_inner > WIDEST:
        return "multi-query" if attention.kv_heads and attention.kv_heads.value == 1 else "grouped-query"
    return "grouped-query or multi-query"


WIDEST = 512
"""No head is wider: keys wider than that are several heads', even where their number is not known."""


def heads(findings: Findings) -> Iterator[Fact]:
    """Heads and their width, where something settles them."""
    for tower in findings.towers:
        by_value: dict[tuple[int | None, ...], list[tuple[Block, Attention]]] = {}
        for block in findings.blocks[tower]:
            for attention in block.attentions:
                if not attention.cross and not attention.linear:
                    by_value.setdefault(_counts(attention), []).append((block, attention))
        mixed = {block.place for block in findings.blocks[tower] if sum(any(b is block for b, _ in rows) for rows in by_value.values()) > 1}
        for rows in by_value.values():
            block, attention = rows[0]
            scope = tower.scope if len(by_value) == 1 else block.place.path
            scope = attention.place.path if block.place in mixed else scope
            yield from _facts(attention, scope)


def _numbers(attention: Attention) -> tuple[Number | None, ...]:
    return attention.heads, attention.kv_heads, attention.head_dim


def _counts(attention: Attention) -> tuple[int | None, ...]:
    return tuple(n.value if n else None for n in _numbers(attention))


def _facts(attention: Attention, scope: str) -> Iterator[Fact]:
    for key, number in zip(COUNTS, _numbers(attention), strict=True):
        if number:
            evidence = number.evidence or (attention.place.path,)
            yield Fact(key, number.value, number.basis, scope, evidence, text=sentence(key, value=number.value))
    for key, number in attention.latent.items():
        yield Fact(key, number.value, number.basis, scope, number.evidence, text=sentence(key, value=number.value))


def windows(findings: Findings) -> Iterator[Fact]:
    """How far attention looks back, where its mask shows it or an attribute says so: for the tower, or for each run of blocks that has a
    window."""
    for tower in findings.towers:
        rows = [(block, a, _window(findings, a)) for block in findings.blocks[tower] for a in block.attentions if not a.cross]
        found = {window for _, _, window in rows}
        told: set[str] = set()
        for block, attention, window in rows:
            scope = tower.scope if len(found) == 1 else block.place.path
            if window and scope not in told:
                told.add(scope)
                yield Fact(
                    "sliding_window", window, "measured", scope, (attention.place.path,), text=sentence("sliding_window", value=window)
                )


def _window(findings: Findings, attention: Attention) -> int | None:
    """What was measured, where something was; an attribute otherwise. Where they differ, that is noted."""
    values = (attention.place.node.attributes.get(name) for name in attribute_names("sliding_window"))
    told = next((value for value in values if type(value) is int and value > 0), None)
    steps = findings.followed
    measured = measured_window(steps, attention)
    if steps and told and measured is None and unlimited(steps, attention, told):
        findings.contradictions.append(Contradiction(attention.place, "sliding_window", told, "none"))
        return None
    if told and measured and told != measured:
        findings.contradictions.append(Contradiction(attention.place, "sliding_window", told, measured))
    return measured or told

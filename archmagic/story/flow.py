"""How data flows, step by step, with its shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..facts import Basis
from ..facts.detectors.normalization import norm_kind
from ..facts.ends import Embedding
from ..facts.places import Place
from ..facts.stacks import Stack, Tower
from ..tree import expand
from .convolution import convolutional
from .roles.attention import writes_tokens
from .story import Section, Statement
from .telling import Telling, name, words

LONGEST_CHAIN = 40
"""Steps told of a long Sequential; the rest is counted."""


def flow(telling: Telling) -> list[Section]:
    """One section of steps for each tower; for a plain chain of layers, its layers in order."""
    findings = telling.findings
    title = telling.text("names.flow")
    towers = findings.towers
    if not towers:
        steps = tuple(convolutional(telling) or _chain(telling))
        return [Section(title, steps, style="steps")] if steps else []
    sections = []
    for tower in towers:
        steps = tuple(_steps(telling, tower))
        if steps:
            sections.append(Section(title if len(towers) == 1 else f"{title}: {tower.scope}", steps, tower.scope or None, "steps"))
    return sections


def _steps(telling: Telling, tower: Tower) -> Iterator[Statement]:
    yield from _inputs(telling, tower)
    yield from _blocks(telling, tower)
    final = telling.findings.final_norm(tower)
    if final:
        kind = norm_kind(final) if final.match.specific else "norm"
        yield telling.say("flow.final", basis="named", evidence=[final], kind=kind, norm=name(final))
    if tower is telling.findings.towers[-1]:
        yield from _heads(telling)


def _inputs(telling: Telling, tower: Tower) -> Iterator[Statement]:
    findings = telling.findings
    tables = findings.embeddings_of(tower, "token")
    if tables:
        yield from _tokens(telling, tower, tables[0])
        return
    patches = findings.patches(tower)
    if patches and len(set(patches.size)) == 1:
        extra = _class_token(patches.place)
        yield telling.say(
            "flow.patches", basis="derived", evidence=[patches.place], channels=patches.channels, size=patches.size[0],
            table=name(patches.place), width=str(patches.width), extra=extra,
        )  # fmt: skip


def _class_token(patches: Place) -> str:
    """Says so where a live model holds a class token beside its patches."""
    for above in patches.up():
        names = {t.name for t in above.node.tensors or ()}
        if names & {"cls_token", "class_embedding", "class_token"}:
            return ", plus one class token"
    return ""


def _tokens(telling: Telling, tower: Tower, table: Embedding) -> Iterator[Statement]:
    positions = telling.fact("position_encoding", tower)
    kind = str(positions.value) if positions else ""
    learned = telling.findings.embeddings_of(tower, "position")
    values: dict[str, Any] = {"table": name(table.place), "rows": table.rows, "cells": table.width, "width": str(table.width)}
    if kind == "learned" and learned:
        known = telling.fact("max_position_embeddings", tower)
        context = f", up to {learned[0].rows:,}" if known and known.value == learned[0].rows else ""
        yield telling.say(
            "flow.tokens_positions", facts=[positions], evidence=[table.place, learned[0].place],
            positions=name(learned[0].place), context=context, **values,
        )  # fmt: skip
    else:
        yield telling.say("flow.tokens", evidence=[table.place], **values)
    if kind == "rotary" and positions:
        rotary = telling.findings.places.by_path[positions.evidence[0]]
        yield telling.say("flow.rotary", facts=[positions], rotary=name(rotary))
    elif kind == "relative":
        yield telling.say("flow.relative", facts=[positions])
    for segment in telling.findings.embeddings_of(tower, "type")[:1]:
        yield telling.say("flow.segments", basis="named", evidence=[segment.place], table=name(segment.place))
    yield from _after_embedding(telling, tower)


def _after_embedding(telling: Telling, tower: Tower) -> Iterator[Statement]:
    for place, role in telling.roles.items():
        if not tower.place.index <= place.index < tower.place.end:
            continue
        if role.key == "embedding_norm":
            yield telling.say("flow.embedding_norm", basis=role.basis, evidence=[place], norm=name(place), dropout="")
        elif role.key == "embedding_dropout":
            p = place.node.get("p")
            yield telling.say(
                "flow.embedding_dropout", basis=role.basis, evidence=[place], dropout=name(place), percent=words.percent(float(str(p)))
            )


def _blocks(telling: Telling, tower: Tower) -> Iterator[Statement]:
    findings = telling.findings
    placement, width = telling.fact("norm_placement", tower), telling.fact("hidden_size", tower)
    letter = "T" if findings.embeddings_of(tower, "token") else "N"
    for stack in tower.stacks:
        times = words.capital(words.times(stack.count))
        blocks = f"{words.capital(words.count(stack.count))} blocks follow one another" if stack.count > 1 else "One block stands"
        whole = all(b.attentions and (b.feeds or b.mixtures) for b in findings.blocks[tower] if b.stack is stack)
        if placement and width and whole and not stack.stages:
            known = findings.embeddings_of(tower, "token") or findings.patches(tower)
            shape = f" The shape stays (B, {letter}, {width.value})." if known else ""
            yield telling.say(
                f"flow.blocks_{placement.value}",
                facts=[placement, width],
                evidence=[stack.holder],
                times=times,
                holder=name(stack.holder),
                shape=shape,
            )
        else:
            wide = findings.width(tower, stack) if stack.stages else None
            if wide:
                place = stack.holder.path
                yield telling.say(
                    "flow.stage", basis="named", evidence=[stack.holder], which=words.ordinal(tower.stacks.index(stack) + 1),
                    blocks=f"{words.count(stack.count)} block{'s' * (stack.count > 1)}", holder=place, width=wide[0],
                )  # fmt: skip
                continue
            yield telling.say("flow.blocks_plain", basis="derived", evidence=[stack.holder], times=blocks, holder=name(stack.holder))
        yield from _period(telling, stack)
    if tower.cross:
        crossing = [a.place for a in tower.attentions if a.cross][:2]
        yield telling.say("flow.blocks_cross", basis="named", evidence=crossing)


def _period(telling: Telling, stack: Stack) -> Iterator[Statement]:
    """How the blocks of a periodic stack alternate: "five of one kind, one of another"."""
    group = [b for b in stack.blocks if b.child and b.child.repeat and b.child.repeat.period > 1]
    if not group:
        return
    period = group[0].child.repeat.period if group[0].child and group[0].child.repeat else 1
    kinds = [[b] for b in group[:1]]
    for block in group[1:period]:
        if block.node is kinds[-1][-1].node:
            kinds[-1].append(block)
        else:
            kinds.append([block])
    if len(kinds) != 2:
        return
    most, few = len(kinds[0]), len(kinds[1])
    pattern = f"{words.count(most)} blocks of one kind are followed by {words.count(few)} of another, again and again"
    if most == few == 1:
        pattern = "two kinds of blocks alternate"
    elif few == 1:
        pattern = f"every {words.ordinal(period)} block differs from the {words.count(most)} before it"
    yield telling.say("flow.period", evidence=[b for k in kinds for b in k[:1]], holder=name(stack.holder), pattern=pattern)


def _heads(telling: Telling) -> Iterator[Statement]:
    findings = telling.findings
    causal = findings.get("is_causal")
    vocabulary = {head.place: table for head, table in findings.vocabulary_heads}
    widths = {found[0] for t in findings.towers if (found := findings.width(t))}
    beside = {h.place for h in findings.heads if h.n_out in widths or any(w in h.place.name for w in ("embed", "conv", "project", "query"))}
    for head in findings.heads:
        table = vocabulary.get(head.place)
        if table:
            writes = (causal and causal.value) or any(writes_tokens(findings, t) for t in findings.towers)
            masked = "MaskedLM" in findings.model.node.type
            which = "of the next token" if writes else "of the masked token" if masked else "over the vocabulary"
            basis: Basis = "named" if writes or masked else "measured"
            yield telling.say(
                "flow.logits",
                basis=basis,
                evidence=[head.place],
                head=name(head.place),
                rows=table.rows,
                rows_plain=str(table.rows),
                which=which,
            )
        elif head.n_in and head.n_out and head.place.parent and head.place.parent.name != "pooler" and head.place not in beside:
            yield telling.say("flow.head", basis="derived", evidence=[head.place], head=name(head.place), n_in=head.n_in, n_out=head.n_out)


def _chain(telling: Telling) -> Iterator[Statement]:
    """The layers of a Sequential, which by definition run in order."""
    root = telling.findings.places.root
    chain = (
        root
        if root.node.type == "Sequential"
        else next((k for k in root.kids if k.node.type == "Sequential" and len(root.kids) == 1), None)
    )
    if chain is None:
        return
    kids = {kid.child: kid for kid in chain.kids}
    steps = [(step, kids[child]) for step, child in expand(chain.node) if not child.node.is_none]
    for step, kid in steps[:LONGEST_CHAIN]:
        found = telling.findings.places.linear(kid)
        title = f"{step}, {kid.node.type}"
        if found and found.n_in and found.n_out:
            yield telling.say("flow.layer_linear", evidence=[kid], name=title, n_in=found.n_in, n_out=found.n_out)
        elif kid.match.specific:
            yield telling.say("flow.layer", evidence=[kid], name=title, what=words.uncapital(kid.match.entry.summary))
        else:
            yield telling.say("flow.layer_parts", evidence=[kid], name=title, parts=_parts(kid))
    if len(steps) > LONGEST_CHAIN:
        yield telling.say("flow.more", evidence=[chain], more=len(steps) - LONGEST_CHAIN)


def _parts(place: Place) -> str:
    """ "Conv2d, BatchNorm2d and ReLU": what a module of an unknown class holds."""
    return (
        words.listing([f"{k.count // place.count} × {k.node.type}" if k.count > place.count else k.node.type for k in place.kids])
        or "nothing"
    )

"""How data comes in: the steps before a tower's first block."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ..facts.convolution import Convolution
from ..facts.ends import Embedding
from ..facts.names import named
from ..facts.patches import Patches
from ..facts.places import Place
from ..facts.stacks import Tower
from .story import Statement
from .telling import Telling, name, words


def inputs(telling: Telling, tower: Tower) -> Iterator[Statement]:
    """Tokens looked up, patches cut, a signal filtered; then positions."""
    findings = telling.findings
    tables = findings.embeddings_of(tower, "token")
    patches = findings.patches(tower)
    if tables:
        yield from _tokens(telling, tower, tables[0])
    elif patches:
        yield from _image(telling, tower, patches)
    else:
        yield from _signal(telling, tower) or _grid(telling, tower)


def _image(telling: Telling, tower: Tower, patches: Patches) -> Iterator[Statement]:
    video = len(patches.size) > 2
    what, grid = ("A video (B, {}, F, H, W)", "F/{} × H/{} × W/{}") if video else ("An image (B, {}, H, W)", "H/{} × W/{}")
    laid = patches.laid
    yield telling.say(
        "flow.patches_laid" if laid else "flow.patches", basis="named" if laid else "derived",
        evidence=[p for p in (laid, patches.place) if p], laid=laid.path if laid else "",
        numbers=patches.channels * math.prod(patches.size), norms=_around(patches), what=what.format(patches.channels),
        sides=" × ".join(map(str, patches.size)), table=name(patches.place), width=str(patches.width), grid=grid.format(*patches.size),
        unit="frames and pixels" if video else "pixels",
    )  # fmt: skip
    token = _class_token(patches.place)
    if token:
        yield telling.say("flow.class_token", basis="named", evidence=[token[0]], token=token[1], whole="video" if video else "image")
    positions = telling.fact("position_encoding", tower)
    if positions and positions.value == "learned":
        tables = telling.findings.embeddings_of(tower, "position")
        table = name(tables[0].place) if tables else _own_table(telling.findings.places.by_path[positions.evidence[0]])
        count = telling.fact("num_positions", tower)
        each = f"each of {count.value:,} positions" if count and isinstance(count.value, int) else "each position"
        yield telling.say("flow.positions", facts=[positions, count], table=table, each=each)
    elif positions and positions.value == "rotary":
        rotary = telling.findings.places.by_path[positions.evidence[0]]
        yield telling.say("flow.rotary_inside" if rotary.kind == "attention" else "flow.rotary", facts=[positions], rotary=name(rotary))
    yield from _after_embedding(telling, tower)


def _around(patches: Patches) -> str:
    """Where the norms stand around a product over patches."""
    before, after = patches.norms()
    return ", between two norms" if before and after else ", after a norm" if before else ", before a norm" if after else ""


def _own_table(place: Place) -> str:
    """The bare parameter that holds positions."""
    return next((t.name for t in place.node.tensors or () if named("position_embedding", t.name)), name(place))


CLASS_TOKENS = {"cls_token", "class_embedding", "class_token"}


def _class_token(patches: Place) -> tuple[Place, str] | None:
    """Where a live model holds a class token beside its patches, and what it is called."""
    for above in patches.up():
        for tensor in above.node.tensors or ():
            if tensor.name in CLASS_TOKENS:
                return above, tensor.name
    return None


def _signal(telling: Telling, tower: Tower) -> list[Statement]:
    """Convolutions along a signal, each taking what the one before gives, that lead to the stream's width."""
    findings = telling.findings
    start = tower.main.holder.index
    found = [c for c in findings.convolutions if tower.place.index <= c.place.index < start and c.place.node.type == "Conv1d"]
    found = [c for c in found if c.groups == 1]
    if not found or any(after.n_in != before.n_out for before, after in zip(found, found[1:], strict=False)):
        return []
    shrink = 1
    for conv in found:
        shrink *= conv.stride**conv.place.count
    count = sum(c.place.count for c in found)
    first, last = found[0], found[-1]
    step = telling.say(
        "flow.signal" if shrink > 1 else "flow.signal_same",
        basis="named",
        evidence=[first.place, last.place],
        convolutions=words.capital(_convolutions(found, count)),
        n_in=words.several(first.n_in, "channel"),
        n_out=last.n_out,
        shrink=words.count(shrink),
        verb="turns" if count == 1 else "turn",
    )
    return [step, *_fixed_or_learned(telling, tower), *_after_embedding(telling, tower)]


def _fixed_or_learned(telling: Telling, tower: Tower) -> Iterator[Statement]:
    """A table of positions that is added to what convolutions give."""
    for table in telling.findings.embeddings_of(tower, "position")[:1]:
        role = telling.roles.get(table.place)
        fixed = role is not None and role.sentence == "fixed"
        key = "flow.fixed_positions" if fixed else "flow.positions"
        each = f"each of {table.rows:,} positions"
        yield telling.say(key, basis="named", evidence=[table.place], table=name(table.place), each=each)


def _grid(telling: Telling, tower: Tower) -> list[Statement]:
    """A convolution with a stride before the first block that gives just its width: patches that overlap."""
    findings = telling.findings
    width = findings.width(tower, tower.main)
    before = [c for c in findings.convolutions if tower.place.index <= c.place.index < tower.main.holder.index]
    conv = next((c for c in before if width and c.n_out == width[0] and c.stride > 1 and c.sides.count("×") == 1), None)
    if conv is None or conv is not before[0]:
        return []
    return [
        telling.say(
            "flow.grid", basis="named", evidence=[conv.place], name=conv.place.path, kernel=conv.sides, stride=conv.stride,
            n_in=words.several(conv.n_in, "channel"), n_out=conv.n_out,
        )
    ]  # fmt: skip


def _convolutions(found: list[Convolution], count: int) -> str:
    """ "two convolutions, conv1 and conv2"."""
    noun = f"{words.count(count)} convolution{'s' * (count > 1)}"
    return f"{noun}, {words.listing([name(c.place) for c in found])}," if len(found) < 3 else noun


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
    elif table.place.child and table.place.child.count > 1:
        yield telling.say("flow.tokens_many", evidence=[table.place], count=words.count(table.place.child.count), **values)
    else:
        yield telling.say("flow.tokens", evidence=[table.place], **values)
    yield from telling.known(("embedding_scale",), tower)
    if kind == "rotary" and positions:
        rotary = telling.findings.places.by_path[positions.evidence[0]]
        yield telling.say("flow.rotary_inside" if rotary.kind == "attention" else "flow.rotary", facts=[positions], rotary=name(rotary))
    elif kind == "sinusoidal" and positions:
        yield telling.say("flow.sinusoidal", facts=[positions], table=name(telling.findings.places.by_path[positions.evidence[0]]))
    elif kind in ("relative", "ALiBi"):
        yield telling.say(f"flow.{kind.lower()}", facts=[positions])
    for segment in telling.findings.embeddings_of(tower, "type")[:1]:
        yield telling.say("flow.segments", basis="named", evidence=[segment.place], table=name(segment.place))
    yield from _after_embedding(telling, tower)
    yield from _widened(telling, tower, table)


def _widened(telling: Telling, tower: Tower, table: Embedding) -> Iterator[Statement]:
    """A product between the table and the blocks that brings the table's width to the stream's."""
    findings = telling.findings
    before = findings.places.all[tower.place.index : tower.main.holder.index]
    before = [p for p in before if not any(above.kind == "attention" for above in p.up())]
    products = [x for p in before if (x := findings.places.linear(p)) and x.n_in == table.width != x.n_out]
    width = findings.width(tower) if products else None
    for found in products:
        if width and found.n_out == width[0]:
            place = found.place
            yield telling.say("flow.widened", basis="named", evidence=[place], name=name(place), n_in=found.n_in, n_out=found.n_out)
            return


def _what(telling: Telling, tower: Tower) -> str:
    """ "the sum", where several vectors were added before; else what there is."""
    positions, patches = telling.fact("position_encoding", tower), telling.findings.patches(tower)
    learned = patches is not None and positions is not None and str(positions.value).startswith("learned")
    if learned or len(telling.findings.embeddings_of(tower, "token", "position", "type")) > 1:
        return "the sum"
    return "each vector" if patches else "it"


def _after_embedding(telling: Telling, tower: Tower) -> Iterator[Statement]:
    for place, role in telling.roles.items():
        if not tower.place.index <= place.index < tower.place.end:
            continue
        if role.key == "embedding_norm":
            what = _what(telling, tower)
            yield telling.say("flow.embedding_norm", basis=role.basis, evidence=[place], norm=name(place), what=what)
        elif role.key == "embedding_dropout":
            p = place.node.get("p")
            yield telling.say(
                "flow.embedding_dropout", basis=role.basis, evidence=[place], dropout=name(place), percent=words.percent(float(str(p)))
            )

"""How data flows where there are no blocks: a Sequential's layers in order, a recurrent network, layers whose sizes fit one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice

from ..facts.convolution import convolution
from ..facts.places import Place
from ..tree import expand
from .roles import parts_of
from .roles.recurrent import layers_of
from .story import Statement
from .telling import Telling, name, words

LONGEST_CHAIN = 40
"""Steps told of a long Sequential; the rest is counted."""

LONGEST_SIZES = 12
"""Layers told by their sizes alone; longer models branch, which sizes do not show."""


def chain(telling: Telling) -> list[Statement]:
    """The steps; [] where the order of layers does not show."""
    return list(_recurrent(telling)) or list(_sequential(telling)) or list(_sizes(telling))


def _recurrent(telling: Telling) -> Iterator[Statement]:
    """Table, recurrent layer, output: where each takes just as many numbers as the one before gives."""
    findings = telling.findings
    recurrent = [p for p in findings.places.of_kind("recurrent") if not p.kids]
    layers = layers_of(recurrent[0]) if len(recurrent) == 1 else None
    if layers is None:
        return
    tables = [e for e in findings.embeddings if e.role == "token" and e.width == layers.n_in]
    heads = [h for h in findings.heads if h.n_in == layers.n_out]
    if not (tables or heads) or len(tables) > 1:
        return
    for table in tables:
        yield telling.say(
            "flow.tokens", evidence=[table.place], table=name(table.place), rows=table.rows, cells=table.width, width=str(table.width)
        )
    place = layers.place
    yield telling.say(
        "flow.recurrent", basis="derived", evidence=[place], name=name(place), how=layers.how, gives=layers.gives, n_in=layers.n_in
    )
    for head in heads[:1]:
        yield telling.say(
            "flow.head", basis="derived", evidence=[head.place], head=name(head.place), n_in=head.n_in,
            outputs=words.several(head.n_out or 0, "output"), n_out=head.n_out,
        )  # fmt: skip


def _sequential(telling: Telling) -> Iterator[Statement]:
    """The layers of a Sequential, which by definition run in order."""
    root = telling.findings.places.root
    holder = root if root.node.is_sequence else next((k for k in root.kids if k.node.is_sequence and len(root.kids) == 1), None)
    if holder is None:
        return
    kids = {kid.child: kid for kid in holder.kids}
    each = ((step, kids[child]) for step, child in expand(holder.node) if not child.node.is_none)
    steps = [(kid, [step for step, _ in run]) for kid, run in groupby(each, key=lambda pair: pair[1])]  # equal ones in a row are one step
    for kid, run in steps[:LONGEST_CHAIN]:
        of_type = f"{len(run)} × {kid.node.type}" if len(run) > 1 else kid.node.type
        role, title = telling.roles.get(kid), f"{'–'.join(dict.fromkeys((run[0], run[-1])))}, {of_type}"
        if role and role.text and role.key in ("convolution", "recurrent"):
            yield telling.say("flow.layer", evidence=[kid], name=title, what=role.text)
        elif (found := telling.findings.places.linear(kid)) and found.n_in and found.n_out:
            yield telling.say("flow.layer_linear", evidence=[kid], name=title, n_in=found.n_in, n_out=found.n_out)
        elif kid.kids and not kid.match.specific:
            yield telling.say("flow.layer_parts", evidence=[kid], name=title, parts=parts_of(kid))
        elif kid.match.entry.title in (kid.node.type, "Module"):
            yield telling.say("flow.layer_alone", evidence=[kid], name=title)
        else:
            yield telling.say("flow.layer", evidence=[kid], name=title, what=f"{words.uncapital(kid.match.entry.title)}.")
    if len(steps) > LONGEST_CHAIN:
        left = sum(len(run) for _, run in steps[LONGEST_CHAIN:])
        yield telling.say("flow.more", evidence=[holder], more=words.several(left, "more layer"))


def _sizes(telling: Telling) -> Iterator[Statement]:
    """Products and convolutions, each of which takes just what the one listed before gives."""
    places = telling.findings.places
    sized = ((p, *size) for p in places.all if (size := _size(telling, p)) and not (p.parent and _size(telling, p.parent)))
    rows = list(islice(sized, LONGEST_SIZES + 1))
    branching = any(places.of_kind(kind) for kind in ("recurrent", "attention", "mixer", "embedding", "experts"))
    if not 2 <= len(rows) <= LONGEST_SIZES or branching or any(p.count > 1 for p, *_ in rows):
        return
    said, before = f"{rows[0][1]:,}", (rows[0][0], rows[0][1])
    flat = False
    for place, n_in, n_out in rows:
        if n_in != before[1]:
            filters = convolution(before[0])
            if flat or filters is None or convolution(place) or n_in % before[1]:
                return
            said, flat = f"{said} channels, laid out as {n_in:,} numbers ({before[1]:,} × {n_in // before[1]:,} places)", True
        said, before = f"{said} → {n_out:,}", (place, n_out)
    channels = " channels" if convolution(rows[-1][0]) else ""
    yield telling.say("flow.sizes", basis="derived", evidence=[p for p, *_ in rows], sizes=said + channels)


def _size(telling: Telling, place: Place) -> tuple[int, int] | None:
    filters = convolution(place)
    if filters:
        return filters.n_in, filters.n_out
    found = telling.findings.places.linear(place)
    return (found.n_in, found.n_out) if found and found.n_in and found.n_out else None

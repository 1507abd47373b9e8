"""How data flows where there are no blocks: a Sequential's layers in order, a recurrent network, layers whose sizes fit one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from ..facts.convolution import convolution
from ..facts.places import Place
from .roles import parts_of
from .roles.recurrent import layers_of
from .story import Statement
from .telling import Telling, name, words

LONGEST_CHAIN = 40
"""Steps told of a long Sequential; the rest is counted."""

FEWEST_TURNS = 3
"""Of several layers in turn, equal turns that are told as one; two are told layer by layer."""

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
    """The layers of a Sequential, which by definition run in order; equal ones that follow one another are told once."""
    root = telling.findings.places.root
    holder = root if root.node.is_sequence else next((k for k in root.kids if k.node.is_sequence and len(root.kids) == 1), None)
    if holder is None:
        return
    steps = list(_rows(holder))
    for row in steps[:LONGEST_CHAIN]:
        if row.times == 1:
            yield _step(telling, row.kids[0], f"{row.first}, {row.kids[0].node.type}")
        elif len(row.kids) == 1:
            yield _step(telling, row.kids[0], f"{row}, {row.kids[0].node.type} {words.times(row.times)}")
        else:
            turns = "; ".join(_step(telling, kid, kid.node.type).text.rstrip(".") for kid in row.kids)
            yield telling.say("flow.layer_turns", evidence=row.kids, name=str(row), times=words.times(row.times), turns=turns)
    if left := sum(row.times * len(row.kids) for row in steps[LONGEST_CHAIN:]):
        yield telling.say("flow.more", evidence=[holder], more=words.several(left, "more layer"))


class _Row(NamedTuple):
    """Layers told together: those of one turn, and how many equal turns follow one another."""

    kids: list[Place]
    times: int
    first: str
    last: str

    def __str__(self) -> str:
        return f"{self.first} {'and' if self.times * len(self.kids) == 2 else 'to'} {self.last}"


def _rows(holder: Place) -> Iterator[_Row]:
    """The layers in order of execution: runs of equal ones as one row, and turns of several where there are more than two of them."""
    kids = iter(holder.kids)
    for kid in kids:
        repeat = kid.child.repeat if kid.child else None
        turn = [(k, k.child.repeat) for k in (kid, *islice(kids, repeat.period - 1 if repeat else 0)) if k.child and not k.node.is_none]
        runs = [(k, run) for k, run in turn if run]
        if not runs:
            yield from (_Row([k], 1, k.name, k.name) for k, _ in turn)
        elif len(runs) > 1 and runs[0][1].count < FEWEST_TURNS:
            names = zip(*(run.names() for _, run in runs), strict=True)
            yield from (_Row([k], 1, name, name) for row in names for (k, _), name in zip(runs, row, strict=True))
        else:
            first, last = runs[0][1], runs[-1][1]
            yield _Row([k for k, _ in runs], first.count, f"{first.prefix}{first.first}", f"{last.prefix}{last.last}")


def _step(telling: Telling, kid: Place, title: str) -> Statement:
    """What one layer does."""
    role = telling.roles.get(kid)
    if role and role.text and role.key in ("convolution", "recurrent"):
        return telling.say("flow.layer", evidence=[kid], name=title, what=role.text)
    if (found := telling.findings.places.linear(kid)) and found.n_in and found.n_out:
        return telling.say("flow.layer_linear", evidence=[kid], name=title, n_in=found.n_in, n_out=found.n_out)
    if kid.node.is_sequence and kid.kids:
        return telling.say("flow.layer_sequence", evidence=[kid], name=title, parts=parts_of(kid))
    if kid.kids and not kid.match.specific:
        return telling.say("flow.layer_parts", evidence=[kid], name=title, parts=parts_of(_inside(kid)))
    if kid.match.entry.title in (kid.node.type, "Module"):
        return telling.say("flow.layer_alone", evidence=[kid], name=title)
    return telling.say("flow.layer", evidence=[kid], name=title, what=f"{words.uncapital(kid.match.entry.title)}.")


def _inside(place: Place) -> Place:
    """The place, or the Sequential that is all it holds."""
    while len(place.kids) == 1 and place.kids[0].node.is_sequence:
        place = place.kids[0]
    return place


def _sizes(telling: Telling) -> Iterator[Statement]:
    """Products and convolutions, each of which takes just what the one listed before gives."""
    places = telling.findings.places
    sized = ((p, *size) for p in places.all if (size := _size(telling, p)) and not (p.parent and _size(telling, p.parent)))
    rows = list(islice(sized, LONGEST_SIZES + 1))
    branching = any(places.of_kind(kind) for kind in ("recurrent", "attention", "mixer", "embedding", "experts"))
    branching = branching or telling.findings.model.node.is_listing
    if not 2 <= len(rows) <= LONGEST_SIZES or branching or any(p.count > 1 for p, *_ in rows):
        return
    said, before = f"{rows[0][1]:,}", (rows[0][0], rows[0][1])
    flat = False
    for place, n_in, n_out in rows:
        if n_in != before[1]:
            filters = convolution(before[0])
            if flat or filters is None or convolution(place) or not before[1] or n_in % before[1]:
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

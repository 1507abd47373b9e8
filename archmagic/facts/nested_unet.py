"""U-Nets whose form no names tell: levels that stand one in another, and grids of nodes that take all that came before (U-Net++)."""

from __future__ import annotations

from itertools import islice

from .convolution import Convolution, beside, convolution, main_path
from .places import Place, Places

MOST, DEEPEST = 120, 40
"""Convolutions in a module, and modules around it, beyond which it is not looked into: a U-Net's parts are few."""


def find_levels(places: Places) -> list[Place]:
    """The levels of a U-Net that is written from the inside, the outermost first: each holds the next, and a convolution beside it takes
    what went into that together with what came out. [] where fewer than two of one form stand one in another."""
    inner: dict[Place, Place] = {}
    for holder in reversed(places.holders):
        if not _small(places, holder):
            continue
        held = [kid for kid in holder.kids if _rejoins(places, holder, kid)]
        most = max((_convolutions(places, kid) for kid in held), default=0)
        if [_convolutions(places, kid) for kid in held].count(most) == 1:  # the rest of the way down and up
            inner[holder] = next(kid for kid in held if _convolutions(places, kid) == most)
    for holder in places.holders:
        levels = _chain(places, inner, holder) if holder in inner else []
        if len(levels) > 1 and any(_coarser(places, level, inner[level]) for level in levels):
            return levels
    return []


def _convolutions(places: Places, place: Place) -> int:
    return len(places.under_of_kind(place, "convolution"))


def _small(places: Places, holder: Place) -> bool:
    return 2 < _convolutions(places, holder) <= MOST and sum(1 for _ in islice(holder.up(), DEEPEST + 1)) <= DEEPEST


def _chain(places: Places, inner: dict[Place, Place], outer: Place) -> list[Place]:
    """The levels from an outer one inwards, as long as they are of one form."""
    levels = [outer]
    while deeper := next((p for p in places.under(inner[levels[-1]]) if p in inner), None):
        last = levels[-1]
        plain = last.node.is_sequence or deeper.node.is_sequence
        if deeper.node.type != last.node.type or (plain and not _alike(inner[last], inner[deeper])):
            break
        levels.append(deeper)
    return levels


def _alike(one: Place, other: Place) -> bool:
    return one.node.type == other.node.type and not one.node.is_sequence


def _rejoins(places: Places, holder: Place, kid: Place) -> bool:
    """Whether a convolution beside the part takes as many channels as go into that and come out of it, at once or through another one."""
    path = main_path(places, kid) if kid.kids and kid.count == holder.count else []
    if not path:
        return False
    own = _outside(places, holder, kid)
    comes, made = path[0].n_in, {c.n_out for c in path}
    after = {path[-1].n_out, *(c.n_out for c in own if c.n_in in made)}
    return comes > 1 and any(c.kernel > 1 and c.n_in == comes + given and c.n_in != path[-1].n_out for c in own for given in after)


def _outside(places: Places, holder: Place, kid: Place) -> list[Convolution]:
    inside = places.under_of_kind(holder, "convolution")
    return [c for p in inside if not kid.index <= p.index < kid.end and (c := convolution(p)) and not beside(p)]


def _coarser(places: Places, level: Place, inner: Place) -> bool:
    """Whether a level makes what it works on coarser: by a stride or by pooling, in it or before what it holds."""
    own = [p for p in places.under(level) if not inner.index <= p.index < inner.end] + list(places.under(inner))
    return any(p.kind == "pooling" or ((c := convolution(p)) is not None and c.stride > 1) for p in own)


def find_grid(places: Places) -> list[Place]:
    """The nodes of a U-Net++: of two rows at least, nodes that take one, two, three ... times their row's channels and, beside them, what
    comes up from the row below. [] where there are none."""
    for holder in places.holders:
        if len(holder.kids) < 6 or not _small(places, holder):
            continue
        nodes = [(kid, path) for kid in holder.kids if kid.kids and kid.count == 1 and (path := main_path(places, kid))]
        rows = _rows(nodes, {path[-1].n_out for _, path in nodes})
        linked = [row for row in rows if any(other[0] == row[1] and len(rows[other]) < len(rows[row]) for other in rows)]
        coarser = any(p.kind == "pooling" for p in places.all) or any(c.stride > 1 for _, path in nodes for c in path)
        if coarser and any(len(rows[row]) > 2 for row in linked):
            return sorted({kid for found in rows.values() for kid in found}, key=lambda kid: kid.index)
    return []


def _rows(nodes: list[tuple[Place, list[Convolution]]], widths: set[int]) -> dict[tuple[int, int], list[Place]]:
    """The nodes that take 1, 2, 3 ... times what they give and one thing more, by (what they give, what the row below does)."""
    rows: dict[tuple[int, int], dict[int, Place]] = {}
    for kid, path in nodes:
        gives = path[-1].n_out
        for conv in path[:2]:  # the first may only enlarge what comes from below
            for below in widths if conv.n_out == gives > 0 else ():
                for rest in (below, below // 2):
                    times, left = divmod(conv.n_in - rest, gives)
                    if times > 0 and not left and below > gives:
                        rows.setdefault((gives, below), {}).setdefault(times, kid)
    full = {row: found for row, found in rows.items() if len(found) > 1 and set(found) == set(range(1, len(found) + 1))}
    return {row: list(found.values()) for row, found in full.items()}

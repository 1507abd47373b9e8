"""Mixtures of experts: several feed-forwards side by side, in a list or as slices of 3-D tensors, of which a router picks a few."""

from __future__ import annotations

from dataclasses import dataclass

from .attention import Number
from .names import attribute_names, classed, named
from .places import Place, Places


@dataclass(slots=True, eq=False)
class Experts:
    """One mixture.

    Attributes:
        place: the module that holds the experts; holder: the one that also holds their router.
        count: how many experts.
        inner: the width inside one, None where it cannot be told; hidden: the stream's, where the experts' own tensors show it.
        each: parameters of one expert.
        per_token: how many of them a token passes; None where nothing tells.
        router: the module that picks them.
        gated: of experts in tensors, whether they say that one product gates another; `products` are those tensors' names.
    """

    place: Place
    holder: Place
    count: int
    inner: int | None
    each: int
    per_token: Number | None
    router: Place | None
    hidden: int | None = None
    gated: bool = True
    products: tuple[str, ...] = ()


def find_experts(places: Places) -> list[Experts]:
    """Every mixture, in order."""
    found: list[Experts] = []
    for place in places.all:
        if not (named("experts", place.attribute) or classed("experts", place.node.type)) or named("shared_experts", place.name):
            continue
        experts = _listed(places, place) or _stacked(place)
        if experts and not any(e.place.index <= place.index < e.place.end for e in found):
            found.append(experts)
    return found


def _holder(place: Place) -> tuple[Place, Place | None]:
    holder = place.parent if place.parent and named("experts", place.attribute) else place
    router = next((k for k in holder.kids if k is not place and named("router", k.name) and not named("shared_experts", k.name)), None)
    return holder, router


def _per_token(places: tuple[Place | None, ...]) -> Number | None:
    for place in places:
        for name in attribute_names("num_experts_per_tok"):
            value = place.node.attributes.get(name) if place else None
            if type(value) is int and value > 0:
                return Number(value, "measured", (place.path,) if place else ())
    return None


def _listed(places: Places, place: Place) -> Experts | None:
    """A list of equal modules, or of nearly equal ones of one class."""
    kids = [k for k in place.kids if k.child and (k.child.repeat or k.name.isdecimal())]
    count = sum(k.child.count for k in kids if k.child)
    if count < 2 or len({k.node.type for k in kids}) != 1 or len(kids) != len(place.kids):
        return None
    holder, router = _holder(place)
    inner = _listed_inner(places, kids[0], router)
    each = sum(
        (t.numel if t.kind == "parameter" else 0) * (p.count // kids[0].count) for p in places.under(kids[0]) for t in p.node.tensors or ()
    )
    return Experts(place, holder, count, inner, each, _per_token((holder, router, place)), router)


def _listed_inner(places: Places, expert: Place, router: Place | None) -> int | None:
    """The inner width of one expert: the side of its products that is not the stream's. The stream is what the router reads, else the side
    that two of three products read, else what the first of two reads."""
    shapes = [(x.n_in, x.n_out) for p in places.under(expert) if (x := places.linear(p)) and x.n_in and x.n_out and not p.kids]
    if len({frozenset(shape) for shape in shapes}) != 1 or not 2 <= len(shapes) <= 3:
        return None
    reads = places.linear(router) if router else None
    stream = reads.n_in if reads and reads.n_in in shapes[0] else max(shapes, key=lambda s: (shapes.count(s), -shapes.index(s)))[0]
    n_in, n_out = shapes[0]
    return n_out if n_in == stream else n_in


def _stacked(place: Place) -> Experts | None:
    """All experts in tensors of shape (experts, in, out)."""
    tensors = [t for t in place.node.tensors or () if t.kind == "parameter" and t.shape and len(t.shape) == 3]
    counts = {t.shape[0] for t in tensors if t.shape}
    if len(counts) != 1 or (count := counts.pop()) < 2:
        return None
    each = sum(t.numel for t in place.node.tensors or () if t.kind == "parameter" and t.shape and t.shape[0] == count) // count
    holder, router = _holder(place)
    held = (router.node.tensors or ()) if router else ()
    reads = next((t.shape[-1] for t in held if t.kind == "parameter" and t.shape and len(t.shape) == 2), None)
    downs, ups = ([t.shape[1:] for t in tensors if t.shape and _is_down(t.name) is back] for back in (True, False))
    inner = _inner(downs, ups, reads)
    fused = inner is not None and any(2 * inner in up for up in ups)
    gated = fused or len(tensors) > 2 or any("gate" in t.name for t in tensors)
    products = tuple(t.name for t in sorted(tensors, key=lambda t: _is_down(t.name)))
    sides = downs[0] if inner and len(downs) == 1 and inner in downs[0] else ()
    hidden = next((side for side in sides if side != inner), inner if sides else None)
    return Experts(place, holder, count, inner, each, _per_token((holder, router, place)), router, hidden, gated, products)


def _is_down(name: str) -> bool:
    return "down" in name or name in ("w2", "w2_weight", "output_linear")


def _inner(downs: list[tuple[int, ...]], ups: list[tuple[int, ...]], stream: int | None) -> int | None:
    """The inner width, from the sides of the matrices back to the stream and of those from it (or of two such in one); where both sides
    fit, the one that is not the stream's, which the router reads."""
    if len(downs) != 1 or not ups:
        return None
    first, second = downs[0]
    fits = {
        inner
        for hidden, inner in ((first, second), (second, first))
        if all(sorted(up) in (sorted((hidden, inner)), sorted((hidden, 2 * inner))) for up in ups)
    }
    fused = {inner for inner in fits if any(2 * inner in up for up in ups)}
    found = fused or (fits - {stream} if stream in fits else fits)
    return found.pop() if len(found) == 1 else None

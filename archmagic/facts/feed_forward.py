"""Feed-forward parts by shape: a widening product, perhaps a gate, an activation, and a product back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .attention import Attention
from .heads import norm_width
from .mixers import is_state_space
from .names import activation_name, classed, named
from .places import Linear, Place, Places


@dataclass(slots=True, eq=False)
class FeedForward:
    """One feed-forward part.

    Attributes:
        place: the smallest module that holds all of it.
        up, down: the products hidden -> inner and inner -> hidden; gate: a second product hidden -> inner whose result gates the
            first; None where there is none. With `fused_gate` one product makes both (hidden -> 2 x inner).
        activation: the module of the non-linearity, None where it does not print.
        hidden, inner: the two widths, None where a print does not tell.
        neighbours: the part inside that brings in other positions than the one that is transformed: a convolution over several, a shift.
        expert: whether it is one of several experts; shared: whether it stands for several shared
            experts at once, so that its width is a multiple of one expert's.
    """

    place: Place
    up: Place
    down: Place
    gate: Place | None = None
    fused_gate: bool = False
    activation: Place | None = None
    hidden: int | None = None
    inner: int | None = None
    neighbours: Place | None = None
    expert: bool = False
    shared: bool = False
    dropouts: list[Place] = field(default_factory=list)


TORCH = ("TransformerEncoderLayer", "TransformerDecoderLayer")


def find_feed_forwards(places: Places, block: Place, attentions: list[Attention]) -> list[FeedForward]:
    """The feed-forward parts of a block, in order; linears that belong to attention are left out."""
    taken = _taken(places, attentions)
    for place in places.under(block):
        if _is_mixer(place) or named("adapter", place.name) or place.kind == "normalization":
            taken.update(places.under(place))
    groups: dict[Place, list[Linear]] = {}
    for place in places.under(block):
        if place in taken or (place.parent in taken and place.parent is not block):
            continue
        found = places.linear(place)
        if found and place.parent and not places.linear(place.parent):
            groups.setdefault(place.parent, []).append(found)
    groups = {holder: linears for holder, linears in groups.items() if not _is_other(holder, linears)}
    _join_split(groups)
    _join_nested(groups)
    width = next((a.width for a in attentions if a.width and not a.cross), None) or normed(block)
    return [ff for holder, linears in groups.items() if (ff := _from_group(places, holder, linears, width))]


def _is_mixer(place: Place) -> bool:
    if is_state_space(place):
        return True
    if classed("feed_forward", place.node.type):
        return False
    return (place.kind == "mixer" or classed("mixer", place.node.type) or named("mixer", place.attribute)) and not place.node.type.endswith(
        ("Block", "Layer")
    )


def normed(block: Place) -> int | None:
    """The width that the block's own norms agree on."""
    norms = [kid for kid in block.kids if kid.kind == "normalization"]
    norms += [kid for norm in norms for kid in norm.kids if kid.kind == "normalization"]
    widths = {width for norm in norms if (width := norm_width(norm))}
    return widths.pop() if len(widths) == 1 else None


def _is_other(holder: Place, linears: list[Linear]) -> bool:
    """Products over single positions around a convolution over several: a Conformer's convolution module, no feed-forward.

    Nor are the products that a module calls attention, where their names do not tell which is which."""
    if holder.node.type.endswith("Attention") or "conv" in holder.name.lower():
        return True
    beside = [kid for kid in holder.kids if kid.kind == "convolution" and kid.node.get("kernel_size") not in (1, (1,), (1, 1))]
    return bool(beside) and any(x.place.kind == "convolution" for x in linears)


def _taken(places: Places, attentions: list[Attention]) -> set[Place]:
    taken: set[Place] = set()
    for attention in attentions:
        taken.update(places.under(attention.place))
        taken.update(attention.parts.values())
    return taken


def _join_split(groups: dict[Place, list[Linear]]) -> None:
    """BERT holds the widening product in `intermediate` and the one back in the sibling `output`; a Q-Former has several such pairs."""
    for holder in list(groups):
        if holder.name.startswith("intermediate") and holder.parent and len(groups[holder]) == 1:
            output = holder.name.replace("intermediate", "output")
            sibling = next((p for p in groups if p.parent is holder.parent and p.name == output), None)
            if sibling and len(groups[sibling]) == 1:
                joined = groups.pop(holder) + groups.pop(sibling)
                key = holder.parent if holder.name == "intermediate" else holder
                groups[key] = groups.get(key, []) + joined


def _join_nested(groups: dict[Place, list[Linear]]) -> None:
    """Some hold the widening product one module deeper, with its activation: net.0.proj beside net.2."""
    for holder in list(groups):
        outer = next((p for p in list(holder.up())[:1] if p in groups), None)
        alone = outer and len(groups[holder]) == len(groups[outer]) == 1 and _inside_feed_forward(outer)
        if outer and alone and groups[holder][0].place.index < groups[outer][0].place.index:
            groups[outer] = groups.pop(holder) + groups[outer]


def _inside_feed_forward(place: Place) -> bool:
    return any(_says(p) or p.name in ("ff", "ffn", "mlp") for p in [place, *list(place.up())[:2]])


def _from_group(places: Places, holder: Place, linears: list[Linear], width: int | None) -> FeedForward | None:
    """`width` is the stream's, which the product back must give; without it the inner side is taken to be the wider one."""
    sized = [x for x in linears if x.n_in and x.n_out]
    backs = [x for x in reversed(sized) if x.n_out == width]
    for down in backs or sorted(sized, key=lambda x: ((x.n_out or 0) > (x.n_in or 0), -x.place.index)):
        ups = [x for x in sized if x is not down and x.n_in == down.n_out and x.n_out == down.n_in and x.n_out != x.n_in]
        ups = ups or [x for x in sized if x is not down and x.n_in == x.n_out == down.n_in == down.n_out and _says(holder)]
        doubled = [x for x in sized if x is not down and x.n_in == down.n_out and down.n_in and x.n_out == 2 * down.n_in]
        doubled = [x for x in doubled if x.place.index < down.place.index]
        if doubled and not ups:
            return _feed_forward(places, holder, doubled[0], down, None, True)
        if ups and len(ups) <= 2:
            gate = next((x for x in ups if named("gate", x.place.name)), None) if len(ups) == 2 else None
            up = next(x for x in ups if x is not gate)
            return _feed_forward(places, holder, up, down, gate, False)
    if len(linears) == 2 and not sized and _says(holder):
        return _feed_forward(places, holder, linears[0], linears[1], None, False)
    return None


def _says(holder: Place) -> bool:
    if holder.node.type in TORCH and "linear1" in {kid.name for kid in holder.kids}:
        return True
    return classed("feed_forward", holder.node.type) or classed("feed_forward", holder.attribute)


def _activates(place: Place) -> bool:
    return place.kind == "activation" or (activation_name(place.node.type) is not None and place.node.type != "Identity")


def _feed_forward(places: Places, holder: Place, up: Linear, down: Linear, gate: Linear | None, fused: bool) -> FeedForward:
    inside = places.under(holder) if holder.kids else []
    first, last = min(up.place.index, gate.place.index if gate else up.place.index), down.place.index
    near = [p for p in inside if p.parent in (holder, up.place.parent, down.place.parent)]
    activation = next((p for p in near if _activates(p) and (_says(holder) or first < p.index < last or p.parent is holder)), None)
    dropouts = [p for p in near if p.node.type.startswith("Dropout")]
    expert = any(named("experts", p.attribute) or classed("experts", p.node.type) for p in (holder, *list(holder.up())[:2]))
    shared = any(named("shared_experts", p.name) and not named("shared_expert", p.name) for p in (holder, *list(holder.up())[:2]))
    gate_place = gate.place if gate else None
    beside = reaching(inside if _says(holder) else near)
    return FeedForward(
        holder, up.place, down.place, gate_place, fused, activation, down.n_out, down.n_in, beside, expert and not shared, shared, dropouts
    )


def reaching(inside: Iterable[Place]) -> Place | None:
    """The first of these parts that brings in neighbouring positions: a convolution over several of them, or padding that shifts them."""
    return next((p for p in inside if _spans(p) or (p.node.type.startswith("ZeroPad") and "shift" in p.name)), None)


def _spans(place: Place) -> bool:
    size = place.node.get("kernel_size") if place.kind == "convolution" else None
    return any(type(side) is int and side > 1 for side in (size if isinstance(size, tuple) else (size,)))

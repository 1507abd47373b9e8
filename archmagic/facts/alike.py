"""Networks alike that stand side by side in one list, as an ensemble's do: each is whole, so that none reads what another gives."""

from __future__ import annotations

from .places import Place, Places

MAKERS = ("convolution", "linear", "embedding", "recurrent")
"""Kinds of layers that tell by their sizes what a network takes and gives."""


def find_alike(places: Places, model: Place) -> Place | None:
    """The run of equal networks that is all a model holds beside what has no parameters; None of any other model.

    What the first layer takes, ids or vectors of some width, is nothing that the network makes, and what its last layer gives is nothing
    that it takes: entries of a stack, which follow one another, have both in common."""
    holder = model
    if model.node.type != "ModuleList":
        holding = [kid for kid in model.kids if any(p.node.tensors for p in places.under(kid))]
        holder = holding[0] if len(holding) == 1 else model
    if holder.node.type != "ModuleList" or holder.count > 1 or len(holder.kids) != 1:
        return None
    network = holder.kids[0]
    return network if network.count > 1 and network.kids and _is_whole(places, network) else None


def _is_whole(places: Places, network: Place) -> bool:
    makers = [p for p in places.under(network) if not p.kids and p.kind in MAKERS]
    sizes = [size for p in makers if (size := _sizes(places, p))]
    if len(makers) < 2 or len(sizes) < len(makers):
        return False
    (takes, _), (_, gives) = sizes[0], sizes[-1]
    starts = takes == 0 or takes not in {made for _, made in sizes}
    ends = gives not in {taken for taken, _ in sizes}
    listing = any(p.node.type in ("ModuleList", "Sequential") and sum(k.count for k in p.kids) > p.count for p in places.under(network)[1:])
    return starts and (ends or (listing and makers[0].kind in ("convolution", "embedding")))


def _sizes(places: Places, place: Place) -> tuple[int, int] | None:
    """What a layer takes and gives; it takes 0 where ids come in."""
    node = place.node
    names = {
        "convolution": ("in_channels", "out_channels"),
        "embedding": ("", "embedding_dim"),
        "recurrent": ("input_size", "hidden_size"),
    }.get(place.kind)
    if names is None:
        found = places.linear(place)
        return (found.n_in, found.n_out) if found and found.n_in and found.n_out else None
    takes, gives = node.get(names[0]) if names[0] else 0, node.get(names[1])
    return (takes, gives) if type(takes) is int and type(gives) is int else None

"""Graph layers: message passing between the nodes of a graph, told by the library's base class or by names that only such layers bear."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .places import Place, Places

BASE = "torch_geometric.nn.conv.message_passing.MessagePassing"

NAMES = re.compile(
    r"(Dense)?(GCN2?|GAT(v2)?|GIN|GINE|SAGE|Graph(SAGE|Attention|Isomorphism)?|Gated?Graph|ResGatedGraph|RGCN|RGAT|SG|SSG|Cheb|ARMA|TAG|NN|Edge|DynamicEdge"
    r"|PNA|Transformer|HGT|HAN|HEAT|FiLM|CF|PPF|Point(Net)?|PointTransformer|SuperGAT|AGNN|APPNP|LE|Cluster(GCN)?|Hypergraph|Signed|WL|GEN|GMM|Spline|MF|Hetero"
    r"|GPS|EG|FA|AntiSymmetric|LG)Conv"
)
"""Classes of torch_geometric and dgl, as they print."""

OWN = re.compile(r"(GCN|GAT|GNN|SAGE|GIN|MPNN|MessagePassing|Graph(Conv(olution)?|Attention|Sage|Isomorphism)?)(Layer|Conv(olution)?)?")
"""Layers written by hand."""


@dataclass(frozen=True, slots=True, eq=False)
class GraphLayer:
    """One layer: `n_in` features of each node come in, `n_out` go out (for each head, if it has several), None where nothing tells.

    `layers` is more than one for a whole network that prints itself as one line: GCN(1433, 7, num_layers=3)."""

    place: Place
    n_in: int | None
    n_out: int | None
    heads: int | None
    layers: int = 1


def find_graph_layers(places: Places) -> list[GraphLayer]:
    """Every graph layer that stands in no other, in order."""
    found: list[GraphLayer] = []
    layers = {name for name in places.types if NAMES.fullmatch(name) or OWN.fullmatch(name)}
    for place in places.all[1:] or places.all:
        if (
            (place.node.type in layers or BASE in place.node.bases)
            and _is_layer(places, place)
            and not any(f.place.index < place.index < f.place.end for f in found)
        ):
            found.append(_layer(places, place))
    return found or [_layer(places, p) for p in places.all if p.node.type in layers and _listed(p)]


def _listed(place: Place) -> int:
    """The layers of a network that prints itself as one line; 0 of anything else."""
    count = place.node.settings.get("num_layers")
    opaque = not place.kids and OWN.fullmatch(place.node.type) is not None
    return count if opaque and type(count) is int and type(place.node.settings.get("0")) is int else 0


def _is_layer(places: Places, place: Place) -> bool:
    if BASE in place.node.bases or NAMES.fullmatch(place.node.type):
        return True
    named_so = OWN.fullmatch(place.node.type) is not None and place is not places.root and not _listed(place)
    return named_so and not any(BASE in p.node.bases or NAMES.fullmatch(p.node.type) for p in places.under(place)[1:])


def _layer(places: Places, place: Place) -> GraphLayer:
    n_in, n_out, heads = (place.node.get(name) for name in ("in_channels", "out_channels", "heads"))
    if type(n_in) is not int:
        n_in, n_out = place.node.get("in_features", "0"), place.node.get("out_features", "1")
    inside = [linear for p in places.under(place)[1:] if (linear := places.linear(p)) and not p.kids]
    if type(n_in) is not int and inside and all(a.n_out == b.n_in for a, b in zip(inside, inside[1:], strict=False)):
        n_in, n_out = inside[0].n_in, inside[-1].n_out
    n_in, n_out, heads = (value if type(value) is int else None for value in (n_in, n_out, heads))
    return GraphLayer(place, n_in, n_out, heads, _listed(place) or 1)


FAR = re.compile(r"(TAG|SG|SSG|Cheb|ARMA|Mix|LG|Hyper|Dynamic|PointNet|XConv|APPNP).*|.*(Pool|GPS|Transformer).*")
"""Layers that reach further than a node's neighbours, or choose them anew."""


def reaches(layer: GraphLayer) -> bool:
    """Whether a node gathers in it just what its neighbours hold."""
    return FAR.fullmatch(layer.place.node.type) is None


def depth(layers: list[GraphLayer]) -> int | None:
    """How many layers follow one another: those that read the same input stand side by side. None where the sizes do not tell, or
    where each kind of edge has a layer of its own (author__writes__paper)."""
    if sum(layer.layers for layer in layers) > len(layers):
        return layers[0].layers if len(layers) == 1 else None
    if _in_turn(layers):
        return sum(layer.place.child.count if layer.place.child else 1 for layer in layers)
    count, reads, gives = 0, None, frozenset[int]()
    for layer in layers:
        times = layer.place.child.count if layer.place.child else 1
        aside = layer.place.parent is not None and layer.place.parent.node.type == "ModuleDict" and "__" in layer.place.name
        if layer.n_in is None or layer.n_out is None or aside:
            return None
        outs = frozenset(layer.n_out * heads for heads in (1, layer.heads or 1, times))
        if count == 0 or layer.n_in in gives:
            count += times if layer.n_in == layer.n_out or times == 1 else 1
            reads, gives = layer.n_in, outs
        elif layer.n_in == reads:
            gives |= outs | {given + out for given in gives for out in outs}
        else:
            return None
    return count


def _in_turn(layers: list[GraphLayer]) -> bool:
    """Whether layers of unknown sizes are numbered, or listed, in one module."""
    unknown = any(layer.n_in is None or layer.n_out is None for layer in layers)
    holders = {layer.place.parent for layer in layers}
    numbered = all(layer.place.name[-1:].isdigit() or (layer.place.child and layer.place.child.repeat) for layer in layers)
    return unknown and len(holders) == 1 and numbered


def pools(places: Places) -> bool:
    """Whether nodes are merged or left out on the way, so that layers reach further than their number."""
    return any("Pool" in name for name in places.types) or any("pool" in p.name.lower() for p in places.all)

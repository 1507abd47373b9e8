"""Graph networks: how many layers of message passing, and the features of a node on the way."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..graph import depth, pools, reaches
from ..sentence import sentence


def layers(findings: Findings) -> Iterator[Fact]:
    """num_graph_layers, and the features of a node that come in and go out where the layers print them."""
    found = findings.graph_layers
    if not found:
        return
    count = depth(found)
    evidence = tuple(layer.place.path for layer in found[:4])
    if count:
        near = all(reaches(layer) for layer in found) and not pools(findings.places)
        key = "num_graph_layers_far" if not near else "num_graph_layers" if count > 1 else "num_graph_layers_one"
        text = sentence(key, value=count)
        yield Fact("num_graph_layers", count, "named", "", evidence, text=text)
    before = findings.places.all[: found[0].place.index]
    if found[0].n_in and not any(p.kind in ("linear", "embedding", "convolution") for p in before):
        text = sentence("num_node_features", value=found[0].n_in)
        yield Fact("num_node_features", found[0].n_in, "measured", "", evidence[:1], text=text)
    for layer in found:
        if layer.heads and layer.heads > 1:
            path = layer.place.path
            yield Fact(
                "num_attention_heads", layer.heads, "measured", path, (path,), text=sentence("graph_heads", layer=path, value=layer.heads)
            )

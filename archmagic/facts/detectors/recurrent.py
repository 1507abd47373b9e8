"""Recurrent layers: width, depth and directions of torch's own LSTM, GRU and RNN."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..places import Place
from ..sentence import sentence

CLASSES = ("LSTM", "GRU", "RNN")
CELLS = ("LSTMCell", "GRUCell", "RNNCell")


def layers(findings: Findings) -> Iterator[Fact]:
    """hidden_size, num_hidden_layers and is_bidirectional of each recurrent part that is a tower of its own: the model's only mixer of
    positions, or one that an embedding feeds. Of others (one inside a convolutional codec) only the directions."""
    found = [p for p in findings.places.all if p.node.type in CLASSES and p.kind == "recurrent"]
    alone = len(found) == 1 and not findings.towers
    for place in found:
        scope = "" if alone else place.path
        if place.node.get("bidirectional") is True:
            text = sentence("is_bidirectional", module=place.path or place.node.type)
            yield Fact("is_bidirectional", True, "measured", scope, (place.path,), text=text)
        if _is_tower(findings, place):
            yield from _facts(place, scope)
    for place in findings.places.all:  # a cell makes one step at a time, of whatever the model gives it
        width = place.node.get("hidden_size")
        if place.node.type in CELLS and place.kind == "recurrent" and type(width) is int:
            text = sentence("recurrent_size", whose=place.path or f"The {place.node.type}", value=width)
            yield Fact("hidden_size", width, "measured", place.path, (place.path,), text=text)


def _is_tower(findings: Findings, place: Place) -> bool:
    around = place.parent or place
    fed = any(e.place.parent is around and e.place is not place for e in findings.embeddings)
    return fed or not (findings.towers or findings.convolutions)


def _facts(place: Place, scope: str) -> Iterator[Fact]:
    whose, width = place.path or f"The {place.node.type}", place.node.get("hidden_size")
    if type(width) is int:
        text = sentence("recurrent_size", whose=whose, value=width)
        yield Fact("hidden_size", width, "measured", scope, (place.path,), text=text)
        depth = place.node.get("num_layers")
        depth = depth if type(depth) is int else 1  # torch prints it only where it is not 1
        text = sentence("recurrent_layers", whose=whose, value=depth)
        yield Fact("num_hidden_layers", depth, "measured", scope, (place.path,), text=text)

"""Roles of recurrent layers: what they carry along, in how many layers and directions."""

from __future__ import annotations

from dataclasses import dataclass

from ...facts.places import Place
from .. import words
from .assigner import Assigner

STATES = {"LSTM": "a hidden state and a cell of {} numbers each", "GRU": "a state of {} numbers", "RNN": "a state of {} numbers"}


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """A recurrent module of torch's: what goes in and what comes out at each step."""

    place: Place
    n_in: int
    n_out: int
    state: str
    how: str
    gives: str


def layers_of(place: Place) -> Layers | None:
    """Its sizes; None for any other module, or where projections change them."""
    node = place.node
    n_in, hidden = node.get("input_size"), node.get("hidden_size")
    if node.type not in STATES or type(n_in) is not int or type(hidden) is not int or node.get("proj_size"):
        return None
    both = node.get("bidirectional") is True
    depth = node.get("num_layers")
    count = depth if type(depth) is int else 1
    how = f"in {words.count(count)} layer{'s' * (count > 1)}{' and both directions' if both else ''}"
    gives = f"2 × {hidden:,} = {2 * hidden:,}" if both else f"{hidden:,}"
    return Layers(place, n_in, hidden * (1 + both), STATES[node.type].format(f"{hidden:,}"), how, gives)


def assign_recurrent(to: Assigner, place: Place) -> None:
    layers = layers_of(place)
    if layers:
        to.give(place, "recurrent", n_in=layers.n_in, state=layers.state, how=layers.how, gives=layers.gives)

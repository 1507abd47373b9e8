"""The tensors of torch's recurrent layers, whose number depends on layers and directions."""

from __future__ import annotations

from collections.abc import Mapping

from ..tree import Value
from .entry import Rule
from .formula import FormulaError, evaluate

MOST_LAYERS = 1000


def recurrent_rules(gates: int, settings: Mapping[str, Value]) -> list[Rule]:
    """The rules in the order in which torch registers the tensors.

    Args:
        gates: blocks of hidden_size in each weight: 4 for LSTM, 3 for GRU, 1 for RNN.
        settings: the layer's settings with defaults filled in.

    Raises:
        FormulaError: num_layers is not known or absurdly large.
    """
    layers = evaluate("num_layers", settings)
    if type(layers) is not int or not 0 < layers <= MOST_LAYERS:
        raise FormulaError(f"{layers!r} layers")
    rules = []
    state = "(proj_size or hidden_size)"
    for layer in range(layers):
        width = "input_size" if layer == 0 else f"{state} * (2 if bidirectional else 1)"
        for suffix in ("", "_reverse") if settings.get("bidirectional") else ("",):
            name = f"_l{layer}{suffix}"
            rows = f"{gates} * hidden_size"
            rules += [Rule("weight_ih" + name, f"{rows}, {width}"), Rule("weight_hh" + name, f"{rows}, {state}")]
            rules += [Rule(bias + name, f"{rows} if bias else None") for bias in ("bias_ih", "bias_hh")]
            rules.append(Rule("weight_hr" + name, "(proj_size, hidden_size) if proj_size else None"))
    return rules

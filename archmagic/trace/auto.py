"""Inputs made from the model itself: by the names of forward's parameters and its config, or by its first layer.

A model says what it takes in several places, none of which is sure, so several sets of inputs are proposed, the likeliest first, and
the first that runs is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .by_layer import by_layer
from .by_name import by_name, named_model
from .inputs import Given, parameter_names


def proposals(model: Any) -> Iterator[tuple[Given, str]]:
    """(inputs, what they are in words), the likeliest first."""
    named = named_model(model)
    seen: set[str] = set()
    for kwargs, words in (*(by_name(named) if named is not None else ()), *by_layer(model)):
        args, keywords = kwargs if isinstance(kwargs, tuple) else ((), kwargs)
        key = repr([(k, getattr(v, "shape", v), getattr(v, "dtype", "")) for k, v in (*enumerate(args), *keywords.items())])
        if key not in seen:
            seen.add(key)
            yield Given(args, keywords, parameter_names(model)), words

"""Roles inside mixers that carry a state, as Mamba does: what is made of the input, what sees the latest steps, what comes back."""

from __future__ import annotations

from ...facts.blocks import Block
from ...facts.convolution import convolution
from .assigner import Assigner

STEERING = {"x_proj": "mixer_steering", "dt_proj": "mixer_step"}
"""The names under which Mamba keeps the products that make its state's settings from its inner stream."""


def assign_mixers(to: Assigner, block: Block) -> None:
    for mixer in block.mixers:
        for kid in mixer.place.kids:
            found, filters = to.places.linear(kid), convolution(kid)
            if kid.name in STEERING and mixer.convolved and found and found.n_in and found.n_out:
                to.give(kid, STEERING[kid.name], basis="named", n_in=found.n_in, n_out=found.n_out)
            elif found and found.n_in == mixer.width and kid.name == "in_proj" and found.n_out and mixer.convolved:
                twice = found.n_out == 2 * mixer.inner
                key = "equal" if twice else "more" if found.n_out > 2 * mixer.inner else None
                if key:
                    to.give(kid, "mixer_in", key, "named", n_in=found.n_in, n_out=found.n_out, inner=mixer.inner)
            elif found and found.n_out == mixer.width and kid.name == "out_proj":
                to.give(kid, "mixer_out", basis="named", n_in=found.n_in, n_out=found.n_out)
            elif filters and filters.depthwise and "×" not in filters.sides:
                to.give(kid, "mixer_steps", basis="named", channels=filters.n_in, steps=filters.kernel)

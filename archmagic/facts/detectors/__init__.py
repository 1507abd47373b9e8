"""The detectors, in the order they run. Each reads the findings so far and gives facts, or none: it may decline.

A new detector is one small function and its line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..fact import Fact
from ..findings import Findings
from . import (
    adapters,
    architecture,
    attention,
    config,
    convention,
    convolution,
    cost,
    details,
    embedding,
    experts,
    family,
    feed_forward,
    forward,
    graph,
    mixers,
    normalization,
    output,
    packed,
    recurrent,
    shape,
    size,
    spread,
    wrapped,
)

Detector = Callable[[Findings], Iterable[Fact]]

DETECTORS: tuple[Detector, ...] = (
    shape.depth,
    shape.width,
    embedding.vocabulary,
    embedding.positions,
    embedding.scales,
    embedding.patches,
    attention.kinds,
    attention.heads,
    attention.windows,
    details.details,
    mixers.kinds,
    feed_forward.widths,
    experts.counts,
    normalization.norms,
    convolution.stages,
    convolution.latents,
    recurrent.layers,
    graph.layers,
    forward.causal,
    architecture.alike,
    architecture.causal,
    architecture.architecture,
    family.family,
    wrapped.traced,
    wrapped.unregistered,
    wrapped.pruned,
    wrapped.computed,
    adapters.adapters,
    adapters.lora,
    convention.sizes,
    convention.heads,
    output.tying,
    output.labels,
    output.decoding,
    config.config,
    config.vocabularies,
    forward.contradictions,
    size.parameters,
    experts.active,
    cost.cache,
    cost.operations,
    size.training,
    spread.spread,
    packed.quantized,
)

SIZES: tuple[Detector, ...] = (size.parameters, size.training)
"""Those that are also run over several models together."""

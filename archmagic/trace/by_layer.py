"""Inputs made by what a model's first layer takes, and by the names of what else its forward requires."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .inputs import data, ids, parameters_of

LENGTH = 128
SHORTER = (8, 4, 2)
"""Lengths of sequences where a table of positions may be as short."""
IMAGE = 224
OTHER_IMAGES = (32, 28, 64, 84, 96, 128, 256, 299, 384, 512)
SAMPLES = 16_000
"""One second of sound."""
NODES = 10
LENGTHS = re.compile(r"(\w+_)?(lens?|lengths?)|seqlens?")
"""What the lengths of sequences are called."""
GRAPH = {"adj": "matrix", "adjacency": "matrix", "adj_matrix": "matrix", "edge_index": "edges", "edges": "edges"}
"""What inputs of graph networks are called, beside the features of the nodes."""


def first_layer(model: Any) -> Any | None:
    """The first part without parts, but for what computes its weight, that has a weight of two dimensions or more, in the order of
    registration."""
    alone = [module for module in model.modules() if all(name == "parametrizations" for name, _ in module.named_children())]
    for wide in (True, False):
        for module in alone:
            if any(p.dim() > 1 or not wide for p in module.parameters()):
                return module
    return None


def by_layer(model: Any) -> Iterator[tuple[Any, str]]:
    """By what the first layer takes; further parameters that forward requires are guessed by their names."""
    import torch

    parameters = parameters_of(model)
    required = [n for n, p in parameters.items() if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)]
    if isinstance(model, torch.nn.Transformer):
        both = (1, 10, model.d_model) if model.batch_first else (10, 1, model.d_model)
        yield ((data(both, model), data(both, model)), {}), f"source and target {both}"
    keywords = [n for n, p in parameters.items() if p.default is p.empty and p.kind is p.KEYWORD_ONLY]
    graph = any(name in GRAPH for name in required)
    for shape, layer in _by_layers(model, first_layer(model)):
        if graph:
            shape = (NODES, shape[-1])
        takes_ids = isinstance(layer, torch.nn.Embedding)
        first = ids(shape, int(layer.num_embeddings)) if takes_ids else data(shape, model)
        more = {name: _further(name, first, model) for name in [*required, *keywords][1:]}
        others = "".join(f", {name} {tuple(value.shape)}" for name, value in more.items())
        words = f"{[*required, *keywords, 'input'][0]} {shape} by the first layer, {type(layer).__name__}{others}"
        by_place = [first] if required or not keywords else []
        by_word = {keywords[0]: first} if not by_place else {}
        yield ((*by_place, *(more[name] for name in required[1:])), by_word | {k: more[k] for k in keywords if k in more}), words
        if graph:
            return


def _by_layers(model: Any, layer: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """(shape, layer) by the first layer, and by the first convolution where another layer, of a time step's say, is registered before."""
    import torch

    yield from ((shape, layer) for shape in _shapes(model, layer))
    first = next((module for module in model.modules() if isinstance(module, torch.nn.modules.conv._ConvNd)), None)
    if first is not None and isinstance(layer, torch.nn.Linear):
        yield from ((shape, first) for shape in _shapes(model, first))


def _further(name: str, first: Any, model: Any) -> Any:
    import torch

    if name in GRAPH:
        around = torch.arange(NODES)
        return torch.stack((around, around.roll(1))) if GRAPH[name] == "edges" else data((NODES, NODES), model)
    if LENGTHS.fullmatch(name) and first.dim() > 1:
        return torch.full(first.shape[:1], first.shape[1], dtype=torch.long)
    if "mask" in name:
        return torch.ones(first.shape[:2], dtype=torch.long)
    if name in ("t", "timestep", "timesteps", "time", "sigma"):
        return torch.ones((1,), dtype=torch.long)
    return first.clone()


def _shorter(model: Any, table: Any) -> tuple[int, ...]:
    """Short lengths, where the model holds a table of fewer than 16 rows as wide as that of its tokens."""
    from itertools import chain

    width = int(table.embedding_dim)
    tensors = (t for t in chain(model.parameters(), model.buffers()) if t.dim() > 1)
    return SHORTER if any(t.shape[-1] == width and t.shape[-2] < 16 for t in tensors) else ()


def _shapes(model: Any, layer: Any) -> Iterator[tuple[int, ...]]:
    from torch import nn

    if layer is None:
        yield from ((1, 16), (1, 3, IMAGE, IMAGE), (1, 16, 16))
    elif isinstance(layer, nn.Embedding):
        yield from ((1, length) for length in (LENGTH, 16, *_shorter(model, layer), 1))
        yield (1,)
    elif isinstance(layer, nn.modules.conv._ConvNd):
        dims = len(layer.kernel_size)
        if layer.transposed:
            yield from ((1, layer.in_channels, *[size] * dims) for size in (1, 7, 16))
        for size in (IMAGE, *OTHER_IMAGES) if dims == 2 else (SAMPLES, LENGTH) if dims == 1 else (16, 64):
            yield (1, layer.in_channels, *[size] * dims)
    elif isinstance(layer, nn.RNNBase):
        yield (1, 32, layer.input_size) if layer.batch_first else (32, 1, layer.input_size)
    elif isinstance(layer, nn.MultiheadAttention):
        yield (1, 32, layer.embed_dim)
    else:
        width = getattr(layer, "in_features", None) or getattr(layer, "input_size", None)
        if not isinstance(width, int):
            shape = getattr(layer, "normalized_shape", None)
            width = shape[-1] if shape else next((int(p.shape[-1]) for p in layer.parameters()), 16)
        yield from ((1, width), (1, 32, width), (32, width), (1, width, 32), (1, width, 32, 32))
        for root in range(8, 513):  # a flattened image
            if root * root == width or 3 * root * root == width:
                yield (1, 1 if root * root == width else 3, root, root)

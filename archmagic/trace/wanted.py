"""What a pass that stopped shows of its inputs: numbers made of a bare shape that went straight into a table must be ids."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .inputs import Given, ids
from .run import Pass, input_tensors
from .values import replaced


def with_ids(given: Given, told: Pass, model: Any, prefix: str) -> Given | None:
    """The same inputs with ids for the one that a table refused, None where that is not why the pass stopped.

    Only what has no values is changed: a tensor of real numbers stays, and is told to be of the wrong type.
    """
    import torch

    step = told.steps[told.failed_at[-1]] if told.failed_at else None
    data = step.inputs[0] if step and step.inputs else None
    if step is None or data is None or len(data.sources) != 1 or data.sources[0] >= 0:
        return None
    try:
        table = model.get_submodule(step.path.removeprefix(prefix))
    except AttributeError:
        return None
    tensors = [tensor for _, tensor in input_tensors(model, given.args, given.kwargs)]
    place = -data.sources[0] - 1
    if place >= len(tensors):
        return None
    wanted = tensors[place]
    made = wanted.is_meta and wanted.is_floating_point()
    if not made or not isinstance(table, (torch.nn.Embedding, torch.nn.EmbeddingBag)):
        return None

    def change(tensor: Any) -> Any:
        return ids(tuple(tensor.shape), int(table.num_embeddings)) if tensor is wanted else tensor

    return replace(given, args=replaced(given.args, change), kwargs=replaced(given.kwargs, change))

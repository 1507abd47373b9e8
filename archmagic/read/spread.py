"""How tensors are spread over processes, told from what each process holds by itself: nothing is sent, nothing is waited for.

DTensors (FSDP2, tensor parallelism) know their whole shape, their mesh and how they lie on it. FSDP1 lays all parameters of a unit into one
flat vector, of which each process keeps a piece; the vector knows whose they are. DDP gives each process a copy. Imports no torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..tree import Spread


def spread_of(tensor: Any) -> Spread | None:
    """How a DTensor lies on its mesh; None where it does not tell."""
    try:
        mesh, local = tensor.device_mesh, tensor._local_tensor
        sizes = tuple(int(size) for size in mesh.shape)
        names = tuple(str(name) for name in mesh.mesh_dim_names or ("",) * len(sizes))
        placements = tuple(_placement(placement) for placement in tensor.placements)
        return Spread(tuple(zip(names, sizes, strict=True)), placements, math.prod(local.shape), tuple(int(size) for size in local.shape))
    except Exception:
        return None


def _placement(placement: Any) -> int | str:
    """The dimension that is split; else "whole", "parts to be summed", or what the placement is called."""
    kind = type(placement).__name__.lstrip("_")
    if kind in ("Shard", "StridedShard"):
        return int(placement.dim)
    return {"Replicate": "whole", "Partial": "parts to be summed"}.get(kind, kind)


def copied_to(state: dict[str, Any]) -> int | None:
    """Of DistributedDataParallel, given its `vars`: how many processes hold a copy each. Known without asking them."""
    try:
        return int(state["process_group"].size())
    except Exception:
        return None


class FlatTensor(NamedTuple):
    """A parameter inside a flat vector: its own shape, and the first of those that are one with it."""

    shape: tuple[int, ...]
    vector: Any
    spread: Spread
    first: tuple[int, str]


def flat_tensors(handle: Any) -> Iterator[tuple[tuple[int, str], FlatTensor]]:
    """(id of the module, name) and what is known of each parameter that an FSDP1 unit, given its handle, has laid into its flat vector."""
    vector = handle.flat_param
    spread = Spread((("", int(handle.world_size)),), ("flat" if handle.uses_sharded_strategy else "whole",))
    shapes: dict[tuple[int, str], tuple[int, ...]] = {}
    for (name, module, _), shape in zip(vector._param_infos, vector._shapes, strict=True):
        key = (id(module), name)
        shapes[key] = tuple(int(size) for size in shape)
        yield key, FlatTensor(shapes[key], vector, spread, key)
    for name, module, _, first_name, first_module, _ in vector._shared_param_infos:
        first = (id(first_module), first_name)
        yield (id(module), name), FlatTensor(shapes[first], vector, spread, first)


def held_of(handle: Any) -> int:
    """How many numbers of its parameters a process holds of a flat vector, its padding left out."""
    vector = handle.flat_param
    if not handle.uses_sharded_strategy:
        return sum(math.prod(shape) for shape in vector._shapes)
    return sum(int(piece.numel_in_shard) for piece in vector._shard_param_infos if piece.in_shard)

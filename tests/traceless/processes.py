"""Models spread over two processes, and what each process tells of them while the other does nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

WORLD = 2
WIDTH = 7


def block() -> nn.Sequential:
    return nn.Sequential(nn.Linear(WIDTH, 16), nn.ReLU(), nn.Linear(16, 9, bias=False))


class Tied(nn.Module):
    """A table whose weight is the head's, too."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(10, 4)
        self.head = nn.Linear(4, 10, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.embed(x))


def _meshes() -> tuple[Any, Any]:
    from torch.distributed.device_mesh import init_device_mesh

    return init_device_mesh("cpu", (WORLD,), mesh_dim_names=("dp",)), init_device_mesh("cpu", (1, WORLD), mesh_dim_names=("dp", "tp"))


def models() -> dict[str, nn.Module]:
    """Made by all processes together."""
    from torch.distributed.fsdp import FullyShardedDataParallel, fully_shard
    from torch.distributed.tensor import Shard, distribute_tensor
    from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module

    line, grid = _meshes()
    sharded = nn.Sequential(block(), nn.Linear(9, WIDTH, bias=False), block())
    for part in (sharded[0], sharded[2]):
        fully_shard(part, mesh=line)
    fully_shard(sharded, mesh=line)
    tensor = parallelize_module(block(), grid["tp"], {"0": ColwiseParallel(), "2": RowwiseParallel()})
    both = parallelize_module(block(), grid["tp"], {"0": ColwiseParallel(), "2": RowwiseParallel()})
    fully_shard(both, mesh=grid["dp"])
    integers = nn.Module()
    integers.register_buffer("table", distribute_tensor(torch.zeros(8, 4, dtype=torch.int8), line, [Shard(0)]))
    cpu = torch.device("cpu")
    return {
        "ddp": nn.parallel.DistributedDataParallel(block()),
        "fsdp2": sharded,
        "tensor parallel": tensor,
        "tensor parallel in fsdp2": both,
        "integers": integers,
        "fsdp1": FullyShardedDataParallel(block(), device_id=cpu),
        "fsdp1, original parameters": FullyShardedDataParallel(
            nn.Sequential(nn.Linear(WIDTH, WIDTH), FullyShardedDataParallel(block(), device_id=cpu, use_orig_params=True)),
            device_id=cpu, use_orig_params=True,
        ),
        "fsdp1, tied": FullyShardedDataParallel(Tied(), device_id=cpu),
    }  # fmt: skip


class _Watch(TorchDispatchMode):
    """Notes every operation, collectives among them: c10d's go through the dispatcher like all others."""

    def __init__(self) -> None:
        super().__init__()
        self.ran: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.ran.append(str(func))
        return func(*args, **(kwargs or {}))


def _told(model: nn.Module) -> dict[str, Any]:
    import archmagic
    from archmagic.render.payload import payload

    before = _identities(model)
    with _Watch() as watch:
        explanation = archmagic.explain(model)
        forms = {
            "text": explanation.to_text(), "markdown": explanation.to_markdown(), "page": explanation._repr_mimebundle_()[0]["text/html"],
            "payload": payload(explanation), "dict": explanation.to_dict(), "printed": explanation.printed == repr(model),
        }  # fmt: skip
    forward = archmagic.explain(model, inputs=(3, WIDTH)).forward
    assert forward is not None
    forms |= {
        "operations": watch.ran,
        "unchanged": _identities(model) == before,
        "failed": forward.failed and forward.failed.error,
        "shapes": [(step.path, data.shape) for step in forward.steps for data in step.outputs],
    }
    return forms


def _identities(model: nn.Module) -> list[Any]:
    return [
        (key, id(value), [id(part) for part in value.values()] if isinstance(value, dict) else None)
        for part in model.modules()
        for key, value in vars(part).items()
    ]


def _process(rank: int, folder: str, turns: Any, results: Any, make: Callable[[], dict[str, nn.Module]]) -> None:
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(WORLD))
    dist.init_process_group("gloo", rank=rank, world_size=WORLD, store=dist.FileStore(str(Path(folder) / "store"), WORLD))
    made = make()
    turns[rank].wait()  # the other one stands still, so whoever waited for it would wait for ever
    results.put((rank, {name: _told(model) for name, model in made.items()}))
    turns[WORLD].wait()
    dist.destroy_process_group()


def run_in_turn(folder: str, patience: float = 240) -> list[dict[str, dict[str, Any]]]:
    """What each process tells, one after the other."""
    spawn = torch.multiprocessing.get_context("spawn")
    turns, results = [spawn.Event() for _ in range(WORLD + 1)], spawn.Queue()
    workers = [spawn.Process(target=_process, args=(rank, folder, turns, results, models)) for rank in range(WORLD)]
    told = []
    try:
        for worker in workers:
            worker.start()
        for rank in range(WORLD):
            turns[rank].set()
            who, forms = results.get(timeout=patience)
            assert who == rank
            told.append(forms)
    finally:
        turns[WORLD].set()
        for worker in workers:
            worker.join(30)
            worker.kill()
    return told

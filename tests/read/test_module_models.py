"""Whole models: the tree prints back to the letter, and its rows add up to PyTorch's own count."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from archmagic.read import read
from archmagic.tree import Tree, join, parent, walk

from ..zoo.models import build


def counted(tree: Tree) -> int:
    """Parameters of all rows, each times the modules it stands for; what an earlier path holds is not counted again."""
    total = 0
    again: set[str] = set()
    for visit in walk(tree.root):
        if visit.path in tree.shared or parent(visit.path) in again:
            again.add(visit.path)
            continue
        for tensor in visit.node.tensors or ():
            if tensor.kind == "parameter" and join(visit.path, tensor.name) not in tree.shared:
                total += tensor.numel * visit.multiplicity
    return total


def nested() -> nn.Module:
    """Sharing of every kind, within and across runs."""
    shared = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4))
    blocks = nn.ModuleList(nn.ModuleDict({"own": nn.Linear(4, 4), "shared": shared}) for _ in range(5))
    tail = nn.ModuleList(nn.Linear(4, 4) for _ in range(6))
    for i, layer in enumerate(tail):
        layer.bias = tail[i // 2 * 2].bias
    return nn.ModuleDict({"first": blocks, "again": blocks, "alone": shared, "tail": tail, "one": blocks[3]})


HAND_MADE: dict[str, Callable[[], nn.Module]] = {
    "attention": lambda: nn.ModuleList(nn.MultiheadAttention(16, 4, add_bias_kv=True, kdim=8, vdim=8) for _ in range(3)),
    "transformer": lambda: nn.Transformer(16, 2, 3, 3, 32, batch_first=True),
    "nested sharing": nested,
    "adaptive softmax": lambda: nn.AdaptiveLogSoftmaxWithLoss(16, 100, [10, 50]),
    "weight norm": lambda: nn.Sequential(*(nn.utils.parametrizations.weight_norm(nn.Linear(4, 4)) for _ in range(3))),
}

TYPES = (
    "albert", "bart", "bert", "blip-2", "clip", "convnext", "deberta-v2", "distilbert", "gemma3", "gpt2", "gpt_oss", "jamba",
    "llama", "mamba2", "mixtral", "openai-gpt", "qwen2_vl", "resnet", "rt_detr_v2", "sam", "segformer", "swin", "t5", "vit", "wav2vec2",
    "whisper", "zamba",
)  # fmt: skip


@pytest.mark.parametrize("name", HAND_MADE)
def test_rows_of_a_module_add_up_to_its_parameters(name: str) -> None:
    with torch.device("meta"):
        model = HAND_MADE[name]()
    tree = read(model)
    assert counted(tree) == sum(p.numel() for p in model.parameters())
    assert str(tree) == repr(model)


@pytest.mark.slow
@pytest.mark.parametrize("model_type", TYPES)
def test_a_model_prints_back_to_the_letter_and_its_rows_add_up(model_type: str) -> None:
    built = build(model_type)
    assert built is not None
    model, config = built
    tree = read(model)
    assert str(tree) == repr(model)
    assert counted(tree) == sum(p.numel() for p in model.parameters())
    assert tree.root.config is not None
    assert tree.root.config["model_type"] == config["model_type"]


def test_gpt2_has_124_439_808_parameters_with_its_output_tied() -> None:
    built = build("gpt2")
    assert built is not None
    tree = read(built[0])
    assert counted(tree) == 124_439_808
    assert tree.shared == {"lm_head.weight": "transformer.wte.weight"}

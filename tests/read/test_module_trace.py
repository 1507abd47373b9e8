"""Reading leaves no trace in the model, in PyTorch or in memory."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from torch import nn

from archmagic.read import read


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.config = {"hidden_size": 4}
        self.embed = nn.Embedding(10, 4)
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(4, 2, 8) for _ in range(3))
        self.norm = nn.BatchNorm1d(4)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(4, 10, bias=False)
        self.head.weight = self.embed.weight
        self.layers[1].eval()
        self.norm.requires_grad_(False)
        self.register_forward_hook(lambda *_: None)


def snapshot(module: nn.Module) -> list[Any]:
    """Everything in it that could have changed."""
    found: list[Any] = []
    for name, part in module.named_modules():
        state = vars(part)
        hooks = {key: len(value) for key, value in state.items() if "hooks" in key and value is not None}
        found.append((name, part.training, {key: id(value) for key, value in state.items()}, hooks))
        for tensor in (*part.parameters(recurse=False), *part.buffers(recurse=False)):
            found.append((id(tensor), tensor._version, tensor.requires_grad, tensor.grad is None, vars(tensor), tensor.tolist()))
    return found


def test_parameters_buffers_modes_hooks_and_attributes_stay_as_they_were() -> None:
    model = Net()
    before = snapshot(model)
    read(model)
    assert snapshot(model) == before


def test_random_numbers_grad_mode_and_default_dtype_go_on_as_if_nothing_had_been_read() -> None:
    model = Net()
    torch.manual_seed(3)
    state, grad, dtype = torch.get_rng_state(), torch.is_grad_enabled(), torch.get_default_dtype()
    read(model)
    assert torch.equal(torch.get_rng_state(), state)
    assert (torch.is_grad_enabled(), torch.get_default_dtype()) == (grad, dtype)


def test_a_tree_keeps_neither_the_model_nor_its_parts_alive() -> None:
    model = Net()
    dead = [weakref.ref(part) for part in model.modules()] + [weakref.ref(p) for p in model.parameters()]  # type: ignore[misc]
    tree = read(model)
    del model
    gc.collect()
    assert [ref() for ref in dead if ref() is not None] == []
    assert tree.root.type == "Net"


def test_the_class_of_a_model_is_not_kept_alive_either() -> None:
    def make() -> tuple[Any, Any]:
        class Local(nn.Module):
            pass

        return read(Local()), weakref.ref(Local)

    tree, cls = make()
    gc.collect()
    assert cls() is None
    assert tree.root.qualified.endswith("Local")


@pytest.mark.parametrize("context", [lambda: torch.device("meta"), torch.inference_mode, torch.no_grad])
def test_a_model_reads_the_same_inside_any_context(context: Any) -> None:
    model = Net()
    outside = read(model)
    with context():
        inside = read(model)
    assert str(inside) == str(outside)
    assert inside.shared == outside.shared
    assert [t for c in inside.root.children for t in c.node.tensors or ()] == [
        t for c in outside.root.children for t in c.node.tensors or ()
    ]


def test_reading_twice_gives_equal_trees() -> None:
    model = Net()
    first, second = read(model), read(model)
    assert (str(first), first.shared, first.root.config) == (str(second), second.shared, second.root.config)

"""The same object at two places: one table beside the tree, whose paths fold as the tree does."""

from __future__ import annotations

import torch
from torch import nn

from archmagic.read import read
from archmagic.tree import Tree, concrete, walk


def segments(tree: Tree, at: str = "") -> list[str]:
    """The children of a place, folded."""
    return [child.segment for visit in walk(tree.root) if visit.path == at for child in visit.node.children]


class Tied(nn.Module):
    """An embedding and an output layer with one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.wte = nn.Embedding(10, 4)
        self.lm_head = nn.Linear(4, 10, bias=False)
        self.lm_head.weight = self.wte.weight


def test_a_tied_weight_is_told_by_the_paths_of_the_tensors() -> None:
    assert read(Tied()).shared == {"lm_head.weight": "wte.weight"}


def test_equal_weights_are_not_tied() -> None:
    model = Tied()
    model.lm_head.weight = nn.Parameter(model.wte.weight.detach().clone())
    assert read(model).shared == {}


def test_a_module_that_stands_twice_is_two_children_and_one_entry() -> None:
    layer = nn.Linear(4, 4)
    tree = read(nn.Sequential(layer, nn.ReLU(), layer))
    assert segments(tree) == ["0", "1", "2"]
    assert tree.shared == {"2": "0"}
    assert tree.root.children[0].node is tree.root.children[2].node


def test_what_is_tied_inside_a_shared_module_is_told_once() -> None:
    tied = Tied()
    tree = read(nn.ModuleDict({"first": tied, "again": tied}))
    assert tree.shared == {"first.lm_head.weight": "first.wte.weight", "again": "first"}


def test_a_weight_of_a_module_itself_comes_before_those_of_its_children() -> None:
    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Linear(2, 2)
            self.own = self.inner.weight

    model = Outer()
    assert read(model).shared == {"inner.weight": "own"}
    assert [name for name, _ in model.named_parameters()] == ["own", "inner.bias"]


def test_heads_tied_to_the_first_are_a_run_that_shares_and_one_that_owns() -> None:
    heads = nn.ModuleList(nn.Linear(4, 10) for _ in range(6))
    for head in heads:
        head.weight = heads[0].weight
    tree = read(nn.ModuleDict({"heads": heads}))
    assert segments(tree, "heads") == ["0", "[1-5]"]
    assert tree.shared == {"heads.[1-5].weight": "heads.0.weight"}


def test_one_module_in_every_layer_keeps_the_first_layer_apart() -> None:
    shared = nn.Linear(4, 4)
    tree = read(nn.ModuleList(nn.ModuleDict({"own": nn.Linear(4, 4), "shared": shared}) for _ in range(6)))
    assert segments(tree) == ["0", "[1-5]"]
    assert tree.shared == {"[1-5].shared": "0.shared"}


def test_runs_tied_one_to_one_are_in_step() -> None:
    encoder = nn.ModuleList(nn.Linear(4, 4) for _ in range(6))
    decoder = nn.ModuleList(nn.Linear(4, 4) for _ in range(6))
    for one, other in zip(encoder, decoder, strict=True):
        other.weight = one.weight
    tree = read(nn.ModuleDict({"encoder": encoder, "decoder": decoder}))
    assert tree.shared == {"decoder.[0-5].weight": "encoder.[0-5].weight"}


def test_runs_in_step_may_be_offset_and_their_target_a_slice() -> None:
    inputs = nn.ModuleList(nn.Embedding(10, 4) for _ in range(8))
    heads = nn.ModuleList(nn.Linear(4, 10, bias=False) for _ in range(7))
    for i, head in enumerate(heads):
        head.weight = inputs[i + 1].weight
    tree = read(nn.ModuleDict({"inputs": inputs, "heads": heads}))
    assert tree.shared == {"heads.[0-6].weight": "inputs.[1-7].weight"}
    assert concrete(tree.root, "inputs.[1-7]") == [f"inputs.{i}" for i in range(1, 8)]


def test_every_second_layer_being_the_one_before_is_a_period() -> None:
    layers = [nn.Linear(4, 4) for _ in range(6)]
    tree = read(nn.ModuleList(layer for layer in layers for _ in "ab"))
    assert segments(tree) == ["[0-10:2]", "[1-11:2]"]
    assert tree.shared == {"[1-11:2]": "[0-10:2]"}


def test_heads_tied_within_each_layer_follow_the_layer() -> None:
    def layer() -> nn.Module:
        heads = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
        for head in heads:
            head.weight = heads[0].weight
        return nn.ModuleDict({"heads": heads})

    tree = read(nn.ModuleList(layer() for _ in range(5)))
    assert segments(tree) == ["[0-4]"]
    assert tree.shared == {"[0-4].heads.[1-2].weight": "[0-4].heads.0.weight"}


def test_targets_without_a_pattern_keep_their_modules_apart_so_that_every_entry_is_whole() -> None:
    first = nn.ModuleList(nn.Linear(4, 4) for _ in range(4))
    second = nn.ModuleList(nn.Linear(4, 4) for _ in range(4))
    for one, other in zip(first, reversed(second), strict=True):
        other.weight = one.weight
    tree = read(nn.ModuleDict({"first": first, "second": second}))
    assert segments(tree, "second") == ["0", "1", "2", "3"]
    assert tree.shared == {f"second.{i}.weight": f"first.{3 - i}.weight" for i in range(4)}


def test_one_activation_used_everywhere_keeps_no_layers_apart_and_is_told() -> None:
    act = nn.ReLU()
    tree = read(nn.ModuleList(nn.Sequential(nn.Linear(4, 4), act) for _ in range(6)))
    assert segments(tree) == ["[0-5]"]
    assert tree.shared == {"[1-5].1": "0.1"}


def test_a_shared_buffer_is_told_too() -> None:
    class Masked(nn.Module):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__()
            self.register_buffer("mask", mask)

    mask = torch.ones(3)
    assert read(nn.Sequential(Masked(mask), nn.Linear(3, 3), Masked(mask))).shared == {"2.mask": "0.mask"}


def test_a_module_inside_itself_is_cut_and_says_so() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    model.add_module("again", nn.ModuleDict({"outer": model}))
    tree = read(model)
    cut = tree.root.children[1].node.children[0].node
    assert (cut.type, cut.children, cut.notes) == ("Sequential", (), ("cycle",))
    assert tree.shared == {"again.outer": ""}
    assert "(outer): Sequential(...)" in str(tree)


class Listed(nn.Module):
    """A TCN's block: its parts once by name and once more in the order of execution."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.relu1 = nn.Conv1d(4, 4, 3), nn.ReLU()
        self.conv2, self.relu2 = nn.Conv1d(4, 4, 3), nn.ReLU()
        self.net = nn.Sequential(self.conv1, self.relu1, self.conv2, self.relu2)


def test_parts_listed_again_are_told_one_by_one_where_the_first_ones_are_no_run() -> None:
    tree = read(Listed())
    assert all(concrete(tree.root, target) for target in tree.shared.values())
    assert {(s, t) for s, t in tree.shared.items() if "conv" in t} == {("net.0", "conv1"), ("net.2", "conv2")}

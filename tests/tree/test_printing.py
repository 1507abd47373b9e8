"""Printing back: PyTorch's text to the letter, and which line belongs to which module."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archmagic.read import read
from archmagic.tree import Child, Folder, Line, Node, Repeat, Tensor, count_lines, print_lines, print_tree

from .build import fold, layers


def block(width: int = 4) -> nn.Module:
    return nn.Sequential(nn.Linear(width, width), nn.ReLU())


class Lines(nn.Module):
    """Arguments over several lines, one of them blank."""

    def __init__(self, *children: nn.Module) -> None:
        super().__init__()
        for i, child in enumerate(children):
            self.add_module(f"part{i}", child)

    def extra_repr(self) -> str:
        return "first=1,\n\nsecond=2"


class OneArgument(Lines):
    def extra_repr(self) -> str:
        return "only=1"


class Art(nn.Module):
    def __repr__(self) -> str:
        return "Art(\n   \\o/\n\n)"


def alternating() -> nn.Module:
    return nn.ModuleList([nn.Linear(2, 2) if i % 2 else nn.ReLU() for i in range(12)])


def differing_tensors() -> nn.Module:
    """Layers that print alike and are not: PyTorch folds them, the tree does not."""
    layers = nn.ModuleList(block() for _ in range(6))
    layers[2].to(torch.float16)
    layers[3][0].requires_grad_(False)
    return layers


def differing_inside() -> nn.Module:
    """The same, where the difference is in how a list within folds."""
    layers = nn.ModuleList(nn.ModuleList(block() for _ in range(3)) for _ in range(4))
    layers[1][1].to(torch.float64)  # type: ignore[index]
    return layers


def with_none() -> nn.Module:
    module = Lines(block())
    module.register_module("nothing", None)
    return nn.ModuleList([module, nn.Identity()])


MODELS = {
    "no children": lambda: nn.Linear(3, 4),
    "empty containers": lambda: nn.Sequential(nn.ModuleList(), nn.Sequential(), nn.ModuleDict(), nn.Identity()),
    "folded list": lambda: nn.ModuleList(block() for _ in range(12)),
    "unfolded sequence": lambda: nn.Sequential(*(nn.Linear(2, 2) for _ in range(12))),
    "lists in lists": lambda: nn.ModuleList(nn.ModuleList(block(2 + i // 3) for i in range(9)) for _ in range(3)),
    "periods": alternating,
    "differing tensors": differing_tensors,
    "differing inside": differing_inside,
    "a list of one": lambda: nn.ModuleList([nn.Linear(2, 2)]),
    "arguments over lines": lambda: nn.Sequential(Lines(), Lines(block()), OneArgument(), OneArgument(Lines())),
    "arguments over lines in lists": lambda: nn.ModuleList([nn.ModuleList([Lines(Lines())]), nn.Sequential(Lines())]),
    "a text of its own": lambda: nn.ModuleList([Art(), Art(), nn.Sequential(Art(), nn.ModuleList([Art()]))]),
    "none": with_none,
    "dict": lambda: nn.ModuleDict({"a b": block(), "[0-1]": block()}),
    "transformer": lambda: nn.Transformer(8, 2, 2, 2, 16, batch_first=True),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_tree_prints_as_pytorch_prints_the_model(name: str) -> None:
    model = MODELS[name]()
    tree = read(model)
    assert print_tree(tree.root) == repr(model)
    assert str(tree) == repr(model)
    assert count_lines(tree.root) == len(repr(model).split("\n"))


def test_lines_tell_the_folded_path_and_whether_they_open_or_close() -> None:
    folder = Folder()
    root = folder.build(folder.add(Node("Model"), [("layers", folder.add(Node("ModuleList", style="list"), layers(folder, 3)))]))
    assert list(print_lines(root)) == [
        Line("Model(", "", "open"),
        Line("  (layers): ModuleList(", "layers", "open"),
        Line("    (0-2): 3 x Layer(", "layers.[0-2]", "open"),
        Line("      (norm): Norm()", "layers.[0-2].norm", "whole"),
        Line("      (linear): Linear(4, 4)", "layers.[0-2].linear", "whole"),
        Line("    )", "layers.[0-2]", "close"),
        Line("  )", "layers", "close"),
        Line(")", "", "close"),
    ]


def test_lists_fold_by_their_text_and_sequences_do_not_fold() -> None:
    types = [Node("A", tensors=(Tensor("w", (2,)),)), Node("A", tensors=(Tensor("w", (3,)),))]
    children = tuple(Child(str(i), node) for i, node in enumerate(types))
    assert print_tree(Node("ModuleList", style="list", children=children)) == "ModuleList(\n  (0-1): 2 x A()\n)"
    assert print_tree(fold("AA")) == "Root(\n  (0): A()\n  (1): A()\n)"


def test_what_no_rule_read_is_printed_where_it_stood_to_the_letter() -> None:
    node = Node("Model", unread=("  ~~ noise {x} ~~",), children=(Child("a", Node("A")),))
    assert print_tree(node) == "Model(\n  ~~ noise {x} ~~\n  (a): A()\n)"


def test_a_text_of_its_own_hides_the_children_it_does_not_print() -> None:
    node = Node("GCN", style="verbatim", verbatim="GCN(16, 7)", children=(Child("convs", Node("ModuleList")),))
    assert print_tree(node) == "GCN(16, 7)"


def test_a_claimed_run_of_any_length_prints_at_once() -> None:
    node = Node("ModuleList", style="list", children=(Child("0", Node("A"), Repeat(10**15, 0)),))
    assert print_tree(node) == "ModuleList(\n  (0-999999999999999): 1000000000000000 x A()\n)"


def test_a_tree_too_deep_for_recursion_is_printed() -> None:
    folder = Folder()
    instance = folder.add(Node("Leaf"))
    for _ in range(3000):
        instance = folder.add(Node("Box"), [("inner", instance)])
    root = folder.build(instance)
    assert sum(1 for _ in print_lines(root)) == count_lines(root) == 6001


def test_lines_of_runs_and_texts_of_their_own_are_counted() -> None:
    block = Node(
        "Block", children=(Child("fc", Node("Linear", args="2, 3")), Child("own", Node("Odd", style="verbatim", verbatim="Odd(\n)")))
    )
    turns = (Child("0", block, Repeat(3, 0, 2, 2)), Child("1", Node("Pair", args="a\nb"), Repeat(3, 1, 2, 2)))
    for style in ("module", "list"):
        root = Node("Net", style=style, children=(*turns, Child("6", block, Repeat(4, 6))))  # type: ignore[arg-type]
        assert count_lines(root) == sum(1 for _ in print_lines(root))

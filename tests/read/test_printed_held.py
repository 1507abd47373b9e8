"""Modules printed as arguments of others, over several lines, as torch_geometric's layers print the networks they hold."""

from __future__ import annotations

import pytest
from torch import nn

from archmagic import explain
from archmagic.read import read
from archmagic.tree import print_tree, walk

SEQUENTIAL = "Sequential(\n    (0): Linear(in_features=7, out_features=16, bias=True)\n    (1): ReLU()\n  )"


def net(*layers: str) -> str:
    return "\n".join(["Net(", *(f"  ({name}): {layer}" for name, layer in zip("abc", layers, strict=False)), ")"])


@pytest.mark.parametrize(
    ("layer", "args", "inside"),
    [
        (f"GINConv(nn={SEQUENTIAL})", "", ["nn", "nn.0", "nn.1"]),
        (f"NNConv(8, 16, aggr=add, nn={SEQUENTIAL}, k=3)", "8, 16, aggr=add, k=3", ["nn", "nn.0", "nn.1"]),
        (f"PointNetConv(local_nn={SEQUENTIAL}, global_nn={SEQUENTIAL})", "",
         ["local_nn", "local_nn.0", "local_nn.1", "global_nn", "global_nn.0", "global_nn.1"]),
        (f"GPSConv(16, conv=GINConv(nn={SEQUENTIAL}), heads=4)", "16, heads=4", ["conv", "conv.nn", "conv.nn.0", "conv.nn.1"]),
    ],
)  # fmt: skip
def test_a_module_printed_as_an_argument_by_name_is_a_child(layer: str, args: str, inside: list[str]) -> None:
    text = net(layer, "ReLU()")
    tree = read(text)
    assert [visit.path for visit in walk(tree.root)] == ["", "a", *(f"a.{path}" for path in inside), "b"]
    assert next(visit.node.args for visit in walk(tree.root) if visit.path == "a") == args
    assert tree.text == print_tree(tree.root) == text
    assert not tree.notes


def test_it_may_be_the_whole_model() -> None:
    text = f"GINConv(nn={SEQUENTIAL})".replace("\n  ", "\n")
    tree = read(text)
    assert [visit.path for visit in walk(tree.root)] == ["", "nn", "nn.0", "nn.1"]
    assert tree.text == print_tree(tree.root) == text


LISTED = f"""Foo(
    teacher={SEQUENTIAL.replace(chr(10), chr(10) + "  ")}, k=3
    (own): Linear(in_features=3, out_features=3, bias=True)
  )"""


@pytest.mark.parametrize(
    ("layer", "inside"),
    [
        (f"Foo(layers=[{SEQUENTIAL}, ReLU()], k=2)", []),
        (f"Foo(call({SEQUENTIAL}))", []),
        (LISTED, ["a.own"]),  # what a module registers is listed, and the teacher is not
    ],
)
def test_one_that_may_be_no_child_stays_an_argument(layer: str, inside: list[str]) -> None:
    text = net(layer, "ReLU()")
    tree = read(text)
    assert [visit.path for visit in walk(tree.root)] == ["", "a", *inside, "b"]
    assert tree.text == print_tree(tree.root) == text
    node = next(visit.node for visit in walk(tree.root) if visit.path == "a")
    assert "in_features=7" in (node.args or "")


def test_one_cut_short_is_told_to_be() -> None:
    text = net(f"GINConv(nn={SEQUENTIAL})")
    tree = read(text[: text.index("ReLU") + 2])
    assert [visit.path for visit in walk(tree.root)] == ["", "a", "a.nn", "a.nn.0"]
    assert tree.notes == ("The print ends inside a.nn; what would come after is not known.",)


class GINConv(nn.Module):
    """As torch_geometric's."""

    def __init__(self, nn: nn.Module) -> None:
        super().__init__()
        self.nn = nn

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}(nn={self.nn})"


class GIN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(GINConv(nn.Sequential(nn.Linear(7, 7), nn.ReLU(), nn.Linear(7, 7))) for _ in range(3))
        self.lin = nn.Linear(7, 2)


def test_the_print_gives_the_same_parts_as_the_model() -> None:
    model = GIN()
    live, pasted = read(model), read(repr(model))
    assert str(live) == pasted.text == repr(model)
    assert [visit.path for visit in walk(live.root)] == [visit.path for visit in walk(pasted.root)]
    known = explain(repr(model)).facts.get("num_parameters")
    assert known is not None
    assert known.value == sum(p.numel() for p in model.parameters())

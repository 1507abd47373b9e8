"""Reading a live module: what a node holds, and that nothing of the user's is run to get it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import torch
from torch import nn

from archmagic.errors import ModelError
from archmagic.read import is_module, read, read_module
from archmagic.tree import Node, Tensor, concrete, find, walk


def node_at(module: nn.Module, path: str) -> Node:
    visit = find(read(module).root, path)
    assert visit is not None
    return visit.node


class Block(nn.Module):
    """Adds what it makes of its input.

    The rest of the docstring is not the first paragraph.
    """

    def __init__(self, index: int, width: int = 4) -> None:
        super().__init__()
        self.layer_idx = index
        self.width = width
        self.inner = nn.Linear(width, width)
        self.scale = nn.Parameter(torch.ones(width), requires_grad=False)
        self.register_buffer("mask", torch.zeros(2, 3, dtype=torch.bool))
        self.register_buffer("nothing", None)
        self.register_parameter("absent", None)


def test_a_node_holds_type_arguments_settings_and_class() -> None:
    node = node_at(nn.Sequential(nn.Conv2d(3, 8, 3, bias=False)), "0")
    assert (node.type, node.args) == ("Conv2d", "3, 8, kernel_size=(3, 3), stride=(1, 1), bias=False")
    assert node.settings["kernel_size"] == (3, 3)
    assert node.qualified == "torch.nn.modules.conv.Conv2d"
    assert node.bases == ("torch.nn.modules.conv._ConvNd",)
    assert node.doc is None


def test_source_and_docstring_lead_to_the_class() -> None:
    node = read(Block(0)).root
    assert node.source is not None
    file, line = node.source
    assert file == __file__
    with open(__file__, encoding="utf-8") as lines:
        assert lines.readlines()[line - 1] == "class Block(nn.Module):\n"
    assert node.doc == "Adds what it makes of its input."


def test_own_parameters_and_buffers_are_told_and_those_that_are_none_left_out() -> None:
    assert read(Block(0).to("meta")).root.tensors == (
        Tensor("scale", (4,), "float32", "meta", False, "parameter"),
        Tensor("mask", (2, 3), "bool", "meta", False, "buffer"),
    )
    assert [tensor.name for tensor in read(nn.Linear(2, 3, bias=False)).root.tensors or ()] == ["weight"]


def test_parameters_that_no_print_shows_are_read() -> None:
    tensors = read(nn.MultiheadAttention(8, 2)).root.tensors or ()
    assert [(tensor.name, tensor.shape) for tensor in tensors] == [("in_proj_weight", (24, 8)), ("in_proj_bias", (24,))]


def test_dtypes_and_devices_go_by_their_short_names() -> None:
    (weight,) = read(nn.Embedding(3, 4, dtype=torch.bfloat16)).root.tensors or ()
    assert (weight.dtype, weight.device, weight.trainable) == ("bfloat16", "cpu", True)


def test_a_run_of_blocks_is_one_child_and_its_index_is_left_out() -> None:
    root = read(nn.ModuleList(Block(i) for i in range(12))).root
    (child,) = root.children
    assert child.segment == "[0-11]"
    assert child.node.attributes == {"width": 4}


def test_dtype_and_trainability_keep_layers_apart() -> None:
    layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(6))
    layers[2].to(torch.float64)
    layers[3].requires_grad_(False)
    assert [child.segment for child in read(layers).root.children] == ["[0-1]", "2", "3", "[4-5]"]


class Kind(StrEnum):
    LOCAL = "local"


def test_attributes_are_plain_scalars_and_short_tuples_only() -> None:
    module = nn.Identity()
    for name, value in {
        "none": None, "flag": True, "count": 3, "eps": 1e-5, "mode": "zeros", "sizes": [1, 2], "shape": torch.Size((2, 3)),
        "dtype": torch.float16, "device": torch.device("cpu"), "kind": Kind.LOCAL, "infinite": float("-inf"),
        "act": nn.functional.gelu, "activation": torch.relu, "_private": 1, "long": "x" * 201, "many": list(range(9)),
        "mapping": {}, "thing": object(), "fn": print, "stack": [nn.ReLU()], "tensor": torch.zeros(2), "nested": ((1, 2), (3, 4)),
    }.items():  # fmt: skip
        setattr(module, name, value)
    assert read(module).root.attributes == {
        "none": None, "flag": True, "count": 3, "eps": 1e-5, "mode": "zeros", "sizes": (1, 2), "shape": (2, 3),
        "dtype": "float16", "device": "cpu", "kind": "local", "infinite": "-inf", "act": "gelu", "activation": "relu",
    }  # fmt: skip


class Named(nn.Module):
    def __init__(self, path: str, index: int) -> None:
        super().__init__()
        self.prefix = path
        self.layer_name = f"block_{index}"
        self.mode = f"mode {index % 2}" if index < 2 else "mode"


def test_strings_that_say_where_a_module_is_do_not_keep_layers_apart() -> None:
    root = read(nn.ModuleDict({"h": nn.ModuleList(Named(f"model.h.{i}", i) for i in range(4))})).root
    (run,) = [child for child in root.children[0].node.children if child.count > 1]
    assert (run.segment, run.node.attributes) == ("[2-3]", {"mode": "mode"})


@dataclass
class Config:
    hidden_size: int = 8
    dtype: torch.dtype = torch.float32
    inner: dict[str, Any] = field(default_factory=lambda: {"layers": [1, 2], "thing": object()})


class Configured(nn.Module):
    def __init__(self, config: object, *children: nn.Module) -> None:
        super().__init__()
        self.config = config
        for i, child in enumerate(children):
            self.add_module(f"part{i}", child)


class ToDict:
    def __init__(self) -> None:
        self.secret = 1

    def to_dict(self) -> dict[str, object]:
        return {"model_type": "mine"}


class RaisingToDict:
    def __init__(self) -> None:
        self.hidden_size = 8

    def to_dict(self) -> dict[str, object]:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("config", "plain"),
    [
        (Config(), {"hidden_size": 8, "dtype": "float32", "inner": {"layers": [1, 2]}}),
        ({"hidden_size": 8, "_private": 1}, {"hidden_size": 8}),
        (SimpleNamespace(hidden_size=8), {"hidden_size": 8}),
        (ToDict(), {"model_type": "mine"}),
        (RaisingToDict(), {"hidden_size": 8}),
        ("gpt2", None),
        (None, None),
        (3, None),
    ],
)
def test_a_config_is_read_as_plain_data(config: object, plain: object) -> None:
    assert read(Configured(config)).root.config == plain


def test_a_config_stands_at_the_topmost_module_that_holds_it_and_another_one_where_it_begins() -> None:
    whole, text = Config(), Config(hidden_size=16)
    root = read(Configured(whole, Configured(whole), Configured(text, Configured(text, Configured(whole))))).root
    held = {visit.path: visit.node.config["hidden_size"] for visit in walk(root) if visit.node.config}
    assert held == {"": 8, "part1": 16}


def test_layers_that_share_a_config_or_hold_equal_ones_fold() -> None:
    config = Config()
    for layers in ([Configured(config) for _ in range(4)], [Configured(Config()) for _ in range(4)]):
        assert [child.segment for child in read(nn.ModuleList(layers)).root.children] == ["[0-3]"]


class Touchy(nn.Module):
    """Whose properties, `__getattr__` and class attributes must not be run."""

    touched: ClassVar[list[str]] = []

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 2)

    def __getattr__(self, name: str) -> Any:
        self.touched.append(name)
        return super().__getattr__(name)

    @property
    def device(self) -> torch.device:
        self.touched.append("device")
        raise RuntimeError("never")

    @property
    def config(self) -> object:
        self.touched.append("config")
        raise RuntimeError("never")


def test_no_property_and_no_getattr_of_the_users_runs() -> None:
    module = Touchy()
    Touchy.touched.clear()
    tree = read(module)
    assert Touchy.touched == []
    assert [visit.path for visit in walk(tree.root)] == ["", "inner"]


def test_read_takes_a_module_or_a_print_and_says_what_else_it_was_given() -> None:
    assert read(nn.Linear(2, 3)).source == "module"
    assert read("Linear(in_features=2, out_features=3, bias=True)").source == "print"
    with pytest.raises(ModelError, match="not an int"):
        read(3)
    with pytest.raises(ModelError, match="not type"):
        read_module(nn.Linear)


def test_is_module_takes_instances_only() -> None:
    assert is_module(nn.ReLU())
    assert not any(is_module(x) for x in (nn.ReLU, None, "ReLU()", object(), torch.zeros(2)))


def test_importing_the_reader_and_asking_is_module_imports_no_torch() -> None:
    code = "import sys, archmagic.read as r; assert not r.is_module(3); r.read('ReLU()'); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


PRINTED = {
    "transformer": lambda: nn.Transformer(16, 2, 3, 3, 32, batch_first=True),
    "convolutions": lambda: nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Flatten()),
    "experts": lambda: nn.ModuleList(
        nn.ModuleList(nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4)) for _ in range(8)) for _ in "ab"
    ),
    "recurrent": lambda: nn.ModuleDict({"lstm": nn.LSTM(4, 8, 2), "gru": nn.GRU(8, 8), "out": nn.Linear(8, 3)}),
}


@pytest.mark.parametrize("name", PRINTED)
def test_a_module_and_its_print_read_alike(name: str) -> None:
    module = PRINTED[name]()
    live, printed = read(module).root, read(repr(module)).root
    for visit in walk(live):
        for path in concrete(live, visit.path):
            other = find(printed, path)
            assert other is not None, path
            assert (other.node.type, other.node.args, other.node.settings) == (visit.node.type, visit.node.args, visit.node.settings)
            if other.node.tensors is not None and visit.node.type != "MultiheadAttention":
                assert [(t.name, t.shape) for t in other.node.tensors] == [(t.name, t.shape) for t in visit.node.tensors or ()], path

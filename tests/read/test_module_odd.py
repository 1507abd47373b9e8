"""Modules that are not as usual: wrappers, scripts, overridden prints, odd tensors, broken parts, great depth."""

from __future__ import annotations

import time
import warnings
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from archmagic.read import read
from archmagic.tree import Node, Tree, find, walk


def paths(tree: Tree) -> list[str]:
    return [visit.path for visit in walk(tree.root)]


def node_at(tree: Tree, path: str) -> Node:
    visit = find(tree.root, path)
    assert visit is not None
    return visit.node


def notes_of(module: nn.Module) -> dict[str, tuple[str, ...]]:
    return {tensor.name: tensor.notes for tensor in read(module).root.tensors or ()}


# Prints of a class's own


class GCN(nn.Module):
    """As torch_geometric's: its print hides all that is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Linear(7, 7) for _ in range(3))

    def __repr__(self) -> str:
        return "GCN(16, 7, num_layers=3)"


def test_a_print_that_hides_the_children_is_kept_and_the_children_are_read() -> None:
    tree = read(nn.Sequential(GCN(), nn.ReLU()))
    gcn = node_at(tree, "0")
    assert (gcn.style, gcn.verbatim, gcn.args, gcn.settings["num_layers"]) == (
        "verbatim",
        "GCN(16, 7, num_layers=3)",
        "16, 7, num_layers=3",
        3,
    )
    assert paths(tree) == ["", "0", "0.convs", "0.convs.[0-2]", "1"]
    assert str(tree) == "Sequential(\n  (0): GCN(16, 7, num_layers=3)\n  (1): ReLU()\n)"


class Conv1D(nn.Module):
    """As transformers': its print is one line of arguments."""

    def __init__(self, nf: int, nx: int) -> None:
        super().__init__()
        self.nf, self.nx = nf, nx

    def __repr__(self) -> str:
        return f"Conv1D(nf={self.nf}, nx={self.nx})"


def test_a_print_of_its_own_that_is_a_type_and_arguments_is_a_node_like_any_other() -> None:
    node = read(Conv1D(2304, 768)).root
    assert (node.style, node.type, node.args, node.settings) == ("module", "Conv1D", "nf=2304, nx=768", {"nf": 2304, "nx": 768})


class Adapter(nn.Module):
    """As PEFT's: its print puts a word before what nn.Module gives."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__()
        self.base_layer = base
        self.lora_A = nn.ModuleDict({"default": nn.Linear(4, 2, bias=False)})
        self.lora_B = nn.ModuleDict({"default": nn.Linear(2, 4, bias=False)})

    def __repr__(self) -> str:
        return "lora." + super().__repr__().replace("Adapter", "Linear", 1)


def test_a_print_that_puts_a_word_before_the_usual_one_shows_its_children() -> None:
    model = nn.ModuleList(Adapter(nn.Linear(4, 4)) for _ in range(4))
    tree = read(model)
    node = node_at(tree, "[0-3]")
    assert (node.type, node.style) == ("lora.Linear", "module")
    assert node.qualified is not None and node.qualified.endswith("Adapter")
    assert str(tree) == repr(model)


class Titled(nn.ModuleList):
    def __repr__(self) -> str:
        return "my." + super().__repr__()


class Unprintable(nn.Module):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def __repr__(self) -> str:
        return self.text


TEXTS = (
    "", "(", ")", "X(", "X(a)(b)", "X(a))", "a b(c)", "X\n  (y)", "X(\n)", "X()\n", "3(x)", "<script>alert(1)</script>", "{0.__class__}",
    "é(ü=1)",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_that_a_class_prints_is_printed_back(text: str) -> None:
    model = nn.Sequential(Unprintable(text), nn.ModuleList([Unprintable(text), Titled([nn.ReLU(), nn.ReLU()])]))
    assert str(read(model)) == repr(model)


# Wrappers


def test_a_compiled_module_is_the_wrapper_and_the_module_in_it() -> None:
    model = torch.compile(nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
    tree = read(model)
    assert tree.root.type == "OptimizedModule"
    assert paths(tree) == ["", "_orig_mod", "_orig_mod.0", "_orig_mod.1"]
    assert str(tree) == repr(model)


def test_data_parallel_is_the_wrapper_and_the_module_in_it() -> None:
    assert paths(read(nn.DataParallel(nn.Linear(2, 2)))) == ["", "module"]


def test_a_parametrized_layer_tells_its_base_class_and_where_its_weight_is() -> None:
    model = nn.utils.parametrizations.weight_norm(nn.Linear(3, 4))
    tree = read(model)
    assert tree.root.type == "ParametrizedLinear"
    assert "torch.nn.modules.linear.Linear" in tree.root.bases
    inside = node_at(tree, "parametrizations.weight").tensors or ()
    assert [(t.name, t.shape) for t in inside] == [("original0", (4, 1)), ("original1", (4, 3))]
    assert str(tree) == repr(model)


def scripted(layer: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(nn.Sequential(layer, nn.ReLU(), layer))  # type: ignore[no-any-return]


def traced(layer: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.trace(nn.Sequential(layer, nn.ReLU(), layer), torch.zeros(1, 3))  # type: ignore[no-any-return]


@pytest.mark.parametrize("make", [scripted, traced])
def test_a_torchscript_module_is_read_through_its_own_accessors(make: Any) -> None:
    model = make(nn.Linear(3, 3))
    tree = read(model)
    assert paths(tree) == ["", "0", "1", "2"]
    linear = node_at(tree, "0")
    assert linear.settings == {"original_name": "Linear"}
    assert linear.notes == ("script",)
    assert [(t.name, t.shape) for t in linear.tensors or ()] == [("weight", (3, 3)), ("bias", (3,))]
    assert tree.shared == {"2.weight": "0.weight", "2.bias": "0.bias"}
    assert str(tree) == repr(model)


# Children that are none or no modules


def test_a_child_that_is_none_is_a_child() -> None:
    model = nn.Sequential(nn.ReLU())
    model.register_module("head", None)
    tree = read(model)
    assert node_at(tree, "head").is_none
    assert str(tree) == repr(model)


def test_a_child_that_is_no_module_is_told_and_printed() -> None:
    model = nn.Sequential(nn.ReLU(), nn.ReLU())
    model._modules["1"] = len  # type: ignore[assignment]
    tree = read(model)
    assert node_at(tree, "1").notes == ("broken: builtin_function_or_method is no module",)
    assert str(tree) == repr(model)


# Tensors


def test_lazy_parameters_have_no_shape_yet() -> None:
    node = read(nn.LazyLinear(4)).root
    assert node.notes == ("lazy",)
    assert [(t.name, t.shape, t.notes) for t in node.tensors or ()] == [("weight", None, ("lazy",)), ("bias", None, ("lazy",))]


def test_meta_tensors_are_told_by_their_device() -> None:
    tensors = read(nn.Linear(2, 2, device="meta")).root.tensors or ()
    assert {t.device for t in tensors} == {"meta"}


def test_fake_sparse_quantized_and_freed_tensors_are_told() -> None:
    with FakeTensorMode():
        fake = nn.Linear(2, 2)
    assert notes_of(fake) == {"weight": ("FakeTensor",), "bias": ("FakeTensor",)}
    odd = nn.Module()
    odd.sparse = nn.Parameter(torch.eye(3).to_sparse())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        odd.register_buffer("quantized", torch.quantize_per_tensor(torch.zeros(2), 0.1, 0, torch.qint8))
    odd.freed = nn.Parameter(torch.zeros(4))
    odd.freed.untyped_storage().resize_(0)
    assert notes_of(odd) == {"sparse": ("sparse_coo",), "freed": ("freed",), "quantized": ("quantized",)}


class Packed(torch.Tensor):
    """A tensor of a class of its own, whose every operation fails."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func == torch.Tensor.dtype.__get__:  # type: ignore[attr-defined]
            raise RuntimeError("no")
        return super().__torch_function__(func, types, args, kwargs or {})


class Params4bit(nn.Parameter):
    """As bitsandbytes': two weights in a byte, and the shape they had beside it."""

    quant_state: Any


def test_tensors_of_a_class_of_its_own_are_told_by_its_name_and_what_they_do_not_tell_is_unknown() -> None:
    module = nn.Module()
    module.register_buffer("packed", torch.zeros(2, 3).as_subclass(Packed))
    (tensor,) = read(module).root.tensors or ()
    assert (tensor.notes, tensor.shape, tensor.dtype) == (("Packed",), (2, 3), None)


def test_four_bit_weights_have_the_shape_they_were_packed_from() -> None:
    packed = torch.zeros(2304 * 768 // 2, 1, dtype=torch.uint8)
    weight = torch.Tensor._make_subclass(Params4bit, packed)  # type: ignore[attr-defined]
    weight.quant_state = SimpleNamespace(shape=torch.Size((2304, 768)))
    module = nn.Module()
    module.weight = weight
    (tensor,) = read(module).root.tensors or ()
    assert (tensor.shape, tensor.dtype, tensor.numel, tensor.nbytes) == ((2304, 768), "uint4", 1_769_472, 884_736)


def test_something_that_is_no_tensor_among_the_parameters_costs_a_note() -> None:
    module = nn.Linear(2, 2)
    module._parameters["weight"] = "gone"  # type: ignore[assignment]
    assert read(module).root.notes == ("broken: parameters: TypeError: weight is str, not a tensor",)


# Broken parts


class Raises(nn.Module):
    def extra_repr(self) -> str:
        raise ValueError("no")


class RaisesRepr(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 2)

    def __repr__(self) -> str:
        raise ValueError("no")


class NeverSetUp(nn.Module):
    def __init__(self) -> None:
        pass


class NumberArguments(nn.Module):
    def extra_repr(self) -> Any:
        return 3


class OddName(nn.Module):
    def _get_name(self) -> Any:
        raise ValueError("no")


class OddError(Exception):
    def __str__(self) -> str:
        raise ValueError("again")


class RaisesOddly(nn.Module):
    def extra_repr(self) -> str:
        raise OddError


@pytest.mark.parametrize(
    ("part", "note"),
    [
        (Raises, "broken: extra_repr: ValueError: no"),
        (RaisesRepr, "broken: __repr__: ValueError: no"),
        (NumberArguments, "broken: extra_repr: TypeError: it gave int, not str"),
        (RaisesOddly, "broken: extra_repr: OddError"),
        (NeverSetUp, "broken: nn.Module.__init__ was never called"),
    ],
)
def test_a_broken_part_costs_a_marked_row_and_never_the_rest(part: type[nn.Module], note: str) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
    model._modules["1"] = part()
    tree = read(model)
    assert node_at(tree, "1").notes == (note,)
    assert node_at(tree, "2").type == "Linear"
    assert f"(1): {part.__name__}" in str(tree)


def test_a_name_that_cannot_be_asked_for_is_the_class_name() -> None:
    assert read(OddName()).root.type == "OddName"


def test_an_attribute_or_config_that_fails_on_everything_is_read_past() -> None:
    class Hostile:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError(name)

    module = nn.Linear(2, 2)
    module.__dict__["hostile"] = Hostile()
    module.__dict__["config"] = Hostile()
    tree = read(module)
    assert tree.root.config is None
    assert "hostile" not in tree.root.attributes


# Size


def test_a_chain_five_thousand_deep_is_read_where_pytorch_cannot_print_it() -> None:
    model: nn.Module = nn.Linear(2, 2)
    for _ in range(5000):
        model = nn.Sequential(model)
    tree = read(model)
    assert len(paths(tree)) == 5001


@pytest.mark.slow
def test_a_large_mixture_of_experts_is_read_in_a_small_multiple_of_what_its_print_takes() -> None:
    def expert() -> nn.Module:
        return nn.Sequential(nn.Linear(8, 4, bias=False), nn.Linear(8, 4, bias=False), nn.Linear(4, 8, bias=False), nn.SiLU())

    with torch.device("meta"):
        model = nn.ModuleList(nn.ModuleList(expert() for _ in range(128)) for _ in range(30))
    ratios = []
    for _ in range(3):
        started = time.process_time()
        text = repr(model)
        printed = time.process_time()
        tree = read(model)
        ratios.append((time.process_time() - printed) / (printed - started))
    assert str(tree) == text
    assert len(paths(tree)) < 12
    assert min(ratios) < 5

"""The catalog against torch itself."""

from __future__ import annotations

import inspect
import math
from collections import defaultdict
from collections.abc import Callable

import pytest
import torch
from torch import nn

from archmagic import describe
from archmagic.catalog.formula import evaluate
from archmagic.catalog.lookup import entry_of, output_shape, tensors_of
from archmagic.read.arguments import parse_arguments
from archmagic.tree import Tensor

from .builds import BUILDS, Build

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")

CLASSES = sorted(n for n, c in vars(nn).items() if inspect.isclass(c) and issubclass(c, nn.Module))

UNTOLD = {"MultiheadAttention", "ParameterList", "ParameterDict", "RNNBase", "RNNCellBase"}
"""Whose print does not tell what they own."""

BY_CLASS: dict[str, list[Build]] = defaultdict(list)
for build in BUILDS:
    BY_CLASS[build[0]].append(build)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_of_torch_nn_has_an_entry_of_its_own(name: str) -> None:
    cls = getattr(nn, name)
    live = entry_of(name, f"{cls.__module__}.{cls.__qualname__}", [f"{b.__module__}.{b.__qualname__}" for b in cls.__mro__[1:]])
    assert entry_of(name) == live
    assert live.how == "class" and live.specific


def test_every_class_of_torch_nn_is_built() -> None:
    assert set(CLASSES) - set(BY_CLASS) == {"Container", "Module"}


PLACEMENT = {"self", "args", "kwargs", "device", "dtype"}
"""Arguments that every class has in the same sense, or that have no name."""


@pytest.mark.parametrize("name", CLASSES)
def test_describe_explains_every_setting_and_says_what_people_get_wrong(name: str) -> None:
    known = describe(name)
    arguments = {a for a in inspect.signature(getattr(nn, name).__init__).parameters if not a.startswith("_")} - PLACEMENT
    assert arguments <= set(known.settings), arguments - set(known.settings)
    assert known.what and known.why and known.pitfalls and known.docs


def _settings(module: nn.Module) -> dict[str, object]:
    return dict(parse_arguments(type(module).__name__, module.extra_repr()))


def _shape(tensor: torch.Tensor) -> tuple[int, ...] | None:
    return None if isinstance(tensor, nn.parameter.UninitializedTensorMixin) else tuple(tensor.shape)


def _own(module: nn.Module) -> list[tuple[str, str, tuple[int, ...] | None]]:
    parameters = [("parameter", n, _shape(p)) for n, p in module.named_parameters(recurse=False)]
    return parameters + [("buffer", n, _shape(b)) for n, b in module.named_buffers(recurse=False)]


def _told(tensors: tuple[Tensor, ...]) -> list[tuple[str, str, tuple[int, ...] | None]]:
    return [(t.kind, t.name, t.shape) for t in tensors]


@pytest.mark.parametrize("name", sorted(BY_CLASS))
def test_tensors_from_the_print_are_the_modules_own(name: str) -> None:
    for _, make, _ in BY_CLASS[name]:
        module = make()
        told = tensors_of(name, _settings(module))
        if name in UNTOLD:
            assert told is None
        else:
            assert told is not None and _told(told) == _own(module), module


@pytest.mark.parametrize("name", sorted(BY_CLASS))
def test_the_parameter_formula_gives_the_modules_own_count(name: str) -> None:
    entry = entry_of(name).entry
    for _, make, _ in BY_CLASS[name]:
        module = make()
        count = sum(p.numel() for p in module.parameters(recurse=False) if not nn.parameter.is_lazy(p))
        if name.startswith("Lazy") or name in UNTOLD:
            continue
        told = evaluate(entry.parameters or "0", {**entry.defaults, **_settings(module)})  # type: ignore[dict-item]
        assert told == count, module


def _run(module: nn.Module, shape: tuple[int, ...]) -> torch.Size | None:
    """The shape of the output, of several the first."""
    try:
        output = module(torch.rand(shape))
    except RuntimeError:
        return None  # these settings and this input do not go together
    first: torch.Tensor = output[0] if isinstance(output, tuple) else output
    return first.shape


@pytest.mark.parametrize("name", sorted(n for n, builds in BY_CLASS.items() if any(b[2] for b in builds)))
def test_a_forward_pass_gives_the_shape_that_the_entry_states(name: str) -> None:
    """Pooling whose sizes may be rounded up is the one case in which the catalog may say that it cannot tell."""
    entry = entry_of(name).entry
    ran = 0
    for _, make, shape in BY_CLASS[name]:
        if shape is not None and (actual := _run(make(), shape)) is not None:
            told = output_shape(entry, _settings(make()), shape)  # type: ignore[arg-type]
            ran += told is not None
            assert told in (tuple(actual), None), make()
            assert told or "Pool" in name, make()
    assert ran


def test_multihead_attention_is_right_once_its_settings_are_known() -> None:
    entry = entry_of("MultiheadAttention").entry
    for _, make, _ in BY_CLASS["MultiheadAttention"]:
        module = make()
        attributes = {name: vars(module)[name] for name in ("embed_dim", "kdim", "vdim")}
        attributes |= {"bias": module.in_proj_bias is not None, "add_bias_kv": module.bias_k is not None}
        told, own = _told(tensors_of("MultiheadAttention", attributes) or ()), _own(module)
        assert sorted(told) == sorted(own)
        assert evaluate(entry.parameters, attributes) == sum(math.prod(shape or ()) for _, _, shape in own)


def test_lazy_modules_get_known_tensors_after_the_first_batch() -> None:
    layer = nn.LazyLinear(3)
    layer(torch.rand(2, 5))
    assert _told(tensors_of("Linear", _settings(layer)) or ()) == _own(layer)


def _several(name: str, module: nn.Module) -> tuple[torch.Tensor, ...]:
    """Inputs for the classes that take whole numbers, or more than one tensor."""
    if name in ("Embedding", "EmbeddingBag"):
        return (torch.randint(0, 10, (3, 4)),)
    if name == "Bilinear":
        return torch.rand(2, 6, 5), torch.rand(2, 6, 3)
    if name == "MultiheadAttention":
        assert isinstance(module, nn.MultiheadAttention)
        return torch.rand(4, 2, 8), torch.rand(5, 2, module.kdim), torch.rand(5, 2, module.vdim)
    pooled, indices = getattr(nn, name.replace("Unpool", "Pool"))(3, stride=module.stride, return_indices=True)(
        torch.rand(2, 4, *(9,) * int(name[-2]))
    )
    return pooled, indices


@pytest.mark.parametrize(
    "name", ["Embedding", "EmbeddingBag", "Bilinear", "MultiheadAttention", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]
)
def test_a_forward_pass_on_other_inputs_gives_the_shape_that_the_entry_states(name: str) -> None:
    for _, make, _ in BY_CLASS[name]:
        module = make()
        inputs = _several(name, module)
        output = module(*inputs)
        first = output[0] if isinstance(output, tuple) else output
        settings = {**_settings(module), **({"embed_dim": 8} if name == "MultiheadAttention" else {})}
        assert output_shape(entry_of(name).entry, settings, tuple(inputs[0].shape)) == tuple(first.shape), module  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["TransformerEncoderLayer", "TransformerDecoderLayer"])
def test_the_parts_of_a_block_have_the_parameters_that_its_entry_counts(name: str) -> None:
    text = entry_of(name).entry.parameters_text.partition("have ")[2]
    formula = text.replace("²", " * d_model").replace("×", "*")
    for width, inner in ((8, 16), (12, 7)):
        block = getattr(nn, name)(width, 2, inner)
        assert evaluate(formula, {"d_model": width, "dim_feedforward": inner}) == sum(p.numel() for p in block.parameters())


QUANTIZED = [
    ("DynamicQuantizedLinear", torch.ao.nn.quantized.dynamic.Linear(5, 3)),
    ("QuantizedLinear", torch.ao.nn.quantized.Linear(5, 3)),
    ("QuantizedConv2d", torch.ao.nn.quantized.Conv2d(4, 8, 3)),
    ("QuantizedEmbedding", torch.ao.nn.quantized.Embedding(10, 16)),
    ("DynamicQuantizedLSTM", torch.ao.nn.quantized.dynamic.LSTM(5, 7)),
]


@pytest.mark.parametrize(("name", "module"), QUANTIZED)
def test_the_quantised_forms_are_known_as_they_print(name: str, module: nn.Module) -> None:
    line = repr(module).split("(")[0]
    match = entry_of(line, f"{type(module).__module__}.{type(module).__qualname__}")
    assert line == name and match.specific and match.entry.origin == "torch"


@pytest.mark.parametrize(
    "wrap", [nn.utils.parametrizations.weight_norm, nn.utils.parametrizations.spectral_norm, nn.utils.parametrizations.orthogonal]
)
def test_every_module_of_a_parametrised_layer_is_known(wrap: Callable[[nn.Module], nn.Module]) -> None:
    layer = wrap(nn.Linear(4, 4))
    for module in layer.modules():
        cls = type(module)
        bases = [f"{b.__module__}.{b.__qualname__}" for b in cls.__mro__[1:]]
        assert entry_of(cls.__name__, f"{cls.__module__}.{cls.__qualname__}", bases).specific, module

"""The catalog against the libraries whose parts it describes."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
from torch import nn

from archmagic.catalog.lookup import entry_of, tensors_of
from archmagic.read.printed import read_print

transformers = pytest.importorskip("transformers")

from transformers import activations  # noqa: E402
from transformers.models.falcon.modeling_falcon import FalconLinear  # noqa: E402
from transformers.models.gemma3.modeling_gemma3 import Gemma3TextScaledWordEmbedding  # noqa: E402
from transformers.models.llama.modeling_llama import LlamaRMSNorm  # noqa: E402
from transformers.models.mamba2.modeling_mamba2 import MambaRMSNormGated  # noqa: E402
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding  # noqa: E402
from transformers.models.opt.modeling_opt import OPTLearnedPositionalEmbedding  # noqa: E402
from transformers.models.sam.modeling_sam import SamLayerNorm  # noqa: E402
from transformers.models.t5.modeling_t5 import T5LayerNorm  # noqa: E402
from transformers.pytorch_utils import Conv1D  # noqa: E402

ACTIVATIONS = [name for name, cls in vars(activations).items() if inspect.isclass(cls) and issubclass(cls, nn.Module)]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_of_transformers_has_an_entry(name: str) -> None:
    cls = getattr(activations, name)
    match = entry_of(name, f"{cls.__module__}.{name}")
    assert match.how == "class" and match.specific and match.entry.kind == "activation"


@pytest.mark.parametrize("name", sorted(activations.ACT2CLS))
def test_every_activation_owns_what_the_catalog_says(name: str) -> None:
    module = activations.ACT2FN[name]
    told = tensors_of(type(module).__name__, {"num_parameters": 1})
    assert told is not None
    assert {t.name: t.shape for t in told} == {n: tuple(t.shape) for n, t in module.state_dict().items()}


MADE: list[Callable[[], nn.Module]] = [
    lambda: Conv1D(48, 16),
    lambda: LlamaRMSNorm(16),
    lambda: FalconLinear(4, 6),
    lambda: Gemma3TextScaledWordEmbedding(10, 4, 0, 2.0),
    lambda: MarianSinusoidalPositionalEmbedding(10, 4),
    lambda: OPTLearnedPositionalEmbedding(10, 4),
    lambda: SamLayerNorm(8, data_format="channels_first"),
    lambda: MambaRMSNormGated(8, group_size=8),
    lambda: T5LayerNorm(8),
]


@pytest.mark.parametrize("make", MADE)
def test_parameters_told_from_a_librarys_print_are_the_modules_own(make: Callable[[], nn.Module]) -> None:
    module = make()
    node = read_print(repr(module)).root
    assert entry_of(node.type).specific
    told = tensors_of(node.type, node.settings)
    own = {n: tuple(p.shape) for n, p in module.named_parameters(recurse=False)}
    assert told is None or {t.name: t.shape for t in told if t.kind == "parameter"} == own
    assert (told is None) == (node.args == "")


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Linear4bit(in_features=4, out_features=4, bias=False)", "Linear layer in 4 bits (bitsandbytes)"),
        ("WQLinear_GEMM(in_features=4, out_features=4, bias=False, w_bit=4, group_size=128)", "Linear layer in 4 bits (AWQ)"),
        ("TritonV2QuantLinear()", "Linear layer, quantised (GPTQ)"),
        (
            "DynamicQuantizedLinear(in_features=3, out_features=4, dtype=torch.qint8, qscheme=torch.per_tensor_affine)",
            "Linear layer, quantised",
        ),
        ("lora.Linear()", "Layer with a LoRA adapter"),
        ("RecursiveScriptModule(original_name=Linear)", "Script module"),
        ("DistributedDataParallel()", "DistributedDataParallel wrapper"),
        ("SwinDropPath(p=0.1)", "Drop path (stochastic depth)"),
        ("Dinov2LayerScale()", "Layer scale"),
        ("AdaLayerNormZero()", "Adaptive normalisation"),
        ("TimestepEmbedding()", "Timestep embedding"),
        ("MixtralTopKRouter()", "Router of a mixture of experts"),
        ("EfficientNetSqueezeExciteLayer()", "Squeeze and excitation"),
    ],
)
def test_what_libraries_print_is_known(line: str, title: str) -> None:
    match = entry_of(read_print(line).root.type)
    assert match.specific and match.entry.title == title


def test_a_linear_of_torchao_whose_bias_is_not_printed_is_marked_as_assumed() -> None:
    node = read_print("Linear(in_features=4, out_features=2, weight=AffineQuantizedTensor(shape=torch.Size([2, 4])))").root
    tensors = tensors_of(node.type, node.settings)
    assert tensors is not None and tensors[1].notes == ("assumed",)

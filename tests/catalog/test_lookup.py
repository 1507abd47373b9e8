"""Finding entries, and what is made of them for a node."""

from __future__ import annotations

import subprocess
import sys

import pytest

from archmagic.catalog.lookup import entry_of, name_arguments, parameter_arithmetic, setting_texts, tensors_of
from archmagic.tree import Node, Tensor

TORCH_LINEAR = "torch.nn.modules.linear.Linear"


@pytest.mark.parametrize(
    ("type", "qualified", "bases", "name", "how"),
    [
        ("Linear", None, (), "Linear", "class"),
        ("Linear", TORCH_LINEAR, (), "Linear", "class"),
        ("MyProjection", "__main__.MyProjection", (TORCH_LINEAR,), "Linear", "base"),
        ("Linear", "__main__.Linear", (TORCH_LINEAR,), "Linear", "base"),
        ("Linear", "torch_geometric.nn.dense.linear.Linear", (), "LibraryLinear", "pattern"),
        ("ParametrizedLinear", "torch.nn.utils.parametrize.ParametrizedLinear", (TORCH_LINEAR,), "Linear", "class"),
        ("FSDPLinear", "torch.distributed.fsdp.FSDPLinear", (TORCH_LINEAR,), "Linear", "class"),
        ("LlamaRMSNorm", None, (), "LibraryRMSNorm", "pattern"),
        ("Qwen3NextRMSNormGated", None, (), "RMSNormGated", "pattern"),
        ("NewGELUActivation", "transformers.activations.NewGELUActivation", (), "GELUTanh", "class"),
        ("lora.Linear", None, (), "LoRALinear", "class"),
        ("Conv1D", None, (), "Conv1D", "class"),
        ("SomethingLayer", None, (), "GenericBlock", "generic"),
        ("Frobnicator", None, (), "GenericModule", "generic"),
    ],
)
def test_an_entry_is_found_by_class_then_base_then_pattern_then_generic(
    type: str, qualified: str | None, bases: tuple[str, ...], name: str, how: str
) -> None:
    match = entry_of(type, qualified, bases)
    assert (match.entry.name, match.how) == (name, how)
    assert match.specific == (how != "generic")


def test_a_name_that_needs_more_than_itself_is_specific_only_with_what_is_below() -> None:
    match = entry_of("LlamaAttention")
    assert match.entry.name == "Attention" and not match.specific
    assert not match.confirm({"activation"}).specific
    assert match.confirm({"linear", "activation"}).specific
    assert not entry_of("Frobnicator").confirm({"linear"}).specific
    assert entry_of("LlamaRMSNorm").confirm(()).specific


def test_a_users_class_named_like_torchs_is_not_taken_for_it() -> None:
    assert entry_of("GELU", "__main__.GELU").entry.name != "GELU"
    assert not entry_of("Bilinear_", "__main__.Bilinear_").specific


def test_positional_arguments_get_their_names_and_unknown_ones_their_place() -> None:
    assert name_arguments("Embedding", (50257, 768)) == {"num_embeddings": 50257, "embedding_dim": 768}
    assert name_arguments("Frobnicator", (1, 2)) == {"0": 1, "1": 2}
    assert name_arguments("Embedding", tuple(range(9)))["8"] == 8


@pytest.mark.parametrize("type", ["Frobnicator", "Conv1D", "LlamaAttention", "MultiheadAttention", "T5LayerNorm", "ParametrizedConv1d"])
def test_what_the_print_does_not_tell_is_unknown(type: str) -> None:
    assert tensors_of(type, {}) is None


@pytest.mark.parametrize("type", ["ModuleList", "GELU", "Dropout", "LlamaRotaryEmbedding", "ReLU", "CrossEntropyLoss"])
def test_classes_known_to_own_nothing_own_nothing(type: str) -> None:
    assert tensors_of(type, {}) == ()


def test_absurd_arguments_give_no_tensors() -> None:
    assert tensors_of("Linear", {"in_features": -1, "out_features": 3, "bias": True}) is None
    assert tensors_of("Linear", {"in_features": True, "out_features": 3, "bias": True}) is None
    assert tensors_of("Linear", {"in_features": "x", "out_features": 3, "bias": True}) is None
    assert tensors_of("LSTM", {"input_size": 3, "hidden_size": 3, "num_layers": 10**9}) is None
    assert tensors_of("Conv2d", {"in_channels": 3, "out_channels": 3, "kernel_size": (3, 3), "groups": 0}) is None


def test_what_older_prints_leave_out_is_marked_as_assumed() -> None:
    weight, bias = tensors_of("LayerNorm", {"normalized_shape": (768,), "elementwise_affine": True}) or ()
    assert weight.notes == () and bias.notes == ("assumed",)
    (_, told) = tensors_of("LayerNorm", {"normalized_shape": (768,), "bias": True}) or ()
    assert told.notes == ()


def test_lazy_layers_have_tensors_of_unknown_shape() -> None:
    tensors = tensors_of("LazyLinear", {"in_features": 0, "out_features": 3, "bias": True})
    assert tensors == (Tensor("weight", None, notes=("lazy",)), Tensor("bias", None, notes=("lazy",)))


def test_packed_weights_are_counted_unpacked() -> None:
    (weight,) = tensors_of("Linear4bit", {"in_features": 768, "out_features": 2304, "bias": False}) or ()
    assert (weight.numel, weight.nbytes, weight.notes) == (768 * 2304, 768 * 2304 // 2, ("packed",))


def _node(type: str, *tensors: Tensor) -> Node:
    return Node(type, tensors=tensors)


def test_parameter_arithmetic_can_be_checked_by_hand() -> None:
    assert (
        parameter_arithmetic(_node("Conv1D", Tensor("weight", (768, 2304)), Tensor("bias", (2304,)))) == "768 × 2,304 + 2,304 = 1,771,776"
    )
    assert parameter_arithmetic(_node("LayerNorm", Tensor("weight", (768,)), Tensor("bias", (768,)))) == "2 × 768 = 1,536"
    assert parameter_arithmetic(_node("RMSNorm", Tensor("weight", (4096,)))) == "4,096"
    assert parameter_arithmetic(_node("X", Tensor("scale", ()))) == "1"


def test_no_arithmetic_without_parameters_or_sizes() -> None:
    assert parameter_arithmetic(_node("GELU")) is None
    assert parameter_arithmetic(Node("Conv1D", tensors=None)) is None
    assert parameter_arithmetic(_node("LazyLinear", Tensor("weight", None))) is None
    assert parameter_arithmetic(_node("X", Tensor("mean", (3,), kind="buffer"))) is None


def test_many_tensors_are_summed_up() -> None:
    tensors = [Tensor(f"w{i}", (i + 1, 2)) for i in range(20)]
    assert parameter_arithmetic(_node("X", *tensors)) == "20 tensors with 420 numbers in all"


def test_settings_are_explained_with_the_nodes_values() -> None:
    entry = entry_of("Conv2d").entry
    texts = dict(setting_texts(entry, {"in_channels": 1024, "kernel_size": (3, 3), "bias": False, "unheard_of": 1}))
    assert texts == {
        "in_channels": "The input has 1,024 channels.",
        "kernel_size": "Each filter sees a window of 3 × 3.",
        "bias": "Whether a learned number is added to each output channel: no.",
    }


def test_one_of_a_thing_is_told_in_the_singular() -> None:
    told = dict(setting_texts(entry_of("Conv2d").entry, {"in_channels": 1, "groups": 1}))
    assert told["in_channels"] == "The input has 1 channel."
    assert dict(setting_texts(entry_of("Linear").entry, {"in_features": 11}))["in_features"] == "Each input vector has 11 numbers."
    assert "There is 1 channel." in dict(setting_texts(entry_of("GroupNorm").entry, {"num_channels": 1})).values()


def test_braces_in_a_value_are_only_text() -> None:
    entry = entry_of("Conv2d").entry
    assert dict(setting_texts(entry, {"padding_mode": "{0.__class__}"})) == {
        "padding_mode": "What the input is extended with: {0.__class__}."
    }


def test_importing_archmagic_does_not_load_the_catalog_and_using_it_parses_no_toml() -> None:
    code = (
        "import sys, archmagic; assert 'archmagic.catalog.load' not in sys.modules; import archmagic.catalog.lookup as c;"
        "c.entry_of('Linear'); c.entry_of('Frobnicator'); assert 'tomllib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

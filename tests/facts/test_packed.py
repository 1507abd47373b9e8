"""Sizes of wrapped and quantised models: packed weights, lazy layers, adapters."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archmagic.facts import Facts, find_facts
from archmagic.read import read


def facts(x: object) -> Facts:
    return find_facts(read(x)).facts


def values(found: Facts, *keys: str) -> list[object]:
    return [fact and fact.value for fact in map(found.get, keys)]


class QuantLinear(nn.Module):
    """GPTQ's form: eight 4-bit weights in each 32-bit integer, along the inputs."""

    def __init__(self, n_in: int = 256, n_out: int = 512, bits: int = 4, group: int = 128) -> None:
        super().__init__()
        self.bits, self.group_size = bits, group
        self.register_buffer("qweight", torch.zeros(n_in // 32 * bits, n_out, dtype=torch.int32))
        self.register_buffer("qzeros", torch.zeros(n_in // group, n_out // 32 * bits, dtype=torch.int32))
        self.register_buffer("scales", torch.zeros(n_in // group, n_out, dtype=torch.float16))
        self.register_buffer("g_idx", torch.zeros(n_in, dtype=torch.int32))


class WQLinear_GEMM(nn.Module):
    """AWQ's form: packed along the outputs, and all told in the print."""

    def __init__(self, n_in: int = 256, n_out: int = 512, group: int = 128) -> None:
        super().__init__()
        self.in_features, self.out_features, self.w_bit, self.group_size = n_in, n_out, 4, group
        self.register_buffer("qweight", torch.zeros(n_in, n_out // 8, dtype=torch.int32))
        self.register_buffer("qzeros", torch.zeros(n_in // group, n_out // 8, dtype=torch.int32))
        self.register_buffer("scales", torch.zeros(n_in // group, n_out, dtype=torch.float16))

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias=False, w_bit=4, group_size={self.group_size}"


PACKED = ("num_parameters", "num_quantized_parameters", "bits_per_weight", "num_trainable_parameters")


@pytest.mark.parametrize("layer", [QuantLinear, WQLinear_GEMM])
def test_weights_packed_in_buffers_count_at_their_own_size(layer: type[nn.Module]) -> None:
    model = nn.Sequential(layer(), nn.Linear(512, 10))
    held = sum(b.numel() * b.element_size() for b in model[0].buffers())
    found = facts(model)
    assert values(found, *PACKED) == [256 * 512 + 5130, 256 * 512, 4, 5130]
    assert values(found, "quantized_bytes", "parameter_bytes") == [held, held + 4 * 5130]


def test_a_print_counts_packed_weights_where_the_class_settles_them_and_says_where_not() -> None:
    awq, gptq = (facts(repr(nn.Sequential(layer(), nn.Linear(512, 10)))) for layer in (WQLinear_GEMM, QuantLinear))
    assert values(awq, *PACKED[:3], "quantized_bytes") == [256 * 512 + 5130, 256 * 512, 4, 256 * 512 // 2]
    assert values(gptq, *PACKED[:3]) == [5130, None, None]
    fact = gptq.get("num_parameters")
    assert fact is not None and "QuantLinear" in fact.text and "come on top" in fact.text


def test_weights_that_torch_packs_out_of_sight_are_counted_and_their_bias_said_to_be_missing() -> None:
    model = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8)), {nn.Linear})
    live, printed = facts(model), facts(repr(model))
    for found, words in ((live, "besides biases packed with them"), (printed, "DynamicQuantizedLinear may hold directly")):
        fact = found.get("num_parameters")
        assert fact is not None and fact.value == 64 * 32 + 32 * 8 and words in fact.text
        assert values(found, "bits_per_weight") == [8]


@pytest.mark.parametrize("layer", [nn.LSTM(6, 5, 2, bidirectional=True), nn.GRU(6, 5)])
def test_recurrent_layers_that_torch_quantises_count_as_before(layer: nn.Module) -> None:
    dense = sum(p.numel() for p in layer.parameters())
    model = torch.ao.quantization.quantize_dynamic(nn.Sequential(layer), {type(layer)})
    for found in (facts(model), facts(repr(model))):
        assert values(found, "num_parameters") == [dense]


def test_lazy_layers_have_no_size_in_a_print() -> None:
    model = nn.Sequential(nn.LazyLinear(64), nn.ReLU(), nn.Linear(64, 10))
    fact = facts(repr(model)).get("num_parameters")
    assert fact is not None and fact.value == 650 and "LazyLinear may hold directly" in fact.text
    assert facts(repr(nn.Sequential(nn.LazyLinear(4)))).get("num_parameters") is None


class BareLora(nn.Module):
    def __init__(self, n_in: int, n_out: int, rank: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_out, n_in), requires_grad=False)
        self.lora_A, self.lora_B = nn.Parameter(torch.zeros(rank, n_in)), nn.Parameter(torch.zeros(n_out, rank))


class LoraBeside(nn.Module):
    def __init__(self, n_in: int, n_out: int, rank: int) -> None:
        super().__init__()
        self.linear, self.lora = nn.Linear(n_in, n_out), nn.Module()
        self.lora.A, self.lora.B = nn.Parameter(torch.zeros(n_in, rank)), nn.Parameter(torch.zeros(rank, n_out))


@pytest.mark.parametrize("layer", [BareLora, LoraBeside])
def test_low_rank_matrices_written_by_hand_show_their_rank_by_their_shapes(layer: type[nn.Module]) -> None:
    found = facts(nn.ModuleDict({"fc1": layer(64, 32, 4), "act": nn.ReLU(), "fc2": layer(32, 16, 4)}))
    assert values(found, "lora_rank", "lora_targets") == [4, ("fc1", "fc2")]


def test_adapters_of_other_kinds_are_named_by_their_parts() -> None:
    scaled = nn.ModuleDict({"base_layer": nn.Linear(8, 8), "ia3_l": nn.ParameterDict({"default": torch.zeros(8, 1)})})
    prompted = nn.ModuleDict({"base_model": nn.Linear(8, 8), "prompt_encoder": nn.ModuleDict({"default": PromptEmbedding(10, 8)})})
    assert values(facts(nn.ModuleDict({"fc": scaled})), "adapter", "lora_rank") == ["IA³", None]
    assert values(facts(prompted), "adapter", "num_virtual_tokens") == ["prompt tuning", 10]


class PromptEmbedding(nn.Module):
    def __init__(self, count: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(count, width)

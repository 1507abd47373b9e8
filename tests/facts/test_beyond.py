"""Models outside the usual: parts listed in turn, heads in a list, graphs, mixing without attention, ALiBi, sinks, what a cache keeps."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archmagic.facts import Facts, find_facts
from archmagic.read import read

from . import models


def facts(x: object) -> Facts:
    return find_facts(read(x)).facts


def values(found: Facts, *keys: str) -> list[object]:
    return [fact and fact.value for fact in map(found.get, keys)]


class Head(nn.Module):
    def __init__(self, width: int, head: int) -> None:
        super().__init__()
        self.key, self.query, self.value = (nn.Linear(width, head, bias=False) for _ in range(3))
        self.register_buffer("tril", torch.ones(32, 32).tril())


class Heads(nn.Module):
    def __init__(self, width: int, count: int) -> None:
        super().__init__()
        self.heads = nn.ModuleList([Head(width, width // count) for _ in range(count)])
        self.proj = nn.Linear(width, width)


class Lecture(nn.Module):
    """A GPT as lectures write it: one module for each head, a buffer that masks, tables called embedding_table."""

    def __init__(self, width: int = 48, heads: int = 6) -> None:
        super().__init__()
        self.token_embedding_table, self.position_embedding_table = nn.Embedding(65, width), nn.Embedding(32, width)
        blocks = [nn.ModuleDict({"sa": Heads(width, heads), "ffwd": self._feed(width), **self._norms(width)}) for _ in range(4)]
        self.blocks, self.ln_f, self.lm_head = nn.Sequential(*blocks), nn.LayerNorm(width), nn.Linear(width, 65)

    def _feed(self, width: int) -> nn.Module:
        return nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))

    def _norms(self, width: int) -> dict[str, nn.Module]:
        return {"ln1": nn.LayerNorm(width), "ln2": nn.LayerNorm(width)}


def test_heads_in_a_list_are_counted_and_a_triangular_buffer_makes_it_causal() -> None:
    live, printed = facts(Lecture()), facts(repr(Lecture()))
    for found in (live, printed):
        assert values(found, "num_hidden_layers", "num_attention_heads", "head_dim") == [4, 6, 8]
        assert values(found, "vocab_size", "position_encoding", "max_position_embeddings") == [65, "learned", 32]
    assert values(live, "is_causal", "architecture") == [True, "decoder-only Transformer language model"]
    assert values(printed, "is_causal") == [None]


class Turns(nn.Module):
    """Attention and feed-forward as entries of one list, the first product one module deeper than the second."""

    def __init__(self, width: int = 64, depth: int = 3) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        for _ in range(depth):
            feed = nn.Sequential(nn.Sequential(nn.Linear(width, 4 * width), nn.GELU()), nn.Dropout(0.1), nn.Linear(4 * width, width))
            self.layers.append(nn.ModuleList([nn.LayerNorm(width), models.XAttention(width, 4, 16)]))
            self.layers.append(nn.ModuleList([nn.LayerNorm(width), nn.ModuleDict({"ff": feed})]))


@pytest.mark.parametrize("given", [lambda model: model, repr])
def test_entries_that_take_turns_make_one_layer(given) -> None:  # type: ignore[no-untyped-def]
    found = facts(given(Turns()))
    assert values(found, "num_hidden_layers", "intermediate_size", "hidden_act") == [3, 256, "gelu"]


class GCNConv(nn.Module):
    """As torch_geometric prints it."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.in_channels, self.out_channels, self.lin = n_in, n_out, nn.Linear(n_in, n_out, bias=False)

    def __repr__(self) -> str:
        return f"GCNConv({self.in_channels}, {self.out_channels})"


@pytest.mark.parametrize("given", [lambda model: model, repr])
def test_graph_layers_make_a_graph_network(given) -> None:  # type: ignore[no-untyped-def]
    found = facts(given(nn.ModuleDict({"conv1": GCNConv(1433, 16), "conv2": GCNConv(16, 7)})))
    assert values(found, "architecture", "num_graph_layers", "num_node_features") == ["graph neural network", 2, 1433]


class FourierTransform(nn.Module):
    pass


def test_what_mixes_positions_without_attention_is_named() -> None:
    block = nn.ModuleDict({"mix": FourierTransform(), "norm1": nn.LayerNorm(64), "ff": models.NeoxMlp(64), "norm2": nn.LayerNorm(64)})
    found = facts(nn.ModuleDict({"embed": nn.Embedding(500, 64), "layers": nn.ModuleList([block, block])}))
    assert values(found, "mixer", "num_hidden_layers") == ["Fourier transforms", 2]
    mixer = facts(repr(models.MlpMixer()))
    assert values(mixer, "mixer", "num_hidden_layers", "hidden_size", "intermediate_size") == ["products over the positions", 4, 64, 256]


def test_a_table_of_classes_is_no_vocabulary() -> None:
    model = nn.ModuleDict({"denoising_class_embed": nn.Embedding(80, 64), "encoder": Turns()})
    model["score_head"] = nn.Linear(64, 80)
    model["to_logits"] = nn.Linear(64, 1000)
    assert values(facts(model), "vocab_size") == [None]


class Sinking(models.XAttention):
    def __init__(self) -> None:
        super().__init__(64, 4, 16)
        self.sinks = nn.Parameter(torch.zeros(4))


def test_sinks_and_fixed_tables_are_seen_in_a_live_model() -> None:
    blocks = [nn.ModuleDict({"norm": nn.LayerNorm(64), "attn": Sinking(), "mlp": models.NeoxMlp(64)}) for _ in range(2)]
    model = nn.ModuleDict({"embed": nn.Embedding(500, 64), "position": nn.Module(), "layers": nn.ModuleList(blocks)})
    model["position"].register_buffer("pe", torch.zeros(1, 128, 64))
    assert values(facts(model), "attention_sinks", "position_encoding") == [True, "sinusoidal"]


def test_a_cache_keeps_keys_and_values_of_every_layer() -> None:
    found = facts(models.NanoGpt())
    assert values(found, "kv_cache_bytes_per_token") == [2 * 2 * 96 * 5]
    causal = found.get("kv_cache_bytes_per_token")
    assert causal is not None and causal.basis == "named"

"""Facts by structure, on small models written here: names and shapes decide, not the model's name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from archmagic import Explanation, explain


class Attention(nn.Module):
    def __init__(self, width: int, kv: int, head_dim: int | None = None, norm: int | None = None) -> None:
        super().__init__()
        self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, kv)
        self.v_proj, self.o_proj = nn.Linear(width, kv), nn.Linear(width, width)
        if head_dim:
            self.head_dim = head_dim
        if norm:
            self.q_norm, self.k_norm = nn.LayerNorm(norm), nn.LayerNorm(norm)


class Mlp(nn.Module):
    def __init__(self, width: int, inner: int, gated: bool) -> None:
        super().__init__()
        self.up_proj, self.down_proj = nn.Linear(width, inner), nn.Linear(inner, width)
        if gated:
            self.gate_proj = nn.Linear(width, inner)
        self.act = nn.SiLU()


class Block(nn.Module):
    def __init__(self, attention: nn.Module, mlp: nn.Module, width: int) -> None:
        super().__init__()
        self.norm1, self.attn, self.norm2, self.mlp = nn.LayerNorm(width), attention, nn.LayerNorm(width), mlp


class Model(nn.Module):
    def __init__(self, blocks: list[nn.Module], width: int, tie: bool = False) -> None:
        super().__init__()
        self.wte = nn.Embedding(1000, width)
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, 1000, bias=False)
        if tie:
            self.lm_head.weight = self.wte.weight


def small(kv: int = 64, gated: bool = True, tie: bool = False, **attention: int) -> Model:
    with torch.device("meta"):
        return Model([Block(Attention(64, kv, **attention), Mlp(64, 160, gated), 64) for _ in range(3)], 64, tie)


def value(explanation: Explanation, key: str) -> object:
    fact = explanation.facts.get(key)
    return fact and fact.value


def test_depth_and_widths_are_read_off_the_shapes() -> None:
    e = explain(small())
    assert [value(e, k) for k in ("num_hidden_layers", "hidden_size", "vocab_size", "intermediate_size")] == [3, 64, 1000, 160]


def test_heads_follow_from_an_attribute() -> None:
    e = explain(small(kv=32, head_dim=16))
    assert [value(e, k) for k in ("num_attention_heads", "num_key_value_heads", "head_dim")] == [4, 2, 16]
    assert e.facts.get("num_attention_heads").basis == "derived"


def test_heads_follow_from_a_norm_over_one_head_even_in_a_print() -> None:
    e = explain(repr(small(kv=32, norm=8)))
    assert [value(e, k) for k in ("num_attention_heads", "num_key_value_heads", "head_dim")] == [8, 4, 8]


def test_heads_are_not_guessed_where_nothing_settles_them() -> None:
    e = explain(repr(small()))
    assert value(e, "num_attention_heads") is None
    assert "The number of attention heads" in " ".join(str(e).split())


def test_grouped_queries_are_told_by_the_narrower_keys() -> None:
    assert value(explain(repr(small(kv=16, norm=8))), "attention") == "grouped-query"
    assert value(explain(repr(small(kv=16))), "attention") == "grouped-query or multi-query"  # 16 may be the width of a single head
    assert value(explain(repr(small())), "attention") == "multi-head"


def test_a_gate_is_told_by_two_products_of_the_same_shape() -> None:
    assert value(explain(repr(small(gated=True))), "feed_forward") == "gated"
    assert value(explain(repr(small(gated=False))), "feed_forward") == "plain"


def test_tying_is_measured_on_a_live_model_and_not_claimed_of_a_print() -> None:
    tied, free = explain(small(tie=True)), explain(small())
    assert value(tied, "tie_word_embeddings") is True
    assert value(free, "tie_word_embeddings") is False
    assert value(explain(repr(small(tie=True))), "tie_word_embeddings") is None


def test_a_tied_weight_is_counted_once() -> None:
    model = small(tie=True)
    e = explain(model)
    assert value(e, "num_parameters") == sum(p.numel() for p in model.parameters())
    nodes = e.to_dict()["nodes"]
    assert sum(n["num_own_parameters"] * (len(e.paths(n["path"])) if n["path"] else 1) for n in nodes) == value(e, "num_parameters")


def test_frozen_parameters_are_told_apart() -> None:
    model = small()
    for parameter in model.blocks.parameters():
        parameter.requires_grad_(False)
    e = explain(model)
    assert value(e, "num_trainable_parameters") == sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert "frozen" in e.story.parts["blocks.[0-2].attn.q_proj"].badges


def test_a_perceptron_is_told_layer_by_layer() -> None:
    e = explain(nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)))
    assert value(e, "architecture") == "multi-layer perceptron"
    assert "784 → 256" in str(e)
    assert "256 → 10" in str(e)


def test_a_fact_is_never_surer_than_those_it_is_made_from() -> None:
    from archmagic.facts import BASES

    e = explain((Path(__file__).parents[1] / "printed" / "gpt2-seed.txt").read_text())
    for fact in e.facts:
        for key, scope in fact.sources:
            source = e.facts.get(key, scope)
            assert source is not None
            assert BASES.index(fact.basis) >= BASES.index(source.basis)


def test_a_key_in_brackets_is_refused_with_a_word_on_get() -> None:
    with pytest.raises(TypeError, match=r"facts\.get\('num_parameters'\)"):
        explain(nn.Linear(2, 2)).facts["num_parameters"]  # type: ignore[call-overload]


def test_key_and_scope_are_unique() -> None:
    e = explain(small())
    assert len({(f.key, f.scope) for f in e.facts}) == len(e.facts)

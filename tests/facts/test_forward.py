"""What a forward pass makes certain: heads, causality, where norms stand; and that contradictions are told."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archmagic import explain
from archmagic.facts.series import IN, Parallel, series


class Attention(nn.Module):
    def __init__(self, causal: bool = True, heads: int = 4) -> None:
        super().__init__()
        self.causal, self.parts = causal, heads
        self.q_proj, self.k_proj, self.v_proj = nn.Linear(64, 64), nn.Linear(64, 32), nn.Linear(64, 32)
        self.o_proj = nn.Linear(64, 64)

    def forward(self, x: Tensor) -> Tensor:
        b, t, _ = x.shape
        width = 64 // self.parts
        q, k, v = (p(x).view(b, t, -1, width).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        k, v = (y.repeat_interleave(q.shape[1] // y.shape[1], 1) for y in (k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.o_proj(y.transpose(1, 2).reshape(b, t, -1))  # type: ignore[no-any-return]


class Block(nn.Module):
    """A block whose norms' names tell nothing of where they stand."""

    def __init__(self, form: str, causal: bool = True) -> None:
        super().__init__()
        self.form = form
        self.a, self.b, self.c, self.d = (nn.LayerNorm(64) for _ in range(4))
        self.attn = Attention(causal)
        self.mlp = nn.Sequential(nn.Linear(64, 256), nn.GELU(), nn.Linear(256, 64))

    def forward(self, x: Tensor) -> Tensor:
        if self.form == "pre":
            x = x + self.attn(self.a(x))
            return x + self.mlp(self.b(x))  # type: ignore[no-any-return]
        if self.form == "post":
            x = self.a(x + self.attn(x))
            return self.b(x + self.mlp(x))  # type: ignore[no-any-return]
        if self.form == "sandwich":
            x = x + self.b(self.attn(self.a(x)))
            return x + self.d(self.mlp(self.c(x)))  # type: ignore[no-any-return]
        y = self.a(x)
        return x + self.attn(y) + self.mlp(y)  # type: ignore[no-any-return]


class Net(nn.Module):
    def __init__(self, form: str = "pre", causal: bool = True) -> None:
        super().__init__()
        self.embed = nn.Embedding(1000, 64)
        self.layers = nn.ModuleList(Block(form, causal) for _ in range(3))
        self.head = nn.Linear(64, 1000)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        for layer in self.layers:
            x = layer(x)
        return self.head(x)  # type: ignore[no-any-return]


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.key, self.query, self.value = (nn.Linear(64, 16, bias=False) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        scores = self.query(x) @ self.key(x).transpose(-2, -1) / 4
        return torch.softmax(scores, -1) @ self.value(x)  # type: ignore[no-any-return]


class Heads(nn.Module):
    """Attention as tutorials write it: a list of heads, and a product that takes what they all make."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList([Head() for _ in range(4)])
        self.proj, self.dropout = nn.Linear(64, 64), nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.proj(torch.cat([head(x) for head in self.heads], -1)))  # type: ignore[no-any-return]


class Looped(nn.Module):
    """A block whose text does not tell where its norms stand."""

    def __init__(self) -> None:
        super().__init__()
        self.sa, self.ffwd = Heads(), nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 64))
        self.a, self.b = nn.LayerNorm(64), nn.LayerNorm(64)

    def forward(self, x: Tensor) -> Tensor:
        for norm, part in ((self.a, self.sa), (self.b, self.ffwd)):
            x = x + part(norm(x))
        return x


def test_a_list_of_heads_with_its_output_product_is_one_attention() -> None:
    model = Net()
    model.layers = nn.ModuleList([Looped(), Looped()])
    assert explain(model).facts.get("norm_placement") is None
    explained = explain(model, inputs=torch.zeros(1, 8, dtype=torch.long))
    fact = explained.facts.get("norm_placement")
    assert fact and (fact.value, fact.basis) == ("pre", "measured")
    roles = {path: part.role for path, part in explained.story.parts.items()}
    assert "in 4 heads of 16" in roles["layers.[0-1].sa"]
    assert "One head" in roles["layers.[0-1].sa.heads.[0-3]"]


@pytest.mark.parametrize("form", ["pre", "post", "sandwich", "parallel"])
def test_where_norms_stand_is_measured_whatever_they_are_called(form: str) -> None:
    model = Net(form)
    fact = explain(model, inputs=torch.zeros(1, 8, dtype=torch.long)).facts.get("norm_placement")
    assert fact and (fact.value, fact.basis) == (form, "measured")


def test_heads_are_measured_where_attention_is_computed() -> None:
    facts = explain(Net(), inputs=torch.zeros(1, 8, dtype=torch.long)).facts
    assert explain(Net()).facts.get("num_attention_heads") is None
    found = {key: facts.get(key) for key in ("num_attention_heads", "num_key_value_heads", "head_dim")}
    assert {key: fact and fact.value for key, fact in found.items()} == {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16}
    assert found["num_attention_heads"] and found["num_attention_heads"].basis == "measured"


@pytest.mark.parametrize("causal", [True, False])
def test_causality_is_measured(causal: bool) -> None:
    fact = explain(Net(causal=causal), inputs=torch.zeros(1, 8, dtype=torch.long)).facts.get("is_causal")
    assert fact and (fact.value, fact.basis) == (causal, "measured")


def test_what_an_attribute_tells_otherwise_than_the_pass_is_a_contradiction() -> None:
    model = Net()
    for layer in model.layers:
        layer.attn.num_heads = 8  # type: ignore[union-attr, assignment]
        layer.attn.head_dim = 8  # type: ignore[union-attr, assignment]
    facts = explain(model, inputs=torch.zeros(1, 8, dtype=torch.long)).facts
    told = [fact for fact in facts if fact.key == "contradiction:num_attention_heads"]
    assert told and told[0].value == 8 and told[0].basis == "measured"
    heads = facts.get("num_attention_heads")
    assert heads and heads.value == 4


def test_without_inputs_nothing_is_measured_by_a_pass() -> None:
    facts = explain(Net()).facts
    assert not any(fact.key in ("is_causal", "num_attention_heads") for fact in facts)


def test_a_residual_block_written_anywhere_is_drawn_from_a_pass() -> None:
    explanation = explain(nn.Sequential(Residual(), Residual()), inputs=(1, 8, 16, 16))
    (picture,) = explanation.story.pictures
    chart = explanation.diagram(form="mermaid") or ""
    assert picture.basis == "measured" and 'g2["Residual 2 ×"]' in chart
    assert chart.count("3 × 3 convolution") == 2 and chart.count('"ReLU"') == 2 and chart.count('(("+"))') == 1


def test_a_model_that_calls_its_layers_in_order_is_drawn_as_a_chain() -> None:
    class Perceptron(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last, self.first = nn.Linear(16, 4), nn.Linear(8, 16)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(torch.relu(self.first(x)))  # type: ignore[no-any-return]

    explanation = explain(Perceptron(), inputs=torch.zeros(2, 8))
    chart = explanation.diagram(form="mermaid") or ""
    assert [chart.find(text) > 0 for text in ("8 → 16", "ReLU", "16 → 4")] == [True] * 3
    assert chart.find("8 → 16") < chart.find("ReLU") < chart.find("16 → 4")
    assert explain(Perceptron()).diagram() is None


def test_a_series_of_steps_and_branches_is_found() -> None:
    assert series({0: (IN,), 1: (0,), 2: (IN, 1), 3: (2,)}, {2}, 3) == (Parallel(((), (0, 1)), 2), 3)
    assert series({0: (IN,), 1: (0,), 2: (0,), 3: (1, 2), 4: (3, IN)}, {3, 4}, 4) == (
        Parallel(((0, Parallel(((1,), (2,)), 3)), ()), 4),
    )  # fmt: skip


def test_steps_that_are_no_series_of_branches_are_none() -> None:
    assert series({0: (IN,), 1: (IN,), 2: (0, 1), 3: (IN, 0), 4: (2, 3)}, {2, 3, 4}, 4) is None
    assert series({0: (IN,), 1: (IN, 0)}, set(), 1) is None


def test_steps_that_lead_nowhere_are_left_out() -> None:
    assert series({0: (IN,), 1: (0,), 2: (0,)}, set(), 2) == (0, 2)


def test_a_sum_in_steps_is_one_sum_and_branches_that_part_late_are_one_up_to_there() -> None:
    """x + f(n(x)) + g(n(x)), added one after the other."""
    steps = {0: (IN,), 1: (0,), 2: (IN, 1), 3: (0,), 4: (2, 3)}
    assert series(steps, {2, 4}, 4, {2, 4}) == (Parallel(((), (0, Parallel(((1,), (3,)), 4))), 4),)
    assert series(steps, {2, 4}, 4) is None

"""By what token vectors and norms are multiplied, where attributes or the text of forward tell it."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from archmagic.facts import Fact, find_facts
from archmagic.read import read

from . import models


class ScaledEmbedding(nn.Embedding):
    def __init__(self, scale: float) -> None:
        super().__init__(500, 48)
        self.embed_scale = scale


class OffsetRMSNorm(nn.Module):
    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True)) * (1.0 + self.weight.float())


class PlainRMSNorm(OffsetRMSNorm):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1) * self.weight


class Block(nn.Module):
    def __init__(self, norm: type[nn.Module]) -> None:
        super().__init__()
        self.attn, self.mlp = models.NeoxAttention(48, 4), models.NeoxMlp(48)
        self.input_norm, self.post_attention_norm = norm(48), norm(48)


class Model(nn.Module):
    def __init__(self, table: nn.Module | None = None, norm: type[nn.Module] = nn.LayerNorm) -> None:
        super().__init__()
        self.embed_tokens = table or nn.Embedding(500, 48)
        self.layers = nn.ModuleList(Block(norm) for _ in range(3))
        self.lm_head = nn.Linear(48, 500)


class Lookup(nn.Module):
    """The Annotated Transformer's embeddings."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.lut, self.d_model = nn.Embedding(500, width), 48

    def forward(self, x: Tensor) -> Tensor:
        return self.lut(x) * math.sqrt(self.d_model)  # type: ignore[no-any-return]


class Halved(Lookup):
    def forward(self, x: Tensor) -> Tensor:
        return self.lut(x) * math.sqrt(2)  # type: ignore[no-any-return]


def fact(model: object, key: str) -> Fact | None:
    return find_facts(read(model)).facts.get(key)


@pytest.mark.parametrize(("scale", "told"), [(math.sqrt(48), "√48 ≈ 6.928"), (12.0, "12"), (1.0, "")])
def test_what_a_table_multiplies_its_vectors_by_is_told(scale: float, told: str) -> None:
    found = fact(Model(ScaledEmbedding(scale)), "embedding_scale")
    assert (found.text if found else "") == (f"Each vector that embed_tokens gives is first multiplied by {told}." if told else "")
    assert found is None or found.basis == "named"
    assert fact(repr(Model(ScaledEmbedding(scale))), "embedding_scale") is None


def test_a_scale_beside_a_table_is_believed_where_it_is_the_root_of_the_width() -> None:
    for scale, told in ((48**0.5, True), (0.125, False)):
        model = Model()
        model.scale = scale  # type: ignore[assignment]
        assert (fact(model, "embedding_scale") is not None) is told


def test_norms_that_add_one_to_their_weight_are_told_by_the_text_of_forward() -> None:
    found = fact(Model(norm=OffsetRMSNorm), "norm_offset")
    assert found is not None
    assert found.text == "OffsetRMSNorm multiplies by 1 + weight, not by the weight itself, as its forward shows."
    assert fact(Model(norm=PlainRMSNorm), "norm_offset") is None
    assert fact(repr(Model(norm=OffsetRMSNorm)), "norm_offset") is None


def test_a_root_of_the_width_is_read_in_the_text_of_forward() -> None:
    found = fact(Model(Lookup()), "embedding_scale")
    assert found is not None
    assert found.text == "Each vector that embed_tokens.lut gives is first multiplied by √48 ≈ 6.928."
    assert fact(Model(Halved()), "embedding_scale") is None


class Later(Lookup):
    """Tutorials' way: looked up in one line, scaled in another."""

    def forward(self, x: Tensor, embedded: Tensor | None = None) -> Tensor:
        if embedded is None:
            embedded = self.lut(x)
        given = embedded
        given *= self.d_model**0.5
        return given


class Buffered(Lookup):
    """RecurrentGemma's way: the root stands in a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("normalizer", torch.tensor(self.d_model**0.5, dtype=torch.bfloat16), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        given = self.lut(x)
        return given * self.normalizer.type(given.dtype)  # type: ignore[operator]


class Config:
    def __init__(self) -> None:
        self.hidden_size = 48

    def to_dict(self) -> dict[str, int]:
        return {"hidden_size": self.hidden_size}


class Configured(Lookup):
    def __init__(self) -> None:
        super().__init__()
        self.config = Config()

    def forward(self, x: Tensor) -> Tensor:
        return self.lut(x) * math.sqrt(self.config.hidden_size)  # type: ignore[no-any-return]


class Sometimes(Lookup):
    def forward(self, x: Tensor) -> Tensor:
        given: Tensor = self.lut(x)
        if self.training:
            given = given * math.sqrt(self.d_model)
        return given


class After(Lookup):
    """Something else happens before the product."""

    def forward(self, x: Tensor) -> Tensor:
        given = self.lut(x)
        given = given + 1
        return given * math.sqrt(self.d_model)  # type: ignore[no-any-return]


class OtherBuffer(Buffered):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("normalizer", torch.tensor(7.0), persistent=False)

    forward = Buffered.forward


@pytest.mark.parametrize("table", [Later, Buffered, Configured])
def test_a_root_that_is_applied_later_or_kept_in_a_buffer_or_a_config_is_read_too(table: type[Lookup]) -> None:
    found = fact(Model(table()), "embedding_scale")
    assert found is not None
    assert found.text.endswith("multiplied by √48 ≈ 6.928.")


@pytest.mark.parametrize("table", [Sometimes, After, OtherBuffer])
def test_a_root_that_may_not_meet_the_vectors_themselves_is_not_told(table: type[Lookup]) -> None:
    assert fact(Model(table()), "embedding_scale") is None


class GatedNorm(nn.LayerNorm):
    pass


def test_a_norm_that_adds_one_is_told_beside_other_norms() -> None:
    model = Model(norm=OffsetRMSNorm)
    for block in model.layers:
        block.attn.norm = GatedNorm(12)
        block.inner_norm = nn.LayerNorm(48)
    found = fact(model, "norm_offset")
    assert found is not None
    assert found.text.startswith("OffsetRMSNorm multiplies by 1 + weight")

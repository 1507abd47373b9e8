"""Where blocks normalise, by the text of their forward; never run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from torch import Tensor, nn
from torch.nn.functional import dropout

from archmagic.facts import find_facts
from archmagic.read import read

from .models import NeoxAttention, NeoxLm, NeoxMlp


class Base(nn.Module):
    """Two norms, attention and feed-forward under names that say nothing of their order."""

    def __init__(self, pre: bool = True) -> None:
        super().__init__()
        self.a, self.b, self.pre = nn.LayerNorm(64), nn.LayerNorm(64), pre
        self.attn, self.mlp, self.drop = NeoxAttention(64, 4), NeoxMlp(64), nn.Dropout(0.1)


class Pre(Base):
    def forward(self, x: Tensor) -> Tensor:
        x = x + self.drop(self.attn(self.a(x)))
        return x + self.drop(self.mlp(self.b(x)))


class Residual(Base):
    """The same in the style of transformers."""

    def forward(self, hidden: Tensor, mask: Tensor | None = None, output_attentions: bool = False) -> tuple[Tensor, ...]:
        residual = hidden
        hidden = self.a(hidden)
        hidden, weights = self.attn(hidden_states=hidden, mask=mask)
        hidden = residual + dropout(hidden, p=0.1, training=self.training)
        residual = hidden
        hidden = self.b(hidden)
        hidden = self.mlp(hidden)
        hidden = residual + hidden
        outputs = (hidden,)
        if output_attentions:
            outputs += (weights,)
        return outputs


class Post(Base):
    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x + self.attn(x))
        return self.b(self.mlp(x) + x)


class Parallel(Base):
    def forward(self, x: Tensor) -> Tensor:
        return x + self.attn(self.a(x)) + self.mlp(self.b(x))


class Inner(Base):
    """Each result is normalised before it is added (OLMo 2, Swin v2)."""

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.a(self.attn(x))
        return x + self.b(self.mlp(x))


class Half(Base):
    """Two of three sub-layers side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.other = NeoxAttention(64, 4)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.a(x)
        x = x + self.attn(normed) + self.other(normed)
        return x + self.mlp(self.b(x))


class ByFlag(Base):
    def forward(self, x: Tensor) -> Tensor:
        residual = x
        if self.pre:
            x = self.a(x)
        x = residual + self.attn(x)
        if not self.pre:
            x = self.a(x)
        residual = x
        if self.pre:
            x = self.b(x)
        x = residual + self.mlp(x)
        if not self.pre:
            x = self.b(x)
        return x


class Unclear(Base):
    def forward(self, x: Tensor) -> Tensor:
        for _ in range(2):
            x = x + self.attn(self.a(x))
        return x + self.mlp(self.b(x))


class ByCall(Base):
    """Whether it normalises is settled only when it is called."""

    def forward(self, x: Tensor, normalise: bool = False) -> Tensor:
        y = x
        if normalise:
            y = self.a(x)
        x = x + self.attn(y)
        return x + self.mlp(self.b(x))


class WhereThere(Base):
    """Asks for a part that it has."""

    def forward(self, x: Tensor) -> Tensor:
        y = x
        if self.a is not None:
            y = self.a(x)
        x = x + self.attn(y)
        return x + self.mlp(self.b(x))


class OtherName(Base):
    """Calls itself otherwise than everyone does."""

    def forward(s, x: Tensor) -> Tensor:
        x = x + s.attn(s.a(x))
        return x + s.mlp(s.b(x))


class ByMethod(Base):
    """Reaches its attention through a method, as Swin does to cut windows."""

    def _attn(self, x: Tensor) -> Tensor:
        return self.attn(x.flatten(1)).view(x.shape)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self._attn(self.a(x))
        return x + self.mlp(self.b(x))


class Connection(nn.Module):
    """Goes round whatever sub-layer it is given (the Annotated Transformer's SublayerConnection)."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.dropout = nn.LayerNorm(64), nn.Dropout(0.1)

    def forward(self, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        return x + self.dropout(sublayer(self.norm(x)))


class ConnectionAfter(Connection):
    def forward(self, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        return self.norm(x + self.dropout(sublayer(x)))


class GivenPre(nn.Module):
    around: type[nn.Module] = Connection

    def __init__(self) -> None:
        super().__init__()
        self.attn, self.mlp = NeoxAttention(64, 4), NeoxMlp(64)
        self.sublayer = nn.ModuleList([self.around(), self.around()])

    def forward(self, x: Tensor) -> Tensor:
        x = self.sublayer[0](x, self.attn)
        return self.sublayer[1](x, self.mlp)


class GivenPost(GivenPre):
    around = ConnectionAfter


class Sandwich(Base):
    def __init__(self) -> None:
        super().__init__()
        self.c, self.d = nn.LayerNorm(64), nn.LayerNorm(64)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.c(self.attn(self.a(x)))
        return x + self.d(self.mlp(self.b(x)))


def placement(*blocks: nn.Module, printed: bool = False) -> object:
    model = nn.ModuleDict({"layers": nn.ModuleList(blocks), "final": nn.LayerNorm(64)})
    fact = find_facts(read(repr(model) if printed else model)).facts.get("norm_placement")
    return fact and (fact.value, fact.basis)


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (Pre, "pre"),
        (Residual, "pre"),
        (WhereThere, "pre"),
        (OtherName, "pre"),
        (Post, "post"),
        (Parallel, "parallel"),
        (Sandwich, "sandwich"),
        (Inner, "res-post"),
        (ByMethod, "pre"),
        (GivenPre, "pre"),
        (GivenPost, "post"),
    ],
)
def test_the_text_of_forward_says_where_a_block_normalises(block: type[Base], value: str) -> None:
    assert placement(block(), block()) == (value, "measured")


@pytest.mark.parametrize(("pre", "value"), [(True, "pre"), (False, "post")])
def test_an_attribute_decides_between_the_sides_of_an_if(pre: bool, value: str) -> None:
    assert placement(ByFlag(pre), ByFlag(pre)) == (value, "measured")


@pytest.mark.parametrize("block", [Half, Unclear, ByCall])
def test_what_is_none_of_the_kinds_or_not_understood_is_not_said_to_be(block: type[Base]) -> None:
    found = placement(block(), block())
    assert found is None or found[1] == "named"  # type: ignore[index]
    assert block in (Unclear, ByCall) or found is None


def test_a_print_has_no_forward_to_read() -> None:
    found = placement(Post(), Post(), printed=True)
    assert found is None or found[1] == "named"  # type: ignore[index]


def test_a_print_of_fused_projections_with_rotary_positions_leaves_open_what_is_added_when() -> None:
    fact = find_facts(read(repr(NeoxLm()))).facts.get("norm_placement")
    assert fact is None


class Going(Base):
    """What is normalised goes on as the stream, and results are added to that (MiniMax)."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        residual = x
        x = residual * 2.0 + self.attn(x) * 0.5
        x = self.b(x)
        residual = x
        return residual * 2.0 + self.mlp(x) * 0.5


def test_a_stream_that_goes_on_normalised_is_not_said_to_stay_unnormalised() -> None:
    model = nn.ModuleDict({"layers": nn.ModuleList([Going() for _ in range(3)]), "norm": nn.LayerNorm(64)})
    assert find_facts(read(model)).facts.get("norm_placement") is None

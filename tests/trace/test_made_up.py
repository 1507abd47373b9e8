"""Inputs made up from the model, and whatever else a user gives as inputs."""

from __future__ import annotations

from collections import UserDict
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archmagic import ArchmagicError, explain

from .models import Language
from .test_steps import followed


def given(model: nn.Module, inputs: object = "auto") -> list[tuple[str, str]]:
    return [(data.name, data.text) for data in followed(model, inputs).inputs]


class Graph(nn.Module):
    """One layer of a graph network, its graph as a matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(16, 4)

    def forward(self, x: Tensor, adj: Tensor) -> Tensor:
        return adj @ self.lin(x)


class Edges(Graph):
    """Its graph as a list of edges."""

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:  # type: ignore[override]
        source, target = edge_index
        messages = self.lin(x)[source]
        return torch.zeros(x.shape[0], 4).index_add(0, target, messages)


class Keyword(nn.Module):
    """Takes nothing by place."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, *, query: Tensor, scale: float = 1.0) -> Tensor:
        return self.fc(query) * scale


def test_graphs_are_made_up() -> None:
    assert given(Graph()) == [("x", "(N, 16)"), ("adj", "(N, N)")]
    assert given(Edges()) == [("x", "(B, 16)"), ("edge_index", "(2, 10)")]


def test_what_is_taken_by_keyword_only_is_given_so() -> None:
    assert given(Keyword()) == [("query", "(B, 8)")]


def test_a_generator_starts_from_a_small_map() -> None:
    forward = followed(nn.Sequential(nn.ConvTranspose2d(100, 8, 4), nn.ReLU(), nn.ConvTranspose2d(8, 3, 4, 2, 1)), "auto")
    assert forward.inputs[0].shape == (1, 100, 1, 1)
    assert forward.outputs[0].text == "(B, 3, 2H + 6, 2W + 6)"


@pytest.mark.parametrize(("rows", "length"), [(20, 16), (10, 8), (6, 4), (3, 2)])
def test_a_sequence_longer_than_the_table_of_positions_is_not_made_up(rows: int, length: int) -> None:
    class Short(Language):
        def __init__(self) -> None:
            super().__init__(1)
            self.wpe = nn.Embedding(rows, 32)

    forward = followed(Short(), "auto")
    assert forward.inputs[0].shape == (1, length)
    assert forward.inputs[0].text == "(B, T)"


def test_a_size_that_only_one_pixel_more_leaves_is_no_choice() -> None:
    """28 and 29 give the same map after pooling, and any other size fails."""

    class Digits(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(1, 4, 3), nn.Linear(4 * 13 * 13, 10)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(F.max_pool2d(self.conv(x), 2).flatten(1))

    assert given(Digits()) == [("x", "(B, 1, 28, 28)")]


def test_features_that_a_view_would_take_for_more_examples_are_no_sequence() -> None:
    class Flat(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(784, 10)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x.view(-1, 784))

    assert given(Flat()) == [("x", "(B, 784)")]


def test_what_depends_on_values_says_so_and_does_not_blame_the_inputs() -> None:
    class Branch(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x) if self.fc(x).sum() > 0 else x

    forward = explain(Branch(), inputs="auto").forward
    assert forward is not None
    assert forward.failed is not None
    assert forward.failed.reason == "data"
    assert not any("None that were made up" in note for note in forward.notes)


class Encoding(UserDict[str, Any]):
    """A tokenizer's output is a mapping, but no dict."""


@pytest.mark.parametrize("ids", [[1, 2, 3], [[1, 2, 3]], torch.tensor([[1, 2, 3]])])
def test_a_tokenizers_output_may_hold_lists(ids: object) -> None:
    assert given(Language(1), Encoding(idx=ids)) == [("idx", "(B, T)")]


def test_arrays_are_taken() -> None:
    numpy = pytest.importorskip("numpy")
    assert given(nn.Linear(4, 2), numpy.zeros((2, 4), dtype=numpy.float32)) == [("input", "(B, 4)")]


@pytest.mark.parametrize("bad", [3, 3.5, True, "text", [], object(), b"x", (1, -3), lambda: 3])
def test_what_are_no_inputs_is_named_with_what_is_taken(bad: object) -> None:
    with pytest.raises(ArchmagicError, match=r"inputs|no shape"):
        explain(nn.Linear(4, 2), inputs=bad)


def test_inputs_that_do_not_fit_the_signature_are_told_so() -> None:
    for bad in ({}, {"y": (1, 4)}, ((1, 4), (2, 3))):
        forward = explain(nn.Linear(4, 2), inputs=bad).forward
        assert forward is not None
        assert forward.failed is not None
        assert forward.failed.reason == "inputs"


@pytest.mark.slow
def test_a_loop_over_positions_behind_products_of_experts_is_followed_on_a_shorter_input() -> None:
    class Experts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb, self.fc = nn.Embedding(50, 16), nn.Parameter(torch.zeros(1, 16, 16))

        def forward(self, x: Tensor) -> Tensor:
            y = self.emb(x)
            rows = torch._grouped_mm(y[0], self.fc, torch.tensor([y.shape[1]], dtype=torch.int32))
            for _ in range(60):
                for at in range(y.shape[1]):
                    rows = torch.tanh(rows + y[:, at])
            return rows

    forward = followed(Experts(), "auto")
    assert forward.inputs[0].shape == (1, 16)
    assert any("bfloat16" in note for note in forward.notes)


class _Translates(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(8, 8)
        self.source, self.target = nn.Embedding(50, 8), nn.Embedding(40, 8)

    def forward(self, sentence: Any, answer: Any) -> Any:
        return self.mix(self.source(sentence)).sum() + self.target(answer).sum()


def test_a_shape_that_goes_into_a_table_is_made_into_ids_whatever_it_is_called() -> None:
    found = explain(_Translates(), inputs=((2, 5), (2, 4))).forward
    assert found is not None and found.failed is None
    failed = explain(_Translates(), inputs=(torch.zeros(2, 5), (2, 4))).forward
    assert failed is not None and failed.failed is not None and failed.failed.path == "source"  # numbers of the user's own stay


class _Parts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(4, 2), nn.Linear(2, 4)


def test_a_model_without_forward_is_not_tried_but_told_so() -> None:
    text = explain(_Parts(), inputs="auto").to_text().replace("\n", " ")
    assert "_Parts defines no forward; other code calls its parts, and data can be followed through each" in text
    assert "Tried" not in text


class _Game(nn.Module):
    """A step's embedding is registered before the convolutions, and only screens of 84 x 84 fit."""

    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Linear(8, 8)
        self.screen = nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Conv2d(4, 8, 8, 4)), nn.Flatten(), nn.Linear(8 * 20 * 20, 2))

    def forward(self, x: Tensor) -> Tensor:
        return self.screen(x)


def test_an_image_is_made_up_where_a_layer_of_no_image_is_registered_first() -> None:
    found = explain(_Game(), inputs="auto").forward
    assert found is not None and found.inputs[0].shape == (1, 4, 84, 84)

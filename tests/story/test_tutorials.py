"""Models as tutorials write them, by hand: what is said of their parts where names and lists tell less than a library's classes do."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archmagic import explain
from archmagic.facts.detectors.family import _by_dimension, differences

from ..facts.test_placement import GivenPost, GivenPre


def _linear(n_in: int, n_out: int) -> str:
    return f"Linear(in_features={n_in}, out_features={n_out}, bias=True)"


def _tree(name: str, lines: str) -> str:
    return f"{name}(\n" + "".join(f"  {line}\n" for line in lines.strip("\n").split("\n")) + ")"


def _role(text: object, path: str) -> str:
    found = explain(text).story.parts[path].role
    assert found is not None
    return found


FEED = "({name}): FeedForward(\n  (net): Sequential(\n    (0): {up}\n    (1): GELU(approximate='none')\n    (2): {down}\n  )\n)"


def _feed(name: str, width: int, inner: int) -> str:
    return FEED.format(name=name, up=_linear(width, inner), down=_linear(inner, width))


def test_a_feed_forward_that_is_not_as_wide_as_the_stream_mixes_positions() -> None:
    norm = "LayerNorm((512,), eps=1e-05, elementwise_affine=True)"
    block = f"(norm1): {norm}\n{_feed('token_mix', 196, 256)}\n(norm2): {norm}\n{_feed('channel_mix', 512, 2048)}"
    text = _tree("Mixer", _tree("(blocks): ModuleList", "(0-7): 8 x " + _tree("MixerBlock", block)))
    assert _role(text, "blocks.[0-7].token_mix.net").startswith("Mixes the 196 positions, each of 512 channels by itself: 196 → 256 → 196")
    assert _role(text, "blocks.[0-7].channel_mix.net").startswith("Transforms each position by itself: 512 → 2,048 → 512")


def test_equal_products_of_one_list_are_told_with_all_that_they_make() -> None:
    attention = _tree("(self_attn): MultiHeadedAttention", _tree("(linears): ModuleList", f"(0-3): 4 x {_linear(512, 512)}"))
    feed = _tree("(feed_forward): PositionwiseFeedForward", f"(w_1): {_linear(512, 2048)}\n(w_2): {_linear(2048, 512)}")
    norm = _tree("SublayerConnection", "(norm): LayerNorm()\n(dropout): Dropout(p=0.1, inplace=False)")
    block = f"{attention}\n{feed}\n{_tree('(sublayer): ModuleList', f'(0-1): 2 x {norm}')}"
    layers = _tree("(layers): ModuleList", "(0-5): 6 x " + _tree("EncoderLayer", block))
    text = _tree("Model", _tree("(encoder): Encoder", layers))
    made = _role(text, "encoder.layers.[0-5].self_attn.linears.[0-3]")
    assert made.startswith("Four products in one list, which make the queries, the keys and the values, and mix the heads' results")


@pytest.mark.parametrize(
    ("name", "beside", "text"),
    [
        ("embedding", f"(fc): {_linear(64, 2)}", "each id,"),
        ("token_embedding", f"(fc): {_linear(64, 2)}", "each token id,"),
        ("embedding", "(rnn): GRU(64, 32)", "each token id,"),
    ],
)
def test_ids_are_called_tokens_where_something_says_so(name: str, beside: str, text: str) -> None:
    assert text in _role(_tree("Tower", f"({name}): Embedding(100000, 64)\n{beside}"), name)


def test_a_convolution_tells_its_dilation_and_one_over_single_steps_sums_channels_alone() -> None:
    net = nn.Sequential(nn.Conv1d(8, 16, 3, dilation=4), nn.ReLU(), nn.Conv1d(16, 4, 1), nn.Linear(9, 2))
    assert _role(net, "0") == "8 → 16 channels by 3-step filters, dilated by 4."
    assert _role(net, "2") == "16 → 4 channels, each step by itself."


def test_heads_side_by_side_are_all_outputs() -> None:
    body = _tree("(network): Sequential", f"(0): {_linear(4, 64)}\n(1): ReLU()")
    text = _tree("Agent", f"{body}\n(actor): {_linear(64, 6)}\n(critic): {_linear(64, 1)}")
    assert _role(text, "actor") == "Turns the result into 6 outputs: 64 → 6."
    assert _role(text, "critic") == "Turns the result into 1 output: 64 → 1."


def test_of_products_that_read_the_input_itself_none_is_called_the_output() -> None:
    text = _tree("RNN", f"(i2h): {_linear(185, 128)}\n(i2o): {_linear(185, 18)}")
    assert not any("outputs" in _role(text, path) for path in ("i2h", "i2o"))


class _Block(nn.Module):
    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(8, 8, 3, dilation=dilation)
        self.relu = nn.ReLU()
        self.net = nn.Sequential(self.conv1, self.relu)


def test_what_differs_in_settings_alone_is_told_by_them_and_what_stands_twice_as_such() -> None:
    text = explain(nn.Sequential(*(_Block(2**at) for at in range(3)))).to_text()
    assert "1: Built like 0, with dilation 2. 200 parameters." in text
    assert "2: Built like 0, with dilation 4. 200 parameters." in text
    assert "0.net: Lists modules that stand elsewhere, too: 0.conv1 and 0.relu." in text


class DLinear(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seasonal, self.trend = nn.Linear(96, 24), nn.Linear(96, 24)


class VAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.mean, self.spread, self.fc2 = nn.Linear(9, 4), nn.Linear(4, 2), nn.Linear(4, 2), nn.Linear(2, 9)


@pytest.mark.parametrize(("model", "text"), [(DLinear(), "DLinear holds 2 × Linear."), (VAE(), "VAE holds 4 × Linear.")])
def test_a_model_that_nothing_tells_is_what_it_holds(model: nn.Module, text: str) -> None:
    assert explain(model).summary.startswith(text)


class BiLSTM_CRF(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embeds = nn.Embedding(100, 8)
        self.lstm = nn.LSTM(8, 8)
        self.transitions = nn.Parameter(nn.Linear(9, 9).weight)


def test_parameters_belong_to_the_layer_they_are_used_in_and_to_no_other() -> None:
    normed = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 8, 3)), nn.ReLU(), nn.Conv1d(8, 8, 3))
    assert "Convolutions 100 %" in explain(normed).to_text()
    assert "other parts 5.6 % (81)" in explain(BiLSTM_CRF()).to_text().replace("\n", " ")


def test_an_attention_by_itself_tells_its_heads_and_claims_no_direction() -> None:
    summary = explain(nn.MultiheadAttention(512, 8)).summary
    assert "It works in 8 heads of 64." in summary
    assert "elf-attention" not in summary


def test_of_sequentials_alone_the_order_is_known() -> None:
    assert "The order of calls" not in explain(nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 2)))).to_text()


class Forwardless(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 2)


class Running(Forwardless):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x))


@pytest.mark.parametrize("model", [Forwardless(), nn.ModuleList([Running()])])
def test_a_model_without_forward_is_not_to_be_followed(model: nn.Module) -> None:
    text = explain(model).to_text(width=10**6)
    assert 'inputs="auto"' not in text
    assert f"{type(model).__name__} has no forward, so other code calls them." in text
    assert 'inputs="auto"' in explain(Running()).to_text()
    assert 'inputs="auto"' in explain(torch.jit.script(Running())).to_text()


def test_the_rest_of_a_print_that_starts_inside_a_model_is_called_parts() -> None:
    text = f"  (embed): Embedding(100, 8)\n  (fc): {_linear(8, 2)}\n)"
    assert explain(text).summary.startswith("2 parts of a model: embed (Embedding) and fc (Linear).")


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (GivenPre, "Normalise what attn and mlp read; the stream itself stays unnormalised (pre-norm)."),
        (GivenPost, "Normalise the sums of the stream and what attn and mlp added (post-norm)."),
    ],
)
def test_equal_norms_of_one_list_are_told_with_all_that_they_normalise(block: type[nn.Module], text: str) -> None:
    model = nn.ModuleDict({"layers": nn.ModuleList([block(), block()]), "final": nn.LayerNorm(64)})
    assert _role(model, "layers.[0-1].sublayer.[0-1].norm") == text


def test_experts_without_gates_make_no_mixtral() -> None:
    marks = {"tokens", "decoder", "attention:separate", "positions:learned", "norm:LayerNorm", "placement:pre", "experts"}
    assert differences("mixtral", marks, _by_dimension(marks)) is not None
    marks |= {"feed-forward:plain"}
    assert differences("mixtral", marks, _by_dimension(marks)) is None


class Arc(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.Linear(8, 5).weight)


def test_what_a_part_of_no_known_class_holds_itself_is_told() -> None:
    assert "1: Holds weight (5 × 8) itself: 40 parameters." in explain(nn.Sequential(nn.Linear(3, 8), Arc())).to_text()


def test_equal_layers_in_a_row_are_one_step_of_a_sequence() -> None:
    text = explain(nn.Sequential(nn.Linear(3, 8), *(nn.Linear(8, 8) for _ in range(3)), nn.ReLU())).to_text()
    assert "2. 1 to 3, Linear three times: 8 → 8." in text
    assert "3. 4, ReLU." in text


class SideBySide(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left, self.right, self.act = nn.Linear(9, 4), nn.Linear(9, 3), nn.ReLU()


def test_products_side_by_side_are_no_perceptron() -> None:
    assert explain(SideBySide()).summary.startswith("SideBySide holds 2 × Linear and 1 × ReLU.")

"""What rows and lists say at a glance."""

from __future__ import annotations

import torch
from torch import nn

from archmagic import explain
from archmagic.render.payload import payload
from archmagic.render.rows import rows as shown


class Attention(nn.Module):
    def __init__(self, layer_type: str) -> None:
        super().__init__()
        self.layer_type = layer_type
        self.qkv = nn.Linear(8, 24)
        self.proj = nn.Linear(8, 8)


class Block(nn.Module):
    def __init__(self, layer_type: str) -> None:
        super().__init__()
        self.attn = Attention(layer_type)
        self.norm = nn.LayerNorm(8)


def net(*kinds: str) -> nn.Module:
    """A model whose blocks have attention of these kinds."""
    model = nn.Module()
    model.layers = nn.ModuleList(Block(f"{kind}_attention") for kind in kinds)
    return model


def glances(model: nn.Module) -> list[str]:
    data = payload(explain(model))
    return [data["strings"][at] for at in data["nodes"]["glance"]]


def test_turns_that_repeat_are_told_by_how_often_and_what_is_left_by_itself() -> None:
    kinds = [*(["sliding"] * 5 + ["full"]) * 4, "sliding", "sliding"]
    assert glances(net(*kinds))[1:3] == ["attention: 4 × [5 sliding, 1 full], 2 sliding", "sliding attention"]


def test_so_are_equal_neighbours_that_alternate() -> None:
    assert glances(net(*["linear", "linear", "full"] * 2))[1] == "attention: 2 × [2 linear, 1 full]"


def test_exceptions_at_the_start_are_named() -> None:
    assert glances(net("full", "full", *["linear"] * 6))[1] == "attention: 2 full, 6 linear"


def test_a_list_of_equal_blocks_needs_no_words() -> None:
    assert glances(net(*["full"] * 6))[1:3] == ["", ""]


def test_what_has_no_word_is_not_told() -> None:
    """Widths are no kinds of blocks."""
    model = nn.ModuleList(nn.Sequential(nn.Linear(8, width), nn.ReLU()) for width in (8, 8, 16))
    assert glances(model)[0] == ""


def test_layers_show_their_sizes_not_the_names_of_their_settings() -> None:
    layers = {
        "768 → 2,304": nn.Linear(768, 2304),
        "768 → 2,304, no bias": nn.Linear(768, 2304, bias=False),
        "3 → 64, kernel 7 × 5, stride 2, no bias": nn.Conv2d(3, 64, (7, 5), stride=2, padding=3, bias=False),
        "8 → 8, kernel 3, 8 groups": nn.Conv1d(8, 8, 3, groups=8),
        "50,257 × 768": nn.Embedding(50257, 768),
        "10 → 20, 2 layers": nn.LSTM(10, 20, num_layers=2),
        "": nn.Dropout(0.1),
    }
    with torch.device("meta"):
        assert glances(nn.ModuleList(layers.values()))[1:] == list(layers)


def test_text_static_page_and_picture_show_the_same_rows() -> None:
    explanation = explain(net(*["sliding", "sliding", "full"] * 3))
    names = [row.name for row in shown(explanation)]
    assert names[1:3] == ["layers", "0–1, 3–4, 6–7"]
    for text in (str(explanation), explanation.to_markdown(), explanation.to_html(), explanation.to_svg()):
        assert "attention: 3 × [2 sliding, 1 full]" in text
        assert "0–1, 3–4, 6–7" in text
    assert "6 x Block  sliding attention" in str(explanation)


def test_the_rows_of_a_merged_run_add_up_in_text() -> None:
    explanation = explain(net(*["sliding", "sliding", "full"] * 3))
    each = sum(parameter.numel() for parameter in Block("full_attention").parameters())
    assert f"6 x {each:,}" in str(explanation)
    assert f"3 x {each:,}" in str(explanation)

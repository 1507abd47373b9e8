"""Parts that no class tells are described by what they are built of: their products, the widths between them, what they join."""

from __future__ import annotations

import pytest

from archmagic import explain
from archmagic.story import Part


def _part(text: str, path: str) -> Part:
    return explain(text).story.parts[path]


def _inside(lines: str, name: str = "Frobnicator") -> str:
    return f"Whatever(\n  (part): {name}(\n" + "".join(f"    {line}\n" for line in lines.split("\n")) + "  )\n)"


def _conv(n_in: int, n_out: int, stride: int = 1, kind: str = "Conv2d", size: str = "3, 3") -> str:
    strides = ", ".join([str(stride)] * (1 + size.count(",")))
    padding = ", padding=(1, 1)" if size == "3, 3" else ""
    return f"{kind}({n_in}, {n_out}, kernel_size=({size}), stride=({strides}){padding})"


def _linear(n_in: int, n_out: int) -> str:
    return f"Linear(in_features={n_in}, out_features={n_out}, bias=True)"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            f"(a): {_linear(8, 32)}\n(act): GELU(approximate='none')\n(b): {_linear(32, 4)}",
            "A multi-layer perceptron: 8 → 32 → 4, with GELU between.",
        ),
        (
            f"(a): {_linear(64, 4)}\n(b): {_linear(4, 64)}",
            "A low-rank product: 64 → 4 → 64. Two thin matrices stand in for one of 64 × 64.",
        ),
        (f"(n): LayerNorm((8,), eps=1e-05)\n(a): {_linear(8, 3)}", "A linear layer, 8 → 3, with layer normalisation."),
        (f"(a): {_linear(8, 3)}", "Holds one linear layer, 8 → 3."),
        (
            f"(c): {_conv(3, 16, 2)}\n(n): BatchNorm2d(16)\n(a): ReLU()",
            "A convolution, 3 → 16 channels, each side 2 times smaller, with batch normalisation and ReLU.",
        ),
        (
            f"(c1): {_conv(1, 8, 4, 'Conv1d', '8')}\n(c2): {_conv(8, 16, 5, 'Conv1d', '10')}",
            "Two convolutions one after another: 1 → 8 → 16 channels, the sequence 20 times shorter.",
        ),
        (
            f"(c1): {_conv(16, 32)}\n(c2): {_conv(32, 32)}\n(shortcut): {_conv(16, 32)}\n(a): ReLU()",
            "Two convolutions one after another, 16 → 32 → 32 channels, with ReLU; a path leads around them.",
        ),
        (
            f"(pool): AdaptiveAvgPool2d(output_size=1)\n(a): {_conv(32, 8)}\n(r): ReLU()\n(b): {_conv(8, 32)}\n(s): Sigmoid()",
            "A gate: from the 32 channels it makes, through 8 numbers, one number between 0 and 1 for each, by which the channels are "
            "multiplied (squeeze and excitation).",
        ),
    ],
)
def test_products_one_after_another_are_told_with_their_widths(lines: str, text: str) -> None:
    part = _part(_inside(lines), "part")
    assert part.specific and part.role == text


@pytest.mark.parametrize(
    "lines",
    [
        f"(left): {_linear(8, 8)}\n(right): {_linear(8, 8)}",  # either order, or side by side: nobody can tell
        f"(heads): ModuleList(\n  (0-3): 4 x {_linear(8, 8)}\n)",
        "(a): Frobnicator()",
        "",
    ],
)
def test_what_may_stand_side_by_side_is_not_told_as_a_chain(lines: str) -> None:
    assert not _part(_inside(lines), "part").specific


def test_a_time_step_beside_convolutions_is_no_link_of_their_chain() -> None:
    lines = f"(conv1): {_conv(8, 16)}\n(time_emb_proj): {_linear(16, 16)}\n(conv2): {_conv(16, 16)}"
    assert _part(_inside(lines), "part").role == "Two convolutions one after another: 8 → 16 → 16 channels."


def test_a_pooling_that_is_held_says_nothing_of_sizes() -> None:
    lines = f"(conv): {_conv(3, 8, 2)}\n(pool): MaxPool2d(kernel_size=2, stride=2)"
    assert _part(_inside(lines), "part").role == "A convolution, 3 → 8 channels, with maximum pooling."


def test_strides_that_differ_by_direction_give_no_scale() -> None:
    lines = "(conv): Conv3d(3, 8, kernel_size=(2, 16, 16), stride=(2, 16, 16))"
    assert _part(_inside(lines), "part").role == "Holds one convolution, 3 → 8 channels."


def _towers(connector: str) -> str:
    def tower(width: int) -> str:
        return "\n".join(
            [
                "      (layers): ModuleList(",
                "        (0-1): 2 x Block(",
                f"          (norm1): LayerNorm(({width},), eps=1e-05)",
                "          (attn): SelfAttention(",
                *(f"            ({name}): {_linear(width, width)}" for name in ("q_proj", "k_proj", "v_proj", "o_proj")),
                "          )",
                f"          (norm2): LayerNorm(({width},), eps=1e-05)",
                "          (mlp): MLP(",
                f"            (fc1): {_linear(width, 4 * width)}",
                "            (act): GELU(approximate='none')",
                f"            (fc2): {_linear(4 * width, width)}",
                "          )",
                "        )",
                "      )",
            ]
        )

    return "\n".join(
        [
            "Seer(",
            "  (model): Both(",
            "    (eye): Eye(",
            "      (patch): Conv2d(3, 32, kernel_size=(8, 8), stride=(8, 8))",
            tower(32),
            "    )",
            f"    (bridge): {connector}",
            "    (tongue): Tongue(",
            "      (embed_tokens): Embedding(500, 64)",
            tower(64),
            "    )",
            "  )",
            f"  (lm_head): {_linear(64, 500)}",
            ")",
        ]
    )


@pytest.mark.parametrize(
    ("n_in", "text"),
    [
        (32, "Brings the vectors of eye, 32 numbers each, to the 64 that tongue works with."),
        (128, "Joins four neighbouring vectors of eye, 32 numbers each, and brings them to the 64 that tongue works with."),
    ],
)
def test_a_connector_is_told_by_the_widths_of_the_towers_it_joins(n_in: int, text: str) -> None:
    explanation = explain(_towers(_linear(n_in, 64)))
    assert explanation.story.parts["model.bridge"].role == text
    assert explanation.story.parts["model"].role == "Joins eye (vision tower) and tongue (language model), connected by bridge."


def test_a_part_between_towers_that_fits_neither_is_no_connector() -> None:
    part = explain(_towers(_linear(30, 60))).story.parts["model.bridge"]
    assert part.title == "Linear layer"


def test_two_products_into_one_width_make_a_shared_space_and_connect_nothing() -> None:
    text = _towers(_linear(32, 64)).replace("    (bridge)", f"    (text_projection): {_linear(64, 64)}\n    (bridge)")
    assert explain(text).story.parts["model.bridge"].title != "Connector"


def test_a_window_that_no_padding_makes_up_for_gives_no_scale() -> None:
    part = _part(_inside("(conv): ConvTranspose2d(100, 64, kernel_size=(4, 4), stride=(2, 2))\n(act): ReLU()"), "part")
    assert part.role == "A convolution, 100 → 64 channels, with ReLU."


def test_products_that_read_the_same_are_branches() -> None:
    lines = f"(fc): {_linear(784, 400)}\n(act): ReLU()\n(fc_mu): {_linear(400, 20)}\n(fc_logvar): {_linear(400, 20)}"
    assert _part(_inside(lines), "part").role == "784 → 400, then side by side fc_mu (400 → 20) and fc_logvar (400 → 20)."
    assert _part(_inside(f"(a): {_linear(8, 4)}\n(b): {_linear(8, 4)}"), "part").role == "Side by side: a (8 → 4) and b (8 → 4)."


def test_a_table_and_a_recurrent_layer_make_a_reader() -> None:
    lines = f"(embedding): Embedding(900, 64)\n(gru): GRU(64, 32, batch_first=True)\n(out): {_linear(32, 900)}"
    part = _part(_inside(lines), "part")
    assert part.role == (
        "Looks up a vector of 64 numbers for each of 900 ids and reads them step by step (GRU, with a state of 32 numbers), and scores 900 "
        "outputs at each step."
    )

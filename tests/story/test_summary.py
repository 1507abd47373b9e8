"""What the whole is for, told from its parts: prints are enough, and names of models play no role."""

from __future__ import annotations

import pytest
from torch import nn

from archmagic import explain
from archmagic.story import words

BLOCK = """      (0-{last}): {count} x Block(
        (attn): Attention(
          (q_proj): Linear(in_features={w}, out_features={w}, bias=True)
          (k_proj): Linear(in_features={w}, out_features={w}, bias=True)
          (v_proj): Linear(in_features={w}, out_features={w}, bias=True)
          (out_proj): Linear(in_features={w}, out_features={w}, bias=True)
        )
        (mlp): MLP(
          (fc1): Linear(in_features={w}, out_features={i}, bias=True)
          (act): GELU(approximate='none')
          (fc2): Linear(in_features={i}, out_features={w}, bias=True)
        )
      )
"""


def tower(name: str, first: str, width: int, count: int) -> str:
    block = BLOCK.format(w=width, i=4 * width, count=count, last=count - 1)
    return f"  ({name}): Tower(\n    {first}\n    (layers): ModuleList(\n{block}    )\n  )\n"


def vision(width: int, count: int = 4) -> str:
    return tower("vision_model", f"(patch): Conv2d(3, {width}, kernel_size=(16, 16), stride=(16, 16))", width, count)


def text(width: int, count: int = 4) -> str:
    return tower("text_model", f"(embed_tokens): Embedding(1000, {width})", width, count)


def linear(name: str, n_in: int, n_out: int) -> str:
    return f"  ({name}): Linear(in_features={n_in}, out_features={n_out}, bias=True)\n"


def summary(*parts: str, title: str = "Model") -> str:
    return explain(f"{title}(\n{''.join(parts)})").summary


def test_two_towers_with_projections_to_one_width_are_compared() -> None:
    told = summary(vision(64), text(32), linear("visual_projection", 64, 24), linear("text_projection", 32, 24))
    assert "visual_projection and text_projection bring what they make to 24 numbers each" in told
    assert "the vision tower (vision_model) has 4 blocks on vectors of 64 numbers" in told.lower()


def test_projections_of_different_widths_are_not_said_to_be_compared() -> None:
    assert "compared" not in summary(vision(64), text(32), linear("visual_projection", 64, 24), linear("text_projection", 32, 16))


def test_a_vision_tower_with_a_projector_feeds_the_language_model() -> None:
    told = summary(vision(64), text(32), linear("projector", 64, 32), linear("lm_head", 32, 1000))
    assert "turns an image into vectors, projector brings them to the 32 numbers of the language model" in told


def test_a_head_of_four_numbers_called_a_box_finds_objects() -> None:
    told = summary(vision(64), linear("class_head", 64, 91), linear("box_head", 64, 4))
    assert "for each candidate class_head scores the classes, and box_head gives the four numbers of a box" in told
    assert "finds objects" not in summary(vision(64), linear("class_head", 64, 91), linear("pose_head", 64, 4))


def test_an_output_as_wide_as_a_patch_gives_back_pixels() -> None:
    decoder = tower("decoder", linear("embed", 64, 32).strip(), 32, 2)
    told = summary(vision(64), decoder, linear("to_pixels", 32, 768))
    assert "3 × 16 × 16 = 768" in told
    assert "gives back the pixels" not in summary(vision(64), decoder, linear("to_pixels", 32, 512))


def test_towers_of_the_same_size_are_not_told_twice() -> None:
    told = summary(vision(64), text(64))
    assert "the text tower (text_model) has the same" in told


@pytest.mark.parametrize(("number", "noun", "text"), [(1, "block", "1 block"), (0, "token", "0 tokens"), (1200, "unit", "1,200 units")])
def test_a_number_takes_its_noun_in_the_right_number(number: int, noun: str, text: str) -> None:
    assert words.several(number, noun) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0, 1, 2, 6], "0–2 and 6"),
        ([3, 7, 11, 15, 19], "3, 7, 11, … 19"),
        ([4, 12], "4 and 12"),
        ([n for n in range(48) if n % 4 != 3], "0–2, 4–6, 8–10, … 44–46"),
    ],
)
def test_numbers_of_blocks_are_told_in_short(values: list[int], text: str) -> None:
    assert words.numbers(values) == text


@pytest.mark.parametrize(
    ("text", "told"), [("ReLU", "ReLU"), ("Adds up", "adds up"), ("A model", "a model"), ("GELU (tanh)", "GELU (tanh)")]
)
def test_only_common_words_lose_their_capital(text: str, told: str) -> None:
    assert words.uncapital(text) == told


def test_networks_alike_are_told_as_so_many_and_what_each_of_them_is() -> None:
    e = explain(nn.ModuleList(nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)) for _ in range(5)))
    assert e.summary.startswith(
        "ModuleList holds 5 whole networks, all alike, side by side: what one gives is not what another takes. Each is a multi-layer "
    )
    assert "Together they have 254,450 parameters." in e.summary
    assert e.story.parts["[0-4]"].role == "One of five whole networks, all alike, which stand side by side."


def test_towers_that_end_in_products_of_one_width_are_compared_unless_more_is_made_of_them() -> None:
    def ending(tower: str, width: int) -> str:
        return tower.removesuffix("  )\n") + f"  {linear('proj', width, 24)}  )\n"

    told = summary(ending(vision(64), 64), ending(text(32), 32))
    assert "vision_model.proj and text_model.proj bring what they make to 24 numbers each" in told
    assert "compared" not in summary(ending(vision(64), 64), ending(text(32), 32), linear("classifier", 48, 5))


def test_a_dual_encoder_with_convolutions_tells_what_is_compared_and_its_text_encoder() -> None:
    conv = "  (image_encoder): Sequential(\n    (0): Conv2d(3, 16, kernel_size=(3, 3))\n    (1): Conv2d(16, 48, kernel_size=(3, 3))\n  )\n"
    told = summary(conv, text(32), linear("image_proj", 48, 24), linear("text_proj", 32, 24))
    assert told.startswith("Model is a dual encoder of a convolutional network and a Transformer over tokens.")
    assert "image_proj and text_proj bring what they make to 24 numbers each" in told
    assert "The text encoder, text_model, has 4 blocks on a stream of vectors 32 numbers wide" in told

"""Dimensions have names, and costs grow as the model computes."""

from __future__ import annotations

import pytest
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from archmagic import explain
from archmagic.trace.naming import Probe, growth_of, name_dimension
from archmagic.tree import Forward

from .models import Language, Vision


def followed(model: nn.Module, inputs: object) -> Forward:
    forward = explain(model, inputs=inputs).forward
    assert forward is not None
    assert forward.failed is None, forward.failed
    return forward


PROBES = (Probe("B", 1, 3), Probe("H", 64, 128), Probe("W", 64, 128))
SIZES = {"B": 1, "H": 64, "W": 64}


@pytest.mark.parametrize(
    ("size", "others", "name"),
    [
        (768, (768, 768, 768), "768"),
        (1, (3, 1, 1), "B"),
        (16, (16, 32, 16), "H/4"),
        (65, (65, 129, 65), "H + 1"),
        (17, (17, 33, 33), "H*W/256 + 1"),
        (16, (48, 32, 32), "B*H*W/256"),
        (2, (6, 2, 2), "2B"),
        (5, (5, 9, 7), "?"),
    ],
)
def test_a_dimension_is_named_by_how_it_moves(size: int, others: tuple[int, ...], name: str) -> None:
    assert name_dimension(size, others, PROBES, SIZES) == name


def test_sequence_models_are_named_by_batch_and_length() -> None:
    forward = followed(Language(), (1, 16))
    assert [(s.letter, s.size) for s in forward.symbols] == [("B", 1), ("T", 16)]
    assert [data.text for data in forward.inputs + forward.outputs] == ["(B, T)", "(B, T, 50)"]
    attention = next(step for step in forward.steps if step.op == "attention")
    assert [data.text for data in attention.inputs] == ["(B, 4, T, 8)"] * 3


def test_images_are_named_by_height_and_width() -> None:
    forward = followed(Vision(), (1, 3, 64, 64))
    assert [data.text for data in forward.inputs] == ["(B, 3, H, W)"]
    assert [step.outputs[0].text for step in forward.steps if step.path == "layers.1.conv1"] == ["(B, 16, H/4, W/4)"]


def test_a_size_that_cannot_change_has_no_name() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 10))
    forward = followed(model, (2, 3, 8, 8))
    assert [s.letter for s in forward.symbols] == ["B"]
    assert [data.text for data in forward.inputs] == ["(B, 3, 8, 8)"]


def test_flops_are_those_of_torchs_counter() -> None:
    import torch

    for model, inputs in ((Language(), torch.zeros(2, 16, dtype=torch.long)), (Vision(), torch.zeros(2, 3, 64, 64))):
        forward = followed(model, tuple(inputs.shape))
        meta = model.to("meta")
        with FlopCounterMode(display=False) as counter:
            meta(inputs.to("meta"))
        assert forward.flops == counter.get_total_flops()


def test_the_steps_inside_add_up() -> None:
    forward = followed(Language(4), (1, 16))
    inside: dict[int, int] = {}
    for step in forward.steps:
        if step.parent is not None:
            times = step.repeat // forward.steps[step.parent].repeat
            inside[step.parent] = inside.get(step.parent, 0) + step.flops * times
    assert inside
    assert all(forward.steps[at].flops == total for at, total in inside.items() if forward.steps[at].kind == "module")


@pytest.mark.parametrize("length", [1, 48, 300])
def test_growth_gives_the_cost_at_other_sizes(length: int) -> None:
    forward = followed(Language(2), (1, 16))
    assert forward.growth is not None
    assert forward.growth.order == "B T^2"
    other = followed(Language(2), (2, length))
    assert round(forward.growth.at({"B": 2, "T": length})) == other.flops


def test_attention_grows_with_the_square_and_the_rest_does_not() -> None:
    forward = followed(Language(2), (1, 16))
    attention = forward.attention_growth
    assert attention is not None
    assert [dict(powers) for _, powers in attention.terms] == [{"B": 1, "T": 2}]


def test_a_cost_that_no_polynomial_fits_is_not_told() -> None:
    probes = (Probe("T", 16, 32), Probe("T", 16, 48), Probe("T", 16, 64))
    assert growth_of(100, (100, 250, 251), probes) is None

"""What leads from stage to stage of a hierarchy of attention blocks: its parts say what they do there."""

from __future__ import annotations

import pytest
from torch import nn

from archmagic import explain

from .test_attention import Block


class Halving(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.reduction = nn.LayerNorm(4 * width), nn.Linear(4 * width, 2 * width, bias=False)


class Stage(nn.Module):
    def __init__(self, width: int, last: bool, apart: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(width), Block(width)])
        if not last and apart:
            self.halving = Halving(width)
        elif not last:
            self.norm, self.reduction = nn.LayerNorm(4 * width), nn.Linear(4 * width, 2 * width)


def hierarchy(apart: bool) -> nn.Module:
    stages = nn.ModuleList([Stage(64 * 2**at, at == 2, apart) for at in range(3)])
    return nn.ModuleDict({"patch_embed": nn.Conv2d(3, 64, 4, 4), "stages": stages, "norm": nn.LayerNorm(256), "head": nn.Linear(256, 10)})


@pytest.mark.parametrize("apart", [True, False])
def test_a_product_of_four_neighbours_and_its_norm_say_so(apart: bool) -> None:
    for given in (hierarchy(apart), repr(hierarchy(apart))):
        story = explain(given).story
        around = "stages.0.halving" if apart else "stages.0"
        assert story.parts[f"{around}.norm"].role == "Normalises the vectors of four neighbouring positions together, 256 numbers."
        product = "Makes one vector of the next stage's width from those of four neighbouring positions: 256 → 128."
        assert story.parts[f"{around}.reduction"].role == product
        assert story.parts[f"{around}.reduction"].basis == "named"
        steps = [s.text for section in story.sections for s in section.statements if "four by four" in s.text]
        assert steps[0].startswith(f"{around if apart else 'stages.0.reduction'} then puts the vectors of neighbouring positions")
        assert (story.parts[around].title == "Patch merging") is apart

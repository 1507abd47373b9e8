"""The parts: each told once, what differs named, and nothing at the wrong end."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from archmagic import Explanation, explain
from archmagic.story import Section

from ..facts import models
from .test_flow import Parts, SelfAttention


def section(e: Explanation, title: str) -> Section:
    return next(s for s in e.story.sections if s.title.startswith(title))


def test_what_passes_its_input_through_shares_one_line() -> None:
    e = explain(Parts(a=nn.Linear(3, 4), off=nn.Dropout(0.0), same=nn.Identity(), b=nn.Linear(4, 2), act=nn.ReLU()))
    texts = [s.text for s in section(e, "The parts").statements]
    assert [text for text in texts if "through" in text] == ["off and same pass their input through."]


def test_blocks_that_differ_only_in_dropout_are_one_kind() -> None:
    layers = nn.ModuleList(
        Parts(attn=SelfAttention(16), drop_path=nn.Dropout(n / 10) if n else nn.Identity(), up=nn.Linear(16, 64), down=nn.Linear(64, 16))
        for n in range(4)
    )
    e = explain(Parts(embed_tokens=nn.Embedding(300, 16), layers=layers, lm_head=nn.Linear(16, 300)))
    texts = [s.text for s in section(e, "One block, four times").statements]
    assert "They differ only in drop_path." in texts


def test_a_linear_layer_is_explained_once_and_then_only_sized() -> None:
    e = explain(Parts(a=nn.Linear(3, 4), b=nn.Linear(5, 6), c=nn.Linear(7, 8)))
    texts = [s.text for s in section(e, "The parts").statements]
    assert "weighted sum" in texts[0]
    assert texts[1].startswith("5 → 6. ")


def test_a_list_tells_what_it_lists() -> None:
    e = explain(Parts(branches=nn.ModuleList([nn.ReLU(), nn.Conv2d(3, 3, 1), nn.Conv2d(3, 6, 1)])))
    assert e.story.parts["branches"].role == "Lists ReLU and 2 × Conv2d."


def test_a_padding_that_only_moves_the_sequence_is_a_shift() -> None:
    assert "by 1 step" in (explain(Parts(shift=nn.ZeroPad2d((0, 0, 1, -1)))).story.parts["shift"].role or "")
    assert explain(Parts(pad=nn.ZeroPad2d((1, 1, 1, 1)))).story.parts["pad"].role is None


def test_parts_between_stages_are_neither_input_nor_output() -> None:
    build: Callable[[int, int], Parts] = lambda width, count: Parts(  # noqa: E731
        blocks=nn.ModuleList(
            Parts(attn=SelfAttention(width), norm=nn.LayerNorm(width), up=nn.Linear(width, 2 * width), down=nn.Linear(2 * width, width))
            for _ in range(count)
        )
    )
    stages = [build(16, 2), build(32, 2)]
    stages[0].add_module("downsample", Parts(norm=nn.LayerNorm(64), reduction=nn.Linear(64, 32)))
    e = explain(Parts(patch=nn.Conv2d(3, 16, 4, 4), stages=nn.ModuleList(stages), norm=nn.LayerNorm(32), head=nn.Linear(32, 5)))
    assert any(s.label == "stages.0.downsample.reduction" for s in section(e, "Between the blocks").statements)
    assert [s.label for s in section(e, "Output").statements] == ["head"], "the last norm is told in the data flow"
    steps = [s.text for s in section(e, "How data flows").statements]
    assert any("64 → 32: a quarter of the positions remains" in step for step in steps)


def test_what_modules_cannot_tell_names_what_would() -> None:
    told = " ".join(s.text for s in explain(models.NeoxLm()).story.sections[-1].statements)
    assert "How long the input may be, and the base of the rotary angles: the config, which is not here, would tell." in told
    assert "forward" in told

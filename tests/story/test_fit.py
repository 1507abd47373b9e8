"""What fits into memory: weights, a pass, a batch, a cache."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from archmagic import ArchmagicError, explain
from archmagic.story.fit import parse_memory

GPT2 = "GPT2LMHeadModel(\n  (lm_head): Linear(in_features=768, out_features=50257, bias=False)\n)"


def said(model: object, memory: str | int, inputs: object = None) -> str:
    story = explain(model, inputs=inputs, memory=memory).story
    section = next(section for section in story.sections if section.title.startswith("What fits"))
    return " ".join(statement.text for statement in section.statements)


@pytest.mark.parametrize(
    ("given", "size"), [("24 GB", 24 * 10**9), ("24GiB", 24 * 2**30), ("1.5 mb", 1_500_000), ("80g", 80 * 10**9), ("512 B", 512), (7, 7)]
)
def test_sizes_are_read_as_people_write_them(given: str | int, size: int) -> None:
    assert parse_memory(given) == size


@pytest.mark.parametrize("given", ["", "much", "24", "24 XB", "0 GB", -1, True, [24]])
def test_what_is_no_size_is_told_before_anything_runs(given: object) -> None:
    class Never(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            raise KeyboardInterrupt

    with pytest.raises(ArchmagicError, match="24 GB"):
        explain(Never(2, 2), inputs=(1, 2), memory=given)  # type: ignore[arg-type]


def test_weights_are_as_stored_or_in_the_type_asked_for() -> None:
    explanation = explain(nn.Linear(1000, 1000, bias=False).bfloat16())
    assert explanation.fits("1 GB").weights == 2_000_000
    assert explanation.fits("1 GB", dtype="int4").weights == 500_000
    assert not explanation.fits("1 MB").fits
    with pytest.raises(ArchmagicError, match="bfloat16"):
        explanation.fits("1 GB", dtype="brain")


@pytest.mark.parametrize("dtype", ["float16", "fp16", torch.float16])
def test_a_type_is_named_in_full_in_short_or_by_torch(dtype: object) -> None:
    found = explain(nn.Linear(1000, 1000, bias=False)).fits("1 GB", dtype=dtype)
    assert (found.weights, found.dtype) == (2_000_000, "float16")


def test_a_pass_and_the_largest_batch_are_what_passes_of_that_size_take() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1))
    found = explain(model, inputs=(2, 3, 64, 64)).fits("100 MB")
    assert found.during == 2 * 2 * 8 * 64 * 64 * 4
    assert found.batch is not None
    most = explain(model, inputs=(found.batch, 3, 64, 64)).fits("100 MB")
    assert most.fits
    assert not explain(model, inputs=(found.batch + 1, 3, 64, 64)).fits("100 MB").fits


def test_the_cache_of_a_followed_model_is_counted_by_position() -> None:
    class Cached(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.key = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> object:
            from collections import namedtuple

            return namedtuple("Out", "logits past_key_values")(x, self.key(x))

    explanation = explain(Cached(), inputs=(1, 16, 8), memory="1 MB")
    found = explanation.fits("1 MB")
    assert found.cache_per_token == 32
    assert found.tokens == (10**6 - found.weights) // 32
    assert f"{found.tokens:,} positions" in said(Cached(), "1 MB", (1, 16, 8))


def test_what_does_not_fit_says_what_is_missing_and_in_what_it_would() -> None:
    text = said(nn.Linear(1000, 1000, bias=False), "3 MB")
    assert "1 MB more than 3 MB" in text
    assert "In bfloat16 they would take 2 MB." in text


def test_a_print_is_reckoned_in_bfloat16_and_says_so() -> None:
    assert "in bfloat16" in said(GPT2, "1 GB")
    assert explain(GPT2).fits("1 GB").weights == 2 * 768 * 50257


def test_weights_without_a_size_are_said_to_be_unknown() -> None:
    for lazy in (nn.Sequential(nn.LazyLinear(4)), nn.Sequential(nn.Linear(2, 2), nn.LazyLinear(4))):
        with pytest.raises(ArchmagicError, match="not known"):
            explain(lazy).fits("1 GB")
        assert "not known" in said(lazy, "1 GB")


def test_a_model_without_weights_takes_nothing() -> None:
    assert [explain(given).fits("1 GB").weights for given in (nn.ReLU(), "ReLU()")] == [0, 0]


def test_several_models_are_weighed_together() -> None:
    parts = {"a": nn.Linear(10, 10, bias=False), "b": nn.Linear(10, 10, bias=False)}
    assert explain(parts).fits("1 GB").weights == 800
    assert "800 bytes" in said(parts, "1 GB")


def test_without_memory_nothing_is_said() -> None:
    assert not any("What fits" in section.title for section in explain(torch.nn.Linear(2, 2)).story.sections)

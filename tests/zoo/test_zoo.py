"""A sample of `make zoo`, one model type of each kind, as a test."""

from __future__ import annotations

import pytest

from .disagreements import unsettled
from .measure import measure

SAMPLE = ("bert", "clip", "gemma3_text", "gpt2", "llama", "mamba2", "mixtral", "resnet", "t5", "vit", "wav2vec2", "whisper")


@pytest.mark.slow
@pytest.mark.parametrize("model_type", SAMPLE)
def test_it_is_printed_back_to_the_letter_and_nothing_said_of_it_is_wrong(model_type: str) -> None:
    result = measure(model_type)
    assert result is not None
    assert result.faults == []
    assert unsettled([result]) == []
    assert result.html_bytes <= 100_000

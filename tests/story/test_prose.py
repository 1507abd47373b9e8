"""Sentences on real prints and models of transformers, where a wrong one was found by reading."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from archmagic import Explanation, explain


def told(name: str, **config: Any) -> Explanation:
    import transformers

    model_class = getattr(transformers, name)
    with torch.device("meta"):
        return explain(model_class._from_config(model_class.config_class(**config)))


def text(e: Explanation) -> str:
    return " ".join(s.text for section in e.story.sections for s in section.statements)


def test_parallel_blocks_with_two_norms_are_not_said_to_share_one() -> None:
    said = text(told("GPTNeoXForCausalLM", num_hidden_layers=2))
    assert "each reading the stream through a norm of its own" in said
    assert "normalise once" not in said
    assert "the same normalised input" not in said


def test_parallel_blocks_with_one_norm_normalise_once() -> None:
    assert "normalise once, attend and transform side by side" in text(told("GPTJForCausalLM", n_layer=2))


def test_partly_rotated_heads_and_sinks_are_told() -> None:
    assert "turns 24 of each head's 96 numbers" in text(told("GPTNeoXForCausalLM", num_hidden_layers=2))
    assert "learned sink" in text(told("GptOssForCausalLM", num_hidden_layers=2))


def test_latent_attention_tells_its_heads_norms_and_cache() -> None:
    said = text(told("DeepseekV3ForCausalLM", num_hidden_layers=4))
    assert "128 numbers of each query and key carry no position." in said
    assert "Normalises the cached latent, 512 numbers" in said
    assert "keeps 2,304 numbers, the latents and the rotary keys" in said  # 4 x (512 + 64)


def test_attention_that_is_split_by_distance_is_told_without_rotation() -> None:
    assert "ALiBi" in text(told("BloomForCausalLM"))


@pytest.mark.parametrize("name", ["T5ForConditionalGeneration", "BartForConditionalGeneration"])
def test_an_encoder_and_its_decoder_are_told_in_one_sentence(name: str) -> None:
    assert "The encoder has" in told(name).summary
    assert "encoder has" not in told(name).summary.replace("The encoder has", "")


def test_no_sentence_counts_one_of_many() -> None:
    for name in ("GPT2LMHeadModel", "BertForMaskedLM", "ResNetForImageClassification", "ViTForImageClassification"):
        said = text(told(name))
        assert " 1 blocks" not in said
        assert " 1 parameters" not in said
        assert " 1 outputs" not in said

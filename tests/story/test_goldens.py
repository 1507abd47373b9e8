"""Explanations of well-known models, kept as they were reviewed. OVERWRITE_GOLDEN=1 writes them anew; read the diff.

The lines that begin a golden with `#` tell what of it was checked, and against what.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from archmagic import explain

from .handwritten import DigitNet, GPTLanguageModel, ReviewClassifier, UNet

TESTS = Path(__file__).parents[1]


def transformers_model(name: str) -> Callable[[], Any]:
    def build() -> Any:
        import transformers

        model_class = getattr(transformers, name)
        with torch.device("meta"):
            return model_class._from_config(model_class.config_class())

    return build


def printed(path: str) -> Callable[[], str]:
    return lambda: (TESTS / "printed" / path).read_text(encoding="utf-8")


MODELS: dict[str, Callable[[], Any]] = {
    "gpt2": transformers_model("GPT2LMHeadModel"),
    "llama": transformers_model("LlamaForCausalLM"),
    "qwen3-print": printed("transformers/qwen3.txt"),
    "gemma3": transformers_model("Gemma3ForCausalLM"),
    "mixtral": transformers_model("MixtralForCausalLM"),
    "deepseek-v3": transformers_model("DeepseekV3ForCausalLM"),
    "bert": transformers_model("BertForMaskedLM"),
    "t5": transformers_model("T5ForConditionalGeneration"),
    "vit": transformers_model("ViTForImageClassification"),
    "clip": transformers_model("CLIPModel"),
    "whisper": transformers_model("WhisperForConditionalGeneration"),
    "mamba2": transformers_model("Mamba2ForCausalLM"),
    "resnet50": transformers_model("ResNetForImageClassification"),
    "unet": UNet,
    "digit-cnn": DigitNet,
    "gru-classifier": ReviewClassifier,
    "scratch-gpt": GPTLanguageModel,
    "gpt2-lora-print": printed("forms/lora.txt"),
    "4-bit-print": printed("forms/bnb_4bit.txt"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_well_known_model_is_told_as_it_was_reviewed(name: str) -> None:
    path = TESTS / "golden" / f"{name}.txt"
    text = explain(MODELS[name]()).to_text() + "\n"
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    header = "".join(line + "\n" for line in old.splitlines() if line.startswith("# "))
    if os.environ.get("OVERWRITE_GOLDEN"):
        path.write_text(header + text, encoding="utf-8")
        old = header + text
    assert header + text == old
    assert header, f"{path.name} must begin with lines that tell what was checked (# checked: ...)"

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
from torch import nn

from archmagic import explain

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


class Residual(nn.Module):
    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(8, width), nn.Conv2d(width, out, 3, padding=1)
        self.time = nn.Linear(256, out)
        self.norm2, self.conv2 = nn.GroupNorm(8, out), nn.Conv2d(out, out, 3, padding=1)
        self.shortcut = nn.Conv2d(width, out, 1) if width != out else nn.Identity()
        self.act = nn.SiLU()


class UNet(nn.Module):
    """A small denoising U-Net of the usual form (Ho et al. 2020)."""

    def __init__(self) -> None:
        super().__init__()
        self.time_embed = nn.Sequential(nn.Linear(64, 256), nn.SiLU(), nn.Linear(256, 256))
        self.conv_in = nn.Conv2d(3, 64, 3, padding=1)
        self.down = nn.ModuleList(
            nn.ModuleDict({"blocks": nn.ModuleList([Residual(a, b), Residual(b, b)]), "downsample": nn.Conv2d(b, b, 3, 2, 1)})
            for a, b in ((64, 64), (64, 128), (128, 256))
        )
        self.mid = nn.ModuleList([Residual(256, 256), Residual(256, 256)])
        self.up = nn.ModuleList(
            nn.ModuleDict({"blocks": nn.ModuleList([Residual(2 * a, b), Residual(b, b)]), "upsample": nn.ConvTranspose2d(a, a, 4, 2, 1)})
            for a, b in ((256, 128), (128, 64), (64, 64))
        )
        self.norm_out, self.conv_out = nn.GroupNorm(8, 64), nn.Conv2d(64, 3, 3, padding=1)


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

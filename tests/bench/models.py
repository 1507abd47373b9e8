"""The models that the bench explains, on the meta device: from small to far larger than anyone reads.

Each takes the number of the run and is a little wider with each, so that nothing kept of one is of use for the next.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
warnings.simplefilter("ignore")


class Expert(nn.Module):
    """A gated feed-forward."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(width, inner, bias=False)
        self.up_proj = nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)
        self.act_fn = nn.SiLU()


class Layer(nn.Module):
    """A block whose feed-forward is a mixture of experts."""

    def __init__(self, width: int, inner: int, experts: int) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(width)
        self.self_attn = nn.Linear(width, width)
        self.post_attention_layernorm = nn.RMSNorm(width)
        self.gate = nn.Linear(width, experts, bias=False)
        self.experts = nn.ModuleList(Expert(width, inner) for _ in range(experts))


class Mixture(nn.Module):
    """61 layers of 256 experts each, as DeepSeek-V3 has: 78,450 modules."""

    def __init__(self, layers: int = 61, experts: int = 256, width: int = 7168, inner: int = 2048) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(129_280, width)
        self.layers = nn.ModuleList(Layer(width, inner, experts) for _ in range(layers))
        self.lm_head = nn.Linear(width, 129_280, bias=False)


def chain(depth: int = 5000, width: int = 16) -> nn.Module:
    """One module in another, so many deep."""
    inner: nn.Module = nn.Linear(width, width)
    for _ in range(depth - 1):
        inner = nn.Sequential(inner)
    return inner


def different(count: int = 5000, width: int = 16) -> nn.Module:
    """A list of layers of which no two are alike."""
    return nn.ModuleList(nn.Linear(width + at, 1 + at % 7) for at in range(count))


def equal(layers: int, width: int = 64) -> nn.Module:
    """So many equal encoder layers."""
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(width, 4, 4 * width, batch_first=True), layers, enable_nested_tensor=False)


def from_transformers(name: str, **settings: Any) -> nn.Module:
    import transformers

    model_class = getattr(transformers, name)
    model: nn.Module = model_class._from_config(model_class.config_class(**settings))
    return model


MODELS: dict[str, Callable[[int], nn.Module]] = {
    "GPT-2": lambda run: from_transformers("GPT2LMHeadModel", n_embd=768 + 12 * run),
    "BERT": lambda run: from_transformers("BertForMaskedLM", hidden_size=768 + 12 * run),
    "Llama-7B": lambda run: from_transformers("LlamaForCausalLM", hidden_size=4096 + 64 * run),
    "NLLB-MoE": lambda run: from_transformers("NllbMoeForConditionalGeneration", d_model=2048 + 16 * run),
    "mixture": lambda run: Mixture(width=7168 + run),
    "5,000 deep": lambda run: chain(width=16 + run),
    "5,000 wide": lambda run: different(width=16 + run),
}

SMOKE: dict[str, Callable[[int], nn.Module]] = {
    "GPT-2": MODELS["GPT-2"],
    "mixture": lambda run: Mixture(layers=3, experts=16, width=64 + run, inner=32),
    "300 deep": lambda run: chain(300, 16 + run),
    "300 wide": lambda run: different(300, 16 + run),
}
"""Their like, in seconds."""


def build(make: Callable[[int], nn.Module], run: int = 0) -> nn.Module:
    """A model on the meta device."""
    with torch.device("meta"):
        return make(run)

"""The models that the bench explains, on the meta device: from small to far larger than anyone reads."""

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


def _from_transformers(name: str, **settings: Any) -> nn.Module:
    import transformers

    model_class = getattr(transformers, name)
    model: nn.Module = model_class._from_config(model_class.config_class(**settings))
    return model


MODELS: dict[str, Callable[[], nn.Module]] = {
    "GPT-2": lambda: _from_transformers("GPT2LMHeadModel"),
    "BERT": lambda: _from_transformers("BertForMaskedLM"),
    "Llama-7B": lambda: _from_transformers("LlamaForCausalLM"),
    "NLLB-MoE": lambda: _from_transformers("NllbMoeForConditionalGeneration"),
    "mixture": Mixture,
}


def build(name: str) -> nn.Module:
    """The model of that name, on the meta device."""
    with torch.device("meta"):
        return MODELS[name]()

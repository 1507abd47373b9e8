"""Real models in small, of every sort that people explain: on the CPU and on meta, scripted, compiled, adapted, quantised, lazy."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


class Net(nn.Module):
    """All that a module can carry: tied weights, hooks, buffers, a config, parts in eval mode, frozen and odd attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.config = {"hidden_size": 8, "note": ["kept", {"as": "it is"}]}
        self.embed = nn.Embedding(20, 8)
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True) for _ in range(3))
        self.norm = nn.BatchNorm1d(8)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(8, 20, bias=False)
        self.head.weight = self.embed.weight
        self.seen: list[int] = []
        self.cache: dict[str, torch.Tensor] = {"mask": torch.ones(2, 2)}
        self.missing = None
        self.register_buffer("steps", torch.zeros(1, dtype=torch.long))
        self.layers[1].eval()
        self.norm.requires_grad_(False)
        self.register_forward_hook(lambda module, given, made: module.seen.append(1))
        self.embed.weight.register_hook(lambda grad: grad)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.steps += 1
        x = self.embed(x)
        for layer in self.layers:
            x = layer(x)
        self.cache["last"] = x
        return self.head(self.drop(self.norm(x.transpose(1, 2)).transpose(1, 2)))


class Adapted(nn.Module):
    """A product with a low-rank adapter, as PEFT wraps it."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base_layer = base.requires_grad_(False)
        self.lora_A = nn.ModuleDict({"default": nn.Linear(base.in_features, 2, bias=False)})
        self.lora_B = nn.ModuleDict({"default": nn.Linear(2, base.out_features, bias=False)})
        self.scaling = {"default": 2.0}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base_layer(x) + self.lora_B["default"](self.lora_A["default"](x)) * self.scaling["default"]


def _transformers(name: str, **settings: Any) -> nn.Module:
    import transformers

    model_class = getattr(transformers, name)
    model: nn.Module = model_class._from_config(model_class.config_class(**settings))
    return model


def _gpt2() -> nn.Module:
    return _transformers("GPT2LMHeadModel", n_layer=2, n_embd=16, n_head=2, vocab_size=50, n_positions=32)


def _meta_llama() -> nn.Module:
    with torch.device("meta"):
        return _transformers("LlamaForCausalLM", num_hidden_layers=3)


def _bert() -> nn.Module:
    return _transformers(
        "BertForMaskedLM", num_hidden_layers=2, hidden_size=16, num_attention_heads=2, intermediate_size=32, vocab_size=50
    ).eval()


def _adapted() -> nn.Module:
    return nn.Sequential(Adapted(nn.Linear(8, 8)), nn.GELU(), Adapted(nn.Linear(8, 8)))


def _scripted() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8)))


def _compiled() -> nn.Module:
    return torch.compile(nn.Sequential(nn.Linear(8, 16), nn.ReLU()))  # type: ignore[return-value]


def _parametrized() -> nn.Module:
    return nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(8, 8)), nn.utils.parametrizations.spectral_norm(nn.Linear(8, 8)))


def _quantized() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(8, 8), nn.ReLU()), {nn.Linear})


MODELS: dict[str, Callable[[], nn.Module]] = {
    "hand-written": Net,
    "gpt2": _gpt2,
    "bert": _bert,
    "llama on meta": _meta_llama,
    "adapted": _adapted,
    "scripted": _scripted,
    "compiled": _compiled,
    "parametrized": _parametrized,
    "quantized": _quantized,
    "lazy": lambda: nn.Sequential(nn.LazyLinear(4), nn.BatchNorm1d(4)),
}

INPUTS: dict[str, Any] = {
    "hand-written": torch.zeros(2, 5, dtype=torch.long),
    "gpt2": {"input_ids": torch.zeros(1, 7, dtype=torch.long)},
    "bert": "auto",
    "llama on meta": {"input_ids": (1, 5)},
    "adapted": (3, 8),
    "scripted": (3, 8),
    "compiled": (3, 8),
    "parametrized": (3, 8),
    "quantized": (3, 8),
    "lazy": (3, 8),
}
"""What a pass through each is followed with."""

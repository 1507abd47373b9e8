"""Models put together by chance out of what people's models are made of: layers, names, classes, attributes that mean something."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import nn


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NAMES = _words("""
    q_proj k_proj v_proj o_proj query key value out_proj c_attn c_proj qkv attn attention self_attn cross_attn mlp ffn fc1 fc2 gate_proj
    up_proj down_proj gate experts router shared_experts encoder decoder down_blocks up_blocks mid_block norm norm1 norm2 ln_1 ln_2
    input_layernorm embed embed_tokens wte wpe position_embeddings lm_head head classifier fc layers h blocks stages layer1 layer2 conv
    conv1 conv2 bn1 downsample shortcut pool act dropout rotary_emb mixer lora_A lora_B base_layer original_module modules_to_save
    parametrizations patch_embed time_embed proj in_proj to_out linears self output dense rnn 0 1 2 3 expert_0 expert_1
""")
CLASSES = _words("""
    GPT2Block LlamaDecoderLayer BertSelfAttention Attention MLP FeedForward Expert SparseMoE Encoder Decoder ResBlock Stage UNet VAE Net
    Model RotaryEmbedding PatchEmbed Mamba Mixer MultiHeadAttention Block Wrapper Adapter
""")
ATTRIBUTES = _words("""
    num_heads n_heads num_attention_heads head_dim hidden_size num_key_value_heads layer_idx embed_dim scale dim_head top_k num_experts
    sliding_window window_size is_causal is_decoder scaling key_dim num_key_value_groups rotary_dim eps
""")
VALUES: tuple[Any, ...] = (0, 1, 2, 4, 8, -1, None, True, False, "x", 0.5, (1, 2), (), float("nan"), 10**30, "16", [2, 2])
CONFIGS: tuple[Any, ...] = (
    {"hidden_size": 8, "num_hidden_layers": 2, "vocab_size": 64, "num_attention_heads": 2},
    {"hidden_size": "x", "num_hidden_layers": -1, "num_attention_heads": 0}, None, 3, "x", {"a": {"b": [1, 2]}},
)  # fmt: skip


class Maker:
    """Makes modules; the same chance makes the same ones."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def width(self) -> int:
        return self._chance.choice((0, 1, 2, 3, 4, 12, 24) if self._chance.random() < 0.25 else (8, 16, 32))

    def leaf(self) -> nn.Module:
        pick, width = self._chance.choice, self.width
        makers: tuple[Callable[[], nn.Module], ...] = (
            lambda: nn.Linear(width(), width(), bias=pick((True, False))), lambda: nn.Linear(16, 16), lambda: nn.LazyLinear(4),
            lambda: nn.Embedding(pick((1, 2, 8, 64)), width() or 1), lambda: nn.EmbeddingBag(10, 4), lambda: nn.Bilinear(2, 3, 4),
            lambda: nn.LayerNorm(width() or 1), lambda: nn.RMSNorm(width() or 1), lambda: nn.BatchNorm2d(8), lambda: nn.GroupNorm(2, 8),
            lambda: nn.Conv2d(width() or 1, width(), pick((1, 3)), stride=pick((1, 2))), lambda: nn.Conv1d(8, 8, 3, groups=pick((1, 8))),
            lambda: nn.ConvTranspose2d(8, 4, 2, 2), lambda: nn.MaxPool2d(2), nn.Flatten, nn.Identity, nn.ReLU, nn.GELU, nn.PReLU,
            lambda: nn.Dropout(pick((0, 0.1))), lambda: nn.LSTM(8, 8, pick((1, 2)), bidirectional=pick((True, False))),
            lambda: nn.GRU(8, 4),
            lambda: nn.MultiheadAttention(8, pick((1, 2))), lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
        )  # fmt: skip
        return pick(makers)()

    def dressed(self, module: nn.Module) -> nn.Module:
        """The module with attributes, tensors and a config of its own."""
        pick, random_ = self._chance.choice, self._chance.random
        for _ in range(pick((0, 0, 1, 2, 3))):
            setattr(module, pick(ATTRIBUTES), pick(VALUES))
        shape = [pick((0, 1, 4, 8)) for _ in range(pick((0, 1, 2, 3, 4)))]
        parameter, buffer = (
            pick(("pos_embed", "cls_token", "gate_up_proj", "lora_A")),
            pick(("mask", "inv_freq", "position_ids", "qweight")),
        )
        if random_() < 0.1 and not hasattr(module, parameter):
            module.register_parameter(parameter, nn.Parameter(torch.zeros(shape)))
        if random_() < 0.1 and not hasattr(module, buffer):
            module.register_buffer(buffer, torch.zeros(shape))
        if random_() < 0.1:
            module.config = pick(CONFIGS)
        return module

    def module(self, depth: int) -> nn.Module:
        chance, pick = self._chance.random(), self._chance.choice
        count = pick((1, 2, 2, 3, 4, 5))
        if depth == 0 or chance < 0.25:
            return self.leaf()
        if chance < 0.4:
            return nn.Sequential(*(self.module(depth - 1) for _ in range(count)))
        if chance < 0.5:
            seed = self._chance.random()
            return nn.ModuleList(Maker(random.Random(seed)).module(depth - 1) for _ in range(pick((2, 3, 4, 6))))
        if chance < 0.6:
            return nn.ModuleList(self.module(depth - 1) for _ in range(count))
        made: nn.Module = type(pick(CLASSES), (nn.Module,), {})()
        for _ in range(count):
            made._modules[pick(NAMES)] = self.module(depth - 1) if self._chance.random() > 0.03 else None
        if self._chance.random() < 0.08:
            made._modules["tied"] = next(iter(made._modules.values()))
        return self.dressed(made)


def random_model(seed: int) -> nn.Module:
    chance = random.Random(seed)
    maker = Maker(chance)
    return maker.dressed(maker.module(chance.choice((1, 2, 3, 4))))

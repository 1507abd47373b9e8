"""Small models of many kinds, built by hand with torch alone, as people write them."""

from __future__ import annotations

import torch
from torch import nn


class NanoAttention(nn.Module):
    """nanoGPT's: one product for queries, keys and values."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.attn_dropout, self.resid_dropout = nn.Dropout(0.1), nn.Dropout(0.1)
        self.n_head, self.n_embd = heads, width


class NanoMlp(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc, self.gelu, self.c_proj, self.dropout = (
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Linear(4 * width, width),
            nn.Dropout(0.1),
        )


class NanoBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(width), NanoAttention(width, heads)
        self.ln_2, self.mlp = nn.LayerNorm(width), NanoMlp(width)


class NanoGpt(nn.Module):
    def __init__(self, width: int = 96, heads: int = 6, depth: int = 5, tie: bool = True) -> None:
        super().__init__()
        blocks = nn.ModuleList([NanoBlock(width, heads) for _ in range(depth)])
        parts = {"wte": nn.Embedding(500, width), "wpe": nn.Embedding(128, width), "drop": nn.Dropout(0.1), "h": blocks}
        self.transformer = nn.ModuleDict({**parts, "ln_f": nn.LayerNorm(width)})
        self.lm_head = nn.Linear(width, 500, bias=False)
        if tie:
            self.lm_head.weight = self.transformer["wte"].weight


class TimmAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.num_heads, self.head_dim, self.scale = heads, width // heads, (width // heads) ** -0.5
        self.qkv, self.q_norm, self.k_norm = nn.Linear(width, 3 * width), nn.Identity(), nn.Identity()
        self.attn_drop, self.proj, self.proj_drop = nn.Dropout(0.0), nn.Linear(width, width), nn.Dropout(0.0)


class TimmMlp(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1, self.act, self.drop1 = nn.Linear(width, 4 * width), nn.GELU(), nn.Dropout(0.0)
        self.norm, self.fc2, self.drop2 = nn.Identity(), nn.Linear(4 * width, width), nn.Dropout(0.0)


class TimmBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attn, self.ls1, self.drop_path1 = nn.LayerNorm(width), TimmAttention(width, heads), nn.Identity(), nn.Identity()
        self.norm2, self.mlp, self.ls2, self.drop_path2 = nn.LayerNorm(width), TimmMlp(width), nn.Identity(), nn.Identity()


class TimmPatches(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.proj, self.norm = nn.Conv2d(3, width, kernel_size=16, stride=16), nn.Identity()


class TimmViT(nn.Module):
    """timm's VisionTransformer: blocks in a Sequential, class token and positions as bare parameters."""

    def __init__(self, width: int = 96, heads: int = 3, depth: int = 4) -> None:
        super().__init__()
        self.cls_token, self.pos_embed = nn.Parameter(torch.zeros(1, 1, width)), nn.Parameter(torch.zeros(1, 197, width))
        self.patch_embed, self.pos_drop, self.norm_pre = TimmPatches(width), nn.Dropout(0.0), nn.Identity()
        self.blocks = nn.Sequential(*[TimmBlock(width, heads) for _ in range(depth)])
        self.norm, self.fc_norm, self.head = nn.LayerNorm(width), nn.Identity(), nn.Linear(width, 10)


class TorchEncoder(nn.Module):
    """torch's own encoder under a classifier, as in its tutorials."""

    def __init__(self, width: int = 64, heads: int = 4, depth: int = 3, inner: int = 160) -> None:
        super().__init__()
        self.embedding, self.positional = nn.Embedding(1000, width), nn.Embedding(50, width)
        layer = nn.TransformerEncoderLayer(width, heads, inner, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.fc = nn.Linear(width, 5)


class XAttention(nn.Module):
    """lucidrains' and diffusers' names: to_q, to_kv, to_out."""

    def __init__(self, width: int, heads: int, dim_head: int, context: int | None = None) -> None:
        super().__init__()
        self.heads, self.scale = heads, dim_head**-0.5
        self.norm = nn.LayerNorm(width)
        self.to_q = nn.Linear(width, heads * dim_head, bias=False)
        self.to_k = nn.Linear(context or width, heads * dim_head, bias=False)
        self.to_v = nn.Linear(context or width, heads * dim_head, bias=False)
        self.to_out = nn.Sequential(nn.Linear(heads * dim_head, width), nn.Dropout(0.0))


class XTransformer(nn.Module):
    """lucidrains' nested lists: each layer a list of attention and feed-forward."""

    def __init__(self, width: int = 64, heads: int = 8, dim_head: int = 16, depth: int = 4, inner: int = 128) -> None:
        super().__init__()
        self.layers = nn.ModuleList([])
        for _ in range(depth):
            feed = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, inner), nn.GELU(), nn.Dropout(0.0), nn.Linear(inner, width))
            self.layers.append(nn.ModuleList([XAttention(width, heads, dim_head), feed]))
        self.norm = nn.LayerNorm(width)


class LstmTagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(2000, 50)
        self.lstm = nn.LSTM(50, 128, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(256, 9)


class CharRnn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.rnn, self.decoder = nn.Embedding(100, 32), nn.GRU(32, 64), nn.Linear(64, 100)


class ResBlock(nn.Module):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(8, n_in), nn.Conv2d(n_in, n_out, 3, padding=1)
        self.norm2, self.conv2 = nn.GroupNorm(8, n_out), nn.Conv2d(n_out, n_out, 3, padding=1)
        self.time_emb_proj = nn.Linear(64, n_out)
        self.shortcut = nn.Conv2d(n_in, n_out, 1) if n_in != n_out else nn.Identity()


class UNet(nn.Module):
    """A small diffusion U-Net: down, middle and up paths around a time embedding."""

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128)) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(3, widths[0], 3, padding=1)
        self.time_embedding = nn.Sequential(nn.Linear(32, 64), nn.SiLU(), nn.Linear(64, 64))
        downs, ups, before = [], [], widths[0]
        for width in widths:
            downs.append(nn.ModuleDict({"res": ResBlock(before, width), "down": nn.Conv2d(width, width, 3, stride=2, padding=1)}))
            before = width
        self.down_blocks = nn.ModuleList(downs)
        self.mid_block = nn.ModuleList([ResBlock(before, before), XAttention(before, 4, 32), ResBlock(before, before)])
        for width in reversed(widths):
            up = nn.ConvTranspose2d(before, before, 4, stride=2, padding=1)
            ups.append(nn.ModuleDict({"up": up, "res": ResBlock(before + width, width)}))
            before = width
        self.up_blocks = nn.ModuleList(ups)
        self.norm_out, self.conv_out = nn.GroupNorm(8, before), nn.Conv2d(before, 3, 3, padding=1)


class NeoxAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.query_key_value, self.dense = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.num_attention_heads, self.head_size = heads, width // heads


class NeoxMlp(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.dense_h_to_4h, self.dense_4h_to_h, self.act = nn.Linear(width, 4 * width), nn.Linear(4 * width, width), nn.GELU()


class NeoxBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.mlp = NeoxAttention(width, heads), NeoxMlp(width)


class RotaryEmbedding(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("inv_freq", 1.0 / (10000 ** (torch.arange(0, width, 2) / width)), persistent=False)


class NeoxLm(nn.Module):
    def __init__(self, width: int = 64, heads: int = 4, depth: int = 3) -> None:
        super().__init__()
        self.embed_in = nn.Embedding(700, width)
        self.layers = nn.ModuleList([NeoxBlock(width, heads) for _ in range(depth)])
        self.final_layer_norm, self.rotary_emb = nn.LayerNorm(width), RotaryEmbedding(width // heads)
        self.embed_out = nn.Linear(width, 700, bias=False)


class LoraLinear(nn.Module):
    """An adapter in PEFT's form: the frozen product and two thin ones beside it."""

    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.base_layer = base
        self.lora_dropout = nn.ModuleDict({"default": nn.Identity()})
        self.lora_A = nn.ModuleDict({"default": nn.Linear(base.in_features, rank, bias=False)})
        self.lora_B = nn.ModuleDict({"default": nn.Linear(rank, base.out_features, bias=False)})
        base.requires_grad_(False)


def with_lora(model: NanoGpt, rank: int = 4) -> NanoGpt:
    """The model frozen, with adapters on c_attn."""
    model.requires_grad_(False)
    for block in model.transformer["h"]:
        block.attn.c_attn = LoraLinear(block.attn.c_attn, rank)
    return model


class MixerBlock(nn.Module):
    def __init__(self, patches: int, width: int) -> None:
        super().__init__()
        self.norm1, self.mlp_tokens = nn.LayerNorm(width), nn.Sequential(nn.Linear(patches, 32), nn.GELU(), nn.Linear(32, patches))
        self.norm2, self.mlp_channels = nn.LayerNorm(width), nn.Sequential(nn.Linear(width, 256), nn.GELU(), nn.Linear(256, width))


class MlpMixer(nn.Module):
    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 16, 16)
        self.blocks = nn.Sequential(*[MixerBlock(196, width) for _ in range(4)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

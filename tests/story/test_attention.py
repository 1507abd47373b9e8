"""Which positions attention is said to look at: all only where nothing speaks against it."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from archmagic import explain


class Attention(nn.Module):
    def __init__(self, width: int, reach: int = 0) -> None:
        super().__init__()
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        if reach:
            self.rel_pos_h = nn.Parameter(torch.zeros(reach, width // 4))


class Block(nn.Module):
    def __init__(self, width: int = 64, reach: int = 0, window: int | None = None, attention: type[Attention] = Attention) -> None:
        super().__init__()
        if window is not None:
            self.window_size = window
        self.norm1, self.attn = nn.LayerNorm(width), attention(width, reach)
        self.norm2, self.mlp = nn.LayerNorm(width), nn.Sequential(nn.Linear(width, 256), nn.GELU(), nn.Linear(256, width))


def image_encoder(*blocks: Block, neck: bool = False) -> nn.Module:
    parts = {"patch_embed": nn.Conv2d(3, 64, 16, 16), "blocks": nn.ModuleList(blocks), "norm": nn.LayerNorm(64)}
    return nn.ModuleDict(parts | ({"neck": nn.Sequential(nn.Conv2d(64, 32, 1), nn.Conv2d(32, 32, 3))} if neck else {}))


def reach(given: Any) -> set[str]:
    roles = [part.role for part in explain(given).story.parts.values() if part.role and "gathers information" in part.role]
    return {"all" if "every position" in role else "window" if "its own window" in role else "some" for role in roles}


def test_a_print_of_an_image_encoder_whose_result_is_read_as_a_map_may_hide_windows() -> None:
    assert reach(repr(image_encoder(Block(), Block()))) == {"all"}
    assert reach(repr(image_encoder(Block(), Block(), neck=True))) == {"some"}
    assert reach(image_encoder(Block(), Block(), neck=True)) == {"all"}, "the modules themselves would show a window"


def test_tables_of_relative_positions_of_two_sizes_speak_of_windows() -> None:
    assert reach(image_encoder(Block(reach=13), Block(reach=63))) == {"some"}
    assert reach(image_encoder(Block(reach=13), Block(reach=13))) == {"all"}


def test_windows_that_blocks_tell_are_told_and_blocks_without_one_look_everywhere() -> None:
    assert reach(image_encoder(Block(reach=13, window=7), Block(reach=63, window=0))) == {"window", "all"}


def test_classes_named_for_local_or_sparse_attention_do_not_look_everywhere() -> None:
    for name, found in (("LocalSelfAttention", {"some"}), ("BlockSparseAttention", {"some"}), ("GlobalSelfAttention", {"all"})):
        blocks = nn.ModuleList([Block(attention=type(name, (Attention,), {})) for _ in range(2)])
        model = nn.ModuleDict({"word_embeddings": nn.Embedding(500, 64), "encoder": blocks, "pooler": nn.Linear(64, 64)})
        assert reach(model) == reach(repr(model)) == found


class Encoder(nn.Module):
    def __init__(self, rotary: bool) -> None:
        super().__init__()
        self.word_embeddings, self.pooler = nn.Embedding(500, 64), nn.Linear(64, 64)
        self.position_embeddings = None if rotary else nn.Embedding(128, 64)
        self.rotary_emb = type("RotaryEmbedding", (nn.Module,), {})() if rotary else None
        self.encoder = nn.ModuleList([Block(), Block()])


def test_a_print_of_an_encoder_that_only_turns_queries_and_keys_may_hide_windows_in_its_mask() -> None:
    assert reach(repr(Encoder(rotary=True))) == {"some"}
    assert reach(repr(Encoder(rotary=False))) == reach(Encoder(rotary=True)) == {"all"}
    assert "Whether attention looks at all positions or only at some" in explain(repr(Encoder(rotary=True))).to_text(width=10**6)


class Divided(Block):
    """Two attentions within the sequence, as over time and over space in a video."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__()
        del self.attn
        self.add_module(first, Attention(64))
        self.add_module(second, Attention(64))
        self.norm3 = nn.LayerNorm(64)


def test_of_several_attentions_in_a_block_none_is_said_to_look_everywhere() -> None:
    assert reach(image_encoder(Divided("attn", "attn2"), Divided("attn", "attn2"))) == {"some"}


def test_attention_named_for_time_or_space_looks_along_it_where_a_block_attends_along_both() -> None:
    model = image_encoder(Divided("temporal_attn", "spatial_attn"), Divided("temporal_attn", "spatial_attn"))
    parts = explain(model).story.parts
    assert "what stands at its own place at other times" in str(parts["blocks.[0-1].temporal_attn"].role)
    assert "the positions of its own time" in str(parts["blocks.[0-1].spatial_attn"].role)
    assert "Each block attends twice: by temporal_attn and spatial_attn." in explain(model).to_text(width=10**6)
    without = explain(image_encoder(Divided("spatial_attn", "other"), Block())).story.parts
    assert "own time" not in str(without["blocks.0.spatial_attn"].role)


def test_attention_to_another_sequence_beside_attention_along_time_is_told_too() -> None:
    block = Divided("temporal_attn", "spatial_attn")
    block.cross_attn = Attention(64)
    parts = explain(image_encoder(block, Divided("temporal_attn", "spatial_attn"))).story.parts
    assert parts["blocks.0.cross_attn"].kind == "attention"
    assert "own time" not in str(parts["blocks.0.cross_attn"].role)

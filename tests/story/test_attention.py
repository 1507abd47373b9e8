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

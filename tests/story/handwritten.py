"""Models as people write them from scratch, for goldens: a CNN for digits, a GRU classifier, a small GPT, a diffusion U-Net."""

from __future__ import annotations

import torch
from torch import nn


class DigitNet(nn.Module):
    """A convolutional network for images of 28 × 28 pixels, as tutorials build it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32)
        self.conv2, self.bn2 = nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64)
        self.relu, self.pool, self.dropout = nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.5)
        self.fc1, self.fc2 = nn.Linear(64 * 7 * 7, 128), nn.Linear(128, 10)


class ReviewClassifier(nn.Module):
    """A GRU that reads a text in both directions and gives one of two labels."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10_000, 100, padding_idx=0)
        self.gru = nn.GRU(100, 128, num_layers=2, batch_first=True, bidirectional=True, dropout=0.3)
        self.dropout, self.fc = nn.Dropout(0.3), nn.Linear(256, 2)


class Head(nn.Module):
    """One head of self-attention, with a mask of its own (Karpathy, "Let's build GPT")."""

    def __init__(self, width: int, size: int, context: int) -> None:
        super().__init__()
        self.key, self.query, self.value = (nn.Linear(width, size, bias=False) for _ in range(3))
        self.register_buffer("tril", torch.tril(torch.ones(context, context)))
        self.dropout = nn.Dropout(0.2)


class MultiHeadAttention(nn.Module):
    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.heads = nn.ModuleList([Head(width, width // heads, context) for _ in range(heads)])
        self.proj, self.dropout = nn.Linear(width, width), nn.Dropout(0.2)


class FeedForward(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width), nn.Dropout(0.2))


class Block(nn.Module):
    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.sa, self.ffwd = MultiHeadAttention(width, heads, context), FeedForward(width)
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)


class GPTLanguageModel(nn.Module):
    """The character-level GPT of the lecture: 6 blocks, 6 heads of 64, a context of 256."""

    def __init__(self, vocabulary: int = 65, width: int = 384, depth: int = 6, context: int = 256) -> None:
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocabulary, width)
        self.position_embedding_table = nn.Embedding(context, width)
        self.blocks = nn.Sequential(*[Block(width, 6, context) for _ in range(depth)])
        self.ln_f, self.lm_head = nn.LayerNorm(width), nn.Linear(width, vocabulary)


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

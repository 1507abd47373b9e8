"""torch.nn modules built with many settings, and inputs to run them on: the catalog must be right about all of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import nn

Build = tuple[str, Callable[[], nn.Module], tuple[int, ...] | None]
"""The class, how it is built, and the shape of an input that it runs on (None: it takes more than one float tensor)."""


def _grid(name: str, args: tuple[Any, ...], shape: tuple[int, ...] | None, **settings: tuple[Any, ...]) -> list[Build]:
    cls = getattr(nn, name)
    combinations = [dict(zip(settings, values, strict=True)) for values in product(*settings.values())]
    return [(name, lambda kw=kw: cls(*args, **kw), shape) for kw in combinations]


SPACE = {1: (9,), 2: (9, 11), 3: (9, 11, 7)}


def _convolutions() -> list[Build]:
    builds: list[Build] = []
    for d, space in SPACE.items():
        shape = (2, 4, *space)
        odd = tuple(range(2, 2 + d))
        common = {"kernel_size": (3, odd), "stride": (1, 2), "padding": (0, 1), "dilation": (1, 2), "groups": (1, 4)}
        builds += _grid(f"Conv{d}d", (4, 8), shape, **common, bias=(True, False))
        builds += _grid(f"Conv{d}d", (4, 8, 1), shape, groups=(1, 2))
        builds += _grid(f"Conv{d}d", (4, 8, 3), shape, padding=(1,), padding_mode=("reflect", "circular"))
        builds += _grid(f"Conv{d}d", (4, 8, 3), shape, padding=("same", "valid"), dilation=(1, 2), bias=(True, False))
        builds += _grid(f"Conv{d}d", (6, 6, odd), (2, 6, *space), groups=(1, 2, 3, 6), padding_mode=("zeros", "replicate"))
        builds += _grid(f"ConvTranspose{d}d", (6, 6, odd), (2, 6, *space), groups=(1, 2, 3, 6), dilation=(1, 3), stride=(1, 3))
        builds += _grid(f"ConvTranspose{d}d", (4, 8), shape, **common, bias=(True, False))
        builds += _grid(f"ConvTranspose{d}d", (4, 8, 3), shape, stride=(2,), output_padding=(1,))
        builds += _grid(f"LazyConv{d}d", (8, 3), None, bias=(True, False))
        builds += _grid(f"LazyConvTranspose{d}d", (8, 3), None, bias=(True, False))
    return builds


def _norms() -> list[Build]:
    flags = {"affine": (True, False), "track_running_stats": (True, False), "bias": (True, False)}
    builds: list[Build] = []
    for d, space in SPACE.items():
        for kind in ("BatchNorm", "InstanceNorm"):
            builds += _grid(f"{kind}{d}d", (4,), (2, 4, *space), **flags)
            builds += _grid(f"{kind}{d}d", (4,), (2, 4, *space), eps=(1e-3,), momentum=(0.3,))
            builds += _grid(f"Lazy{kind}{d}d", (), None, affine=(True, False), track_running_stats=(True, False))
    builds += _grid("BatchNorm1d", (4,), (2, 4)) + _grid("SyncBatchNorm", (4,), None, **flags)
    for groups in (1, 2, 8):
        builds += _grid("GroupNorm", (groups, 8), (3, 8, 5, 5), affine=(True, False), bias=(True, False))
    for size, shape in ((6, (2, 5, 6)), ((5, 6), (2, 5, 6)), ([6], (6,))):
        builds += _grid("LayerNorm", (size,), shape, elementwise_affine=(True, False), bias=(True, False))
        builds += _grid("RMSNorm", (size,), shape, elementwise_affine=(True, False), eps=(None, 1e-6))
    builds += _grid("LocalResponseNorm", (3,), (2, 4, 5, 5)) + _grid("CrossMapLRN2d", (3,), (2, 4, 5, 5))
    return builds


def _recurrent() -> list[Build]:
    flags = {"bias": (True, False), "bidirectional": (True, False), "num_layers": (1, 2, 3), "batch_first": (True, False)}
    steps = (4, 2, 5)
    builds = _grid("LSTM", (5, 7), steps, **flags, proj_size=(0, 3)) + _grid("GRU", (5, 7), steps, **flags)
    builds += _grid("RNN", (5, 7), steps, **flags, nonlinearity=("tanh", "relu"))
    builds += _grid("RNNCell", (5, 7), (2, 5), nonlinearity=("relu",), bias=(True, False))
    builds += _grid("LSTM", (5, 7), steps, num_layers=(2,), dropout=(0.5,)) + _grid("GRU", (1, 1), (3, 2, 1))
    for cell in ("RNNCell", "LSTMCell", "GRUCell"):
        builds += _grid(cell, (5, 7), (2, 5), bias=(True, False))
    return builds


def _linear() -> list[Build]:
    return [
        *_grid("Linear", (5, 3), (2, 4, 5), bias=(True, False)),
        *_grid("Linear", (5, 1), (5,), bias=(True, False)),
        *_grid("LazyLinear", (3,), None, bias=(True, False)),
        *_grid("Bilinear", (5, 3, 4), None, bias=(True, False)),
        *_grid("Identity", (54,), (2, 3)),
        *_grid("Embedding", (10, 4), None, padding_idx=(None, 0), max_norm=(None, 1.0), sparse=(True, False), norm_type=(2.0, 1.0)),
        *_grid("EmbeddingBag", (10, 4), None, mode=("sum", "mean", "max"), padding_idx=(None, 0), max_norm=(None, 1.0)),
    ]


def _pools() -> list[Build]:
    builds: list[Build] = []
    for d, space in SPACE.items():
        shape = (2, 4, *space)
        whole = (3, tuple(range(2, 2 + d)))
        builds += _grid(
            f"MaxPool{d}d", (), shape, kernel_size=whole, stride=(None, 2), padding=(0, 1), dilation=(1, 2), ceil_mode=(False, True)
        )
        builds += _grid(f"AvgPool{d}d", (), shape, kernel_size=whole, stride=(None, 2), padding=(0, 1), ceil_mode=(False, True))
        builds += _grid(f"LPPool{d}d", (2,), shape, kernel_size=(3,) if d == 1 else whole, stride=(None, 2))
        builds += _grid(f"AdaptiveAvgPool{d}d", (), shape, output_size=(1, 5, (4, 3, 2)[:d]))
        builds += _grid(f"AdaptiveMaxPool{d}d", (), shape, output_size=(1, 5, (4, 3, 2)[:d]))
        builds += _grid(f"MaxUnpool{d}d", (3,), None, stride=(None, 2))
        for pad in ("Zero", "Reflection", "Replication", "Circular"):
            builds += _grid(f"{pad}Pad{d}d", (), shape, padding=(2, tuple(range(1, 2 * d + 1))))
        builds += _grid(f"ConstantPad{d}d", (), shape, padding=(2, tuple(range(1, 2 * d + 1))), value=(1.5,))
    builds += _grid("FractionalMaxPool2d", (3,), None, output_size=(5,)) + _grid("FractionalMaxPool3d", (3,), None, output_ratio=(0.5,))
    return builds


def _plain() -> list[Build]:
    names = [
        "CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid", "Mish", "RReLU", "ReLU",
        "ReLU6", "SELU", "SiLU", "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Dropout", "AlphaDropout",
    ]  # fmt: skip
    builds: list[Build] = [b for name in names for b in _grid(name, (), (2, 3, 4))]
    for name in ("Dropout", "ReLU", "ReLU6", "SiLU", "Mish", "ELU", "CELU", "SELU", "LeakyReLU", "Hardswish", "Hardtanh", "Hardsigmoid"):
        builds += _grid(name, (), (2, 3, 4), inplace=(True,))
    for name in ("Softmax", "LogSoftmax", "Softmin"):
        builds += _grid(name, (), (2, 3, 4), dim=(1, -1))
    builds += [b for d in SPACE for b in _grid(f"Dropout{d}d", (0.3,), (2, 4, *SPACE[d]))]
    builds += _grid("FeatureAlphaDropout", (), (2, 4, 5, 5)) + _grid("Softmax2d", (), (2, 4, 5, 5)) + _grid("GLU", (), (2, 6))
    builds += _grid("GELU", (), (2, 3), approximate=("tanh",)) + _grid("Threshold", (0.1, 2.0), (2, 3))
    return builds + _grid("PReLU", (), (2, 3, 4), num_parameters=(1, 3))


def _shaping() -> list[Build]:
    return [
        *_grid("Flatten", (), None),
        *_grid("Unflatten", (1, (2, 3)), None),
        *_grid("Fold", ((8, 9), 3), (2, 18, 42)),
        *_grid("Unfold", (3,), (2, 4, 10, 9), stride=(1, 2), padding=(0, 1), dilation=(1, 2)),
        *_grid("PixelShuffle", (2,), (2, 8, 3, 3)),
        *_grid("PixelUnshuffle", (2,), (2, 3, 8, 6)),
        *_grid("ChannelShuffle", (2,), (2, 8, 3, 3)),
        *_grid("Upsample", (), None, scale_factor=(2,), mode=("nearest", "bilinear")),
        *_grid("Upsample", (), None, size=((5, 5),)),
        *_grid("UpsamplingNearest2d", (), None, scale_factor=(2,)),
        *_grid("UpsamplingBilinear2d", (), None, scale_factor=(2,)),
        *_grid("CosineSimilarity", (), None),
        *_grid("PairwiseDistance", (), None),
    ]


def _holders() -> list[Build]:
    def layer() -> nn.Module:
        return nn.Linear(2, 2)

    return [
        ("ModuleList", lambda: nn.ModuleList([layer()]), None),
        ("ModuleDict", lambda: nn.ModuleDict({"a": layer()}), None),
        ("Sequential", lambda: nn.Sequential(layer()), None),
        ("ParameterList", lambda: nn.ParameterList([torch.zeros(2)]), None),
        ("ParameterDict", lambda: nn.ParameterDict({"a": torch.zeros(2)}), None),
        ("DataParallel", lambda: nn.DataParallel(layer()), None),
        *_grid("MultiheadAttention", (8, 2), None, bias=(True, False), add_bias_kv=(True, False), kdim=(None, 6), vdim=(None, 8, 4)),
        ("Transformer", lambda: nn.Transformer(8, 2, 1, 1, 16), None),
        ("TransformerEncoderLayer", lambda: nn.TransformerEncoderLayer(8, 2, 16), None),
        ("TransformerDecoderLayer", lambda: nn.TransformerDecoderLayer(8, 2, 16), None),
        ("TransformerEncoder", lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2), None),
        ("TransformerDecoder", lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2), None),
        ("AdaptiveLogSoftmaxWithLoss", lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10]), None),
        ("LinearCrossEntropyLoss", lambda: nn.LinearCrossEntropyLoss(5, 10), None),
        ("RNNBase", lambda: nn.RNNBase("LSTM", 3, 4), None),
        ("RNNCellBase", lambda: nn.RNNCellBase(3, 4, True, 4), None),
    ]


def _losses() -> list[Build]:
    names = [n for n in dir(nn) if n.endswith("Loss") and n not in ("LinearCrossEntropyLoss", "AdaptiveLogSoftmaxWithLoss")]
    return [b for name in [*names, "NLLLoss2d"] for b in _grid(name, (), None)]


BUILDS = [
    *_linear(), *_convolutions(), *_norms(), *_recurrent(), *_pools(), *_plain(), *_shaping(), *_holders(), *_losses(),
]  # fmt: skip

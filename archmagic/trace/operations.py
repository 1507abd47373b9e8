"""Which of torch's operations stand as steps between modules, under which name, and what is told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..tree import Value
from .masks import attention_seen
from .origins import Seen

STEPS = {
    "mm": "linear", "addmm": "linear", "linear": "linear", "_grouped_mm": "linear", "_scaled_mm": "linear",
    "bmm": "matmul", "baddbmm": "matmul", "addbmm": "matmul", "matmul": "matmul", "mv": "linear", "dot": "matmul",
    "convolution": "conv", "_convolution": "conv", "cudnn_convolution": "conv",
    "_softmax": "softmax", "_safe_softmax": "softmax", "_log_softmax": "log_softmax",
    "add": "add", "add_": "add", "sub": "sub", "sub_": "sub", "mul": "mul", "mul_": "mul", "div": "div", "div_": "div",
    "cat": "cat", "stack": "cat",
    "native_layer_norm": "norm", "native_group_norm": "norm", "native_batch_norm": "norm", "_native_batch_norm_legit_no_training": "norm",
    "_fused_rms_norm": "norm", "rms_norm": "norm", "linalg_vector_norm": "normalize",
    "embedding": "embedding", "_embedding_bag": "embedding", "one_hot": "one_hot",
    "relu": "relu", "relu_": "relu", "gelu": "gelu", "gelu_": "gelu", "silu": "silu", "silu_": "silu", "sigmoid": "sigmoid",
    "sigmoid_": "sigmoid",
    "tanh": "tanh", "tanh_": "tanh", "leaky_relu": "leaky_relu", "leaky_relu_": "leaky_relu", "elu": "elu", "elu_": "elu",
    "softplus": "softplus", "mish": "mish", "hardswish": "hardswish", "hardswish_": "hardswish", "hardsigmoid": "hardsigmoid",
    "hardtanh": "hardtanh", "hardtanh_": "hardtanh", "_prelu_kernel": "prelu", "log_sigmoid_forward": "log_sigmoid", "glu": "glu",
    "max_pool2d_with_indices": "pool", "max_pool3d_with_indices": "pool", "avg_pool2d": "pool", "avg_pool3d": "pool", "avg_pool1d": "pool",
    "_adaptive_avg_pool2d": "pool", "_adaptive_avg_pool3d": "pool", "adaptive_max_pool2d": "pool", "mean": "mean", "sum": "sum",
    "amax": "max",
    "upsample_nearest1d": "interpolate", "upsample_nearest2d": "interpolate", "upsample_nearest3d": "interpolate",
    "upsample_linear1d": "interpolate", "upsample_bilinear2d": "interpolate", "upsample_bicubic2d": "interpolate",
    "upsample_trilinear3d": "interpolate", "_upsample_bilinear2d_aa": "interpolate", "_upsample_bicubic2d_aa": "interpolate",
    "pixel_shuffle": "pixel_shuffle", "pixel_unshuffle": "pixel_unshuffle", "grid_sampler_2d": "grid_sample", "roll": "roll",
    "topk": "topk", "argmax": "argmax", "sort": "sort", "cumsum": "cumsum", "scatter": "scatter", "scatter_add": "scatter",
    "index_add": "scatter",
    "index_add_": "scatter", "scatter_add_": "scatter", "scatter_": "scatter", "masked_scatter": "scatter", "index_put_": "scatter",
    "_fft_r2c": "fft", "_fft_c2c": "fft", "_fft_c2r": "fft", "stft": "fft",
    "_cdist_forward": "cdist", "_thnn_fused_lstm_cell": "recurrent", "lstm": "recurrent", "gru": "recurrent",
    "mkldnn_rnn_layer": "recurrent",
    "_scaled_dot_product_flash_attention_for_cpu": "attention", "_scaled_dot_product_flash_attention": "attention",
    "_scaled_dot_product_efficient_attention": "attention", "_scaled_dot_product_cudnn_attention": "attention",
    "_scaled_dot_product_fused_attention_overrideable": "attention",
}  # fmt: skip
"""Names in torch.ops.aten, and what a step is called. Whatever is not here (views, masks, casts, comparisons) is no step of its own."""

RESULTS = {"topk": 2, "sort": 2}
"""How many results are told; further ones are kept for gradients, mostly."""

WEIGHTED = frozenset(("linear", "conv", "norm", "embedding"))
"""Of these only the data that goes in is told, not the weights."""

ARITHMETIC = frozenset(("scatter", "cumsum", "sum"))
"""Steps only on floating-point data: of whole numbers they are bookkeeping."""

BINARY = frozenset(("add", "sub", "mul", "div"))
"""Steps only where both sides are made from the data: else they scale, shift or mask."""

TOLD_INSIDE = frozenset(("attention", "matmul", "softmax", "topk"))
"""What is told also inside a module without parts, unless it is one of torch's own layers."""


def heads_of(query: Sequence[int], key: Sequence[int], seen: Seen, masked: bool) -> Mapping[str, Value]:
    """Heads of attention on (batch, heads, positions, head size), and what may be seen."""
    found: dict[str, Value] = {}
    if len(query) > 3 and len(key) > 3:
        found |= {"heads": int(query[-3]), "key_value_heads": int(key[-3]), "head_dim": int(query[-1])}
    found |= {"causal": seen.causal, "masked": masked}
    return found if seen.window is None else {**found, "window": seen.window}


def failing_details(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Mapping[str, Value]:
    """Of an operation that fails: to which size data was to be viewed, or along which dimension it was to be joined."""
    second = args[1] if len(args) > 1 else kwargs.get("dim", kwargs.get("size", 0))
    if name == "cat" and isinstance(second, int):
        return {"dim": second}
    sizes = isinstance(second, (list, tuple)) and all(isinstance(size, int) for size in second)
    return {"size": tuple(second)} if name in ("view", "_unsafe_view", "reshape") and sizes else {}


def details_of(op: str, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], value: Callable[[Any], Any]) -> Mapping[str, Value]:
    """What is told of a step besides its shapes."""
    if op == "attention":
        causal = kwargs.get("is_causal", args[4] if len(args) > 4 and isinstance(args[4], bool) else False)
        mask = kwargs.get("attn_mask", kwargs.get("attn_bias"))
        return heads_of(args[0].shape, args[1].shape, attention_seen(mask, causal, value), mask is not None)
    if op in ("cat", "softmax", "log_softmax"):
        dim = kwargs.get("dim", args[1] if len(args) > 1 else 0)
        return {"dim": dim} if isinstance(dim, int) else {}
    return {}

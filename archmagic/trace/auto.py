"""Inputs made from the model itself: by the names of forward's parameters and its config, or by its first layer.

A model says what it takes in several places, none of which is sure, so several sets of inputs are proposed, the likeliest first, and
the first that runs is taken.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from .inputs import Given, data, ids, parameter_names, vocabulary

LENGTH = 128
IMAGE = 224
OTHER_IMAGES = (32, 28, 64, 256, 299, 384, 512)
SAMPLES = 16_000
"""One second of sound."""
INNER = ("base_model", "model", "module", "_orig_mod")


def proposals(model: Any) -> Iterator[tuple[Given, str]]:
    """(inputs, what they are in words), the likeliest first."""
    named = _named_model(model)
    seen: set[str] = set()
    for kwargs, words in (*(_by_name(named) if named is not None else ()), *_by_layer(model)):
        args, keywords = kwargs if isinstance(kwargs, tuple) else ((), kwargs)
        key = repr([(k, getattr(v, "shape", v), getattr(v, "dtype", "")) for k, v in (*enumerate(args), *keywords.items())])
        if key not in seen:
            seen.add(key)
            yield Given(args, keywords, parameter_names(model)), words


def _named_model(model: Any) -> Any | None:
    """The Hugging Face model in it: one whose class names its main input."""
    for _ in range(6):
        if isinstance(getattr(type(model), "main_input_name", None), str) and getattr(model, "config", None) is not None:
            return model
        inner = next((model._modules[name] for name in INNER if model._modules.get(name) is not None), None)
        if inner is None:
            return None
        model = inner
    return None


def _parameters(model: Any) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(model.forward).parameters
    except (TypeError, ValueError):
        return {}


class _Config:
    """Looks a size up in a config and the configs inside it."""

    def __init__(self, config: Any) -> None:
        self._configs = [config]
        for at in range(8):
            if at < len(self._configs):
                inner = [
                    v for v in getattr(self._configs[at], "__dict__", {}).values() if hasattr(v, "to_dict") and hasattr(v, "model_type")
                ]
                self._configs += [config for config in inner if all(config is not other for other in self._configs)]

    def get(self, *names: str, kind: Any = int) -> Any | None:
        """The first of these that is set anywhere, the outermost config first."""
        for name in names:
            for config in self._configs:
                value = getattr(config, name, None)
                if isinstance(value, kind) and not isinstance(value, bool):
                    return value
        return None

    def near(self, path: str) -> _Config:
        """Of a part: its own config first, then all."""
        own = [c for c in self._configs if path in str(getattr(c, "model_type", "")) or path in type(c).__name__.lower()]
        found = _Config.__new__(_Config)
        found._configs = [*own, *self._configs]
        return found


def _by_name(model: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """By the names of forward's parameters, which Hugging Face keeps to."""
    config, parameters = _Config(model.config), _parameters(model)
    main = type(model).main_input_name
    known = [name for name in MAKERS if name in parameters]
    required = [name for name, p in parameters.items() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    wanted = list(dict.fromkeys(name for name in (main, *required) if name in MAKERS and (name in parameters or not required)))
    both = [name for name in ("input_ids", "pixel_values", "input_features", "input_features_mask", "input_values") if name in known]
    decoders = [name for name in ("decoder_input_ids",) if name in known]
    for length in (LENGTH, 16):
        sets = [wanted, [*wanted, *decoders], both, [*both, *decoders], *([name] for name in both)]
        sets += [[*wanted, "attention_mask"], [*wanted, "bbox"], known]
        for names in sets:
            names = list(dict.fromkeys(name for name in names if name in parameters or name in wanted))
            if not names:
                continue
            for shape in _image_shapes(config, model) if "pixel_values" in names or "pixel_values_videos" in names else (None,):
                patched = any(name.endswith("grid_thw") for name in names)  # pictures cut into patches already
                makers = {**MAKERS, "pixel_values": _patches} if patched else MAKERS
                made = {name: makers[name](model, config, length, shape) for name in names}
                yield made, _words(made)
    dummy = None
    try:
        dummy = model.dummy_inputs
    except Exception:
        dummy = None
    if isinstance(dummy, Mapping) and dummy:
        yield dict(dummy), "the library's own dummy inputs"


def _words(made: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {tuple(value.shape)}" if hasattr(value, "shape") else f"{name}={value!r}" for name, value in made.items())


def _image_shapes(config: _Config, model: Any) -> Iterator[tuple[int, ...]]:
    """Shapes of images: as the config says, else by the first convolution."""
    import torch

    vision = config.near("vision")
    channels = vision.get("num_channels", "in_channels", "in_chans", "input_channels") or 3
    size = vision.get("image_size", "img_size", "input_size", kind=(int, list, tuple, dict))
    if isinstance(size, dict):
        size = [size.get("height", IMAGE), size.get("width", IMAGE)]
    if isinstance(size, int):
        size = [size, size]
    height, width = (int(size[-2]), int(size[-1])) if size and len(size) > 1 else (IMAGE, IMAGE)
    frames = vision.get("num_frames", "frames") or 8
    deep = any(isinstance(m, torch.nn.Conv3d) for m in model.modules())
    flat, film = (1, channels, height, width), (1, frames, channels, height, width)
    yield from ((film, flat) if deep or vision.get("num_frames") else (flat, film))
    yield 1, 2, channels, height, width
    if (height, width) != (IMAGE, IMAGE):
        yield (1, channels, IMAGE, IMAGE)


def _length(config: _Config, length: int) -> int:
    most = config.get("max_position_embeddings", "n_positions", "max_seq_len", "max_target_positions")
    return min(length, most - 2) if most and most > 4 else length


def _token_ids(model: Any, config: _Config, length: int, shape: Any) -> Any:
    text = config.near("text")
    below = text.get("vocab_size") or vocabulary(model)
    return ids((1, _length(text, length)), below)


def _decoder_ids(model: Any, config: _Config, length: int, shape: Any) -> Any:
    text = config.near("decoder")
    return ids((1, _length(text, length // 2)), text.get("decoder_vocab_size", "vocab_size") or vocabulary(model))


def _ones(model: Any, config: _Config, length: int, shape: Any) -> Any:
    import torch

    return torch.ones((1, _length(config.near("text"), length)), dtype=torch.long)


def _boxes(model: Any, config: _Config, length: int, shape: Any) -> Any:
    import torch

    return torch.zeros((1, _length(config.near("text"), length), 4), dtype=torch.long)


def _pixels(model: Any, config: _Config, length: int, shape: Any) -> Any:
    return data(shape, model)


def _samples(model: Any, config: _Config, length: int, shape: Any) -> Any:
    import torch

    first = first_layer(model)
    if isinstance(first, torch.nn.Conv2d):  # a spectrogram
        return data((1, config.get("max_length") or 1024, config.get("num_mel_bins") or 128), model)
    channels = first.in_channels if isinstance(first, torch.nn.Conv1d) else 1
    return data(
        (1, SAMPLES) if channels == 1 and not config.get("audio_channels") else (1, config.get("audio_channels") or channels, SAMPLES),
        model,
    )


def _features(model: Any, config: _Config, length: int, shape: Any) -> Any:
    import torch

    audio = config.near("audio")
    bins = (
        audio.get("num_mel_bins", "feature_size", "input_feat_per_channel", "input_dim", "num_mel_filters", "feature_projection_input_dim")
        or 80
    )
    first = first_layer(model)
    length = 2 * (audio.get("max_source_positions") or 1500)
    if isinstance(first, torch.nn.Conv1d) and first.in_channels == bins and not audio.get("input_feat_per_channel"):
        return data((1, bins, length), model)
    return data((1, min(length, 1024), bins), model)


def _series(model: Any, config: _Config, length: int, shape: Any) -> Any:
    channels = config.get("num_input_channels") or config.get("input_size") or 1
    context = config.get("context_length") or LENGTH
    lags = config.get("lags_sequence", kind=list)
    context += max(lags) if lags else 0
    return data((1, context, channels) if channels > 1 or config.get("num_input_channels") else (1, context), model)


def _like_series(width: str) -> Any:
    def make(model: Any, config: _Config, length: int, shape: Any) -> Any:
        base = _series(model, config, length, shape)
        time = base.shape[1] if width.startswith("past") else config.get("prediction_length") or 24
        return data((1, time, config.get("num_time_features") or 1), model)

    return make


def _grid(model: Any, config: _Config, length: int, shape: Any) -> Any:
    """One picture of 16 x 16 patches, as (frames, rows, columns)."""
    import torch

    return torch.tensor([[1, 16, 16]])


def _patches(model: Any, config: _Config, length: int, shape: Any) -> Any:
    """The flattened patches of that picture, or pictures where the first layer is a convolution over them."""
    import torch

    products = (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
    first = next((module for module in model.modules() if isinstance(module, products)), None)
    if isinstance(first, torch.nn.Linear):
        return data((256, first.in_features), model)
    if first is not None:
        return data((256, first.in_channels * torch.Size(first.kernel_size).numel()), model)
    return data((1, _length(config, length), config.get("hidden_size") or 16), model)


def _feature_mask(model: Any, config: _Config, length: int, shape: Any) -> Any:
    import torch

    features = _features(model, config, length, shape)
    bins = config.near("audio").get("num_mel_bins")
    return torch.ones((1, int(features.shape[2] if features.shape[1] == bins else features.shape[1])), dtype=torch.long)


MAKERS: dict[str, Any] = {
    "hidden_states": _patches,
    "grid_thw": _grid,
    "image_grid_thw": _grid,
    "input_features_mask": _feature_mask,
    "qformer_input_ids": _token_ids,
    "input_ids": _token_ids,
    "decoder_input_ids": _decoder_ids,
    "attention_mask": _ones,
    "bbox": _boxes,
    "pixel_values": _pixels,
    "pixel_values_videos": _pixels,
    "input_values": _samples,
    "input_features": _features,
    "past_values": _series,
    "past_time_features": _like_series("past"),
    "future_time_features": _like_series("future"),
    "past_observed_mask": _series,
}
"""What makes the input of each name."""


# -- by the first layer ------------------------------------------------------------------------------------------------


def first_layer(model: Any) -> Any | None:
    """The first part without parts that has a weight of two dimensions or more, in the order of registration."""
    for module in model.modules():
        if not module._modules and any(p is not None and p.dim() > 1 for p in module._parameters.values()):
            return module
    return next((m for m in model.modules() if not m._modules and any(p is not None for p in m._parameters.values())), None)


def _by_layer(model: Any) -> Iterator[tuple[Any, str]]:
    """By what the first layer takes; further parameters that forward requires are guessed by their names."""
    import torch

    parameters = _parameters(model)
    required = [n for n, p in parameters.items() if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)]
    if isinstance(model, torch.nn.Transformer):
        both = (1, 10, model.d_model) if model.batch_first else (10, 1, model.d_model)
        yield ((data(both, model), data(both, model)), {}), f"source and target {both}"
    layer: Any = first_layer(model)
    for shape in _shapes(model, layer):
        takes_ids = isinstance(layer, torch.nn.Embedding)
        first = ids(shape, int(layer.num_embeddings)) if takes_ids else data(shape, model)
        more = [_further(name, first, model) for name in required[1:]]
        words = f"{required[0] if required else 'input'} {shape} by the first layer, {type(layer).__name__}"
        yield ((first, *more), {}), words


def _further(name: str, first: Any, model: Any) -> Any:
    import torch

    if "mask" in name:
        return torch.ones(first.shape[:2], dtype=torch.long)
    if name in ("t", "timestep", "timesteps", "time", "sigma"):
        return torch.ones((1,), dtype=torch.long)
    return first.clone()


def _shapes(model: Any, layer: Any) -> Iterator[tuple[int, ...]]:
    from torch import nn

    if layer is None:
        yield from ((1, 16), (1, 3, IMAGE, IMAGE), (1, 16, 16))
    elif isinstance(layer, nn.Embedding):
        yield from ((1, LENGTH), (1, 16), (1, 1), (1,))
    elif isinstance(layer, nn.modules.conv._ConvNd):
        dims = len(layer.kernel_size)
        for size in (IMAGE, *OTHER_IMAGES) if dims == 2 else (SAMPLES, LENGTH) if dims == 1 else (16, 64):
            yield (1, layer.in_channels, *[size] * dims)
    elif isinstance(layer, nn.RNNBase):
        yield (1, 32, layer.input_size) if layer.batch_first else (32, 1, layer.input_size)
    elif isinstance(layer, nn.MultiheadAttention):
        yield (1, 32, layer.embed_dim)
    else:
        width = getattr(layer, "in_features", None) or getattr(layer, "input_size", None)
        if not isinstance(width, int):
            shape = getattr(layer, "normalized_shape", None)
            width = shape[-1] if shape else next((int(p.shape[-1]) for p in layer.parameters()), 16)
        yield from ((1, width), (1, 32, width), (32, width), (1, width, 32), (1, width, 32, 32))
        for root in range(8, 513):  # a flattened image
            if root * root == width or 3 * root * root == width:
                yield (1, 1 if root * root == width else 3, root, root)

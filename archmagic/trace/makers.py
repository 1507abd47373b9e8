"""Makes an input by its name, which Hugging Face's models keep to, and the sizes in the config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .by_layer import IMAGE, LENGTH, SAMPLES, first_layer
from .config_sizes import ConfigSizes
from .inputs import data, ids, vocabulary


def image_shapes(config: ConfigSizes, model: Any) -> Iterator[tuple[int, ...]]:
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
    yield (1, channels, 4 * height, 4 * width)


def _length(config: ConfigSizes, length: int) -> int:
    most = config.get("max_position_embeddings", "n_positions", "max_seq_len", "max_target_positions")
    return min(length, most - 2) if most and most > 4 else length


def _token_ids(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    text = config.near("text")
    below = text.get("vocab_size") or vocabulary(model)
    return ids((1, _length(text, length)), below)


def _decoder_ids(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    text = config.near("decoder")
    return ids((1, _length(text, length // 2)), text.get("decoder_vocab_size", "vocab_size") or vocabulary(model))


def _ones(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    import torch

    return torch.ones((1, _length(config.near("text"), length)), dtype=torch.long)


def _boxes(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    import torch

    return torch.zeros((1, _length(config.near("text"), length), 4), dtype=torch.long)


def _pixels(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    return data(shape, model)


def _samples(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    import torch

    first = first_layer(model)
    if isinstance(first, torch.nn.Conv2d):  # a spectrogram
        return data((1, config.get("max_length") or 1024, config.get("num_mel_bins") or 128), model)
    channels = first.in_channels if isinstance(first, torch.nn.Conv1d) else 1
    return data(
        (1, SAMPLES) if channels == 1 and not config.get("audio_channels") else (1, config.get("audio_channels") or channels, SAMPLES),
        model,
    )


def _features(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
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


def _series(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    channels = config.get("num_input_channels") or config.get("input_size") or 1
    context = config.get("context_length") or LENGTH
    lags = config.get("lags_sequence", kind=list)
    context += max(lags) if lags else 0
    return data((1, context, channels) if channels > 1 or config.get("num_input_channels") else (1, context), model)


def _like_series(width: str) -> Any:
    def make(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
        base = _series(model, config, length, shape)
        time = base.shape[1] if width.startswith("past") else config.get("prediction_length") or 24
        return data((1, time, config.get("num_time_features") or 1), model)

    return make


def _grid(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    """One picture of 16 x 16 patches, as (frames, rows, columns)."""
    import torch

    return torch.tensor([[1, 16, 16]])


def patches(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    """The flattened patches of that picture, or pictures where the first layer is a convolution over them."""
    import torch

    products = (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
    first = next((module for module in model.modules() if isinstance(module, products)), None)
    if isinstance(first, torch.nn.Linear):
        return data((256, first.in_features), model)
    if first is not None:
        return data((256, first.in_channels * torch.Size(first.kernel_size).numel()), model)
    return data((1, _length(config, length), config.get("hidden_size") or 16), model)


def _feature_mask(model: Any, config: ConfigSizes, length: int, shape: Any) -> Any:
    import torch

    features = _features(model, config, length, shape)
    bins = config.near("audio").get("num_mel_bins")
    return torch.ones((1, int(features.shape[2] if features.shape[1] == bins else features.shape[1])), dtype=torch.long)


MAKERS: dict[str, Any] = {
    "hidden_states": patches,
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

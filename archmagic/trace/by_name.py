"""Inputs made by the names of forward's parameters and by the config, as Hugging Face's models have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .by_layer import LENGTH
from .config_sizes import ConfigSizes
from .inputs import parameters_of
from .makers import MAKERS, image_shapes, patches

INNER = ("base_model", "model", "module", "_orig_mod")


def named_model(model: Any) -> Any | None:
    """The Hugging Face model in it: one whose class names its main input."""
    for _ in range(6):
        if isinstance(getattr(type(model), "main_input_name", None), str) and getattr(model, "config", None) is not None:
            return model
        parts = dict(model.named_children())  # a ScriptModule's _modules is no dict
        inner = next((parts[name] for name in INNER if name in parts), None)
        if inner is None:
            return None
        model = inner
    return None


def by_name(model: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """By the names of forward's parameters, which Hugging Face keeps to."""
    config, parameters = ConfigSizes(model.config), parameters_of(model)
    main = type(model).main_input_name
    known = [name for name in MAKERS if name in parameters]
    required = [name for name, p in parameters.items() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    wanted = list(dict.fromkeys(name for name in (main, *required) if name in MAKERS and (name in parameters or not required)))
    both = [name for name in ("input_ids", "pixel_values", "input_features", "input_features_mask", "input_values") if name in known]
    decoders = [name for name in ("decoder_input_ids",) if name in known]
    for length in (LENGTH, 16):
        sets = [wanted, [*wanted, *decoders], both, [*wanted, *both], [*both, *decoders], *([name] for name in both)]
        sets += [[*wanted, "attention_mask"], [*wanted, "bbox"], known]
        for names in sets:
            names = list(dict.fromkeys(name for name in names if name in parameters or name in wanted))
            if not names:
                continue
            for shape in image_shapes(config, model) if "pixel_values" in names or "pixel_values_videos" in names else (None,):
                patched = any(name.endswith("grid_thw") for name in names)  # pictures cut into patches already
                makers = {**MAKERS, "pixel_values": patches} if patched else MAKERS
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

"""Builds transformers' models on the meta device, from their default configs: no weights, no network."""

from __future__ import annotations

import json
import os
import warnings
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
warnings.simplefilter("ignore")

FIRST = (
    "CAUSAL_LM", "SEQ_TO_SEQ_CAUSAL_LM", "IMAGE_TEXT_TO_TEXT", "SPEECH_SEQ_2_SEQ", "MASKED_LM", "PRETRAINING", "IMAGE_CLASSIFICATION",
    "OBJECT_DETECTION", "CTC", "ZERO_SHOT_IMAGE_CLASSIFICATION",
)  # fmt: skip
"""The tasks whose classes are taken first, so that most models come with their head."""


def model_types() -> list[str]:
    """All model types that this version of transformers knows."""
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    return sorted(CONFIG_MAPPING.keys())


def build(model_type: str) -> tuple[Any, dict[str, Any]] | None:
    """(model, its config as plain data); None where no class of that type builds from its default config."""
    import torch
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    try:
        config_class = CONFIG_MAPPING[model_type]
        config = config_class()
    except Exception:  # needs a package that is not here, or has no default
        return None
    for mapping in _mappings():
        try:
            found = mapping.get(config_class, None)
            if found is None:
                continue
            with torch.device("meta"):
                model = (found[0] if isinstance(found, (tuple, list)) else found)._from_config(config)
            repr(model)
        except Exception:
            continue
        return model, json.loads(json.dumps(config.to_dict(), default=str))
    return None


def configs(model: Any) -> dict[str, dict[str, Any]]:
    """The config of every module that holds one, as plain data, by the module's path."""
    from transformers import PretrainedConfig

    held = {path: getattr(module, "config", None) for path, module in model.named_modules()}
    known: dict[int, dict[str, Any]] = {}
    for config in held.values():
        if isinstance(config, PretrainedConfig) and id(config) not in known:
            known[id(config)] = json.loads(json.dumps(config.to_dict(), default=str))
    return {path: known[id(config)] for path, config in held.items() if id(config) in known}


def remove_configs(model: Any) -> None:
    """Takes every config out of the model, so that what is found then is found in its structure."""
    from transformers import PretrainedConfig

    for module in model.modules():
        for name in [name for name, value in vars(module).items() if isinstance(value, PretrainedConfig)]:
            delattr(module, name)


def _mappings() -> list[Any]:
    from transformers.models.auto import modeling_auto

    names = [name for name in dir(modeling_auto) if name.startswith("MODEL_FOR_") and name.endswith("_MAPPING")]
    first = [name for task in FIRST if (name := f"MODEL_FOR_{task}_MAPPING") in names]
    return [getattr(modeling_auto, name) for name in [*first, "MODEL_MAPPING", *(name for name in names if name not in first)]]

"""Facts that differ from a config where the config is what is incomplete, each with its reason, from disagreements.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from .measure import Pairs, Result

FILE = Path(__file__).with_suffix(".toml")


def listed() -> dict[str, Pairs]:
    """For each model type, the (key, value) pairs that the file gives a reason for."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {model: {(key, int(value)) for key, values in keys.items() for value in values} for model, keys in table.items()}


def unsettled(results: Iterable[Result]) -> list[str]:
    """What is wrong and not listed, and what is listed but no longer said; one sentence each."""
    known, found = listed(), []
    for result in results:
        wrong, here = result.printed.wrong | result.live.wrong, known.get(result.model_type, set())
        found += [f"{result.model_type}: {key} = {value} is in no config, and not listed" for key, value in sorted(wrong - here)]
        found += [f"{result.model_type}: {key} = {value} is listed, but nothing says it any more" for key, value in sorted(here - wrong)]
    return found

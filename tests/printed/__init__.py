"""Real prints, as PyTorch gave them.

`transformers/` holds what repr() gives of models that transformers 5.23 builds from their default configs. `forms/` holds the same of small
models in wrappers, with adapters, quantised, compiled, traced, from torch_geometric; made with torch 2.13, transformers 5.23, peft 0.21,
bitsandbytes 0.50, torchao 0.18 and torch_geometric 2.8, but for five written after prints of older or GPU-only libraries: gpt2_unfolded,
torch_0_3, gptq, awq and torchao_tensor.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def printed(name: str) -> str:
    """The text of one: "gpt2-seed", "forms/lora", "transformers/bert"."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def names(folder: str) -> list[str]:
    """The names of all in a folder, as `printed` takes them."""
    return [f"{folder}/{path.stem}" for path in sorted((FOLDER / folder).glob("*.txt"))]

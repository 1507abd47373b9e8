"""archmagic explains PyTorch architectures where people meet them: in a notebook.

    %load_ext archmagic      puts `explain` into the namespace; displaying any nn.Module shows print and tree
    explain(model)           the full explanation; also explain("GPT2LMHeadModel( ... )") of a pasted print
    %%explain_arch           cell magic: code that builds a model, or a pasted print

Importing this imports neither torch nor IPython.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import ArchmagicError, ModelError, PrintedModelError, UnknownPathError
from .options import Options, options

if TYPE_CHECKING:
    from .description import Description, describe
    from .explanation import Explanation, explain

__version__ = "0.1.0"

__all__ = [
    "ArchmagicError",
    "Description",
    "Explanation",
    "ModelError",
    "Options",
    "PrintedModelError",
    "UnknownPathError",
    "describe",
    "explain",
    "options",
]

_LAZY = {"describe": "description", "Description": "description", "explain": "explanation", "Explanation": "explanation"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f".{_LAZY[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})  # what completion offers


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext archmagic`"""
    from .notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext archmagic`"""
    from .notebook.extension import unload

    unload(shell)

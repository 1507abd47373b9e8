"""Reading a model into the tree: a live nn.Module or a printed text. Importing this imports no torch."""

from __future__ import annotations

from ..errors import ModelError
from ..tree import Tree
from .module import is_module, read_module
from .printed import read_print

__all__ = ["is_module", "read", "read_module", "read_print"]


def read(x: object) -> Tree:
    """The tree of a live module or of a printed model.

    Raises:
        PrintedModelError: a text that cannot be read as a printed model.
        ModelError: something that is neither a module nor a text.
    """
    if is_module(x):
        return read_module(x)
    if isinstance(x, str):
        return read_print(x)
    raise ModelError(f"Expected a torch.nn.Module or a printed model as text, not {type(x).__name__}.")

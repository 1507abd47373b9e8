"""Reading a model into the tree: a live nn.Module or a printed text. Importing this imports no torch."""

from __future__ import annotations

from ..errors import ModelError
from ..tree import Tree
from .holders import modules_of, read_holder
from .module import is_module, read_module
from .printed import read_print
from .refusals import refused

__all__ = ["is_module", "modules_of", "read", "read_module", "read_print"]


def read(x: object) -> Tree:
    """The tree of a live module, of a printed model, or of an object that holds modules (a pipeline, a list, a dict).

    Raises:
        PrintedModelError: a text that cannot be read as a printed model.
        ModelError: something that is none of these.
    """
    if is_module(x):
        return read_module(x)
    if isinstance(x, str):
        return read_print(x)
    modules = modules_of(x)
    if modules:
        return read_holder(x, modules)
    raise ModelError(refused(x))

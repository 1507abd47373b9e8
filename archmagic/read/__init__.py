"""Reading a model into the tree: a live nn.Module or a printed text. Importing this imports no torch."""

from __future__ import annotations

from ..errors import ModelError
from ..tree import Tree
from .holders import modules_of, read_holder
from .module import is_module, read_module
from .printed import read_print

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
    given = f"the class {x.__name__}: build it first" if isinstance(x, type) else f"{_article(type(x).__name__)}, which holds none"
    raise ModelError(f"Expected a torch.nn.Module, a printed model as text, or an object that holds modules, not {given}.")


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"

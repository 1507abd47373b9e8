"""Follows data through a live model: shapes, order, operations and cost of a forward pass, without weights.

Nothing here runs, nor is imported, unless inputs are given. torch is imported here and in reading a live module, nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import getattr_static
from itertools import islice
from typing import Any, Literal

from ..errors import ArchmagicError
from ..read import is_module, modules_of
from ..read.alone import alone
from ..read.records import told
from ..tree import Failure, Forward, Tree

__all__ = ["Trace", "follow_data", "trace"]

Trace = Literal["fake", "real"]
MOST_PROPOSALS = 24
MOST_PARTS = 8
MANY_STEPS = 5_000
"""From so many steps on a shorter sequence is made up: the model loops over its positions."""
HOW = (
    "Pass what you would give the model: inputs=tensor, inputs=(1, 3, 224, 224) for a shape, "
    "inputs={'input_ids': (1, 128)} for named arguments, or a tokenizer's output."
)


def follow_data(x: object, tree: Tree, inputs: Any, how: Trace = "fake") -> Forward:
    """The pass through what `explain` was given: a module, or an object that holds a single one.

    Raises:
        ArchmagicError: a print, which cannot be run, or several models.
    """
    if isinstance(x, str):
        raise ArchmagicError("inputs need the model itself: a print cannot be run.")
    model = x
    if not is_module(x) and not modules_of(x):
        raise ArchmagicError("inputs need the model itself: an explanation keeps nothing of it.")
    if not is_module(x):
        if tree.root.style == "models":
            raise ArchmagicError("inputs need one model; this object holds several. Explain the one to follow data through by itself.")
        model = next(iter(modules_of(x).values()))
    return trace(model, tree, inputs, how=how)


def trace(
    model: Any, tree: Tree, inputs: Any, *, how: Trace = "fake", names: bool = True, tick: Callable[[str], None] | None = None
) -> Forward:
    """One forward pass as data.

    Args:
        model: the live module that `tree` was read from.
        tree: its tree.
        inputs: what `explain` takes as inputs.
        how: "fake", on shapes alone, or "real", on the real weights under no_grad.
        names: also run the passes that name dimensions and tell how costs grow.
        tick: called with a few words while passes run.

    Returns:
        The pass. Where forward fails, up to there, with `failed`; this function raises only for inputs that are none.

    Raises:
        ArchmagicError: `inputs` is nothing that can be taken.
    """
    with alone():
        try:
            return _trace(model, tree, inputs, how, names, tick)
        except ArchmagicError:
            raise
        except Exception as error:  # of a model that nobody can walk through: a __hash__ or a table of its own that fails
            return Forward(failed=Failure("", tree.root.type, told(error), reason="error"), real=how == "real")


def _trace(model: Any, tree: Tree, inputs: Any, how: Trace, names: bool, tick: Any) -> Forward:
    from .inputs import given_by

    if _is_lazy(model):
        error = "Some of its layers are lazy: they get their shapes from the first real batch. Run one batch, then explain again."
        return Forward(failed=Failure("", tree.root.type, error, reason="inputs"), real=how == "real")
    if _is_flat(model):
        error = (
            "Its parameters lie in flat vectors that are split over processes (FSDP1), so a pass would have to gather them. "
            "Follow data through the model before it is wrapped."
        )
        return Forward(failed=Failure("", tree.root.type, error, reason="inputs"), real=how == "real")
    if _lacks_forward(model):
        parts = ", ".join(name for name, _ in islice(model.named_children(), MOST_PARTS))
        how_else = f", and data can be followed through each of them by itself: {parts}" if parts else ""
        error = f"{type(model).__name__} defines no forward; other code calls its parts{how_else}."
        return Forward(failed=Failure("", tree.root.type, error, reason="none"), real=how == "real")
    if isinstance(inputs, str):
        if inputs != "auto":
            raise ArchmagicError(f'inputs={inputs!r}: the only text that inputs takes is "auto". {HOW}')
        return _auto(model, tree, how, names, tick)
    return _follow(model, tree, given_by(model, inputs), how, names, tick)


def _follow(model: Any, tree: Tree, given: Any, how: Trace, names: bool, tick: Any, most: int | None = None) -> Forward:
    from .inputs import realized
    from .passes import follow

    real = how == "real"
    return follow(model, tree, realized(given, model) if real else given, real=real, names=names, most=most, tick=tick)


def _auto(model: Any, tree: Tree, how: Trace, names: bool, tick: Any) -> Forward:
    """The first proposal that runs; else the pass that came furthest, with what was tried."""
    from .auto import proposals
    from .by_layer import LENGTH
    from .record import TooLong
    from .run import unwrap

    tried: list[str] = []
    furthest: Forward | None = None
    short = False
    for given, words in islice(proposals(unwrap(model)[0]), MOST_PROPOSALS):
        if short and str(LENGTH) in words:
            continue
        given = replace(given, notes=(f"The inputs were made up from the model: {words}.",))
        try:
            found = _follow(model, tree, given, "fake", names and how == "fake", tick, None if short else MANY_STEPS)
        except TooLong:
            short = True
            continue
        tried.append(words)
        if found.failed is None:
            return found if how == "fake" else _follow(model, tree, given, how, names, tick)
        if furthest is None or found.failed.done > (furthest.failed.done if furthest.failed else -1):
            furthest = found
    some = "; ".join(tried[:6]) + ("; ..." if len(tried) > 6 else "")
    note = f"None that were made up ran. Tried: {some}. {HOW}" if tried else f"The model does not tell what it takes. {HOW}"
    if furthest is not None and furthest.failed is not None and furthest.failed.reason in ("data", "fake"):
        return furthest  # other inputs would stop there, too
    if furthest is None:
        return Forward(failed=Failure("", tree.root.type, "no inputs could be made up", reason="inputs"), notes=(note,))
    return replace(furthest, notes=(*furthest.notes, note))


def _lacks_forward(model: Any) -> bool:
    """Whether a module's class leaves forward undefined, as a container's does and that of a model whose parts are called from outside."""
    from torch.nn.modules.module import Module, _forward_unimplemented

    own = "forward" in model.__dict__ or type(model).__call__ is not Module.__call__
    return not own and getattr_static(type(model), "forward", None) is _forward_unimplemented


def _is_flat(model: Any) -> bool:
    wrapper = "torch.distributed.fsdp.fully_sharded_data_parallel"
    return any(cls.__module__ == wrapper for m in model.modules() for cls in type(m).__mro__)


def _is_lazy(model: Any) -> bool:
    from torch.nn.parameter import is_lazy

    return any(is_lazy(t) for m in model.modules() for table in (m._parameters, m._buffers) for t in table.values() if t is not None)

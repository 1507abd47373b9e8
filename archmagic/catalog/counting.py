"""What a layer's arguments say about its tensors, and the sum behind a parameter count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..tree import Node, Tensor, Value
from .entry import Entry, Rule
from .formula import FormulaError, evaluate
from .match import entry_of
from .recurrent import recurrent_rules

MOST_TERMS = 8


def name_arguments(type: str, positional: Sequence[Value]) -> dict[str, Value]:
    """Positional printed arguments under their names: Embedding's (50257, 768) are num_embeddings and embedding_dim.

    Those that the catalog has no name for are called "0", "1", ... by position.
    """
    names = entry_of(type).entry.arguments
    return {names[at] if at < len(names) else str(at): value for at, value in enumerate(positional)}


def tensors_of(type: str, settings: Mapping[str, Value]) -> tuple[Tensor, ...] | None:
    """The tensors that a printed module owns, from its arguments.

    Returns:
        () for a class known to own none (but perhaps buffers that no print shows, see Entry.hidden); None where the class
        is unknown or its arguments do not tell. A tensor with the note "assumed" rests on a default that older versions of
        torch do not print (LayerNorm's bias).
    """
    entry = entry_of(type).entry
    if (entry.tensors is None and not entry.gates) or (type.startswith("Parametrized") and entry.tensors != ()):
        return None
    values = {**entry.defaults, **settings}
    try:
        rules = recurrent_rules(entry.gates, values) if entry.gates else entry.tensors or ()
        made = [_tensor(rule, values, settings) for rule in rules]
    except FormulaError:
        return None
    tensors = tuple(tensor for tensor in made if tensor is not None)
    if entry.gates and entry.packed:
        tensors = tuple(t._replace(dtype="qint8", notes=("packed",)) if t.name.startswith("weight") else t for t in tensors)
    return tuple(map(_lazy, tensors)) if type.startswith("Lazy") else tensors


def _lazy(tensor: Tensor) -> Tensor:
    """The tensor as it is before the first batch: its shape unknown, unless it is a single number."""
    return tensor._replace(shape=None, notes=(*tensor.notes, "lazy")) if tensor.shape else tensor


def _tensor(rule: Rule, values: Mapping[str, Value], settings: Mapping[str, Value]) -> Tensor | None:
    shape = evaluate(rule.shape, values)
    if shape is None:
        return None
    sizes = shape if isinstance(shape, tuple) else (shape,)
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise FormulaError(f"{shape!r} is not a shape")
    notes = rule.notes
    if rule.assumes is not None and rule.assumes not in settings:
        notes = (*notes, "assumed")
    return Tensor(rule.name, sizes, dtype=rule.dtype, kind=rule.kind, notes=notes)  # type: ignore[arg-type]


def parameter_arithmetic(node: Node) -> str | None:
    """The sum that gives the node's own parameters: "768 × 2,304 + 2,304 = 1,771,776".

    None where it owns no parameters or their sizes are unknown.
    """
    parameters = [t for t in node.tensors or () if t.kind == "parameter"]
    if not parameters or None in [t.shape for t in parameters]:
        return None
    total = f"{sum([t.numel for t in parameters]):,}"
    terms: dict[str, int] = {}
    for tensor in parameters:
        term = " × ".join([f"{size:,}" for size in tensor.shape or ()]) or "1"
        terms[term] = terms.get(term, 0) + 1
    if len(terms) > MOST_TERMS:
        return f"{len(parameters)} tensors with {total} numbers in all"
    parts = [term if count == 1 else f"{count} × {term}" for term, count in terms.items()]
    text = " + ".join(parts)
    return total if text == total else f"{text} = {total}"


def parameter_formula(entry: Entry) -> str:
    """The entry's parameter arithmetic for reading: "out_features × in_features + (out_features if bias else 0)"."""
    return entry.parameters_text or entry.parameters.replace(" * ", " × ").replace(" // ", " / ")

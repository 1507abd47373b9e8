"""What a user may give as `inputs`, made into the arguments of forward."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..errors import ArchmagicError

TAKES = (
    "inputs takes a tensor, a tuple of them, a dict of keyword arguments, shapes such as (1, 3, 224, 224) or {'input_ids': (1, 128)}, "
    'a tokenizer\'s output, or "auto"'
)
IDS = ("ids", "tokens", "idx", "labels", "input_id", "token")
MASKS = ("mask",)


@dataclass(frozen=True)
class Given:
    """The arguments of one call of forward. Tensors of device meta have a shape only. `names` are forward's positional parameters."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def given_by(model: Any, inputs: Any) -> Given:
    """What the user gave, as arguments. Shapes become ids where the first layer takes ids, else floating-point data.

    Raises:
        ArchmagicError: it is nothing that forward could be given.
    """
    import torch

    names = parameter_names(model)
    if isinstance(inputs, torch.Tensor):
        return Given((inputs,), {}, names)
    if isinstance(inputs, Mapping):
        given = inputs if isinstance(inputs, dict) else {name: _ids(value) for name, value in inputs.items()}
        return Given((), {str(name): _value(model, str(name), value) for name, value in given.items()}, names)
    if isinstance(inputs, (tuple, list)) and inputs:
        if inputs[0] is None and len(inputs) > 1 and all(size is None or type(size) is int for size in inputs):
            shape = tuple(1 if size is None else size for size in inputs)
            raise ArchmagicError(f"inputs: {tuple(inputs)} is no shape; give each size, as in {shape}.")
        if _is_shape(inputs):
            return Given((_value(model, names[0] if names else "", inputs),), {}, names)
        labels = [*names, *[""] * len(inputs)]
        return Given(tuple(_value(model, name, value) for name, value in zip(labels, inputs, strict=False)), {}, names)
    if hasattr(inputs, "__array__"):
        return Given((torch.as_tensor(inputs),), {}, names)
    raise ArchmagicError(f"{TAKES}, not {type(inputs).__name__}.")


def parameters_of(model: Any) -> Mapping[str, inspect.Parameter]:
    """forward's parameters by name; {} where it does not say."""
    try:
        return inspect.signature(model.forward).parameters
    except (TypeError, ValueError):
        return {}


def parameter_names(model: Any) -> tuple[str, ...]:
    """forward's positional parameters; () where it does not say."""
    return tuple(p.name for p in parameters_of(model).values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY))


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, (tuple, list)) and len(value) > 0 and all(isinstance(size, int) and not isinstance(size, bool) for size in value)
    )


def _ids(value: Any) -> Any:
    """What a tokenizer gives that was not asked for tensors: lists of ids, of one text or of several."""
    import torch

    if isinstance(value, list) and value and all(isinstance(part, int) for part in value):
        return torch.tensor([value])
    return value


def _value(model: Any, name: str, value: Any) -> Any:
    """An argument: a shape becomes data of that shape, an array a tensor; all else stays."""
    import torch

    if isinstance(value, torch.Tensor):
        return value
    if _is_shape(value):
        return of_shape(model, name, tuple(value))
    if hasattr(value, "__array__") and not isinstance(value, (int, float)):
        return torch.as_tensor(value)
    if isinstance(value, list) and value and isinstance(value[0], list):  # rows of ids
        with suppress(TypeError, ValueError):
            return torch.tensor(value)
    return value


def of_shape(model: Any, name: str, shape: tuple[int, ...]) -> Any:
    """Data of that shape: ids for what is named so or goes into an embedding first, ones for a mask, else numbers without values."""
    if any(size < 0 for size in shape):
        raise ArchmagicError(f"{name or 'inputs'}: {shape} is no shape; give each size, 0 or more.")
    import torch

    if any(part in name for part in MASKS):
        return torch.ones(shape, dtype=torch.long)
    if name in ("", "x", "input", "inputs") or not name.endswith(IDS):
        from .by_layer import first_layer

        layer = first_layer(model)
        if layer is None or "Embedding" not in type(layer).__name__ or name not in ("", "x", "input", "inputs", "src", "tgt"):
            return data(shape, model)
        return ids(shape, int(layer.weight.shape[0]))
    return ids(shape, vocabulary(model))


def vocabulary(model: Any) -> int:
    """The rows of the first embedding, below which ids must be."""
    import torch

    sizes = [int(m.weight.shape[0]) for m in model.modules() if isinstance(m, torch.nn.Embedding) and m.weight.shape[0] > 1]
    return sizes[0] if sizes else 100


def ids(shape: tuple[int, ...], below: int) -> Any:
    """Different ids, away from the first few, which are padding and other marks mostly."""
    import torch

    count = torch.Size(shape).numel()
    if count > 1 << 22:
        return torch.empty(shape, dtype=torch.long, device="meta")
    first = min(10, below - 1)
    return (first + torch.arange(count) * 7 % max(1, below - first)).reshape(shape)


def data(shape: tuple[int, ...], model: Any, dtype: Any = None) -> Any:
    """Numbers without values, of the model's own type."""
    import torch

    if dtype is None:
        dtype = next((p.dtype for p in model.parameters() if p.is_floating_point() and p.element_size() > 1), torch.float32)
    return torch.empty(shape, dtype=dtype, device="meta")


def realized(given: Given, model: Any) -> Given:
    """The inputs with values, for a real pass, on the model's device. The generators of random numbers stay as they are."""
    import torch

    from .values import replaced

    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    generator = torch.Generator().manual_seed(0)

    def real(tensor: Any) -> Any:
        if tensor.device.type == "meta":
            shape, dtype = tuple(tensor.shape), tensor.dtype
            tensor = torch.randn(shape, generator=generator).to(dtype) if dtype.is_floating_point else torch.zeros(shape, dtype=dtype)
        return tensor.to(device)

    return Given(replaced(given.args, real), replaced(given.kwargs, real), given.names, given.notes)

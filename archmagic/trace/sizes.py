"""The sizes that inputs choose: which dimensions of the inputs can be changed, what they are called, and inputs of other sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .values import replaced, tensors_in

Dimensions = frozenset[tuple[str, int]]
"""(input's name, dimension)."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A symbol that may be one: its letter, meaning, size, and the dimensions that go together."""

    letter: str
    meaning: str
    size: int
    dimensions: Dimensions

    def sizes_to_try(self, small: bool = False) -> tuple[int, ...]:
        """Other sizes, the likeliest to be accepted first; `small`: the smallest first."""
        if self.letter in "BN":
            return (3 * self.size, 2 * self.size)
        sizes = [self.size // 2, 2 * self.size] if small else [2 * self.size, self.size // 2]
        if self.letter in "TS":  # of an image one more may get lost in a pooling, and then any number seems to do
            sizes.append(self.size + 1)
        return tuple(dict.fromkeys(size for size in sizes if 0 < size != self.size))


def guesses(named: Mapping[str, Any]) -> Iterator[tuple[Guess, ...]]:
    """Groups of dimensions, each group with alternatives of which the first that works is taken. `named`: the inputs by name."""
    tensors = {name: t for name, t in named.items() if t.dim()}
    if not tensors:
        return
    first = next(iter(tensors.values()))
    batch = int(first.shape[0])
    together = frozenset((name, 0) for name, t in tensors.items() if t.shape[0] == batch)
    square = frozenset((name, dim) for name, t in tensors.items() for dim, size in enumerate(t.shape) if size == batch)
    rows = (Guess("N", "number of rows", batch, square),) if len(square) > len(together) else ()  # of a graph: nodes
    yield Guess("B", "batch", batch, together), Guess("B", "batch", batch, frozenset(((next(iter(tensors)), 0),))), *rows
    if any(t.dim() >= 4 and t.is_floating_point() for t in tensors.values()):
        yield from _images(tensors)
    sequences = {name: t for name, t in tensors.items() if t.dim() in (2, 3) or (t.dim() == 4 and not t.is_floating_point())}
    if sequences:
        yield from _sequences(sequences)


def _images(tensors: Mapping[str, Any]) -> Iterator[tuple[Guess, ...]]:
    pictures = {name: t for name, t in tensors.items() if t.dim() >= 4 and t.is_floating_point()}
    shape = next(iter(pictures.values())).shape
    height = frozenset((name, t.dim() - 2) for name, t in pictures.items() if t.shape[-2] == shape[-2])
    width = frozenset((name, t.dim() - 1) for name, t in pictures.items() if t.shape[-1] == shape[-1])
    masks = frozenset((n, t.dim() - 2) for n, t in tensors.items() if t.dim() == 3 and tuple(t.shape[-2:]) == tuple(shape[-2:]))
    masks_wide = frozenset((name, dim + 1) for name, dim in masks)
    yield (Guess("H", "image height", int(shape[-2]), height | masks),)
    yield (Guess("W", "image width", int(shape[-1]), width | masks_wide),)
    if len(shape) == 5:
        same = frozenset((name, 1) for name, t in pictures.items() if t.dim() == 5 and t.shape[1] == shape[1])
        third = frozenset((name, 2) for name, t in pictures.items() if t.dim() == 5 and t.shape[2] == shape[2])
        yield (Guess("F", "frames", int(shape[1]), same), Guess("F", "frames or depth", int(shape[2]), third))


def _sequences(tensors: Mapping[str, Any]) -> Iterator[tuple[Guess, ...]]:
    decoder = {name: t for name, t in tensors.items() if name.startswith("decoder_") or name == "tgt"}
    encoder = {name: t for name, t in tensors.items() if name not in decoder}
    if decoder and encoder:
        yield _along(encoder, "S", "source length")
        yield _along(decoder, "T", "target length")
    else:
        yield _along(tensors, "T", "sequence length")


def _along(tensors: Mapping[str, Any], letter: str, meaning: str) -> tuple[Guess, ...]:
    """The sequence may be the second dimension or the last (channels first); of one input or of all that are as long."""
    name, first = next(iter(tensors.items()))
    found = []
    for dim in (1, first.dim() - 1):
        size = int(first.shape[dim])
        all_alike = frozenset((n, d) for n, t in tensors.items() for d in range(1, t.dim()) if t.shape[d] == size)
        same_place = frozenset((n, dim) for n, t in tensors.items() if t.dim() > dim and t.shape[dim] == size)
        for dimensions in (same_place, all_alike, frozenset(((name, dim),))):
            found.append(Guess(letter, meaning, size, dimensions))
    unique = {guess.dimensions: guess for guess in found if guess.size > 1}
    return tuple(unique.values())


def resized(
    args: tuple[Any, ...], kwargs: dict[str, Any], names: Mapping[int, str], sizes: Mapping[tuple[str, int], int]
) -> tuple[Any, Any]:
    """The inputs with other sizes along some dimensions; `names` gives an input's name by id. Ids are repeated, other data has no
    values."""
    import torch

    def change(tensor: Any) -> Any:
        name = names.get(id(tensor), "")
        wanted = {dim: size for (other, dim), size in sizes.items() if other == name}
        if not wanted:
            return tensor
        shape = [wanted.get(dim, int(size)) for dim, size in enumerate(tensor.shape)]
        if tensor.is_floating_point() or tensor.device.type == "meta" or 0 in tensor.shape or torch.Size(shape).numel() > 1 << 24:
            return torch.empty(shape, dtype=tensor.dtype, device="meta")
        for dim, size in wanted.items():
            tensor = tensor.index_select(dim, torch.arange(size, device=tensor.device) % tensor.shape[dim])
        return tensor

    return replaced(args, change), replaced(kwargs, change)


def named_inputs(args: tuple[Any, ...], kwargs: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The tensors among the inputs, by name; positional ones named as in the signature."""
    labels = [*names, *(f"input {at}" for at in range(len(names) + 1, len(args) + 1))]
    found = {label: tensor for name, arg in zip(labels, args, strict=False) for label, tensor in tensors_in(arg, name)}
    return found | dict(tensors_in(dict(kwargs)))

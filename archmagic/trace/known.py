"""Keeps the values of what is no weight: ids, masks, positions, small tables.

A pass on fake tensors stops where the model asks for a value: how many patches an image has, where a sequence ends. Most such
values follow from the inputs alone. So whatever an operation makes from inputs, constants and small buffers only is computed beside the
fake for real, while it stays small; what comes from a weight or from large data has no value. It is also how a mask is seen to be causal.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from .choices import Choice, picked

PACKS = "aten::_pack_padded_sequence"
"""Its second argument alone decides the shapes."""
INDEXES = ("aten::index", "aten::_index_put_impl")
LARGEST = 1 << 20
"""Elements of a tensor whose values are kept."""


class Known:
    """The values of some fake tensors. With `choose`, what is picked by values that are not known is made up so.

    Attributes:
        where: gives the path of the module in which an operation runs.
        picks: the paths in which something was picked.
        chosen: those of them by whose picks a later question was answered, as far as that is followed.
    """

    def __init__(self, fakes: Any, choose: Choice | None = None) -> None:
        from torch._subclasses import fake_tensor

        self._fakes = fakes
        self.where: Callable[[], str] = str
        self.picks: dict[str, None] = {}
        self.chosen: dict[str, None] = {}
        self._choose = choose
        self._values: dict[int, tuple[weakref.ref[Any], Any, frozenset[str]]] = {}
        self._lazy: dict[int, tuple[Any, Any]] = {}
        self._spoiled: set[int] = set()
        names = ("DataDependentOutputException", "DynamicOutputShapeException")
        self._asks = tuple(getattr(fake_tensor, name) for name in names if hasattr(fake_tensor, name))

    def keep(self, fake: Any, real: Any) -> None:
        """`real` is what `fake` stands for; it is copied before use."""
        if _small(real) and real.device.type == "cpu" and real.layout == fake.layout:
            self._lazy[id(fake)] = (fake, real)

    def value(self, fake: Any) -> Any | None:
        """The value of a fake tensor, None where it is not known."""
        if self._spoiled and _storage(fake) in self._spoiled:
            return None
        found = self._values.get(id(fake))
        if found is not None:
            return found[1]
        lazy = self._lazy.pop(id(fake), None)
        if lazy is None:
            return None
        from torch.utils._python_dispatch import _disable_current_modes

        with _disable_current_modes():
            real = lazy[1].detach().clone()
        self._set(fake, real)
        return real

    def array(self, fake: Any) -> Any:
        """The value as NumPy's array, where forward wants that.

        Raises:
            DataDependentOutputException: it is not known.
        """
        import torch

        value = self.value(fake)
        if value is None:
            raise self._asks[0](torch.ops.aten._local_scalar_dense.default)
        self.chosen |= dict.fromkeys(sorted(self._chosen((fake,), {})))
        return self._compute(torch.Tensor.numpy, (value,), {}).copy()

    def _set(self, fake: Any, real: Any, chosen: frozenset[str] = frozenset()) -> None:
        """`chosen` are the paths of the choices that the value rests on."""
        key = id(fake)
        self._values[key] = (weakref.ref(fake, lambda _: self._values.pop(key, None)), real, chosen)

    def _made(self, fake: Any, real: Any, chosen: frozenset[str]) -> None:
        """The value of what an operation just made of known values. Its memory may lie where something spoiled lay before."""
        self._spoiled.discard(_storage(fake))
        self._set(fake, real, chosen)

    def call(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs an operation on fakes, and on the values where all are known.

        Raises:
            What the operation raises on fakes, where a value is asked for that is not known.
        """
        before = self._real(func, args, kwargs)
        try:
            out = func(*args, **kwargs)
        except self._asks:
            if before is None:
                if func._schema.name == PACKS and (lengths := self.value(args[1])) is not None:
                    return self._packed(func, args, kwargs, lengths)
                if (by_places := self._by_places(func, args)) is None:
                    raise
                return func(*by_places, **kwargs)
            chosen = self._chosen(args, kwargs)
            self.chosen |= dict.fromkeys(sorted(chosen))
            return self._faked(self._compute(func, *before), chosen)
        if before is None:
            self._spoil(func, args)
            if self._choose and (pick := picked(self._choose, func, args, kwargs, out)) is not None:
                here = self.where()
                self.picks[here] = None
                self._made(*pick, frozenset((here,)))
            return out
        if all(_small(t) for t in _tensors(out)):
            real, chosen = self._compute(func, *before), self._chosen(args, kwargs)
            for fake, value in zip(_tensors(out), _tensors(real), strict=False):
                if id(fake) not in self._values and fake.shape == value.shape:
                    self._made(fake, value, chosen)
        return out

    def _chosen(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> frozenset[str]:
        """The paths of the choices that what an operation is given rests on."""
        if not self._choose:
            return frozenset()
        given = [tensor for value in (*args, *kwargs.values()) for tensor in _tensors(value)]
        return frozenset().union(*(self._values[id(tensor)][2] for tensor in given if id(tensor) in self._values))

    def _packed(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], lengths: Any) -> tuple[Any, Any]:
        """The results of packing sequences of known lengths: the data without values, and how many sequences each step has."""
        import torch

        nothing = self._compute(torch.zeros, ((),), {"dtype": args[0].dtype})
        rows = self._compute(torch.Tensor.expand, (nothing, args[0].shape), {})
        data, numbers = self._compute(func, (rows, lengths, *args[2:]), kwargs)
        return self._fakes.like(data), self._faked(numbers, self._chosen((args[1],), {}))

    def _by_places(self, func: Any, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """What to index by places, of an indexing by masks whose values are known; None of anything else."""
        import torch

        if not func._schema.name.startswith(INDEXES):
            return None
        places: list[Any] = []
        for index in args[1]:
            if index is None or index.dtype != torch.bool:
                places.append(index)
                continue
            mask = self.value(index)
            if mask is None:
                return None
            chosen = self._chosen((index,), {})
            self.chosen |= dict.fromkeys(sorted(chosen))
            places += [self._faked(found, chosen) for found in self._compute(torch.Tensor.nonzero, (mask,), {"as_tuple": True})]
        return (args[0], places, *args[2:])

    def _real(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any] | None:
        import torch

        if torch.Tag.nondeterministic_seeded in func.tags:
            return None
        found = True

        def real(item: Any) -> Any:
            nonlocal found
            if isinstance(item, torch.Tensor):
                value = self.value(item)
                found = found and value is not None
                return value
            if type(item) in (list, tuple):
                return type(item)(real(part) for part in item)
            return item

        changed = tuple(real(arg) for arg in args), {name: real(value) for name, value in kwargs.items()}
        return changed if found else None

    def _compute(self, func: Any, args: Any, kwargs: Any) -> Any:
        from torch.utils._python_dispatch import _disable_current_modes

        with _disable_current_modes():
            return func(*args, **kwargs)

    def _faked(self, real: Any, chosen: frozenset[str]) -> Any:
        import torch

        if isinstance(real, torch.Tensor):
            fake = self._fakes.like(real)
            self._made(fake, real, chosen)
            return fake
        if isinstance(real, (list, tuple)):
            return type(real)(self._faked(part, chosen) for part in real)
        return real

    def _spoil(self, func: Any, args: tuple[Any, ...]) -> None:
        """Something unknown was written into memory whose values were known."""
        if not func._schema.is_mutable:
            return
        for spec, arg in zip(func._schema.arguments, args, strict=False):
            if spec.alias_info is not None and spec.alias_info.is_write:
                for tensor in _tensors(arg):
                    self._lazy.pop(id(tensor), None)
                    self._spoiled.add(_storage(tensor))


def _small(tensor: Any) -> bool:
    return bool(tensor.numel() <= LARGEST)


def _storage(tensor: Any) -> int:
    try:
        return int(tensor.untyped_storage()._cdata)
    except Exception:
        return 0


def _tensors(value: Any) -> list[Any]:
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    return [part for part in value if isinstance(part, torch.Tensor)] if isinstance(value, (list, tuple)) else []

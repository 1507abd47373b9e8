"""Models with one part that fails, lies, or cannot be read. Each has a part named `good` that must be explained all the same."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn


def around(part: Any, name: str = "bad") -> nn.Module:
    model = nn.Module()
    model.good = nn.Linear(3, 4)
    model._modules[name] = part
    model.also_good = nn.Linear(3, 4)
    return model


class Fails(nn.Module):
    """Whatever is asked of it but what nn.Module keeps in its dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(3, 4)

    def __repr__(self) -> str:
        raise RuntimeError("__repr__")

    def extra_repr(self) -> str:
        raise RuntimeError("extra_repr")

    def _get_name(self) -> str:
        raise RuntimeError("_get_name")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __len__(self) -> int:
        raise RuntimeError("__len__")

    def __bool__(self) -> bool:
        raise RuntimeError("__bool__")

    def __hash__(self) -> int:
        raise RuntimeError("__hash__")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("__eq__")

    def __iter__(self) -> Any:
        raise RuntimeError("__iter__")

    @property
    def weight(self) -> Any:
        raise RuntimeError("weight")

    @property
    def __class__(self) -> Any:
        raise RuntimeError("__class__")

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise RuntimeError("__class__")

    def forward(self, x: Any) -> Any:
        raise RuntimeError("forward")


class Prints(nn.Module):
    """Says something wherever it is asked, and must not be heard: properties are not read."""

    @property
    def shout(self) -> str:
        print("SHOUTED")
        return "x"

    def __getattr__(self, name: str) -> Any:
        print("SHOUTED")
        return super().__getattr__(name)

    def forward(self, x: Any) -> Any:
        print("SHOUTED")
        return x


class Exits(nn.Module):
    def extra_repr(self) -> str:
        raise SystemExit(3)


class Recurses(nn.Module):
    def extra_repr(self) -> str:
        return self.extra_repr()


class Swollen(nn.Module):
    def extra_repr(self) -> str:
        return "x=" + "9" * 200_000


class SubclassedStr(str):
    def __str__(self) -> str:
        raise RuntimeError("__str__")

    def __format__(self, spec: str) -> str:
        raise RuntimeError("__format__")

    def split(self, *_: Any) -> Any:
        raise RuntimeError("split")


class OddArguments(nn.Module):
    def extra_repr(self) -> str:
        return SubclassedStr("a=1, b=2")


class LyingTensor(torch.Tensor):
    @property
    def shape(self) -> Any:
        raise RuntimeError("shape")

    @property
    def requires_grad(self) -> Any:
        raise RuntimeError("requires_grad")

    def numel(self) -> Any:
        raise RuntimeError("numel")

    def __repr__(self, **_: Any) -> str:
        raise RuntimeError("__repr__")


class OddConfig:
    def to_dict(self) -> Any:
        return {"hidden_size": float("nan"), "vocab_size": -1, "num_hidden_layers": "many", "x" * 10_000: "y" * 10_000, "loop": self}


class OddDict(dict):  # type: ignore[type-arg]
    def items(self) -> Any:
        raise RuntimeError("items")


def _cycle() -> nn.Module:
    model = around(nn.Sequential(nn.ReLU()))
    model.bad.append(model)
    return model


def _itself() -> nn.Module:
    model = around(nn.Module())
    model._modules["bad"] = model
    return model


def _nones() -> nn.Module:
    model = around(None)
    for name in ("weight", "bias"):
        model.register_parameter(name, None)
        model.register_buffer(f"{name}_of_old", None)
    model.register_module("head", None)
    model.config = None
    return model


def _tables(value: Any) -> nn.Module:
    part = nn.Linear(3, 4)
    for name in ("_parameters", "_buffers", "_modules"):
        part.__dict__[name] = value
    return around(part)


def _tensors() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _odd_tensors()


def _odd_tensors() -> nn.Module:
    part = nn.Module()
    part.zero = nn.Parameter(torch.zeros(0, 5))
    part.scalar = nn.Parameter(torch.tensor(1.0))
    part.sparse = nn.Parameter(torch.eye(3).to_sparse())
    part.csr = nn.Parameter(torch.eye(3).to_sparse_csr())
    part.freed = nn.Parameter(torch.zeros(4))
    part.freed.untyped_storage().resize_(0)
    part.lazy = nn.UninitializedParameter()
    part.complex = nn.Parameter(torch.zeros(2, dtype=torch.complex64))
    part.lying = torch.zeros(2).as_subclass(LyingTensor)
    part.register_buffer("lied", torch.zeros(2).as_subclass(LyingTensor))
    part.register_buffer("expanded", torch.zeros(1).expand(1_000_000))
    part.register_buffer("nested", torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]))
    part.register_buffer("strided", torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)], layout=torch.jagged))
    part.register_buffer("huge", torch.zeros(2**40, 2**20, device="meta"))
    part.register_buffer("quantized", torch.quantize_per_tensor(torch.zeros(2), 0.1, 0, torch.qint8))
    return around(part)


def _deleted() -> nn.Module:
    part = nn.Linear(3, 4)
    del part.weight
    del part.bias
    model = around(part)
    model.cleared = nn.Conv2d(1, 1, 1)
    model.cleared.__dict__.clear()
    model.none_left = nn.ReLU()
    del model.none_left._parameters
    return model


def _config(config: Any) -> nn.Module:
    model = around(nn.ReLU())
    model.__dict__["config"] = config
    return model


def _deep() -> nn.Module:
    inner: nn.Module = nn.Linear(3, 4)
    for at in range(5_000):
        inner = nn.Sequential(inner) if at % 2 else nn.ModuleDict({"inner": inner})
    return around(inner)


def _wide(count: int, kinds: int) -> nn.Module:
    return around(nn.ModuleList(nn.Flatten(1, 1 + at % kinds) for at in range(count)))


def _names() -> nn.Module:
    part = nn.Module()
    part.__dict__["_modules"] = {name: nn.ReLU() for name in NAMES}
    part.__dict__["_parameters"] = {name: nn.Parameter(torch.zeros(1)) for name in NAMES}
    return around(part)


NAMES: tuple[Any, ...] = (
    "", " ", ".", "a.b", "..", "[0-3]", "a[1-2]", "*", "0", "-1", "None", "(x): Foo(", "a\nb", "a\r\nb", "a\tb", "\x00", "\x1b[31mred",
    "\x07", "<b>x</b>", "'", '"', "`", "\\", "${x}", "{0}", "%s", "__proto__", "constructor", "toString", "\u202eabc\u202c", "\u2066x",
    "\u200b", "\U0001f9e0", "e\u0301", "\u00e9", "\ud800", "x" * 10_000, "\u05d0\u05d1", "\u2028", "con", "]]>", "-->", "|", "#",
    "[x](http://evil.example)",
)  # fmt: skip
"""Attribute names that a dictionary holds, whether or not nn.Module would take them."""


MODELS: dict[str, Callable[[], nn.Module]] = {
    "a part that fails at everything": lambda: around(Fails()),
    "a part that exits": lambda: around(Exits()),
    "a part that recurses for ever": lambda: around(Recurses()),
    "arguments of 200 kB": lambda: around(Swollen()),
    "arguments that are no plain text": lambda: around(OddArguments()),
    "a cycle": _cycle,
    "itself": _itself,
    "a number for a child": lambda: around(3),
    "a text for a child": lambda: around("<script>alert(1)</script>"),
    "a class for a child": lambda: around(nn.Linear),
    "a tensor for a child": lambda: around(torch.zeros(2)),
    "a lying tensor for a child": lambda: around(torch.zeros(2).as_subclass(LyingTensor)),
    "None everywhere": _nones,
    "tables that are None": lambda: _tables(None),
    "tables that are numbers": lambda: _tables(3),
    "tables that fail": lambda: _tables(OddDict(x=1)),
    "tensors of every kind": _tensors,
    "deleted tensors and tables": _deleted,
    "a config of nonsense": lambda: _config(OddConfig()),
    "a config that is a list": lambda: _config([1, 2]),
    "a config that is a namespace": lambda: _config(SimpleNamespace(hidden_size=None, vocab_size=[], a={1: 2})),
    "names of every kind": _names,
    "numbers for names": lambda: around(nn.ReLU(), 7),  # type: ignore[arg-type]
    "5,000 deep": _deep,
    "100,000 wide and alike": lambda: _wide(100_000, 1),
    "30,000 wide and different": lambda: _wide(30_000, 97),
}

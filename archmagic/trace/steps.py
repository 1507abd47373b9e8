"""The steps of one pass before they are folded: paths of single modules, shapes without names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..tree import Value


@dataclass(slots=True)
class RawData:
    """A tensor of a step, before names are known."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    sources: tuple[int, ...]


@dataclass(slots=True)
class RawStep:
    """A step of one pass, unfolded: `path` names one module."""

    path: str
    kind: str
    op: str
    parent: int | None
    inputs: list[RawData] = field(default_factory=list)
    outputs: list[RawData] = field(default_factory=list)
    flops: int = 0
    compare_flops: int = 0
    """Those of comparing positions with each other."""
    bytes: int = 0
    line: str | None = None
    details: Mapping[str, Value] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    call: int = 1
    ended: bool = False


def raw(tensor: Any, sources: frozenset[int], name: str = "") -> RawData:
    """A tensor as data."""
    return RawData(name, shape_of(tensor), str(tensor.dtype).removeprefix("torch."), tuple(sorted(sources)))


def shape_of(tensor: Any) -> tuple[int, ...]:
    """Its sizes as plain numbers."""
    return tuple(map(int, tensor.shape))

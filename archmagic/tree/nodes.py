"""The one intermediate form: what a model is made of, as plain frozen data.

A `Tree` holds a root `Node`; a `Node` holds its own tensors and its children; a `Child` gives a node its name, or a
run of equal siblings one name with a `Repeat`. Equal subtrees are one `Node` object, so a mixture of 78,000
experts is a few dozen nodes. Sharing (the same weight under two paths) is a table on the tree, never inside a node.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from .forward import Forward
    from .paths import Visit

Scalar = None | bool | int | float | str
Value = Scalar | tuple["Value", ...]
"""A setting or attribute: a plain scalar, or a tuple of them."""

BITS = {
    "float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "complex64": 64, "complex128": 128, "complex32": 32,
    "int64": 64, "int32": 32, "int16": 16, "int8": 8, "uint64": 64, "uint32": 32, "uint16": 16, "uint8": 8, "bool": 8,
    "qint8": 8, "quint8": 8, "qint32": 32, "quint4x2": 4, "quint2x4": 2, "int4": 4, "uint4": 4,
    "float8_e4m3fn": 8, "float8_e5m2": 8, "float8_e4m3fnuz": 8, "float8_e5m2fnuz": 8, "float8_e8m0fnu": 8,
    "float4_e2m1fn_x2": 8,
}  # fmt: skip
"""Bits per stored element of each dtype, by its name without `torch.`."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a tensor is spread over a mesh of processes; `Tensor.shape` is that of the whole.

    Attributes:
        mesh: name ("" where it has none) and size of each dimension of the mesh.
        placements: for each of these, the dimension of the tensor that is split along it, or "whole" (each holds all of it), "flat" (split
            as part of one flat vector), "parts to be summed".
        here: how many of its numbers this process holds; None where that is counted for the flat vector only.
        local: the shape of what it holds; None where that is a piece of a flat vector.
    """

    mesh: tuple[tuple[str, int], ...]
    placements: tuple[int | str, ...]
    here: int | None = None
    local: tuple[int, ...] | None = None

    @property
    def is_split(self) -> bool:
        return any(placement != "whole" and size > 1 for (_, size), placement in zip(self.mesh, self.placements, strict=True))

    @property
    def mesh_text(self) -> str:
        """ "2 × 4 processes (dp, tp)"."""
        names = ", ".join(name for name, _ in self.mesh if name)
        return " × ".join(str(size) for _, size in self.mesh) + " processes" + (f" ({names})" if names else "")

    @property
    def short(self) -> str:
        """ "sharded by dimension 0 over dp", for a mark beside a row."""
        rows = zip(self.mesh, self.placements, strict=True)
        ways = [f"dimension {p} over {name or size}" for (name, size), p in rows if isinstance(p, int) and size > 1]
        return "sharded by " + ", ".join(ways) if ways else "sharded"

    def __str__(self) -> str:
        """ "split by dimension 0 over dp of 2, 8 × 7 here"."""
        ways = [_way(size, name, placement) for (name, size), placement in zip(self.mesh, self.placements, strict=True)]
        return ", ".join(ways + ([f"{' × '.join(f'{n:,}' for n in self.local)} here"] if self.local and self.is_split else []))


def _way(size: int, name: str, placement: int | str) -> str:
    over = f"{name} of {size}" if name else f"{size} processes"
    if placement == "whole":
        return f"whole on each of {over}"
    if placement == "flat":
        return f"split over {over} within a flat vector"
    return f"split by dimension {placement} over {over}" if isinstance(placement, int) else f"{placement} over {over}"


class Tensor(NamedTuple):
    """A parameter or buffer that a module holds itself.

    `shape` is None where it is not known yet (a lazy parameter before its first batch). `dtype` ("float32"), `device`
    ("meta", "cuda:0") and `trainable` are None where a print does not tell. `notes` are short words for what is
    special about it: "lazy", "None", "sparse", "Float8Tensor" (a tensor subclass). `spread` is None where it is not known to be
    spread over processes.
    """

    name: str
    shape: tuple[int, ...] | None
    dtype: str | None = None
    device: str | None = None
    trainable: bool | None = None
    kind: Literal["parameter", "buffer"] = "parameter"
    notes: tuple[str, ...] = ()
    spread: Spread | None = None

    @property
    def numel(self) -> int:
        """Number of elements; 0 where the shape is unknown."""
        return 0 if self.shape is None else math.prod(self.shape)

    @property
    def nbytes(self) -> int | None:
        """Bytes the elements take, None where the dtype is unknown."""
        bits = BITS.get(self.dtype or "")
        return None if bits is None else (self.numel * bits + 7) // 8


@dataclass(frozen=True, slots=True)
class Repeat:
    """How one child stands for many equal siblings: `count` modules numbered first, first + step, ...

    A plain run of twelve is Repeat(12, 0). In a periodic run (five local layers and one global, four times) each
    position of the period is a child of its own, Repeat(4, 0, step=6, period=6) and so on; the `period` children
    stand next to each other and interleave. `prefix` is what comes before the number ("expert_" in expert_0).
    """

    count: int
    first: int
    step: int = 1
    period: int = 1
    prefix: str = ""

    @property
    def last(self) -> int:
        return self.first + (self.count - 1) * self.step

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1, self.step)

    def names(self) -> Iterator[str]:
        """The attribute names this stands for, in order."""
        return (f"{self.prefix}{i}" for i in self.numbers)

    def has(self, name: str) -> bool:
        """Whether this stands for the attribute `name`, in no time however long the run."""
        number = name.removeprefix(self.prefix)
        return (
            name.startswith(self.prefix) and number.isdecimal() and len(number) <= 18
            and str(int(number)) == number and int(number) in self.numbers
        )  # fmt: skip

    def __str__(self) -> str:
        step = f":{self.step}" if self.step != 1 else ""
        return f"{self.prefix}[{self.first}-{self.last}{step}]"


@dataclass(frozen=True, slots=True)
class Child:
    """A node under its attribute name. In a run, `name` is the first one's."""

    name: str
    node: Node
    repeat: Repeat | None = None

    @property
    def segment(self) -> str:
        """Its part of a path: `attn`, `[0-11]`, `expert_[0-127]`, `[0-30:6]`."""
        return str(self.repeat) if self.repeat else self.name or "''"

    @property
    def count(self) -> int:
        return self.repeat.count if self.repeat else 1


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One module. Two nodes of a tree are equal exactly when they are the same object.

    Attributes:
        type: the class name as printed ("Linear", "GPT2Block"); "None" for a child registered as None.
        qualified: "torch.nn.modules.linear.Linear"; None from a print.
        bases: qualified names of the base classes in method resolution order, without itself, nn.Module and
            object; empty from a print.
        args: the printed arguments to the letter (what `extra_repr` gives; may span lines, joined by newlines, without
            the indentation). None where nothing could be read.
        settings: the arguments parsed: keywords by name, positional ones under the name the catalog gives them, else
            under "0", "1", ...
        attributes: plain scalars and short tuples of `vars(module)`; live only. Those that only count along a run
            (layer_idx) are left out of a run's node.
        config: the model's `config` as plain data, only at the topmost module that holds it; live only.
        tensors: own parameters and buffers, in order. None where a print does not let them be known (a sizeless
            `Conv1D()`, a class that the catalog does not know); () where it is known that there are none.
        children: in registration order.
        style: how it prints. "module": one child a line. "list": like nn.ModuleList, folding equal neighbours.
            "verbatim": the class overrides `__repr__`, and `verbatim` keeps its text; its children are not printed.
            "models": no module but several models read together, printed one after the other.
        unread: lines of a print, kept to the letter, that no rule reads.
        notes: short words on what is special: "broken: ..." , "truncated", "script", "lazy".
        source: (file, line) of the class; live only.
        doc: first paragraph of the class's own docstring; live only, None for torch.nn.
    """

    type: str
    args: str | None = ""
    settings: Mapping[str, Value] = field(default_factory=dict)
    qualified: str | None = None
    bases: tuple[str, ...] = ()
    attributes: Mapping[str, Value] = field(default_factory=dict)
    config: Mapping[str, object] | None = None
    tensors: tuple[Tensor, ...] | None = ()
    children: tuple[Child, ...] = ()
    style: Literal["module", "list", "verbatim", "models"] = "module"
    verbatim: str | None = None
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: tuple[str, int] | None = None
    doc: str | None = None

    def get(self, *names: str) -> Value:
        """The first of these settings or attributes that is there and not None."""
        settings, attributes = self.settings, self.attributes
        for name in names:
            value = settings.get(name)
            if value is None:
                value = attributes.get(name)
            if value is not None:
                return value
        return None

    def child(self, name: str) -> Node | None:
        """The child of that exact name, or the run's node that the name falls into."""
        for child in self.children:
            if child.name == name or (child.repeat and child.repeat.has(name)):
                return child.node
        return None

    @property
    def is_sequence(self) -> bool:
        """Whether it is an nn.Sequential, also as the class of its own that FSDP2 derives from it."""
        return self.type in ("Sequential", "FSDPSequential")

    @property
    def is_listing(self) -> bool:
        """Whether it only holds modules: a ModuleList or ModuleDict has no forward."""
        return self.type in ("ModuleList", "ModuleDict")

    @property
    def is_none(self) -> bool:
        return self.type == "None" and not self.children


class Unregistered(NamedTuple):
    """So many modules in a plain list, tuple or dict, the attribute `name` of the module at `path`."""

    path: str
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Tree:
    """A model as read.

    Attributes:
        root: its outermost module.
        source: "module" for a live one, "print" for text.
        shared: path of a module or tensor -> the earlier path that is the very same object. Paths may be runs; where
            both are, they run in parallel.
        notes: sentences the reader must be told ("The print ends inside transformer.h.3.").
        text: of a paste, the model part as given, with only the wrapping removed. None of a live model: `str(tree)` is its print.
        held_flat: how many numbers of the flat vectors that FSDP1 lays parameters into this process holds.
        forward: a pass of data through it; None where no inputs were given.
        runs: whether it may have a forward that data can be followed through: False of a live module whose class defines none.
        unregistered: modules that it keeps where PyTorch does not see them.
    """

    root: Node
    source: Literal["module", "print"]
    shared: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    text: str | None = None
    held_flat: int = 0
    forward: Forward | None = None
    runs: bool = True
    unregistered: tuple[Unregistered, ...] = ()
    _visits: list[Visit] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def visits(self) -> Sequence[Visit]:
        """Every node where it stands, parents first, in order: walked once, since the paths of a deep model take long to make."""
        if not self._visits:
            from .paths import walk

            self._visits[:] = list(walk(self.root))  # at once: another thread may ask meanwhile
        return self._visits

    def __str__(self) -> str:
        from .printing import print_tree

        return print_tree(self.root)

"""The tree laid out for detectors: every place in order, with its parent, its subtree as a slice, and what kind it is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from ..catalog.lookup import Match, entry_of, generic
from ..tree import Child, Node, Tree

NO_KIDS: list[Place] = []
"""One for all places without children: each of its own would be one more object for the garbage collector."""


class Place:
    """A node at its path. `index` and `end` delimit its subtree in `Places.all`; `count` is how many modules it stands for."""

    __slots__ = ("child", "count", "end", "index", "kids", "kind", "linear", "match", "name", "node", "parent", "path")

    def __init__(self, path: str, name: str, node: Node, child: Child | None, parent: Place | None, count: int, index: int) -> None:
        self.path, self.name, self.node, self.child, self.parent = path, name, node, child, parent
        self.count, self.index, self.end = count, index, index + 1
        self.match: Match = entry_of(node.type, node.qualified, node.bases)
        self.kind = "convolution" if self.match.how == "generic" and _looks_convolution(node) else self.match.entry.kind
        self.kids: list[Place] = [] if node.children else NO_KIDS
        self.linear: Linear | Literal["unasked"] | None = "unasked"

    @property
    def attribute(self) -> str:
        """The attribute name without its number: "h" for `h.[0-11]`'s parent, "expert_" for `expert_[0-7]`."""
        if self.child and self.child.repeat:
            return self.child.repeat.prefix
        return self.name

    def up(self) -> Iterator[Place]:
        """Its ancestors, nearest first."""
        place = self.parent
        while place:
            yield place
            place = place.parent

    def __repr__(self) -> str:
        return f"<{self.path or 'root'}: {self.node.type}>"


class Linear(NamedTuple):
    """A matrix product: `n_in` -> `n_out` features, None where a print does not tell."""

    place: Place
    n_in: int | None
    n_out: int | None


class Places:
    """All places of a tree, parents first."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.all: list[Place] = []
        above: list[Place] = []  # the last place at each level down to the one before
        for path, name, node, depth, count, child in tree.visits:
            del above[depth:]
            place = Place(path, name, node, child, above[-1] if above else None, count, len(self.all))
            if above:
                above[-1].kids.append(place)
            above.append(place)
            self.all.append(place)
        self.by_path = {place.path: place for place in self.all}
        self._confirm()
        shared = [self.by_path[path] for path in tree.shared if path in self.by_path]
        self.again: set[Place] = {below for place in shared for below in self.under(place)}
        """What stands in modules that are the same object as an earlier one."""

    def _confirm(self) -> None:
        """Closes every subtree, the last one first, and settles what a place is by the kinds found below it."""
        nothing: frozenset[str] = frozenset()
        below: dict[Place, set[str]] = {}
        for place in reversed(self.all):
            inside = below.pop(place, nothing)
            if not place.match.confirmed:
                place.match = place.match.confirm(inside)
            entry = place.match.entry
            if inside and (entry.alone or (entry.single and not _is_one(place))):
                place.match = generic()
                place.kind = place.match.entry.kind
            if place.parent:
                kinds = below.setdefault(place.parent, set())
                kinds.add(place.kind)
                kinds |= inside
                place.parent.end = max(place.parent.end, place.end)

    @cached_property
    def words(self) -> frozenset[str]:
        """The names of all modules, their types, and their parameters and buffers."""
        held = {tensor.name for place in self.all for tensor in place.node.tensors or ()}
        return frozenset(held.union(self.types, [place.name for place in self.all]))

    @cached_property
    def holders(self) -> list[Place]:
        """Those with children, parents first."""
        return [place for place in self.all if place.kids]

    @cached_property
    def _kinds(self) -> dict[str, list[Place]]:
        kinds: dict[str, list[Place]] = {}
        for place in self.all:
            kinds.setdefault(place.kind, []).append(place)
        return kinds

    def of_kind(self, kind: str) -> Sequence[Place]:
        """Those of one kind, in order."""
        return self._kinds.get(kind, ())

    def under_of_kind(self, place: Place, kind: str) -> Sequence[Place]:
        """Those of one kind among the place and all below it, in order."""
        found = self.of_kind(kind)
        return found[bisect_left(found, place.index, key=_index) : bisect_left(found, place.end, key=_index)]

    @cached_property
    def types(self) -> dict[str, list[Place]]:
        """Those of each class name, in order."""
        types: dict[str, list[Place]] = {}
        for place in self.all:
            types.setdefault(place.node.type, []).append(place)
        return types

    @property
    def root(self) -> Place:
        return self.all[0]

    def under(self, place: Place) -> Sequence[Place]:
        """The place and all below it, parents first."""
        return self.all[place.index : place.end]

    def linear(self, place: Place) -> Linear | None:
        """Its sizes if it is a matrix product, or a thin wrapper (an adapter, a clipped linear) around just one."""
        if isinstance(place.linear, str):
            place.linear = self._read_linear(place)
        return place.linear

    def product(self, place: Place) -> Linear | None:
        """The same, and for a convolution over single points of an image or volume, or a module of one such product and its norm."""
        if found := self.linear(place):
            return found
        if place.kind == "convolution":
            return _pointwise(place)
        kids = [kid for kid in place.kids if kid.kind not in ("normalization", "activation", "regularization")]
        inner_part = place.kind not in ("attention", "mixer", "experts") and place.node.style != "list"
        alone = len(kids) == 1 and inner_part and not kids[0].kids and kids[0].count == place.count
        inner = self.product(kids[0]) if alone else None
        return inner and Linear(place, inner.n_in, inner.n_out)

    def _by_adapter(self, place: Place, names: dict[str, Place]) -> Linear | None:
        """The sizes of a product printed without any, from the low-rank pair beside it: A takes what it takes, B gives what it gives."""
        if "in_features" in place.node.settings or not {"lora_A", "lora_B"} <= names.keys():
            return None
        first, second = ([x for p in (names[n], *names[n].kids) if (x := self.linear(p))] for n in ("lora_A", "lora_B"))
        return Linear(place, first[0].n_in, second[0].n_out) if first and second else None

    def _read_linear(self, place: Place) -> Linear | None:
        node, kids = place.node, place.kids
        if kids:
            names = {kid.name: kid for kid in kids}
            around = names.get("base_layer") or _saved(names)
            if around:  # an adapter around a product is one too
                inner = self.linear(around)
                return inner and Linear(place, inner.n_in, inner.n_out)
            if adapted := self._by_adapter(place, names):
                return adapted
        if place.kind == "linear" or _looks_linear(node):
            n_in, n_out = node.get("in_features", "nx", "input_size"), node.get("out_features", "nf", "output_size")
            if type(n_in) is int and type(n_out) is int:
                return Linear(place, n_in, n_out)
            weight = next((t.shape for t in node.tensors or () if t.name == "weight"), None)
            if weight and len(weight) == 2 and n_in is None and n_out is None and node.type != "Conv1D":
                return Linear(place, weight[1], weight[0])
            if not kids:
                return Linear(place, None, None)
        along = node.settings.get("kernel_size") == (1,) and _looks_convolution(node)  # a class of a library's own, printed
        if along or node.type == "Conv1d" or "torch.nn.modules.conv.Conv1d" in node.bases:
            return _pointwise(place)
        if not 1 <= len(kids) <= 2 or place.kind in ("container", "activation"):
            return None
        inside = [kid for kid in kids if kid.kind not in ("regularization", "activation") and "lora" not in kid.name.lower()]
        if (
            len(inside) == 1
            and inside[0].count == place.count
            # Asked before going on inwards: a chain of boxes may be thousands deep.
            and inside[0].name in ("linear", "base_layer", "module", "original_module", "layer", "original", "base")
        ):
            inner = self.linear(inside[0])
            return inner and Linear(place, inner.n_in, inner.n_out)
        return None


def _is_one(place: Place) -> bool:
    """Whether a module with parts is one layer all the same: it holds a weight, is printed with a layer's sizes, or wraps one layer."""
    held = any(t.kind == "parameter" and len(t.shape or ()) > 1 for t in place.node.tensors or ())
    return held or bool(place.node.settings) or sum(kid.kind == place.kind for kid in place.kids) == 1


def _saved(names: dict[str, Place]) -> Place | None:
    """The layer inside PEFT's ModulesToSaveWrapper, which keeps a copy beside it that trains."""
    return names["original_module"] if {"original_module", "modules_to_save"} <= names.keys() else None


def _index(place: Place) -> int:
    return place.index


def _pointwise(place: Place) -> Linear | None:
    """A convolution over single positions is a matrix product."""
    node = place.node
    n_in, n_out = node.get("in_channels", "0"), node.get("out_channels", "1")
    points = (None, 1, (1,), (1, 1), (1, 1, 1))
    alone = node.get("kernel_size") in points[1:] and node.get("stride") in points
    return Linear(place, n_in, n_out) if alone and type(n_in) is int and type(n_out) is int else None


def _looks_convolution(node: Node) -> bool:
    """Whether a class of a library's own prints its settings as torch's convolutions do: (3, 16, kernel_size=(3, 3), stride=(2, 2))."""
    asked = node.settings.get
    return type(asked("0")) is int and type(asked("1")) is int and {"kernel_size", "stride"} <= node.settings.keys()


def _looks_linear(node: Node) -> bool:
    return type(node.settings.get("in_features")) is int and type(node.settings.get("out_features")) is int

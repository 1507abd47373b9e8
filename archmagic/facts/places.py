"""The tree laid out for detectors: every place in order, with its parent, its subtree as a slice, and what kind it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..catalog.lookup import Match, entry_of, generic
from ..tree import Child, Node, Tree, Visit, walk


@dataclass(slots=True, eq=False)
class Place:
    """A node at its path. `index` and `end` delimit its subtree in `Places.all`; `count` is how many modules it stands for."""

    path: str
    name: str
    node: Node
    child: Child | None
    parent: Place | None
    count: int
    index: int
    match: Match
    end: int = 0
    kids: list[Place] = field(default_factory=list)
    kind: str = field(init=False)

    def __post_init__(self) -> None:
        self.kind = "convolution" if self.match.how == "generic" and _looks_convolution(self.node) else self.match.entry.kind

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


@dataclass(frozen=True, slots=True)
class Linear:
    """A matrix product: `n_in` -> `n_out` features, None where a print does not tell."""

    place: Place
    n_in: int | None
    n_out: int | None


class Places:
    """All places of a tree, parents first."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.all: list[Place] = []
        self.by_path: dict[str, Place] = {}
        for visit in walk(tree.root):
            self._add(visit)
        below: list[frozenset[str]] = [frozenset()] * len(self.all)
        for place in reversed(self.all):
            place.match = place.match.confirm(below[place.index])
            if place.match.entry.alone and below[place.index]:
                place.match = generic()
                place.kind = place.match.entry.kind
            place.end = place.end or place.index + 1
            if place.parent:
                below[place.parent.index] |= below[place.index] | {place.kind}
                place.parent.end = max(place.parent.end, place.end)
        self._linears: dict[Place, Linear | None] = {}
        shared = [self.by_path[path] for path in tree.shared if path in self.by_path]
        self.again: set[Place] = {below for place in shared for below in self.under(place)}
        """What stands in modules that are the same object as an earlier one."""

    def _add(self, visit: Visit) -> None:
        above = None
        if self.all:
            above = self.by_path[visit.path[: -len(visit.name) - 1] if len(visit.path) > len(visit.name) else ""]
        node = visit.node
        place = Place(
            visit.path,
            visit.name,
            node,
            visit.child,
            above,
            visit.multiplicity,
            len(self.all),
            entry_of(node.type, node.qualified, node.bases),
        )
        if above:
            above.kids.append(place)
        self.all.append(place)
        self.by_path[visit.path] = place

    @property
    def root(self) -> Place:
        return self.all[0]

    def under(self, place: Place) -> Sequence[Place]:
        """The place and all below it, parents first."""
        return self.all[place.index : place.end]

    def linear(self, place: Place) -> Linear | None:
        """Its sizes if it is a matrix product, or a thin wrapper (an adapter, a clipped linear) around just one."""
        if place not in self._linears:
            self._linears[place] = self._read_linear(place)
        return self._linears[place]

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

    def _by_adapter(self, place: Place) -> Linear | None:
        """The sizes of a product printed without any, from the low-rank pair beside it: A takes what it takes, B gives what it gives."""
        names = {kid.name: kid for kid in place.kids}
        if "in_features" in place.node.settings or not {"lora_A", "lora_B"} <= names.keys():
            return None
        first, second = ([x for p in (names[n], *names[n].kids) if (x := self.linear(p))] for n in ("lora_A", "lora_B"))
        return Linear(place, first[0].n_in, second[0].n_out) if first and second else None

    def _read_linear(self, place: Place) -> Linear | None:
        node = place.node
        base = next((kid for kid in place.kids if kid.name == "base_layer"), None)
        if base is not None:  # an adapter around a product is one too
            inner = self.linear(base)
            return inner and Linear(place, inner.n_in, inner.n_out)
        if saved := _saved(place):
            inner = self.linear(saved)
            return inner and Linear(place, inner.n_in, inner.n_out)
        if adapted := self._by_adapter(place):
            return adapted
        if place.kind == "linear" or _looks_linear(node):
            n_in, n_out = node.get("in_features", "nx", "input_size"), node.get("out_features", "nf", "output_size")
            if type(n_in) is int and type(n_out) is int:
                return Linear(place, n_in, n_out)
            weight = next((t.shape for t in node.tensors or () if t.name == "weight"), None)
            if weight and len(weight) == 2 and n_in is None and n_out is None and node.type != "Conv1D":
                return Linear(place, weight[1], weight[0])
            if not place.kids:
                return Linear(place, None, None)
        if node.type == "Conv1d" or "torch.nn.modules.conv.Conv1d" in node.bases:
            return _pointwise(place)
        inner_places = [kid for kid in place.kids if kid.kind not in ("regularization", "activation") and "lora" not in kid.name.lower()]
        if (
            len(inner_places) == 1
            and len(place.kids) <= 2
            and place.kind not in ("container", "activation")
            and inner_places[0].count == place.count
            # Asked before going on inwards: a chain of boxes may be thousands deep.
            and inner_places[0].name in ("linear", "base_layer", "module", "original_module", "layer", "original", "base")
        ):
            inner = self.linear(inner_places[0])
            return inner and Linear(place, inner.n_in, inner.n_out)
        return None


def _saved(place: Place) -> Place | None:
    """The layer inside PEFT's ModulesToSaveWrapper, which keeps a copy beside it that trains."""
    names = {kid.name: kid for kid in place.kids}
    return names["original_module"] if {"original_module", "modules_to_save"} <= names.keys() else None


def _pointwise(place: Place) -> Linear | None:
    """A convolution over single positions is a matrix product."""
    node = place.node
    n_in, n_out = node.get("in_channels", "0"), node.get("out_channels", "1")
    points = (None, 1, (1,), (1, 1), (1, 1, 1))
    alone = node.get("kernel_size") in points[1:] and node.get("stride") in points
    return Linear(place, n_in, n_out) if alone and type(n_in) is int and type(n_out) is int else None


def _looks_convolution(node: Node) -> bool:
    """Whether a class of a library's own prints its settings as torch's convolutions do: (3, 16, kernel_size=(3, 3), stride=(2, 2))."""
    sizes = (node.settings.get("0"), node.settings.get("1"))
    return all(type(size) is int for size in sizes) and {"kernel_size", "stride"} <= node.settings.keys()


def _looks_linear(node: Node) -> bool:
    return type(node.settings.get("in_features")) is int and type(node.settings.get("out_features")) is int

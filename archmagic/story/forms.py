"""Which parts are built alike: of one form (the same classes under the same names), or equal but for what only matters in training."""

from __future__ import annotations

from ..facts.places import Place, Places


class Forms:
    """Two numbers for each node: equal `form` means the same classes and names, sizes and dropout aside; equal `core` means the same in
    all but dropout, drop path and what passes its input through."""

    def __init__(self, places: Places) -> None:
        self._form: dict[int, int] = {}
        self._core: dict[int, int] = {}
        forms: dict[object, int] = {}
        cores: dict[object, int] = {}
        for place in reversed(places.all):
            node = place.node
            if id(node) in self._form:
                continue
            key: object = "drops"
            if not drops(place):
                key = (node.type, tuple((c.name, c.count > 1, self._form[id(c.node)]) for c in node.children))
            self._form[id(node)] = forms.setdefault(key, len(forms))
            core: object = "through"
            if not passes_through(place):
                attributes = frozenset((name, value) for name, value in node.attributes.items() if "drop" not in name)
                inner = tuple((c.name, c.count, self._core[id(c.node)]) for c in node.children)
                core = (node.type, node.args, node.tensors, attributes, inner)
            self._core[id(node)] = cores.setdefault(core, len(cores))

    def form(self, place: Place) -> int:
        return self._form[id(place.node)]

    def core(self, place: Place) -> int:
        return self._core[id(place.node)]


def drops(place: Place) -> bool:
    """Whether the place is dropout or drop path, or an identity in its stead."""
    return passes_through(place) and (place.kind == "regularization" or "drop" in place.name)


def passes_through(place: Place) -> bool:
    """Whether in evaluation the place gives what it gets: dropout, drop path, identity."""
    return not place.kids and (place.kind == "regularization" or place.node.type == "Identity")

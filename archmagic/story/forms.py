"""Which parts are built alike: of one form (the same classes under the same names), or equal but for what only matters in training."""

from __future__ import annotations

from ..facts.places import Place, Places


class Forms:
    """Two marks for each place: equal `form` means the same classes and names, sizes and dropout aside; equal `core` means the same in
    all but dropout, drop path and what passes its input through. Each is made, with those inside, when it is first asked for."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._form: dict[int, int] = {}
        self._core: dict[int, int] = {}
        self._forms: dict[object, int] = {}
        self._cores: dict[object, int] = {}

    def form(self, place: Place) -> object:
        if not place.kids:
            return "drops" if drops(place) else (place.node.type,)
        if id(place.node) not in self._form:
            for below in reversed(self._places.under(place)):
                if below.kids and id(below.node) not in self._form:
                    inner = tuple([(k.child.name, k.child.count > 1, self.form(k)) for k in below.kids if k.child])
                    self._form[id(below.node)] = self._forms.setdefault((below.node.type, inner), len(self._forms))
        return self._form[id(place.node)]

    def core(self, place: Place) -> int:
        if id(place.node) not in self._core:
            for below in reversed(self._places.under(place)):
                if id(below.node) not in self._core:
                    self._core[id(below.node)] = self._cores.setdefault(self._of_core(below), len(self._cores))
        return self._core[id(place.node)]

    def _of_core(self, place: Place) -> object:
        if passes_through(place):
            return "through"
        node = place.node
        attributes = frozenset((name, value) for name, value in node.attributes.items() if "drop" not in name)
        return node.type, node.args, node.tensors, attributes, tuple((c.name, c.count, self._core[id(c.node)]) for c in node.children)


def drops(place: Place) -> bool:
    """Whether the place is dropout or drop path, or an identity in its stead."""
    return passes_through(place) and (place.kind == "regularization" or "drop" in place.name)


def passes_through(place: Place) -> bool:
    """Whether in evaluation the place gives what it gets: dropout, drop path, identity."""
    return not place.kids and (place.kind == "regularization" or place.node.type == "Identity")

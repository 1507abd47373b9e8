"""Parameters, counted: per place, in all, shared ones once, with what a print leaves unknown or a convention fills in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ..catalog.counting import tensors_of
from ..tree import Tensor, concrete, find, parent
from .packed import find_packed
from .places import Place, Places


class Sizes:
    """Parameter counts of every place.

    `shapes` are sizes, and `ties` shared weights (a place whose weight another holds), that a convention gives and a print does not show.

    Attributes:
        own: parameters of the place's own tensors (one module); None where a print does not tell.
        here: those of `own` that no earlier path holds.
        total: distinct parameters in the whole module (one of a run); where parts are unknown, of the known parts.
        assumed: places whose own count, or part of it, rests on a convention.
        unknown: places of classes that may hold parameters which a print does not show.
        packed: places whose weight is stored in few bits.
        blank: those of them that show nothing else that could hold any, so that their size is not known at all.
    """

    def __init__(self, places: Places, shapes: Mapping[Place, tuple[int, int]], ties: Mapping[Place, str]) -> None:
        self.places = places
        self._ties = ties
        self.assumed: set[Place] = set()
        live = places.tree.source == "module"
        self.packed = {place: packed for place in places.all if (packed := find_packed(place, live))}
        self.own = {place: self._own(place, shapes) for place in places.all}
        self._shared = self._read_shared()
        unsure = {place for place, packed in self.packed.items() if packed.biased and not live}
        self.unknown = [place for place, own in self.own.items() if own is None or place in unsure]
        self.blank = {
            place for place in self.unknown if self.own[place] is None and not any(self.own[below] for below in places.under(place)[1:])
        }
        self.here = {place: self._here(place) for place in places.all}
        self.total = self._totals()

    def _own(self, place: Place, shapes: Mapping[Place, tuple[int, int]]) -> int | None:
        if place in shapes:
            n_in, n_out = shapes[place]
            self.assumed.add(place)
            return n_in * n_out + n_out
        tensors = place.node.tensors
        if tensors is None:
            if place.node.type.startswith("Parametriz"):
                return self._parametrized(place)
            return self._attention_of_torch(place)
        if place.kind == "adapter" and not place.kids and not tensors and self.places.tree.source == "print":
            return None  # an adapted layer of a class of its own, which keeps its weights itself
        own, lazy = 0, False
        for tensor in tensors:
            if "assumed" in tensor.notes:
                self.assumed.add(place)
            lazy = lazy or tensor.shape is None
            if tensor.kind == "parameter":
                own += tensor.numel
        if lazy and self.places.tree.source == "print":
            return None  # the first batch decides
        packed = self.packed.get(place) if self.packed else None
        return own + (packed.numel if packed and not packed.counted else 0)

    def _attention_of_torch(self, place: Place) -> int | None:
        """nn.MultiheadAttention prints only its output product; queries, keys and values are as wide by default, so three times that."""
        output = next((k for k in place.kids if k.name == "out_proj"), None)
        width = output.node.get("out_features") if output and place.node.type == "MultiheadAttention" else None
        if type(width) is not int or output is None:
            return None
        self.assumed.add(place)
        return 3 * width * width + (3 * width if output.node.get("bias") else 0)

    def _parametrized(self, place: Place) -> int | None:
        """A layer whose weight torch's parametrizations compute: as many parameters as without, and a length for each output of a weight
        norm. A print shows neither which dimension that runs over (the first, by default) nor the original tensors in their own place."""
        layer = place if place.node.type.startswith("Parametrized") else next(iter(list(place.up())[1:2]), None)
        inside = [p for p in self.places.under(layer) if p.parent and p.parent.node.type == "ParametrizationList"] if layer else []
        made = tensors_of(layer.node.type.removeprefix("Parametrized"), layer.node.settings) if layer else None
        if made is None or not inside or any(p.node.type not in ("_WeightNorm", "_SpectralNorm", "_Orthogonal") for p in inside):
            return None
        if place is not layer:
            return 0
        shapes = {t.name: t.shape for t in made}
        names = [p.parent.name for p in inside if p.parent and p.node.type == "_WeightNorm"]
        self.assumed.update({place} if names else ())
        return sum(t.numel for t in parameters(made)) + sum((shapes.get(name) or (0,))[0] for name in names)

    def _read_shared(self) -> dict[Place, dict[str, str]]:
        """For each place, which of its own parameters are another's: tensor name -> the path it shares with."""
        shared: dict[Place, dict[str, str]] = defaultdict(dict)
        root = self.places.tree.root
        for source, target in self.places.tree.shared.items():
            place = self.places.by_path.get(source)
            if place is not None:  # a whole module
                for below in self.places.under(place):
                    inside = below.path[len(source) :]
                    for tensor in parameters(below.node.tensors or ()):
                        shared[below][tensor.name] = f"{target}{inside}.{tensor.name}"
                continue
            visit = find(root, parent(source))
            place = self.places.by_path.get(visit.path) if visit else None
            if place:
                shared[place][source.rpartition(".")[2]] = target
        for place, target in self._ties.items():
            shared[place]["weight"] = target
            self.assumed.add(place)
        return shared

    def shared(self, place: Place) -> Mapping[str, str]:
        """The place's own tensors that an earlier path holds: name -> that path."""
        return self._shared.get(place, {})

    def _twins(self, place: Place) -> list[tuple[int, str]]:
        """(elements, path shared with) of each of its parameters that an earlier path holds."""
        gone = self._shared.get(place)
        return [(t.numel, gone[t.name]) for t in parameters(place.node.tensors or ()) if t.name in gone] if gone else []

    def _here(self, place: Place) -> int | None:
        own = self.own[place]
        if own is None:
            return None if place in self.blank else 0
        return own - sum([n for n, _ in self._twins(place)]) if place in self._shared else own

    def _totals(self) -> dict[Place, int]:
        totals: dict[Place, int] = {}
        for place in reversed(self.places.all):
            below = sum([totals[kid] * (kid.child.count if kid.child else 1) for kid in place.kids]) if place.kids else 0
            totals[place] = (self.own[place] or 0) + below
        twins: dict[Place, list[tuple[int, int, str]]] = defaultdict(list)
        for twin in self._shared:
            for elements, target in self._twins(twin):
                for place in (twin, *twin.up()):
                    twins[place].append((elements, twin.count // place.count, target))
        for place, inside in twins.items():
            totals[place] -= self._counted_twice(place, inside)
        return totals

    def _counted_twice(self, place: Place, inside: list[tuple[int, int, str]]) -> int:
        """Elements that a plain sum over the subtree counts more than once; `inside` are (elements, times, path shared with) in it."""
        twice, outside = 0, defaultdict(list)
        for elements, times, target in inside:
            if self._within(place, target):
                twice += elements * times
            else:
                outside[target].append((elements, times))
        for target, sources in outside.items():
            kept = max(1, len(concrete(self.places.tree.root, parent(target)))) // place.count or 1
            twice += max(0, sum(times for _, times in sources) - kept) * sources[0][0]
        return twice

    def _within(self, place: Place, target: str) -> bool:
        visit = find(self.places.tree.root, target) or find(self.places.tree.root, parent(target))
        found = self.places.by_path.get(visit.path) if visit else None
        return found is not None and place.index <= found.index < place.end

    def on_meta(self) -> bool:
        """Whether no parameter has storage: the model was built without weights."""
        return {tensor.device for _, tensor in self.tensors()} == {"meta"}

    def grand_total(self) -> int:
        return self.total[self.places.root]

    def tensors(self) -> Iterator[tuple[Place, Tensor]]:
        """Every distinct parameter with its place, shared ones once; it stands `place.count` times."""
        shared = self._shared
        for place in self.places.all:
            for tensor in place.node.tensors or ():
                if tensor.kind == "parameter" and not (place in shared and tensor.name in shared[place]):
                    yield place, tensor


def parameters(tensors: tuple[Tensor, ...]) -> list[Tensor]:
    return [t for t in tensors if t.kind == "parameter"]

"""Short marks beside a row: what it shares, what is assumed of it, how its weights are held."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from ..facts import Findings
from ..facts.places import Place
from ..facts.sizes import parameters
from ..tree import Tensor, find, parent

LONGEST = 60
"""Characters of a note."""


class Badges:
    """The marks of every place, those of sharing looked up once."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._shared = _shared_with(findings)

    def of(self, place: Place) -> tuple[str, ...]:
        """The marks of one place, each once."""
        findings, node = self._findings, place.node
        marks = [*self._shared.get(place, ())]
        if place in findings.sizes.assumed:
            marks.append("tied, assumed" if place in findings.assumed_ties else "assumed")
        if node.tensors:
            marks += _held(parameters(node.tensors))
        if place.parent is None and findings.sizes.on_meta():
            marks.append("meta")
        if node.notes:
            marks += [note if len(note) < LONGEST else f"{note[:LONGEST]}..." for note in node.notes]
        if node.style == "verbatim" and place.kids and findings.tree.source == "module":
            marks.append("print hides its parts")
        return tuple(dict.fromkeys(marks)) if marks else ()


def _held(tensors: list[Tensor]) -> Iterator[str]:
    """How a module's own parameters are held."""
    is_frozen, is_lazy = bool(tensors), False
    split: list[tuple[int, str]] = []
    for tensor in tensors:
        if tensor.trainable is not False or tensor.shape is None:
            is_frozen = False
        if "lazy" in tensor.notes:
            is_lazy = True
        if tensor.spread and tensor.spread.is_split:
            split.append((tensor.numel, tensor.spread.short))
    if is_frozen:
        yield "frozen"
    if is_lazy:
        yield "lazy"
    if split:
        yield max(split, key=itemgetter(0))[1]


def _shared_with(findings: Findings) -> dict[Place, tuple[str, ...]]:
    marks: dict[Place, tuple[str, ...]] = {}
    for source, target in findings.tree.shared.items():
        place = findings.places.by_path.get(source)
        if place:
            marks[place] = (f"shared with {target}",)
            continue
        visit = find(findings.tree.root, parent(source))
        place = findings.places.by_path.get(visit.path) if visit else None
        if place:
            marks[place] = (*marks.get(place, ()), f"tied to {parent(target) or target}")
    return marks

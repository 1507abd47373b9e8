"""What was done to a model beside its modules: traced, pruned, its weights computed from others, modules kept where none are seen."""

from __future__ import annotations

from collections.abc import Iterator

from ...tree import join
from ..fact import Fact
from ..findings import Findings
from ..places import Place
from ..sentence import sentence

GRAPH = "torch.fx.graph_module.GraphModule"

COMPUTED = {
    "_WeightNorm": "weight normalisation",
    "WeightNorm": "weight normalisation",
    "_SpectralNorm": "spectral normalisation",
    "_Orthogonal": "an orthogonal matrix",
}
"""torch's own parametrizations."""


def traced(findings: Findings) -> Iterator[Fact]:
    """Whether forward is code that torch.fx wrote from a trace."""
    root = findings.model
    if root.node.type == "GraphModule" or GRAPH in root.node.bases:
        text = sentence("traced", title=root.node.type)
        yield Fact("traced", "torch.fx", "measured", "", (root.path,), text=text)


def unregistered(findings: Findings) -> Iterator[Fact]:
    """How many modules PyTorch does not see, since plain lists and dicts hold them."""
    found = findings.tree.unregistered
    if found:
        count = sum(held.number for held in found)
        paths = [join(held.path, held.name) for held in found]
        holders = " and ".join([*paths[:2], f"{len(paths) - 2} more"] if len(paths) > 3 else paths)
        text = sentence(
            "unregistered_modules", value=count, modules="module" if count == 1 else "modules", holders=holders,
            hold="holds" if len(paths) == 1 else "hold", are="it is" if count == 1 else "they are",
        )  # fmt: skip
        yield Fact("unregistered_modules", count, "measured", "", tuple(dict.fromkeys(held.path for held in found))[:4], text=text)


def pruned(findings: Findings) -> Iterator[Fact]:
    """How many tensors masks prune: each is kept whole, as X_orig, beside a buffer X_mask."""
    masking = any(name.endswith("_mask") for name in findings.places.words)
    found = [p for p in findings.places.all for _ in range(_masks(p))] if masking else []
    if found:
        count = sum(p.count for p in found)
        text = sentence("pruned_tensors", value=count, tensors="tensor is" if count == 1 else "tensors are")
        yield Fact("pruned_tensors", count, "measured", "", tuple(p.path for p in found[:4]), text=text)


def _masks(place: Place) -> int:
    names = {t.name for t in place.node.tensors or ()}
    return sum(name.endswith("_mask") and name.removesuffix("_mask") + "_orig" in names for name in names)


def computed(findings: Findings) -> Iterator[Fact]:
    """How weights are computed from others, where torch's parametrizations do it."""
    types = findings.places.types
    found = [p for kind in COMPUTED for p in types.get(kind, ()) if p not in findings.places.again]
    found.sort(key=lambda place: place.index)
    kinds = dict.fromkeys(COMPUTED[p.node.type] for p in found)
    if found:
        value = " and ".join(kinds)
        count = sum(p.count for p in found)
        text = sentence("parametrization", value=value, count=count) if count > 1 else sentence("parametrization_one", value=value)
        yield Fact("parametrization", value, "measured", "", tuple(p.path for p in found[:4]), text=text)

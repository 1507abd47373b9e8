"""Parameters that are spread over processes: over how many, and how many of them this one holds."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..sentence import sentence


def spread(findings: Findings) -> Iterator[Fact]:
    """num_local_parameters, and the meshes over which parameters are spread; a live model only."""
    found = [(place, tensor, tensor.spread) for place, tensor in findings.sizes.tensors() if tensor.spread]
    if not found:
        return
    split = sum(tensor.numel * place.count for place, tensor, way in found if way.is_split)
    evidence = tuple(dict.fromkeys(place.path for place, _, _ in found))[:4]
    meshes = tuple(dict.fromkeys(way.mesh_text for _, _, way in found))
    many = " and ".join(meshes)
    if not split:
        text = sentence("mesh_copies", value=many)
        yield Fact("mesh", meshes, "measured", "", evidence, text=text)
        return
    how = "all of them are split" if split == findings.sizes.grand_total() else f"{split:,} are split, the others whole on each"
    yield Fact("mesh", meshes, "measured", "", evidence, text=sentence("mesh", value=many, how=how))
    here = sum((way.here or 0) * place.count for place, _, way in found)
    here += sum(tensor.numel * place.count for place, tensor in findings.sizes.tensors() if not tensor.spread) + findings.tree.held_flat
    text = sentence("num_local_parameters", value=here)
    yield Fact("num_local_parameters", here, "measured", "", evidence, (("mesh", ""),), text)

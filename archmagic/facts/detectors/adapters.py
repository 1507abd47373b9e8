"""Low-rank adapters: their rank and what they stand beside."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..places import Place
from ..sentence import sentence


def lora(findings: Findings) -> Iterator[Fact]:
    """lora_rank and lora_targets of a model whose adapters all have one rank: thin products A (in -> rank) and B (rank -> out) beside a
    layer."""
    found = [(place, rank) for place in findings.places.all if (rank := _rank(findings, place))]
    if not found or len({rank for _, rank in found}) != 1:
        return
    rank, evidence = found[0][1], tuple(place.path for place, _ in found[:4])
    targets = tuple(sorted({place.name for place, _ in found}))
    listed = ", ".join(targets)
    yield Fact("lora_rank", rank, "measured", "", evidence, text=sentence("lora_rank", value=rank, targets=listed))
    yield Fact("lora_targets", targets, "measured", "", evidence, text=sentence("lora_targets", value=listed))


def _rank(findings: Findings, place: Place) -> int | None:
    parts = {kid.name: kid for kid in place.kids}
    if not {"lora_A", "lora_B"} <= parts.keys():
        return None
    down, up = (_products(findings, parts[name]) for name in ("lora_A", "lora_B"))
    ranks = {out for _, out in down} | {into for into, _ in up}
    return ranks.pop() if down and up and len(ranks) == 1 else None


def _products(findings: Findings, holder: Place) -> list[tuple[int, int]]:
    """The products in a ModuleDict of adapters, or the one that stands there itself."""
    found = [linear for place in (holder, *holder.kids) if (linear := findings.places.linear(place))]
    return [(x.n_in, x.n_out) for x in found if x.n_in and x.n_out]

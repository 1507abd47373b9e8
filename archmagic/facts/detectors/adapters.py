"""Adapters: small trained parts beside or in frozen layers, their kind, rank and targets."""

from __future__ import annotations

from collections.abc import Iterator

from ...tree import Tensor
from ..fact import Fact
from ..findings import Findings
from ..names import adapter_kind, may_adapt
from ..places import Place
from ..sentence import sentence


def adapters(findings: Findings) -> Iterator[Fact]:
    """adapter and adapter_targets: the kind of adapters, by the names of their parts, and what they stand beside."""
    if not may_adapt(findings.places.words):
        return
    found = [(place, kind) for place in findings.places.all if (kind := _kind(place))]
    kinds = list(dict.fromkeys(kind for _, kind in found))
    if len(kinds) != 1:
        return
    evidence = tuple(place.path for place, _ in found[:4])
    yield Fact("adapter", kinds[0], "named", "", evidence, text=sentence("adapter", value=kinds[0]))
    prompts = [p for p in findings.places.of_kind("embedding") if any("prompt" in a.name.lower() for a in (p, *p.up()))]
    if len(prompts) == 1 and type(rows := prompts[0].node.get("num_embeddings")) is int:
        text = sentence("num_virtual_tokens", value=rows, table=prompts[0].path)
        yield Fact("num_virtual_tokens", rows, "measured", "", (prompts[0].path,), text=text)


def _kind(place: Place) -> str | None:
    held = [t.name for t in place.node.tensors or () if t.kind == "parameter"]
    return adapter_kind({place.node.type, *held, *[kid.name for kid in place.kids]})


def lora(findings: Findings) -> Iterator[Fact]:
    """lora_rank and lora_targets of a model whose low-rank adapters all have one rank: thin products A (in -> rank) and B (rank -> out)
    beside a layer, as modules or as bare parameters."""
    if findings.places.words.isdisjoint(LOW):
        return
    found = [(place, rank) for place in findings.places.all if (rank := _rank(findings, place) or _bare_rank(place))]
    if not found or len({rank for _, rank in found}) != 1:
        return
    rank, evidence = found[0][1], tuple(place.path for place, _ in found[:4])
    targets = tuple(sorted({_target(place) for place, _ in found}))
    listed = ", ".join(targets)
    yield Fact("lora_rank", rank, "measured", "", evidence, text=sentence("lora_rank", value=rank, targets=listed))
    yield Fact("lora_targets", targets, "measured", "", evidence, text=sentence("lora_targets", value=listed))


LOW = {"lora_A", "lora_a", "A"}
"""Names of the product or matrix that narrows."""


def _target(place: Place) -> str:
    """The name of what is adapted: of the module around, where the adapter is a child called lora."""
    return place.parent.name if "lora" in place.name.lower() and place.parent and place.parent.name else place.name


def _rank(findings: Findings, place: Place) -> int | None:
    parts = {kid.name: kid for kid in place.kids}
    if "lora_A" not in parts or "lora_B" not in parts:
        return None
    down, up = (_products(findings, parts[name]) for name in ("lora_A", "lora_B"))
    ranks = {out for _, out in down} | {into for into, _ in up}
    return ranks.pop() if down and up and len(ranks) == 1 else None


def _products(findings: Findings, holder: Place) -> list[tuple[int, int]]:
    """The products in a ModuleDict of adapters, or the one that stands there itself."""
    found = [linear for place in (holder, *holder.kids) if (linear := findings.places.linear(place))]
    return [(x.n_in, x.n_out) for x in found if x.n_in and x.n_out]


def _bare_rank(place: Place) -> int | None:
    """The side that two bare matrices called A and B share, where it is the smaller one of both."""
    held = {t.name: t for t in place.node.tensors or () if t.kind == "parameter" and t.shape and len(t.shape) == 2}
    for kid in place.kids:  # a ParameterDict of adapters
        inner = [t for t in kid.node.tensors or () if t.kind == "parameter" and t.shape and len(t.shape) == 2]
        held |= {kid.name: inner[0]} if len(inner) == 1 else {}
    for a, b in (("lora_A", "lora_B"), ("lora_a", "lora_b"), ("A", "B")):
        if a in held and b in held and (a != "A" or "lora" in f"{place.name} {place.node.type}".lower()):
            return _shared_side(held[a], held[b])
    return None


def _shared_side(a: Tensor, b: Tensor) -> int | None:
    shared = set(a.shape or ()) & set(b.shape or ())
    least = {min(a.shape or (0,)), min(b.shape or (0,))}
    return least.pop() if len(least) == 1 and least <= shared else None

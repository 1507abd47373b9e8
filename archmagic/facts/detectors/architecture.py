"""What the model is as a whole, and which family its blocks resemble."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from ..fact import Basis, Fact
from ..feed_forward import find_feed_forwards
from ..findings import Findings
from ..names import classed, named
from ..places import Place
from ..sentence import sentence
from ..stacks import Tower


def causal(findings: Findings) -> Iterator[Fact]:
    """Whether a lone text tower attends only backwards: an attribute says so, or the class is named a causal language model."""
    if len(findings.towers) != 1:
        return
    tower = findings.towers[0]
    own = [a.place for a in tower.attentions if not a.cross]
    flags = {p.path: p.node.attributes["is_causal"] for p in own if "is_causal" in p.node.attributes}
    flags |= {p.path: False for p in own if p.node.attributes.get("is_decoder") is False}
    if flags:
        value = set(flags.values())
        if len(value) == 1 and isinstance(only := value.pop(), bool):
            text = sentence("causal" if only else "not_causal")
            yield Fact("is_causal", only, "measured", "", tuple(flags)[:2], text=text)
    elif classed("causal", findings.tree.root.type) and findings.embeddings_of(tower, "token") and not _encodes(findings, tower):
        yield Fact("is_causal", True, "named", "", ("",), text=sentence("causal"))


def architecture(findings: Findings) -> Iterator[Fact]:
    """The kind of model, from its towers and the layers outside them."""
    found = _kind(findings)
    if found:
        value, basis, evidence = found
        title = findings.tree.root.type
        text = sentence("architecture", title=title, value=f"{'an' if value[0] in 'aeiou' else 'a'} {value}")
        yield Fact("architecture", value, basis, "", evidence, text=text)


def _kind(findings: Findings) -> tuple[str, Basis, tuple[str, ...]] | None:
    towers = findings.towers
    if findings.tree.root.style == "models":
        return None
    if len(towers) == 2 and towers[1].cross and not towers[0].cross:
        return "encoder-decoder Transformer", "named", tuple(t.scope for t in towers)
    if len(towers) == 1 and towers[0].attentions:
        tower = towers[0]
        evidence = (tower.main.holder.path,)
        if findings.patches(tower):
            return "vision Transformer", "derived", evidence
        if findings.embeddings_of(tower, "token"):
            fact = findings.get("is_causal")
            if fact and fact.value and tower.cross:
                return "Transformer decoder", fact.basis, evidence
            if fact and fact.value:
                return "decoder-only Transformer language model", fact.basis, evidence
            if tower.cross:
                return "Transformer decoder", "named", evidence
            return "Transformer encoder" if _encodes(findings, tower) else "Transformer over tokens", "named", evidence
        return "Transformer", "derived", evidence
    if len(towers) == 1 and findings.vocabulary_heads and not any(classed("attention", p.node.type) for p in findings.places.all):
        return "language model without attention", "derived", (towers[0].main.holder.path,)
    if len(towers) > 1:
        return f"model of {len(towers)} towers", "measured", tuple(t.scope for t in towers)
    return _without_blocks(findings)


def _encodes(findings: Findings, tower: Tower) -> bool:
    """An encoder says so in a class or attribute name, or has a pooler or segment table."""
    inside = findings.places.under(tower.place)
    return any(
        "encoder" in p.name.lower() or "encoder" in p.node.type.lower() or p.name == "pooler"
        for p in inside[1:]
        if p.kids or p.name == "pooler"
    )


def _without_blocks(findings: Findings) -> tuple[str, Basis, tuple[str, ...]] | None:
    leaves = [p for p in findings.places.all if not p.kids and not p.node.is_none]
    kinds = {p.kind for p in leaves}
    evidence = ("",)
    if len(findings.attentions) in (1, 2) and find_feed_forwards(findings.places, findings.places.root, findings.attentions):
        return "Transformer block", "derived", tuple(a.place.path for a in findings.attentions)
    if unet := _unet(findings):
        return "U-Net", "named", unet
    convolving = sum(p.count for p in leaves if p.kind == "convolution")
    multiplying = sum(p.count for p in leaves if findings.places.linear(p))
    if convolving > multiplying and "attention" not in kinds and "recurrent" not in kinds and not findings.attentions:
        return "convolutional network", "derived", evidence
    if "recurrent" in kinds and not findings.attentions:
        return "recurrent network", "derived", evidence
    linears = [p for p in leaves if findings.places.linear(p)]
    if len(linears) > 1 and kinds <= {"linear", "activation", "regularization", "normalization", "other"} and not findings.attentions:
        return "multi-layer perceptron", "derived", tuple(p.path for p in linears[:6])
    return None


def _unet(findings: Findings) -> tuple[str, ...] | None:
    """The parts of a U-Net: convolutions on a way down and a way up, which their names say, and perhaps a middle."""
    for place in findings.places.all:
        kids = [kid for kid in place.kids if any(c.place.index in range(kid.index, kid.end) for c in findings.convolutions)]
        down, middle, up = ([k.path for k in kids if named(role, k.name)] for role in ("unet_down", "unet_middle", "unet_up"))
        if down and up and (middle or len(down) > 1):
            return (*down, *middle, *up)
    return None


@cache
def families() -> dict[str, dict[str, Any]]:
    """The catalog of families by structure."""
    return tomllib.loads(files("archmagic.catalog").joinpath("families.toml").read_text(encoding="utf-8"))


def family(findings: Findings) -> Iterator[Fact]:
    """The family whose marks all hold; the one with the most marks, if several."""
    if len(findings.towers) not in (1, 2):
        return
    marks = structure_marks(findings)
    fitting = [f for f in families().values() if set(f["marks"]) <= marks]
    if fitting:
        best = max(fitting, key=lambda f: len(f["marks"]))
        text = sentence("family", value=best["title"])
        yield Fact("family", best["title"], "named", "", tuple(t.main.holder.path for t in findings.towers), text=text)
        findings.conventions.update(best.get("conventions", {}))


def structure_marks(findings: Findings) -> set[str]:
    """What holds of the (first) tower, in the words of families.toml."""
    tower = findings.towers[0]
    marks = {f"attention:{a.form}" for a in tower.attentions}
    for key, mark in (
        ("position_encoding", "positions"),
        ("normalization", "norm"),
        ("norm_placement", "placement"),
        ("feed_forward", "feed-forward"),
        ("hidden_act", "activation"),
    ):
        fact = findings.get(key, tower.scope)
        if fact:
            marks.add(f"{mark}:{fact.value}")
    architecture_fact = findings.get("architecture")
    kind = str(architecture_fact.value) if architecture_fact else ""
    marks |= {"decoder"} if kind.startswith("decoder") else set()
    marks |= {"encoder"} if kind == "Transformer encoder" else set()
    marks |= {"encoder-decoder"} if kind.startswith("encoder-decoder") else set()
    marks |= {"vision"} if findings.patches(tower) else set()
    marks |= {"tokens"} if findings.embeddings_of(tower, "token") else set()
    marks |= {"segments"} if findings.embeddings_of(tower, "type") else set()
    marks |= {"linear:Conv1D"} if any(_is_conv1d(p) for a in tower.attentions for p in a.parts.values()) else set()
    marks |= {"qk-norm"} if any("query_norm" in a.parts for a in tower.attentions) else set()
    return marks


def _is_conv1d(place: Place) -> bool:
    return place.node.type == "Conv1D" and place.kind == "linear"

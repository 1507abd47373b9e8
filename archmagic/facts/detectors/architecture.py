"""What the model is as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Basis, Fact
from ..feed_forward import find_feed_forwards
from ..findings import Findings
from ..names import classed
from ..places import Place
from ..sentence import sentence
from ..stacks import Tower


def causal(findings: Findings) -> Iterator[Fact]:
    """Whether a lone text tower attends only backwards: an attribute says so, or the class is named a causal language model."""
    if len(findings.towers) != 1:
        return
    tower = findings.towers[0]
    own = [a.place for a in tower.attentions if not a.cross and not a.linear]
    if not own:
        return
    flags = {p.path: p.node.attributes["is_causal"] for p in own if "is_causal" in p.node.attributes}
    flags |= {p.path: False for p in own if p.node.attributes.get("is_decoder") is False}
    if flags:  # a flag that is off says little: forward may still mask, as in CLIP's text tower
        if set(flags.values()) == {True}:
            yield Fact("is_causal", True, "named", "", tuple(flags)[:2], text=sentence("causal"))
    elif classed("causal", findings.model.node.type) and findings.embeddings_of(tower, "token") and not _encodes(findings, tower):
        yield Fact("is_causal", True, "named", "", ("",), text=sentence("causal"))


def architecture(findings: Findings) -> Iterator[Fact]:
    """The kind of model, from its towers and the layers outside them."""
    found = _kind(findings)
    if found:
        value, basis, evidence = found
        title = findings.model.node.type
        text = sentence("architecture", title=title, value=f"{'an' if value[0] in 'aeiou' else 'a'} {value}")
        yield Fact("architecture", value, basis, "", evidence, text=text)


def _kind(findings: Findings) -> tuple[str, Basis, tuple[str, ...]] | None:
    towers = findings.towers
    if findings.tree.root.style == "models":
        return None
    if unet := findings.unet:
        return "U-Net", "named", unet
    if len(towers) == 2 and towers[1].cross and not towers[0].cross and _decodes(findings, towers[1]):
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


def _decodes(findings: Findings, tower: Tower) -> bool:
    """Whether blocks attend to themselves as well as across, as a decoder's do."""
    entries = findings.blocks[tower]
    return any(not a.cross for b in entries for a in b.attentions) and any(a.cross for b in entries for a in b.attentions)


def _encodes(findings: Findings, tower: Tower) -> bool:
    """An encoder says so in a class or attribute name, or has a pooler or segment table."""
    inside = findings.places.under(tower.place)
    return any(
        (("encoder" in p.name.lower() or "encoder" in p.node.type.lower()) and not _is_torchs(p)) or p.name == "pooler"
        for p in inside[1:]
        if p.kids or p.name == "pooler"
    )


def _is_torchs(place: Place) -> bool:
    """Whether it is, or is named for, torch's own TransformerEncoder, of which causal models are built too."""
    return place.node.type.startswith("TransformerEncoder") or any(k.node.type.startswith("TransformerEncoder") for k in place.kids)


def _without_blocks(findings: Findings) -> tuple[str, Basis, tuple[str, ...]] | None:
    leaves = [p for p in findings.places.all if not p.kids and not p.node.is_none]
    kinds = {p.kind for p in leaves}
    evidence = ("",)
    whole = findings.embeddings or findings.vocabulary_heads
    if not whole and len(findings.attentions) in (1, 2) and find_feed_forwards(findings.places, findings.places.root, findings.attentions):
        return "Transformer block", "derived", tuple(a.place.path for a in findings.attentions)
    if _convolves(findings, leaves) and "attention" not in kinds and not findings.attentions:
        beside = " with recurrent layers" if "recurrent" in kinds else ""
        return f"convolutional network{beside}", "derived", evidence
    if "recurrent" in kinds and not findings.attentions:
        return "recurrent network", "derived", evidence
    linears = [p for p in leaves if findings.places.linear(p)]
    plain = kinds <= {"linear", "activation", "regularization", "normalization", "other"} and not findings.attentions
    if len(linears) > 1 and "activation" in kinds and plain:
        chained = findings.model.node.type == "Sequential"
        return "multi-layer perceptron", "derived" if chained else "named", tuple(p.path for p in linears[:6])
    return None


def _convolves(findings: Findings, leaves: list[Place]) -> bool:
    """Whether convolutions mix positions all through the model, not only at its entry."""
    multiplying = sum(p.count for p in leaves if findings.places.linear(p))
    wide = [c for c in findings.convolutions if c.kernel > max(1, c.stride)]
    return sum(c.place.count for c in findings.convolutions) > multiplying or sum(c.place.count for c in wide) > max(1, multiplying // 4)

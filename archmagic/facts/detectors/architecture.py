"""What the model is as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...tree import Tensor
from ..convolution import convolution, main_path
from ..fact import Basis, Fact
from ..findings import Findings
from ..names import DIGITS, classed, named
from ..places import Place
from ..plain import without_blocks
from ..sentence import sentence
from ..stacks import Tower
from .shape import gathered_first, is_level, sublayers


def causal(findings: Findings) -> Iterator[Fact]:
    """Whether a lone text tower attends only backwards: an attribute says so, or the class is named a causal language model."""
    if len(findings.towers) != 1:
        return
    tower = findings.towers[0]
    own = [a.place for a in tower.attentions if not a.cross and not a.linear]
    if not own:
        if attends_by_name(findings, tower) and classed("causal_lm", findings.model.node.type) and not _encodes(findings, tower):
            yield Fact("is_causal", True, "named", "", ("",), text=sentence("causal"))
        return
    flags = {p.path: p.node.attributes["is_causal"] for p in own if "is_causal" in p.node.attributes}
    flags |= {p.path: False for p in own if p.node.attributes.get("is_decoder") is False}
    if flags:  # a flag that is off says little: forward may still mask, as in CLIP's text tower
        if set(flags.values()) == {True}:
            yield Fact("is_causal", True, "named", "", tuple(flags)[:2], text=sentence("causal"))
    elif masks := [(p, t) for p in _around(own) for t in p.node.tensors or () if _masks(t)]:
        place, tensor = masks[0]
        path = f"{place.path}.{tensor.name}".lstrip(".")
        yield Fact("is_causal", True, "named", "", (place.path,), text=sentence("causal_buffer", buffer=path))
    elif classed("causal", findings.model.node.type) and findings.embeddings_of(tower, "token") and not _encodes(findings, tower):
        yield Fact("is_causal", True, "named", "", ("",), text=sentence("causal"))


def alike(findings: Findings) -> Iterator[Fact]:
    """How many networks alike stand side by side, where that is what the model is."""
    if network := findings.alike:
        holder = network.parent or network
        text = sentence("num_networks", holder=holder.path or "It", value=network.count)
        yield Fact("num_networks", network.count, "derived", "", (holder.path, network.path), text=text)


def attends_by_name(findings: Findings, tower: Tower) -> bool:
    """Whether the blocks of a tower over tokens attend by what their classes are called alone: how they make queries and keys is unread."""
    if findings.attentions or findings.get("mixer", tower.scope) or not findings.embeddings_of(tower, "token"):
        return False
    blocks = [block for stack in tower.stacks for block in stack.blocks]
    return all(any(p.node.type.endswith("Attention") for p in findings.places.under(block)) for block in blocks)


def _images_by_name(findings: Findings, tower: Tower) -> tuple[str, ...]:
    """The modules called attention of a tower over an image, where no other is found and they outnumber the convolutions over positions."""
    if findings.attentions or findings.get("mixer", tower.scope) or findings.embeddings or not _reads_image(findings, tower):
        return ()
    called = [p for p in findings.places.all if p.kids and p.node.type.endswith(("Attention", "Attn"))]
    over = sum(c.place.count for c in findings.convolutions if c.kernel > c.stride)
    return tuple(p.path for p in called[:4]) if sum(p.count for p in called) > over else ()


def _around(attentions: list[Place]) -> list[Place]:
    """The attentions and the modules that hold them, up to the model."""
    return list(dict.fromkeys([*attentions, *(above for place in attentions for above in place.up())]))


def _masks(tensor: Tensor) -> bool:
    """Whether a buffer is a square mask over positions."""
    shape = tuple(side for side in tensor.shape or () if side > 1)
    square = len(shape) == 2 and shape[0] == shape[1] > 8
    return tensor.kind == "buffer" and square and named("mask_buffer", tensor.name)


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
    if findings.graph_layers:
        return "graph neural network", "named", tuple(layer.place.path for layer in findings.graph_layers[:4])
    if findings.unet:
        inside = _is_part(findings, findings.places.by_path[findings.unet[0]])
        return "convolutional network with a U-Net inside" if inside else "U-Net", "named", findings.unet
    if dual := findings.dual:
        text = "a Transformer over tokens" if towers else "a recurrent network"
        return f"dual encoder of a convolutional network and {text}", "named", (dual.image.path, dual.text.path)
    if len(towers) == 2 and towers[1].cross and not towers[0].cross and _decodes(findings, towers[1]):
        return "encoder-decoder Transformer", "named", tuple(t.scope for t in towers)
    if len(towers) == 2 and [sublayers(findings, t, t.main) for t in towers] == [2, 3]:  # the second attends twice before it transforms
        return "encoder-decoder Transformer", "named", tuple(t.scope for t in towers)
    if len(towers) == 2 and all(is_level(findings, t.main) for t in towers):
        return "U-Net", "named", tuple(t.main.holder.path for t in towers)
    if len(towers) == 1 and _carries_state(findings, towers[0]):
        return "language model with linear attention", "derived", (towers[0].main.holder.path,)
    if towers and all(t.attentions for t in towers) and (len(towers) == 1 or _one_stream(findings)):
        return _of_attention(findings, towers)
    if len(towers) == 1 and attends_by_name(findings, towers[0]):
        return _of_attention(findings, towers)
    if len(towers) == 1 and (called := _images_by_name(findings, towers[0])):
        return "vision Transformer", "named", called
    if len(towers) == 1 and (found := _without_attention(findings, towers[0])):
        return found
    if len(towers) > 1:
        return f"model of {len(towers)} towers", "measured", tuple(t.scope for t in towers)
    return without_blocks(findings)


def _carries_state(findings: Findings, tower: Tower) -> bool:
    """Whether all that relates the positions of a text is attention that keeps a state in place of a softmax over keys."""
    return bool(tower.attentions and findings.vocabulary_heads) and all(a.linear for a in findings.attentions)


FEW_AROUND = 4
"""Convolutions over several positions that may stand together outside a U-Net, to read its input and to make its output."""


def _is_part(findings: Findings, unet: Place) -> bool:
    """Whether the U-Net whose way this is stands beside another part that convolves: a decoder beside its encoder, a generator beside
    its critic."""
    around = list(unet.up())
    besides = [kid for place, above in zip(around, around[1:], strict=False) for kid in above.kids if kid is not place]
    return any(sum(c.place.count for c in main_path(findings.places, kid) if c.kernel > 1) >= FEW_AROUND for kid in besides)


def _without_attention(findings: Findings, tower: Tower) -> tuple[str, Basis, tuple[str, ...]] | None:
    """What blocks are that relate positions by something else; where a vocabulary is scored, a language model."""
    mixing = findings.get("mixer", tower.scope)
    if findings.attentions or (not mixing and any(classed("attention", name) for name in findings.places.types)):
        return None
    if findings.vocabulary_heads:
        return "language model without attention", "derived", (tower.main.holder.path,)
    if mixing is None:
        return None
    beside = " (MLP-Mixer)" if str(mixing.value).startswith("products") else ""
    return f"network of blocks that mix by {mixing.value}{beside}", "named", mixing.evidence


def _one_stream(findings: Findings) -> bool:
    """Whether several lists of blocks take turns on one image or sequence: lists side by side in one module, of one width, or stages of
    a convolutional network, none of which has a token table of its own."""
    towers = findings.towers
    if any(findings.embeddings_of(t, "token") for t in towers):
        return False
    parents = {t.main.holder.parent for t in towers}
    widths = {width[0] for t in towers if (width := findings.width(t))}
    inside = {above for above in towers[0].main.holder.up() if above.node.type in ("Sequential", "ModuleList") and above.parent}
    listed = any(all(above in t.main.holder.up() for t in towers) for above in inside)  # stages of one list, some with attention
    return listed or (len(parents) == 1 and len(widths) == 1) or _convolves_more(findings)


def _of_attention(findings: Findings, towers: list[Tower]) -> tuple[str, Basis, tuple[str, ...]]:
    tower, evidence = towers[0], tuple(t.main.holder.path for t in towers[:4])
    if findings.embeddings_of(tower, "token"):
        fact = findings.get("is_causal")
        if findings.stages and not tower.main.stages:
            return "convolutional network beside a Transformer over tokens", "named", (findings.stages[0].place.path, *evidence)
        if fact and not (findings.vocabulary_heads or classed("causal", findings.model.node.type)):
            fact = None
        if fact and fact.value and tower.cross:
            return "Transformer decoder", fact.basis, evidence
        if fact and fact.value:
            return "decoder-only Transformer language model", fact.basis, evidence
        if tower.cross:
            return "Transformer decoder", "named", evidence
        kind = "Transformer encoder" if _encodes(findings, tower) else "Transformer over tokens"
        return f"{kind} beside convolutional networks" if _mostly_beside(findings, tower) else kind, "named", evidence
    patches = any(findings.patches(t) for t in towers)
    plain = patches and len(towers) == 1 and not tower.main.stages and not _inside(findings, tower)
    if not plain and (_convolves_more(findings) or _interrupts(findings, towers) or _blocks_convolve(findings, tower)):
        return "convolutional network with attention", "derived", evidence
    if findings.steps and (patches or not findings.embeddings):
        return "diffusion Transformer", "named", (*evidence, findings.steps.path)
    if patches:
        return "vision Transformer", "derived", evidence
    if _cuts_patches(findings, tower) or _reads_image(findings, tower):
        return "vision Transformer", "named", evidence
    return "Transformer", "derived", evidence


def _convolves_more(findings: Findings) -> bool:
    """Whether convolutions over more than one position outnumber the attentions, in and between the blocks."""
    attentions = sum(a.whole.count for a in findings.attentions)
    inside = {p for a in findings.attentions for p in findings.places.under(a.place)}
    over = [c for c in findings.convolutions if c.kernel > c.stride and not c.depthwise and c.flat and c.place not in inside]
    return sum(c.place.count for c in over) > attentions


def _blocks_convolve(findings: Findings, tower: Tower) -> bool:
    """Whether, in the list that the tower's blocks stand in, no fewer blocks convolve and do not attend than attend."""
    lists = [p for p in (tower.main.holder, *tower.main.holder.up()) if _lists(p)]
    if not lists:
        return False
    listed = [p for p in findings.places.under(lists[-1])[1:] if p.parent and _lists(p.parent)]
    attending = {block for a in tower.attentions if (block := next((p for p in (a.place, *a.place.up()) if p in listed), None))}
    others = {p for block in attending for p in (*findings.places.under(block), *block.up())}
    convolving: list[Place] = []
    for place in reversed(listed):  # the innermost of those that stand in one another
        holds_last = bool(convolving) and place.index < convolving[-1].index < place.end
        if place not in others and not holds_last and _is_conv_block(findings, place):
            convolving.append(place)
    return sum(p.count for p in convolving) >= sum(p.count for p in attending)


def _lists(place: Place) -> bool:
    """Whether it lists modules that run one after another."""
    return bool(place.kids) and all(kid.name[:1] in DIGITS for kid in place.kids)


def _is_conv_block(findings: Findings, place: Place) -> bool:
    """Whether it holds two products or more, one of which relates neighbouring positions of an image."""
    found = [c for p in findings.places.under_of_kind(place, "convolution") if (c := convolution(p))]
    spatial = any(c.flat and c.kernel > c.stride for c in found)
    return spatial and bool(place.kids) and len(found) + len(findings.places.under_of_kind(place, "linear")) > 1


def _interrupts(findings: Findings, towers: list[Tower]) -> bool:
    """Whether attention stands in a few lists deep inside a convolutional network, as MobileViT's does."""
    return len(towers) > 1 and sum(not p.node.type.endswith("Transpose2d") for p in (c.place for c in findings.convolutions)) > sum(
        a.place.count for a in findings.attentions
    )


def _inside(findings: Findings, tower: Tower) -> bool:
    """Whether blocks convolve over several positions themselves; what convolutions make of their results is another matter."""
    stack = tower.main.holder
    return any(stack.index <= c.place.index < stack.end and c.kernel > c.stride for c in findings.convolutions)


def _mostly_beside(findings: Findings, tower: Tower) -> bool:
    """Whether far more convolutions over several positions stand beside the blocks than there are attentions in them."""
    stack = tower.main.holder
    beside = [c for c in findings.convolutions if c.kernel > c.stride and not stack.index <= c.place.index < stack.end]
    return sum(c.place.count for c in beside) > 4 * sum(a.whole.count for a in tower.attentions)


def _reads_image(findings: Findings, tower: Tower) -> bool:
    """Whether a convolution over two or three axes stands before the blocks. One of a single channel may read a spectrogram as well."""
    return any(c.flat and c.n_in > 1 and c.place.index < tower.main.holder.index for c in findings.convolutions[:1])


def _cuts_patches(findings: Findings, tower: Tower) -> bool:
    """Whether a product named for patches stands before the blocks: it takes each patch's pixels in one row."""
    before = findings.places.all[: tower.main.holder.index]
    return any("patch" in p.name.lower() and any(findings.places.linear(q) for q in findings.places.under(p)) for p in before)


def _decodes(findings: Findings, tower: Tower) -> bool:
    """Whether blocks attend to themselves as well as across, as a decoder's do."""
    entries = findings.blocks[tower]
    return any(not a.cross for b in entries for a in b.attentions) and any(a.cross for b in entries for a in b.attentions)


def _encodes(findings: Findings, tower: Tower) -> bool:
    """An encoder says so in a class or attribute name, or has a pooler or segment table."""
    inside = findings.places.under(tower.place)
    if gathered_first(findings, tower):
        return False  # what its blocks work on is not the tokens
    if classed("masked", findings.model.node.type):
        return True
    return any((_says_encoder(p) and not _is_torchs(p)) or p.name == "pooler" for p in inside[1:] if p.kids or p.name == "pooler")


NO_ENCODER = re.compile(r"prompt|pos", re.IGNORECASE)
"""Words in the names of encoders of prompts and of positions."""


def _says_encoder(place: Place) -> bool:
    return any("encoder" in word.lower() and not NO_ENCODER.search(word) for word in (place.name, place.node.type))


def _is_torchs(place: Place) -> bool:
    """Whether it is, or is named for, torch's own TransformerEncoder, of which causal models are built too."""
    return place.node.type.startswith("TransformerEncoder") or any(k.node.type.startswith("TransformerEncoder") for k in place.kids)

"""Roles in attention: what is projected, in how many heads, and what stands around it."""

from __future__ import annotations

import itertools

from ...facts import Basis, weakest
from ...facts.attention import PROJECTIONS, Attention, approximates, norm_width
from ...facts.blocks import Block
from ...facts.names import attribute_names, classed, named
from ...facts.stacks import Tower
from .. import words
from ..towers import tower_kind, writes_tokens
from .assigner import Assigner, around

MADE = {"query": "the queries", "key": "the keys", "value": "the values"}
"""What products make that stand in one list."""


def assign_attention(to: Assigner, tower: Tower, block: Block, attention: Attention) -> None:
    parts = attention.parts
    heads, basis = _heads(to, tower, attention)
    key, said = _direction(to, tower, block, attention)
    if attention.cross:
        key, said = "cross", "named"
    elif attention.linear or attention.form == "latent":
        key, said = ("linear" if attention.linear else "latent"), "derived"
    counted = bool(heads) and key not in ("linear", "latent")
    to.give(attention.whole, "attention", key, weakest([said, basis if counted else "measured"]), heads=heads)
    if attention.around:
        to.give(attention.place, "attention", "head", "derived", width=attention.head_dim.value if attention.head_dim else 0)
    _wrappers(to, block, attention)
    _listed(to, attention)
    for role in PROJECTIONS:
        if role in parts and role != "fused_qkv":
            n_in, n_out, sized = to.sizes_of(parts[role])
            known = weakest(["named", sized])  # sizes are measured, but that it makes queries is what its name says
            if role == "query" and attention.form == "separate" and attention.inner and n_out == 2 * attention.inner and "output" in parts:
                to.give(parts[role], role, "gated", "assumed", n_in=n_in, n_out=n_out, heads="", output=parts["output"].name)
            elif n_in and n_out:
                to.give(parts[role], role, basis=known, n_in=n_in, n_out=n_out, heads="")
            elif role == "output":
                to.give(parts[role], role, "plain", known)
    if "fused_qkv" in parts:
        _fused(to, attention)
    for role in ("query_norm", "key_norm"):
        if role in parts:
            width = norm_width(parts[role])
            whole = width is None or width == attention.inner
            to.give(parts[role], role, "whole" if whole else "head", "named", size=width or 0)
    _latent_norms(to, attention)
    for place in to.places.under(attention.place):
        if classed("rotary", place.node.type):
            to.give(place, "rotary", basis="named")
        if place.parent is attention.place and place.node.type.startswith("Dropout"):
            name = place.name.replace("dropout", "")
            after = any(word in name for word in ("resid", "proj", "out"))
            to.dropout(place, "residual_dropout" if after else "attention_dropout", part=attention.place.name)
    for place in attention.around.kids if attention.around else ():  # after the output product
        if place.node.type.startswith("Dropout"):
            to.dropout(place, "residual_dropout", part=attention.whole.name)


def _listed(to: Assigner, attention: Attention) -> None:
    """Equal products in one list, which stand in one place: the queries' and those after it."""
    roles = [role for role, place in attention.parts.items() if place is attention.parts.get("query")]
    n_in, n_out, sized = to.sizes_of(attention.parts["query"]) if len(roles) > 1 else (None, None, "measured")
    if n_in and n_out:
        sentence = "mixing" if "output" in roles else "text"
        makes = words.listing([MADE[role] for role in roles if role in MADE])
        count, known = words.capital(words.count(len(roles))), weakest(["named", sized])
        to.give(attention.parts["query"], "projections", sentence, known, makes=makes, count=count, n_in=n_in, n_out=n_out)


def _direction(to: Assigner, tower: Tower, block: Block, attention: Attention) -> tuple[str, Basis]:
    """Which way attention looks, and how sure that is: an attribute settles it, else what the whole is."""
    attributes = attention.place.node.attributes
    if attributes.get("is_causal") is True or attributes.get("is_decoder") is True:
        return "causal", "named"
    around = [attention.place, *itertools.islice(attention.place.up(), 3)]
    window = next((p.node.get("window_size") for p in around if p.node.get("window_size") is not None), None)
    switches = [p.node.attributes.get(name) for p in around for name in attribute_names("use_windows")]
    if False not in switches and tower.main.stages and (window or any("Window" in p.node.type for p in around)):
        return "windowed", "named"
    limited = False not in switches and isinstance(window, int) and window > 0
    if limited and (to.findings.patches(tower) or _reads_map(to, tower)):
        return "windowed", "named"
    fact = to.findings.get("is_causal")
    if fact and fact.value:
        return "causal", fact.basis
    if writes_tokens(to.findings, tower):
        return "causal", "named"
    if approximates(attention):
        return "approximated", "named"
    if limited or _is_local(attention) or _turned_alone(to, tower):
        return "plain", "named"
    if len({a.whole for a in block.attentions if not a.cross}) > 1:  # each sees positions of its own
        return _axis(block, attention) or "plain", "named"
    if window is None and (to.findings.patches(tower) or _reads_map(to, tower)) and _may_be_windowed(to, tower):
        return "plain", "named"
    kind = to.findings.get("architecture")
    encodes = kind is not None and kind.value in ("Transformer encoder", "vision Transformer") and not tower.main.stages
    return ("both_ways" if encodes or tower_kind(to.findings, tower) == "encoder" else "plain"), "named"


def _is_local(attention: Attention) -> bool:
    """Whether a class or an attribute name, or a window's size, says that it leaves out most positions."""
    near = [p for p in (attention.place, attention.place.parent) if p]
    sizes = [p.node.attributes.get(name) for p in near for name in attribute_names("sliding_window")]
    return any(isinstance(size, int) and size > 0 for size in sizes) or any(
        classed("local_attention", word) for p in near for word in (p.node.type, p.name)
    )


def _axis(block: Block, attention: Attention) -> str | None:
    """Of a block that attends along time beside, whether this attention is named for time or for space."""
    called = {a: [p.name for p in (a.whole, *a.whole.up()) if p.index > block.place.index] for a in block.attentions if not a.cross}
    along = {a: [axis for axis in ("temporal", "spatial") if any(named(axis, name) for name in names)] for a, names in called.items()}
    return next(iter(along.get(attention, ())), None) if any("temporal" in axes for axes in along.values()) else None


def _turned_alone(to: Assigner, tower: Tower) -> bool:
    """Whether a print tells of positions only that queries and keys are turned by them: a window, which such models often have in some
    blocks, would be in the mask alone."""
    positions = to.findings.get("position_encoding", tower.scope)
    return to.findings.tree.source == "print" and positions is not None and positions.value == "rotary"


def _reads_map(to: Assigner, tower: Tower) -> bool:
    """Whether a convolution over an image stands before the blocks of a tower without tokens."""
    start, reads = tower.main.holder.index, to.findings.embeddings_of(tower, "token")
    return not reads and any(c.flat and tower.place.index <= c.place.index < start for c in to.findings.convolutions[:1])


def _may_be_windowed(to: Assigner, tower: Tower) -> bool:
    """Whether some blocks over patches may look at windows alone though no attribute says so: their tables of relative positions are of
    several sizes; or only a print is there, and what the blocks give is read as a map, by convolutions over several positions."""
    tables = {
        (tensor.name, tensor.shape)
        for a in tower.attentions
        for tensor in a.place.node.tensors or ()
        if named("relative_table", tensor.name)
    }
    if len(tables) > len({name for name, _ in tables}):
        return True
    end = tower.stacks[-1].holder.end
    return to.findings.tree.source == "print" and any(c.place.index >= end and c.kernel > 1 and c.flat for c in to.findings.convolutions)


def _heads(to: Assigner, tower: Tower, attention: Attention) -> tuple[str, Basis]:
    heads, dim, kv = attention.heads, attention.head_dim, attention.kv_heads
    if heads and dim:
        text = f", in {'one head' if heads.value == 1 else f'{heads.value} heads'} of {dim.value}"
        return text + _sharing(heads.value, kv.value if kv else heads.value), weakest([heads.basis, dim.basis])
    fact, width = to.findings.get("num_attention_heads", tower.scope), to.findings.get("head_dim", tower.scope)
    if fact and width and fact.basis == "assumed" and not attention.cross:
        return f", in {fact.value} heads of {width.value}", "assumed"
    return "", "measured"


def _sharing(heads: int, shared: int) -> str:
    """What fewer heads of keys and values are for."""
    each, rest = divmod(heads, shared) if shared else (1, 0)
    if rest or each == 1:
        return ""
    fraction = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 8: "an eighth"}.get(each)
    size = f"{fraction} as large" if fraction else f"{each} times smaller"
    if shared == 1:
        return f". One head of keys and values serves all of them (multi-query attention), which makes a cache {size}"
    serving = f"Each of its {shared} heads of keys and values serves {words.count(each)} of them"
    return f". {serving} (grouped-query attention), which makes a cache {size}"


def _fused(to: Assigner, attention: Attention) -> None:
    place = attention.parts["fused_qkv"]
    n_in, n_out, sized = to.sizes_of(place)
    basis = weakest(["named", sized])
    if not (n_in and n_out):
        to.give(place, "fused_qkv", "plain", "named")
        return
    inner = attention.inner or (n_out // 3 if n_out % 3 == 0 else None)
    if inner and n_out == 3 * inner:
        to.give(place, "fused_qkv", "equal", basis, n_in=n_in, n_out=n_out, inner=inner)
    elif inner and attention.kv_inner:
        to.give(place, "fused_qkv", "grouped", weakest(["derived", basis]), n_in=n_in, n_out=n_out, inner=inner, kv=attention.kv_inner)
    else:
        to.give(place, "fused_qkv", "plain", "named")


def _wrappers(to: Assigner, block: Block, attention: Attention) -> None:
    output = attention.parts.get("output")
    if output and output.parent and output.parent is not attention.place and output.parent.name == "output":
        norm = any(k.kind == "normalization" for k in output.parent.kids)
        to.give(output.parent, "wrapper_output", "norm" if norm else "text", "named")
        for kid in output.parent.kids:
            if kid.node.type.startswith("Dropout"):
                to.dropout(kid, "residual_dropout", part=attention.place.parent.name if attention.place.parent else "attention")
    for above in attention.place.up():
        if above is attention.around:
            continue
        if above is block.place:
            break
        if any(above.index <= f.up.index < above.end for f in block.feeds):
            to.give(above, "sublayers")
        else:
            beside = around(above, attention.place)
            if above.node.type == "ModuleList" and attention.place.parent is above and attention.place.child:
                to.give(above, "attention", "heads" if attention.around else "list", "named", count=attention.place.child.count)
            else:
                to.give(above, "attention", "wrapper" if beside else "holder", around=beside, inner=attention.place.name)


def _latent_norms(to: Assigner, attention: Attention) -> None:
    """Norms in latent attention that are as wide as what the expansions of queries, or of keys and values, take in."""
    for role, sentence in (("latent_query_up", "query"), ("latent_kv_up", "kv")):
        found = to.places.linear(attention.parts[role]) if role in attention.parts else None
        for kid in attention.place.kids:
            if found and found.n_in and kid.kind == "normalization" and norm_width(kid) == found.n_in:
                to.give(kid, "latent_norm", sentence, "named", width=found.n_in)
                break

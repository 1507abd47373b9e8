"""Heads, where something settles them: an attribute, a norm over one head, a table or bare parameter with one entry per head, or, in latent
attention, the arithmetic of its shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .fact import Basis
from .names import attribute_names, classed, named
from .places import Linear, Place

if TYPE_CHECKING:
    from .attention import Attention

Linears = dict[str, Linear | None]


@dataclass(frozen=True, slots=True)
class Number:
    """A number, how far to trust it, and where it was read."""

    value: int
    basis: Basis
    evidence: tuple[str, ...] = ()


def count_heads(attention: Attention, linears: Linears) -> None:
    """Fills in heads, kv_heads and head_dim, or leaves them None where nothing settles them or what does contradicts the shapes."""
    if attention.form == "latent":
        _count_latent(attention, linears)
    elif not attention.linear:
        _count_plain(attention, linears)


def _count_plain(attention: Attention, linears: Linears) -> None:
    heads, head_dim = _from_attributes(attention, "num_attention_heads"), _from_attributes(attention, "head_dim")
    shaped = _from_biases(attention)
    heads = heads or (shaped and shaped[0]) or _from_table(attention) or _from_tensors(attention)
    head_dim = head_dim or (shaped and shaped[1]) or _from_norm(attention)
    inner = _query_width(attention, linears, heads, head_dim)
    if inner and head_dim and not heads and inner % head_dim.value == 0:
        heads = Number(inner // head_dim.value, "derived", (attention.place.path, *head_dim.evidence))
    if inner and heads and not head_dim and inner % heads.value == 0:
        head_dim = Number(inner // heads.value, "derived", (attention.place.path, *heads.evidence))
    if not heads or not head_dim or (inner and heads.value * head_dim.value != inner):
        return  # they contradict the shapes: say nothing
    attention.heads, attention.head_dim = heads, head_dim
    attention.kv_heads = _key_heads(attention, head_dim)


def _key_heads(attention: Attention, head_dim: Number) -> Number | None:
    kv_inner = attention.kv_inner
    found = _from_attributes(attention, "num_key_value_heads")
    if found and kv_inner and found.value * head_dim.value != kv_inner:
        found = None
    if not found and kv_inner and kv_inner % head_dim.value == 0:
        found = Number(kv_inner // head_dim.value, "derived", (attention.place.path,))
    return found


def _query_width(attention: Attention, linears: Linears, heads: Number | None, head_dim: Number | None) -> int | None:
    """Features of all query heads: what the output projection takes, or, where values are wider or narrower than queries, what the
    query projection gives, if an attribute agrees with that."""
    inner = attention.inner
    query = linears.get("query")
    made = query.n_out if query else None
    if inner and made and made != inner and made == attention.kv_inner:
        return made  # queries and keys are compared, so their heads are alike; values may be of another width
    if not (inner and made and made != inner and head_dim):
        return inner
    if heads:
        return made if heads.value * head_dim.value == made else inner
    groups, kv_inner = _groups(attention), attention.kv_inner
    if groups and kv_inner and kv_inner % head_dim.value == 0 and kv_inner // head_dim.value * groups * head_dim.value == made:
        return made
    return inner


def _int(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


def _groups(attention: Attention) -> int | None:
    found = (_int(attention.place.node.attributes.get(name)) for name in attribute_names("num_key_value_groups"))
    return next((value for value in found if value), None)


def _from_attributes(attention: Attention, key: str) -> Number | None:
    holders = [attention.place]
    if attention.place.parent and classed("attention", attention.place.parent.node.type):
        holders.append(attention.place.parent)
    for place in holders:
        for name in attribute_names(key):
            if value := _int(place.node.attributes.get(name)):
                return Number(value, "measured", (place.path,))
    groups = _groups(attention)
    if key == "num_key_value_heads" and groups and attention.heads and attention.heads.value % groups == 0:
        return Number(attention.heads.value // groups, "derived", (attention.place.path,))
    return None


def _from_norm(attention: Attention) -> Number | None:
    """A norm narrower than all heads together works on one head."""
    inner, kv_inner = attention.inner, attention.kv_inner
    for role in ("query_norm", "key_norm"):
        part = attention.parts.get(role)
        size = norm_width(part) if part else None
        if not (part and size and inner and kv_inner) or inner % size:
            continue
        if size < min(inner, kv_inner) or (size == kv_inner < inner and role == "query_norm"):
            return Number(size, "measured", (part.path,))
    return None


def _from_table(attention: Attention) -> Number | None:
    """A table of relative positions has one column per head (T5)."""
    for kid in attention.place.kids:
        if kid.kind == "embedding" and named("relative_bias", kid.name):
            columns = _int(kid.node.get("embedding_dim"))
            if columns and attention.inner and attention.inner % columns == 0:
                return Number(columns, "measured", (kid.path,))
    return None


def _from_biases(attention: Attention) -> tuple[Number, Number] | None:
    """Two or more biases of shape (heads, head width), as Transformer-XL adds to its queries."""
    shapes = [t.shape for t in attention.place.node.tensors or () if t.kind == "parameter" and "bias" in t.name and t.shape]
    pairs = [s for s in shapes if len(s) == 2 and s[0] * s[1] == attention.inner and min(s) > 1]
    if len(pairs) < 2 or len(set(pairs)) > 1:
        return None
    evidence = (attention.place.path,)
    return Number(pairs[0][0], "measured", evidence), Number(pairs[0][1], "measured", evidence)


def _from_tensors(attention: Attention) -> Number | None:
    """A bare parameter with an entry per head: a sink, a temperature, or the columns of a table of relative positions."""
    for place in (attention.place, *attention.place.kids):
        for tensor in place.node.tensors or ():
            shape, count = tensor.shape, None
            if not shape or tensor.kind != "parameter":
                continue
            if (re.fullmatch(r"sinks?", tensor.name) and len(shape) == 1) or (
                tensor.name in ("logit_scale", "temperature") and len(shape) == 3 and shape[1:] == (1, 1)
            ):
                count = shape[0]
            elif tensor.name == "relative_position_bias_table" and len(shape) == 2:
                count = shape[1]
            if count and attention.inner and attention.inner % count == 0 and count < attention.inner:
                return Number(count, "measured", (place.path,))
    return None


def _count_latent(attention: Attention, linears: Linears) -> None:
    """With H heads the shapes are: queries H x (plain + rotary), keys and values from the latent H x (plain + value), output from
    H x value, and the rotary key, one for all heads, beside the latent: four equations, four unknowns."""
    queries, latents = linears.get("latent_query_up") or linears.get("query"), linears.get("latent_kv_up")
    down, inner = linears.get("latent_kv_down"), attention.inner
    if not (queries and queries.n_out and latents and latents.n_in and latents.n_out and down and down.n_out and inner):
        return
    rotary, plain = down.n_out - latents.n_in, latents.n_out - inner  # plain: of all heads together
    if rotary <= 0 or plain <= 0 or (queries.n_out - plain) % rotary:
        return
    heads = (queries.n_out - plain) // rotary
    said = _from_attributes(attention, "num_attention_heads")
    if heads < 1 or plain % heads or inner % heads or (said and said.value != heads):
        return
    evidence = tuple(linear.place.path for linear in (queries, down, latents))
    attention.heads = said or Number(heads, "derived", evidence)
    attention.kv_heads = Number(heads, "derived", evidence)
    attention.head_dim = Number(plain // heads + rotary, "derived", evidence)
    sizes = {"qk_nope_head_dim": plain // heads, "qk_rope_head_dim": rotary, "v_head_dim": inner // heads}
    attention.latent = {key: Number(value, "derived", evidence) for key, value in sizes.items()}
    attention.latent["kv_lora_rank"] = Number(latents.n_in, "measured", (latents.place.path,))
    if queries.n_in and queries is linears.get("latent_query_up"):
        attention.latent["q_lora_rank"] = Number(queries.n_in, "measured", (queries.place.path,))


def norm_width(place: Place) -> int | None:
    """Features that a normalisation works on, over the last dimension."""
    node = place.node
    shape = node.get("normalized_shape", "num_features", "hidden_size", "num_channels")
    if isinstance(shape, tuple):
        return _int(shape[-1]) if shape else None
    if _int(shape):
        return _int(shape)
    first = node.settings.get("0")
    if isinstance(first, tuple) and first:
        return _int(first[-1])
    weight = next((t.shape for t in node.tensors or () if t.name in ("weight", "gamma", "scale")), None)
    return _int(weight[-1]) if weight else None

"""Attention by structure: which modules project queries, keys and values, and how many heads they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .heads import Number, count_heads, norm_width
from .names import attribute_names, classed, first_role, named
from .places import Linear, Place, Places

__all__ = ["Attention", "Form", "Number", "approximates", "find_attentions", "leaves_out", "norm_width"]

Form = Literal["separate", "fused", "fused key/value", "fused query/key", "latent", "torch"]


@dataclass(slots=True, eq=False)
class Attention:
    """One attention module.

    Attributes:
        place: the module that holds the projections itself.
        form: how queries, keys and values are made: by separate products, one fused product, a query and a fused key/value, low-rank
            (latent) ones, or inside nn.MultiheadAttention.
        parts: the projections by role: query, key, value, fused_qkv, fused_kv, fused_qk, output, query_norm, ...
        cross: whether keys and values come from another sequence; told by its names.
        width: features that go in; inner: features of all query heads together; kv_inner: of all key (or value) heads together;
            query_inner: those of the queries where a projection of their own tells, which values may differ from.
        heads, kv_heads, head_dim: None where they cannot be told.
        linear: whether it keeps a recurrent state instead of a softmax over keys.
        latent: sizes of latent attention under their config names.
        around: the module that is nothing but a list of such heads and the product that takes what they all make, as tutorials write it.
    """

    place: Place
    form: Form
    parts: dict[str, Place] = field(default_factory=dict)
    cross: bool = False
    width: int | None = None
    inner: int | None = None
    kv_inner: int | None = None
    query_inner: int | None = None
    heads: Number | None = None
    kv_heads: Number | None = None
    head_dim: Number | None = None
    linear: bool = False
    latent: dict[str, Number] = field(default_factory=dict)
    around: Place | None = None

    @property
    def whole(self) -> Place:
        """The module that is this attention as a sub-layer: with all its heads and its output product."""
        return self.around or self.place


PROJECTIONS = (
    "query",
    "key",
    "value",
    "fused_qkv",
    "fused_kv",
    "fused_qk",
    "output",
    "latent_query_down",
    "latent_query_up",
    "latent_kv_down",
    "latent_kv_up",
)
NORMS = ("query_norm", "key_norm")


def find_attentions(places: Places) -> list[Attention]:
    """Every attention module, in order."""
    candidates = [place for place in places.all if place.kids or place.kind == "attention"]
    found = [attention for place in candidates if (attention := _attention_at(places, place))]
    for attention in found:
        _measure(places, attention)
        _count_listed(places, attention)
    return found


def _wide_values(places: Places, attention: Attention) -> bool:
    """Whether one product may make keys narrower than values instead of fewer heads of both: its sizes fit either (LeViT's do, as
    Phi-3's do). Told by an attribute; else by whether the model reads tokens, since only language models share keys and values."""
    if attention.form != "fused" or attention.inner == attention.kv_inner:
        return False
    attributes = attention.place.node.attributes
    if any(name in attributes for key in ("num_key_value_heads", "num_key_value_groups") for name in attribute_names(key)):
        return False
    return "key_dim" in attributes or not places.of_kind("embedding")


def _count_listed(places: Places, attention: Attention) -> None:
    """Attention written as a list of heads, each with its own small projections: a product beside the list takes what they all make."""
    holder, each = attention.place.parent, attention.inner
    if not (holder and holder.parent and each) or attention.form != "separate" or "output" in attention.parts:
        return
    count = sum(kid.child.count for kid in holder.kids if kid.child and kid.node.type == attention.place.node.type)
    beside = [linear for kid in holder.parent.kids if (linear := places.linear(kid)) and linear.n_in == count * each]
    if beside and count * (attention.place.child.count if attention.place.child else 1) > 1:
        evidence = (holder.path, beside[0].place.path)
        attention.parts["output"] = beside[0].place
        attention.heads = attention.kv_heads = Number(count, "derived", evidence)
        attention.head_dim = Number(each, "measured", (attention.place.path,))
        attention.inner = attention.kv_inner = count * each
        rest = [kid for kid in holder.parent.kids if kid not in (holder, beside[0].place)]
        if not any(kid.kids or kid.node.tensors for kid in rest):
            attention.around = holder.parent


def _attention_at(places: Places, place: Place) -> Attention | None:
    if place.node.type == "MultiheadAttention" or "torch.nn.modules.activation.MultiheadAttention" in place.node.bases:
        output = next((kid for kid in place.kids if kid.name == "out_proj"), None)
        return Attention(place, "torch", {"output": output} if output else {}, cross=_is_cross(place))
    parts = _parts(places, place)
    form: Form
    says_attention = classed("attention", place.node.type) or classed("attention", place.attribute)
    if "latent_kv_up" in parts and ("latent_query_up" in parts or "query" in parts):
        form = "latent"
    elif {"query", "key", "value"} <= parts.keys():
        form = "separate"
    elif "fused_qkv" in parts and (parts["fused_qkv"].name not in UNSURE or (says_attention and _triples(places, parts["fused_qkv"]))):
        form = "fused"
    elif {"query", "fused_kv"} <= parts.keys():
        form = "fused key/value"
    elif {"fused_qk", "value"} <= parts.keys():
        form = "fused query/key"
    else:
        return None
    if "output" not in parts:
        parts |= _output_beside(places, place)
    linear = form != "latent" and _is_linear(place)  # a latent is cached for a softmax over keys, whatever the class is called
    return Attention(place, form, parts, cross=_is_cross(place), linear=linear)


UNSURE = ("c_attn", "in_proj")
"""Names of fused projections that other modules use as well."""


def _triples(places: Places, fused: Place) -> bool:
    """Whether a product gives three times what it takes, as queries, keys and values are; a print may not tell, of `c_attn`."""
    found = places.linear(fused)
    return fused.name != "in_proj" or (found is not None and found.n_in is not None and found.n_out == 3 * found.n_in)


def _parts(places: Places, place: Place) -> dict[str, Place]:
    parts: dict[str, Place] = {}
    for kid in place.kids:
        is_norm = kid.kind == "normalization"
        role = first_role(NORMS if is_norm else PROJECTIONS, kid.name)
        if is_norm or (role and (kid.kind == "convolution" or places.product(kid))):
            if role:
                parts.setdefault(role, kid)
        elif kid.name == "linears" and classed("attention", place.node.type):  # one list of four: query, key, value, output
            if sum(k.count // kid.count for k in kid.kids) == 4 and all(places.linear(k) for k in kid.kids):
                listed = [k for k in kid.kids for _ in range(k.count // kid.count)]
                parts |= dict(zip(("query", "key", "value", "output"), listed, strict=True))
        elif kid.name == "to_out" and kid.kids:  # a Sequential of the output projection and dropout
            parts.setdefault("output", next((k for k in kid.kids if places.product(k)), kid))
    return parts


def _output_beside(places: Places, place: Place) -> dict[str, Place]:
    """BERT keeps the output projection in a sibling: attention.self beside attention.output.dense."""
    if place.parent:
        for sibling in place.parent.kids:
            if sibling is not place and sibling.name == "output":
                for kid in sibling.kids:
                    if places.linear(kid) and named("output", kid.name):
                        return {"output": kid}
    return {}


def _is_cross(place: Place) -> bool:
    if place.name.lower().startswith("self") and place.name != "self" and not named("cross", place.node.type):
        return False  # self_attn, in a block that is named for another one of its parts; "self" alone only says which part it is
    near = [place, *list(place.up())[:1]]
    return any(named("cross", p.name) or named("cross", p.node.type) for p in near)


LINEAR_MARKS = {"conv1d", "q_conv1d", "k_conv1d", "b_proj", "a_proj", "in_proj_z", "f_proj", "forget_gate", "z_proj"}


def _is_linear(place: Place) -> bool:
    """Linear attention and its gated relatives keep a recurrent state instead of a softmax over keys."""
    return classed("mixer", place.node.type) or bool(LINEAR_MARKS & {kid.name for kid in place.kids})


def approximates(attention: Attention) -> bool:
    """Whether an attribute is of a way to attend that does not compare every pair of positions: landmarks, hashes, random blocks."""
    return any(name in attention.place.node.attributes for name in attribute_names("approximates"))


def leaves_out(attention: Attention) -> bool:
    """The same, or its class is named for attention that is local or sparse."""
    return approximates(attention) or classed("local_attention", attention.place.node.type)


def _measure(places: Places, attention: Attention) -> None:
    linears = {role: places.product(part) for role, part in attention.parts.items()}
    attention.width, attention.inner, attention.kv_inner = _widths(attention, linears)
    query = linears.get("query")
    attention.query_inner = query.n_out if query else None
    if _wide_values(places, attention):
        attention.kv_inner = None
    count_heads(attention, linears)


def _widths(attention: Attention, linears: dict[str, Linear | None]) -> tuple[int | None, int | None, int | None]:
    def n_in(role: str) -> int | None:
        return found.n_in if (found := linears.get(role)) else None

    def n_out(role: str) -> int | None:
        return found.n_out if (found := linears.get(role)) else None

    if attention.form == "torch":
        width = n_in("output") or _int(attention.place.node.get("embed_dim"))
        return width, width, width
    width = n_in("query") or n_in("fused_qkv") or n_in("latent_query_down")
    inner = n_in("output")
    if attention.form == "separate":
        inner = inner if inner is not None else n_out("query")
        return width, inner, n_out("key")
    if attention.form == "fused query/key":
        both = n_out("fused_qk")
        return n_in("fused_qk"), inner or n_out("value"), both // 2 if both and both % 2 == 0 else None
    if attention.form == "fused key/value":
        both = n_out("fused_kv")
        return width, inner or n_out("query"), both // 2 if both and both % 2 == 0 else None
    if attention.form == "fused":
        out = n_out("fused_qkv")
        if out is None:
            return width, inner, None
        if inner is None or inner > out:
            return width, out // 3 if out % 3 == 0 else None, out // 3 if out % 3 == 0 else None
        rest = out - inner
        return width, inner, rest // 2 if rest > 0 and rest % 2 == 0 else None
    return width, inner, None


def _int(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None

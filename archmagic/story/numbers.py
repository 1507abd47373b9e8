"""Where the parameters are, what they weigh, and what generating keeps in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..facts import Basis
from ..facts.detectors.cost import left_out
from ..facts.places import Place
from ..facts.stacks import Tower
from .story import SKILLED, Section, Statement
from .telling import Telling, words

GROUPS = {
    "embedding": "embeddings", "position": "embeddings", "attention": "attention", "feed-forward": "feed-forward", "experts": "experts",
    "normalization": "norms", "head": "output", "convolution": "convolutions", "recurrent": "recurrent layers", "linear": "linear layers",
    "mixer": "mixers", "adapter": "adapters", "router": "routers",
}  # fmt: skip


def numbers(telling: Telling) -> list[Section]:
    """One section, or none for a model without parameters."""
    if not telling.findings.sizes.grand_total():
        return []
    return [Section(telling.text("numbers.title"), tuple(_statements(telling)))]


QUANTISED = ("num_quantized_parameters", "bits_per_weight", "quantized_bytes")
"""Facts on packed weights, told in their own words."""

SPREAD = ("mesh", "num_local_parameters")
"""Facts on parameters that are spread over processes."""

COMPONENTS = frozenset({"attention", "feed-forward", "experts", "embedding", "position", "head", "mixer", "recurrent", "router"})

BESIDE = {
    **dict.fromkeys(("up", "down", "gate", "gate_up"), "feed-forward"),
    **dict.fromkeys(("query", "key", "value", "output", "fused_qkv", "fused_kv", "fused_qk"), "attention"),
}
"""The components that products belong to by their roles, where no part around them is one."""


def components(telling: Telling) -> dict[str, int]:
    """Parameters by component, shared ones where they first stand: they add up to the total."""
    groups: dict[str, int] = defaultdict(int)
    within: dict[Place | None, str] = {None: ""}
    experts, sizes = telling.findings.experts, telling.findings.sizes.here
    for place in telling.findings.places.all:
        role = telling.roles.get(place)
        key = role.key if role else ""
        kind = "router" if key == "router" else role.kind if role else place.kind
        kind = "feed-forward" if kind == "experts" else kind  # beside experts that were read: shared ones, gates
        if experts and any(e.place.index <= place.index < e.place.end for e in experts):
            kind = "experts"
        if kind == "recurrent" and any(kid.kind == kind for kid in place.kids):
            kind = ""  # a model or a part around recurrent layers: what stands beside them is none
        group = GROUPS[kind] if kind in COMPONENTS else within[place.parent]
        if place.kids:
            within[place] = group
        if here := sizes[place]:
            groups[_group(telling, group, place)] += here * place.count
    return dict(sorted(((k, v) for k, v in groups.items() if v), key=lambda kv: -kv[1]))


def _group(telling: Telling, around: str, place: Place) -> str:
    """The group of a place's own parameters: that of the component it is in, else its own; what a parametrisation keeps is its layer's."""
    if place.node.type == "ParametrizationList" and place.parent and place.parent.parent:
        place = place.parent.parent
    role = telling.roles.get(place)
    if place.kind == "normalization":
        return "norms"
    own = "" if place.kind == "recurrent" and place.kids else GROUPS.get(place.kind, "")
    return around or BESIDE.get(role.key if role else "") or own or "other parts"


def _basis(telling: Telling) -> Basis:
    total = telling.fact("num_parameters")
    return "derived" if total is None or total.basis == "measured" or _as_printed(telling) else total.basis


def _as_printed(telling: Telling) -> bool:
    """Whether the figures are said of what is printed, which is certain, and not of the model, which may share or hold more."""
    tied = telling.fact("tie_word_embeddings")
    return telling.printed and not telling.findings.sizes.assumed and not (tied and tied.value) and not telling.findings.inner


def _statements(telling: Telling) -> Iterator[Statement]:
    total, family = telling.fact("num_parameters"), telling.fact("family")
    basis = _basis(telling)
    groups = components(telling)
    rows = [
        f"{name} {share} ({words.human(n)})" for (name, n), share in zip(groups.items(), words.shares(list(groups.values())), strict=True)
    ]
    if total and rows:
        yield Statement(total.text, basis if _as_printed(telling) else total.basis, total.evidence, ((total.key, total.scope),))
        listed = words.listing(rows, 12)
        printed = _as_printed(telling)
        text = telling.text("numbers.shares_printed" if printed else "numbers.shares", shares=listed if printed else words.capital(listed))
        yield Statement(text, basis, ("",), ((total.key, total.scope),))
    yield from _tie(telling)
    value = total.value if total and isinstance(total.value, int) else 0
    yield from _memory(telling, value, basis)
    yield from telling.known(SPREAD)
    yield from telling.known(QUANTISED, levels=SKILLED)
    yield from _cache(telling)
    yield from _operations(telling)
    yield from _training(telling, value)
    if telling.findings.assumed_shapes and family:
        yield telling.say("numbers.assumed", facts=[family], basis="assumed", family=family.value)


def _training(telling: Telling, value: int) -> Iterator[Statement]:
    """For experts: what training takes, by the usual count."""
    trainable = telling.fact("num_trainable_parameters")
    if value and (trainable is None or trainable.value == value) and not telling.printed:
        yield telling.say("numbers.training", basis="assumed", evidence=[""], levels=("expert",), bytes=words.size(16 * value))


def _memory(telling: Telling, value: int, basis: Basis) -> Iterator[Statement]:
    """What the weights weigh: as they are held, where that is known, and in the usual data types."""
    loaded = telling.fact("parameter_bytes")
    held = sorted({t.dtype for _, t in telling.findings.sizes.tensors() if t.dtype}) if loaded else []
    if loaded and isinstance(loaded.value, int):
        yield telling.say("numbers.dtype", facts=[loaded], dtypes=words.listing(held), bytes=words.size(loaded.value))
    usual = (("float32", "float32", 4), ("bfloat16", "bfloat16 or float16", 2), ("int8", "int8", 1))
    if value and not held:
        fp32, half, int8 = (words.size(n * value) for _, _, n in usual)
        key = "numbers.memory_printed" if _as_printed(telling) else "numbers.memory"
        yield telling.say(key, basis=basis, evidence=[""], fp32=fp32, half=half, int8=int8)
    elif value:
        as_held = "bfloat16" if held == ["float16"] else held[0] if len(held) == 1 else ""
        others = [f"{words.size(n * value)} in {title}" for dtype, title, n in usual if dtype != as_held]
        yield telling.say("numbers.others", basis=basis, evidence=[""], levels=SKILLED, others=words.listing(others))


def _tie(telling: Telling) -> Iterator[Statement]:
    tie = telling.fact("tie_word_embeddings")
    if not tie or tie.value is not True or telling.findings.alike:
        return
    head, table = telling.findings.vocabulary_heads[0]
    product = table.rows * table.width
    one, other = head.place.path, table.place.path
    if tie.basis == "assumed":
        total = telling.fact("num_parameters")
        untied = product + (total.value if total and isinstance(total.value, int) else 0)
        yield telling.say("numbers.untied", facts=[tie], evidence=[head.place], untied=untied, head=one, table=other)
    else:
        yield telling.say("numbers.tied", facts=[tie], rows=table.rows, width=table.width, product=product, head=one, table=other)


def _operations(telling: Telling) -> Iterator[Statement]:
    """Forward operations for a token by the usual rule, for models that score tokens."""
    fact = telling.fact("flops_per_token")
    if fact and isinstance(fact.value, int):
        yield telling.say("numbers.flops", facts=[fact], levels=SKILLED, flops=words.human(fact.value), rest=left_out(telling.findings))


def _cache(telling: Telling) -> Iterator[Statement]:
    """What is kept of each token while generating, and of a whole context; for experts, what looking back costs."""
    fact = telling.fact("kv_cache_bytes_per_token")
    if fact is None or not isinstance(fact.value, int):
        return
    tower = telling.findings.towers[0]
    latent = all(a.form == "latent" for a in tower.attentions)
    what = ", the latents and the rotary keys" if latent else " of keys and values"
    numbers = _as_product(tower, fact.value // 2)
    yield telling.say("numbers.cache", facts=[fact], levels=SKILLED, numbers=numbers, what=what, bytes=words.memory(fact.value))
    context = telling.fact("max_position_embeddings", tower)
    if context and isinstance(context.value, int):
        whole = words.memory(fact.value * context.value)
        yield telling.say("numbers.context_cache", facts=[fact, context], levels=SKILLED, context=context.value, bytes=whole)
    inner = {a.inner for a in tower.attentions}
    if len(inner) == 1 and (width := inner.pop()) and not latent:
        layers = sum(a.whole.count for a in tower.attentions)
        product = f"4 × {layers} × {width:,}, a product with each key and one with each value"
        evidence = [a.place for a in tower.attentions[:2]]
        yield telling.say(
            "numbers.attention", basis="derived", evidence=evidence, levels=("expert",), each=4 * layers * width, context=product
        )  # fmt: skip


def _as_product(tower: Tower, numbers: int) -> str:
    """ "2 × 12 × 768", where every layer keeps as much; else the number itself."""
    layers = sum(a.whole.count for a in tower.attentions)
    alike = len({a.kv_inner for a in tower.attentions}) == 1 and all(a.form != "latent" for a in tower.attentions)
    width, rest = divmod(numbers, 2 * layers)
    return f"2 × {layers} × {width:,}" if alike and not rest else f"{numbers:,}"

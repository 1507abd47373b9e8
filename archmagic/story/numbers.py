"""Where the parameters are, what they weigh, and what generating keeps in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..facts import Basis, weakest
from ..facts.places import Place
from .story import Section, Statement
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

COMPONENTS = ("attention", "feed-forward", "experts", "embedding", "position", "head", "mixer", "recurrent", "router")


def components(telling: Telling) -> dict[str, int]:
    """Parameters by component, shared ones where they first stand: they add up to the total."""
    groups: dict[str, int] = defaultdict(int)
    within: dict[Place, str | None] = {}
    for place in telling.findings.places.all:
        role = telling.roles.get(place)
        kind = "router" if role and role.key == "router" else role.kind if role else place.kind
        kind = "feed-forward" if kind == "experts" else kind  # beside experts that were read: shared ones, gates
        if any(e.place.index <= place.index < e.place.end for e in telling.findings.experts):
            kind = "experts"
        within[place] = GROUPS[kind] if kind in COMPONENTS else within[place.parent] if place.parent else None
        here = telling.findings.sizes.here[place]
        if here:
            norm = place.kind == "normalization"
            group = "norms" if norm else within[place] or _beside(telling, place) or GROUPS.get(place.kind, "other parts")
            groups[group] += here * place.count
    return dict(sorted(((k, v) for k, v in groups.items() if v), key=lambda kv: -kv[1]))


def _beside(telling: Telling, place: Place) -> str | None:
    role = telling.roles.get(place)
    if role and role.key in ("up", "down", "gate", "gate_up"):
        return "feed-forward"
    if role and role.key in ("query", "key", "value", "output", "fused_qkv", "fused_kv"):
        return "attention"
    return None


def _basis(telling: Telling) -> Basis:
    total = telling.fact("num_parameters")
    return "derived" if total is None or total.basis == "measured" else total.basis


def _statements(telling: Telling) -> Iterator[Statement]:
    total, family = telling.fact("num_parameters"), telling.fact("family")
    basis = _basis(telling)
    groups = components(telling)
    rows = [
        f"{name} {share} ({words.human(n)})" for (name, n), share in zip(groups.items(), words.shares(list(groups.values())), strict=True)
    ]
    if total and rows:
        yield Statement(total.text, total.basis, total.evidence, ((total.key, total.scope),))
        text = telling.text("numbers.shares", shares=words.capital(words.listing(rows, 12)))
        yield Statement(text, basis, ("",), ((total.key, total.scope),))
    yield from _tie(telling)
    value = total.value if total and isinstance(total.value, int) else 0
    yield from _memory(telling, value, basis)
    if telling.level != "beginner":
        yield from telling.known(QUANTISED)
        yield from _cache(telling)
        yield from _operations(telling, basis)
    if telling.level == "expert":
        yield from _training(telling, value)
    if telling.findings.assumed_shapes and family:
        yield telling.say("numbers.assumed", facts=[family], basis="assumed", family=family.value)


def _training(telling: Telling, value: int) -> Iterator[Statement]:
    """For experts: what training takes, by the usual count."""
    trainable = telling.fact("num_trainable_parameters")
    if value and (trainable is None or trainable.value == value) and not telling.printed:
        yield telling.say("numbers.training", basis="assumed", evidence=[""], bytes=words.size(16 * value))


def _memory(telling: Telling, value: int, basis: Basis) -> Iterator[Statement]:
    """What the weights weigh: as they are held, where that is known, and in the usual data types."""
    loaded = telling.fact("parameter_bytes")
    held = sorted({t.dtype for _, t in telling.findings.sizes.tensors() if t.dtype}) if loaded else []
    if loaded and isinstance(loaded.value, int):
        yield telling.say("numbers.dtype", facts=[loaded], dtypes=words.listing(held), bytes=words.size(loaded.value))
    usual = (("float32", "float32", 4), ("bfloat16", "bfloat16 or float16", 2), ("int8", "int8", 1))
    if value and not held:
        fp32, half, int8 = (words.size(n * value) for _, _, n in usual)
        yield telling.say("numbers.memory", basis=basis, evidence=[""], fp32=fp32, half=half, int8=int8)
    elif value and telling.level != "beginner":
        others = [f"{words.size(n * value)} in {title}" for dtype, title, n in usual if held != [dtype]]
        yield telling.say("numbers.others", basis=basis, evidence=[""], others=words.listing(others))


def _tie(telling: Telling) -> Iterator[Statement]:
    tie = telling.fact("tie_word_embeddings")
    if not tie or tie.value is not True:
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


def _operations(telling: Telling, basis: Basis) -> Iterator[Statement]:
    """Forward operations for a token by the usual rule, for models that score tokens."""
    total, active = telling.fact("num_parameters"), telling.fact("num_active_parameters")
    findings = telling.findings
    lone = len(findings.towers) == 1 and findings.towers[0].main.count > 1 and not any(p.kind == "experts" for p in findings.sizes.blank)
    if lone and findings.vocabulary_heads and total and isinstance(total.value, int):
        tables = {e.place: e.rows * e.width for e in telling.findings.embeddings if telling.findings.sizes.here[e.place]}
        tied = telling.fact("tie_word_embeddings")
        used = active if active else total
        looked_up = sum(tables.values()) - (next(iter(tables.values()), 0) if tied and tied.value is True else 0)
        value = 2 * (int(str(used.value)) - looked_up)
        yield telling.say("numbers.flops", facts=[used], basis=weakest([basis, "assumed"]), flops=words.human(value))


def _cache(telling: Telling) -> Iterator[Statement]:
    """Keys and values kept for each token while generating; only for causal towers whose layers agree."""
    causal = telling.findings.get("is_causal")
    towers = telling.findings.towers
    if not (causal and causal.value and len(towers) == 1):
        return
    if towers[0].cross or any(f.key == "sliding_window" for f in telling.findings.found):
        return  # cross-attention keeps another sequence's, and a window bounds what is kept
    tower, layers = towers[0], telling.fact("num_hidden_layers", towers[0])
    shapes = telling.findings.assumed_shapes
    widths = {shapes[a.parts["fused_qkv"]][0] if a.parts.get("fused_qkv") in shapes else a.kv_inner for a in tower.attentions}
    covered = sum(a.place.count for a in tower.attentions)
    if layers and len(widths) == 1 and (kv := widths.pop()) and covered == layers.value and not any(a.linear for a in tower.attentions):
        basis: Basis = "assumed" if shapes else "derived"
        evidence = [a.place for a in tower.attentions[:2]]
        per_token = words.memory(2 * 2 * kv * int(str(layers.value)))
        yield telling.say(
            "numbers.cache", facts=[layers, causal], basis=basis, evidence=evidence, layers=layers.value, kv=kv, bytes=per_token
        )
        context = telling.fact("max_position_embeddings", tower)
        if telling.level != "beginner" and context and isinstance(context.value, int):
            whole = words.memory(2 * 2 * kv * int(str(layers.value)) * context.value)
            yield telling.say("numbers.context_cache", facts=[context], basis=basis, evidence=evidence, context=context.value, bytes=whole)
        inner = {a.inner for a in tower.attentions}
        if telling.level == "expert" and len(inner) == 1 and (width := inner.pop()):
            each = 4 * int(str(layers.value)) * width
            context_text = f"4 × {layers.value} × {width:,}, a product with each key and one with each value"
            yield telling.say("numbers.attention", facts=[layers], basis=basis, evidence=evidence, each=each, context=context_text)

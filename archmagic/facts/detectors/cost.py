"""What a token costs while generating: numbers that a cache keeps of it, and operations of a forward pass."""

from __future__ import annotations

from collections.abc import Iterator

from ..attention import Attention
from ..fact import Fact, weakest
from ..findings import Findings
from ..sentence import sentence


def cache(findings: Findings) -> Iterator[Fact]:
    """kv_cache_bytes_per_token in bfloat16: what each attention of a causal tower keeps of a token: keys and values of its key/value heads,
    or in latent attention the latent and the rotary key. Not said where a window, a recurrent state or cross-attention changes it."""
    causal = findings.get("is_causal")
    if not (causal and causal.value and len(findings.towers) == 1):
        return
    tower = findings.towers[0]
    windows = any(f.key == "sliding_window" for f in findings.found)
    covered = sum(a.whole.count for a in tower.attentions)
    if windows or tower.cross or tower.main.stages or covered != tower.main.count:
        return
    kept = [(a, _kept(findings, a)) for a in tower.attentions]
    if any(number is None for _, number in kept):
        return
    numbers = sum((number or 0) * a.whole.count for a, number in kept)
    evidence = tuple(a.place.path for a in tower.attentions[:3])
    guessed = any(part in findings.assumed_shapes for a in tower.attentions for part in a.parts.values())
    basis = weakest(["assumed" if guessed else "derived", causal.basis])
    text = sentence("kv_cache_bytes_per_token", value=2 * numbers, numbers=numbers)
    yield Fact("kv_cache_bytes_per_token", 2 * numbers, basis, "", evidence, (("is_causal", ""),), text)


def _kept(findings: Findings, attention: Attention) -> int | None:
    if attention.linear:
        return None
    sizes = findings.assumed_shapes.get(attention.parts["fused_qkv"]) if "fused_qkv" in attention.parts else None
    if sizes:
        return 2 * sizes[1] // 3
    if attention.form == "latent":
        latent, rotary = (attention.latent.get(key) for key in ("kv_lora_rank", "qk_rope_head_dim"))
        return latent.value + rotary.value if latent and rotary else None
    return 2 * attention.kv_inner if attention.kv_inner else None


def left_out(findings: Findings) -> str:
    """What the usual rule for a token's operations does not count, in a clause."""
    return ", which leaves out attention over the context" if findings.attentions else ""


def operations(findings: Findings) -> Iterator[Fact]:
    """flops_per_token: twice the parameters that a token meets in products, the usual rule; for lone towers that score tokens."""
    total, active, tied = (findings.get(key) for key in ("num_parameters", "num_active_parameters", "tie_word_embeddings"))
    used = active or (None if findings.experts else total)
    if len(findings.towers) != 1 or findings.towers[0].main.count < 2 or not findings.vocabulary_heads or not used or findings.sizes.blank:
        return
    if not isinstance(used.value, int) or findings.alike:
        return
    if any(findings.sizes.own[p] for p in findings.places.again if p.kind != "embedding"):
        return  # what stands in several places is passed several times
    tables = [e.rows * e.width for e in findings.embeddings if findings.sizes.here[e.place]]
    met = used.value - sum(tables) + (tables[0] if tied and tied.value is True and tables else 0)
    text = sentence("flops_per_token", value=2 * met, rest=left_out(findings))
    sources = ((used.key, used.scope),)
    yield Fact("flops_per_token", 2 * met, "assumed", "", used.evidence, sources, text)

"""What cannot be told from what was given, and what would settle it."""

from __future__ import annotations

from collections.abc import Iterator

from ..facts.places import Place
from ..facts.plain import in_order
from .story import Section, Statement
from .telling import Telling, words


def unknown(telling: Telling) -> list[Section]:
    """The last section: what is not known, and how to know it."""
    title = "unknown.title_print" if telling.printed else "unknown.title_module"
    rows = tuple(_print(telling) if telling.printed else _module(telling))
    return [Section(telling.text(title), rows)] if rows else []


def _print(telling: Telling) -> Iterator[Statement]:
    findings = telling.findings
    for note in findings.tree.notes:
        yield telling.say("unknown.truncated", note=note)
    for head, table in findings.vocabulary_heads[:1]:
        yield telling.say("unknown.sharing", evidence=[head.place, table.place], head=head.place.path, table=table.place.path)
    if headless := _headless(telling):
        yield telling.say("unknown.heads", evidence=headless[:3])
    sizeless = list(dict.fromkeys(p.node.type for p in findings.assumed_shapes))
    if sizeless:
        yield telling.say("unknown.sizes", evidence=list(findings.assumed_shapes)[:4], classes=words.listing(sizeless))
    bare = [p for p in findings.sizes.unknown if p not in findings.assumed_shapes]
    if bare:
        names = list(dict.fromkeys(p.node.type for p in bare))
        yield telling.say("unknown.bare", evidence=bare[:6], classes=words.listing(names, 4, last="or"))
    yield from _by_config(telling, "unknown.context")
    yield from _by_forward(telling)
    yield telling.say("unknown.data")
    if findings.tree.root.children:
        listing = findings.model.node.is_listing
        ordered = listing or in_order(findings)
        if not ordered:
            yield telling.say("unknown.order")
        yield telling.say("unknown.settle_ordered" if ordered else "unknown.settle")
        if listing:
            yield telling.say("unknown.use", module=findings.model.node.type)


def _module(telling: Telling) -> Iterator[Statement]:
    for note in telling.findings.tree.notes:
        yield telling.say("unknown.truncated", note=note)
    if headless := _headless(telling):
        yield telling.say("unknown.heads_module", evidence=headless[:3], module=headless[0].path)
    yield from _by_config(telling, "unknown.context_module")
    yield from _by_forward(telling)
    root = telling.findings.model.node
    if root.children and telling.findings.tree.forward is None and not in_order(telling.findings):
        runs = telling.findings.tree.runs and not root.is_listing
        yield telling.say("unknown.order") if runs else telling.say("unknown.use", module=root.type)
    if telling.findings.sizes.grand_total():
        yield telling.say("unknown.weights")


def _headless(telling: Telling) -> list[Place]:
    """Attentions whose number of heads nothing tells."""
    if telling.findings.get("num_attention_heads", "") and not telling.printed:
        return []
    return [a.place for a in telling.findings.attentions if not a.heads and not a.linear and a.form != "latent"]


def _by_config(telling: Telling, key: str) -> Iterator[Statement]:
    """What only a config tells."""
    findings = telling.findings
    positions = next((f for f in findings.found if f.key == "position_encoding" and f.value == "rotary"), None)
    known = any(f.key == "max_position_embeddings" for f in findings.found)
    if positions and not known:
        yield telling.say(key, facts=[positions])
    if any(e.per_token is None for e in findings.experts):
        yield telling.say("unknown.experts", evidence=[e.holder for e in findings.experts if e.per_token is None][:2])


def _by_forward(telling: Telling) -> Iterator[Statement]:
    """What only forward decides: the mask, and where norms stand."""
    findings = telling.findings
    if len(findings.towers) != 1 or not findings.attentions:
        return
    tower = findings.towers[0]
    open_ended = [a.place for a in findings.attentions if (role := telling.roles.get(a.whole)) and role.sentence == "plain"]
    if open_ended and findings.get("is_causal") is None and not findings.patches(tower):
        kind = findings.get("architecture")
        key = "unknown.reach" if kind and kind.value == "Transformer encoder" else "unknown.causal"
        yield telling.say(key, evidence=open_ended[:1])
    blocks = findings.blocks[tower]
    if any(b.attentions and b.norms for b in blocks) and not telling.fact("norm_placement", tower):
        yield telling.say("unknown.norms", evidence=[b.place for b in blocks[:2]])

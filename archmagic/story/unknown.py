"""What cannot be told from what was given, and what would settle it."""

from __future__ import annotations

from collections.abc import Iterator

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
    if any(not a.heads and not a.linear and a.form != "latent" for a in findings.attentions):
        yield telling.say("unknown.heads", evidence=[a.place for a in findings.attentions if not a.heads][:3])
    sizeless = list(dict.fromkeys(p.node.type for p in findings.assumed_shapes))
    if sizeless:
        yield telling.say("unknown.sizes", evidence=list(findings.assumed_shapes)[:4], classes=words.listing(sizeless))
    bare = [p for p in findings.sizes.unknown if p not in findings.assumed_shapes]
    if bare:
        names = list(dict.fromkeys(p.node.type for p in bare))
        yield telling.say("unknown.bare", evidence=bare[:6], classes=words.listing(names, 5))
    positions = next((f for f in findings.found if f.key == "position_encoding"), None)
    if positions and positions.value == "rotary":
        yield telling.say("unknown.context", facts=[positions])
    causal = findings.get("is_causal")
    if findings.attentions and causal is None and len(findings.towers) == 1 and not findings.patches(findings.towers[0]):
        yield telling.say("unknown.causal", evidence=[findings.attentions[0].place])
    yield telling.say("unknown.data")
    if findings.tree.root.children:
        yield telling.say("unknown.order")
        yield telling.say("unknown.settle")


def _module(telling: Telling) -> Iterator[Statement]:
    for note in telling.findings.tree.notes:
        yield telling.say("unknown.truncated", note=note)
    if telling.findings.tree.root.children:
        yield telling.say("unknown.order")
    if telling.findings.sizes.grand_total():
        yield telling.say("unknown.weights")

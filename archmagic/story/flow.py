"""How data flows, step by step, with its shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..facts import Basis, Fact, weakest
from ..facts.detectors.embedding import tower_of
from ..facts.detectors.normalization import norm_kind
from ..facts.ends import Embedding
from ..facts.places import Linear, Place
from ..facts.stacks import Tower
from .chain import chain
from .convolution import convolutional
from .inputs import inputs
from .stacks import blocks
from .story import SKILLED, Section, Statement
from .telling import Telling, name, words
from .towers import writes_tokens
from .unet import unet

WITHIN_BLOCKS = ("attention_sinks", "attn_logit_softcapping", "rotary_dim", "no_positions", "norm_offset")
"""Facts on blocks that are told in their own words."""


def flow(telling: Telling) -> list[Section]:
    """One section of steps for each tower; for a plain chain of layers, its layers in order."""
    sections = _sections(telling)
    if sections and (decoding := telling.fact("decoding")):
        last = sections[-1]
        sections[-1] = replace(last, statements=(*last.statements[:-1], *_and_then(last.statements[-1], decoding)))
    telling.flowed |= {path for section in sections for step in section.statements for path in step.evidence}
    return sections


def _sections(telling: Telling) -> list[Section]:
    findings = telling.findings
    title = telling.text("names.flow_each" if findings.alike else "names.flow")
    towers = findings.towers
    if not towers:
        steps = tuple(unet(telling) or convolutional(telling) or chain(telling))
        return [Section(title, steps, style="steps")] if steps else []
    sections = []
    for tower in towers:
        steps = tuple(_steps(telling, tower))
        if steps:
            sections.append(Section(title if len(towers) == 1 else f"{title}: {tower.scope}", steps, tower.scope or None, "steps"))
    return sections


def _steps(telling: Telling, tower: Tower) -> Iterator[Statement]:
    yield from _and_for_beginners(inputs(telling, tower), _letters(telling, tower))
    why = [telling.say("flow.why_blocks", basis="named")] if tower.attentions and telling.fact("norm_placement", tower) else []
    yield from _and_for_beginners(blocks(telling, tower), why)
    yield from telling.known(WITHIN_BLOCKS, tower)
    final = telling.findings.final_norm(tower)
    if final:
        kind = norm_kind(final) if final.match.specific else "norm"
        yield telling.say("flow.final", basis="named", evidence=[final], kind=kind, norm=name(final))
    yield from _heads(telling, tower)


def _and_then(step: Statement, decoding: Fact) -> Iterator[Statement]:
    """The step that makes the scores, with how they are read; after any other last step, a step of its own."""
    told = ((decoding.key, decoding.scope),)
    if decoding.evidence[0] in step.evidence:
        basis = weakest([step.basis, decoding.basis])
        yield replace(step, text=f"{step.text} {decoding.text}", basis=basis, facts=(*step.facts, *told))
    else:
        yield from (step, Statement(decoding.text, decoding.basis, decoding.evidence, told))


def _and_for_beginners(steps: Iterable[Statement], more: Iterable[Statement]) -> Iterator[Statement]:
    """The steps, of which the first says more to beginners."""
    told, extra = list(steps), list(more)
    if told and extra:
        text = " ".join(statement.text for statement in (told[0], *extra))
        basis = weakest(statement.basis for statement in (told[0], *extra))
        told[:1] = [replace(told[0], levels=SKILLED), replace(told[0], text=text, basis=basis, levels=("beginner",))]
    yield from told


def _letters(telling: Telling, tower: Tower) -> Iterator[Statement]:
    """What the letters in shapes stand for."""
    tokens, patches = telling.findings.embeddings_of(tower, "token"), telling.findings.patches(tower)
    if tokens or patches:
        letter, what = ("T", "tokens") if tokens else ("N", "patches")
        yield telling.say("flow.letters", letter=letter, what=what)


WITHIN = ("embed", "conv", "project", "query")
"""Words in the names of products after the blocks that are not the output."""


def _heads(telling: Telling, tower: Tower) -> Iterator[Statement]:
    """The heads that stand in the tower, or read what it makes."""
    findings = telling.findings
    causal = findings.get("is_causal")
    vocabulary = {head.place: table for head, table in findings.vocabulary_heads}
    others = [h for h in findings.heads if h.place not in vocabulary]
    inside = {found[0] for t in findings.towers if (found := findings.width(t))} if others else set()
    inside |= {table.width for table in findings.embeddings if table.role == "token"} if vocabulary else set()
    beside = {h.place for h in others if h.n_out in inside or _coding(h.place) or any(w in h.place.name for w in WITHIN)}
    for head in findings.heads:
        if _tower_of(telling, head, vocabulary) is not tower:
            continue
        table = vocabulary.get(head.place)
        if table:
            writes = (causal and causal.value) or writes_tokens(findings, tower)
            masked = "MaskedLM" in findings.model.node.type
            which = "of the next token" if writes else "of the masked token" if masked else "over the vocabulary"
            basis: Basis = "named" if writes or masked else "measured"
            yield telling.say(
                "flow.logits",
                basis=basis,
                evidence=[head.place],
                head=head.place.path,
                rows=table.rows,
                rows_plain=str(table.rows),
                which=which,
            )
        elif head.n_in and head.n_out and head.place.parent and head.place.parent.name != "pooler" and head.place not in beside:
            yield telling.say(
                "flow.head_each" if head.place.count > 1 else "flow.head", basis="derived", evidence=[head.place],
                head=head.place.path, n_in=head.n_in, outputs=words.several(head.n_out, "output"), n_out=head.n_out,
            )  # fmt: skip


def _tower_of(telling: Telling, head: Linear, scoring: Mapping[Place, Embedding]) -> Tower:
    """The tower that a head stands in, or whose table it scores; else the last one, after which it comes."""
    towers = telling.findings.towers
    inside = next((t for t in towers if t.place.index <= head.place.index < t.place.end), None)
    return inside or (tower_of(telling.findings, head) if head.place in scoring else None) or towers[-1]


def _coding(place: Place) -> bool:
    """Whether a product belongs to a quantizer, which picks codes inside the model."""
    return any("quantiz" in above.name.lower() for above in (place, *place.up()))

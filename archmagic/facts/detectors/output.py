"""The output head, and whether it shares the token table's weight."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..names import named
from ..sentence import sentence


def tying(findings: Findings) -> Iterator[Fact]:
    """tie_word_embeddings: measured on a live model; on a print the family's convention, assumed, or nothing."""
    for head, table in findings.vocabulary_heads[:1]:
        evidence = (head.place.path, table.place.path)
        if findings.tree.source == "module":
            tied = _tied(findings, head.place.path, table.place.path)
            text = sentence("tie_word_embeddings", head=evidence[0], table=evidence[1], shares="shares" if tied else "does not share")
            yield Fact("tie_word_embeddings", tied, "measured", "", evidence, text=text)
            continue
        family = findings.get("family")
        if family and findings.conventions.get("tie_word_embeddings"):
            text = sentence("tie_word_embeddings_assumed", head=evidence[0], table=evidence[1], family=family.value)
            findings.assumed_ties[head.place] = f"{table.place.path}.weight"
            yield Fact("tie_word_embeddings", True, "assumed", "", evidence, (("family", ""),), text)


def _tied(findings: Findings, head: str, table: str) -> bool:
    names = [f"{path}.{suffix}" for path in (head, table) for suffix in ("weight", "base_layer.weight")] + [head, table]
    shared = findings.tree.shared
    first = {shared.get(n, n) for n in names if n.startswith(head)}
    second = {shared.get(n, n) for n in names if n.startswith(table)}
    return bool(first & second)


def labels(findings: Findings) -> Iterator[Fact]:
    """num_labels of a classifier: what its last product gives, where that, or what holds it, is named a classifier or a head, or where an
    attribute says how many classes there are."""
    if findings.vocabulary_heads or findings.unet or findings.inner or any(e.role == "token" for e in findings.embeddings[1:]):
        return
    products = [x for p in findings.places.all if not p.kids and (x := findings.places.product(p)) and x.n_in and x.n_out]
    last = products[-1] if products else None
    after = max((t.stacks[-1].holder.end for t in findings.towers), default=0)
    if last is None or last.n_out is None or last.n_out < 2 or last.place.index < after or _tokens(findings, last.n_out):
        return
    above = [last.place, *last.place.up()]
    said = next(
        (p for p in above if last.n_out in [p.node.attributes.get(name) for name in ("num_classes", "num_labels", "n_classes")]), None
    )
    if said or any(named("classifier", p.name) for p in above[:3]):
        path, basis = last.place.path, "measured" if said else "named"
        text = sentence("num_labels", head=path, value=last.n_out)
        yield Fact("num_labels", last.n_out, basis, "", (path,), text=text)  # type: ignore[arg-type]


def decoding(findings: Findings) -> Iterator[Fact]:
    """That a head's scores are read by CTC: the model's class is named for it, or the model holds that loss; of several heads, the one
    that bears its name."""
    losses = [p for name in ("CTCLoss", "CTC") for p in findings.places.types.get(name, ())]
    if not losses and findings.model.match.entry.name != "CTCModel":
        return
    called = [h for h in findings.heads if any("ctc" in p.name.lower() for p in (h.place, *h.place.up()))]
    heads = [h for h in called or findings.heads if h.n_out and h.n_out > 2]
    if len(heads) == 1:
        path = heads[0].place.path
        text = sentence("decoding_ctc", head=path)
        yield Fact("decoding", "CTC", "named", "", (path, *[p.path for p in losses[:1]]), text=text)


def _tokens(findings: Findings, count: int) -> bool:
    return any(e.rows == count for e in findings.embeddings)

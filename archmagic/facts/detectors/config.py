"""What the model's config adds to what is measured, and where the two disagree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..fact import Fact
from ..findings import Findings
from ..names import config_keys, config_names, named
from ..places import Place
from ..sentence import sentence
from ..stacks import Tower

WHOLE = ("vocab_size", "tie_word_embeddings")
"""Keys that speak of the whole model even where a tower's config states them."""

COMPARED = ("num_hidden_layers", "hidden_size", "num_attention_heads", "num_key_value_heads", "vocab_size", "tie_word_embeddings")


def config(findings: Findings) -> Iterator[Fact]:
    """For each tower, what only its config says. A disagreement with what is measured is a fact of its own."""
    for tower in findings.towers:
        place, values = _config_of(tower)
        if place is None:
            continue
        for key in config_keys():
            value = next((values[n] for n in config_names(key) if values.get(n) is not None), None)
            if isinstance(value, (int, str, float)) and not (isinstance(value, bool) and key != "tie_word_embeddings"):
                yield from _told(findings, tower, place, key, value)


def _config_of(tower: Tower) -> tuple[Place | None, Mapping[str, object]]:
    """The nearest config that holds for the tower: its own, or an ancestor's."""
    inside = next((p for p in tower.main.holder.up() if p.node.config), None)
    return (inside, inside.node.config) if inside and inside.node.config else (None, {})


def _told(findings: Findings, tower: Tower, place: Place, key: str, value: float | str) -> Iterator[Fact]:
    scope = "" if key in WHOLE else tower.scope
    known = [f for f in findings.found if f.key == key and (f.scope == scope or f.scope.startswith(scope))]
    if not known:
        again = tower.main.count == 1 and len(tower.stacks) == 1  # one block, which forward may pass again and again, as ALBERT's does
        if key == "tie_word_embeddings" or (key == "num_hidden_layers" and not again) or value in (0, 1.0):
            return
        text = sentence("config", name=key, value=value)
        yield Fact(key, value, "config", scope, (place.path,), text=text)
    elif key in COMPARED and all(f.value != value and f.basis in ("measured", "derived") for f in known) and len(findings.towers) == 1:
        text = sentence("disagreement", name=key, value=value, found=known[0].value)
        yield Fact(f"disagreement:{key}", value, "measured", scope, (place.path, *known[0].evidence[:2]), ((key, known[0].scope),), text)


def vocabularies(findings: Findings) -> Iterator[Fact]:
    """A vocabulary head that scores another number of tokens than the table it could share its weight with holds."""
    heads = [h for h in findings.heads if h.n_out and named("vocabulary_head", h.place.name)]
    tables = [e for e in findings.embeddings if e.role == "token" and e.place.count == 1]
    if len(heads) != 1 or len(tables) != 1 or heads[0].n_in != tables[0].width or heads[0].n_out == tables[0].rows:
        return
    head, table = heads[0], tables[0]
    evidence, rows, scored = (head.place.path, table.place.path), table.rows, head.n_out or 0
    text = sentence("vocabularies", table=evidence[1], rows=rows, head=evidence[0], value=scored, least=min(rows, scored))
    yield Fact("disagreement:vocab_size", scored, "measured", table.place.path, evidence, text=text)

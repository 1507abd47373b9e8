"""Roles at the ends of a model: tables, patches, heads, and the towers between them."""

from __future__ import annotations

import math

from ...facts import Basis
from ...facts.names import classed, named
from ...facts.places import Place
from ...facts.stacks import Tower
from .. import words
from ..merging import merging
from ..towers import tower_kind, tower_noun
from .assigner import Assigner
from .block import assign_block


def assign_ends(to: Assigner) -> None:
    findings = to.findings
    for embedding in findings.embeddings:
        key = {"token": "token_embedding", "position": "position_embedding", "type": "type_embedding", "relative": "relative_bias"}.get(
            embedding.role
        )
        if key == "position_embedding" and classed("sinusoidal", embedding.place.node.type):
            continue
        if key:
            trains = [t.trainable for t in embedding.place.node.tensors or () if t.kind == "parameter"]
            fixed = key == "position_embedding" and bool(trains) and all(t is False for t in trains)
            sentence = "fixed" if fixed else "id" if key == "token_embedding" and not _reads_tokens(to, embedding.place) else "text"
            to.give(embedding.place, key, sentence, "named", width=embedding.width, rows=embedding.rows)
    for head, table in findings.vocabulary_heads:
        fact = findings.get("tie_word_embeddings")
        tied = f", with the weight of {table.place.path}" if fact and fact.value is True else ""
        basis: Basis = fact.basis if fact and tied else "measured"
        to.give(head.place, "vocabulary_head", basis=basis, n_in=head.n_in, n_out=head.n_out, tied=tied)
    for head in findings.heads:
        if head.place.parent and head.place.parent.name == "pooler":
            to.give(head.place.parent, "pooler", basis="named")
        elif head.n_in:
            outputs = words.several(head.n_out or 0, "output")
            to.give(head.place, "head", basis="named", n_in=head.n_in, n_out=head.n_out, outputs=outputs)


def _reads_tokens(to: Assigner, table: Place) -> bool:
    """Whether the ids of a table stand for tokens: a table that is only called `embedding` may look up users or goods as well."""
    return bool(to.findings.towers or to.places.of_kind("recurrent")) or named("strong_token_embedding", table.attribute)


def assign_tower(to: Assigner, tower: Tower) -> None:
    findings = to.findings
    for stack in tower.stacks:
        to.give(stack.holder, "holder", "stage" if stack.stages else "text", "measured", blocks=words.several(stack.count, "block"))
    for block in findings.blocks[tower]:
        assign_block(to, tower, block)
    _before_blocks(to, tower)
    _between_stages(to, tower)
    to.give(findings.final_norm(tower), "final_norm", basis="named")
    if tower.place is not to.places.root:
        _tower_itself(to, tower, tower.place)
    for above in tower.main.holder.up():
        if above is tower.place or above is to.places.root:
            break
        _tower_itself(to, tower, above)


def _tower_itself(to: Assigner, tower: Tower, place: Place) -> None:
    """What the tower is; of the modules between its outermost one and its blocks, that they belong to it."""
    findings = to.findings
    width, kind = findings.width(tower), tower_kind(findings, tower)
    if len(findings.towers) > 1:
        if place is not tower.place:
            if kind != "other":
                to.give(place, "tower", "inside", "named", noun=tower_noun(kind))
        elif kind != "other":
            sentence = "language_cross" if kind == "language" and tower.cross else kind
            to.give(place, "tower", sentence, "named", width=f", {width[0]:,} numbers each" if width else "")
    elif findings.patches(tower) and width and any(p is place for p in findings.places.root.kids):
        to.give(place, "tower", "backbone_vision", "named", width=width[0])
    elif findings.embeddings_of(tower, "token") and width and any(place.index <= e.place.index < place.end for e in findings.embeddings):
        to.give(place, "tower", "backbone", "named", width=width[0])
    elif len(tower.stacks) == 1 and tower.main.count > 1:
        to.give(place, "holder", "text", "measured", blocks=words.several(tower.main.count, "block"))


def _between_stages(to: Assigner, tower: Tower) -> None:
    for before, after in zip(tower.stacks, tower.stacks[1:], strict=False):
        found = merging(to.findings, tower, before, after)
        if found is None:
            continue
        place, n_in, n_out = found.product
        to.give(place, "merging_product", basis="named", n_in=n_in, n_out=n_out)
        to.give(found.norm, "merging_norm", basis="named", n_in=n_in)
        if found.holder and not found.holder.match.specific:
            to.give(found.holder, "merging", basis="named", n_in=n_in, n_out=n_out)


def _before_blocks(to: Assigner, tower: Tower) -> None:
    findings = to.findings
    patches = findings.patches(tower)
    if patches and len(set(patches.size)) == 1:
        values = {"size": patches.size[0], "channels": patches.channels, "width": patches.width}
        if patches.laid:
            values["numbers"] = patches.channels * math.prod(patches.size)
            to.give(patches.laid, "patch_embedding", "lay", "named", **values)
        to.give(patches.place, "patch_embedding", "laid" if patches.laid else "text", "named" if patches.laid else "measured", **values)
        parent = patches.place.parent
        if parent and parent is not tower.place:
            to.give(parent, "embeddings", "patches")
            if parent.parent and parent.parent is not tower.place and "embed" in parent.parent.name:
                to.give(parent.parent, "embeddings", "patches")
    around = patches.norms() if patches else ([], [])
    for norm, sentence in [(norm, "text") for norm in around[0]] + [(norm, "after") for norm in around[1]]:
        to.give(norm, "patch_norm", sentence, "named")
    tables = findings.embeddings_of(tower, "token", "position", "type")
    holders = {t.place.parent for t in tables}
    if len(tables) > 1 and len(holders) == 1 and (holder := holders.pop()) and classed("embeddings", holder.node.type):
        names = words.listing([t.place.name for t in tables])
        to.give(holder, "embeddings", "text", "named", width=tables[0].width, tables=names)
    _embedding_extras(to, tower, [t.place for t in tables] + ([patches.place] if patches else []))


def _embedding_extras(to: Assigner, tower: Tower, tables: list[Place]) -> None:
    for parent in {t.parent for t in tables if t.parent}:
        for kid in parent.kids:
            if kid.index >= tower.main.holder.index and kid.index < tower.main.holder.end:
                continue
            before = kid.index < tower.main.holder.index
            if kid.node.type.startswith("Dropout") and before:
                to.dropout(kid, "embedding_dropout")
            elif kid.kind == "normalization" and before and kid is not to.findings.final_norm(tower):
                to.give(kid, "embedding_norm", "text" if len(tables) > 1 else "lone", "named")

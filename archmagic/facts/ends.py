"""What stands before and after the blocks: embeddings, final norm, output heads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .names import classed, named
from .places import Linear, Place, Places
from .stacks import Tower

MANY = 256
"""Rows from which a table and a head of the same size are no coincidence, whatever they are called."""

EmbeddingRole = Literal["token", "position", "type", "relative", "other"]


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """A lookup table: `rows` ids, `width` numbers each."""

    place: Place
    role: EmbeddingRole
    rows: int
    width: int


def find_embeddings(places: Places) -> list[Embedding]:
    """Every lookup table with its role. A lone table whose ids an output head scores again holds tokens."""
    found = []
    for place in sorted((*places.of_kind("embedding"), *places.of_kind("position")), key=lambda place: place.index):
        rows, width = place.node.get("num_embeddings"), place.node.get("embedding_dim")
        if place.kind == "embedding" and rows is None and width is None:  # a library's own class, printed with bare numbers
            rows, width = place.node.settings.get("0"), place.node.settings.get("1")
        if type(rows) is int and type(width) is int and rows >= 0 <= width:
            if any(above.name == "modules_to_save" for above in place.up()):
                continue  # PEFT's copy of a table that trains
            role = _role(place)
            found.append(Embedding(place, "other" if role == "token" and rows < 3 else role, rows, width))
    return _lone(places, found)


OTHER_IDS = re.compile(r"class|label|denois|query|queries|time|step|level|prompt|cond|segment", re.IGNORECASE)
"""What ids stand for besides tokens."""


def _lone(places: Places, found: list[Embedding]) -> list[Embedding]:
    """A lone table of no telling name whose ids a later product scores again holds tokens."""
    if [e.role for e in found] != ["other"]:
        return found
    table = found[0]
    if OTHER_IDS.search(table.place.name):
        return found
    scored = any((x := places.linear(p)) and x.n_out == table.rows for p in places.all[table.place.index + 1 :])
    return [Embedding(table.place, "token", table.rows, table.width)] if scored and table.rows > 2 else found


def _role(place: Place) -> EmbeddingRole:
    name = place.attribute or (place.parent.name if place.parent else "")
    name = _telling(place) or name
    if named("relative_bias", name) or "relative" in name.lower() or "distance" in name.lower():
        return "relative"
    if named("position_embedding", name) or "position" in place.node.type.lower():
        return "position"
    if named("type_embedding", name):
        return "type"
    if named("token_embedding", name):
        return "token"
    return "other"


def _telling(place: Place) -> str | None:
    """The name of the module around a table, where the table itself is called `emb` or `lut` in a module of its own."""
    if place.name in ("emb", "embedding", "embed", "lut", "table", "original_module", "base_layer"):
        around = next((p for p in place.up() if not p.name.isdecimal()), None)
        if around and (named("position_embedding", around.name) or named("token_embedding", around.name)):
            return around.name
    return None


def find_heads(places: Places, towers: list[Tower], embeddings: list[Embedding], widths: set[int]) -> list[Linear]:
    """Linear layers at the end: at the root or in a head beside the towers, outside every stack and embedding. `widths` are those of
    the towers' streams: what reads nothing that is made before, as products of distances do, is no head."""
    stacks = [s.holder for t in towers for s in t.stacks]
    vocabularies = {e.rows for e in embeddings if e.role == "token"}
    first = min((s.index for s in stacks), default=0)
    heads = []
    for place in places.all[first:]:
        if stacks and any(s.index <= place.index < s.end for s in stacks):
            continue
        found = places.linear(place)
        if found and found.n_out and not (place.parent and places.linear(place.parent)):
            depth_one = place.parent is places.root or (place.parent and place.parent.parent is places.root)
            if found.n_out in vocabularies or named("output_head", place.name) or depth_one:
                heads.append(found)
    if towers:
        heads = [h for h in heads if not widths or _reads_made(places, h, widths)]
        return [h for i, h in enumerate(heads) if not any(_continues(h, later) for later in heads[i + 1 :])]
    root = places.root.node
    part = root.is_listing or classed("feed_forward", root.type) or classed("attention", root.type)
    last = next((p.index for p in reversed(places.all) if p.kind == "convolution" or places.linear(p)), 0)
    return [] if part else _last(places, heads, last)  # the last product of a lone feed-forward is no head


def _reads_made(places: Places, head: Linear, widths: set[int]) -> bool:
    """Whether the width that a head reads is the stream's, several of its vectors side by side, or that of an earlier layer's result."""
    if head.n_in is None or any(head.n_in % width == 0 for width in widths):
        return True
    if head.n_in > 1 and any(p.node.get("out_channels", "1") == head.n_in for p in places.of_kind("convolution")):
        return True  # a convolution may be registered later
    for place in places.all[: head.place.index]:
        if place.kind == "recurrent" or (place.kind == "pooling" and head.n_in > 1):
            return True
        if (found := places.linear(place)) and found.n_out == head.n_in:
            return True
        if place.kind == "embedding" and place.node.get("embedding_dim") == head.n_in:
            return True
    return False


def _last(places: Places, heads: list[Linear], last: int) -> list[Linear]:
    """The last product, and those before it in the same module that read the same, an actor's beside a critic's. Of several that read the
    model's own input nothing tells which is an output."""
    if not heads or heads[-1].place.end <= last:
        return []
    final = heads[-1]
    if any(p.child and p.child.repeat and p.parent and p.parent.node.is_sequence for p in final.place.up()):
        return []  # what a part that is run several times ends in is what the next one reads
    found = [final]
    for head in reversed(heads[:-1]):
        if head.n_in != final.n_in or head.place.parent is not final.place.parent or head.n_out == final.n_in:
            break
        found.insert(0, head)
    before = places.all[: found[0].place.index]
    return found if len(found) == 1 or any((p.kind in MAKERS and not p.kids) or places.linear(p) for p in before) else []


MAKERS = ("convolution", "recurrent", "embedding")
"""Kinds of layers, beside products, that make what a head may read."""


def _continues(head: Linear, later: Linear) -> bool:
    """Whether a product is a step on the way to a later one in the same chain of layers."""
    holder = head.place.parent
    together = holder is not None and holder is later.place.parent and holder.node.type == "Sequential"
    return together and head.n_out == later.n_in


def vocabulary_heads(heads: list[Linear], embeddings: list[Embedding]) -> list[tuple[Linear, Embedding]]:
    """Heads that score every token of a table: (head, table)."""
    tables = [e for e in embeddings if e.role == "token"]
    fitting = [(head, table) for head in heads for table in tables[:1] if head.n_out == table.rows > 2 and head.n_in == table.width]
    return [(h, t) for h, t in fitting if t.rows >= MANY or named("vocabulary_head", h.place.name) or named("output_head", h.place.name)]

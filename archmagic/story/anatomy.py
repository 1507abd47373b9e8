"""The parts, from the outside in: what stands before the blocks, one block of each kind, what stands after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..facts.blocks import Block
from ..facts.places import Place
from ..facts.stacks import Tower
from .story import Section, Statement
from .telling import Telling, words


PLAIN = frozenset({"Linear", "Embedding", "Dropout", "ModuleList", "ModuleDict", "Sequential", "Identity"})
"""Types that a role alone explains; any other type is described where it first occurs."""


def anatomy(telling: Telling) -> list[Section]:
    """Every named part by its role, repeated ones once."""
    places = telling.findings.places
    if not telling.findings.towers:
        rows = [s for p in places.all[1:] if (s := _item(telling, p))]
        return [Section(telling.text("names.parts"), tuple(rows[:200]), style="parts")] if rows else []
    told: set[Place] = set()
    sections: list[Section] = []
    blocks = [(tower, block) for tower in telling.findings.towers for block in telling.findings.blocks[tower]]
    inside = {p for _, b in blocks for p in places.under(b.place)}
    first = min(b.place.index for _, b in blocks)
    outside = [p for p in places.all[1:] if p not in inside]
    before = [p for p in outside if not _after(telling, p, first)]
    if before:
        sections.append(Section(telling.text("names.input"), tuple(_items(telling, before)), style="parts"))
    kinds: dict[int, Place] = {}
    for tower, block in blocks:
        twin = kinds.setdefault(id(block.place.node), block.place)
        if twin is block.place:
            sections.append(_block(telling, tower, block, len(blocks)))
    after = [p for p in outside if p not in set(before) and p not in told]
    if after:
        sections.append(Section(telling.text("names.output"), tuple(_items(telling, after)), style="parts"))
    return [s for s in sections if s.statements]


def _after(telling: Telling, place: Place, first: int) -> bool:
    """Whether a part outside the blocks belongs to the end: it follows them and is neither table nor position nor tower."""
    role = telling.roles.get(place)
    if role and role.key in (
        "token_embedding",
        "position_embedding",
        "type_embedding",
        "rotary",
        "holder",
        "tower",
        "embeddings",
        "patch_embedding",
    ):
        return False
    return place.index > first


def _items(telling: Telling, places: Sequence[Place]) -> Iterator[Statement]:
    for place in places:
        statement = _item(telling, place)
        if statement:
            yield statement


def _item(telling: Telling, place: Place, within: Place | None = None) -> Statement | None:
    if place.node.is_none:
        return None
    part = telling.parts[place.path]
    text = part.role or (part.description if part.specific else "")
    if not text:
        return None
    label = place.path[len(within.path) :].lstrip(".") if within else place.path
    notes = [text]
    entry = place.match.entry
    if part.role and place.match.specific and entry.name not in PLAIN | telling.described and not place.kids:
        telling.described.add(entry.name)
        notes.append(f"{place.node.type}: {words.uncapital(entry.summary)}")
    if part.arithmetic and part.num_own_parameters and not place.kids:
        notes.append(f"{part.arithmetic} parameters.")
    return Statement(" ".join(notes), part.basis if part.role else "measured", (place.path,), (), label)


def _block(telling: Telling, tower: Tower, block: Block, kinds: int) -> Section:
    times = words.count(block.count)
    single = len(telling.findings.towers) == 1
    if block.count == 1:
        title = telling.text("block.title_kind", path=block.place.path)
    elif single and kinds == 1:
        title = telling.text("block.title", times=times)
    else:
        title = telling.text("block.title_tower", tower=block.place.path, times=times)
    rows: list[Statement] = list(_block_intro(telling, block))
    places = telling.findings.places.under(block.place)[1:]
    rows += [s for p in places if (s := _item(telling, p, block.place))]
    return Section(title, tuple(rows), block.place.path, "parts")


def _block_intro(telling: Telling, block: Block) -> Iterator[Statement]:
    role = telling.roles.get(block.place)
    if role and role.text:
        yield Statement(role.text, role.basis, (block.place.path,))
    total = telling.findings.sizes.total[block.place]
    guessed = any(block.place.index <= p.index < block.place.end for p in telling.findings.sizes.assumed)
    if total:
        basis = "assumed" if guessed else "derived" if telling.printed else "measured"
        yield telling.say("block.count", basis=basis, evidence=[block.place], total=total, assumed="")  # type: ignore[arg-type]
    for attention in block.attentions[:1]:
        known = (
            attention.heads or telling.findings.get("num_attention_heads", "") or attention.form in ("latent", "torch") or attention.linear
        )
        if not known and attention.inner and attention.kv_inner and attention.inner % attention.kv_inner == 0:
            ratio = attention.inner // attention.kv_inner
            key = "block.heads_unknown" if ratio > 1 else "block.heads_unknown_equal"
            yield telling.say(key, basis="derived", evidence=[attention.place], ratio=ratio)

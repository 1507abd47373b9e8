"""The parts, from the outside in: what stands before the blocks, one block of each kind, what stands after them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..facts import Basis
from ..facts.blocks import Block
from ..facts.places import Place
from ..facts.stacks import Tower
from .story import Section, Statement
from .telling import Telling, words

MOST = 200
"""Parts told of a model without blocks; the tree shows the rest."""

BEFORE = ("token_embedding", "position_embedding", "type_embedding", "rotary", "holder", "tower", "embeddings", "patch_embedding")

PLAIN = frozenset({"Linear", "Embedding", "Dropout", "ModuleList", "ModuleDict", "Sequential", "Identity"})
"""Types that a role alone explains; any other type is described where it first occurs."""


def anatomy(telling: Telling) -> list[Section]:
    """Every named part by its role, repeated ones once."""
    places, towers = telling.findings.places, telling.findings.towers
    if not towers:
        rows = [s for p in _told_once(telling) if (s := _item(telling, p) if isinstance(p, Place) else p)]
        return [Section(telling.text("names.parts"), tuple(rows[:MOST]), style="parts")] if rows else []
    blocks = [(tower, block) for tower in towers for block in telling.findings.blocks[tower]]
    inside = {p for _, block in blocks for p in places.under(block.place)}
    outside = [p for p in places.all[1:] if p not in inside and not _joins(telling, p)]
    first = min(block.place.index for _, block in blocks)
    sections: list[Section] = []
    if len(towers) > 1:
        own = {p: t for t in towers for p in places.under(t.place)}
        common = [p for p in outside if p not in own]
        sections.append(_section(telling, "names.input", [p for p in common if not _after(telling, p, first)]))
        for tower in towers:
            mine = [p for p in outside if own.get(p) is tower]
            sections.append(Section(telling.text("names.tower", path=tower.scope), tuple(_items(telling, mine)), tower.scope, "parts"))
            sections += _blocks(telling, tower)
        sections.append(_section(telling, "names.output", [p for p in common if _after(telling, p, first)]))
    else:
        sections.append(_section(telling, "names.input", [p for p in outside if not _after(telling, p, first)]))
        sections += _blocks(telling, towers[0])
        sections.append(_section(telling, "names.output", [p for p in outside if _after(telling, p, first)]))
    return [s for s in sections if s.statements]


def _joins(telling: Telling, place: Place) -> bool:
    """Whether a place only holds what is told of one by one."""
    role = telling.roles.get(place)
    return role is not None and role.key in ("joined", "body")


def _told_once(telling: Telling) -> Iterator[Place | Statement]:
    """The places of a model without blocks; what is built like an earlier part, sizes aside, is told by that in one statement."""
    places = telling.findings.places.all
    forms: dict[object, int] = {}
    form_of: dict[int, int] = {}
    first: dict[int, Place] = {}
    for place in reversed(places):
        if id(place.node) not in form_of:
            key = (place.node.type, tuple((c.name, c.count > 1, form_of[id(c.node)]) for c in place.node.children))
            form_of[id(place.node)] = forms.setdefault(key, len(forms))
    at = 1
    while at < len(places):
        place = places[at]
        form = form_of[id(place.node)]
        if len(place.kids) > 1 and form in first:
            part = telling.parts[place.path]
            sizes = "" if place.node is first[form].node else ", with other sizes"
            total = part.num_parameters or 0
            yield telling.say(
                "block.again", evidence=[place], label=place.path, path=first[form].path, sizes=sizes,
                total=f" {total:,} parameters." if total else "",
            )  # fmt: skip
            at = place.end
            continue
        first.setdefault(form, place)
        yield place
        at += 1


def _section(telling: Telling, title: str, places: Sequence[Place]) -> Section:
    return Section(telling.text(title), tuple(_items(telling, places)), style="parts")


def _after(telling: Telling, place: Place, first: int) -> bool:
    """Whether a part outside the blocks belongs to the end: it follows them and is neither table nor position nor tower."""
    role = telling.roles.get(place)
    if role and role.key in BEFORE:
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
    entry = place.match.entry
    if not part.role and not place.kids and entry.name in telling.described and telling.level != "beginner":
        text = f"{entry.title}."
    notes = [text]
    if not part.role:
        telling.described.add(entry.name)
    spared = telling.level == "expert" or (telling.level == "practitioner" and entry.name in PLAIN)
    if part.role and place.match.specific and entry.name not in telling.described and not spared and not place.kids:
        telling.described.add(entry.name)
        notes.append(f"{place.node.type}: {words.uncapital(entry.summary)}")
    basis: Basis = part.basis
    if place.kids and part.num_own_parameters:
        own = [f"{t.name} ({' × '.join(map(str, t.shape or ()))})" for t in place.node.tensors or () if t.kind == "parameter"]
        notes.append(telling.text("block.own", tensors=words.listing(own), total=part.num_own_parameters))
    elif part.arithmetic and part.num_own_parameters:
        notes.append(f"{part.arithmetic} parameters.")
        basis = "assumed" if place in telling.findings.sizes.assumed else basis
    return Statement(" ".join(notes), basis, (place.path,), (), label)


def _blocks(telling: Telling, tower: Tower) -> list[Section]:
    """The most frequent block in full; each other one by how it differs, where it is nearly the same."""
    blocks = telling.findings.blocks[tower]
    times: Counter[int] = Counter()
    for block in blocks:
        times[id(block.place.node)] += block.count
    by_frequency = sorted(blocks, key=lambda b: (-times[id(b.place.node)], b.place.index))
    told: list[Block] = []
    sections = []
    for block in by_frequency:
        if any(block.place.node is other.place.node for other in told):
            continue
        near = next((o for o in told if o.place.node.type == block.place.node.type and _nearly(telling, o, block)), None)
        sections.append(_block(telling, block, near, len(times), times[id(block.place.node)]))
        told.append(block)
    return sections


def _block(telling: Telling, block: Block, like: Block | None, kinds: int, together: int) -> Section:
    """`together` is how many equal blocks there are, at this path and others."""
    times = words.times(together)
    if together > block.count:
        title = telling.text("block.title_shared", holder=block.stack.holder.path, count=together, all=block.stack.count)
    elif block.count == 1:
        title = telling.text("block.title_kind", path=block.place.path)
    elif len(telling.findings.towers) == 1 and kinds == 1:
        title = telling.text("block.title", times=times)
    else:
        title = telling.text("block.title_tower", tower=block.place.path, times=times)
    rows: list[Statement] = []
    below = telling.findings.places.under(block.place)[1:]
    if like is None:
        rows += [*_block_intro(telling, block), *(s for p in below if (s := _item(telling, p, block.place)))]
    else:
        changed, gone = _differences(telling, like, block)
        rows.append(telling.say("block.like", evidence=[block.place, like.place], path=like.place.path))
        rows += _block_size(telling, block)
        rows += [s for p in below if _relative(p, block.place) in changed and (s := _item(telling, p, block.place))]
        rows += _settings(telling, like, block)
        rows += [telling.say("block.gone", evidence=[block.place], name=name) for name in gone]
    return Section(title, tuple(rows), block.place.path, "parts")


def _relative(place: Place, within: Place) -> str:
    return place.path[len(within.path) :].lstrip(".")


def _nearly(telling: Telling, first: Block, second: Block) -> bool:
    """Whether at least half of the parts are the very same, or few places inside them differ."""
    was, now = ({c.name: c.node for c in b.place.node.children} for b in (first, second))
    same = sum(now[name] is node for name, node in was.items() if name in now)
    changed, gone = _differences(telling, first, second)
    return 2 * same >= max(len(was), len(now)) or 3 * (len(changed) + len(gone)) <= len(telling.findings.places.under(second.place))


def _differences(telling: Telling, first: Block, second: Block) -> tuple[list[str], list[str]]:
    """Relative paths that are new or otherwise in the second block, and the topmost of those that it lacks."""
    places = telling.findings.places
    was = {_relative(p, first.place): p for p in places.under(first.place)[1:]}
    now = {_relative(p, second.place): p for p in places.under(second.place)[1:]}
    changed = [path for path, p in now.items() if path not in was or _own_traits(p) != _own_traits(was[path])]
    gone = [path for path in was if path not in now and path.rpartition(".")[0] not in was.keys() - now.keys()]
    return changed, gone


def _settings(telling: Telling, first: Block, second: Block) -> Iterator[Statement]:
    """Attributes in which the parts of two nearly equal blocks differ."""
    was = {_relative(p, first.place): p for p in telling.findings.places.under(first.place)}
    for place in telling.findings.places.under(second.place):
        path = _relative(place, second.place)
        other = was.get(path)
        if other is None or place.node.type != other.node.type or place.node.attributes == other.node.attributes:
            continue
        here, there = place.node.attributes, other.node.attributes
        names = [n for n in here if n in there and here[n] != there[n] and "drop" not in n][:6]
        if names:
            settings, others = (words.listing([f"{n} = {table[n]}" for n in names]) for table in (here, there))
            yield telling.say("block.settings", evidence=[place], label=path, settings=settings, path=first.place.path, others=others)


def _own_traits(place: Place) -> tuple[object, ...]:
    node = place.node
    return node.type, node.args, node.tensors


def _block_intro(telling: Telling, block: Block) -> Iterator[Statement]:
    role = telling.roles.get(block.place)
    if role and role.text:
        yield Statement(role.text, role.basis, (block.place.path,))
    yield from _block_size(telling, block)
    for attention in block.attentions[:1]:
        known = (
            attention.heads or telling.findings.get("num_attention_heads", "") or attention.form in ("latent", "torch") or attention.linear
        )
        if not known and attention.inner and attention.kv_inner and attention.inner % attention.kv_inner == 0:
            ratio = attention.inner // attention.kv_inner
            key = "block.heads_unknown" if ratio > 1 else "block.heads_unknown_equal"
            yield telling.say(key, basis="derived", evidence=[attention.place], ratio=ratio)


def _block_size(telling: Telling, block: Block) -> Iterator[Statement]:
    total = telling.findings.sizes.total[block.place]
    guessed = any(block.place.index <= p.index < block.place.end for p in telling.findings.sizes.assumed)
    if total:
        basis: Basis = "assumed" if guessed else "derived" if telling.printed else "measured"
        yield telling.say("block.count" if block.count > 1 else "block.count_one", basis=basis, evidence=[block.place], total=total)

"""A section for each kind of block: the most frequent one in full, each other by how it differs from one already told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..facts import Basis, Findings
from ..facts.blocks import Block
from ..facts.places import Place
from ..facts.sentence import templates
from ..facts.stacks import Tower
from ..options import LEVELS, Level
from ..tree import Child
from .forms import Forms, passes_through
from .items import item, relative
from .kinds import FULL, mixes_by, transforms_by
from .story import Section, Statement
from .telling import Telling, words
from .together import items

COUNTERS = ("layer_idx", "layer_id", "layer_index", "layer_number", "block_idx", "block_index")
"""Attributes that only number the blocks."""

LATENT = ("qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
"""Facts on the heads of latent attention, told in their own words."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Blocks of one stack that are equal but for dropout and the like."""

    blocks: Sequence[Block]
    trait: str = ""
    """What tells them from the other kinds of the tower: " with linear attention"; "" where one word does not."""

    @property
    def first(self) -> Block:
        return self.blocks[0]

    @property
    def count(self) -> int:
        return sum(b.count for b in self.blocks)

    @property
    def place(self) -> Place:
        return self.first.place


def block_sections(telling: Telling, tower: Tower, forms: Forms, told: list[Kind]) -> list[Section]:
    """One section for each kind of block, the most frequent first; `told` are those of this tower and others told before."""
    sections = []
    kinds = _kinds(telling, tower, forms)
    for kind in kinds:
        same = [k for k in told if k.place.node.type == kind.place.node.type]
        near = next((k for k in same if _nearly(telling, k, kind)), None)
        alikes = [k for k in told if forms.form(k.place) == forms.form(kind.place)]
        alike = min(alikes, key=lambda k: sum(1 for _ in _unlike(telling, k, kind)), default=None)
        title = _title(telling, tower, kind, len(kinds))
        if near:
            rows = _by_difference(telling, near, kind)
        elif alike:
            rows = _by_size(telling, alike, kind)
        else:
            below = telling.findings.places.under(kind.place)[1:]
            rows = [*_intro(telling, kind), *items(telling, below, kind.place)]
        sections.append(Section(title, tuple(rows), kind.place.path, "parts"))
        told.append(kind)
    return sections


def _kinds(telling: Telling, tower: Tower, forms: Forms) -> list[Kind]:
    groups: dict[tuple[int, int], list[Block]] = {}
    blocks = telling.findings.blocks[tower]
    for block in blocks:
        core = forms.core(block.place) if len(blocks) > 1 else 0
        groups.setdefault((block.stack.holder.index, core), []).append(block)
    traits = [_traits(telling, [g[0] for g in groups.values()], tell) for tell in (mixes_by, transforms_by)]
    if any("window" in trait for trait in traits[0]):
        traits[0] = [FULL if trait == "attention" else trait for trait in traits[0]]
    kinds = [Kind(group, " and ".join(t[n] for t in traits if t[n])) for n, group in enumerate(groups.values())]
    return sorted(kinds, key=lambda k: (0 if tower.main.stages else -k.count, k.place.index))


def _traits(telling: Telling, blocks: list[Block], tell: Callable[[Findings, Block], str]) -> list[str]:
    words_of = [tell(telling.findings, b) for b in blocks]
    return words_of if len(set(words_of)) > 1 and all(words_of) else [""] * len(blocks)


def _title(telling: Telling, tower: Tower, kind: Kind, kinds: int) -> str:
    block = kind.first
    trait = f" with {kind.trait}" if kind.trait else ""
    if kind.count == block.stack.count == 1 and len(tower.stacks) > 1:
        return telling.text("block.title_kind", path=kind.place.path, trait=trait)
    if kind.count == block.stack.count:
        lone = len(telling.findings.towers) == 1 and kinds == 1
        key = "block.title" if lone else "block.title_tower"
        return telling.text(key, tower=block.stack.holder.path, times=words.times(kind.count), trait=trait)
    if kind.count == 1:
        return telling.text("block.title_kind", path=kind.place.path, trait=trait)
    if not trait and (numbers := _numbers(kind)):
        return telling.text("block.title_which", holder=block.stack.holder.path, which=words.numbers(numbers), trait=trait)
    return telling.text("block.title_shared", holder=block.stack.holder.path, count=kind.count, all=block.stack.count, trait=trait)


def _intro(telling: Telling, kind: Kind) -> Iterator[Statement]:
    role = telling.roles.get(kind.place)
    if role and role.text:
        levels: tuple[Level, ...] = ("beginner",) if kind.first.placement and telling.flowed else LEVELS  # the data flow says it
        yield Statement(role.text, role.basis, (kind.place.path,), levels=levels)
    yield from _size(telling, kind)
    for attention in kind.first.attentions[:1]:
        if attention.form == "latent":
            scopes = (kind.place.path, *(t.scope for t in telling.findings.towers))
            yield from (s for s in telling.known(LATENT) if s.facts[0][1] in scopes)
        known = (
            attention.heads or telling.findings.get("num_attention_heads", "") or attention.form in ("latent", "torch") or attention.linear
        )
        if not known and attention.inner and attention.kv_inner and attention.inner % attention.kv_inner == 0:
            ratio = attention.inner // attention.kv_inner
            if ratio > 1:
                yield telling.say("block.heads_unknown", basis="derived", evidence=[attention.place], ratio=ratio)


def _size(telling: Telling, kind: Kind) -> Iterator[Statement]:
    """Which blocks these are, what each holds, and in what they differ after all."""
    findings, place = telling.findings, kind.place
    numbers = _numbers(kind)
    if 1 < kind.count < kind.first.stack.count and numbers and kind.trait:  # else the title says it
        yield telling.say("block.which", evidence=[b.place for b in kind.blocks], which=words.numbers(numbers))
    total = findings.sizes.total[place]
    guessed = any(place.index <= p.index < place.end for p in findings.sizes.assumed)
    if total:
        basis: Basis = "assumed" if guessed else "derived" if telling.printed else "measured"
        key = "block.count" if kind.count > 1 else "block.count_one"
        yield telling.say(key, basis=basis, evidence=[place], total=words.several(total, "parameter"))
    if varying := _varying(telling, kind):
        yield telling.say("block.vary", evidence=[b.place for b in kind.blocks], names=words.listing(varying))


def _numbers(kind: Kind) -> list[int]:
    """The numbers of the blocks in their list, as in their paths."""
    found: list[int] = []
    for block in kind.blocks:
        child = block.place.child
        if child and child.repeat:
            found += child.repeat.numbers
        elif block.place.name.isdecimal():
            found.append(int(block.place.name))
    return sorted(found)


def _varying(telling: Telling, kind: Kind) -> list[str]:
    """The parts in which blocks of one kind differ: only such as pass their input through in evaluation."""
    places = telling.findings.places
    first = {relative(p, kind.place): p for p in places.under(kind.place)}
    found: dict[str, None] = {}
    for block in kind.blocks[1:]:
        for place in places.under(block.place):
            path = relative(place, block.place)
            if path in first and passes_through(place) and _traits_of(place) != _traits_of(first[path]):
                found[path] = None
    return list(found)


def _by_difference(telling: Telling, like: Kind, kind: Kind) -> list[Statement]:
    """The rows of a block that is nearly another one."""
    below = telling.findings.places.under(kind.place)[1:]
    different, gone = _differences(telling, like, kind)
    changed = [p for p in below if relative(p, kind.place) in different and not passes_through(p)]
    rows = [telling.say("block.like", evidence=[kind.place, like.place], path=_called(like, kind)), *_size(telling, kind)]
    if not changed and kind.trait and like.trait:
        rows.append(telling.say("block.trait", basis="named", evidence=[kind.place, like.place], here=kind.trait, there=like.trait))
    rows += items(telling, changed, kind.place)
    rows += _settings(telling, like, kind, changed)
    if gone:
        rows.append(telling.say("block.gone", evidence=[kind.place], names=words.listing(gone, last="or")))
    return rows


def _by_size(telling: Telling, like: Kind, kind: Kind) -> list[Statement]:
    """The rows of a block that has the parts of another one, of other sizes: its sub-layers alone."""
    rows = [telling.say("block.like_sizes", evidence=[kind.place, like.place], path=_called(like, kind)), *_size(telling, kind)]
    parts = [a.place for a in kind.first.attentions] + [f.place for f in kind.first.feeds if f.place is not kind.place]
    rows += [s for p in sorted(parts, key=lambda p: p.index)[:6] for s in item(telling, p, kind.place)]
    return rows + [replace(row, levels=("expert",)) for row in _settings(telling, like, kind, parts)]


def _called(like: Kind, kind: Kind) -> str:
    """What prose calls the blocks told before: by their numbers in the same list, else by their path."""
    numbers = _numbers(like)
    if not numbers or like.first.stack is not kind.first.stack:
        return like.place.path
    return f"block{'s' * (len(numbers) > 1)} {words.numbers(numbers)}"


def _nearly(telling: Telling, first: Kind, second: Kind) -> bool:
    """Whether at least half of the parts are the very same, or few places inside them differ."""
    was, now = (_children(k) for k in (first, second))
    same = sum(now[name].node is child.node for name, child in was.items() if name in now)
    changed, gone = _differences(telling, first, second)
    return 2 * same >= max(len(was), len(now)) or 3 * (len(changed) + len(gone)) <= len(telling.findings.places.under(second.place))


def _children(kind: Kind) -> dict[str, Child]:
    return {c.name: c for c in kind.place.node.children}


def _differences(telling: Telling, first: Kind, second: Kind) -> tuple[list[str], list[str]]:
    """Relative paths that are new or otherwise in the second block, and the topmost of those that it lacks."""
    places = telling.findings.places
    was = {relative(p, first.place): p for p in places.under(first.place)[1:]}
    now = {relative(p, second.place): p for p in places.under(second.place)[1:]}
    changed = [path for path, p in now.items() if path not in was or _traits_of(p) != _traits_of(was[path])]
    gone = [path for path in was if path not in now and path.rpartition(".")[0] not in was.keys() - now.keys()]
    return changed, gone


def _settings(telling: Telling, first: Kind, second: Kind, changed: Sequence[Place]) -> Iterator[Statement]:
    """Attributes in which the parts of two nearly equal blocks differ: for experts only, where words tell the difference."""
    for place, other, names in _unlike(telling, first, second):
        here, there, path = place.node.attributes, other.node.attributes, relative(place, second.place)
        flags = all(isinstance(here[name], bool) for name in names)
        told = bool(first.trait and second.trait) or (flags and any(place.index <= p.index < place.end for p in changed))
        levels: tuple[Level, ...] = ("expert",) if told else LEVELS
        settings, others = (words.listing([f"{n} = {table[n]}" for n in names]) for table in (here, there))
        yield telling.say(
            "block.settings", evidence=[place], label=path, levels=levels, settings=settings, path=_called(first, second),
            others=others, meaning=_meaning(names),
        )  # fmt: skip


def _meaning(names: Sequence[str]) -> str:
    """ " (shift_size: how far the windows are shifted)": of the attributes that the field knows by name."""
    known = templates("story/sentences")
    meanings = [f"{name}: {known[f'attributes.{name}']}" for name in names if f"attributes.{name}" in known]
    return f" ({'; '.join(meanings)})" if meanings else ""


def _unlike(telling: Telling, first: Kind, second: Kind) -> Iterator[tuple[Place, Place, list[str]]]:
    """The same parts of two blocks, and the attributes in which they differ, those aside that are printed or size something printed."""
    was = {relative(p, first.place): p for p in telling.findings.places.under(first.place)}
    for place in telling.findings.places.under(second.place):
        other = was.get(relative(place, second.place))
        if other is None or place.node.type != other.node.type or place.node.attributes == other.node.attributes:
            continue
        here, there = place.node.attributes, other.node.attributes
        names = [
            n for n in here if n in there and here[n] != there[n] and "drop" not in n and n not in COUNTERS and n not in place.node.settings
        ]
        if names:
            yield place, other, names[:6]


def _traits_of(place: Place) -> tuple[object, ...]:
    node = place.node
    return node.type, node.args, node.tensors

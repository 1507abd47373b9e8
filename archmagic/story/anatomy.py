"""The parts, from the outside in: what stands before the blocks, one block of each kind, what stands after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..facts.places import Place
from ..facts.stacks import Tower
from .block_sections import Kind, block_sections
from .forms import Forms
from .items import idle, is_idle, item
from .story import Section, Statement
from .telling import Telling, words

MOST = 120
"""Parts told in one section; the tree shows the rest."""

MOST_SETTINGS = 3
"""Settings told one by one of a part that differs from another in them."""

BEFORE = ("token_embedding", "position_embedding", "type_embedding", "rotary", "holder", "tower", "embeddings", "patch_embedding")
"""Roles that belong to the beginning wherever they are registered."""

WITH_TABLES = ("embedding", "position", "normalization", "regularization")
"""Kinds of leaves that make a module one of embeddings."""


def anatomy(telling: Telling) -> list[Section]:
    """Every named part by its role, repeated ones once."""
    findings, forms = telling.findings, Forms(telling.findings.places)
    if not findings.towers:
        rows = _told_once(telling, findings.places.all[1:], forms)
        return [Section(telling.text("names.parts"), rows, style="parts")] if rows else []
    blocks = [block for tower in findings.towers for block in findings.blocks[tower]]
    inside = {p for block in blocks for p in findings.places.under(block.place)}
    outside = [p for p in findings.places.all[1:] if p not in inside and not _holds(telling, p)]
    sections: list[Section] = []
    if len(findings.towers) == 1:
        tower = findings.towers[0]
        sections += _around(telling, outside, tower, forms)
    else:
        own = {p: t for t in findings.towers for p in findings.places.under(t.place)}
        common = [p for p in outside if p not in own]
        first = min(t.place.index for t in findings.towers)
        last = max(t.place.end for t in findings.towers)
        early = _beside_tables(telling)
        before = [p for p in common if p.index < first or _early(telling, p, early)]
        joints = [p for p in common if p not in set(before) and _joins(telling, p)]
        beside = [p for p in common if p not in {*before, *joints} and p.index < last]
        sections.append(_section(telling, "names.input", before, forms))
        told: list[Kind] = []
        for tower in findings.towers:
            mine = [p for p in outside if own.get(p) is tower]
            title = telling.text("names.tower", path=tower.scope)
            sections.append(Section(title, _told_once(telling, mine, forms), tower.scope, "parts"))
            sections += block_sections(telling, tower, forms, told)
        sections.append(_section(telling, "names.joints", joints, forms))
        sections.append(_section(telling, "names.beside", beside, forms))
        sections.append(_section(telling, "names.output", [p for p in common if p not in {*before, *joints, *beside}], forms))
    return [s for s in sections if s.statements]


def _around(telling: Telling, outside: list[Place], tower: Tower, forms: Forms) -> Iterator[Section]:
    """What stands before a lone tower's blocks, the blocks, what leads from one stage to the next, what stands after."""
    blocks = telling.findings.blocks[tower]
    first, last = min(b.place.index for b in blocks), max(b.place.end for b in blocks)
    early = _beside_tables(telling)
    before = [p for p in outside if p.index < first or _early(telling, p, early)]
    between = [p for p in outside if p not in set(before) and p.index < last]
    yield _section(telling, "names.input", before, forms)
    yield from block_sections(telling, tower, forms, [])
    yield _section(telling, "names.between", between, forms)
    yield _section(telling, "names.output", [p for p in outside if p not in {*before, *between}], forms)


def _section(telling: Telling, title: str, places: list[Place], forms: Forms) -> Section:
    return Section(telling.text(title), _told_once(telling, places, forms), style="parts")


def _early(telling: Telling, place: Place, early: set[Place]) -> bool:
    """Whether a part outside the blocks belongs to the beginning by its role, though it may be registered later."""
    role = telling.roles.get(place)
    if role is not None and role.key in BEFORE:
        return not (role.key == "holder" and role.sentence == "stage")
    return place in early


def _beside_tables(telling: Telling) -> set[Place]:
    """What stands in a module of nothing but tables of ids and what comes with them: positions, a norm, dropout."""
    found: set[Place] = set()
    for table in telling.findings.embeddings:
        for above in table.place.up():
            inside = telling.findings.places.under(above)
            if above.parent is None or any(p.kind not in WITH_TABLES for p in inside if not p.kids):
                break
            found.update(inside)
    return found


def _holds(telling: Telling, place: Place) -> bool:
    """Whether a place only holds what is told of one by one."""
    role = telling.roles.get(place)
    return role is not None and role.key in ("joined", "body")


def _joins(telling: Telling, place: Place) -> bool:
    """Whether a part brings one tower's result to another."""
    return any((role := telling.roles.get(above)) and role.key == "connector" for above in (place, *place.up()))


def _told_once(telling: Telling, places: Sequence[Place], forms: Forms) -> tuple[Statement, ...]:
    """The parts in order; what is built like an earlier part, sizes aside, is told by that in one statement."""
    shared = telling.findings.tree.shared
    first: dict[object, Place] = {}
    rows: list[list[Statement]] = []
    through: list[Place] = []
    end = left_out = 0
    for place in places:
        if place.index < end:
            continue
        if shared and (same := _same(telling, place)):
            end = place.end
            rows.append([same])
            continue
        like = first.setdefault(forms.form(place), place) if len(place.kids) > 1 else place
        end = place.end if like is not place else end
        if is_idle(telling, place):
            through.append(place)
        elif len(rows) >= MOST:
            left_out += 1
        elif statements := [_again(telling, place, like)] if like is not place else item(telling, place):
            rows.append(statements)
    quiet = [[statement] for statement in idle(telling, through)]
    rows, left_out = [*rows, *quiet][:MOST], left_out + max(0, len(rows) + len(quiet) - MOST)
    if left_out:
        rows.append([telling.say("block.more", evidence=[""], more=words.several(left_out, "more part"))])
    return tuple(statement for row in rows for statement in row)


def _same(telling: Telling, place: Place) -> Statement | None:
    """What is said of a module that stands elsewhere, and of one that lists nothing but such."""
    shared = telling.findings.tree.shared
    if place.path in shared:
        return telling.say("block.same", evidence=[place], label=place.path, path=shared[place.path])
    if not place.kids or any(kid.path not in shared for kid in place.kids):
        return None
    names = words.listing([shared[kid.path] for kid in place.kids])
    return telling.say("block.same_all", evidence=[place], label=place.path, names=names)


def _again(telling: Telling, place: Place, like: Place) -> Statement:
    total = telling.parts[place.path].num_parameters or 0
    return telling.say(
        "block.again", evidence=[place], label=place.path, path=like.path,
        sizes="" if place.node is like.node else f", with {_apart(telling, place, like)}",
        total=f" {words.several(total, 'parameter')}." if total else "",
    )  # fmt: skip


def _apart(telling: Telling, place: Place, like: Place) -> str:
    """In what a part differs from one of the same form: in sizes; else in the settings of its layers, told where they have one value."""
    pairs = list(zip(*(telling.findings.places.under(p) for p in (place, like)), strict=False))
    if any(_shapes(a) != _shapes(b) for a, b in pairs):
        return "other sizes"
    changed: dict[str, set[str]] = {}
    for a, b in pairs:
        for name, value in a.node.settings.items():
            if b.node.settings.get(name) != value:
                changed.setdefault(name, set()).add("" if name.isdecimal() else _number(value))
    told = [f"{name} {min(values)}" for name, values in changed.items() if len(values) == 1 and "" not in values]
    return words.listing(told) if told and len(told) == len(changed) <= MOST_SETTINGS else "other settings"


def _number(value: object) -> str:
    """ "2", "1 × 2", of a number or numbers along several axes; "" for anything else."""
    values = value if isinstance(value, tuple) else (value,)
    return " × ".join(f"{number:,}" for number in values) if all(type(number) in (int, float) for number in values) else ""


def _shapes(place: Place) -> list[tuple[int, ...] | None]:
    return [tensor.shape for tensor in place.node.tensors or ()]

"""What is said of each node: the catalog's text on its type, its role here, its arithmetic and marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache

from ..catalog.lookup import parameter_arithmetic, setting_texts
from ..facts import Findings
from ..facts.places import Place
from ..tree import Node, find, parent
from .roles import Role
from .story import About, Part, Parts


class FoundParts(Parts):
    """A part for every path of the folded tree, each made when it is first asked for: a display shows few of thousands."""

    def __init__(self, findings: Findings, roles: dict[Place, Role]) -> None:
        super().__init__()
        self._findings = findings
        self._places = findings.places.by_path
        self._roles = roles

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, path: object) -> bool:
        return path in self._places

    def own(self, path: str) -> int | None:
        place = self._places.get(path)
        return None if place is None else self._findings.sizes.here[place]

    def whole(self, path: str) -> int | None:
        place, sizes = self._places.get(path), self._findings.sizes
        return None if place is None or place in sizes.blank else sizes.total[place]

    @cached_property
    def _shared(self) -> dict[Place, tuple[str, ...]]:
        return _shared_with(self._findings)

    def _make(self, path: str) -> Part:
        place = self._places[path]
        return _part(self._findings, place, self._roles.get(place), self._shared.get(place, ()), self.own(path), self.whole(path))


def find_abouts(findings: Findings) -> dict[str, About]:
    """What is known of each class in the model, by the key that its parts hold."""
    found: dict[str, About] = {}
    for place in findings.places.all:
        if (place.node.qualified or place.node.type) not in found and (key := _class_of(place)):
            entry = place.match.entry
            known = About(entry.why, entry.formula, entry.pitfalls, entry.paper) if place.match.specific else About()
            found[key] = replace(known, library=library_words(place.node))
    return found


LONGEST_BADGE = 60
"""Characters of a note beside a row."""
MARKUP = re.compile(r":\w+(?::\w+)?:(?=`)|\[([^\]]*)\]\([^)]*\)|`[^`<]*<[^>`]*>`_|[`*]+|\[(?=`)|(?<=`)\]")
"""Marks of Markdown and reStructuredText: roles, links (of which the text stays), stress and code."""


def library_words(node: Node) -> str:
    """The class's own docstring as plain text; "" where there is none or it only repeats the signature, as a dataclass's does."""
    return _plain_words(node.doc) if node.doc and not node.doc.startswith(f"{node.type}(") else ""


@lru_cache(maxsize=1024)
def _plain_words(doc: str) -> str:
    return " ".join(MARKUP.sub(r"\1", doc).split())


def _class_of(place: Place) -> str:
    known = place.match.specific or library_words(place.node)
    return (place.node.qualified or place.node.type) if known and not place.node.is_none else ""


def _part(findings: Findings, place: Place, role: Role | None, badges: tuple[str, ...], own: int | None, whole: int | None) -> Part:
    entry = place.match.entry
    known = place.match.specific
    described_by_role = role is not None and not known
    return Part(
        title="Absent" if place.node.is_none else role.title if role and (described_by_role or place.kids) else entry.title,
        kind="other" if place.node.is_none else role.kind if role else entry.kind,
        description=_description(place, role, known),
        specific=known or role is not None,
        role=role.text if role else None,
        basis=role.basis if role else "measured" if place.match.how in ("class", "base") or not known else "named",
        arithmetic=_arithmetic(findings, place),
        shapes=_shapes(findings, place),
        docs=entry.docs if known else None,
        badges=tuple(dict.fromkeys((*badges, *_badges(findings, place)))),
        settings=setting_texts(entry, place.node.settings) if known else (),
        about=_class_of(place),
        num_parameters=whole,
        num_own_parameters=own,
    )


def _description(place: Place, role: Role | None, known: bool) -> str:
    if place.node.is_none:
        return "Registered, but None: nothing is computed here."
    if known or role is None:
        return place.match.entry.summary
    return role.text or place.match.entry.summary


def _arithmetic(findings: Findings, place: Place) -> str | None:
    if place in findings.assumed_shapes:
        n_in, n_out = findings.assumed_shapes[place]
        return f"{n_in:,} × {n_out:,} + {n_out:,} = {n_in * n_out + n_out:,}"
    return parameter_arithmetic(place.node)


def _shapes(findings: Findings, place: Place) -> str | None:
    """The data's shape through a product, a table or a norm of a tower over tokens or patches."""
    tower = next((t for t in findings.towers if t.place.index <= place.index < t.place.end), None)
    if tower is None or tower.main.stages:
        return None
    letter = "T" if findings.embeddings_of(tower, "token") else "N" if findings.patches(tower) else None
    if letter is None:
        return None
    table = next((e for e in findings.embeddings if e.place is place and e.role == "token"), None)
    if table:
        return f"(B, {letter}) → (B, {letter}, {table.width})"
    n_in, n_out = findings.assumed_shapes.get(place, (None, None))
    found = findings.places.linear(place)
    if found and found.n_in and found.n_out:
        n_in, n_out = found.n_in, found.n_out
    in_block = any(s.holder.index <= place.index < s.holder.end for s in tower.stacks)
    is_head = any(head.place is place for head, _ in findings.vocabulary_heads)
    if n_in and n_out and (in_block or is_head):
        return f"(B, {letter}, {n_in}) → (B, {letter}, {n_out})"
    return None


def _shared_with(findings: Findings) -> dict[Place, tuple[str, ...]]:
    marks: dict[Place, tuple[str, ...]] = {}
    for source, target in findings.tree.shared.items():
        place = findings.places.by_path.get(source)
        if place:
            marks[place] = (f"shared with {target}",)
            continue
        visit = find(findings.tree.root, parent(source))
        place = findings.places.by_path.get(visit.path) if visit else None
        if place:
            marks[place] = (*marks.get(place, ()), f"tied to {parent(target) or target}")
    return marks


def _badges(findings: Findings, place: Place) -> list[str]:
    tensors = [t for t in place.node.tensors or () if t.kind == "parameter"]
    badges = []
    if place in findings.sizes.assumed:
        badges.append("tied, assumed" if place in findings.assumed_ties else "assumed")
    if tensors and all(t.trainable is False and t.shape is not None for t in tensors):
        badges.append("frozen")
    if any("lazy" in t.notes for t in tensors):
        badges.append("lazy")
    if split := [t for t in tensors if t.spread and t.spread.is_split]:
        largest = max(split, key=lambda t: t.numel)
        badges.append(largest.spread.short if largest.spread else "sharded")
    if place is findings.places.root and findings.sizes.on_meta():
        badges.append("meta")
    badges += [note if len(note) < LONGEST_BADGE else f"{note[:LONGEST_BADGE]}..." for note in place.node.notes if note not in badges]
    if place.node.style == "verbatim" and place.kids and findings.tree.source == "module":
        badges.append("print hides its parts")
    return badges

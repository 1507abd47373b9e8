"""What each tower of a model is: told by how it begins (patches, tokens, sound), by what it attends to, else by what it is called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from ..facts import Findings
from ..facts.names import named
from ..facts.places import Place
from ..facts.sentence import templates
from ..facts.stacks import Tower

TowerKind = Literal["encoder", "decoder", "queries", "vision", "audio", "language", "text", "other"]

PERCEIVING: tuple[TowerKind, ...] = ("vision", "audio")


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A tower, its kind, and what a sentence calls it: "the vision tower", with its path where that is not the same word."""

    tower: Tower
    kind: TowerKind
    noun: str


def tower_kind(findings: Findings, tower: Tower) -> TowerKind:
    """What the tower is; "other" where nothing tells."""
    others = [t for t in findings.towers if t is not tower]
    reads = [t for t in others if not t.cross and (len(others) == 1 or _says("encoder", t.place))]
    if tower.cross and reads:
        return "decoder" if writes_tokens(findings, tower) else "queries"
    if not tower.cross and any(t.cross for t in others):
        if len(others) == 1 and tower is findings.towers[0]:
            return "encoder"
        if _says("encoder", tower.place) and not _perceives(findings, tower):
            return "encoder"
    if tower.cross:
        return "other"
    if (said := _perceives(findings, tower)) is not None:
        return said
    if _reads_tokens(findings, tower):
        return "language" if findings.vocabulary_heads and tower is _last_of_text(findings) else "text"
    return "other"


def writes_tokens(findings: Findings, tower: Tower) -> bool:
    """Whether the tower is a decoder that looks at an encoder and scores tokens: such a one is causal by custom."""
    return tower.cross and bool(findings.vocabulary_heads) and bool(findings.embeddings_of(tower, "token"))


def _perceives(findings: Findings, tower: Tower) -> TowerKind | None:
    """A tower that begins with patches, or is named for images or sound and reads no tokens."""
    if any(e for e in findings.embeddings_of(tower, "token") if tower.place.index <= e.place.index < tower.place.end):
        return None
    if _says("audio_tower", tower.place):
        return "audio"
    return "vision" if findings.patches(tower) or _says("vision_tower", tower.place) else None


def _reads_tokens(findings: Findings, tower: Tower) -> bool:
    """Whether a tower has a table of tokens: its own, or one beside all towers that is as wide as this one alone."""
    tables = findings.embeddings_of(tower, "token")
    if any(tower.place.index <= table.place.index < tower.place.end for table in tables):
        return True
    widths = [found[0] for other in findings.towers if (found := findings.width(other))]
    own = findings.width(tower)
    return own is not None and widths.count(own[0]) == 1 and any(table.width == own[0] for table in tables)


def _says(role: str, place: Place) -> bool:
    """Whether the place, or what stands around it below the root, is named so."""
    return any(named(role, above.name) for above in (place, *place.up()) if above.parent)


def _last_of_text(findings: Findings) -> Tower | None:
    towers = [t for t in findings.towers if findings.embeddings_of(t, "token") and findings.is_text(t)]
    return next((t for t in reversed(towers) if not t.cross), towers[-1] if towers else None)


def label_towers(findings: Findings) -> list[Labelled]:
    """The towers with what sentences call them; the path is added where two would have the same name, or the name says more."""
    kinds = [(tower, tower_kind(findings, tower)) for tower in findings.towers]
    return [Labelled(tower, kind, _noun(tower, kind, [k for _, k in kinds].count(kind))) for tower, kind in kinds]


def _noun(tower: Tower, kind: TowerKind, alike: int) -> str:
    noun = tower_noun(kind)
    if not noun or alike > 1:
        return tower.scope
    last = tower.scope.rpartition(".")[2]
    return noun if last in noun.split() else f"{noun} ({tower.scope})"


@cache
def tower_noun(kind: TowerKind) -> str:
    """ "the vision tower"; "" for a tower of no known kind."""
    return templates("story/roles").get(f"tower.{kind}_noun", "")

"""The explanation: facts and catalog told in plain English, as data."""

from __future__ import annotations

from dataclasses import replace

from ..facts import Findings
from . import words
from .about import find_abouts
from .anatomy import anatomy
from .drawing import draw
from .fit import Fit, fit, fitting, parse_memory
from .flow import flow
from .layer import layer
from .numbers import numbers
from .parts import FoundParts
from .passing import passing, stopped
from .roles import find_roles
from .several import assemble
from .story import About, Part, Parts, Section, Statement, Story
from .summary import summary
from .telling import Telling
from .terms import terms
from .unknown import unknown

__all__ = ["About", "Fit", "Part", "Parts", "Section", "Statement", "Story", "fit", "parse_memory", "tell"]


def tell(findings: Findings, memory: object = None) -> Story:
    """The explanation of a model at every level (`Story.at`), from the whole to the parts; also of what fits into `memory`, where that is
    given.

    The level decides what is explained, never what is true: for beginners every layer type is described and the words used are
    listed; practitioners are spared the plainest types; experts all descriptions of types.
    """
    if findings.inner:
        return assemble(findings, {path: tell(inner) for path, inner in findings.inner.items()}, memory)
    roles = find_roles(findings)
    telling = Telling(findings, roles, FoundParts(findings, roles))
    opening = tuple(summary(telling))
    sections = (
        Section(telling.text("names.whole"), opening),
        *stopped(telling),
        *flow(telling),
        *anatomy(telling),
        *layer(telling),
        *numbers(telling),
        *passing(telling),
        *fitting(telling, memory),
        *unknown(telling),
    )
    listed, used = terms(telling, sections)
    telling.parts.put("", _root(telling, opening))
    pictures = tuple(draw(telling))
    said = " ".join(statement.text for statement in opening)
    return Story(findings.tree.root.type, said, (*sections, *listed), telling.parts, find_abouts(findings), pictures, used)


def _root(telling: Telling, opening: tuple[Statement, ...]) -> Part:
    """The root's part says what the whole is, where that is known."""
    part, kind = telling.parts[""], telling.fact("architecture")
    if kind is None or not opening or not telling.findings.tree.root.children:
        return part
    return replace(part, title=words.capital(str(kind.value)), kind="model", role=opening[0].text, basis=opening[0].basis, specific=True)

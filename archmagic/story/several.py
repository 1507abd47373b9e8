"""Several models read together: each told by itself, under its own path, after a word on all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..facts import Findings
from ..tree import join
from .fit import fitting
from .picture import Picture, moved
from .story import About, Part, Section, Statement, Story
from .summary import summary
from .telling import Telling


def assemble(findings: Findings, stories: Mapping[str, Story], memory: object = None) -> Story:
    """One story of several: what they are, then the sections of each, with paths from the common root."""
    telling = Telling(findings, {}, {})
    opening = tuple(summary(telling))
    sections = [Section(telling.text("names.whole"), opening)]
    parts = {"": Part(findings.tree.root.type, "container", specific=True, description=opening[0].text)}
    about: dict[str, About] = {}
    terms: dict[str, str] = {}
    for path, story in stories.items():
        about |= story.about
        terms |= story.terms
        sections += [_section(path, story.title, section) for section in story.sections]
        parts |= {join(path, inside) if inside else path: part for inside, part in story.parts.items()}
    if findings.tree.source == "module":  # weights that the models share are counted once
        for place in findings.places.all:
            total, here = findings.sizes.total[place], findings.sizes.here[place]
            parts[place.path] = replace(parts[place.path], num_parameters=total, num_own_parameters=here)
    else:
        each = [(parts[kid.path].num_parameters or 0) * kid.count for kid in findings.places.root.kids]
        parts[""] = replace(parts[""], num_parameters=sum(each), num_own_parameters=0)
    sections += fitting(telling, memory)
    pictures = tuple(_picture(path, picture) for path, story in stories.items() for picture in story.pictures)
    return Story(findings.tree.root.type, " ".join(s.text for s in opening), tuple(sections), parts, about, pictures, terms)


def _section(path: str, title: str, section: Section) -> Section:
    statements = tuple(_statement(path, statement) for statement in section.statements)
    name = title if path.isdecimal() or path.startswith("[") else path
    return Section(f"{name}: {section.title[:1].lower()}{section.title[1:]}", statements, _under(path, section.path or ""), section.style)


def _statement(path: str, statement: Statement) -> Statement:
    evidence = tuple(_under(path, inside) for inside in statement.evidence)
    facts = tuple((key, _under(path, scope)) for key, scope in statement.facts)
    label = _under(path, statement.label) if statement.label in statement.evidence and statement.label else statement.label
    return replace(statement, evidence=evidence, facts=facts, label=label)


def _picture(path: str, picture: Picture) -> Picture:
    return replace(picture, scope=_under(path, picture.scope), items=moved(picture.items, lambda inside: _under(path, inside)))


def _under(path: str, inside: str) -> str:
    return join(path, inside) if inside else path

"""Several models read together: each told by itself, under its own path, after a word on all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..facts import Findings
from ..tree import join
from .fit import fitting
from .parts import FoundParts
from .picture import Picture, moved
from .story import About, Part, Parts, Section, Statement, Story
from .summary import summary
from .telling import Telling


def assemble(findings: Findings, stories: Mapping[str, Story], memory: object = None) -> Story:
    """One story of several: what they are, then the sections of each, with paths from the common root."""
    telling = Telling(findings, {}, Parts())
    opening = tuple(summary(telling))
    sections = [Section(telling.text("names.whole"), opening)]
    about: dict[str, About] = {}
    terms: dict[str, str] = {}
    for path, story in stories.items():
        about |= story.about
        terms |= story.terms
        sections += [_section(path, _name(path, story, stories), section) for section in story.sections]
    sections += fitting(telling, memory)
    parts = _JoinedParts(findings, {path: story.parts for path, story in stories.items()}, opening[0].text)
    pictures = tuple(_picture(path, picture) for path, story in stories.items() for picture in story.pictures)
    return Story(findings.tree.root.type, " ".join(s.text for s in opening), tuple(sections), parts, about, pictures, terms)


class _JoinedParts(FoundParts):
    """The parts of several models by their paths from the common root, which is one more part, described in the words given. Weights that
    the models share are counted once, where they are known to be shared."""

    def __init__(self, findings: Findings, inner: Mapping[str, Parts], description: str) -> None:
        super().__init__(findings, {})
        self._inner, self._description = inner, description
        self._counted = findings.tree.source == "module"

    def own(self, path: str) -> int | None:
        if self._counted or path not in self:
            return super().own(path)
        if not path:
            return 0
        parts, inside = self._at(path)
        return parts.own(inside)

    def whole(self, path: str) -> int | None:
        if self._counted or path not in self:
            return super().whole(path)
        if not path:
            return sum((self.whole(kid.path) or 0) * kid.count for kid in self._places[path].kids)
        parts, inside = self._at(path)
        return parts.whole(inside)

    kind, badges = Parts.kind, Parts.badges

    def _at(self, path: str) -> tuple[Parts, str]:
        """The parts of the model that a path leads into, and the path in there."""
        index = self._places[path].index
        top = next(kid.path for kid in self._places[""].kids if kid.index <= index < kid.end)
        return self._inner[top], path[len(top) + 1 :]

    def _make(self, path: str) -> Part:
        if path:
            parts, inside = self._at(path)
            part = parts[inside]
        else:
            part = Part(self._places[path].node.type, "container", specific=True, description=self._description)
        return replace(part, num_parameters=self.whole(path), num_own_parameters=self.own(path))


def _name(path: str, story: Story, stories: Mapping[str, Story]) -> str:
    """What a model's sections are headed by: its name, or its class, if it is only numbered; both where classes are the same."""
    if not path.isdecimal() and not path.startswith("["):
        return path
    alike = sum(other.title == story.title for other in stories.values())
    return story.title if alike == 1 else f"{path} ({story.title})"


def _section(path: str, name: str, section: Section) -> Section:
    statements = tuple(_statement(path, statement) for statement in section.statements)
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

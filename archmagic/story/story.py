"""An explanation as data: a summary, titled sections of statements, and what is said of each part. Plain text, no markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..facts.fact import Basis
from ..options import LEVELS, Level
from .picture import Picture

SKILLED: tuple[Level, ...] = ("practitioner", "expert")
"""Those who are told costs that a beginner is spared."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence (or a few that belong together) and what it rests on.

    `evidence` are paths of modules; `facts` the (key, scope) of the facts it tells. `label` is what the statement is about
    where the section is a list of parts ("attn"), "" in running prose. `levels` are those at which it is told.
    """

    text: str
    basis: Basis = "measured"
    evidence: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    label: str = ""
    levels: tuple[Level, ...] = field(default=LEVELS, compare=False)


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of statements. `path` is the module it is about, None for the whole. `style` is how it reads best:
    "prose" (sentences run on), "steps" (numbered, in the order of data) or "parts" (one labelled item each)."""

    title: str
    statements: tuple[Statement, ...]
    path: str | None = None
    style: str = "prose"


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a class whichever its node: told once, however many nodes there are.

    Attributes:
        why: why networks have such a layer.
        formula: its mathematics as plain text.
        pitfalls: what people get wrong.
        paper: (short name, link) of the paper that introduced it.
        library: the first paragraph of the class's own docstring, in the words of the library that defines it; live only.
    """

    why: str = ""
    formula: str = ""
    pitfalls: tuple[str, ...] = ()
    paper: tuple[str, str] | None = None
    library: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What is said of one node of the tree.

    Attributes:
        title: the layer type in plain words ("Linear layer", "Layer normalisation").
        kind: embedding, position, attention, feed-forward, normalization, convolution, pooling, recurrent, mixer, experts, linear,
            activation, regularization, container, head, block, model, adapter, other. Colours the row.
        description: what this layer type does, one or two sentences.
        specific: whether that follows from the class, a base class or a detected role (and is not the generic entry).
        role: what it does here, in this model ("Makes query, key and value in one product: 768 -> 3 x 768."); None if unknown.
        basis: how far to trust the role.
        arithmetic: how its own parameters come about ("768 x 2,304 + 2,304 = 1,771,776"); None where there are none.
        shapes: the data's shape through it ("(B, T, 768) -> (B, T, 2304)"); None if unknown.
        docs: link to the official documentation; None if there is none.
        badges: short marks: "tied", "shared", "frozen", "lazy", "meta", "assumed", "truncated", "not printed", ...
        settings: (name, what it means with this node's value) of each printed setting that the catalog explains.
        about: the key of what is known of its class in `Story.about`; "" where nothing is.
        num_parameters: distinct parameters in the whole module; None where unknown.
        num_own_parameters: parameters it holds itself and that no earlier path holds (so that all rows add up to the total, each
            times the number of modules it stands for).
    """

    title: str
    kind: str = "other"
    description: str = ""
    specific: bool = False
    role: str | None = None
    basis: Basis = "measured"
    arithmetic: str | None = None
    shapes: str | None = None
    docs: str | None = None
    badges: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    about: str = ""
    num_parameters: int | None = None
    num_own_parameters: int | None = None


class Parts(Mapping[str, Part]):
    """What is said of each node, by its path, in the order of the tree: here parts made before; a subclass may make each when it is asked
    for, and tell the sizes of all, and what else a short row shows, without."""

    def __init__(self, made: Mapping[str, Part] | None = None) -> None:
        self._made = dict(made or {})

    def __getitem__(self, path: str) -> Part:
        part = self._made.get(path)
        if part is None:
            part = self._made[path] = self._make(path)
        return part

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def __contains__(self, path: object) -> bool:
        return path in self._made

    def own(self, path: str) -> int | None:
        """A part's `num_own_parameters`; None where they are unknown, or there is no such part."""
        return self[path].num_own_parameters if path in self else None

    def whole(self, path: str) -> int | None:
        """A part's `num_parameters`; None where they are unknown, or there is no such part."""
        return self[path].num_parameters if path in self else None

    def kind(self, path: str) -> str:
        """A part's `kind`; "other" where there is no such part."""
        return self[path].kind if path in self else "other"

    def badges(self, path: str) -> tuple[str, ...]:
        """A part's `badges`; none where there is no such part."""
        return self[path].badges if path in self else ()

    def put(self, path: str, part: Part) -> None:
        """Says something else of a node, of the same sizes."""
        self._made[path] = part

    def _make(self, path: str) -> Part:
        raise KeyError(path)


@dataclass(frozen=True, slots=True)
class Story:
    """The whole explanation: `parts` maps each path of the folded tree to what is said of it, `about` each class to what is known of it;
    `pictures` show its kinds of blocks, of each tower the main one first; `terms` are the glossary's words in it, with their meanings."""

    title: str
    summary: str
    sections: tuple[Section, ...] = ()
    parts: Parts = field(default_factory=Parts)
    about: Mapping[str, About] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    terms: Mapping[str, str] = field(default_factory=dict)

    def at(self, level: Level) -> Story:
        """What of it is told at one level."""
        told = [(s, tuple([x for x in s.statements if level in x.levels])) for s in self.sections]
        return replace(self, sections=tuple([Section(s.title, statements, s.path, s.style) for s, statements in told if statements]))

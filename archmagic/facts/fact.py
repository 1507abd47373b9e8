"""A fact: something true of a model, how far to trust it, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, overload

Basis = Literal["measured", "derived", "config", "named", "assumed"]

BASES: tuple[Basis, ...] = ("measured", "derived", "config", "named", "assumed")
"""From the surest to the least sure.

measured: read off the module or the printed text. derived: arithmetic on measured facts. config: `model.config` says so and
nothing measured disagrees. named: follows from a class or attribute name that a library defines. assumed: a convention, which
may be wrong, and the sentence says so.
"""


def weakest(bases: Iterable[Basis]) -> Basis:
    """The least sure of several bases; "measured" of none."""
    return max(bases, key=BASES.index, default="measured")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. (key, scope) is unique in a model.

    Attributes:
        key: a Hugging Face config name where one exists (num_hidden_layers, hidden_size, ...), else one of archmagic's.
        value: a number, a string, or a plain tuple or mapping of them.
        basis: how far to trust it.
        scope: path of the tower or run that it speaks of, "" for the whole model.
        evidence: paths of the modules it rests on.
        sources: (key, scope) of the facts it was made from; its basis is at most as sure as theirs.
        text: the fact as one plain sentence.
    """

    key: str
    value: object
    basis: Basis
    scope: str = ""
    evidence: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    text: str = ""


class Facts(Sequence[Fact]):
    """The facts of a model in the order found.

    >>> facts = Facts([Fact("num_hidden_layers", 12, "measured")])
    >>> facts.get("num_hidden_layers").value
    12
    """

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._facts = tuple(facts)
        self._by_key = {(fact.key, fact.scope): fact for fact in self._facts}

    def get(self, key: str, scope: str | None = None) -> Fact | None:
        """The fact of that key: in `scope`, or by default the whole model's, else the first tower's. None where unknown."""
        if scope is not None:
            return self._by_key.get((key, scope))
        return self._by_key.get((key, "")) or next((f for f in self._facts if f.key == key), None)

    @overload
    def __getitem__(self, index: int) -> Fact: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Fact, ...]: ...
    def __getitem__(self, index: int | slice) -> Fact | tuple[Fact, ...]:
        if isinstance(index, str):
            raise TypeError(f"Facts are numbered. facts.get({index!r}) finds one by its key, and gives None where it is not known.")
        return self._facts[index]

    def __len__(self) -> int:
        return len(self._facts)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts)

    def __repr__(self) -> str:
        return "\n".join(f"{f.key}{f' of {f.scope}' if f.scope else ''} = {f.value!r}  ({f.basis})" for f in self._facts) or "no facts"

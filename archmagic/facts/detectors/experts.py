"""Mixtures of experts: how many there are, how many a token passes, and how many parameters are thus active."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..attention import Number
from ..experts import Experts
from ..fact import Basis, Fact
from ..findings import Findings
from ..sentence import sentence
from ..stacks import Tower


def counts(findings: Findings) -> Iterator[Fact]:
    """num_experts, num_experts_per_tok and the width inside an expert, for each tower whose mixtures agree, else for each run."""
    for tower in findings.towers:
        mine = [e for e in findings.experts if tower.place.index <= e.place.index < tower.place.end]
        yield from _each(tower, mine, "num_experts", lambda e: Number(e.count, "measured", (e.place.path,)))
        yield from _each(tower, mine, "num_experts_per_tok", lambda e: e.per_token)
        widths = {e.inner for e in mine}
        if len(widths) == 1 and (inner := widths.pop()):
            scope = mine[0].place.path
            yield Fact("intermediate_size", inner, "measured", scope, (scope,), text=sentence("expert_size", value=inner))


def _each(tower: Tower, mine: list[Experts], key: str, value_of: Callable[[Experts], Number | None]) -> Iterator[Fact]:
    found = [(e, number) for e in mine if (number := value_of(e))]
    same = len({number.value for _, number in found}) == 1
    for experts, number in found[:1] if same else found:
        scope = tower.scope if same else experts.place.path
        yield Fact(key, number.value, number.basis, scope, number.evidence, text=sentence(key, value=number.value))


def active(findings: Findings) -> Iterator[Fact]:
    """Parameters that one token passes: all but those of the experts it is not sent to."""
    total = findings.get("num_parameters")
    if not findings.experts or not total or not isinstance(total.value, int) or findings.sizes.blank:
        return
    idle, bases = 0, []
    for experts in findings.experts:
        per_token = experts.per_token or _told(findings)
        if per_token is None:
            return
        idle += (experts.count - per_token.value) * experts.each * experts.place.count
        bases.append(per_token.basis)
    value = total.value - idle
    basis: Basis = findings.basis_of([("num_parameters", "")], "config" if "config" in bases else "derived")
    text = sentence("num_active_parameters", value=value)
    yield Fact(
        "num_active_parameters", value, basis, "", tuple(e.place.path for e in findings.experts[:3]), (("num_parameters", ""),), text
    )


def _told(findings: Findings) -> Number | None:
    fact = next((f for f in findings.found if f.key == "num_experts_per_tok"), None)
    return Number(fact.value, fact.basis, fact.evidence) if fact and isinstance(fact.value, int) else None

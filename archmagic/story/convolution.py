"""How data flows through a convolutional network with stages: stem, stages, pooling, head.

The order is that of registration, which such networks keep; so all of it is marked as named.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..facts.places import Place
from .story import Statement
from .telling import Telling, words


def convolutional(telling: Telling) -> list[Statement]:
    """The steps; [] for a network without stages."""
    kind = telling.fact("architecture")
    plain = kind is not None and kind.value == "convolutional network"
    return list(_steps(telling)) if plain and telling.findings.stages and telling.findings.convolutions else []


def _steps(telling: Telling) -> Iterator[Statement]:
    findings = telling.findings
    stages, first = findings.stages, findings.convolutions[0]
    if first.place.index < stages[0].place.index:
        stride = f" with stride {first.stride}" if first.stride > 1 else ""
        yield telling.say(
            "flow.stem", basis="named", evidence=[first.place], n_in=first.n_in, n_out=first.n_out, name=first.place.path,
            kernel=first.kernel, stride=stride,
        )  # fmt: skip
        pool = next((p for p in findings.places.all[: stages[0].place.index] if p.node.type.startswith("MaxPool")), None)
        if pool:
            step = pool.node.get("stride")
            shrink = f", {step} apart" if type(step) is int and step > 1 else ""
            yield telling.say("flow.stem_pool", basis="named", evidence=[pool], name=pool.path, shrink=shrink)
    shrinking = [stage for stage in stages if stage.shrink == 2]
    halves = ""
    if shrinking:
        which = "each" if len(shrinking) == len(stages) else f"the {words.listing([words.ordinal(stages.index(s) + 1) for s in shrinking])}"
        halves = f"; {which} {'halves' if which == 'each' or len(shrinking) == 1 else 'halve'} height and width"
    yield telling.say(
        "flow.stages", basis="named", evidence=[s.place for s in stages], times=words.capital(words.count(len(stages))),
        blocks=words.listing([str(s.blocks) for s in stages]), channels=words.listing([f"{s.channels:,}" for s in stages]), shrink=halves,
    )  # fmt: skip
    yield from _end(telling, stages[-1].place, stages[-1].channels)


def _end(telling: Telling, last: Place, width: int) -> Iterator[Statement]:
    places = telling.findings.places
    pool = next((p for p in places.all[last.end :] if p.node.type.startswith("AdaptiveAvgPool")), None)
    if pool:
        yield telling.say("flow.pool", basis="named", evidence=[pool], name=pool.path, width=width)
    for head in telling.findings.heads:
        if head.n_in and head.n_out:
            yield telling.say(
                "flow.head", basis="named", evidence=[head.place], head=head.place.path, n_in=head.n_in,
                outputs=words.several(head.n_out, "output"), n_out=head.n_out,
            )  # fmt: skip

"""What only a forward pass shows, and where it contradicts what the modules tell."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..measured import attention_steps
from ..sentence import sentence


def causal(findings: Findings) -> Iterator[Fact]:
    """Whether attention looks only backwards, for each tower: as it was computed. A mask whose values are not known leaves it open."""
    if findings.followed is None:
        return
    for tower in findings.towers:
        own = [a for a in tower.attentions if not a.cross]
        found = [step for a in own for step in attention_steps(findings.followed, a)]
        flags = {step.details.get("causal") for step in found}
        if len(flags) == 1 and (flag := flags.pop()) is not None:
            evidence = tuple(a.place.path for a in own[:2])
            yield Fact("is_causal", flag, "measured", tower.scope, evidence, text=sentence("causal" if flag else "not_causal"))


def contradictions(findings: Findings) -> Iterator[Fact]:
    """Each thing that the pass measured otherwise than the modules told, once."""
    for found in findings.contradictions:
        text = sentence("contradiction", path=found.place.path, name=found.key, told=found.told, value=found.measured)
        yield Fact(f"contradiction:{found.key}", found.told, "measured", found.place.path, (found.place.path,), text=text)

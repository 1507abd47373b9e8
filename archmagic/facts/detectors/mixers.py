"""What relates positions where attention does not."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..mixers import kind_of, over_positions
from ..names import classed
from ..sentence import sentence
from ..stacks import Tower


def kinds(findings: Findings) -> Iterator[Fact]:
    """mixer, of each tower whose blocks relate positions by one kind of thing other than attention."""
    for tower in findings.towers:
        found = dict(_kinds(findings, tower))
        if len(found) == 1:
            kind, path = found.popitem()
            yield Fact("mixer", kind, "named", tower.scope, (path,), text=sentence("mixer", value=kind))


def _kinds(findings: Findings, tower: Tower) -> Iterator[tuple[str, str]]:
    for stack in tower.stacks:
        for place in findings.places.under(stack.holder)[1:]:
            says = place.kind == "mixer" or classed("mixer", place.node.type)
            if says and (kind := kind_of(place)):
                yield kind, place.path
        for block in stack.blocks:
            mixing = None if tower.attentions else over_positions(findings.places, block)
            if mixing:
                yield "products over the positions", mixing.path

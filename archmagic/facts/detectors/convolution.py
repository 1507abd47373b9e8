"""Convolutional networks: input channels, stages, blocks in each."""

from __future__ import annotations

from collections.abc import Iterator

from ..fact import Fact
from ..findings import Findings
from ..sentence import sentence


def stages(findings: Findings) -> Iterator[Fact]:
    """Channels of the input, and of each stage its blocks; only where no attention or recurrence mixes positions."""
    if findings.towers or not findings.convolutions:
        return
    first = findings.convolutions[0]
    text = sentence("num_channels", value=first.n_in)
    yield Fact("num_channels", first.n_in, "named", "", (first.place.path,), text=text)
    for stage in findings.stages:
        path = stage.place.path
        yield Fact("num_blocks", stage.blocks, "measured", path, (path,), text=sentence("num_blocks", holder=path, value=stage.blocks))

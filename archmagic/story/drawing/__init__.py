"""What is drawn of a model: pictures, as data, from what is known of it. Where that is not enough, there is no picture."""

from __future__ import annotations

from collections.abc import Iterator

from ..picture import Picture
from ..telling import Telling
from .convolution import chain_picture, stage_pictures
from .whole import tower_pictures

__all__ = ["draw"]


def draw(telling: Telling) -> Iterator[Picture]:
    """Every picture, of each tower the one that shows most first."""
    if telling.findings.towers:
        yield from tower_pictures(telling)
    elif telling.findings.stages:
        yield from stage_pictures(telling)
    else:
        yield from chain_picture(telling)

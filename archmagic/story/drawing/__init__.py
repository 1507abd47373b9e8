"""What is drawn of a model: pictures, as data, from what is known of it. Where that is not enough, there is no picture."""

from __future__ import annotations

from collections.abc import Iterator

from ..picture import Picture
from ..telling import Telling
from .convolution import chain_picture, stage_pictures
from .followed import followed_pictures
from .whole import tower_pictures

__all__ = ["draw"]


def draw(telling: Telling) -> Iterator[Picture]:
    """Every picture, of each tower the one that shows most first."""
    if telling.findings.towers:
        yield from tower_pictures(telling)
        return
    for pictures in (followed_pictures, stage_pictures, chain_picture):
        if found := list(pictures(telling)):
            yield from found
            return

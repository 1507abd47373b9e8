"""A picture as data: what stands on the line that data takes, where it forks, and where the branches join again.

A figure is a series of items from the top down. `Box` is one step, `Group` a frame around a series (a block, an opened feed-forward),
`Fork` several branches side by side, of which an empty one is a skip connection, and `Mark` a word at an end of the line ("token ids").
What can be said so can be drawn without a layout engine, and anything else is not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..facts.fact import Basis


@dataclass(frozen=True, slots=True)
class Box:
    """One step: its label and kind as in a row of the tree, the path it stands for, a smaller second line (`note`), and what else goes in
    from the side ("the encoder's result")."""

    label: str
    kind: str
    path: str | None = None
    note: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A word: where data enters or leaves, or in place of what is not drawn ("…")."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """A frame around a series, which stands `times` ("12 ×") for equal ones."""

    label: str
    kind: str
    items: Items
    path: str | None = None
    times: str = ""


@dataclass(frozen=True, slots=True)
class Fork:
    """Branches side by side, each a series, that `join` in one result; () is a skip connection. Where they are `apart` each has a source
    of its own, else all start from what comes in. `said` is a word beside the join ("2 of 8")."""

    lanes: tuple[Items, ...]
    join: Literal["+", "×", "‖"] = "+"
    apart: bool = False
    said: str = ""


Item = Box | Mark | Group | Fork
Items = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn of one kind of block, or of a whole chain.

    Attributes:
        scope: path of the block it shows; "" for a chain that is the model.
        title: what it shows, as a caption and for those who hear it.
        items: from the input at the top to the output.
        basis: how far to trust it: the weakest of what it is drawn from.
        main: whether it is shown beside the explanation: the first of each tower.
    """

    scope: str
    title: str
    items: Items
    basis: Basis = "measured"
    main: bool = True


def residual(*body: Item) -> Fork:
    """What is added to what goes into it."""
    return Fork((body, ()))


def parts_of(items: Sequence[Item]) -> Iterator[Item]:
    """Every item, outer ones first."""
    stack = list(reversed(items))
    while stack:
        item = stack.pop()
        yield item
        if isinstance(item, Group):
            stack += reversed(item.items)
        elif isinstance(item, Fork):
            stack += (inner for lane in reversed(item.lanes) for inner in reversed(lane))


def picture_of(pictures: Iterable[Picture], path: str) -> Picture | None:
    """The first picture of a block that a path is in, or that it holds."""
    under = path + "." if path else ""
    return next((p for p in pictures if p.scope == path or path.startswith(f"{p.scope}.") or p.scope.startswith(under)), None)


def moved(items: Items, to: Callable[[str], str]) -> Items:
    """The items with their paths as `to` gives them."""
    return tuple(_moved(item, to) for item in items)


def _moved(item: Item, to: Callable[[str], str]) -> Item:
    if isinstance(item, Fork):
        return replace(item, lanes=tuple(moved(lane, to) for lane in item.lanes))
    if isinstance(item, Mark) or item.path is None:
        return replace(item, items=moved(item.items, to)) if isinstance(item, Group) else item
    if isinstance(item, Group):
        return replace(item, path=to(item.path), items=moved(item.items, to))
    return replace(item, path=to(item.path))

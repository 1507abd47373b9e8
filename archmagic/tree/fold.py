"""Builds trees bottom-up so that equal subtrees become one node and runs of equal siblings one child.

Every module read becomes an `Instance`. Two instances are equal when type, arguments, tensors, attributes and children
are. Integer attributes need care: `layer_idx` is 0, 1, 2 along a run and must not keep it from folding, `window` = 128
in one layer and 512 in the next must. So integers are kept beside the shape of a subtree, as a vector, and only
when the siblings are known does the folder decide which of them merely count along.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from .nodes import Child, Node, Repeat

LONGEST_PERIOD = 16
FEWEST_NAMED = 4
"""How many named siblings make a run: expert_0 to expert_7 do; fc1 and fc2, norm1 and norm2 are parts with roles of their own."""

NEVER_COUNTS = re.compile(
    r"num|size|dim|head|window|channel|feature|width|stride|kernel|dilation|padding|group|rank|token|vocab"
    r"|length|factor|scale|ratio|radius|bits|repeat|times|max|min"
)
"""Attributes whose integers say something about a layer, even where they happen to rise by one from layer to layer."""

NUMBERS_LAYERS = re.compile(r"(layer|block)_?(num|number)")
"""Those among them that are the layer's own number all the same."""

NUMBERED = re.compile(r"(.*?)(0|[1-9][0-9]{0,17})")


@dataclass(slots=True, eq=False)
class Instance:
    """A module as read: which shape its subtree has, the integers in it, and what marks it (sharing).

    Compared by identity, which makes it cheap to look up; readers keep one for modules that they know to be alike.
    """

    shape: int
    integers: tuple[int, ...] = ()
    mark: Hashable = None


class _Slot(NamedTuple):
    """A child of a shape: the run it stands for, the child's shape, and which of its integers it keeps."""

    name: str
    repeat: Repeat | None
    shape: int
    blank: tuple[bool, ...]


class Folder:
    """Collects the modules of one model, children before parents, and gives the folded root."""

    def __init__(self) -> None:
        self._kinds: dict[Hashable, int] = {}
        self._drafts: list[Node] = []
        """Of each kind; and below, which of its integers may count along."""
        self._counters: list[tuple[str, ...]] = []
        self._ids: dict[tuple[int, tuple[_Slot, ...]], int] = {}
        self._shapes: list[tuple[int, tuple[_Slot, ...]]] = []
        """Of each shape, its kind and its children."""
        self._folded: dict[tuple[tuple[str, Instance], ...], tuple[tuple[_Slot, ...], tuple[int, ...]]] = {}
        """The same children in modules that differ otherwise, as those that keep their number do."""

    def add(self, draft: Node, children: Sequence[tuple[str, Instance]] = (), mark: Hashable = None) -> Instance:
        """The instance of a module: `draft` holds all but the children. `mark` keeps it from folding with others."""
        return self.place(*self.kind(draft), children, mark)

    def kind(self, draft: Node) -> tuple[int, tuple[int, ...]]:
        """A number for all that drafts have in common which differ only in integers that may count along; and those integers."""
        counters = tuple(k for k, v in draft.attributes.items() if type(v) is int and may_count(k)) if draft.attributes else ()
        key = _key(draft, counters)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = self.new_kind(draft, counters)
        return kind, tuple([draft.attributes[name] for name in counters])  # type: ignore[misc]

    def new_kind(self, draft: Node, counters: tuple[str, ...]) -> int:
        """A number for a draft that its reader knows to be like none before; `counters` are its integers that may count along."""
        self._drafts.append(draft)
        self._counters.append(counters)
        return len(self._drafts) - 1

    def place(self, kind: int, integers: tuple[int, ...], children: Sequence[tuple[str, Instance]], mark: Hashable) -> Instance:
        """The instance of a module of that kind with its own integers and children."""
        slots, below = self._fold(tuple(children)) if children else ((), ())
        key = (kind, slots)
        shape = self._ids.get(key)
        if shape is None:
            shape = self._ids[key] = len(self._shapes)
            self._shapes.append(key)
        return Instance(shape, integers + below, mark)

    def _fold(self, children: tuple[tuple[str, Instance], ...]) -> tuple[tuple[_Slot, ...], tuple[int, ...]]:
        folded = self._folded.get(children)
        if folded is None:
            folded = self._folded[children] = _fold(children)
        return folded

    def is_bare(self, instance: Instance) -> bool:
        """Whether there is no tensor in it or below it."""
        shapes, seen = [instance.shape], {instance.shape}
        while shapes:
            kind, slots = self._shapes[shapes.pop()]
            if self._drafts[kind].tensors:
                return False
            below = {slot.shape for slot in slots} - seen
            seen |= below
            shapes += below
        return True

    def build(self, root: Instance) -> Node:
        """The folded tree below `root`, equal subtrees being one object."""
        built: dict[tuple[int, tuple[int | None, ...]], Node] = {}
        stack: list[tuple[int, tuple[int | None, ...]]] = [(root.shape, root.integers)]
        while stack:
            key = stack[-1]
            kind, slots = self._shapes[key[0]]
            counters = self._counters[kind]
            parts = _split(key[1], counters, slots)
            missing = []
            for part in parts:
                if part not in built:
                    inner, inside = self._shapes[part[0]]
                    if inside or self._counters[inner]:
                        missing.append(part)
                    else:
                        built[part] = self._drafts[inner]
            if missing:
                stack += missing
                continue
            stack.pop()
            if key not in built:
                built[key] = _node(self._drafts[kind], dict(zip(counters, key[1], strict=False)), slots, [built[part] for part in parts])
        return built[root.shape, root.integers]


def _node(draft: Node, integers: Mapping[str, int | None], slots: Sequence[_Slot], below: Sequence[Node]) -> Node:
    """The draft with its children, and with those of its integers that say something."""
    attributes = draft.attributes
    if integers:
        attributes = {k: integers.get(k, v) for k, v in attributes.items() if integers.get(k, 0) is not None}
    children = tuple([Child(slot.name, node, slot.repeat) for slot, node in zip(slots, below, strict=True)])
    d = draft
    return Node(
        d.type, d.args, d.settings, d.qualified, d.bases, attributes, d.config, d.tensors, children,
        d.style, d.verbatim, d.unread, d.notes, d.source, d.doc,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def may_count(attribute: str) -> bool:
    """Whether an integer attribute of this name may be the number of the layer, and no size."""
    return NEVER_COUNTS.search(attribute) is None or NUMBERS_LAYERS.fullmatch(attribute) is not None


def _key(draft: Node, counters: tuple[str, ...]) -> Hashable:
    attributes = tuple((k, type(v), v) for k, v in draft.attributes.items() if k not in counters)
    return (
        draft.type, draft.qualified, draft.args, draft.tensors, attributes, counters, draft.style, draft.verbatim,
        draft.unread, draft.notes, id(draft.config) if draft.config is not None else None,
    )  # fmt: skip


def _split(
    integers: tuple[int | None, ...], counters: tuple[str, ...], slots: tuple[_Slot, ...]
) -> list[tuple[int, tuple[int | None, ...]]]:
    """Deals a shape's integers out to its children; where a slot is blank the child gets None."""
    rest = iter(integers[len(counters) :])
    return [(slot.shape, tuple([None if blank else next(rest) for blank in slot.blank]) if slot.blank else ()) for slot in slots]


def _fold(children: Sequence[tuple[str, Instance]]) -> tuple[tuple[_Slot, ...], tuple[int, ...]]:
    """Runs among siblings, and the integers that remain after those that only count along are blanked."""
    numbers = [_number(name) for name, _ in children]
    if not any(numbers) and len(counting := [c.shape for _, c in children if c.integers]) == len(set(counting)):  # nothing runs or counts
        alone = tuple([_Slot(name, None, c.shape, (False,) * len(c.integers)) for name, c in children])
        return alone, tuple([value for _, c in children for value in c.integers])
    blanks = _blanks(children, numbers)
    kept = [tuple(v for v, blank in zip(c.integers, blanks[c.shape], strict=True) if not blank) if c.integers else () for _, c in children]
    slots: list[_Slot] = []
    integers: list[int] = []
    if any(numbers):
        runs = _runs([(c.shape, rest, c.mark) for (_, c), rest in zip(children, kept, strict=True)], numbers)
    else:
        runs = [(at, 1, 1) for at in range(len(children))]
    for start, period, count in runs:
        for at in range(start, start + period):
            name, instance = children[at]
            repeat = None
            if count > 1:
                prefix, number = numbers[at]  # type: ignore[misc]
                repeat = Repeat(count, number, period, period, prefix)
            blank = blanks[instance.shape] if instance.integers else ()
            slots.append(_Slot(name, repeat, instance.shape, blank))
            integers += kept[at]
    return tuple(slots), tuple(integers)


def _number(name: str) -> tuple[str, int] | None:
    """("expert_", 3) of expert_3; None where a name does not end in a number."""
    if name.isdecimal() and (name[0] != "0" or name == "0") and name.isascii() and len(name) <= 18:
        return "", int(name)
    match = NUMBERED.fullmatch(name) if name[-1:].isdigit() else None
    return (match[1], int(match[2])) if match else None


def _blanks(children: Sequence[tuple[str, Instance]], numbers: Sequence[tuple[str, int] | None]) -> dict[int, tuple[bool, ...]]:
    """For each shape among the siblings, which of its integers only count along them."""
    groups: dict[int, list[int]] = defaultdict(list)
    for at, (_, child) in enumerate(children):
        if child.integers:
            groups[child.shape].append(at)
    blanks = {}
    for shape, members in groups.items():
        if len(members) == 1:
            blanks[shape] = (False,) * len(children[members[0]][1].integers)
            continue
        places = [numbers[at][1] if numbers[at] else at for at in members]  # type: ignore[index]
        columns = zip(*(children[at][1].integers for at in members), strict=True)
        blanks[shape] = tuple(_counts_along(column, places) for column in columns)
    return blanks


def _counts_along(values: tuple[int, ...], places: list[int]) -> bool:
    """Whether the values rise evenly with the places. Two values only by one a place: any two different ones rise somehow."""
    first, second = values[0], values[1]
    if first == second:
        return False
    step, rest = divmod(second - first, places[1] - places[0]) if places[1] != places[0] else (0, 1)
    if rest or step < 1 or (len(values) == 2 and step != 1):
        return False
    return all(v - first == step * (p - places[0]) for v, p in zip(values, places, strict=True))


def _runs(keys: Sequence[Hashable], numbers: Sequence[tuple[str, int] | None]) -> list[tuple[int, int, int]]:
    """(start, period, count) from left to right, covering all; the period that reaches furthest wins, the shortest of equals."""
    ids: dict[Hashable, int] = {}
    codes = [ids.setdefault(key, len(ids)) for key in keys]
    stretch = _stretches(numbers)
    again = _again(codes)
    runs: list[tuple[int, int, int]] = []
    at = 0
    while at < len(codes):
        best = (at, 1, 1)
        if again[at] > LONGEST_PERIOD:
            runs.append(best)
            at += 1
            continue
        end = stretch[at]
        place = numbers[at]
        fewest = FEWEST_NAMED if place and place[0] else 2
        for period in range(again[at], min(LONGEST_PERIOD, (end - at) // 2) + 1):
            reach = at + period
            while reach < end and codes[reach] == codes[reach - period]:
                reach += 1
            count = (reach - at) // period
            if count > 1 and count * period >= max(fewest, best[1] * best[2] + 1) and _worth(period, count, codes[at:reach]):
                best = (at, period, count)
            if reach == end:
                break
        runs.append(best)
        at += best[1] * best[2]
    return runs


def _again(codes: Sequence[int]) -> list[int]:
    """For each sibling, how many places on the next of its kind stands: no shorter period begins there."""
    nearest: dict[int, int] = {}
    distances = [LONGEST_PERIOD + 1] * len(codes)
    for at in range(len(codes) - 1, -1, -1):
        code = codes[at]
        if code in nearest:
            distances[at] = nearest[code] - at
        nearest[code] = at
    return distances


def _worth(period: int, count: int, codes: Sequence[int]) -> bool:
    """Whether a period says it in no more rows than plain runs of equal neighbours would; where it comes but twice, in half of them."""
    if period == 1:
        return True
    plain = 1 + sum(a != b for a, b in zip(codes[: period * count], codes[1 : period * count], strict=False))
    return period <= plain if count > 2 else 2 * period <= plain


def _stretches(numbers: Sequence[tuple[str, int] | None]) -> list[int]:
    """For each sibling, where the consecutive numbering that it is part of ends."""
    ends = [0] * len(numbers)
    for at in range(len(numbers) - 1, -1, -1):
        here, after = numbers[at], numbers[at + 1] if at + 1 < len(numbers) else None
        goes_on = here is not None and after is not None and after == (here[0], here[1] + 1)
        ends[at] = ends[at + 1] if goes_on else at + 1
    return ends

"""Walking a folded tree, and paths into it.

`transformer.h.3.attn.c_attn` is one module, valid for `get_submodule`; `transformer.h.[0-11].attn.c_attn` a run,
`layers.[0-30:6]` one with a step, `experts.expert_[0-127]` a named one. The root's path is "".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .nodes import Child, Node

NUMBER = re.compile("0|[1-9][0-9]{0,17}")
SLICE = re.compile(r"\[([0-9]{1,18})-([0-9]{1,18})(?::([1-9][0-9]{0,17}))?\]")


class Visit(NamedTuple):
    """A node met at a place: its path, depth (root 0), and how many modules it stands for there."""

    path: str
    name: str
    node: Node
    depth: int
    multiplicity: int
    child: Child | None


def walk(root: Node, path: str = "") -> Iterator[Visit]:
    """Every node of the folded tree, parents first, in order."""
    stack = [Visit(path, path.rpartition(".")[2], root, 0, 1, None)]
    while stack:
        visit = stack.pop()
        yield visit
        if children := visit.node.children:
            stack += [_below(visit, child) for child in reversed(children)]


def _below(visit: Visit, child: Child) -> Visit:
    above, _, _, depth, times, _ = visit
    segment = child.segment
    path = f"{above}.{segment}" if above else segment
    return Visit(path, segment, child.node, depth + 1, times * child.count if child.repeat else times, child)


def join(path: str, segment: str) -> str:
    return f"{path}.{segment}" if path else segment


def parent(path: str) -> str:
    return path.rpartition(".")[0]


def expand(node: Node) -> Iterator[tuple[str, Child]]:
    """The children one by one as registered, runs written out, periods interleaved: (name, the child it falls into)."""
    children = iter(node.children)
    for child in children:
        if child.repeat is None:
            yield child.name, child
            continue
        group = [child, *itertools.islice(children, child.repeat.period - 1)]
        for names in zip(*(c.repeat.names() for c in group if c.repeat), strict=True):
            yield from zip(names, group, strict=True)


def find(root: Node, path: str) -> Visit | None:
    """The place of `path`, which may name a module, a run, or part of a run; None where there is none.

    The visit's path is the folded one: find(root, "h.3.attn").path is "h.[0-11].attn".
    """
    visit = Visit("", "", root, 0, 1, None)
    rest = path
    while rest:
        for child in visit.node.children:
            match = _match(child, rest)
            if match is not None:
                visit = _below(visit, child)
                rest = rest[len(match[0]) + 1 :]
                break
        else:
            return None
    return visit


def concrete(root: Node, path: str) -> list[str]:
    """All single modules that `path` stands for, in order; [] where the path leads nowhere."""
    paths = [""]
    node = root
    rest = path
    while rest:
        for child in node.children:
            match = _match(child, rest)
            if match is not None:
                head, names = match[0], list(match[1])
                paths = [join(p, name) for p in paths for name in names]
                node, rest = child.node, rest[len(head) + 1 :]
                break
        else:
            return []
    return paths


def _match(child: Child, rest: str) -> tuple[str, Iterable[str]] | None:
    """The head of `rest` that names this child, some of its run or all of it; and the single names that it stands for."""
    if rest.endswith("."):
        return None
    if rest == child.name or rest.startswith(child.name + "."):
        return child.name, (child.name,)
    repeat = child.repeat
    head = rest.partition(".")[0]
    if repeat is None or not head.startswith(repeat.prefix):
        return None
    numbers = _numbers(head[len(repeat.prefix) :])
    run = repeat.numbers
    if not numbers or numbers[0] not in run or numbers[-1] not in run or (len(numbers) > 1 and numbers.step % repeat.step):
        return None
    return head, (f"{repeat.prefix}{number}" for number in numbers)


def _numbers(text: str) -> range | None:
    """3 of `3`; 0, 2, 4 of `[0-4:2]`."""
    if NUMBER.fullmatch(text):
        return range(int(text), int(text) + 1)
    if match := SLICE.fullmatch(text):
        return range(int(match[1]), int(match[2]) + 1, int(match[3] or 1))
    return None

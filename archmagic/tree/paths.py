"""Walking a folded tree, and paths into it.

`transformer.h.3.attn.c_attn` is one module, valid for `get_submodule`; `transformer.h.[0-11].attn.c_attn` a run,
`layers.[0-30:6]` one with a step, `experts.expert_[0-127]` a named one. The root's path is "".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from .nodes import Child, Node


@dataclass(frozen=True, slots=True)
class Visit:
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
        for child in reversed(visit.node.children):
            stack.append(
                Visit(join(visit.path, child.segment), child.segment, child.node, visit.depth + 1, visit.multiplicity * child.count, child)
            )


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
    """The place of `path`, which may name a module, a run, or one module of a run; None where there is none.

    The visit's path is the folded one: find(root, "h.3.attn").path is "h.[0-11].attn".
    """
    visit = Visit("", "", root, 0, 1, None)
    rest = path
    while rest:
        for child in visit.node.children:
            head = _match(child, rest)
            if head is not None:
                visit = Visit(
                    join(visit.path, child.segment), child.segment, child.node, visit.depth + 1, visit.multiplicity * child.count, child
                )
                rest = rest[len(head) + 1 :]
                break
        else:
            return None
    return visit


def _match(child: Child, rest: str) -> str | None:
    """The head of `rest` that names this child."""
    for head in (child.segment, child.name):
        if rest == head or rest.startswith(head + "."):
            return head
    if child.repeat is None:
        return None
    head = rest.partition(".")[0]
    number = head[len(child.repeat.prefix) :]
    if not head.startswith(child.repeat.prefix) or not number.isdecimal() or str(int(number)) != number:
        return None
    repeat = child.repeat
    inside = repeat.first <= int(number) <= repeat.last and (int(number) - repeat.first) % repeat.step == 0
    return head if inside else None


def concrete(root: Node, path: str) -> list[str]:
    """All single modules that `path` stands for, in order; [] where the path leads nowhere."""
    paths = [""]
    node = root
    rest = path
    while rest:
        for child in node.children:
            head = _match(child, rest)
            if head is not None:
                whole = child.repeat is not None and head == child.segment
                names = list(child.repeat.names()) if whole and child.repeat else [head]
                paths = [join(p, name) for p in paths for name in names]
                node, rest = child.node, rest[len(head) + 1 :]
                break
        else:
            return []
    return paths

"""Prints a tree as PyTorch prints the model, to the letter, and tells which line belongs to which path.

PyTorch folds by rules of its own: only ModuleList, only equal neighbours, and by their text, so layers whose tensors
differ may fold there and not in our tree.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from .fold import NUMBERED
from .nodes import Child, Node
from .paths import expand, join


class Line(NamedTuple):
    """A printed line, the path of the module it belongs to, and whether it opens or closes that module."""

    text: str
    path: str
    role: str
    """"open", "close", "whole" (opens and closes), or "args"."""


def print_tree(root: Node) -> str:
    """The text `repr(model)` gives."""
    return "\n".join([line.text for line in print_lines(root)])


def print_lines(root: Node) -> Iterator[Line]:
    """The printed lines in order, each made when it is asked for. Paths are those of the folded tree: `h.[0-11]`."""
    alike = _Alike()
    # Of each open module: what is left of its children, its path, their indentation, that of blank lines, whether it closes.
    levels: list[tuple[Iterator[_Row], str, int, _Blank, bool]] = [(iter([("", "", root)]), "", 0, _Blank(0, 2), False)]
    while levels:
        rows, above, indent, blank, closes = levels[-1]
        row = next(rows, None)
        if row is None:
            levels.pop()
            if closes:
                yield Line(" " * (indent - 2) + ")", above, "close")
            continue
        head, segment, node = row
        path = join(above, segment)
        pad = " " * indent
        if node.style == "verbatim" or node.is_none:
            yield from _verbatim(head, node, path, indent, blank.around)
            continue
        if node.style == "models":
            levels.append(((("", segment, child) for _, segment, child in _rows(node, alike)), path, indent, blank, False))
            continue
        args = _args(node)
        if not node.children and not node.unread and len(args) <= 1:
            yield Line(f"{pad}{head}{node.type}({args[0] if args else ''})", path, "whole")
            continue
        yield Line(f"{pad}{head}{node.type}(", path, "open")
        for line in args:
            yield Line(f"{pad}  {line}" if line.strip() else " " * (blank.around + blank.own), path, "args")
        for line in node.unread:
            yield Line(line, path, "args")
        levels.append((_rows(node, alike), path, indent + 2, blank.below(node), True))


def count_lines(root: Node) -> int:
    """How many lines `print_lines` gives, in less time: of a deep model nearly all that it prints is indentation."""
    alike = _Alike()
    total = 0
    stack = [(root, 1)]
    while stack:
        node, times = stack.pop()
        if node.style == "verbatim" or node.is_none:
            total += times * (1 + (node.type if node.verbatim is None else node.verbatim).count("\n"))
            continue
        if node.style == "list":
            stack += [(child.node, times) for _, _, child in _runs(node, alike)]
        else:
            stack += [(child.node, times * child.count) for child in node.children]
        if node.style != "models":
            args = _args(node)
            total += times * (2 + len(args) + len(node.unread) if node.children or node.unread or len(args) > 1 else 1)
    return total


def _args(node: Node) -> list[str]:
    return [] if node.style == "list" or not node.args else node.args.split("\n")


class _Blank(NamedTuple):
    """How many spaces stand in a blank line of a module: those that lists around it add, and its own two.

    A list indents blank lines like all others. Any other module empties those of its children, which leaves only what lists
    further out add.
    """

    around: int
    own: int

    def below(self, node: Node) -> _Blank:
        if self.own and node.style == "list":
            return _Blank(self.around + 2, 2)
        return _Blank(self.around, 0) if self.own else self


def _verbatim(head: str, node: Node, path: str, indent: int, blank: int) -> Iterator[Line]:
    lines = (node.verbatim if node.verbatim is not None else node.type).split("\n")
    pad = " " * indent
    if len(lines) == 1:
        yield Line(pad + head + lines[0], path, "whole")
        return
    yield Line(pad + head + lines[0], path, "open")
    for at, line in enumerate(lines[1:], 2):
        yield Line(pad + line if line.strip() else " " * blank, path, "close" if at == len(lines) else "args")


_Row = tuple[str, str, Node]
"""Printed head, path segment and node of a line that PyTorch prints for a child."""


def _rows(node: Node, alike: _Alike) -> Iterator[_Row]:
    if node.style == "list":
        return ((_list_head(first, last), child.segment, child.node) for first, last, child in _runs(node, alike))
    return ((f"({name}): ", child.segment, child.node) for name, child in expand(node))


def _runs(node: Node, alike: _Alike) -> Iterator[tuple[int, int, Child]]:
    """The children of a list as they fold in print: the first number, the last, and the first child."""
    first = position = 0
    run: Child | None = None
    for _, child, count in _stretches(node):
        if run is None or not alike(child.node, run.node):
            if run is not None:
                yield first, position - 1, run
            first, run = position, child
        position += count
    if run is not None:
        yield first, position - 1, run


def _stretches(node: Node) -> Iterator[tuple[str, Child, int]]:
    """The children one by one with periods interleaved, but a plain run at once: a print may claim any number."""
    children = iter(node.children)
    for child in children:
        if child.repeat is None or child.repeat.period == 1:
            yield child.name, child, child.count
            continue
        group = [child, *itertools.islice(children, child.repeat.period - 1)]
        for names in zip(*(c.repeat.names() for c in group if c.repeat), strict=True):
            yield from ((name, each, 1) for name, each in zip(names, group, strict=True))


def _list_head(first: int, last: int) -> str:
    return f"({first}): " if first == last else f"({first}-{last}): {last - first + 1} x "


class _Alike:
    """Whether two nodes print alike."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._keys: dict[object, int] = {}

    def __call__(self, one: Node, other: Node) -> bool:
        if one is other:
            return True
        if one.style == other.style == "verbatim":
            return one.verbatim == other.verbatim
        if (one.type, one.args, one.unread, one.style) != (other.type, other.args, other.unread, other.style):
            return False
        if not one.children or not other.children:
            return bool(one.children) == bool(other.children)
        return self._id(one) == self._id(other)

    def _id(self, root: Node) -> int:
        """A number equal for nodes that print alike."""
        ids = self._ids
        stack = [root]
        while stack:
            node = stack[-1]
            missing = [c.node for c in node.children if id(c.node) not in ids]
            if missing and node.style != "verbatim":
                stack += missing
                continue
            stack.pop()
            if node.style == "verbatim":
                key: object = node.verbatim
            else:
                key = (node.type, node.args, node.unread, node.style, _below(node, ids))
            ids[id(node)] = self._keys.setdefault(key, len(self._keys))
        return ids[id(root)]


def _below(node: Node, ids: dict[int, int]) -> tuple[tuple[str, int, int, int], ...]:
    """The children as (name or prefix, first number, how many, id), the same however they fold in the tree; a list prints no names."""
    below: list[tuple[str, int, int, int]] = []
    position = 0
    for name, child, count in _stretches(node):
        match = NUMBERED.fullmatch(name)
        prefix, number = (match[1], int(match[2])) if match else (name, -1)
        if node.style == "list":
            prefix, number = "", position
        position += count
        here = ids[id(child.node)]
        if below and number >= 0 and (below[-1][0], below[-1][1] + below[-1][2], below[-1][3]) == (prefix, number, here):
            below[-1] = (prefix, below[-1][1], below[-1][2] + count, here)
        else:
            below.append((prefix, number, count, here))
    return tuple(below)

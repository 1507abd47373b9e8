"""The print with our folding, for where the whole of it does not fit: every run is one entry, as PyTorch shows runs in a ModuleList."""

from __future__ import annotations

from collections.abc import Iterator

from ..tree import Child, Node


def folded_lines(root: Node) -> Iterator[tuple[int, str]]:
    """(indentation, text) of each line of the printed model with each run, wherever it stands, as `(0-11): 12 x Block(`; rows that take
    turns are told by their step. A deep model would be nearly all indentation: it is left to who shows a line."""
    stack: list[int | tuple[str, Node, int]] = [("", root, 0)]
    while stack:
        entry = stack.pop()
        if isinstance(entry, int):
            yield entry, ")"
            continue
        head, node, indent = entry
        if node.style == "verbatim" or node.is_none:
            text = node.verbatim if node.verbatim is not None else node.type
            yield from ((indent, line) for line in (head + text).split("\n"))
            continue
        if node.style == "models":
            stack += [(_head(child) if child.repeat else "", child.node, indent) for child in reversed(node.children)]
            continue
        args = (node.args or "").split("\n") if node.style != "list" else [""]
        if not node.children and len(args) == 1:
            yield indent, f"{head}{node.type}({args[0]})"
            continue
        yield indent, f"{head}{node.type}("
        yield from ((indent + 2, line) for line in args if line)
        stack.append(indent)
        stack += [(_head(child), child.node, indent + 2) for child in reversed(node.children)]


def _head(child: Child) -> str:
    if child.repeat is None:
        return f"({child.name}): "
    return f"({child.segment.replace('[', '').replace(']', '')}): {child.count} x "

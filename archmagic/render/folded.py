"""The print with our folding, for where the whole of it does not fit: every run is one entry, as PyTorch shows runs in a ModuleList."""

from __future__ import annotations

from ..tree import Child, Node


def folded_print(root: Node) -> str:
    """The printed model with each run, wherever it stands, as `(0-11): 12 x Block(`; rows that take turns are told by their step."""
    lines: list[str] = []
    stack: list[str | tuple[str, Node, int]] = [("", root, 0)]
    while stack:
        entry = stack.pop()
        if isinstance(entry, str):
            lines.append(entry)
            continue
        head, node, indent = entry
        pad = " " * indent
        if node.style == "verbatim" or node.is_none:
            text = node.verbatim if node.verbatim is not None else node.type
            lines.append(pad + head + text.replace("\n", "\n" + pad))
            continue
        if node.style == "models":
            stack += [(_head(child) if child.repeat else "", child.node, indent) for child in reversed(node.children)]
            continue
        args = (node.args or "").split("\n") if node.style != "list" else [""]
        if not node.children and len(args) == 1:
            lines.append(f"{pad}{head}{node.type}({args[0]})")
            continue
        lines.append(f"{pad}{head}{node.type}(")
        lines += [f"{pad}  {line}" for line in args if line]
        stack.append(f"{pad})")
        stack += [(_head(child), child.node, indent + 2) for child in reversed(node.children)]
    return "\n".join(lines)


def _head(child: Child) -> str:
    if child.repeat is None:
        return f"({child.name}): "
    return f"({child.segment.replace('[', '').replace(']', '')}): {child.count} x "

"""The folded tree as rows for text and Markdown: what stands on each, and parameters that add up to the total."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..story.story import Part
from ..tree import Node
from . import turns
from .outline import outline

if TYPE_CHECKING:
    from ..explanation import Explanation

NO_PART = Part("")


class Row(NamedTuple):
    """One row. Texts are clean: one line, no control characters.

    `parameters` is "12 x 7,087,872" for a run, "(38,597,376)" where an earlier row counts them already, "" for none, "?" where nothing
    is known. `partial` says that some module in it may hold more, which a print does not show. The label ends in what is seen at a glance:
    what tells a row from its siblings, how the rows of a list follow each other ("attention: 4 × [5 sliding, 1 full]").
    """

    path: str
    depth: int
    name: str
    label: str
    kind: str
    badges: tuple[str, ...]
    parameters: str
    share: str
    partial: bool = False


def rows(explanation: Explanation) -> Iterator[Row]:
    """The rows that show as the explanation starts open, the root first."""
    shown, parts = outline(explanation), explanation.story.parts
    total = shown.root.counted
    stack = [shown.root]
    while stack:
        row = stack.pop()
        visit = row.visit
        path = visit.path
        is_open = path in shown.opened
        each, badges = parts.whole(path), parts.badges(path)
        yield Row(
            path, visit.depth, clean(_name(row)), _label(row, is_open), parts.kind(path),
            tuple(dict.fromkeys(map(clean, badges))) if badges else badges,
            _parameters(row, each), _share(row.counted, total), row.partial and each is not None,
        )  # fmt: skip
        if not is_open or not row.below:
            continue
        stack += reversed(row.below)
        if own := parts.own(path):
            names = ", ".join([f"{t.name} {t.shape}" for t in visit.node.tensors or () if t.kind == "parameter"])
            yield Row(
                path, visit.depth + 1, "", clean(f"its own {names or 'weights'}"), "other", (),
                _times(own, row.times), _share(own * row.times, total),
            )  # fmt: skip


def clean(text: str) -> str:
    """`text` on one line without control, bidirectional or unpaired characters: what comes from a model may hold escape sequences."""
    if text.isprintable() and "  " not in text and text == text.strip():
        return text
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


def _name(row: turns.Row) -> str:
    """As in its path; of turns, whose paths are many, as a person reads it."""
    child = row.visit.child
    return row.name if child and child.repeat and child.repeat.period > 1 else row.visit.name


def _label(row: turns.Row, is_open: bool) -> str:
    node, child = row.visit.node, row.visit.child
    times = f"{child.count * row.width} x " if child and child.repeat else ""
    args = f"({node.args})" if node.args else "" if node.children or node.is_none else "()"
    label = clean(f"{times}{node.type}{args}")
    if row.glance:
        label += f"  {clean(row.glance)}"
    if node.children and not is_open:
        label += f"  ({_size(node)} inside)"
    return label


def _size(node: Node) -> int:
    """How many rows of the tree are below the node's."""
    size = 0
    stack = [node]
    while stack:
        below = stack.pop().children
        size += len(below)
        stack += [child.node for child in below]
    return size


def _parameters(row: turns.Row, each: int | None) -> str:
    counted = row.counted
    if each is None or (not each and _is_lazy(row.visit.node)):
        return "?"
    if counted == each * row.times:
        return _times(each, row.times)
    return f"{counted:,}" if counted else f"({_times(each, row.times)})"


def _is_lazy(node: Node) -> bool:
    return any(tensor.shape is None and tensor.kind == "parameter" for tensor in node.tensors or ())


def _times(each: int, multiplicity: int) -> str:
    if each == 0:
        return ""
    return f"{multiplicity} x {each:,}" if multiplicity > 1 else f"{each:,}"


def _share(count: int, total: int) -> str:
    if not count or not total:
        return ""
    percent = 100 * count / total
    return "100 %" if count == total else f"{percent:.1f} %" if percent >= 0.05 else "< 0.1 %"

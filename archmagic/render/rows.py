"""The folded tree as rows for text and Markdown: what stands on each, and parameters that add up to the total."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ..story.story import Part
from ..tree import Node, Tree, Visit, walk

NO_PART = Part("")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Texts are clean: one line, no control characters.

    `parameters` is "12 x 7,087,872" for a run, "(38,597,376)" where an earlier row counts them already, "" for none, "?" where nothing
    is known. `partial` says that some module in it may hold more, which a print does not show.
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


def rows(tree: Tree, parts: Mapping[str, Part], open_paths: Collection[str]) -> Iterator[Row]:
    """The rows that show when the nodes at `open_paths` are open, the root first."""
    visits = list(walk(tree.root))
    counts, partial = counted(visits, parts)
    closed: int | None = None
    for at, visit in enumerate(visits):
        if closed is not None and visit.depth > closed:
            continue
        is_open = visit.path in open_paths
        closed = None if is_open else visit.depth
        part = parts.get(visit.path, NO_PART)
        known = part.num_parameters is not None
        yield Row(
            visit.path, visit.depth, clean(visit.name), _label(visit, is_open), part.kind, tuple(dict.fromkeys(map(clean, part.badges))),
            _parameters(visit, part, counts[at]), _share(counts[at], counts[0]), partial[at] and known,
        )  # fmt: skip
        own = part.num_own_parameters
        if own and visit.node.children and is_open:
            names = ", ".join(f"{t.name} {t.shape}" for t in visit.node.tensors or () if t.kind == "parameter")
            yield Row(
                visit.path, visit.depth + 1, "", clean(f"its own {names}"), "other", (),
                _times(own, visit.multiplicity), _share(own * visit.multiplicity, counts[0]),
            )  # fmt: skip


def clean(text: str) -> str:
    """`text` on one line without control, bidirectional or unpaired characters: what comes from a model may hold escape sequences."""
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


def _label(visit: Visit, is_open: bool) -> str:
    node = visit.node
    times = f"{visit.child.count} x " if visit.child and visit.child.repeat else ""
    args = f"({node.args})" if node.args else "" if node.children or node.is_none else "()"
    inside = 0 if is_open else _size(node)
    hidden = f"  ({inside} inside)" if inside else ""
    return clean(f"{times}{node.type}{args}") + hidden


def _size(node: Node) -> int:
    """How many rows the node's subtree has below it."""
    return sum(1 for _ in walk(node)) - 1 if node.children else 0


def counted(visits: list[Visit], parts: Mapping[str, Part]) -> tuple[list[int], list[bool]]:
    """What each row counts, and whether it may hold more: its own parameters and those of all rows below it, times the modules it
    stands for, shared ones once."""
    counts, partial = [0] * len(visits), [False] * len(visits)
    below: dict[int, tuple[int, bool]] = {}  # what the rows of each depth add up to, gathered from the last row to the first
    for at in range(len(visits) - 1, -1, -1):
        visit = visits[at]
        own = parts.get(visit.path, NO_PART).num_own_parameters
        inside, unknown = below.pop(visit.depth + 1, (0, False))
        counts[at] = (own or 0) * visit.multiplicity + inside
        partial[at] = own is None or unknown
        beside, unknown = below.get(visit.depth, (0, False))
        below[visit.depth] = (beside + counts[at], unknown or partial[at])
    return counts, partial


def _parameters(visit: Visit, part: Part, counted: int) -> str:
    each = part.num_parameters
    lazy = any(tensor.shape is None and tensor.kind == "parameter" for tensor in visit.node.tensors or ())
    if each is None or (lazy and not each):
        return "?"
    if counted == each * visit.multiplicity:
        return _times(each, visit.multiplicity)
    return f"{counted:,}" if counted else f"({_times(each, visit.multiplicity)})"


def _times(each: int, multiplicity: int) -> str:
    if each == 0:
        return ""
    return f"{multiplicity} x {each:,}" if multiplicity > 1 else f"{each:,}"


def _share(count: int, total: int) -> str:
    if not count or not total:
        return ""
    percent = 100 * count / total
    return "100 %" if count == total else f"{percent:.1f} %" if percent >= 0.05 else "< 0.1 %"

"""The static page: what an explanation looks like where no script runs. It reads well with every attribute and style removed.

GitHub drops styles, scripts and most attributes; an untrusted JupyterLab keeps `details`, `title` and hex colours. So the words carry it
all: nested lists for the tree, real text for the print, the basis in brackets. `escape` is the only way in for text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from ..story.story import Part, Section, Statement
from ..tree import Visit, parent, walk
from .diagram import drawings, image
from .escape import escape
from .folded import folded_print
from .kinds import color
from .outline import open_paths
from .rows import counted
from .turns import Row, rows

if TYPE_CHECKING:
    from ..explanation import Explanation

BUDGET = 30_000
"""Most bytes of the static page."""
PRINT_BUDGET = 9_000
STORY_BUDGET = 12_000
TREE_LEAST = 4_000

MARKS = {
    "derived": "arithmetic on what is measured",
    "config": "the model's config says so",
    "named": "follows from the name of a class",
    "assumed": "a convention, which may be wrong",
}


def static_html(explanation: Explanation, compact: bool = False) -> str:
    """The light DOM of the document, at most `BUDGET` bytes; what does not fit is counted in words."""
    story = explanation.story
    head = f"<p><b>{escape(story.title)}</b></p>" + "".join(f"<p>{escape(note)}</p>" for note in explanation.tree.notes)
    summary = f"<p>{escape(story.summary)}</p>" if story.summary else ""
    printed = _print(explanation)
    told = _story(story.sections)
    told = _pictures(explanation, BUDGET - TREE_LEAST - sum(len(piece.encode()) for piece in (head, summary, printed, told))) + told
    if compact:
        alone = not explanation.tree.root.children  # its row says it all
        told = "" if alone else f"<details><summary>Explanation</summary>{summary}{told}</details>"
    else:
        head += summary
    rest = BUDGET - sum(len(piece.encode()) for piece in (head, printed, told))
    return f"{head}{printed}{_tree(explanation, rest)}{told}"


def _pictures(explanation: Explanation, budget: int) -> str:
    """The main pictures, as many as fit, under what they show."""
    drawn = drawings(explanation)
    shown = [f"<p>{escape(picture.title)}{_mark(picture.basis)}</p><p>{image(picture, drawing)}</p>" for picture, drawing in drawn]
    sizes = accumulate(map(len, shown))
    return "".join(piece for piece, size in zip(shown, sizes, strict=True) if size <= budget)


def _print(explanation: Explanation) -> str:
    """The print to the letter; where that is long, with our folding, and of that what fits."""
    text = explanation.printed
    if len(text.encode("utf-8", "replace")) > PRINT_BUDGET:
        text = folded_print(explanation.tree.root)
    lines, shown, size = text.split("\n"), list[str](), 0
    for line in lines:
        kept = escape(line[:PRINT_BUDGET])
        size += len(kept.encode("utf-8", "replace")) + 1
        if size >= PRINT_BUDGET:
            break
        shown.append(kept)
    more = f"\n... {len(lines) - len(shown):,} more lines" if len(shown) < len(lines) else ""
    body = "\n".join(shown) + more
    return f'<details open><summary>Print</summary><pre style="overflow: auto; max-height: 320px">{body}</pre></details>'


def _tree(explanation: Explanation, budget: int) -> str:
    """Nested lists of as many rows as fit, taken level by level, so that what is left out is the deepest."""
    visits = list(walk(explanation.tree.root))
    parts = explanation.story.parts
    opened = open_paths(explanation.tree, explanation.depth)
    shown, _ = rows(visits, parts, *counted(visits, parts))
    kept: dict[str, str] = {}
    for row in sorted(shown, key=lambda row: row.visit.depth):
        text = _row(row, parts)
        budget -= len(text.encode("utf-8", "replace")) + (80 if row.visit.node.children else 10)
        if budget < 200 and kept:
            break
        kept[row.visit.path] = text
    body = "".join(_nested([row.visit for row in shown], kept, opened))
    return f"<details open><summary>Modules and parameters</summary><ul>{body}</ul></details>"


def _nested(visits: Sequence[Visit], kept: Mapping[str, str], opened: set[str]) -> Iterator[str]:
    below: dict[str, list[str]] = defaultdict(list)
    hidden: dict[str, int] = defaultdict(int)
    for visit in visits[1:]:
        if visit.path in kept:
            below[parent(visit.path)].append(visit.path)
        elif parent(visit.path) in kept:
            hidden[parent(visit.path)] += 1
    stack = [(visits[0].path, True)]
    while stack:
        path, is_row = stack.pop()
        if not is_row:
            yield path
        elif not below[path]:
            more = f" ... {hidden[path]:,} more inside" if hidden[path] else ""
            yield f"<li>{kept[path]}{more}</li>"
        else:
            yield f"<li><details{' open' if path in opened else ''}><summary>{kept[path]}</summary><ul>"
            more = f"<li>... {hidden[path]:,} more</li>" if hidden[path] else ""
            stack.append((f"{more}</ul></details></li>", False))
            stack += [(child, True) for child in reversed(below[path])]


def _row(row: Row, parts: Mapping[str, Part]) -> str:
    visit = row.visit
    part = parts.get(visit.path, Part(""))
    tone = color(part.kind)  # in the middle between light and dark: a sanitiser leaves no way to tell which it is
    kind = f'<span style="color: {tone}">{escape(visit.node.type)}</span>' if tone else escape(visit.node.type)
    if part.description:
        kind = f'<span title="{escape(part.description)}">{kind}</span>'
    words = [f"<code>{escape(row.name)}</code>"] if row.name else []
    if visit.child and visit.child.repeat:
        words.append(f"{visit.child.count * row.width:,} ×")
    words += [kind, escape(row.glance)] if row.glance else [kind]
    if part.badges:
        words.append(f"[{escape(', '.join(part.badges))}]")
    count = f": {_amount(part, row.times)}" if part.num_parameters != 0 else ""
    role = f". {escape(part.role)}{_mark(part.basis)}" if part.role else ""
    return f"{' '.join(words)}{count}{role}"


def _amount(part: Part, times: int) -> str:
    if part.num_parameters is None:
        return "parameters unknown"
    return f"{part.num_parameters:,} parameters" + (f" each, {part.num_parameters * times:,} in all" if times > 1 else "")


def _story(sections: Sequence[Section]) -> str:
    """The sections, as many statements as fit."""
    pieces: list[str] = []
    used: list[str] = []
    budget = STORY_BUDGET
    left_out = 0
    for section in sections:
        kept: list[Statement] = []
        for statement in section.statements:
            budget -= len(escape(statement.text + statement.label).encode("utf-8", "replace")) + 30
            if budget > 0:
                kept.append(statement)
        left_out += len(section.statements) - len(kept)
        if kept:
            pieces.append(f"<p><b>{escape(section.title)}</b></p>{_statements(section.style, kept)}")
            used += [statement.basis for statement in kept]
    if left_out:
        pieces.append(f"<p>... {left_out:,} more statements.</p>")
    legend = "; ".join(f"[{basis}] {meaning}" for basis, meaning in MARKS.items() if basis in used)
    if legend:
        pieces.append(f"<p><small>Unmarked: read off the model or its print; {escape(legend)}.</small></p>")
    return "".join(pieces)


def _statements(style: str, statements: Sequence[Statement]) -> str:
    texts = [(s.label, escape(s.text) + _mark(s.basis)) for s in statements]
    if style == "steps":
        return f"<ol>{''.join(f'<li>{text}</li>' for _, text in texts)}</ol>"
    if style == "parts":
        items = []
        for label, group in groupby(texts, key=lambda item: item[0]):
            name = f"<code>{escape(label)}</code>: " if label else ""
            items.append(f"<li>{name}{' '.join(text for _, text in group)}</li>")
        return f"<ul>{''.join(items)}</ul>"
    return f"<p>{' '.join(text for _, text in texts)}</p>"


def _mark(basis: str) -> str:
    return f" <small>[{basis}]</small>" if basis in MARKS else ""

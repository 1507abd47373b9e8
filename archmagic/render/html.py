"""The static page: what an explanation looks like where no script runs. It reads well with every attribute and style removed.

GitHub drops styles, scripts and most attributes; an untrusted JupyterLab keeps `details`, `title` and hex colours. So the words carry it
all: nested lists for the tree, real text for the print, the basis in brackets. `escape` is the only way in for text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from ..story.story import Part, Section
from .diagram import drawings, image
from .escape import escape
from .folded import folded_lines
from .kinds import color
from .outline import by_level, outline
from .printed import printed
from .rows import NO_PART
from .turns import Row

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
    "assumed": "a convention or a made-up choice, which may be wrong",
}


def static_html(explanation: Explanation, compact: bool = False) -> str:
    """The light DOM of the document, at most `BUDGET` bytes; what does not fit is counted in words."""
    story = explanation.story
    head = f"<p><b>{escape(story.title)}</b></p>" + "".join(f"<p>{escape(note)}</p>" for note in explanation.tree.notes)
    summary = f"<p>{escape(story.summary)}</p>" if story.summary else ""
    text = _print(explanation)
    told = _story(story.sections)
    told = _pictures(explanation, BUDGET - TREE_LEAST - sum(map(_size, (head, summary, text, told)))) + told
    if compact:
        alone = not explanation.tree.root.children  # its row says it all
        told = "" if alone else f"<details><summary>Explanation</summary>{summary}{told}</details>"
    else:
        head += summary
    rest = BUDGET - sum(map(_size, (head, text, told)))
    return f"{head}{text}{_tree(explanation, rest)}{told}"


def _size(text: str) -> int:
    """Bytes that a text takes; in case of lone surrogates, about."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _pictures(explanation: Explanation, budget: int) -> str:
    """The main pictures, as many as fit, under what they show."""
    drawn = drawings(explanation)
    shown = [f"<p>{escape(picture.title)}{_mark(picture.basis)}</p><p>{image(picture, drawing)}</p>" for picture, drawing in drawn]
    sizes = accumulate(map(len, shown))
    return "".join(piece for piece, size in zip(shown, sizes, strict=True) if size <= budget)


def _print(explanation: Explanation) -> str:
    """The print to the letter; where that is long, with our folding, and of that what fits."""
    text = printed(explanation).within(PRINT_BUDGET)
    lines: Iterator[tuple[int, str]]
    if text is None or _size(text) > PRINT_BUDGET:
        lines = folded_lines(explanation.tree.root)
    else:
        lines = ((0, line) for line in text.split("\n"))
    shown, size, more = list[str](), 0, ""
    for indent, line in lines:
        kept = escape(f"{' ' * indent}{line}"[:PRINT_BUDGET])
        size += _size(kept) + 1
        if size >= PRINT_BUDGET:
            more = f"\n... {1 + sum(1 for _ in lines):,} more lines"
            break
        shown.append(kept)
    body = "\n".join(shown) + more
    return f'<details open><summary>Print</summary><pre style="overflow: auto; max-height: 320px">{body}</pre></details>'


def _tree(explanation: Explanation, budget: int) -> str:
    """Nested lists of as many rows as fit, taken level by level, so that what is left out is the deepest."""
    shown, parts = outline(explanation), explanation.story.parts
    kept: dict[Row, str] = {}
    for row in by_level(shown.root):
        text = _row(row, parts.get(row.visit.path, NO_PART))
        budget -= _size(text) + (80 if row.visit.node.children else 10)
        if budget < 200 and kept:
            break
        kept[row] = text
    body = "".join(_nested(shown.root, kept, shown.opened))
    return f"<details open><summary>Modules and parameters</summary><ul>{body}</ul></details>"


def _nested(root: Row, kept: Mapping[Row, str], opened: set[str]) -> Iterator[str]:
    stack: list[Row | str] = [root]
    while stack:
        row = stack.pop()
        if isinstance(row, str):
            yield row
            continue
        below = [inner for inner in row.below if inner in kept]
        hidden = len(row.below) - len(below)
        if not below:
            more = f" ... {hidden:,} more inside" if hidden else ""
            yield f"<li>{kept[row]}{more}</li>"
        else:
            yield f"<li><details{' open' if row.visit.path in opened else ''}><summary>{kept[row]}</summary><ul>"
            more = f"<li>... {hidden:,} more</li>" if hidden else ""
            stack.append(f"{more}</ul></details></li>")
            stack += reversed(below)


def _row(row: Row, part: Part) -> str:
    visit = row.visit
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
    used: set[str] = set()
    budget = STORY_BUDGET
    left_out = 0
    for section in sections:
        kept: list[tuple[str, str]] = []
        for statement in section.statements:
            label, text = escape(statement.label), escape(statement.text)
            budget -= _size(label) + _size(text) + 30
            if budget > 0:
                kept.append((label, text + _mark(statement.basis)))
                used.add(statement.basis)
        left_out += len(section.statements) - len(kept)
        if kept:
            pieces.append(f"<p><b>{escape(section.title)}</b></p>{_statements(section.style, kept)}")
    if left_out:
        pieces.append(f"<p>... {left_out:,} more statements.</p>")
    legend = "; ".join([f"[{basis}] {meaning}" for basis, meaning in MARKS.items() if basis in used])
    if legend:
        pieces.append(f"<p><small>Unmarked: read off the model or its print; {escape(legend)}.</small></p>")
    return "".join(pieces)


def _statements(style: str, told: Sequence[tuple[str, str]]) -> str:
    """Statements, each (label, text) as HTML."""
    if style == "steps":
        return f"<ol>{''.join([f'<li>{text}</li>' for _, text in told])}</ol>"
    if style == "parts":
        items = []
        for label, group in groupby(told, key=itemgetter(0)):
            name = f"<code>{label}</code>: " if label else ""
            items.append(f"<li>{name}{' '.join([text for _, text in group])}</li>")
        return f"<ul>{''.join(items)}</ul>"
    return f"<p>{' '.join([text for _, text in told])}</p>"


def _mark(basis: str) -> str:
    return f" <small>[{basis}]</small>" if basis in MARKS else ""

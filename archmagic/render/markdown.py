"""An explanation as Markdown (GitHub's flavour). Texts from a model are escaped: they make no markup, no HTML and no link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..story.story import Section
from .rows import Row, clean, rows
from .text import in_order, labelled, marks_used, row_notes, running

if TYPE_CHECKING:
    from ..explanation import Explanation


def to_markdown(explanation: Explanation) -> str:
    """The whole explanation: title, summary, the parts as nested bullets with their parameters, and what is said of them."""
    story = explanation.story
    opening, sections = in_order(story)
    shown = list(rows(explanation))
    blocks = [f"# {escape(story.title)}", escape(opening), "## Parts and their parameters", "\n".join(map(_bullet, shown))]
    blocks += map(escape, row_notes(shown))
    for section in sections:
        blocks += [f"## {escape(section.title)}", "\n".join(_section(section))]
    if legend := marks_used(story.sections):
        blocks.append(f"*{escape(legend)}*")
    return "\n\n".join(block for block in blocks if block) + "\n"


def escape(text: str) -> str:
    """`text` so that Markdown shows it to the letter."""
    text = clean(text).replace("&", "&amp;").replace("<", "&lt;")
    text = re.sub(r"([\\`*\[\]|~$])", r"\\\1", text)
    text = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)  # inside a word (c_attn) an underscore is only itself
    text = re.sub(r"^([#+=>-]|\d+(?=[.)]))", lambda found: f"{found[1][:-1]}&#{ord(found[1][-1])};", text)
    # GitHub makes links and mentions of these even in plain text.
    return text.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")


def code(text: str) -> str:
    """`text` as inline code, fenced by more backticks than it holds."""
    text = clean(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}" if text else ""


def _section(section: Section) -> Iterator[str]:
    if section.style == "steps":
        for number, statement in enumerate(section.statements, 1):
            yield f"{number}. {escape(running([statement]))}"
    elif section.style == "parts":
        for label, statements in labelled(section):
            yield f"- {f'{code(label)}: ' if label else ''}{escape(running(statements))}"
    else:
        yield escape(running(section.statements))


def _bullet(row: Row) -> str:
    name = f"{code(row.name)}: " if row.name else ""
    badges = f" *{escape(', '.join(row.badges))}*" if row.badges else ""
    numbers = f": {row.parameters}{'+' * row.partial}" if row.parameters else ""
    share = f" ({row.share.replace('<', 'under')})" if row.share else ""
    return f"{'  ' * row.depth}- {name}{code(row.label)}{badges}{numbers}{share}"

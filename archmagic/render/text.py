"""An explanation as plain text, for a terminal or a file; in colour where the terminal can."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING

from ..story.story import Section, Statement, Story
from .outline import outline
from .rows import Row, clean, rows

if TYPE_CHECKING:
    from ..explanation import Explanation

Paint = Callable[[str, str], str]
"""(text, style) -> the text, painted or as it was."""

KIND_STYLES = {
    "embedding": "green", "position": "green", "attention": "magenta", "feed-forward": "blue", "experts": "blue", "mixer": "magenta",
    "normalization": "yellow", "convolution": "cyan", "recurrent": "cyan", "pooling": "cyan", "linear": "blue", "head": "red",
    "adapter": "red", "activation": "bright_black", "regularization": "bright_black", "container": "", "block": "bold", "model": "bold",
}  # fmt: skip

MARKS = {
    "derived": "arithmetic on that",
    "config": "the model's config says so",
    "named": "follows from the name of a class or attribute",
    "assumed": "a convention or a made-up choice, which may not hold here",
}
"""What each mark means. A measured statement has none."""

GLUE = "\N{NO-BREAK SPACE}"
"""Keeps a mark on the line of the word before it, and a shape on one line. `clean` leaves none in a text."""

SHAPE = re.compile(r"\([A-Z](, [\w.]+)+\)")
"""A shape of data, as (B, T, 768)."""


def to_text(explanation: Explanation, width: int = 100, color: bool = False, most_rows: int | None = None) -> str:
    """The whole explanation: title, summary, the parts with their parameters, what is said of them, and what the marks mean.

    `width` is in columns; `color` adds ANSI colours, else the text holds no control characters but line ends. Of more than `most_rows` the
    first are listed, and the others counted.
    """
    paint = _painter() if color else _plain
    width = max(width, 40)
    opening, sections = in_order(explanation.story)
    blocks = [
        _heading(explanation.story.title, paint, "="),
        "\n".join(_wrapped(opening, width, paint)),
        _tree(explanation, width, paint, most_rows),
    ]
    for section in sections:
        blocks.append("\n".join([_heading(section.title, paint, "-"), *_section(section, width, paint)]))
    if legend := marks_used(explanation.story.sections):
        blocks.append("\n".join(_small_print(legend, width, paint)))
    return "\n\n".join(block for block in blocks if block)


def in_order(story: Story) -> tuple[str, Sequence[Section]]:
    """The opening paragraph and the sections after it. A first section that is the summary, with its marks, stands for it."""
    first = story.sections[0] if story.sections else None
    if first and clean(" ".join(statement.text for statement in first.statements)) == clean(story.summary):
        return running(first.statements), story.sections[1:]
    return clean(story.summary), story.sections


def mark(statement: Statement) -> str:
    """The suffix that tells how far to trust the statement."""
    return f"{GLUE}[{statement.basis}]" if statement.basis in MARKS else ""


def marks_used(sections: Sequence[Section]) -> str:
    """One sentence on the marks that occur; "" where none does."""
    bases = {statement.basis for section in sections for statement in section.statements}
    used = [f"[{basis}] {meaning}" for basis, meaning in MARKS.items() if basis in bases]
    return f"Marks: none, read off the model or its print; {'; '.join(used)}." if used else ""


def labelled(section: Section) -> Iterator[tuple[str, list[Statement]]]:
    """(label, what is said of it): neighbours under one label together."""
    for label, group in groupby(section.statements, key=lambda statement: statement.label):
        yield clean(label), list(group)


def running(statements: Sequence[Statement]) -> str:
    """The statements as one running text, each with its mark."""
    return " ".join([clean(statement.text) + mark(statement) for statement in statements])


def _section(section: Section, width: int, paint: Paint) -> Iterator[str]:
    if section.style == "steps":
        for number, statement in enumerate(section.statements, 1):
            yield from _wrapped(running([statement]), width, paint, f"{number:>3}. ", " " * 5)
    elif section.style == "parts":
        for label, statements in labelled(section):
            head = f"{label}: " if label else ""
            lines = list(_wrapped(head + running(statements), width, paint, "  ", "      "))
            lines[0] = lines[0].replace(head.rstrip(), paint(head.rstrip(), "bold"), 1) if head else lines[0]
            yield from lines
    else:
        yield from _wrapped(running(section.statements), width, paint)


def _wrapped(text: str, width: int, paint: Paint, first: str = "", rest: str = "") -> Iterator[str]:
    if "(" in text:
        text = SHAPE.sub(lambda shape: shape[0].replace(" ", GLUE), text)
    for line in _lines(text, width, first, rest):
        line = line.replace(GLUE, " ")
        if "[" in line and paint is not _plain:
            for basis in MARKS:
                line = line.replace(f"[{basis}]", paint(f"[{basis}]", "bright_black"))
        yield line


def _lines(text: str, width: int, first: str = "", rest: str = "") -> Iterator[str]:
    """The words in lines of at most `width` columns, a longer word on its own. (textwrap takes five times as long.)"""
    line, start = first + text, len(first)
    while len(line) > width:
        at = line.rfind(" ", start, width + 1)
        if at < 0 and (at := line.find(" ", max(start, width))) < 0:
            break
        yield line[:at]
        line, start = rest + line[at + 1 :], len(rest)
    yield line


def _small_print(text: str, width: int, paint: Paint) -> list[str]:
    return [paint(line, "bright_black") for line in _lines(text, width)]


def _heading(title: str, paint: Paint, rule: str) -> str:
    title = clean(title)
    return f"{paint(title, 'bold')}\n{paint(rule * len(title), 'bright_black')}"


def _tree(explanation: Explanation, width: int, paint: Paint, most_rows: int | None) -> str:
    shown = list(islice(rows(explanation), most_rows))
    left_out = outline(explanation).count_shown() - len({row.path for row in shown}) if len(shown) == most_rows else 0
    any_partial = any(row.partial for row in shown)
    numbers = max(len("Parameters"), *(len(row.parameters) + any_partial for row in shown))
    shares = max(len("Share"), *(len(row.share) for row in shown))
    room = max(24, width - numbers - shares - 4)
    labels = [_row_text(row, room) for row in shown]
    left = max(map(len, labels))
    lines = [paint(f"{'Part':<{left}}  {'Parameters':>{numbers}}  {'Share':>{shares}}", "bright_black")]
    for row, label in zip(shown, labels, strict=True):
        more = "+" if row.partial and row.parameters else " " if any_partial else ""
        cells = f"{row.parameters}{more}".rjust(left - len(label) + 2 + numbers) + row.share.rjust(2 + shares)
        lines.append((paint(label, KIND_STYLES.get(row.kind, "")) + cells).rstrip())
    if left_out:
        lines.append(paint(f"... {left_out:,} more rows; to_text() has them all", "bright_black"))
    return "\n".join([*lines, *(line for note in row_notes(shown) for line in _small_print(note, width, paint))])


def row_notes(shown: Sequence[Row]) -> list[str]:
    """What must be said of the numbers in the rows."""
    notes = []
    if any(row.parameters.startswith("(") for row in shown):
        notes.append("Numbers in brackets are counted in an earlier row, which holds the same weights.")
    if any(row.partial for row in shown):
        notes.append("+ marks what may hold more parameters, which no print shows.")
    return notes


def _row_text(row: Row, room: int) -> str:
    """Name, type and badges in at most `room` columns; the arguments are what is cut."""
    text = f"{'  ' * row.depth}{row.name}: {row.label}" if row.name else f"{'  ' * row.depth}{row.label}"
    if not row.badges and len(text) <= room:
        return text
    badges = f"  [{', '.join(row.badges)}]" if row.badges else ""
    left = max(room - len(badges), 12)
    return (text if len(text) <= left else f"{text[: left - 3]}...") + badges


def _plain(text: str, style: str) -> str:
    return text


def _painter() -> Paint:
    from rich.color import ColorSystem
    from rich.style import Style

    def paint(text: str, style: str) -> str:
        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD) if style else text

    return paint

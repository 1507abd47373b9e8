"""What archmagic raises. Nothing else escapes for bad input.

ArchmagicError
 ├── PrintedModelError   a text that cannot be read as a printed model: has line, column, the line, what was expected
 ├── ModelError          an object that is no model, or a module that cannot be read at all
 └── UnknownPathError    a path that leads nowhere in this model: has the nearest paths
"""

from __future__ import annotations


class ArchmagicError(Exception):
    """The base of all errors that archmagic raises."""


class PrintedModelError(ArchmagicError):
    """A text that cannot be read as a printed model; the message shows the line, marks the place, and says what was expected there.

    Paste what `print(model)` gives, from the line with the class name to the closing parenthesis.

    Attributes:
        line: 1-based line number in the text given.
        column: 1-based column in that line.
        source: the line itself.
        expected: what was expected there, in English.
    """

    def __init__(self, problem: str, *, line: int, column: int, source: str, expected: str) -> None:
        self.line, self.column, self.source, self.expected = line, column, source, expected
        shown, at = _window(source, column)
        super().__init__(f"line {line}, column {column}: {problem}\n\n    {shown}\n    {' ' * at}^\n\nExpected {expected}.")


def _window(source: str, column: int, width: int = 100) -> tuple[str, int]:
    """The part of a long line around the column, and where the marker goes in it."""
    start = max(0, min(column - 1 - width // 2, len(source) - width))
    shown = source[start : start + width]
    left, right = "..." if start else "", "..." if start + width < len(source) else ""
    return left + "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown) + right, column - 1 - start + len(left)


class ModelError(ArchmagicError):
    """An object that is no model, or a module that cannot be read at all; the message names what was given and what `explain` takes."""


class UnknownPathError(ArchmagicError):
    """A path that leads nowhere in the model explained.

    Attributes:
        path: the path given.
        nearest: up to three paths of the model that look like it, named in the message too.
    """

    def __init__(self, path: str, nearest: tuple[str, ...] = ()) -> None:
        self.path, self.nearest = path, nearest
        hint = f" Did you mean {' or '.join(repr(p) for p in nearest)}?" if nearest else ""
        super().__init__(f"There is no module {path!r} in this model.{hint}")

"""The words of a printed model, and a cursor over its lines.

A rule matches at the cursor and never looks past the end of its line. All patterns are linear: no text makes them backtrack
over what they have read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

TYPE = r"[^\W\d][\w.]*+(?:\[[\w., ]*+\]|<[\w., ]*+>)?"
HEAD = r"\((?P<name>[^\s()][^()\n]*+)\): +"

RULES: dict[str, re.Pattern[str]] = {
    "child": re.compile(rf"{HEAD}(?P<run>(?P<count>[0-9]{{1,18}}) x )?(?:(?P<type>{TYPE})(?P<space> ?)\(|(?P<none>None)(?= *(?:$|[()])))"),
    "head": re.compile(rf"{HEAD}(?=\S)"),
    "step": re.compile(rf"\((?P<name>[^\s()][^()\n]*+)\) - (?P<type>{TYPE})\("),
    "module": re.compile(rf"(?P<type>{TYPE})(?P<space> ?)\("),
    "simple": re.compile(r"(?P<args>(?:[^()\[\]{}'\"]++|\([^()'\"]*+\))*+)\) *$"),
    "tensor": re.compile(
        r" *\((?P<name>[^()\n]*+)\): (?:(?P<kind>Parameter|Tensor) containing: [\[(](?P<dtype>[\w.]+) of size (?P<shape>[0-9x]*+)"
        r"(?: \((?P<device>[^()]*+)\))?[\])]|(?P<object>Object of type: \S+))"
    ),
    "fence": re.compile(r"(?:```|~~~)"),
}
"""child: `(attn): GPT2Attention(`, `(0-11): 12 x GPT2Block(` or `(bn): None`. head: the `(attn): ` alone. step: `(0) - GCNConv(`.
module: `GPT2Model(`. simple: the rest of a module that ends on its line and needs no closer look. tensor: a line of a ParameterList."""

HELD = re.compile(rf"(?:^|(?<=[\s,(]))(?P<name>[^\W\d]\w*+)=(?P<type>{TYPE})(?P<space> ?)\($")
LAST = re.compile(rf"(?<![\w.])(?P<name>)(?P<type>{TYPE})(?P<space> ?)\($")
LONGEST_HEAD = 1_000
"""Characters of a line in which an argument is looked for that is a module and goes on in the next lines."""

SPACES = re.compile(" *")
BRACKETS = re.compile(r"""\\.|[()\[\]{}]|(?<!\w)(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")""")


class Cursor:
    """A place in the lines of a paste, reading one model at a time.

    Attributes:
        row, at: the line and the column it stands at, 0-based.
        line: that line without what stands before every line of the model (`> `, `# `, indentation).
        indent: how many spaces the line starts with.
        fresh: whether nothing of the line was read yet.
        blanks: how many blank lines were skipped to get here.
        seen: the column before spaces were skipped.
        first: row and column of the model's first letter.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.row = self.at = self.seen = self.indent = self.blanks = 0
        self.line = self.prefix = ""
        self.first = (0, 0)
        self.fresh = True

    def begin(self, row: int, column: int, prefix: str) -> None:
        """Stands at a model's first letter; `prefix` is taken off the lines after it."""
        self.row, self.prefix, self.line = row, prefix, self.lines[row][column:]
        self.first = (row, column)
        self.at = self.seen = self.indent = self.blanks = 0
        self.fresh = True

    def match(self, rule: str) -> re.Match[str] | None:
        return RULES[rule].match(self.line, self.at)

    def to_content(self) -> bool:
        """Goes on to the next character that is no space, over line ends. False at the end of the text."""
        self.seen, self.fresh, self.blanks = self.at, self.at == 0, 0
        while True:
            start = after_spaces(self.line, self.at)
            if start < len(self.line):
                self.at = start
                if self.fresh:
                    self.indent = self.at
                return True
            if self.row + 1 >= len(self.lines):
                return False
            self.blanks += self.at == 0
            self.row += 1
            self.line, self.at, self.seen, self.fresh = self.bare(self.row), 0, 0, True

    def bare(self, row: int) -> str:
        """A line of the model without the prefix."""
        return without(self.lines[row], self.prefix)


def after_spaces(line: str, at: int) -> int:
    return SPACES.match(line, at).end()  # type: ignore[union-attr]


def without(line: str, prefix: str) -> str:
    """The line without a prefix that all lines of a model share; of an indentation, as much as is there."""
    if line.startswith(prefix):
        return line[len(prefix) :]
    if not prefix.strip():
        return line.lstrip(" ")
    return "" if line.rstrip() == prefix.rstrip() else line


def arguments_end(line: str, at: int, depth: int, loose: bool) -> tuple[int, int]:
    """Where argument text from `at` ends in its line, and how many brackets are open there; `depth` were open before.

    Where `loose`, it also ends before a child and before the bracket that closes the module; else it goes on to the line's end.
    """
    for mark in BRACKETS.finditer(line, at):
        sign = mark[0]
        if sign in "([{":
            if loose and depth == 0 and RULES["child"].match(line, mark.start()):
                return mark.start(), 0
            depth += 1
        elif sign in ")]}":
            if depth == 0 and loose and sign == ")":
                return mark.start(), 0
            depth = max(0, depth - 1)
    return len(line), depth


def held_in(line: str, at: int) -> re.Match[str] | None:
    """The module that an argument from `at` on starts to print, on the next lines: `nn=Sequential(`. Its name is "" where it stands within
    other brackets, in a list or a call."""
    end = len(line.rstrip(" "))
    if line[end - 1 : end] != "(" or not 0 < end - at <= LONGEST_HEAD:
        return None
    unclosed: list[int] = []
    for mark in BRACKETS.finditer(line, at, end):
        if mark[0] in "([{":
            unclosed.append(mark.start())
        elif mark[0] in ")]}" and unclosed:
            unclosed.pop()
    return (unclosed and HELD.search(line, at, unclosed[0] + 1)) or LAST.search(line, at, end)

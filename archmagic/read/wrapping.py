"""Takes off what a clipboard, a terminal or a notebook wraps around a printed model."""

from __future__ import annotations

import html
import re

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_]|$)|[\x00-\x08\x0e-\x1f\x7f]")
BARE_COLOUR = re.compile(r"\[[0-9]{1,3}(?:;[0-9]{1,3})*m")
LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
INVISIBLE = {ord(c): None for c in "\u200b\u200c\u200d\u2060\ufeff\u00ad"} | {ord(c): " " for c in "\u00a0\u2007\u202f"}
NUMBER = re.compile(r" *([0-9]{1,9})(?:\t| ?[:|] ?| |$)")
ENTITY = re.compile(r"&(?:nbsp|lt|gt|amp|quot|apos|#39|#x27|#160);")
CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
STAMP = re.compile(rf"[\[(]?(?:[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}[T ]|[A-Z][a-z]{{2}} [ 0-9][0-9] )?{CLOCK}")
"""When a line was logged: 2026-01-31 12:00:00,123 or [12:00:00 or 2026-01-31T12:00:00.123Z or Jan 31 12:00:00."""
TAB_STOP = 8
NARROWEST = 40
"""Columns of the narrowest terminal whose line breaks are mended."""


def clean(text: str) -> tuple[list[str], list[int]]:
    """The lines without colours, carriage returns, tabs and invisible characters, and the number of each in the text given."""
    if "(\\n" in text and "\n" not in text.strip():
        text = text.replace("\\n", "\n")
    text = LINE_ENDS.sub("\n", text)
    text = ANSI.sub("", text)
    if "[0m" in text:
        text = BARE_COLOUR.sub("", text)
    if not text.isascii():
        text = text.translate(INVISIBLE)
    if "&nbsp;" in text or "&#" in text:  # copied from a page's source
        text = ENTITY.sub(lambda entity: html.unescape(entity[0]).replace("\u00a0", " "), text)
    lines = _unstamp(_unnumber(text.split("\n")))
    if "\t" in text:
        lines = _untab(lines)
    if sum(line[-1:] == " " for line in lines) > len(lines) / 2:
        lines = [line.rstrip() for line in lines]
    lines, numbers = _unwrap(lines)
    if _double_spaced(lines):
        filled = [at for at, line in enumerate(lines) if line.strip()]
        return [lines[at] for at in filled], [numbers[at] for at in filled]
    return lines, numbers


def _unnumber(lines: list[str]) -> list[str]:
    """Without line numbers, where every line has the next one, as editors and `cat -n` show them."""
    first = NUMBER.match(lines[0])
    if not first or len(lines) < 3:
        return lines
    bare = []
    for number, line in enumerate(lines, int(first[1])):
        match = NUMBER.match(line)
        if match and int(match[1]) == number:
            bare.append(line[match.end() :])
        elif line.strip() or len(bare) < len(lines) - 1:
            return lines
    return bare


def _unstamp(lines: list[str]) -> list[str]:
    """Without the times at which a log has most lines; what stands after them in each is a prefix like any other."""
    stamps = [STAMP.match(line) for line in lines]
    if len(lines) < 3 or sum(map(bool, stamps)) < 0.8 * sum(bool(line.strip()) for line in lines):
        return lines
    return [line[stamp.end() :] if stamp else line for line, stamp in zip(lines, stamps, strict=True)]


def _untab(lines: list[str]) -> list[str]:
    """Tabs as spaces: two for each where lines are indented by tabs alone, else to stops of eight as terminals and editors have it."""
    mixed = any(line[:1] == " " and line.strip() for line in lines)
    if not mixed:
        depths = [len(line) - len(line.lstrip("\t")) for line in lines]
        lines = ["  " * depth + line[depth:] for depth, line in zip(depths, lines, strict=True)]
    return [line.expandtabs(TAB_STOP) for line in lines]


def _unwrap(lines: list[str]) -> tuple[list[str], list[int]]:
    """Joins again what a narrow terminal has broken: a line of its full width whose rest stands at the left edge of the next."""
    width = max(map(len, lines))
    if width < NARROWEST:
        return lines, list(range(1, len(lines) + 1))
    joined: list[list[str]] = []
    numbers: list[int] = []
    before = ""
    for number, line in enumerate(lines, 1):
        if len(before) == width and _goes_on(joined[-1], line):
            joined[-1].append(line)
        else:
            joined.append([line])
            numbers.append(number)
        before = line
    return ["".join(pieces) for pieces in joined], numbers


def _goes_on(pieces: list[str], after: str) -> bool:
    """Whether a line of a print, in pieces so far, goes on at the left edge of the next line."""
    if pieces[0][:1] != " " or not after or after.startswith("  "):
        return False
    balance = sum(piece.count("(") - piece.count(")") for piece in pieces[-3:])
    return (balance > 0 and not pieces[-1].rstrip().endswith("(")) or after[0] not in "() "


def _double_spaced(lines: list[str]) -> bool:
    """Whether every other line is blank, as text copied from a web page often is."""
    inner = [bool(line.strip()) for line in lines]
    filled = sum(inner)
    alone = sum(here and not after for here, after in zip(inner, inner[1:], strict=False))
    return filled > 4 and alone >= 0.9 * (filled - 1)

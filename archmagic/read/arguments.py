"""The printed arguments of a module, parsed: `50257, 768, padding_idx=0` and what else `extra_repr` gives.

Never evaluated. What is not plainly a number, a word of Python's or a tuple of them stays the text it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..catalog.lookup import name_arguments
from ..tree import Value

DEEPEST = 16
"""Tuples nested deeper than this stay text."""

MARKS = re.compile(r"""\\.|[()\[\]{},\n]|->|(?<!\w)(?:'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+")""")
UNMARKED = re.compile(r"""[^\\()\[\]{}\n>'"]*""")
"""Text in which only commas part anything."""
KEYWORD = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)\s*")
INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
FLOAT = re.compile(r"[+-]?(?:(?:[0-9]{1,40}\.[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?|[0-9]{1,40}[eE][+-]?[0-9]{1,3})")
STRING = re.compile(r"""'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+\"""")
BRACKETS_AND_COMMA = frozenset("()[]{},")
WORDS: dict[str, Value] = {"True": True, "False": False, "None": None}
SIZE = "torch.Size("


def parse_arguments(type_name: str, text: str) -> dict[str, Value]:
    """The settings of a module of that type: keywords by name, positional ones as the catalog names them.

    Integers, floats, booleans, None, quoted strings and tuples (lists become tuples) are Python values; anything else is kept as the
    text it was.
    """
    if (plain := _plain_keywords(text)) is not None:
        return plain
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    for piece in split_arguments(text):
        if match := KEYWORD.match(piece):
            keywords[match[1]] = parse_value(piece[match.end() :])
        else:
            positional.append(parse_value(piece))
    return {**name_arguments(type_name, positional), **keywords} if positional else keywords


def _plain_keywords(text: str) -> dict[str, Value] | None:
    """Keywords with nothing but natural numbers and Python's words, which most layers print; None of anything else."""
    if not text.isascii():
        return None
    keywords: dict[str, Value] = {}
    for piece in text.split(", "):
        name, _, value = piece.partition("=")
        if not name.isidentifier():
            return None
        if value in WORDS:
            keywords[name] = WORDS[value]
        elif value.isdecimal() and len(value) <= 30:
            keywords[name] = int(value)
        else:
            return None
    return keywords


def split_arguments(text: str) -> list[str]:
    """The arguments one by one: parted by commas, line ends and, in old prints (`784 -> 512`), arrows, outside brackets and quotes."""
    pieces = text.split(",") if UNMARKED.fullmatch(text) else _split(text)
    return [piece for piece in pieces if piece.strip()]


def _split(text: str) -> Iterator[str]:
    depth = start = 0
    for mark in MARKS.finditer(text):
        sign = mark[0]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth = max(0, depth - 1)
        elif depth == 0 and sign in (",", "\n", "->"):
            yield text[start : mark.start()]
            start = mark.end()
    yield text[start:]


def parse_value(text: str) -> Value:
    """One printed value.

    >>> parse_value("(7, 7)")
    (7, 7)
    >>> parse_value("torch.float32")
    'torch.float32'
    """
    text = text.strip()
    if text in WORDS:
        return WORDS[text]
    if text.startswith(SIZE) and text.endswith(")"):
        text = text[len(SIZE) : -1]
    if text[:1] in ("(", "["):
        return _tuple(text)
    return _scalar(text)


def _scalar(text: str) -> Value:
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text):
        number = float(text)
        return number if abs(number) != float("inf") else text
    if STRING.fullmatch(text):
        return text[1:-1]
    return text


def _tuple(text: str) -> Value:
    """The tuple that a bracketed text is; the text itself where it is none, or nested too deep.

    tuple = ("(" | "["), [value, {",", value}, [","]], (")" | "]")
    """
    stack: list[tuple[str, list[Value]]] = [("", [])]
    waiting: list[Value] = []  # the value read last, until a comma or a bracket takes it
    start, comma = 0, False
    for mark in MARKS.finditer(text):
        sign = mark[0]
        if sign not in BRACKETS_AND_COMMA:
            continue
        if inside := text[start : mark.start()].strip():
            waiting.append(_scalar(inside))
        start = mark.end()
        if len(waiting) > 1 or sign in "{}":
            return text
        if sign in "([":
            if waiting or len(stack) > DEEPEST:
                return text
            stack.append((sign, []))
        else:
            if not waiting and (sign == "," or comma != bool(stack[-1][1])):
                return text
            stack[-1][1].extend(waiting)
            waiting = [] if sign == "," else _close(stack, sign, comma)
            if sign != "," and not waiting:
                return text
        comma = sign == ","
    return waiting[0] if len(stack) == 1 and len(waiting) == 1 and not text[start:].strip() else text


def _close(stack: list[tuple[str, list[Value]]], sign: str, comma: bool) -> list[Value]:
    """The value that a closing bracket completes: [] where it closes nothing; `(4)` without a comma is 4, as in Python."""
    opened, values = stack.pop()
    if opened + sign not in ("()", "[]"):
        return []
    return values if opened == "(" and len(values) == 1 and not comma else [tuple(values)]

"""What stands on the line of `%explain_arch`: options and an expression, and what is wrong with them before anything has run."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.error import UsageError

from ..errors import ArchmagicError
from ..explanation import ending_of
from .cell import BODY
from .complete import OPTIONS

if TYPE_CHECKING:
    from argparse import Namespace

VALUED = ("--depth", "--level", "--var", "--save", "--inputs", "--trace", "--memory")
TOKEN = re.compile(r"""(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<option>(?<!\S)(?:--[a-z][\w-]*|-h)(?=[\s=]|$))""")
SIZE = re.compile(r"\s*([0-9.]+ [KMGT]?i?B)(?!\S)", re.IGNORECASE)
WORD = re.compile(r"\S*")
OPENING, CLOSING, QUOTES = "([{", ")]}", "\"'"


def split_line(line: str) -> tuple[list[str], str]:
    """The options of a magic's line as argparse wants them, and what is left: the expression, to the letter."""
    options: list[str] = []
    rest, at = "", 0
    while found := TOKEN.search(line, at):
        rest += line[at : found.end() if found["quoted"] else found.start()]
        at, option = found.end(), found["option"]
        if not option:
            continue
        if line[at : at + 1] == "=":
            end = _value_end(line, at + 1)
            options.append(f"{option}={_unquoted(line[at + 1 : end])}")
            at = end
            continue
        options.append(option)
        start = at + len(line[at:]) - len(line[at:].lstrip())
        if _takes_value(option) and start < len(line) and not line.startswith("--", start):
            size = SIZE.match(line, at)
            at = size.end() if size and "--memory".startswith(option) else _value_end(line, start)
            options.append(_unquoted(line[start:at]))
    return options, (rest + line[at:]).strip()


def _takes_value(option: str) -> bool:
    """Of an option, also where it is cut short as argparse allows."""
    return [known in VALUED for known in OPTIONS if known.startswith(option)] == [True]


def _value_end(line: str, start: int) -> int:
    """Where a value ends: at the first space that is in no brackets and no quotes; at any, where these do not close."""
    depth, quote = 0, ""
    for at in range(start, len(line)):
        letter = line[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in QUOTES:
            quote = letter
        elif letter in OPENING + CLOSING:
            depth += 1 if letter in OPENING else -1
        elif letter.isspace() and depth <= 0:
            return at
    word = WORD.match(line, start)
    return word.end() if word and (quote or depth > 0) else len(line)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def check_options(given: Sequence[str]) -> None:
    """Refuses an option that there is not, with the nearest there is; one may be cut short, as argparse allows."""
    for option in given:
        name = option.partition("=")[0]
        if not TOKEN.fullmatch(name) or any(known.startswith(name) for known in (*OPTIONS, "-h")):
            continue
        nearest = difflib.get_close_matches(name, OPTIONS, 1)
        hint = f" Did you mean {nearest[0]}?" if nearest else ""
        raise UsageError(f"%explain_arch has no option {name}.{hint} %explain_arch --help lists them.")


def check_values(args: Namespace) -> None:
    """Refuses values that are known to be wrong before a cell has run, which may take long."""
    if args.memory is not None:
        from ..story import parse_memory

        try:
            parse_memory(args.memory)
        except ArchmagicError as error:
            raise UsageError(str(error)) from None
    if args.save is not None:
        try:
            ending_of(args.save)
        except ArchmagicError as error:
            raise UsageError(f"--save: {error}") from None
        folder = Path(args.save).expanduser().parent
        if not folder.is_dir():
            raise UsageError(f"--save {args.save}: there is no folder {str(folder)!r}.")
    if args.inputs not in (None, "auto"):
        try:
            compile(args.inputs, BODY, "eval", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise UsageError(f"--inputs {args.inputs}: this is no expression ({getattr(error, 'msg', error)}).") from None

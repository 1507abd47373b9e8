"""Finds where in a paste printed models start."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..catalog.lookup import tensors_of
from .arguments import KEYWORD, parse_arguments, parse_value, split_arguments
from .tokens import RULES, TYPE, after_spaces, arguments_end, held_in, without

LOOK_AHEAD = 24
"""Lines of arguments that may stand between `GPT2Model(` and its first child."""

FURTHEST = 200
"""Characters that may stand before a model in its line, and within a module named inside a sentence."""

OPENING = re.compile(rf"(?<![\w.])(?P<type>{TYPE}) ?\(")
FRAGMENT = re.compile(r"\((?P<name>[^()\s]+)\): (?:[0-9]+ x )?$")
PROMPT = re.compile(
    r"\s*+(?:[>#*|]++\s*+)*+(?:>>> ?|\.\.\. ?|(?:In|Out) ?\[[0-9 ]*\]: ?|\[[0-9]+\]: ?)?(?:[\w.]++ = )?`*"
    r"(?:\((?P<name>[^()\s]+)\): (?:[0-9]+ x )?)?$"
)
"""What may stand before a model of one line: a prompt, `model = `, a quotation mark, the name it has in a larger model."""

NO_PROSE = re.compile(
    r"\s*(?:(?:>>>|\.\.\.|(?:In|Out) ?\[).*|[-=*_#`~)\]}\s]*|[`~]{3}.*|(?:print|display|repr|explain)\(.*\);?|[\w.]+;?|%.*)$"
)
"""Lines that may stand between two models without making them less likely to be models: prompts, fences, rules, `print(decoder)`."""


@dataclass(frozen=True, slots=True)
class Start:
    """The first letter of a model: its line and column, the prefix of the lines after it, how sure it is.

    `name` is the attribute name before it, where the paste starts inside a larger model.
    """

    row: int
    column: int
    prefix: str
    sure: bool
    name: str | None


def find_start(lines: Sequence[str], row: int) -> Start | None:
    """The model that starts in this line, if one does."""
    line = lines[row]
    if "(" not in line:
        return None
    filled = len(line.rstrip())
    for match in OPENING.finditer(line):
        start, end = match.span()
        if end == filled:
            prefix = shared_prefix(lines, row, line[:start])
            sure = opens_children(lines, row, prefix)
            if not sure and not (is_class(match["type"]) and holds_arguments(lines, row, prefix)):
                return None
        elif RULES["child"].match(line, after_spaces(line, end)):
            sure = True
        elif start < FURTHEST and PROMPT.fullmatch(line[:start]) and is_class(match["type"]):
            sure = held_in(line, end) is not None and opens_children(lines, row, shared_prefix(lines, row, line[:start]))
            if not sure and not _whole(line, end):
                continue
        else:
            continue
        fragment = FRAGMENT.search(line, max(0, start - FURTHEST), start)
        return Start(row, start, shared_prefix(lines, row, line[:start]), sure, fragment["name"] if fragment else None)
    return None


def shared_prefix(lines: Sequence[str], row: int, before: str) -> str:
    """What stands before the model and before its next line too (`> `, `# `, `[rank0]: `), else the indentation alone."""
    after = next((line for line in lines[row + 1 : row + 1 + LOOK_AHEAD] if line.strip()), "")
    return before if before and after.startswith(before) else before[: len(before) - len(before.lstrip(" "))]


def opens_children(lines: Sequence[str], row: int, prefix: str) -> bool:
    """Whether a child or an own tensor comes within the next lines, before anything closes."""
    after = [line for line in lines[row + 1 : row + 1 + LOOK_AHEAD] if line.strip()]
    for line in after:
        bare = without(line, prefix).lstrip(" ")
        if RULES["child"].match(bare) or RULES["tensor"].match(bare) or RULES["step"].match(bare):
            return True
        if RULES["head"].match(bare) and line[:1] == " ":
            return True
        if len(after) == 1 and bare.startswith("(") and line[:1] == " ":  # the text ends within the first child's name
            return True
        if bare.startswith(")") or RULES["fence"].match(bare) or (bare.endswith("(") and OPENING.match(bare)):
            return False
    return False


def holds_arguments(lines: Sequence[str], row: int, prefix: str) -> bool:
    """Whether the next lines are arguments of a module and nothing else, up to its end or the text's."""
    found: list[str] = []
    for line in lines[row + 1 : row + 1 + LOOK_AHEAD]:
        bare = without(line, prefix)
        if bare.startswith(")"):
            return bool(found) and looks_printed("\n".join(found))
        if bare.strip():
            found.append(bare)
    return row + 1 + LOOK_AHEAD >= len(lines) and looks_printed("\n".join(found))


def is_class(type_name: str) -> bool:
    """Whether a name alone looks like a module's class and not like code: `lora.Linear` does, `nn.Linear` does not."""
    package, _, name = type_name.rpartition(".")
    return name[:1].isupper() and package.partition(".")[0] not in ("nn", "torch", "tf", "keras", "transformers")


def looks_printed(args: str) -> bool:
    """Whether arguments look like a module's print and not like code: those without a name are plain values."""
    pieces = split_arguments(args)
    return all(KEYWORD.match(piece) or piece.strip() == "..." or not isinstance(parse_value(piece), str) for piece in pieces)


def _whole(line: str, at: int) -> bool:
    """Whether the module whose arguments start there ends with its line and looks printed."""
    end, _ = arguments_end(line, at, 0, loose=True)
    return end < len(line) and not line[end + 1 :].strip(" `;.") and looks_printed(line[at:end])


def find_in_prose(lines: Sequence[str]) -> list[Start]:
    """Modules of known layers named inside sentences: What does Conv2d(3, 64, kernel_size=(7, 7)) do?"""
    found = []
    for row, line in enumerate(lines):
        for match in OPENING.finditer(line):
            rest = line[match.end() : match.end() + FURTHEST]
            end, _ = arguments_end(rest, 0, 0, loose=True)
            args = rest[:end]
            known = end < len(rest) and args.strip() and is_class(match["type"]) and looks_printed(args)
            if known and tensors_of(match["type"], parse_arguments(match["type"], args)) is not None:
                found.append(Start(row, match.start(), "", False, None))
    return found

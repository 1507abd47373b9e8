"""The text of a class: read from its source file, parsed, never run."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

LONGEST = 400
"""Lines of a class beyond which nobody reads on."""


def mentions(source: tuple[str, int], word: str) -> bool:
    """Whether a class, by the names in its own text, deals with that thing."""
    return _mentions(*source, modified_at(source[0]), word)


@lru_cache(maxsize=512)
def _mentions(file: str, line: int, modified: int, word: str) -> bool:
    text = "\n".join(class_text(file, line, modified))
    return re.search(rf"\b\w*{re.escape(word)}\w*\s*[=(]", text, re.IGNORECASE) is not None


def first_uses(source: tuple[str, int], names: Collection[str]) -> dict[str, tuple[int, int]]:
    """Where a class's methods, its constructor aside, first use each of these attributes of its own: (line, column)."""
    found: dict[str, tuple[int, int]] = {}
    for name, method in methods(*source, modified_at(source[0])).items():
        me = method.args.args[0].arg if method.args.args else ""
        for node in ast.walk(method) if name != "__init__" else ():
            own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == me
            if isinstance(node, ast.Attribute) and own and node.attr in names:
                at = (node.lineno, node.col_offset)
                found[node.attr] = min(found.get(node.attr, at), at)
    return found


def modified_at(file: str) -> int:
    """When a file was last written; -1 where it cannot be read."""
    try:
        return os.stat(file).st_mtime_ns
    except (OSError, ValueError):
        return -1


@lru_cache(maxsize=256)
def methods(file: str, line: int, modified: int) -> dict[str, ast.FunctionDef]:
    """The parsed methods of the class that starts at that line."""
    try:
        found = ast.parse("\n".join(class_text(file, line, modified))).body[0]
    except (SyntaxError, ValueError, IndexError, RecursionError):
        return {}
    body = found.body if isinstance(found, ast.ClassDef) else []
    return {f.name: f for f in body if isinstance(f, ast.FunctionDef)}


def class_text(file: str, line: int, modified: int) -> list[str]:
    """The lines of the class that starts there, as far left as they go; none where the file cannot be read or the class is very long."""
    try:
        lines = _lines(file, modified)[line - 1 :]
    except (OSError, ValueError):
        return []
    first = lines[0] if lines else ""
    indent = len(first) - len(first.lstrip())
    end = next((i for i, row in enumerate(lines) if i and _closes(row, indent)), len(lines))
    return [row[indent:] for row in lines[:end]] if end <= LONGEST else []


def _closes(row: str, indent: int) -> bool:
    start = row.lstrip()
    return bool(start) and len(row) - len(start) <= indent and start[0] not in ")#"


@lru_cache(maxsize=16)
def _lines(file: str, modified: int) -> list[str]:
    return Path(file).read_text(encoding="utf-8", errors="replace").split("\n")

"""Which line of the model's source is running."""

from __future__ import annotations

import linecache
import os
import re
import sys
import traceback
from functools import lru_cache
from typing import Any

ENTRY = "run_model"
"""The function of ours that calls the model: what is further out called us."""
CALLS = ("_call_impl", "_wrapped_call_impl", "__call__")
OURS = os.path.dirname(os.path.abspath(__file__))
CELL = re.compile(r"<ipython-input-(\d+)-|.*ipykernel_\d+[/\\]")


def line_of(module: Any) -> str | None:
    """ "model.py:27" of the innermost line that is not torch's; inside torch's own modules the line of their forward."""
    frame: Any = sys._getframe(2)
    kind = type(module).__module__
    torchs = kind.startswith("torch.") and not kind.endswith(".container")
    while frame is not None:
        code = frame.f_code
        place = _kind(code.co_filename)
        if place == "user":
            return f"{_short(code.co_filename)}:{frame.f_lineno}"
        if place == "ours" and code.co_name == ENTRY:
            return None
        if (
            torchs
            and place == "torch"
            and code.co_varnames[:1] == ("self",)
            and code.co_name not in CALLS
            and frame.f_locals.get("self") is module
        ):
            return f"{_short(code.co_filename)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def line_of_error(error: BaseException) -> tuple[str | None, str]:
    """The innermost line of the model's own source that an error came through, and what it says."""
    found: tuple[str | None, str] = None, ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if _kind(file) == "user":
            found = f"{_short(file)}:{number}", linecache.getline(file, number, frame.f_globals).strip()
    return found


@lru_cache(maxsize=4096)
def _kind(file: str) -> str:
    if file.startswith(OURS):
        return "ours"
    if (
        f"{os.sep}torch{os.sep}" in file
        or f"{os.sep}functools.py" in file
        or f"{os.sep}contextlib.py" in file
        or file.startswith("<frozen")
    ):
        return "torch"
    return "user"


@lru_cache(maxsize=4096)
def _short(file: str) -> str:
    """The file's name; a notebook's cell as such."""
    if file.startswith("<eval_with_key>"):  # torch.fx wrote it
        return "generated code"
    cell = CELL.match(file)
    if cell:
        return f"cell {cell[1]}" if cell[1] else "cell"
    return os.path.basename(file)

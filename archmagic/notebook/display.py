"""How an Explanation is shown: the document where HTML can be, text everywhere, coloured in a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..explanation import Explanation


MOST_ROWS = 480
"""As many rows does a text list that nobody asked for by name: a notebook keeps it beside each picture of a model."""


def mimebundle(explanation: Explanation, include: object = None, exclude: object = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What IPython shows of an explanation: `(data, metadata)` with text/html (the document) and text/plain (the text).

    `include` and `exclude` are IPython's: the MIME types wanted, or not wanted. Showing a live one opens the link with the page.
    """
    from IPython import get_ipython

    terminal = in_terminal(get_ipython())
    forms = {"text/plain": terminal_text} if terminal else {"text/html": _html, "text/plain": _text}
    data: dict[str, Any] = {}
    problem: Exception | None = None
    for mime, make in forms.items():
        if _wanted(mime, include, exclude):
            try:
                data[mime] = make(explanation)
            except Exception as error:  # the other form says the same
                problem = error
    if problem is not None:
        if not data:
            raise problem
        warnings.warn(f"archmagic shows this as {next(iter(data))} alone ({type(problem).__name__}: {problem}).", stacklevel=2)
    return data, {}


def in_terminal(shell: Any) -> bool:
    """Whether what is shown goes to a terminal, and not to a page."""
    from .hook import shows_html

    return shell is not None and not shows_html(shell)


def terminal_text(explanation: Explanation) -> str:
    """The text as wide as the terminal, in colour where it is a terminal and the user has not said no (https://no-color.org)."""
    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return _text(explanation, shutil.get_terminal_size((100, 24)).columns, color)


def _text(explanation: Explanation, width: int = 100, color: bool = False) -> str:
    from ..render.text import to_text

    return to_text(explanation, width, color, MOST_ROWS)


def _html(explanation: Explanation) -> str:
    from ..render.document import document
    from .link import join

    return document(explanation, live=join(explanation))


def _wanted(mime: str, include: object, exclude: object) -> bool:
    chosen: Collection[str] | Any = include
    refused: Collection[str] | Any = exclude
    return (not chosen or mime in chosen) and not (refused and mime in refused)

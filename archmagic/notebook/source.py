"""The source of a class's `forward`, for a page that asks. Only names are kept: a class is looked up in what is imported."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..explanation import Explanation


def forward_source(explanation: Explanation, path: str) -> str:
    """The text of the `forward` of the class at `path`; "" where there is none to be had."""
    from ..tree import find

    visit = find(explanation.tree.root, path)
    cls = None if visit is None or visit.node.qualified is None else _class(visit.node.qualified)
    try:
        forward = cls.forward  # type: ignore[union-attr]
        # What stands in for one that was never written is not it.
        return textwrap.dedent(inspect.getsource(forward)) if forward.__name__ == "forward" else ""
    except (OSError, TypeError, AttributeError):  # made at run time, written in C, or without one
        return ""


def answer(widget: Any, content: Any, source: Callable[[str], str]) -> None:
    """Answers a page's question `{"ask": number, "source": path}` over a widget; other messages are not ours."""
    if isinstance(content, dict) and isinstance(content.get("source"), str) and "ask" in content:
        widget.send({"answer": content["ask"], "text": source(content["source"])})


def _class(qualified: str) -> type | None:
    """The class of that name among the modules imported: the longest beginning that is one, then attribute by attribute."""
    parts = qualified.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        found: object = sys.modules.get(".".join(parts[:cut]))
        if found is None:
            continue
        for name in parts[cut:]:
            found = getattr(found, "__dict__", {}).get(name)
        return found if isinstance(found, type) else None
    return None

"""The one way for text into HTML and SVG."""

from __future__ import annotations

import re

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_TO_ESCAPE = re.compile(r"""[&<>"'\x00-\x08\x0b-\x1f\ud800-\udfff]""")


def escape(text: str) -> str:
    """Text as HTML, for element content and quoted attributes. What HTML cannot hold becomes a replacement character."""
    if not text.isprintable():
        return _TO_ESCAPE.sub(lambda found: _ESCAPES.get(found[0], "\N{REPLACEMENT CHARACTER}"), text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")

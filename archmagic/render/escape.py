"""The one way for text into HTML and SVG."""

from __future__ import annotations

import re

_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(0xD800, 0xE000)) if chr(code) not in "\n\t"}
_ESCAPES = {**_CONTROLS, ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&#39;"}
_TO_ESCAPE = re.compile(f"[{re.escape(''.join(map(chr, _ESCAPES)))}]")


def escape(text: str) -> str:
    """Text as HTML, for element content and quoted attributes. What HTML cannot hold becomes a replacement character."""
    return _TO_ESCAPE.sub(lambda found: _ESCAPES[ord(found[0])], text)

"""The document: the static page, and one inline script that draws the view over it. It needs no kernel, no network, no saved state."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ..options import options
from .escape import escape
from .html import static_html
from .payload import pack, sent

if TYPE_CHECKING:
    from ..explanation import Explanation

UNSAFE = {"<": "\\u003c", ">": "\\u003e", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""What may end or confuse a script element, and how JSON writes it."""

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ max-width: 1280px; margin: 16px auto; padding: 0 16px; font: 15px/1.5 system-ui, sans-serif; }}
</style>
</head>
<body>
{document}
</body>
</html>
"""


def document(explanation: Explanation, *, compact: bool = False, live: bool | None = None, height: int | None = None) -> str:
    """The `text/html` output. The same explanation gives the same bytes.

    Args:
        explanation: what to show.
        compact: print and tree only, at most 320 px high, with the explanation to be opened.
        live: whether the view may be linked with the kernel, under `identity(explanation)`; by default as the explanation says.
        height: of the full view in pixels, by default `archmagic.options.height`; 0 fills the window.
    """
    data = sent(explanation)
    live = explanation.live if live is None else live
    settings = {
        "id": _hash(data) if live else "",
        "compact": compact,
        "height": options.height if height is None else height,
        "selected": explanation.selected,
    }
    static = static_html(explanation, compact)
    name = f"am-{_hash(data, static, json.dumps(settings))}"
    digest, program = _program()
    arguments = ",".join((_json(name), digest, program, f'"{data}"', _json(settings)))  # base64 needs no escape
    script = f"<script>(()=>{{{_boot()}archmagicBoot.boot({arguments})}})()</script>"
    return f'<div class="archmagic {name}">{static}</div>{script}'


def page(explanation: Explanation) -> str:
    """The explanation as a whole HTML file that needs nothing else."""
    return PAGE.format(title=escape(explanation.title), document=document(explanation, live=False, height=0))


def identity(explanation: Explanation) -> str:
    """Under what id the explanation's documents and Python find each other: a hash of what is shown."""
    return _hash(sent(explanation))


@cache
def _program() -> tuple[str, str]:
    """The view's hash and the view as it travels, both as JSON."""
    program = pack(_asset("view.js"))
    return _json(_hash(program)), _json(program)


@cache
def _boot() -> str:
    return _asset("boot.js").strip()


def _asset(name: str) -> str:
    return files("archmagic").joinpath("static", name).read_text("utf-8")


def _json(value: object) -> str:
    """JSON that is safe inside a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, written in UNSAFE.items():
        text = text.replace(character, written)
    return text


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:12]

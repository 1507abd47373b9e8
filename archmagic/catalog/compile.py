"""Writes compiled.json from the TOML files: python -m archmagic.catalog.compile"""

from __future__ import annotations

import json
from pathlib import Path

from .load import parse, read_sources

TARGET = Path(__file__).with_name("compiled.json")


def compiled() -> str:
    """The text that compiled.json should hold."""
    return json.dumps(parse(read_sources()), ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    TARGET.write_text(compiled(), encoding="utf-8", newline="\n")

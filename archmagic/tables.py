"""What is known, written as TOML beside the code that applies it, as data.

Parsing it all takes about 80 ms, which every first explanation would feel, so `python -m archmagic.tables` keeps all of it in
tables.json with a digest of the TOML files. Where the digest differs (somebody is editing the files), the TOML is read
instead: slower, never stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
COMPILED = FOLDER / "tables.json"

Table = dict[str, Any]


def table_of(name: str) -> Table:
    """What a TOML file says, by its path in the package without the ending: table_of("story/sentences")."""
    found: Table = _stored()["tables"][name]
    return found


def tables_in(folder: str) -> dict[str, Table]:
    """What each TOML file of a folder says, by its name there."""
    inside = f"{folder}/"
    return {name.removeprefix(inside): found for name, found in _stored()["tables"].items() if name.startswith(inside)}


@cache
def _stored() -> dict[str, Any]:
    sources = read_sources()
    if COMPILED.is_file():
        stored: dict[str, Any] = json.loads(COMPILED.read_bytes())
        if stored["digest"] == digest(sources):
            return stored
    return parse(sources)


def read_sources() -> dict[str, bytes]:
    """The TOML files, by their paths in the package without the ending."""
    found = {path.relative_to(FOLDER).with_suffix("").as_posix(): path for path in FOLDER.rglob("*.toml")}
    return {name: found[name].read_bytes() for name in sorted(found)}


def digest(sources: Mapping[str, bytes]) -> str:
    """What changes whenever one of the files does. Line ends do not count: git may turn them into Windows'."""
    together = hashlib.sha256()
    for name, content in sources.items():
        together.update(name.encode() + b"\0" + content.replace(b"\r\n", b"\n") + b"\0")
    return together.hexdigest()


def parse(sources: Mapping[str, bytes]) -> dict[str, Any]:
    """What tables.json holds, made from the TOML files."""
    import tomllib  # takes 10 ms, which tables.json nearly always saves

    return {"digest": digest(sources), "tables": {name: tomllib.loads(content.decode()) for name, content in sources.items()}}


def compiled() -> str:
    """The text that tables.json should hold."""
    return json.dumps(parse(read_sources()), ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    COMPILED.write_text(compiled(), encoding="utf-8", newline="\n")

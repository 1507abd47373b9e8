"""What tells siblings of one type apart: the settings, attributes and parts in which they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .nodes import Node
from .paths import walk

MOST_NODES = 400
"""As many modules are looked at in each sibling."""
MOST_NAMED = 3
"""As many differences are named of each."""

_MISSING = object()


def differences(nodes: Sequence[Node]) -> list[str]:
    """For each node in what it differs from the others, the outermost differences first: "attn.sliding_window=4096, with downsample".

    "" where all are the same, or where nothing that can be named tells them apart.
    """
    if len(set(map(id, nodes))) < 2:
        return ["" for _ in nodes]
    known: dict[int, dict[str, Any]] = {}
    for node in nodes:
        if id(node) not in known:
            known[id(node)] = dict(_properties(node))
    keys = dict.fromkeys(key for properties in known.values() for key in properties)
    telling = [key for key in keys if len({repr(properties.get(key, _MISSING)) for properties in known.values()}) > 1]
    parts = [key for key in telling if "=" not in key]
    # What is in a part that only some have is told by the part.
    telling = [key for key in telling if not any(key.startswith((f"{part}.", f"{part}=")) for part in parts if part != key)]
    telling.sort(key=lambda key: key.count("."))
    always = {key for key in telling if all(key in properties for properties in known.values())}
    telling = [key for key in telling if key in always or "=" not in key]  # who lacks a setting or attribute is not told by that
    return [", ".join(_named(key, known[id(node)], key in always) for key in telling[:MOST_NAMED]) for node in nodes]


def _named(key: str, properties: dict[str, Any], always: bool) -> str:
    if key not in properties:
        return f"no {key}"
    if key.endswith("="):
        return f"{key}{properties[key]}"
    return f"{key}: {properties[key]}" if always else f"with {key}"


def _properties(root: Node) -> Iterator[tuple[str, Any]]:
    """("attn", its type) for each part, ("attn.scale=", its value) for each setting."""
    for count, visit in enumerate(walk(root)):
        if count == MOST_NODES:
            return
        inside = f"{visit.path}." if visit.path else ""
        if visit.path and "[" not in visit.path:
            yield visit.path, visit.node.type
        if "[" not in visit.path:
            for name, value in {**visit.node.attributes, **visit.node.settings}.items():
                yield f"{inside}{name}=", value

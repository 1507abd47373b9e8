"""Reads the catalog's TOML files, once, on first use."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from importlib.resources import files
from typing import Any

from ..tree import Value
from .entry import Entry, Rule

TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.nn."

OWN = ("names", "bases", "patterns", "torch", "docs", "like")


@dataclass(frozen=True)
class Catalog:
    """All entries, and the three ways to them. Patterns are tried in order: those with most letters first."""

    entries: Mapping[str, Entry]
    names: Mapping[str, Entry]
    bases: Mapping[str, Entry]
    patterns: tuple[tuple[re.Pattern[str], Entry], ...]
    generic: tuple[tuple[re.Pattern[str], Entry], ...]
    glossary: Mapping[str, str]


@cache
def catalog() -> Catalog:
    """The whole catalog."""
    tables: dict[str, dict[str, Any]] = {}
    glossary: dict[str, str] = {}
    for stem, data in sorted(_tables().items()):
        if stem == "glossary":
            glossary.update(data)
            continue
        for name, table in data.items():
            if name in tables:
                raise ValueError(f"{stem}.toml: {name} is in the catalog twice")
            tables[name] = table
    entries = {name: make_entry(name, _inherit(table, tables)) for name, table in tables.items()}
    return Catalog(
        entries=entries,
        names={n: e for e in entries.values() for n in e.names},
        bases={b: e for e in entries.values() for b in e.bases},
        patterns=_patterns(e for e in entries.values() if e.specific),
        generic=_patterns(e for e in entries.values() if not e.specific),
        glossary=glossary,
    )


def _inherit(table: dict[str, Any], tables: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The table with what it leaves out taken from the entry it is `like`, apart from what leads to that entry."""
    if "like" not in table:
        return table
    other = {k: v for k, v in _inherit(tables[table["like"]], tables).items() if k not in OWN}
    return {**other, **table, "settings": {**other.get("settings", {}), **table.get("settings", {})}}


def _tables() -> dict[str, dict[str, Any]]:
    folder = files(__package__) / "layers"
    paths = [path for path in folder.iterdir() if path.name.endswith(".toml")]
    return {path.name.removesuffix(".toml"): tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}


def _patterns(entries: Any) -> tuple[tuple[re.Pattern[str], Entry], ...]:
    found = [(pattern, entry) for entry in entries for pattern in entry.patterns]
    found.sort(key=lambda pair: -len(pair[0].replace("*", "")))
    return tuple((re.compile(translate(pattern)), entry) for pattern, entry in found)


def make_entry(name: str, table: Mapping[str, Any]) -> Entry:
    """An entry from its TOML table."""
    paper = table.get("paper")
    return Entry(
        name=name,
        title=table["title"],
        kind=table["kind"],
        summary=table["summary"],
        why=table.get("why", ""),
        formula=table.get("formula", ""),
        inputs=table.get("input", ""),
        outputs=table.get("output", ""),
        where=dict(table.get("where", {})),
        arguments=tuple(table.get("arguments", ())),
        defaults={key: _plain(value) for key, value in table.get("defaults", {}).items()},
        parameters=table.get("parameters", ""),
        tensors=_rules(table),
        gates=table.get("gates", 0),
        hidden=table.get("hidden", False),
        settings=dict(table.get("settings", {})),
        pitfalls=tuple(table.get("pitfalls", ())),
        docs=TORCH + table["torch"] + ".html" if "torch" in table else table.get("docs"),
        paper=(paper[0], paper[1]) if paper else None,
        specific=table.get("specific", True),
        names=tuple(table.get("names", (name,))),
        bases=tuple(table.get("bases", ())),
        patterns=tuple(table.get("patterns", ())),
    )


def _plain(value: Any) -> Value:
    """TOML has no null and no tuples: "None" stands for the one, lists for the others."""
    if isinstance(value, list):
        return tuple(_plain(item) for item in value)
    return None if value == "None" else value


def _rules(table: Mapping[str, Any]) -> tuple[Rule, ...] | None:
    if "tensors" not in table:
        return None
    rules = [_rule(name, rule, "parameter") for name, rule in table["tensors"].items()]
    return tuple(rules + [_rule(name, rule, "buffer") for name, rule in table.get("buffers", {}).items()])


def _rule(name: str, rule: Any, kind: Any) -> Rule:
    if isinstance(rule, str):
        return Rule(name, rule, kind)
    return Rule(name, rule["shape"], kind, rule.get("dtype"), tuple(rule.get("notes", ())), rule.get("assumes"))

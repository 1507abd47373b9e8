"""The catalog of layer types: a table by area in layers/; entries are made when first asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from typing import Any

from ..tables import Table, table_of, tables_in
from ..tree import Value
from .entry import Entry, Rule

TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.nn."

OWN = ("names", "exact", "bases", "patterns", "torch", "docs", "origin", "like")
"""What an entry does not take over from the one it is `like`."""

Pattern = tuple[tuple[str, ...], str]
"""A name pattern cut at its asterisks, and the entry it leads to."""


class Catalog:
    """All entries by name, and the three ways to them: class names, base classes, name patterns."""

    def __init__(self, areas: Mapping[str, Table]) -> None:
        self.tables: dict[str, Table] = {}
        for area, tables in areas.items():
            for name, table in tables.items():
                if name in self.tables:
                    raise ValueError(f"{area}.toml: {name} is in the catalog twice")
                self.tables[name] = table
        self._entries: dict[str, Entry] = {}
        self.names = {n: name for name, table in self.tables.items() for n in table.get("names", (name,))}
        self.bases = {b: name for name, table in self.tables.items() for b in table.get("bases", ())}

    def entry(self, name: str) -> Entry:
        """The entry of that name."""
        if name not in self._entries:
            self._entries[name] = make_entry(name, self._inherit(self.tables[name]))
        return self._entries[name]

    def entries(self) -> Iterator[Entry]:
        """Every entry."""
        return map(self.entry, self.tables)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns that say what a class is, those with most letters first."""
        return _patterns((n, t) for n, t in self.tables.items() if t.get("specific", True))

    @cached_property
    def generic(self) -> tuple[Pattern, ...]:
        """The patterns that only say what a class is called."""
        return _patterns((n, t) for n, t in self.tables.items() if not t.get("specific", True))

    def _inherit(self, table: Table) -> Table:
        if "like" not in table:
            return table
        other = {k: v for k, v in self._inherit(self.tables[table["like"]]).items() if k not in OWN}
        settings = {**other.get("settings", {}), **table.get("settings", {})}
        return {**other, **table, "settings": {name: text for name, text in settings.items() if text}}  # "": not one of its own


@cache
def catalog() -> Catalog:
    """The whole catalog, read once."""
    return Catalog(tables_in("catalog/layers"))


@cache
def glossary() -> Mapping[str, str]:
    """Terms and what they mean, in a sentence each."""
    return table_of("catalog/glossary")


def _patterns(tables: Iterable[tuple[str, Table]]) -> tuple[Pattern, ...]:
    found = [(tuple(pattern.split("*")), name) for name, table in tables for pattern in table.get("patterns", ())]
    return tuple(sorted(found, key=lambda pair: -sum(map(len, pair[0]))))


def fits(pattern: tuple[str, ...], text: str) -> bool:
    """Whether `text` fits a pattern cut at its asterisks, each of which stands for any letters."""
    first, last = pattern[0], pattern[-1]
    if len(pattern) == 1:
        return text == first
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in pattern[1:-1]:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def make_entry(name: str, table: Table) -> Entry:
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
        where=table.get("where", {}),
        arguments=tuple(table.get("arguments", ())),
        defaults={key: _plain(value) for key, value in table.get("defaults", {}).items()},
        parameters=table.get("parameters", ""),
        parameters_text=table.get("parameters_text", ""),
        tensors=_rules(table),
        gates=table.get("gates", 0),
        hidden=table.get("hidden", False),
        packed=table.get("packed", False),
        needs=tuple(table.get("needs", ())),
        settings=table.get("settings", {}),
        pitfalls=tuple(table.get("pitfalls", ())),
        docs=TORCH + table["torch"] + ".html" if "torch" in table else table.get("docs"),
        paper=(paper[0], paper[1]) if paper else None,
        origin=table.get("origin", "torch" if "torch" in table else ""),
        exact=table.get("exact", False),
        alone=table.get("alone", False),
        single=table.get("single", False),
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


def _rules(table: Table) -> tuple[Rule, ...] | None:
    if "tensors" not in table:
        return None
    rules = [_rule(name, rule, "parameter") for name, rule in table["tensors"].items()]
    return tuple(rules + [_rule(name, rule, "buffer") for name, rule in table.get("buffers", {}).items()])


def _rule(name: str, rule: Any, kind: Any) -> Rule:
    if isinstance(rule, str):
        return Rule(name, rule, kind)
    return Rule(name, rule["shape"], kind, rule.get("dtype"), tuple(rule.get("notes", ())), rule.get("assumes"))

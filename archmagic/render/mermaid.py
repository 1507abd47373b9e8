"""A picture as a Mermaid flowchart, for Markdown that draws them (GitHub's does)."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..story.picture import Fork, Group, Item, Items, Mark, Picture

ENTITIES = {ord(c): f"#{ord(c)};" for c in '"#;&<>`\\{}[]()|@%'}
"""What may end or begin something in Mermaid or its HTML labels, as Mermaid's own escapes."""


@dataclass(slots=True)
class _Chart:
    rows: list[str] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    count: int = 0
    depth: int = 1

    def node(self, shape: str, label: str) -> str:
        self.count += 1
        left, right = {"box": ("[", "]"), "join": ("((", "))"), "mark": ("([", "])")}[shape]
        self.row(f'n{self.count}{left}"{label}"{right}')
        return f"n{self.count}"

    def row(self, text: str) -> None:
        self.rows.append("  " * self.depth + text)


def mermaid(picture: Picture) -> str:
    """The picture as Mermaid text."""
    chart = _Chart()
    _series(chart, picture.items, [])
    title = "".join(c for c in picture.title if c.isprintable())
    return "\n".join([f"%% {title}", "flowchart TB", *chart.rows, *(f"  {edge}" for edge in chart.edges)]) + "\n"


def _series(chart: _Chart, items: Items, before: list[str]) -> list[str]:
    """Adds a series after the nodes `before`; gives those that it ends with."""
    for item in items:
        before = _item(chart, item, before)
    return before


def _item(chart: _Chart, item: Item, before: list[str]) -> list[str]:
    if isinstance(item, Group):
        chart.count += 1
        name = " ".join(filter(None, (item.label, item.times)))
        chart.row(f'subgraph g{chart.count}["{_text(name)}"]')
        chart.depth += 1
        after = _series(chart, item.items, before)
        chart.depth -= 1
        chart.row("end")
        return after
    if isinstance(item, Fork):
        ends = [end for lane in item.lanes for end in (_series(chart, lane, [] if item.apart else before) if lane else before)]
        node = chart.node("join", _text(item.join))
        said = f'|"{_text(item.said)}"|' if item.said else ""
        chart.edges += [f"{end} -->{said} {node}" for end in ends]
        return [node]
    if isinstance(item, Mark):
        node = chart.node("mark", _text(item.text))
    else:
        node = chart.node("box", _text(item.label) + (f"<br/>{_text(item.note)}" if item.note else ""))
        if item.side:
            chart.edges.append(f"{chart.node('mark', _text(item.side))} --> {node}")
    chart.edges += [f"{end} --> {node}" for end in before]
    return [node]


def _text(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text).translate(ENTITIES)

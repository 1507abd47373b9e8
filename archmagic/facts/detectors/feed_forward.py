"""The feed-forward: its width, whether it is gated, its activation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..fact import Basis, Fact
from ..feed_forward import FeedForward
from ..findings import Findings
from ..names import activation_name
from ..sentence import sentence
from ..stacks import Tower


def widths(findings: Findings) -> Iterator[Fact]:
    """intermediate_size and the form, for a tower whose blocks agree, else for each run."""
    for tower in findings.towers:
        feeds = _feeds(findings, tower)
        yield from _each(tower, feeds, "intermediate_size", "measured", lambda f: f.inner)
        yield from _each(tower, feeds, "feed_forward", "derived", _form)
        yield from _each(tower, feeds, "hidden_act", "named", _activation)
        yield from _shared(findings, tower)
        if not any(b.mixtures or b.feeds for b in findings.blocks[tower]):
            yield from _mixers(findings, tower)


def _shared(findings: Findings, tower: Tower) -> Iterator[Fact]:
    """The width of all shared experts together, where the experts beside them do not show theirs."""
    rows = [(b, f) for b in findings.blocks[tower] for f in b.feeds if f.shared and f.inner]
    if any(e.inner for e in findings.experts) or len({f.inner for _, f in rows}) != 1:
        return
    feed = rows[0][1]
    evidence, text = (feed.up.path, feed.down.path), sentence("shared_size", value=feed.inner)
    yield Fact("intermediate_size", feed.inner, "measured", feed.place.path, evidence, text=text)


def _mixers(findings: Findings, tower: Tower) -> Iterator[Fact]:
    """The inner width of state-space blocks that have no feed-forward: configs call it intermediate_size too."""
    found = [m for b in findings.blocks[tower] for m in b.mixers if m.convolved]
    if len({m.inner for m in found}) == 1 and not tower.attentions:
        text = sentence("mixer_size", value=found[0].inner)
        yield Fact("intermediate_size", found[0].inner, "measured", tower.scope, (found[0].place.path,), text=text)


def _feeds(findings: Findings, tower: Tower) -> list[tuple[str, FeedForward]]:
    """(the block's path, its feed-forward); those on another width than the tower's stream are something else."""
    width, widening = findings.width(tower), tower.main.stages or len(findings.block_widths(tower)) > 1
    rows = []
    for block in findings.blocks[tower]:
        here = findings.block_width(block) if widening else width
        rows += [(block.place.path, f) for f in block.feeds if not f.shared and (here is None or f.hidden in (None, here[0]))]
    return rows


def _form(feed: FeedForward) -> str | None:
    return "gated" if feed.gate or feed.fused_gate else "plain"


def _activation(feed: FeedForward) -> str | None:
    return activation_name(feed.activation.node.type) if feed.activation else None


def _each(
    tower: Tower, feeds: list[tuple[str, FeedForward]], key: str, basis: Basis, value_of: Callable[[FeedForward], int | str | None]
) -> Iterator[Fact]:
    """A fact for the tower where its feed-forwards agree, else for the run of each value."""
    values: dict[int | str, list[tuple[str, FeedForward]]] = {}
    for path, feed in feeds:
        if (value := value_of(feed)) is not None:
            values.setdefault(value, []).append((path, feed))
    seen: set[str] = set()
    for value, rows in values.items():
        path, feed = rows[0]
        scope = tower.scope if len(values) == 1 else path
        if scope in seen and scope == path:
            scope = feed.place.path
        seen.add(scope)
        evidence = tuple(dict.fromkeys((feed.up.path, feed.down.path)))
        if key == "hidden_act" and feed.activation:
            evidence = (feed.activation.path,)
        yield Fact(key, value, basis, scope, evidence, text=sentence(key, value=value))

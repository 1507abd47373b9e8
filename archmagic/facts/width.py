"""The width of the stream of vectors that passes blocks."""

from __future__ import annotations

from collections import Counter

from .attention import norm_width
from .blocks import Block
from .convolution import main_path
from .places import Place, Places


def agreed_width(places: Places, blocks: list[Block]) -> tuple[int, tuple[str, ...]] | None:
    """The width of the stream that passes blocks, and what shows it: what most of their attention, feed-forwards and norms agree on."""
    votes: Counter[int] = Counter()
    shown: dict[int, list[str]] = {}
    for block in blocks:
        rows = [(a.width, a.place, 2) for a in block.attentions] + [(f.hidden, f.place, 2) for f in block.feeds if not f.expert]
        rows += [(norm_width(n), n, 1) for n in block.norms if not _after_convolution(n)]
        rows += [(m.width, m.place, 2) for m in block.mixers]
        ends = _ends(places, block)
        for value, place, weight in rows:
            if value and (not ends or value in ends):
                votes[value] += weight * block.count
                shown.setdefault(value, []).append(place.path)
    if not votes:
        return None
    value, weight = votes.most_common(1)[0]
    return (value, tuple(shown[value][:4])) if 2 * weight > sum(votes.values()) else None


def _ends(places: Places, block: Block) -> set[int]:
    """What the convolutions around a block's sub-layers take and give: attention inside a bottleneck works on fewer channels."""
    inner = [part for part in block.parts() if part is not block.place]
    path = [c for c in main_path(places, block.place) if not any(p.index <= c.place.index < p.end for p in inner)]
    before = [c for c in path if inner and c.place.index < inner[0].index and not c.depthwise]
    after = [c for c in path if inner and c.place.index > inner[-1].index and not c.depthwise]
    return {before[0].n_in, after[-1].n_out} if before and after else set()


def _after_convolution(norm: Place) -> bool:
    """Whether a batch norm stands beside a convolution, whose channels it has, whatever the stream's width."""
    beside = norm.parent.kids if norm.parent else ()
    return norm.node.type.startswith("BatchNorm") and any(p.kind == "convolution" for k in beside for p in (k, *k.kids))

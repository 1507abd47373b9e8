"""A block's parts, and where it normalises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from .attention import Attention
from .experts import Experts
from .fact import Basis
from .feed_forward import FeedForward, find_feed_forwards
from .mixers import Mixer, find_mixers
from .names import named
from .placement import Placement, forward_placement
from .places import Place, Places
from .stacks import Stack, Tower


@dataclass(slots=True, eq=False)
class Block:
    """One distinct block of a stack.

    Attributes:
        norms: its normalisations outside the projections of attention, in order.
        mixers: what mixes positions without attention: state-space layers and their relatives.
        placement: "pre" (a norm before each sub-layer), "post" (after each residual addition), "res-post" (after each sub-layer,
            before its addition), "sandwich" (before it and after it), "parallel" (one norm feeds attention and feed-forward side by
            side); None where it cannot be told.
        basis: how far to trust the placement; `before` and `after` say which norm stands where, by the sub-layer's place.
    """

    place: Place
    stack: Stack
    attentions: list[Attention]
    feeds: list[FeedForward]
    mixtures: list[Experts]
    norms: list[Place]
    mixers: list[Mixer] = field(default_factory=list)
    placement: Placement | None = None
    basis: Basis = "named"
    before: dict[Place, Place] = field(default_factory=dict)
    after: dict[Place, Place] = field(default_factory=dict)

    def parts(self) -> list[Place]:
        """The sub-layers: attentions, mixers, feed-forwards, mixtures (whose shared experts are part of them)."""
        holders = [e.holder for e in self.mixtures]
        feeds = [f.place for f in self.feeds if not any(h.index <= f.place.index < h.end for h in holders)]
        mixers = [m.place for m in self.mixers if not any(m.place is a.place for a in self.attentions)]
        return [*dict.fromkeys(a.whole for a in self.attentions), *mixers, *feeds, *holders]

    @property
    def count(self) -> int:
        return self.place.child.count if self.place.child else 1


def find_blocks(places: Places, tower: Tower, attentions: list[Attention], experts: list[Experts]) -> list[Block]:
    """The distinct blocks of a tower in order."""
    final = _final_norm(places, tower)
    blocks = []
    for stack in tower.stacks:
        for place in stack.blocks:
            mine = [a for a in attentions if place.index <= a.place.index < place.end]
            feeds = find_feed_forwards(places, place, mine)
            inner = {p for a in mine for p in places.under(a.place)} | {
                p for f in feeds if f.place is not place for p in _strictly(places, f)
            }
            inner |= _unread(places, place, mine)
            norms = [p for p in places.under(place) if p.kind == "normalization" and (p not in inner or _beside_output(p))]
            norms = [p for p in norms if not any(kid in norms for kid in p.kids)]  # a wrapper and what it wraps are one
            mixtures = [e for e in experts if place.index < e.place.index < place.end]
            block = Block(place, stack, mine, feeds, mixtures, norms, find_mixers(places, place))
            _place_norms(block, final is not None)
            blocks.append(block)
    return blocks


def _unread(places: Places, block: Place, mine: list[Attention]) -> set[Place]:
    """What stands in modules called attention whose projections no rule reads: their norms are their own affair."""
    holders = [p for p in places.under(block) if p.node.type.endswith("Attention") and p is not block]
    holders = [p for p in holders if not any(p.index <= a.place.index < p.end for a in mine)]
    return {below for p in holders for below in places.under(p)}


def _strictly(places: Places, feed: FeedForward) -> list[Place]:
    """The feed-forward's own module, unless it also holds the norm that stands before it (T5's layer.1)."""
    return list(places.under(feed.place))


def _beside_output(norm: Place) -> bool:
    return norm.parent is not None and norm.parent.name == "output"


NOT_FINAL = ("emb", "pre", "vocab", "extract", "conv", "batch", "patch", "query", "key")
"""Words in the names of norms beside a stack that stand elsewhere: after the embeddings, in the head, on the input."""


def _may_be_final(norm: Place) -> bool:
    name = norm.name.lower()
    return norm.kind == "normalization" and not any(w in name for w in NOT_FINAL) and not norm.node.type.startswith("BatchNorm")


def _final_norm(places: Places, tower: Tower) -> Place | None:
    """A norm after the stack, in its tower and outside its blocks."""
    last = tower.stacks[-1].holder
    for above in last.up():
        for kid in above.kids:
            if kid.index >= last.end and _may_be_final(kid):
                return kid
        if above is tower.place:
            break
    return None


def final_norm(places: Places, tower: Tower) -> Place | None:
    """The norm that follows the last block; None where there is none.

    Registration order may differ from execution order; but a norm registered before the stack is believed only where its name says so."""
    found = _final_norm(places, tower)
    if found:
        return found
    holder = tower.stacks[-1].holder
    beside = holder.parent.kids if holder.parent else []
    return next((k for k in beside if k.index < holder.index and _may_be_final(k) and ("final" in k.name or "ln_f" in k.name)), None)


def _place_norms(block: Block, has_final: bool) -> None:
    parts = block.parts()
    if parts and not block.norms and (leading := _leading(block)):
        block.placement, block.norms, block.before = "pre", list(leading.values()), leading
        return
    norms = [n for n in block.norms for _ in range(n.count // block.place.count)]  # a run of two is two
    if not norms or not parts:
        return
    said = _said(block)
    written = forward_placement(block.place, norms, parts) if said == "unknown" else None
    if written == "unusual" or (said == "unknown" and not written and _declines(block)):
        return
    if said != "unknown":
        block.placement, block.basis = said, "measured"
    elif written:
        block.placement, block.basis = written, "measured"
    else:
        block.placement = _by_names(block, norms, parts, has_final)
    ordered, post = _order(block, parts), [n for n in norms if named("post_norm", n.name)]
    if block.placement == "pre":
        _pair(ordered, block.before, norms)
    elif block.placement in ("post", "res-post"):
        _pair(ordered, block.after, norms)
    elif block.placement == "parallel":
        block.before.update(zip(parts, norms * (3 - min(len(norms), 2)), strict=False))
    elif block.placement == "sandwich":
        _pair(ordered, block.before, [n for n in norms if n not in post])
        _pair(ordered, block.after, post)


def _leading(block: Block) -> dict[Place, Place]:
    """The norm that each sub-layer holds as its first part, before all its products; {} where one holds none."""
    found: dict[Place, Place] = {}
    for part in block.parts():
        first = next((kid for kid in part.kids if kid.node.tensors is None or kid.node.tensors or kid.kids or kid.node.args), None)
        if part.kids and first is not None and first.kind == "normalization" and not named("query_norm", first.name):
            found[part] = first
    return found if len(found) == len(block.parts()) else {}


def _by_names(block: Block, norms: list[Place], parts: list[Place], has_final: bool) -> Placement | None:
    """Where the names of norms, their order and a last norm after the stack tell where they stand; None where they do not."""
    pre = [n for n in norms if named("pre_norm", n.name) and not named("post_norm", n.name)]
    post = [n for n in norms if named("post_norm", n.name)]
    if block.place.node.type in TORCH:
        return None  # its norm_first, which a print does not show, decides
    if all(_beside_output(n) for n in norms) and not has_final and len(norms) <= len(parts):
        return "post"
    if len(norms) == 1 and block.attentions and len(parts) == 2 and norms[0] in pre and has_final:
        return "parallel" if _says_where(norms[0]) else None
    if len(pre) >= 2 and len(post) >= 2 and len(norms) == 4:
        return "sandwich"
    if has_final and len(post) == len(norms) == len(parts) == 2 and _after_each(norms):
        return "res-post"
    first = norms[0] in pre and _comes_first(norms[0], parts)
    if has_final and len(norms) == len(parts) and (first or all(_leads(n, parts) for n in norms)):
        return "pre"
    return None


def _says_where(norm: Place) -> bool:
    """Whether a lone norm is named for its place: one called just `norm` may as well serve before each of two sub-layers in turn."""
    return re.fullmatch(r"(layer_?|rms_?)?norm|ln", norm.name, re.IGNORECASE) is None


def _after_each(norms: list[Place]) -> bool:
    """Whether two norms are named for what follows attention and what follows the feed-forward."""
    first, second = (n.name.lower() for n in norms)
    return "att" in first and any(word in second for word in ("feed", "ff", "mlp"))


def _declines(block: Block) -> bool:
    """Where names are known to lie: cosine attention (Swin v2) normalises after the sub-layer under the names of before; two-way blocks."""
    cosine = any("continuous_position_bias" in k.name or "cpb_mlp" in k.name for a in block.attentions for k in a.place.kids)
    return cosine or sum(a.cross for a in block.attentions) > 1


TORCH = ("TransformerEncoderLayer", "TransformerDecoderLayer")


def _said(block: Block) -> Placement | Literal["unknown"]:
    """What an attribute of the block says of it: torch's own layers have norm_first."""
    attributes = block.place.node.attributes
    if any(attributes.get(name) is True for name in ("use_parallel_residual", "parallel_attn")):
        return "parallel"
    for name in ("norm_first", "normalize_before", "pre_norm", "do_layer_norm_before"):
        if isinstance(value := attributes.get(name), bool):
            return "pre" if value else "post"
    return "unknown"


def _comes_first(norm: Place, parts: list[Place]) -> bool:
    """Whether a norm is said to stand at the block's entry, or is registered before the first sub-layer."""
    return norm.index < parts[0].index or any(word in norm.name.lower() for word in ("input", "pre", "before"))


def _leads(norm: Place, parts: list[Place]) -> bool:
    """Whether the norm is registered just before a sub-layer, in the same module."""
    return any(norm.parent is part.parent and norm.index < part.index for part in parts) or (
        norm.parent is not None and any(part.index > norm.index and part.index < norm.parent.end for part in parts)
    )


def _order(block: Block, parts: list[Place]) -> list[Place]:
    """The sub-layers as data passes them: self-attention, cross-attention, feed-forward."""
    crossing = {a.whole for a in block.attentions if a.cross}
    feeding = set(parts) - {a.whole for a in block.attentions} - {m.place for m in block.mixers}
    return sorted(parts, key=lambda p: (p in feeding, p in crossing, p.index))


def _pair(parts: list[Place], table: dict[Place, Place], norms: list[Place]) -> None:
    for part, norm in zip(parts, norms, strict=False):
        table[part] = norm

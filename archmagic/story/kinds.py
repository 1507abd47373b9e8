"""What tells the blocks of one stack apart: how each mixes positions, and how it transforms them."""

from __future__ import annotations

from collections.abc import Sequence

from ..facts import Findings
from ..facts.blocks import Block
from ..facts.feed_forward import FeedForward
from ..facts.places import Place
from . import words

MIXTURE = "a mixture of experts"

FULL = "full attention"
"""What attention is called beside attention within a window."""


def mixes_by(findings: Findings, block: Block) -> str:
    """ "attention within a window of 512 positions", "a Mamba mixer"; "" where nothing known mixes positions."""
    attention = next((a for a in block.attentions if not a.cross), None)
    mixer = mixer_of(findings, block)
    if attention and attention.linear:
        return mixer_noun(mixer) if mixer and "attention" in mixer.match.entry.title else "linear attention"
    if attention and mixer and not (attention.place.index <= mixer.index < attention.place.end):
        return f"attention and {mixer_noun(mixer)}"
    if attention:
        window = findings.get("sliding_window", block.place.path) or findings.get("sliding_window", attention.place.path)
        return f"attention within a window of {window.value:,} positions" if window and isinstance(window.value, int) else "attention"
    return mixer_noun(mixer) if mixer else ""


def mixer_of(findings: Findings, block: Block) -> Place | None:
    """The module of the block that mixes positions without attention."""
    return next((p for p in findings.places.under(block.place)[1:] if p.kind in ("mixer", "recurrent")), None)


def transforms_by(findings: Findings, block: Block) -> str:
    """ "a mixture of experts", "a feed-forward", "two feed-forwards"; "" where neither is found."""
    inside = findings.places.under(block.place)[1:]
    if block.mixtures or any(p.kind == "experts" for p in inside):
        return MIXTURE
    feeds = sum(place.count // block.place.count for place in {f.place for f in block.feeds if not f.shared})
    return f"{words.count(feeds)} feed-forwards" if feeds > 1 else "a feed-forward" if block.feeds else ""


def itself(feed: FeedForward) -> str:
    """How a feed-forward takes positions: "by itself", or with others that a convolution or a shift inside it brings in."""
    if feed.neighbours is None:
        return "by itself"
    return "with the one before it" if feed.neighbours.kind != "convolution" else "with its neighbours"


def by_itself(blocks: Sequence[Block]) -> str:
    """The same of all feed-forwards of some blocks; where they differ, what holds of those that take in others."""
    found = list(dict.fromkeys(itself(f) for b in blocks for f in b.feeds if not f.shared))
    return next((how for how in found if how != "by itself"), "by itself")


def mixer_noun(place: Place) -> str:
    """ "a Mamba mixer", "Fourier mixing": an entry's title inside a sentence."""
    title = place.match.entry.title
    parts = title.split()
    mass = parts[-1].endswith("ing") or parts[0].endswith("ing")
    proper = parts[0] != parts[0].capitalize() or parts[0] in ("Mamba", "Fourier", "RWKV")
    lower = title if proper else title[:1].lower() + title[1:]
    if title.endswith(")"):
        return f"the {lower}"
    return lower if mass else f"{words.article(lower)} {lower}"

"""Roles in one block: the block itself, its norms, and what is left over."""

from __future__ import annotations

from ...facts.attention import norm_width
from ...facts.blocks import Block
from ...facts.names import classed
from ...facts.places import Place
from ...facts.stacks import Tower
from .assigner import Assigner
from .attention import assign_attention
from .feed_forward import assign_feed_forward


def assign_block(to: Assigner, tower: Tower, block: Block) -> None:
    residual = ", each adding its result to the stream" if block.placement in ("pre", "post", "sandwich") else ""
    crossing = any(a.cross for a in block.attentions)
    mixture = bool(block.mixtures)
    if block.placement == "parallel":
        to.give(block.place, "block", "parallel", "named")
    elif block.attentions and mixture and not crossing:
        to.give(block.place, "block", "mixture", "named", residual=residual)
    elif block.attentions and block.feeds:
        to.give(block.place, "block", "cross" if crossing else "both", "named", residual=residual)
    elif block.attentions:
        to.give(block.place, "block", "attention", "named", residual=residual)
    elif mixer := next((p for p in to.places.under(block.place)[1:] if p.kind in ("mixer", "recurrent")), None):
        feeds = "mixer_feed" if block.feeds or block.mixtures else "mixer"
        to.give(block.place, "block", feeds, "named", residual=residual, mixer=_noun(mixer.match.entry.title))
    for attention in block.attentions:
        assign_attention(to, tower, block, attention)
    for feed in block.feeds:
        assign_feed_forward(to, block, feed)
    _norms(to, block)
    _rest_of_block(to, block)


def _noun(title: str) -> str:
    """ "a Mamba mixer", "Fourier mixing": an entry's title inside a sentence."""
    words = title.split()
    mass = words[-1].endswith("ing") or title.endswith(")")
    lower = title if words[0] != words[0].capitalize() or words[0] in ("Mamba", "Fourier", "RWKV") else title[:1].lower() + title[1:]
    return lower if mass else f"{'an' if lower[:1].lower() in 'aeio' else 'a'} {lower}"


def _norms(to: Assigner, block: Block) -> None:
    for table, key in ((block.before, "norm_before"), (block.after, "norm_after")):
        for part, norm in table.items():
            if block.placement == "parallel" and len(block.norms) == 1:
                to.give(norm, "norm_before", "parallel", block.basis)
            elif block.placement == "sandwich" and key == "norm_after":
                to.give(norm, key, "sandwich", block.basis, part=_part_name(to, block, part))
            else:
                to.give(norm, key, basis=block.basis, part=_part_name(to, block, part))
    for norm in block.norms:
        width = norm_width(norm)
        if width:
            to.give(norm, "block_norm", width=width)


def _part_name(to: Assigner, block: Block, part: Place) -> str:
    if part is block.place:
        return "the feed-forward"
    top = part
    for above in part.up():
        if above is block.place:
            break
        top = above
    return top.attribute or top.parent.attribute if top.name.isdecimal() and top.parent else top.name


def _rest_of_block(to: Assigner, block: Block) -> None:
    for kid in to.places.under(block.place):
        if kid.node.type.startswith("Dropout"):
            to.dropout(kid, "inner_dropout")
        elif classed("rotary", kid.node.type):
            to.give(kid, "rotary", basis="named")

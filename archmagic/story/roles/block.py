"""Roles in one block: the block itself, its norms, and what is left over."""

from __future__ import annotations

from ...facts.attention import norm_width
from ...facts.blocks import Block
from ...facts.feed_forward import reaching
from ...facts.names import classed
from ...facts.places import Place
from ...facts.stacks import Tower
from .. import words
from ..kinds import MIXTURE, by_itself, mixer_noun, mixer_of, mixes_by, transforms_by
from .assigner import Assigner
from .attention import assign_attention
from .feed_forward import assign_feed_forward
from .mixer import assign_mixers


def assign_block(to: Assigner, tower: Tower, block: Block) -> None:
    residual = ", each adding its result to the stream" if block.placement in ("pre", "post", "res-post", "sandwich") else ""
    crossing = any(a.cross for a in block.attentions)
    itself = by_itself([block])
    mixes, feeds = mixes_by(to.findings, block), transforms_by(to.findings, block)
    mixture = feeds == MIXTURE
    if block.placement == "parallel":
        to.give(block.place, "block", "parallel" if len(set(block.before.values())) < 2 else "parallel_two", "named")
    elif block.attentions and mixture and not crossing:
        to.give(block.place, "block", "mixture", "named", residual=residual)
    elif block.attentions and block.feeds and not crossing and (" and " in mixes or feeds.endswith("forwards")):
        several = "Attention mixes" if mixes.startswith("attention") and " and " not in mixes else f"{words.capital(mixes)} mix"
        how = f"{feeds} transform" if feeds.endswith("forwards") else "the feed-forward transforms"
        to.give(block.place, "block", "several", "named", mixers=several, feeds=how, residual=residual, itself=itself)
    elif block.attentions and block.feeds:
        to.give(block.place, "block", "cross" if crossing else "both", "named", residual=residual, itself=itself)
    elif block.attentions:
        to.give(block.place, "block", "attention", "named", residual=residual)
    elif mixer := mixer_of(to.findings, block):
        to.give(
            block.place, "block", "mixer_feed" if feeds else "mixer", "named", residual=residual, mixer=mixer_noun(mixer), itself=itself
        )
    for attention in block.attentions:
        assign_attention(to, tower, block, attention)
    for feed in block.feeds:
        assign_feed_forward(to, block, feed)
    assign_mixers(to, block)
    _norms(to, block)
    _rest_of_block(to, block)


def _norms(to: Assigner, block: Block) -> None:
    for table, key in ((block.before, "norm_before"), (block.after, "norm_after")):
        for part, norm in table.items():
            if block.placement == "parallel" and len(block.norms) == 1:
                to.give(norm, "norm_before", "parallel", block.basis)
            elif block.placement in ("res-post", "sandwich") and key == "norm_after":
                to.give(norm, key, "sandwich", block.basis, part=_part_name(to, block, part))
            elif len(parts := [p for p, n in table.items() if n is norm]) > 1 and norm.count > block.place.count:
                names = words.listing([_part_name(to, block, p) for p in parts])  # equal norms, one for each, which stand in one place
                to.give(norm, key, "several", block.basis, part=names)
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
    if top.name.isdecimal():
        return part.path[len(block.place.path) :].lstrip(".")
    return part.name if top.node.type == "ModuleList" else top.name


def _rest_of_block(to: Assigner, block: Block) -> None:
    for kid in to.places.under(block.place):
        if kid.node.type.startswith("Dropout"):
            to.dropout(kid, "inner_dropout")
        elif classed("rotary", kid.node.type):
            to.give(kid, "rotary", basis="named")
        elif kid.kind == "feed-forward" and reaching(to.places.under(kid)):
            to.give(kid, "feed_forward", "convolved", "named")

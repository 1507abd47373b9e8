"""Roles of parts that neither class nor place in a tower tells: what they are built of, by the products in them and their widths."""

from __future__ import annotations

from typing import Any

from ...facts.chains import Chain, find_chains
from ...facts.places import Place
from .. import words
from .assigner import Assigner

COMPANIONS = ("normalization", "activation", "regularization", "pooling")
MIXERS = ("attention", "mixer", "recurrent")
FEEDS = ("feed-forward", "experts")
MOST_WIDTHS = 6
MOST_PRODUCTS = 12
"""Products of which a part is told as one chain; larger ones are told by their parts."""


def assign_built(to: Assigner) -> None:
    """Gives a role to every part that has none and whose class is not known, the innermost first."""
    unknown = [p for p in reversed(to.places.holders) if p not in to.roles and not p.match.specific and p.node.style != "models"]
    if not unknown:
        return
    plain = _plain_inside(to)
    # Of what is not plain only convolutions are told as a chain.
    chains = find_chains(to.places, to.places.root) if to.findings.convolutions or not plain.isdisjoint(unknown) else {}
    for place in unknown:
        chain = chains.get(place)
        if chain and chain.products and chain.products <= MOST_PRODUCTS and place in plain:
            _assign_chain(to, place, chain)
        elif not (
            _assign_autoencoder(to, place, chains) or _assign_block(to, place) or (place in plain and _assign_branches(to, place, chains))
        ):
            _assign_reader(to, place)
            _assign_parts(to, place, chain)


def _plain_inside(to: Assigner) -> set[Place]:
    """The parts in which nothing stands but what is plain."""
    found: set[Place] = set()
    for place in reversed(to.places.holders):
        if all(_is_plain(kid) and (not kid.kids or kid in found) for kid in place.kids):
            found.add(place)
    return found


def _is_plain(place: Place) -> bool:
    """Whether a part is a product, a companion of one, or a holder of such; neither attention nor another mixer."""
    known = place.kind in (*COMPANIONS, "linear", "convolution") or place.node.type == "Identity" or place.node.is_none
    return known or (bool(place.kids) and place.kind not in (*MIXERS, "experts"))


# --- products one after another


def _assign_chain(to: Assigner, place: Place, chain: Chain) -> None:
    beside = [p for p in to.places.under(place)[1:] if not p.kids and p.kind in COMPANIONS and p.node.type != "Identity"]
    companions = words.listing(list(dict.fromkeys(_noun(p) for p in beside)))
    between = words.listing(list(dict.fromkeys(_noun(p) for p in beside if p.kind == "activation")))
    values: dict[str, Any] = {
        "path": path(chain),
        "n_in": chain.n_in,
        "n_out": chain.n_out,
        "companions": companions,
        "between": between,
    }
    if chain.gate:
        to.give(place, "channel_gate", basis="named", **values, middle=min(chain.widths))
    elif chain.convolutions:
        _assign_convolutions(to, place, chain, companions, values)
    elif chain.products == 1:
        to.give(place, "linear_with", "text" if companions else "alone", **values)
    elif between:
        to.give(place, "perceptron", basis="named", **values)
    elif chain.products == 2 and len(chain.widths) == 3 and chain.widths[1] < min(chain.n_in, chain.n_out):
        to.give(place, "perceptron", "narrow", "named", **values)
    else:
        to.give(place, "perceptron", "plain", "named", **values)


def _assign_convolutions(to: Assigner, place: Place, chain: Chain, companions: str, values: dict[str, Any]) -> None:
    linears = chain.products - chain.convolutions
    around = "; a path leads around them" if chain.around else ""
    values |= {"scale": scale(to, place, chain), "count": words.capital(words.count(chain.convolutions)), "around": around}
    if chain.products == 1:
        to.give(place, "convolution_with", "text" if companions else "alone", **values)
    elif linears:
        values |= {"convolutions": _some(chain.convolutions, "convolution"), "linears": _some(linears, "linear layer")}
        to.give(place, "convolutions", "linear", "named", **values)
    else:
        to.give(place, "convolutions", "text" if companions else "bare", "named", **values)


def _some(number: int, noun: str) -> str:
    return f"{words.count(number)} {noun}{'s' * (number != 1)}"


def path(chain: Chain) -> str:
    """ "64 → 128 → 64"; of a long one the ends."""
    if len(chain.widths) <= MOST_WIDTHS and (chain.products == len(chain.widths) - 1 or chain.n_in != chain.n_out):
        return " → ".join(f"{width:,}" for width in chain.widths)
    return f"{chain.n_in:,} → … → {chain.n_out:,}"


def scale(to: Assigner, place: Place, chain: Chain) -> str:
    """ ", each side 32 times smaller", ", the sequence 320 times longer"; "" where it stays or is not known."""
    kinds = {p.node.type[-2:] for p in to.places.under(place) if p.kind == "convolution" and not p.kids}
    whole, (less, more) = ("the sequence", ("shorter", "longer")) if kinds == {"1d"} else ("each side", ("smaller", "larger"))
    if not chain.down or not chain.up or (chain.down > 1) == (chain.up > 1):
        return ""
    factor, word = (chain.down, less) if chain.down > 1 else (chain.up, more)
    return f", {whole} {factor:,} times {word}"


def _noun(place: Place) -> str:
    return _lower(place.match.entry.title.partition(" (")[0])


def _lower(title: str) -> str:
    """A title inside a sentence: "ReLU" and "GELU" stay, "Hard Swish" and "Dropout" do not."""
    first = title.split()[0]
    return title if any(letter.isupper() for letter in first[1:]) else words.uncapital(title)


def _assign_branches(to: Assigner, place: Place, chains: dict[Place, Chain]) -> bool:
    """Products one after another, and then several that read the same: what a head or a variational encoder looks like."""
    made = [(kid, chain) for kid in place.kids if (chain := chains.get(kid)) and chain.products]
    if any(kid not in chains for kid in place.kids) or len(made) < 2:
        return False
    first, last = made[0][1], made[-1][1]
    trunk = [] if first.n_in == last.n_in else made[: next((n for n, (_, c) in enumerate(made) if c.n_in == last.n_in), 0)]
    branches = made[len(trunk) :]
    whole = trunk[0][1] if trunk else None
    for _, chain in trunk[1:]:
        whole = whole and whole.then(chain)
    alike = all(chain.n_in == last.n_in and chain.n_out != last.n_in for _, chain in branches)
    if len(branches) < 2 or not alike or (trunk and (whole is None or whole.n_out != last.n_in)):
        return False
    each = words.listing([f"{kid.name} ({path(chain)})" for kid, chain in branches])
    to.give(place, "branches", "text" if whole else "bare", "named", path=path(whole) if whole else "", branches=each)
    return True


# --- larger parts, told by what they hold


def _kind(to: Assigner, place: Place) -> str:
    return to.roles[place].kind if place in to.roles else place.kind


def _title(to: Assigner, place: Place) -> str:
    title = to.roles[place].title if place in to.roles and not place.match.specific else place.match.entry.title
    return _lower(title.partition(" (")[0])


def _is_list(place: Place) -> bool:
    return bool(place.kids) and all(kid.name.isdecimal() or (kid.child and kid.child.repeat) for kid in place.kids)


def _known(to: Assigner, place: Place) -> bool:
    return place in to.roles or place.match.specific


def _assign_block(to: Assigner, place: Place) -> bool:
    """A block or a sub-layer: attention or another mixer, perhaps a feed-forward, and their norms."""
    kinds = [(kid, _kind(to, kid)) for kid in place.kids if kid.node.type != "Identity" and not kid.node.is_none]
    mixers = [kid for kid, kind in kinds if kind in MIXERS]
    feeds = [kid for kid, kind in kinds if kind in FEEDS]
    others = [kid for kid, kind in kinds if kind not in (*MIXERS, *FEEDS, *COMPANIONS, "linear", "position", "other")]
    if others or not (mixers or feeds) or any(_is_list(kid) for kid in place.kids):
        return False
    if any(kind == "experts" for _, kind in kinds) and all(kind in ("experts", "other", *FEEDS) for _, kind in kinds) and len(kinds) > 1:
        to.give(place, "mixture", "built", "named")
        return True
    norms = [kid for kid, kind in kinds if kind == "normalization"]
    linears = [kid for kid, kind in kinds if kind == "linear"]
    if mixers and (feeds or _widens(to, linears)):
        titles = words.listing(list(dict.fromkeys(_title(to, p) for p in mixers)))
        feed = "a mixture of experts" if any(_kind(to, p) == "experts" for p in feeds) else "a feed-forward"
        to.give(place, "block", "built", "named", mixer=words.capital(titles), s="" if len(mixers) > 1 else "es", feed=feed)
    elif len(mixers + feeds) == 1 and not linears:
        main = (mixers + feeds)[0]
        norm = "its normalisation" if len(norms) == 1 else "its normalisations"
        to.give(place, "sublayer", "norm" if norms else "text", "named", part=main.name, title=_title(to, main), norms=norm)
    return place in to.roles


def _widens(to: Assigner, linears: list[Place]) -> bool:
    """Whether two products are a feed-forward that stands in the block itself."""
    if len(linears) != 2:
        return False
    up, down = (to.places.linear(place) for place in linears)
    return bool(up and down and up.n_in and up.n_out and up.n_in < up.n_out == down.n_in and down.n_out == up.n_in)


def _assign_parts(to: Assigner, place: Place, chain: Chain | None) -> None:
    """Parts one after another: what goes in and comes out, and which they are."""
    kids = [kid for kid in place.kids if not (kid.kind == "regularization" or kid.node.is_none)]
    lists = [kid for kid in kids if _is_list(kid)]
    blocks = [block for held in lists for block in held.kids]
    count = sum(block.child.count if block.child else 1 for block in blocks)
    if chain and chain.convolutions and all(_known(to, p) for p in [*kids, *blocks]):
        channels = f"{chain.n_in:,} channel{'s' * (chain.n_in > 1)}"
        values = {"channels": channels, "n_out": chain.n_out, "scale": scale(to, place, chain)}
        if len(kids) == 1 and blocks:
            to.give(place, "run", "channels", "named", **values, parts=_several(to, blocks, count))
        else:
            to.give(place, "run", "parts", "named", **values, parts=words.listing([kid.name for kid in kids], most=9))
        return
    _assign_body(to, place)
    stacks = [stack.holder for tower in to.findings.towers for stack in tower.stacks]
    held = [kid for kid in lists if kid in stacks] or lists
    blocks = [block for kid in held for block in kid.kids]
    if len(held) == 1 and all(_kind(to, b) == "block" and _known(to, b) for b in blocks):
        rest = words.listing([kid.name for kid in kids if kid not in held])
        parts = _several(to, blocks, sum(block.child.count if block.child else 1 for block in blocks))
        to.give(place, "run", "blocks", "named", parts=parts, rest=f", with {rest} beside" if rest else "")
    elif any(place.index < stack.index < place.end for stack in stacks) and all(_known(to, kid) for kid in kids):
        to.give(place, "run", "towers", "named", parts=words.listing([f"{kid.name} ({_what(to, kid)})" for kid in kids]))


def _what(to: Assigner, place: Place) -> str:
    """A part's title; of a list, those of what it lists."""
    shown = place.kids if _is_list(place) else [place]
    return words.listing(list(dict.fromkeys(_title(to, kid) for kid in shown)))


def _assign_reader(to: Assigner, place: Place) -> None:
    """A table and a recurrent layer that reads its vectors."""
    tables = [(kid, kid.node.get("num_embeddings"), kid.node.get("embedding_dim")) for kid in place.kids if kid.kind == "embedding"]
    layers = [kid for kid in place.kids if kid.kind == "recurrent" and kid.node.get("hidden_size")]
    if len(tables) != 1 or len(layers) != 1 or not tables[0][1] or not tables[0][2]:
        return
    looks = any(_kind(to, kid) == "attention" for kid in place.kids)
    last = to.places.linear(place.kids[-1])
    values = {"rows": tables[0][1], "width": tables[0][2], "state": layers[0].node.get("hidden_size"), "layer": _title(to, layers[0])}
    head = f", and scores {last.n_out:,} outputs at each step" if last and last.n_out else ""
    to.give(place, "reader", "attending" if looks else "text", "named", **values, head=head)


def _assign_autoencoder(to: Assigner, place: Place, chains: dict[Place, Chain]) -> bool:
    """A pair that makes its input smaller and brings it back, as audio codecs and image tokenisers do."""
    by_name = {kid.name: chains.get(kid) for kid in place.kids}
    down, up = by_name.get("encoder"), by_name.get("decoder")
    if not (down and up and down.convolutions and up.convolutions and down.n_in == up.n_out):
        return False
    quantizer = next((kid.name for kid in place.kids if kid.name.startswith("quant") and kid.kids), "")
    text = "text" if quantizer else "plain"
    less = scale(to, next(kid for kid in place.kids if kid.name == "encoder"), down)
    to.give(place, "autoencoder", text, "named", n_in=down.n_in, n_out=down.n_out, scale=less, quantizer=quantizer)
    return True


def _assign_body(to: Assigner, place: Place) -> None:
    """All of a model but its head: the part of the root that holds every stack or stage, where products follow it."""
    model = to.findings.model
    stacks = [s.holder for t in to.findings.towers for s in t.stacks] or [s.place for s in to.findings.stages]
    if place.parent is not model or not stacks or not all(place.index <= s.index < place.end for s in stacks):
        return
    heads = [kid for kid in model.kids if kid.index > place.index and any(to.places.linear(p) for p in to.places.under(kid))]
    if heads:
        parts = words.listing([kid.name for kid in place.kids])
        to.give(place, "body", basis="named", heads=words.listing([kid.name for kid in heads]), parts=parts)


def _several(to: Assigner, blocks: list[Place], count: int) -> str:
    """ "four stages one after another", "15 parts one after another (convolution, residual block)", "one Transformer block"."""
    titles = list(dict.fromkeys(_title(to, block) for block in blocks))
    after = " one after another" if count > 1 else ""
    if len(titles) == 1 and titles[0].split()[-1] in ("block", "stage", "layer", "unit", "convolution", "sub-layer"):
        return f"{words.count(count)} {titles[0]}{'s' * (count > 1)}{after}"
    return f"{words.count(count)} part{'s' * (count > 1)}{after} ({words.listing(titles)})"

"""What the parts of a model do for one another, where their kinds show it: comparing, perceiving, finding objects, rebuilding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from ..facts.names import named
from ..facts.places import Place
from ..facts.stacks import Tower
from .story import Statement
from .telling import Telling, words
from .towers import PERCEIVING, Labelled, label_towers

INPUTS = {"vision": "an image", "audio": "sound"}


def purpose(telling: Telling) -> Iterator[Statement]:
    """What the model is put together for; nothing where its structure does not show it."""
    labelled = label_towers(telling.findings)
    yield from _compares(telling, labelled) or _perceives(telling, labelled)
    yield from _detects(telling)
    yield from _rebuilds(telling)


def _compares(telling: Telling, labelled: list[Labelled]) -> list[Statement]:
    """Two towers whose results are brought to one width, or compared with a learned scale: contrastive learning."""
    findings = telling.findings
    if dual := findings.dual:
        return [_contrasts(telling, dual.projections, dual.width, dual.scale, findings.model)]
    if len(labelled) < 2 or any(x.tower.cross for x in labelled) or findings.vocabulary_heads:
        return []
    found = [(projection, width) for x in labelled for projection, width in _projection(telling, x.tower)]
    found = found or _ends(telling, labelled)
    if len(labelled) == len(found) == 2 and len({width for _, width in found}) == 1:
        return [_contrasts(telling, [place for place, _ in found], found[0][1], "", findings.model)]
    scale = next((t.name for t in findings.model.node.tensors or () if t.name == "logit_scale"), None)
    return [_contrasts(telling, (), None, scale, findings.model)] if scale else []


def _contrasts(telling: Telling, heads: Sequence[Place], width: int | None, scale: str, model: Place) -> Statement:
    if width is None:
        return telling.say("purpose.contrastive_scale", basis="named", evidence=[model], scale=scale)
    listed = words.listing([h.path for h in heads])
    return telling.say("purpose.contrastive", basis="named", evidence=heads, projections=listed, width=width)


def _ends(telling: Telling, labelled: list[Labelled]) -> list[tuple[Place, int]]:
    """Of a tower for images and one for text with nothing beside them, the product that each ends in, and its width."""
    findings = telling.findings
    if {x.kind for x in labelled} != {"vision", "text"} or len(labelled) != 2:
        return []
    inside = {p for x in labelled for p in findings.places.under(x.tower.place)}
    if any(p not in inside and not p.kids and findings.places.linear(p) for p in findings.places.all):
        return []
    after = [findings.places.all[x.tower.stacks[-1].holder.end : x.tower.place.end] for x in labelled]
    ends = [[found for p in places if not p.kids and (found := findings.places.linear(p)) and found.n_out][-1:] for places in after]
    return [(found.place, found.n_out) for found in (x for end in ends for x in end) if found.n_out]


def _projection(telling: Telling, tower: Tower) -> Iterator[tuple[Place, int]]:
    """A projection beside the towers that its name gives to this one (text_model, text_projection), and the width it makes."""
    places, first = telling.findings.places, tower.scope.rpartition(".")[2][:3]
    for kid in tower.place.parent.kids if tower.place.parent else []:
        products = [x for p in places.under(kid) if not p.kids and (x := places.linear(p))]
        if "proj" in kid.name and kid.name.startswith(first) and kid is not tower.place and products and products[-1].n_out:
            yield kid, products[-1].n_out


def _perceives(telling: Telling, labelled: list[Labelled]) -> Iterator[Statement]:
    """Towers for images or sound whose result a language model takes in, perhaps through queries that attend to it."""
    seeing = [x for x in labelled if x.kind in PERCEIVING]
    language = next((x for x in labelled if x.kind == "language"), None)
    rest = [x for x in labelled if x not in seeing and x is not language]
    if not seeing or language is None or any(not x.tower.cross for x in rest):
        return
    projector = _connector(telling, language)
    width = telling.findings.width(language.tower)
    inputs = list(dict.fromkeys(INPUTS[x.kind] for x in seeing))
    yield telling.say(
        "purpose.perceive_cross" if language.tower.cross else "purpose.perceive",
        basis="named",
        evidence=[*(x.tower.place for x in seeing), projector, language.tower.place],
        towers=words.opening(words.listing([x.noun for x in seeing])),
        turn="turn" if len(seeing) > 1 else "turns",
        inputs=words.listing(inputs),
        projector=telling.text("purpose.projector", projector=projector.path, width=width[0]) if projector and width else "",
    )


def _connector(telling: Telling, language: Labelled) -> Place | None:
    """What brings other vectors to the language model's width: told by the widths it joins, else by its name and the width it makes."""
    found = next((place for place, role in telling.roles.items() if role.key == "connector"), None)
    findings = telling.findings
    width = findings.width(language.tower)
    if found or width is None:
        return found
    inside = [s.holder for t in findings.towers for s in t.stacks] + [language.tower.place]
    for place in findings.places.all[1:]:
        if not named("connector", place.name) or any(h.index <= place.index < h.end or place.index <= h.index < place.end for h in inside):
            continue
        products = [x for p in findings.places.under(place) if not p.kids and (x := findings.places.linear(p))]
        if any(x.n_out == width[0] for x in products):
            return place
    return None


def _detects(telling: Telling) -> Iterator[Statement]:
    """A head of four numbers that its name calls a box."""
    findings = telling.findings
    products = [x for p in findings.places.all if not p.kids and (x := findings.places.linear(p)) and x.n_out]
    boxes = [a for x in products if x.n_out == 4 and (a := _called("box_head", x.place))]
    if not boxes:
        return
    for box in reversed(boxes):
        beside = [k for k in (box.parent.kids if box.parent else []) if k is not box and named("class_head", k.name)]
        scoring = next((k for k in beside if any(k.index <= x.place.index < k.end for x in products)), None)
        if scoring:
            yield telling.say("purpose.detect", basis="named", evidence=[scoring, box], boxes=box.path, classes=scoring.path)
            return
    yield telling.say("purpose.detect_boxes", basis="named", evidence=boxes[-1:], boxes=boxes[-1].path)


def _called(role: str, place: Place) -> Place | None:
    """The place, or the nearest around it, whose name says so."""
    return next((a for a in (place, *place.up()) if named(role, a.name)), None)


def _rebuilds(telling: Telling) -> Iterator[Statement]:
    """An output as wide as the pixels of one patch: a masked autoencoder, unless it works step by step on noise."""
    findings = telling.findings
    patches = next((p for t in findings.towers if (p := findings.patches(t))), None)
    if findings.steps or patches is None:
        return
    sides, channels = patches.size, patches.channels
    tower = findings.towers[-1]
    width = findings.width(tower)
    for place in findings.places.all[tower.stacks[-1].holder.end :]:
        found = findings.places.linear(place)
        if found and width and found.n_in == width[0] != found.n_out == channels * prod(sides):
            yield telling.say(
                "purpose.rebuild",
                basis="named",
                evidence=[place],
                head=place.path,
                n_out=found.n_out,
                sizes=" × ".join(map(str, (channels, *sides))),
                what="a video" if len(sides) > 2 else "an image",
            )
            return

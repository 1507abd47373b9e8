"""One line for each part: its role here, what its type does where that is new, and how its parameters come about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..facts import weakest
from ..facts.places import Place
from ..options import LEVELS, Level
from .roles import Role
from .story import Part, Statement
from .telling import Telling, words

PLAIN = frozenset({"Linear", "Embedding", "Dropout", "ModuleList", "ModuleDict", "Sequential", "FSDPSequential", "Identity"})
"""Types that a role alone explains; any other type is described where it first occurs."""

SAYS_ALL = ("rotary", "shift", "recurrent", "router", "mixer_steps")
"""Roles that say what the type does."""

SHELLS = {
    "holder": ("text",), "listing": ("text",), "sequence": ("text",), "sublayers": ("text",), "intermediate": ("text",),
    "adapter_holder": ("text",), "attention": ("wrapper", "holder"), "feed_forward": ("wrapper", "holder"),
    "tower": ("backbone", "backbone_vision", "inside"),
}  # fmt: skip
"""Roles and sentences of what only holds other parts, which paths show to a reader who knows paths."""

IN_FLOW = {
    "token_embedding", "position_embedding", "type_embedding", "embedding_norm", "embedding_dropout", "patch_embedding", "rotary",
    "final_norm", "vocabulary_head",
}  # fmt: skip
"""Roles of which the data flow says as much."""

TAUGHT = {
    **{("attention", sentence): "block.attending" for sentence in ("causal", "windowed", "both_ways", "plain", "cross")},
    **{("fused_qkv", sentence): "block.fused" for sentence in ("equal", "grouped", "plain")},
}
"""What beginners are taught with the first part of a role."""

SHARED = {
    "attention": ("causal", "windowed", "approximated", "both_ways", "plain", "cross", "linear", "latent"),
    "feed_forward": ("plain", "gated", "across"), "mixture": ("counted", "plain"), "shared_experts": ("text",),
}  # fmt: skip
"""Roles and sentences of a block's sub-layers, of which the share in its parameters is told."""


def idle(telling: Telling, places: Sequence[Place], within: Place | None = None) -> Iterator[Statement]:
    """One line for all that only passes its input through."""
    if places:
        names = [relative(p, within) for p in places]
        verb = "passes its input through" if len(names) == 1 else "pass their input through"
        yield telling.say("block.through", evidence=places, names=words.listing(names, 12), verb=verb)


def is_idle(telling: Telling, place: Place) -> bool:
    """Whether a part only passes its input through: an identity, dropout set to 0."""
    role = telling.roles.get(place)
    off = role is not None and (role.key, role.sentence) == ("inner_dropout", "off")
    return not place.kids and (off or (role is None and place.node.type == "Identity"))


def relative(place: Place, within: Place | None) -> str:
    """Its path inside `within`."""
    return place.path[len(within.path) :].lstrip(".") if within else place.path


def item(telling: Telling, place: Place, within: Place | None = None) -> list[Statement]:
    """What is said of one part: one statement for all levels, or for those that are told the same; none of one that nothing is known of."""
    if place.node.is_none:
        return []
    part = telling.parts[place.path]
    basis, last = part.basis, ""
    share = _share(telling, place, part, within)
    telling_own = bool(place.kids) or not (part.role or part.specific)
    if telling_own and part.num_own_parameters:
        own = [f"{t.name} ({' × '.join(map(str, t.shape or ()))})" for t in place.node.tensors or () if t.kind == "parameter"]
        total = words.several(part.num_own_parameters, "parameter")
        last = telling.text("block.own", tensors=words.listing(own), total=total) if own else f"{total}."
    elif part.arithmetic and part.num_own_parameters:
        each = " each" if place.child and place.child.count > 1 else ""
        last = f"{part.arithmetic} parameter{'s' * (part.num_own_parameters != 1)}{each}."
        basis = "assumed" if place in telling.findings.sizes.assumed else basis
    if share:
        last, basis = f"{last} {share}".strip(), weakest([basis, "derived"])
    alone = telling_own and part.num_own_parameters and place.node.tensors  # all that is known is worth a line
    said: dict[Level, list[str]] = {
        level: [first, *type_notes(telling, place, part, level), last]
        for level in LEVELS
        if (first := _first(telling, place, part, level)) or alone
    }
    texts = kinds_of_text(said)
    label = relative(place, within)
    return [Statement(text, basis, (place.path,), (), label, levels) for text, levels in texts.items()]


def _first(telling: Telling, place: Place, part: Part, level: Level) -> str:
    """The role, else what the type does: in full where it first occurs, then in short."""
    role, entry, described = telling.roles.get(place), place.match.entry, telling.described[level]
    if role and role.text and role.key in ("linear", "convolution"):
        known = role.key in described
        described.add(role.key)
        short = role.key == "linear" and (known or (level == "beginner" and place.match.specific))  # its type says the rest
        return f"{role.text.partition(':')[0]}." if short else role.text
    if role and level != "beginner" and _said(telling, place, role, part):
        return ""
    if role and role.key == "activation" and (level == "expert" or (level == "practitioner" and entry.name in described)):
        return ""  # the feed-forward's line names it
    if role and level == "beginner" and (key := TAUGHT.get((role.key, role.sentence))) and key not in described:
        described.add(key)
        return f"{role.text} {telling.text(key)}"
    if part.role or not part.specific:
        return part.role or ""
    if entry.name in described and (level != "beginner" or place.kids):
        return "" if place.kids and level != "beginner" and not part.num_own_parameters else f"{entry.title}."
    return part.description


def _said(telling: Telling, place: Place, role: Role, part: Part) -> bool:
    """Whether a reader who knows networks learns nothing more of the part."""
    shell = role.sentence in SHELLS.get(role.key, ()) and not part.num_own_parameters
    above = telling.roles.get(place.parent) if place.parent else None
    again = place.kids and above is not None and above.text == role.text and not part.num_own_parameters
    return bool(shell or again or (role.key in IN_FLOW and place.path in telling.flowed))


def _share(telling: Telling, place: Place, part: Part, within: Place | None) -> str:
    """ "4,722,432 parameters, 67 % of the block": of a sub-layer whose sizes are known."""
    role = telling.roles.get(place)
    whole = telling.parts[within.path].num_parameters if within else None
    if not (role and whole and part.num_parameters and place.kids and role.sentence in SHARED.get(role.key, ())):
        return ""
    assert within is not None
    if any(within.index <= assumed.index < within.end for assumed in telling.findings.sizes.assumed):
        return ""
    percent = words.whole_percent(part.num_parameters, whole)
    return telling.text("block.share", total=words.several(part.num_parameters, "parameter"), percent=percent)


def kinds_of_text(said: Mapping[Level, Iterable[str]]) -> dict[str, tuple[Level, ...]]:
    """Each text that is told of something, and the levels at which it is."""
    texts: dict[str, tuple[Level, ...]] = {}
    for level, sentences in said.items():
        if text := " ".join(filter(None, sentences)):
            texts[text] = (*texts.get(text, ()), level)
    return texts


def type_notes(telling: Telling, place: Place, part: Part, level: Level) -> Iterator[str]:
    """What the layer type does, where a reader of this level may not know it and it was not said yet; why, or its formula."""
    entry, described = place.match.entry, telling.described[level]
    role = telling.roles.get(place)
    if not place.match.specific or entry.name in described or (role and role.key in SAYS_ALL):
        return
    if not part.role:
        described.add(entry.name)
    elif place.kids:
        return
    elif level == "beginner" or (level == "practitioner" and entry.name not in PLAIN):
        described.add(entry.name)
        yield f"{place.node.type}: {words.uncapital(entry.summary)}"
    if level == "beginner" and entry.name in described and entry.why and not place.kids:
        yield entry.why
    if level == "expert" and entry.formula and entry.name not in PLAIN and not place.kids:
        described.add(entry.name)
        yield telling.text("block.formula", formula=entry.formula)

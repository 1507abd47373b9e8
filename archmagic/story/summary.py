"""The explanation in one paragraph, as statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from ..facts import Fact
from ..facts.ends import Embedding
from ..facts.places import Linear, Place
from .purpose import purpose
from .roles.recurrent import layers_of
from .story import Statement
from .telling import Telling, words
from .towers import Labelled, label_towers

WHOLE = ("num_graph_layers", "num_node_features", "num_virtual_tokens", "traced", "pruned_tensors", "parametrization")
"""Facts on the whole that are told in their own words."""

BESIDE = ("unregistered_modules",)
"""What is told after the parameters, since it says what is not among them."""


MOST_KINDS = 5
"""Types of layers that are counted in the sentence on a model that no detector knows."""


def summary(telling: Telling) -> list[Statement]:
    """What the model is, how deep and wide, how many parameters."""
    findings = telling.findings
    root = findings.tree.root
    if not root.children:
        return [
            _by_class(telling, root.type, findings.places.root.match.entry.summary),
            *_parameters(telling),
            *telling.known(BESIDE),
        ]
    return [
        *_whole(telling),
        *_lone(telling),
        *purpose(telling),
        *_depth(telling),
        *telling.known(() if findings.inner else WHOLE),  # of several models each tells its own
        *_parameters(telling),
        *_adapters(telling),
        *telling.known(() if findings.inner else BESIDE),
    ]


def _whole(telling: Telling) -> Iterator[Statement]:
    findings = telling.findings
    kind, family = telling.fact("architecture"), telling.fact("family")
    title = findings.tree.root.type
    if findings.tree.root.style == "models":
        kids = findings.places.root.kids
        listed = words.listing([_one_of_several(kid, kids) for kid in kids], 12)
        yield telling.say("summary.models", evidence=[kid.path for kid in kids], title=title, models=listed)
        return
    alike = telling.fact("num_networks")
    if kind is None:
        if alike:
            yield _side_by_side(telling, title, alike)
            return
        entry = findings.places.root.match
        alone = entry.how in ("class", "base") or (not findings.embeddings and not findings.convolutions)
        if entry.specific and alone:
            yield _by_class(telling, title, entry.entry.summary)
            return
        yield _by_kinds(telling, title)
        return
    value = str(kind.value)
    does = _does(telling, value)
    if findings.model is not findings.places.root:
        title = telling.text("summary.wrapped", title=title, model=findings.model.node.type)
    if alike:
        yield _side_by_side(telling, title, alike)
        title = telling.text("summary.each")
    if family:
        noun = str(family.value)
        a = words.article(noun)
        yield telling.say("summary.family", facts=[kind, family], title=title, a=a, family=noun, architecture=value, does=does)
        yield from telling.known(("family_relative",))
        if differs := telling.fact("family_differences"):
            yield telling.say("summary.family_differences", facts=[differs], family=noun, value=differs.value)
    else:
        yield telling.say("summary.plain", facts=[kind], title=title, a=words.article(value), architecture=value, does=does)


def _side_by_side(telling: Telling, title: str, alike: Fact) -> Statement:
    return telling.say("summary.alike", facts=[alike], title=title, networks=words.several(_int(alike), "whole network"))


def _lone(telling: Telling) -> Iterator[Statement]:
    """Of a model that is itself an attention or a feed-forward, its heads or widths, as they are told of one in a block."""
    role = telling.roles.get(telling.findings.places.root)
    if role is None or role.key not in ("attention", "feed_forward") or role.sentence in ("wrapper", "holder", "bare"):
        return
    if role.sentence == "plain" and role.key == "attention":  # alone, it may as well attend to another sequence
        if heads := str(role.values["heads"]).lstrip(", "):
            yield telling.say("summary.lone_heads", basis=role.basis, evidence=[""], heads=heads)
    else:
        yield Statement(role.text, role.basis, ("",))


def _by_class(telling: Telling, title: str, summary: str) -> Statement:
    """What the catalog says of the class itself: "X: adds ...", "X is a model with ..."."""
    noun = summary.startswith(("A ", "An "))
    return telling.say("summary.is" if noun else "summary.single", evidence=[""], title=title, what=words.uncapital(summary))


def _printed_layers(telling: Telling, total: Fact, head: tuple[Linear, Embedding] | None) -> Statement:
    """What the print adds up to, and what remains where head and table are one weight: both certain, whichever holds."""
    how = ""
    if head:
        rest = words.human(_int(total) - head[1].rows * head[1].width)
        if rest != words.human(_int(total)):
            how = f" ({rest} if {head[0].place.path} shares {head[1].place.path}'s weight, which a print cannot show)"
    statement = telling.say("summary.parameters_least", facts=[total], total=words.human(_int(total)), how=how)
    return replace(statement, basis="assumed" if telling.findings.sizes.assumed else "derived")


def _adapters(telling: Telling) -> Iterator[Statement]:
    rank, targets = telling.fact("lora_rank"), telling.fact("lora_targets")
    if rank and targets and isinstance(targets.value, tuple):
        listed = words.listing([str(name) for name in targets.value])
        yield telling.say("summary.adapters", facts=[rank, targets], rank=rank.value, targets=listed)
    else:
        yield from telling.known(("adapter",))


def _does(telling: Telling, kind: str) -> str:
    towers = telling.findings.towers
    vocabulary, patch = telling.fact("vocab_size"), telling.fact("patch_size", towers[0] if len(towers) == 1 else None)
    if kind == "Transformer decoder" and vocabulary:
        return telling.text("does.cross_decoder", vocabulary=vocabulary.value)
    if kind.startswith(("decoder-only", "language model")) and vocabulary and telling.findings.vocabulary_heads:
        return telling.text("does.decoder", vocabulary=vocabulary.value)
    if kind == "Transformer encoder":
        return telling.text("does.encoder")
    if kind.startswith("encoder-decoder"):
        return telling.text("does.encoder_decoder" if telling.findings.vocabulary_heads else "does.encoder_queries")
    if kind == "vision Transformer" and patch:
        return telling.text("does.vision", patch=patch.value)
    if kind == "convolutional network":
        stages = telling.findings.stages
        blocks = words.listing([str(s.blocks) for s in stages])
        return telling.text("does.convolution", stages=f", in {words.count(len(stages))} stages of {blocks} blocks" if stages else "")
    if kind.endswith("U-Net inside"):
        ways = telling.findings.places.by_path[telling.findings.unet[0]]
        return telling.text("does.unet_inside", path=ways.parent.path if ways.parent else "")
    others = {"multi-layer perceptron": "does.mlp", "Transformer": "does.transformer"}
    others |= {"U-Net": "does.unet", "nested U-Net": "does.unet_grid"}
    if kind == "recurrent network":
        return telling.text("does.recurrent", layers=_recurrent(telling))
    return telling.text(others[kind]) if kind in others else ""


def _recurrent(telling: Telling) -> str:
    """ ", in two layers of LSTM and both directions": where there is one recurrent part."""
    found = [p for p in telling.findings.places.of_kind("recurrent") if not p.kids]
    if len(found) != 1 or found[0].count != 1:
        return ""
    layers = layers_of(found[0])
    return f", {layers.how}".replace(" layer", f" {found[0].node.type} layer") if layers else ""


def _by_kinds(telling: Telling, title: str) -> Statement:
    """ "X holds 4 × Linear and 2 × ReLU": of a model that no detector knows; of more kinds the most frequent."""
    kinds: Counter[str] = Counter()
    end = 1
    for place in telling.findings.places.all[1:]:
        if place.index < end:
            continue
        if place.node.style == "verbatim" and place.match.specific:
            end = place.end  # a layer whose print hides its parts
        holds = not place.kids or any(tensor.kind == "parameter" for tensor in place.node.tensors or ())
        if (holds or end > place.index) and not place.node.is_none:
            kinds[place.node.type] += place.count
    listed = words.listing([f"{n:,} × {t}" for t, n in kinds.most_common(MOST_KINDS)])
    if 0 < len(kinds) <= MOST_KINDS:
        return telling.say("summary.unknown", evidence=[""], title=title, modules=listed)
    modules = words.several(sum(p.count for p in telling.findings.places.all) - 1, "module")
    return telling.say("summary.unknown_kinds" if listed else "summary.unknown", evidence=[""], title=title, modules=modules, kinds=listed)


def _depth(telling: Telling) -> Iterator[Statement]:
    towers = telling.findings.towers
    if len(towers) == 1:
        layers, hidden = telling.fact("num_hidden_layers", towers[0]), telling.fact("hidden_size", towers[0])
        vocabulary, context = telling.fact("vocab_size"), telling.fact("max_position_embeddings", towers[0])
        if not telling.findings.embeddings_of(towers[0], "token"):  # of what reads no tokens a config may still say how many there are
            vocabulary, context = (fact if fact and fact.basis != "config" else None for fact in (vocabulary, context))
        if layers and hidden:
            again = layers.basis == "config" and towers[0].main.count == 1  # ALBERT's one block
            blocks = f"one block, passed {_int(layers):,} times" if again else words.several(_int(layers), "block")
            has = [f"{blocks} on a stream of vectors {_int(hidden):,} numbers wide"]
            has += [f"a vocabulary of {words.several(_int(vocabulary), 'token')}"] if vocabulary else []
            has += [f"a context of {words.several(_int(context), 'position')}"] if context else []
            dual = telling.findings.dual
            key = "summary.depth_each" if telling.findings.alike else "summary.depth_text" if dual else "summary.depth"
            yield telling.say(key, text=dual.text.path if dual else "", facts=[layers, hidden, vocabulary, context], has=words.listing(has))
    elif 1 < len(towers) <= 6:
        rows = [(x, *_own(telling, x)) for x in label_towers(telling.findings)]
        known = [(x, layers, hidden) for x, layers, hidden in rows if layers and hidden]
        if len(known) > 1:
            told = [_tower(telling, x, layers, hidden, known[0][1:]) for x, layers, hidden in known]
            yield telling.say(
                "summary.towers", facts=[f for _, *pair in known for f in pair], towers=words.opening(words.listing(told, len(told)))
            )


def _own(telling: Telling, labelled: Labelled) -> tuple[Fact | None, Fact | None]:
    return telling.fact("num_hidden_layers", labelled.tower), telling.fact("hidden_size", labelled.tower)


def _tower(telling: Telling, labelled: Labelled, layers: Fact, hidden: Fact, first: tuple[Fact, Fact]) -> str:
    """ "the encoder has 6 blocks on vectors of 512 numbers", "the decoder has the same"."""
    if layers is not first[0] and (layers.value, hidden.value) == (first[0].value, first[1].value):
        return telling.text("summary.tower_alike", noun=labelled.noun)
    blocks = "block" if layers.value == 1 else "blocks"
    return telling.text("summary.tower", noun=labelled.noun, layers=layers.value, blocks=blocks, hidden=hidden.value)


def _one_of_several(model: Place, models: list[Place]) -> str:
    """What one of several models is called beside the others: by its name, if it has one or its class does not tell it apart."""
    if model.name.startswith("["):
        return f"{model.count} × {model.node.type}"
    alike = sum(other.node.type == model.node.type for other in models)
    return model.node.type if model.name.isdecimal() and alike == 1 else f"{model.name} ({model.node.type})"


def _int(fact: Fact | None) -> int:
    return fact.value if fact and isinstance(fact.value, int) else 0


def _parameters(telling: Telling) -> Iterator[Statement]:
    total, family = telling.fact("num_parameters"), telling.fact("family")
    if not total or not total.value:
        return
    exact = words.human(_int(total))
    if telling.findings.inner:
        lone = sum(kid.count for kid in telling.findings.places.root.kids) == 1
        yield telling.say("summary.parameters" if lone else "summary.together", facts=[total], total=exact, how="")
        return
    if telling.printed:
        tie = telling.fact("tie_word_embeddings")
        head = next(iter(telling.findings.vocabulary_heads), None) if not telling.findings.alike else None
        how = ""
        if tie and tie.value and head:
            untied = words.human(_int(total) + head[1].rows * head[1].width)
            how = f" if {head[0].place.path} shares {head[1].place.path}'s weight, {untied} if not"
        if telling.findings.assumed_shapes and family:
            yield telling.say("summary.parameters_assumed", facts=[total], family=family.value, total=exact, how=how)
        elif telling.findings.sizes.unknown and not how:
            yield _printed_layers(telling, total, head)
        else:
            yield telling.say("summary.parameters", facts=[total], total=exact, how=how)
        return
    trainable, active = telling.fact("num_trainable_parameters"), telling.fact("num_active_parameters")
    how = f", of which {words.human(_int(active))} are active for each token" if active else ""
    key = "summary.parameters_all" if telling.findings.alike else "summary.parameters"
    yield telling.say(key, facts=[total, active], total=exact, how=how)
    if trainable and trainable.value != total.value:
        some = words.human(_int(trainable))
        frozen = _int(total) - _int(trainable)
        key = "summary.frozen_few" if some == exact and frozen > 0 else "summary.frozen"
        yield telling.say(key, facts=[total, trainable] if key.endswith("few") else [trainable], trainable=some, frozen=frozen)

"""Which well-known family the blocks resemble most, and in what they differ: by structure alone, never by a class's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from ...tables import table_of
from ..attention import Attention, leaves_out
from ..convolution import Convolution, beside, block_paths, convolution
from ..fact import Fact
from ..findings import Findings
from ..names import classed, named
from ..places import Place
from ..sentence import sentence
from ..stacks import Tower

KINDS = {"tokens", "decoder", "encoder", "encoder-decoder", "token-decoder", "vision", "convolutional", "linear:Conv1D", "one-segment"}
"""Marks that a family and a model must share or lack together; all others may differ, and the difference is told."""

ALLOWED = 2
"""How many differences leave two families alike."""

FACTS = {
    "position_encoding": "positions", "normalization": "norm", "norm_placement": "placement", "feed_forward": "feed-forward",
    "hidden_act": "activation",
}  # fmt: skip


@cache
def families() -> dict[str, dict[str, Any]]:
    """The catalog of families by structure, by their short names."""
    return {name: entry for name, entry in _catalog().items() if name != "words"}


@cache
def _catalog() -> dict[str, Any]:
    return table_of("catalog/families")


def family(findings: Findings) -> Iterator[Fact]:
    """The family with the fewest differences, if there are at most two; of several, the one with the most marks."""
    marks = structure_marks(findings)
    here = _by_dimension(marks)
    rows = [(found, entry) for name, entry in families().items() if marks and (found := differences(name, marks, here)) is not None]
    if not rows or findings.unet:
        return
    found, best = min(rows, key=lambda row: (len(row[0]), -len(row[1]["marks"])))
    evidence = tuple(t.main.holder.path for t in findings.towers[:2]) or ("",)
    yield Fact("family", best["title"], "named", "", evidence, text=sentence("family", value=best["title"]))
    if found:
        value = " and ".join(found)
        text = sentence("family_differences", family=best["title"], value=value)
        yield Fact("family_differences", value, "named", "", evidence, (("family", ""),), text)
        return
    findings.conventions.update(best.get("conventions", {}))
    if "relative" in best:
        relative, added = best["relative"]
        text = sentence("family_relative", relative=relative, value=added)
        yield Fact("family_relative", f"{relative}, with {added}", "named", "", evidence, (("family", ""),), text)


@cache
def _marks_of(family: str) -> tuple[frozenset[str], frozenset[str], dict[str, str]]:
    """A family's marks, those that define it, and its value in each dimension."""
    entry = families()[family]
    return frozenset(entry["marks"]), frozenset(entry.get("defining", ())), _by_dimension(entry["marks"])


def differences(family: str, marks: set[str], here: dict[str, str]) -> list[str] | None:
    """What a model with `marks` (`here` by dimension) has that the family has not, in words; None where they are not alike."""
    family_marks, defining, wanted = _marks_of(family)
    if not defining <= marks or (family_marks & KINDS) != (marks & KINDS & (family_marks | OPPOSED)):
        return None
    words: dict[str, str] = _catalog()["words"]
    if not marks.isdisjoint(families()[family].get("excluded", ())):
        return None
    if any(dimension not in here for dimension in wanted):
        return None  # what is not known may differ
    found = [
        words[f"{dimension}:{here[dimension]}"] if f"{dimension}:{here[dimension]}" in words else f"{here[dimension]} as {dimension}"
        for dimension, value in wanted.items()
        if here[dimension] != value
    ]
    flags, expected = ({m for m in some if ":" not in m} - KINDS for some in (marks, family_marks))
    flags -= set(families()[family].get("optional", ()))
    found += [words[flag] for flag in sorted(flags - expected)]
    found += [f"no {words[flag].removeprefix('a ')}" for flag in sorted(expected - flags)]
    return found if len(found) <= ALLOWED else None


OPPOSED = {"decoder", "encoder", "encoder-decoder", "token-decoder", "vision", "convolutional", "tokens"}


def _by_dimension(marks: Iterable[str]) -> dict[str, str]:
    return dict(sorted(mark.split(":", 1) for mark in marks if ":" in mark and mark not in KINDS))


def structure_marks(findings: Findings) -> set[str]:
    """What holds of the model, in the words of families.toml; empty where no single tower tells."""
    fact = findings.get("architecture")
    kind = str(fact.value) if fact else ""
    if kind == "convolutional network" and not findings.towers:
        return _convolutional(findings)
    if kind.startswith("diffusion") or not findings.towers or not (len(findings.towers) == 1 or kind.startswith("encoder-decoder")):
        return set()
    tower = findings.towers[0]
    marks = {f"{mark}:{f.value}" for key, mark in FACTS.items() if (f := findings.get(key, tower.scope))}
    last = findings.towers[-1]
    if last is not tower and any(_differ(findings.get(key, tower.scope), findings.get(key, last.scope)) for key in FACTS):
        return set()  # an encoder of one kind and a decoder of another
    forms = {a.form for a in tower.attentions if not a.cross}
    marks |= {f"attention:{form}" for form in forms} if len(forms) == 1 else set()
    marks |= {"decoder"} if kind.startswith("decoder") else set()
    marks |= {"encoder"} if kind == "Transformer encoder" else set()
    marks |= {"encoder-decoder"} if kind.startswith("encoder-decoder") else set()
    marks |= {"vision"} if findings.patches(tower) else set()
    if last is not tower and findings.embeddings_of(last, "token") and not findings.embeddings_of(tower, "token"):
        marks.add("token-decoder")
    return marks | _embedding_marks(findings, tower) | _block_marks(findings, tower)


def _differ(one: Fact | None, other: Fact | None) -> bool:
    return one is not None and other is not None and one.value != other.value


def _embedding_marks(findings: Findings, tower: Tower) -> set[str]:
    types = [e.rows for e in findings.embeddings_of(tower, "type")]
    marks = {"tokens"} if findings.embeddings_of(tower, "token") else set()
    marks |= {"segments"} if any(rows > 1 for rows in types) else set()
    marks |= {"one-segment"} if types == [1] else set()
    front = [c for c in findings.convolutions if tower.place.index <= c.place.index < tower.main.holder.index]
    return marks | ({"convolved"} if front and not findings.patches(tower) else set())


def _block_marks(findings: Findings, tower: Tower) -> set[str]:
    blocks = findings.blocks[tower]
    parts = [p for a in tower.attentions for p in a.parts.items()]
    inside = [p for s in tower.stacks for p in findings.places.under(s.holder) if p.kids or not p.node.is_none]
    position = findings.get("position_encoding", tower.scope)
    tests = {
        "linear:Conv1D": any(_inside(p).node.type == "Conv1D" and _inside(p).kind == "linear" for _, p in parts),
        "qk-norm": any(role == "query_norm" and p.node.type != "Identity" for role, p in parts),
        "experts": any(b.mixtures for b in blocks) or any(_is_experts(p) for p in inside),
        "shared-experts": any(f.shared for b in blocks for f in b.feeds) or any(named("shared_experts", p.name) for p in inside),
        "sinks": any(t.name in ("sinks", "sink") for a in tower.attentions for t in a.place.node.tensors or ()),
        "shared-kv": any(
            a.inner and a.kv_inner and a.kv_inner < min(a.inner, a.query_inner or a.inner) for a in tower.attentions if not a.cross
        ),
        "window": any(f.key == "sliding_window" for f in findings.found),
        "recurrent-mixers": any(b.mixers or any(a.linear for a in b.attentions) for b in blocks),
        "stages": tower.main.stages,
        "cross": tower.cross and len(findings.towers) == 1,
        "attention-more": any(_has_more(findings, a) for a in tower.attentions if a.form != "torch"),
        "attention-sparse": any(leaves_out(a) for a in tower.attentions),
        "attention-windows": any(_has_window(a) for a in tower.attentions) if findings.patches(tower) else False,
        "rotary-vision": bool(findings.patches(tower)) and position is not None and "rotary" in str(position.value),
        "attention-gate": any(named("attention_gate", k.name) for a in tower.attentions for k in a.place.kids),
    }
    return {mark for mark, holds in tests.items() if holds}


KNOWN_EXTRAS = ("relative_table", "relative_bias", "gate", "attention_gate", "query_norm", "key_norm")
"""What names of parts of an attention speak of that other marks tell, or a fact."""


def _has_more(findings: Findings, attention: Attention) -> bool:
    """Whether an attention holds products, convolutions or parameters besides those that make queries, keys, values and the output."""
    place, known = attention.place, set(attention.parts.values())
    inner = [k for k in place.kids if k not in known and k.kind not in ("normalization", "position", "container")]
    more = [k.name for k in inner if any(p.kind == "convolution" or findings.places.linear(p) for p in findings.places.under(k))]
    more += [t.name for t in place.node.tensors or () if t.kind == "parameter" and len(t.shape or ()) > 0 and not SMALL.fullmatch(t.name)]
    return any(not any(named(role, name) for role in KNOWN_EXTRAS) for name in more)


SMALL = re.compile(r"sinks?|logit_scale|temperature|.*bias|gamma.*|.*scale.*")
"""Parameters of an attention that scale or shift what it makes anyway."""


def _has_window(attention: Attention) -> bool:
    """Whether an attribute of an attention, or of what holds it, tells the size of a window, as Swin's do."""
    near = [p for p in (attention.place, attention.place.parent) if p]
    sizes = [p.node.attributes.get("window_size") for p in near]
    return any(isinstance(size, tuple) or (type(size) is int and size > 0) for size in sizes)


def _is_experts(place: Place) -> bool:
    return (classed("experts", place.node.type) or place.name == "experts") and not named("shared_experts", place.name)


def _inside(place: Place) -> Place:
    """The layer inside an adapter, or the place itself."""
    return next((kid for kid in place.kids if kid.name == "base_layer"), place)


def _convolutional(findings: Findings) -> set[str]:
    """Of a convolutional network with stages: how most of its blocks are built, and how they normalise."""
    paths = block_paths(findings.places, findings.stages)
    if not paths:
        return set()
    forms = Counter(form for path in paths if (form := _block_form(path)) for _ in range(path[0].place.count))
    form, times = forms.most_common(1)[0] if forms else ("", 0)
    if 2 * times <= sum(path[0].place.count for path in paths):
        return set()
    inner = [c for path in paths for c in path]
    inside = [p for s in findings.stages for p in findings.places.under(s.place)]
    norms = {p.match.entry.name for p in inside if p.kind == "normalization"}
    kind = "BatchNorm2d" if norms == {"BatchNorm2d"} else "LayerNorm" if norms and all("LayerNorm" in n for n in norms) else "mixed"
    marks = {
        "convolutional",
        f"convolution:{form}",
        f"kernel:{max(c.kernel for c in inner)}",
        f"grouped:{'yes' if any(c.groups > 1 for c in inner) else 'no'}",
        f"norm:{kind}",
    }
    marks |= {"shortcut"} if any(beside(p) and convolution(p) for p in inside) else set()
    return marks | ({"squeeze-excite"} if any(_squeezes(p) for p in inside) else set())


def _block_form(path: list[Convolution]) -> str | None:
    """What a block is by its convolutions in order: bottleneck (1x1 to fewer channels, kxk, 1x1 back), basic (two kxk), or with a
    convolution in each channel by itself (depthwise), alone between or before products."""
    if any(before.n_out != after.n_in for before, after in zip(path, path[1:], strict=False)):
        return None
    kernels = [c.kernel for c in path]
    if any(c.depthwise for c in path):
        first = path[0].place
        leads = first.parent is not None and not any(k.kind == "linear" and k.index < first.index for k in first.parent.kids)
        if not leads or path[0].depthwise:
            return "depthwise" if leads else None
        return "inverted bottleneck" if [c.depthwise for c in path] == [False, True, False] else None
    if len(path) == 3 and kernels[0] == kernels[2] == 1 < kernels[1]:
        return "bottleneck" if path[0].n_out < path[2].n_out else None
    return "basic" if len(path) == 2 and min(kernels) > 1 else None


def _squeezes(place: Place) -> bool:
    return "squeeze" in f"{place.name} {place.node.type}".lower() or place.node.type.startswith("SE")

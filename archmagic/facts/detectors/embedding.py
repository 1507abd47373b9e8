"""Vocabulary, positions, patches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from ...tree import Tensor
from ..class_text import mentions
from ..ends import Embedding
from ..fact import Fact
from ..findings import Findings
from ..forward_products import scaled_results
from ..names import classed, named
from ..places import Linear, Place
from ..sentence import sentence
from ..stacks import Tower


def vocabulary(findings: Findings) -> Iterator[Fact]:
    """Tokens that the output head scores; without such a head, rows of the token table (which may hold a few more than the vocabulary).

    Several tables of one size are one vocabulary; of several sizes, each is told by itself."""
    if findings.graph_layers:
        return  # what a table holds of a graph are kinds of nodes or edges
    heads = sorted((h for h in findings.heads if h.n_out and _scores_tokens(findings, h)), key=lambda h: not _says_tokens(h))
    for head in heads[:1]:
        path = head.place.path
        same = tuple(e.place.path for e in findings.embeddings if e.role == "token" and e.rows == head.n_out)
        text = sentence("vocab_size_head", head=path, value=head.n_out)
        yield Fact("vocab_size", head.n_out, "measured", "", (path, *same[:2]), text=text)
    tables = [e for e in findings.embeddings if e.role == "token" and (_sure(findings, e) or _one_sided(findings, e))]
    if heads:  # other towers have vocabularies of their own
        tables = [e for e in tables if tower_of(findings, e) and tower_of(findings, e) is not tower_of(findings, heads[0])]
    tables = [e for e in tables if not heads or e.rows != heads[0].n_out]
    sizes = {e.rows for e in tables}
    seen: set[int] = set()
    for table in tables:
        if table.rows not in seen:
            seen.add(table.rows)
            scope = "" if len(sizes) == 1 and not heads else table.place.path
            text = sentence("vocab_size", table=table.place.path or table.place.node.type, value=table.rows)
            yield Fact("vocab_size", table.rows, "measured", scope, (table.place.path,), text=text)


def tower_of(findings: Findings, part: Embedding | Linear) -> Tower | None:
    """The tower that an embedding or a head stands in; a head beside the towers belongs to the one whose table it
    scores, or whose stream it reads, or the last."""
    found = next((t for t in findings.towers if t.place.index <= part.place.index < t.place.end), None)
    if found:
        return found
    if isinstance(part, Embedding):
        return next((t for t in findings.towers if findings.serves(t, part.place)), None) if _one_sided(findings, part) else None
    fitting = [t for t in findings.towers if any(e.rows == part.n_out for e in findings.embeddings_of(t, "token"))]
    fitting = fitting or [t for t in findings.towers if (width := findings.width(t)) and width[0] == part.n_in]
    return next(reversed(fitting or findings.towers), None)


def _one_sided(findings: Findings, table: Embedding) -> bool:
    """Whether a table stands beside an encoder and a decoder and is named for one of them."""
    return len(findings.towers) == 2 and sum(findings.serves(t, table.place) for t in findings.towers) == 1


def _scores_tokens(findings: Findings, head: Linear) -> bool:
    """Whether an output head scores a vocabulary: by its name, or because it has an output for each row of a token table."""
    return _says_tokens(head) or any(e.role == "token" and e.rows == head.n_out for e in findings.embeddings)


def _says_tokens(head: Linear) -> bool:
    numbered = head.place.name.isdecimal() or (head.place.child and head.place.child.repeat)
    return named("vocabulary_head", head.place.parent.name if numbered and head.place.parent else head.place.name)


def _sure(findings: Findings, table: Embedding) -> bool:
    """Whether a table surely holds tokens: by a telling name, or because it is the model's only one and a stack of blocks follows it."""
    name = table.place.attribute or (table.place.parent.name if table.place.parent else "")
    lone = [e for e in findings.embeddings if e.role in ("token", "other")] == [table]
    before = any(t.main.holder.index > table.place.index for t in findings.towers)
    before = before or any(p.kind == "recurrent" and p.index > table.place.index for p in findings.places.all)
    return named("strong_token_embedding", name) or (lone and before and all(findings.is_text(t) for t in findings.towers))


def positions(findings: Findings) -> Iterator[Fact]:
    """How each tower knows the order of its input: a learned table, rotary angles, relative biases."""
    for tower in findings.towers:
        table = _table(findings, tower)
        own = None if table else _own_parameter(findings, tower)
        other = _by_class(findings, tower) or _by_tensor(findings, tower) or _by_code(tower)
        if other and other[0] != "sinusoidal" and not _attends(findings, tower):
            other = None  # what rotates queries and keys stands there unused
        if table:
            yield from _learned(findings, tower, table, other)
        elif own:
            yield from _own(tower, *own, other)
        elif other:
            kind, place = other
            text = sentence("position_encoding", value=kind, table=place.path or place.node.type)
            yield Fact("position_encoding", kind, "named", tower.scope, (place.path,), text=text)


def _attends(findings: Findings, tower: Tower) -> bool:
    inside = findings.places.under(tower.place)
    return bool(tower.attentions) or any(p.kind == "attention" or classed("attention", p.node.type) for p in inside)


Other = tuple[str, Place] | None
"""Another way of telling positions than a learned table, and the module that shows it."""


def _both(kind: str, other: Other) -> str:
    return f"{kind} and {other[0]}" if other and other[0] in ("rotary", "relative") else kind


def _own(tower: Tower, place: Place, tensor: Tensor, other: Other) -> Iterator[Fact]:
    path, shape = f"{place.path}.{tensor.name}".lstrip("."), tensor.shape or (0, 0)
    grid = len([side for side in shape[:-1] if side > 1]) > 1
    kind = _both("learned", other)
    yield Fact("position_encoding", kind, "named", tower.scope, (place.path,), text=sentence("positions_own", value=kind, table=path))
    count = math.prod(shape[:-1])
    text = sentence("positions_grid" if grid else "num_positions_own", table=path, value=count)
    yield Fact("num_positions", count, "measured", tower.scope, (place.path,), text=text)


def _own_parameter(findings: Findings, tower: Tower) -> tuple[Place, Tensor] | None:
    """A bare parameter named for positions, of a vector each as wide as the stream, that trains."""
    width = findings.width(tower)
    for place in findings.places.under(tower.place):
        if place.index >= tower.main.holder.index:
            return None
        for tensor in place.node.tensors or ():
            shape = tensor.shape or ()
            flat = math.prod(shape[:-1]) > 1 and (len(shape) == 2 or (len(shape) in (3, 4) and shape[0] == 1))
            if tensor.trainable and named("position_embedding", tensor.name) and flat and width and shape[-1] == width[0]:
                return place, tensor
    return None


def _table(findings: Findings, tower: Tower) -> Embedding | None:
    return next(iter(findings.embeddings_of(tower, "position")), None)


def _learned(findings: Findings, tower: Tower, table: Embedding, other: Other) -> Iterator[Fact]:
    path = table.place.path
    if classed("sinusoidal", table.place.node.type):
        text = sentence("position_encoding", value="sinusoidal", table=path)
        yield Fact("position_encoding", "sinusoidal", "named", tower.scope, (path,), text=text)
        return
    kind = _both("learned", other)
    yield Fact("position_encoding", kind, "named", tower.scope, (path,), text=sentence("position_encoding", value=kind, table=path))
    plain = table.place.node.type == "Embedding"  # a subclass may keep rows for an offset, as OPT's does
    offset = (
        table.rows > 2 and (table.rows - 2) % 64 == 0
    )  # two rows for padding, as in RoBERTa: how many positions are left is not certain
    if plain and not offset and findings.embeddings_of(tower, "token"):
        text = sentence("max_position_embeddings", table=path, value=table.rows)
        yield Fact("max_position_embeddings", table.rows, "measured", tower.scope, (path,), text=text)
    elif plain and not offset:
        yield Fact(
            "num_positions", table.rows, "measured", tower.scope, (path,), text=sentence("num_positions", table=path, value=table.rows)
        )


def _by_class(findings: Findings, tower: Tower) -> tuple[str, Place] | None:
    biases = {e.place for e in findings.embeddings if e.role == "relative"}
    tests: tuple[tuple[str, Callable[[Place], bool]], ...] = (
        ("ALiBi", _has_alibi),
        ("rotary", lambda p: classed("rotary", p.node.type) or classed("rotary", p.name)),
        ("relative", lambda p: p in biases),
        ("relative", lambda p: classed("relative", p.node.type)),
        ("sinusoidal", lambda p: classed("sinusoidal", p.node.type)),
    )
    for kind, test in tests:
        place = next((p for p in findings.places.under(tower.place) if test(p)), None)
        if place:
            return kind, place
    return None


def _by_tensor(findings: Findings, tower: Tower) -> Other:
    """By bare tensors: a table of relative biases in the attention, buffers of angles, a fixed table as wide as the stream."""
    width = findings.width(tower)
    others = [t.place for t in findings.towers if t is not tower]
    outside = [p for p in findings.places.all if not any(o.index <= p.index < o.end for o in others) and findings.serves(tower, p)]
    for place in outside if findings.is_text(tower) else findings.places.under(tower.place):
        for tensor in place.node.tensors or ():
            if tensor.kind == "parameter" and named("relative_table", tensor.name) and _in_attention(place):
                return "relative", place
            if tensor.kind == "buffer" and named("rotary_buffer", tensor.name) and not classed("added_positions", place.node.type):
                return "rotary", place
            fixed = tensor.kind == "buffer" and named("fixed_positions", tensor.name) and tensor.shape and width
            if fixed and tensor.shape and width and tensor.shape[-1] == width[0] and math.prod(tensor.shape[:-1]) > 1:
                return "sinusoidal", place
    return None


def _by_code(tower: Tower) -> Other:
    """By the text of the class that holds the blocks, where no module, tensor or setting tells otherwise."""
    holder = tower.main.holder.parent
    if holder is None or any("alibi" in name and value is False for name, value in holder.node.attributes.items()):
        return None
    return ("ALiBi", holder) if holder.node.source and mentions(holder.node.source, "alibi") else None


def _in_attention(place: Place) -> bool:
    return any(classed("attention", p.node.type) or classed("attention", p.attribute) for p in [place, *list(place.up())[:2]])


def _has_alibi(place: Place) -> bool:
    named_so = "alibi" in place.node.type.lower() or any("alibi" in t.name.lower() for t in place.node.tensors or ())
    return named_so or any("alibi" in name.lower() and value is True for name, value in place.node.attributes.items())


def scales(findings: Findings) -> Iterator[Fact]:
    """By what each tower's token vectors are multiplied: an attribute of the table, or of the module that holds it, named for that; one
    named for a scale of any kind where it is the square root of the width; or what the text of the holder's forward shows."""
    for tower in findings.towers:
        for table in findings.embeddings_of(tower, "token")[:1]:
            place, holder, root = table.place, table.place.parent, math.sqrt(table.width)
            scale = _scale(place, root) or (holder and (_scale(holder, root) or _written(holder, table)))
            if holder and scale:
                given = _root(table.width) if math.isclose(scale, root, rel_tol=1e-3) else f"{scale:,.4g}"
                text = sentence("embedding_scale", table=place.path, scale=given)
                yield Fact("embedding_scale", scale, "named", tower.scope, (place.path, holder.path), text=text)


def _written(holder: Place, table: Embedding) -> float | None:
    """The square root of the width, where the text of the holder's forward multiplies what the table gives by it."""
    roots = [of for child, of in scaled_results(holder.node.source) if child == table.place.name] if holder.node.source else []
    return math.sqrt(table.width) if roots and all(_setting(holder, of) == table.width for of in roots) else None


def _setting(place: Place, of: str) -> object:
    """The value of an attribute, or of a setting in the config that a module or the nearest around it holds."""
    if not of.startswith("config."):
        return place.node.attributes.get(of)
    config = next((p.node.config for p in (place, *place.up()) if p.node.config), {})
    return config.get(of.removeprefix("config."))


def _scale(place: Place, root: float) -> float | None:
    """The factor that an attribute tells; None where there is none, or it is 1."""
    told = {name: v for name, v in place.node.attributes.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
    for name, value in told.items():
        if value != 1 and value > 0 and (named("embedding_scale", name) or ("scale" in name and math.isclose(value, root, rel_tol=1e-3))):
            return value
    return None


def _root(width: int) -> str:
    """ "√1,024 = 32", "√3,072 ≈ 55.43"."""
    whole = math.isqrt(width)
    return f"√{width:,} = {whole}" if whole * whole == width else f"√{width:,} ≈ {math.sqrt(width):.4g}"


def patches(findings: Findings) -> Iterator[Fact]:
    """Patch size and channels of a vision tower."""
    for tower in findings.towers:
        found = findings.patches(tower)
        if found and len(set(found.size)) == 1:
            path = (found.place.path,)
            size = found.size[0]
            yield Fact("patch_size", size, "measured", tower.scope, path, text=sentence("patch_size", value=size))
            yield Fact("num_channels", found.channels, "measured", tower.scope, path, text=sentence("num_channels", value=found.channels))

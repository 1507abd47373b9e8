"""Parameters in all, those that train, and their bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...tree import BITS
from ..fact import Basis, Fact
from ..findings import Findings
from ..sentence import sentence


def parameters(findings: Findings) -> Iterator[Fact]:
    """The number of parameters, shared ones once. From a print: exact where every class is known, else a lower bound that says what it
    leaves out; with a convention's sizes, assumed."""
    total = findings.sizes.grand_total()
    family = findings.get("family")
    outside = sum(k.numel * p.count for p, k in findings.sizes.packed.items() if not k.counted)
    if findings.tree.source == "module" and outside:
        biased = any(k.biased for k in findings.sizes.packed.values())
        how = ", besides biases packed with them" if biased else ""
        text = sentence("num_parameters_packed", value=total, packed=outside, how=how)
        yield Fact("num_parameters", total, "derived", "", ("",), text=text)
        return
    if findings.tree.source == "module":
        lazy = any(t.shape is None for p in findings.places.all for t in p.node.tensors or ())
        how = ", besides those of lazy layers, whose sizes the first batch decides" if lazy else ", shared ones counted once"
        text = sentence("num_parameters", value=total, how=how if lazy or findings.tree.shared else "")
        yield Fact("num_parameters", total, "measured", "", ("",), text=text)
        return
    if findings.inner:
        yield from _together(findings)
        return
    if not total and findings.sizes.unknown:
        return  # nothing that the print shows has a size
    tie = findings.get("tie_word_embeddings")
    if tie and tie.value is True:
        head, table = findings.vocabulary_heads[0]
    if findings.assumed_shapes and family:
        how = f" if {head.place.path} shares the weight of {table.place.path}" if tie and tie.value is True else ""
        text = sentence("num_parameters_assumed", value=total, how=how, family=family.value)
        yield Fact("num_parameters", total, "assumed", "", ("",), (("family", ""),), text)
    elif tie and tie.value is True:
        text = sentence("num_parameters", value=total, how=f" if {head.place.path} shares the weight of {table.place.path}")
        yield Fact("num_parameters", total, "assumed", "", ("",), (("tie_word_embeddings", ""),), text)
    else:
        yield _as_printed(findings, total)


def _as_printed(findings: Findings, total: int) -> Fact:
    """What the print adds up to. Where tables and heads of one shape may be one weight, that is assumed not to be so, and said."""
    sizes, twins = findings.sizes, _twins(findings)
    least = total - sum((len(paths) - 1) * numel for numel, paths in twins)
    basis: Basis = "assumed" if sizes.assumed or twins else "derived"
    unknown = list(dict.fromkeys(p.node.type for p in sorted(sizes.unknown, key=lambda p: p not in sizes.blank)))
    more = len(unknown) - 6
    names = unknown[:6] + [f"{more} more class{'es' * (more > 1)}"] * (more > 0)
    left_out = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    shared = "; ".join(" and ".join(paths[:4]) for _, paths in twins)
    key = "num_parameters" + ("_twins" if twins else "") + ("_at_least" if unknown else "")
    text = sentence(key, value=total, how="", least=least, shared=shared, left_out=left_out)
    return Fact("num_parameters", total, basis, "", ("",), text=text)


def _twins(findings: Findings) -> list[tuple[int, list[str]]]:
    """Token tables and vocabulary heads of one shape, whose weights may be one: (elements, paths). A print does not show sharing."""
    shapes: dict[tuple[int, int], list[str]] = {}
    for table in findings.embeddings:
        if table.role == "token" and table.place.count == 1:
            shapes.setdefault((table.rows, table.width), []).append(table.place.path)
    for place in findings.places.all:
        product = findings.places.linear(place)
        copied = any(above.name == "modules_to_save" for above in place.up())  # PEFT's own copy, which trains
        if product and (product.n_out, product.n_in) in shapes and place.count == 1 and not place.kids and not copied:
            shapes[product.n_out, product.n_in].append(place.path)  # type: ignore[index]
    return [(rows * width, paths) for (rows, width), paths in shapes.items() if len(paths) > 1]


def _together(findings: Findings) -> Iterator[Fact]:
    """Of several printed models, the sum of what each is found to have."""
    each = [(kid, findings.get("num_parameters", kid.path)) for kid in findings.places.root.kids]
    known = [(kid, fact) for kid, fact in each if fact and isinstance(fact.value, int)]
    if len(known) == len(each):
        total = sum(fact.value * kid.count for kid, fact in known if isinstance(fact.value, int))
        sources = tuple((fact.key, fact.scope) for _, fact in known)
        text = sentence("num_parameters", value=total, how=", of what each model is found to have")
        yield Fact("num_parameters", total, findings.basis_of(sources, "derived"), "", ("",), sources, text)


def training(findings: Findings) -> Iterator[Fact]:
    """How many parameters train and the bytes all take; a live model only."""
    if findings.tree.source != "module":
        return
    trainable, nbytes, dtypes = 0, 0, Counter[str | None]()
    for place, tensor in findings.sizes.tensors():
        each, count, dtype = tensor.numel, place.count, tensor.dtype
        dtypes[dtype] += each * count
        trainable += each * count if tensor.trainable else 0
        nbytes += (each * BITS.get(dtype or "", 0) + 7) // 8 * count
    text = sentence("num_trainable_parameters", value=trainable)
    yield Fact("num_trainable_parameters", trainable, "measured", "", ("",), text=text)
    if all(dtype in BITS for dtype in dtypes):
        names = " and ".join(str(d) for d, _ in dtypes.most_common()) or "none"
        packed = [(p, k) for p, k in findings.sizes.packed.items() if not k.counted]
        if any(k.nbytes is None for _, k in packed):
            return
        total = nbytes + sum((k.nbytes or 0) * p.count for p, k in packed)
        text = sentence("parameter_bytes", value=total, dtypes=names)
        yield Fact("parameter_bytes", total, "measured", "", ("",), text=text)

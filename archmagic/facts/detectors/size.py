"""Parameters in all, those that train, and their bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..fact import Basis, Fact
from ..findings import Findings
from ..sentence import sentence


def parameters(findings: Findings) -> Iterator[Fact]:
    """The number of parameters, shared ones once. From a print: exact where every class is known, else a lower bound that says what it
    leaves out; with a convention's sizes, assumed."""
    sizes, total = findings.sizes, findings.sizes.grand_total()
    family = findings.get("family")
    if findings.tree.source == "module":
        lazy = [p for p in findings.places.all for t in p.node.tensors or () if t.shape is None]
        how = ", besides those of lazy layers, whose sizes the first batch decides" if lazy else ", shared ones counted once"
        text = sentence("num_parameters", value=total, how=how if lazy or findings.tree.shared else "")
        yield Fact("num_parameters", total, "measured", "", ("",), text=text)
        return
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
        basis: Basis = "assumed" if sizes.assumed else "derived"
        unknown = list(dict.fromkeys(p.node.type for p in sorted(sizes.unknown, key=lambda p: p not in sizes.blank)))
        text = sentence("num_parameters", value=total, how="")
        if unknown:
            left_out = ", ".join(unknown[:6]) + (f" and {len(unknown) - 6} more classes" if len(unknown) > 6 else "")
            text = sentence("num_parameters_at_least", value=total, left_out=left_out)
        yield Fact("num_parameters", total, basis, "", ("",), text=text)


def training(findings: Findings) -> Iterator[Fact]:
    """How many parameters train and the bytes all take; a live model only."""
    if findings.tree.source != "module":
        return
    rows = findings.sizes.tensors()
    trainable = sum(t.numel * p.count for p, t in rows if t.trainable)
    text = sentence("num_trainable_parameters", value=trainable)
    yield Fact("num_trainable_parameters", trainable, "measured", "", ("",), text=text)
    if all(t.nbytes is not None for _, t in rows):
        dtypes = Counter({t.dtype: 0 for _, t in rows})
        for place, tensor in rows:
            dtypes[tensor.dtype] += tensor.numel * place.count
        names = " and ".join(str(d) for d, _ in dtypes.most_common()) or "none"
        total = sum((t.nbytes or 0) * p.count for p, t in rows)
        text = sentence("parameter_bytes", value=total, dtypes=names)
        yield Fact("parameter_bytes", total, "measured", "", ("",), text=text)

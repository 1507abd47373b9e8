"""What a module or an operation that failed takes, beside what it was given, and what would make it fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from ..tree import Node
from .steps import RawData, RawStep


class Makers:
    """What made a tensor, by the steps of the pass so far."""

    def __init__(self, steps: Sequence[RawStep], inputs: Sequence[RawData]) -> None:
        self._steps, self._inputs = steps, inputs

    def __call__(self, data: RawData) -> str:
        """In words: "conv", "the input x", "the addition before"."""
        if not data.sources:
            return "a weight or constant"
        if len(data.sources) > 1:
            return "several parts"
        source = data.sources[0]
        if source < 0:
            name = self._inputs[-source - 1].name if -source <= len(self._inputs) else ""
            return f"the input {name}".strip()
        step = self._steps[source]
        return step.path if step.kind == "module" else f"{step.op} before it"

    def shape(self, data: RawData) -> tuple[int, ...] | None:
        """The shape in which a single step gave it."""
        step = self._steps[data.sources[0]] if len(data.sources) == 1 and data.sources[0] >= 0 else None
        return step.outputs[0].shape if step and step.outputs else None


def expected_by_module(node: Node, step: RawStep, error: BaseException, maker: Makers) -> str:
    """Of a module, by its type and settings; "" where they do not tell or what it was given fits."""
    kind = f"{node.type}({node.args})" if node.args else node.type
    if "must be Tensor, not tuple" in str(error):
        return f"{node.type} takes one tensor and was given a tuple of them; take one of them, as in (...)[0]."
    if "must be Tensor, not NoneType" in str(error) or not step.inputs:
        return f"{node.type} was given None: what comes before it may lack a `return`." if "NoneType" in str(error) else ""
    given = step.inputs[0]
    # What a module with parts is given it need not give to a layer: an attribute of that name is the model's, not what its input must have.
    whole = any(child.name != "parametrizations" for child in node.children) and "Attention" not in node.type
    for check in (_ids, _type) if whole else (_ids, _features, _channels, _normalized, _type):
        told = check(node, kind, given, error, maker)
        if told:
            return told
    return ""


def _ids(node: Node, kind: str, given: RawData, error: BaseException, maker: Makers) -> str:
    rows = node.get("num_embeddings", "0")
    if not isinstance(rows, int) or "Embedding" not in node.type:
        return ""
    if not given.dtype.startswith(("int", "uint")):
        return f"{kind} takes whole numbers, ids of its rows; these are {given.dtype}: .long() makes them int64."
    if isinstance(error, IndexError):
        return f"{kind} takes ids from 0 to {rows - 1:,}; there is one outside."
    return ""


def _features(node: Node, kind: str, given: RawData, error: BaseException, maker: Makers) -> str:
    width, last = node.get("in_features", "nf_in", "input_size", "embed_dim"), given.shape[-1] if given.shape else 0
    if not isinstance(width, int) or width == last or given.dtype.startswith(("int", "uint", "bool")):
        return ""
    told = f"{kind} takes a last dimension of {width:,}; this one has {last:,}."
    for first in range(1, len(given.shape) - 1):
        if math.prod(given.shape[first:]) == width:
            return f"{told} Flattened it would fit: .flatten({first}) gives {(*given.shape[:first], width)}."
    if width in given.shape[1:-1] and len(given.shape) == 3:
        return f"{told} Its second dimension has {width:,}: .transpose(1, 2) puts it last."
    before = maker.shape(given)
    for first in range(1, len(before or ()) - 1):
        if before and math.prod(before[first:]) == last and len(before) > len(given.shape):
            product = " x ".join(map(str, before[first:]))
            return f"{told} These are the {product} of {before}, flattened; in_features={last} would take them."
    return told


def _channels(node: Node, kind: str, given: RawData, error: BaseException, maker: Makers) -> str:
    channels, shape = node.get("in_channels"), given.shape
    if not isinstance(channels, int):
        return ""
    dims = 3 if "1d" in node.type else 5 if "3d" in node.type else 4
    if len(shape) == dims - 1 and shape[0] != channels:
        told = f"{kind} takes {dims} dimensions, (batch, {channels:,}, ...); {len(shape)} are read as one example without a batch."
        return f"{told} .unsqueeze(1) adds a dimension of one channel." if channels == 1 else told
    if len(shape) not in (dims, dims - 1):
        more = " .unsqueeze(0) adds a dimension." if len(shape) < dims else ""
        return f"{kind} takes {dims} dimensions, batch and {channels:,} channels first; this one has {len(shape)}.{more}"
    if shape[-dims + 1] == channels:
        return ""
    told = f"{kind} takes {channels:,} channels in the dimension after the batch; this one has {shape[-dims + 1]:,}."
    if shape[-1] == channels:
        order = ", ".join(map(str, (0, dims - 1, *range(1, dims - 1))))
        return f"{told} Its last dimension has {channels:,}: .permute({order}) puts it there."
    return told


def _normalized(node: Node, kind: str, given: RawData, error: BaseException, maker: Makers) -> str:
    shape, wanted = given.shape, node.get("normalized_shape")
    wanted = (wanted,) if isinstance(wanted, int) else wanted
    if isinstance(wanted, tuple) and shape[-len(wanted) :] != wanted:
        return f"{kind} takes data whose last dimensions are {wanted}; here they are {shape[-len(wanted) :]}."
    features = node.get("num_features", "num_channels")
    if isinstance(features, int) and len(shape) > 1 and shape[1] != features:
        told = f"{kind} takes {features:,} channels in the second dimension; this one has {shape[1]:,}."
        if shape[-1] == features and len(shape) == 3:
            return f"{told} Its last dimension has {features:,}: .transpose(1, 2) puts it there."
        return told
    return ""


def _type(node: Node, kind: str, given: RawData, error: BaseException, maker: Makers) -> str:
    """Data of another type than the weights."""
    stored = next((t.dtype for t in node.tensors or () if t.dtype), None)
    if stored is None or stored == given.dtype or "type" not in str(error):
        return ""
    way = ".float()" if stored == "float32" else f".to(torch.{stored})"
    return f"The weights of {node.type} are {stored} and its input is {given.dtype}; {way} makes them alike."


def expected_by_operation(step: RawStep, maker: Makers) -> str:
    """Of an operation between modules, by the shapes that it was given; "" where these fit or it is not known."""
    found = OPERATIONS.get(step.op)
    return " ".join(found(step, maker)) if found and step.inputs else ""


def _named(given: Sequence[RawData], maker: Makers, last: str = " and ") -> str:
    return last.join(f"{data.shape} of {maker(data)}" for data in given)


def _broadcast(step: RawStep, maker: Makers) -> Iterator[str]:
    if len(step.inputs) != 2:
        return
    a, b = (data.shape for data in step.inputs)
    differ = [(x, y) for x, y in zip(a[::-1], b[::-1], strict=False) if x != y and 1 not in (x, y)]
    if differ:
        pairs = " and ".join(dict.fromkeys(f"{x:,} with {y:,}" for x, y in reversed(differ)))
        yield f"{step.op} takes sizes that are equal or 1, counted from the last dimension; {_named(step.inputs, maker)} bring {pairs}."


def _product(step: RawStep, maker: Makers) -> Iterator[str]:
    if len(step.inputs) < 2:
        return
    left, right = step.inputs[-2:]
    rows = right.shape[-2] if len(right.shape) > 1 else right.shape[-1]
    if left.shape[-1] != rows:
        yield "A matrix product takes as many numbers in the last dimension of the left side as in the last but one of the right."
        yield f"Here they are {left.shape[-1]:,} and {rows:,}, of {_named((left, right), maker)}."
        if len(right.shape) > 1 and right.shape[-1] == left.shape[-1]:
            yield "With .transpose(-2, -1) on the right they fit."
    elif left.dtype != right.dtype:
        yield f"Both sides of a product must be of one type; here {left.dtype} and {right.dtype}."


def _joined(step: RawStep, maker: Makers) -> Iterator[str]:
    dim = step.details.get("dim", 0)
    ranks = {len(data.shape) for data in step.inputs}
    if len(ranks) > 1 or not isinstance(dim, int):
        yield f"cat takes data of as many dimensions; here {_named(step.inputs, maker)}."
        return
    place = dim % max(1, ranks.pop())
    yield f"cat along dimension {dim} takes data that is alike in all others; here {_named(step.inputs[:4], maker)}."
    first = step.inputs[0].shape
    differ = sorted({at for data in step.inputs for at, size in enumerate(data.shape) if at != place and size != first[at]})
    if differ:
        yield f"They differ in dimension {' and '.join(map(str, differ))}."


def _view(step: RawStep, maker: Makers) -> Iterator[str]:
    wanted, shape = step.details.get("size"), step.inputs[0].shape
    if not isinstance(wanted, tuple):
        return
    sizes = [size for size in wanted if isinstance(size, int) and size >= 0]
    has, takes = math.prod(shape), math.prod(sizes)
    if len(sizes) == len(wanted) and has != takes:
        yield f"A view as {wanted} takes {takes:,} numbers; {_named(step.inputs[:1], maker)} has {has:,}."
    elif len(sizes) < len(wanted) and takes and has % takes:
        yield f"A view as {wanted} takes a multiple of {takes:,} numbers; {_named(step.inputs[:1], maker)} has {has:,}."
    else:
        yield "Its numbers do not lie one after another, as after a transpose; .reshape(...) copies them."


def _attention(step: RawStep, maker: Makers) -> Iterator[str]:
    named = {data.name: data.shape for data in step.inputs}
    query, key, value = (named.get(name, ()) for name in ("query", "key", "value"))
    if query and key and query[-1] != key[-1]:
        yield f"Queries and keys take heads of one size; here {query[-1]:,} and {key[-1]:,}."
    elif key and value and key[-2:-1] != value[-2:-1]:
        yield f"There are {key[-2]:,} keys and {value[-2]:,} values; each key takes one value."
    elif len(query) > 3 and len(key) > 3 and query[-3] != key[-3]:
        yield f"There are {query[-3]:,} heads of queries and {key[-3]:,} of keys; without enable_gqa=True they must be as many."


OPERATIONS: dict[str, Callable[[RawStep, Makers], Iterator[str]]] = {
    "add": _broadcast, "sub": _broadcast, "mul": _broadcast, "div": _broadcast, "matmul": _product, "linear": _product, "cat": _joined,
    "view": _view, "_unsafe_view": _view, "attention": _attention,
}  # fmt: skip
"""What each operation takes."""

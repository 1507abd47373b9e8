"""What fits: weights, a pass and a cache against a size of memory."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import ArchmagicError
from ..facts import Basis, Findings
from ..tree import BITS
from . import words
from .story import Section, Statement
from .telling import Telling

SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([KMGT])(i?)B?|B)", re.IGNORECASE)
FLOATS = ("float64", "float32", "float16", "bfloat16")
DTYPES = (*FLOATS, "float8_e4m3fn", "int8", "int4")
SHORT = {"fp64": "float64", "fp32": "float32", "fp16": "float16", "half": "float16", "bf16": "bfloat16", "fp8": "float8_e4m3fn"}
FREE = 2
"""Weights of so many bytes an element or more may be stored in another type; smaller ones are packed already."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What of a model fits into memory. All sizes in bytes.

    Attributes:
        memory: what there is.
        weights: of all parameters (and buffers, where a pass told them), each once.
        dtype: what they are reckoned in; "" where as they are stored.
        during: what a pass over the given inputs takes beside the weights, at most, without gradients; None where none was made.
        batch: how many sequences or images at once fit, of the given size; None where no pass told how memory grows with the batch.
        cache_per_token: keys and values of one more position of one sequence; None where there is no such cache or it is not known.
    """

    memory: int
    weights: int
    dtype: str = ""
    during: int | None = None
    batch: int | None = None
    cache_per_token: int | None = None

    @property
    def fits(self) -> bool:
        """Whether weights and pass do."""
        return self.weights + (self.during or 0) <= self.memory

    @property
    def left(self) -> int:
        """What remains beside the weights; below zero what is missing."""
        return self.memory - self.weights

    @property
    def tokens(self) -> int | None:
        """How many positions of cache fit beside the weights, of all sequences together."""
        return max(0, self.left) // self.cache_per_token if self.cache_per_token else None


def parse_memory(memory: object) -> int:
    """24_000_000_000 of "24 GB", 25_769_803_776 of "24 GiB"; a number is bytes, but "24" is not taken: few mean 24 bytes.

    Raises:
        ArchmagicError: it is none of these.
    """
    if isinstance(memory, (int, float)) and not isinstance(memory, bool) and memory > 0:
        return int(memory)
    found = SIZE.fullmatch(memory.strip()) if isinstance(memory, str) else None
    if found is None or not float(found[1]):
        raise ArchmagicError(f"memory={memory!r}: memory takes a size such as '24 GB' or '24 GiB', or a number of bytes.")
    base = 1024 if found[3] else 1000  # an "i" as in GiB
    return int(float(found[1]) * base ** " KMGT".index((found[2] or " ").upper()))


def fit(findings: Findings, memory: object, dtype: object = None) -> Fit:
    """What of a model fits into so much memory.

    Raises:
        ArchmagicError: a size or type that is none, or weights whose sizes are not known.
    """
    dtype = _dtype(dtype)
    size, weights = parse_memory(memory), _weights(findings, dtype)
    if weights is None:
        raise ArchmagicError("What the weights take is not known: some have no size yet, or the print does not show it.")
    forward = findings.tree.forward
    if forward is None or forward.failed is not None:
        token = _number(findings, "kv_cache_bytes_per_token")
        return Fit(size, weights, _named(findings, dtype), cache_per_token=token and round(token * _bits(dtype, "bfloat16") / 16))
    stored = next((d.dtype for d in (*forward.outputs, *forward.inputs) if d.dtype in FLOATS), "float32")
    scale = _bits(dtype, stored) / BITS[stored]
    during = round((forward.peak_bytes or 0) * scale)
    batch, growth = None, forward.peak_growth
    if growth and "B" in forward.sizes and all(dict(powers).get("B", 0) <= 1 for _, powers in growth.terms):
        none, one = (growth.at({**forward.sizes, "B": number}) * scale for number in (0, 1))
        batch = max(0, int((size - weights - none) / (one - none))) if one > none else None
    token = forward.cache_per_token
    return Fit(size, weights, _named(findings, dtype), during, batch, token and round(token * scale))


def _dtype(dtype: object) -> str | None:
    """Its name, also of torch.bfloat16 or "bf16"."""
    name = str(dtype).removeprefix("torch.")
    name = SHORT.get(name, name)
    if dtype is not None and name not in DTYPES:
        raise ArchmagicError(f"dtype={dtype!r}: dtype takes {', '.join(map(repr, DTYPES))}.")
    return None if dtype is None else name


def _bits(dtype: str | None, otherwise: str) -> int:
    """Data that passes is never packed into a few bits, as weights are."""
    return BITS[dtype] if dtype in FLOATS else BITS[otherwise]


def _named(findings: Findings, dtype: str | None) -> str:
    return dtype or ("" if findings.tree.source == "module" or findings.get("quantized_bytes") else "bfloat16")


def _weights(findings: Findings, dtype: str | None) -> int | None:
    """Bytes of all weights; of a print in bfloat16, as most are kept, unless asked otherwise."""
    loaded, packed = _number(findings, "parameter_bytes"), _number(findings, "quantized_bytes")
    stored = loaded if loaded or packed is None else packed
    if findings.tree.source != "module":
        total = _number(findings, "num_parameters")
        return stored if stored and dtype is None else total and (total * BITS[dtype or "bfloat16"] + 7) // 8
    if stored is None or any(tensor.shape is None for _, tensor in findings.sizes.tensors()):
        return None  # lazy ones: the first batch decides
    weights = stored
    forward = findings.tree.forward
    buffers = max(0, forward.parameter_bytes - weights) if forward and not forward.failed else 0
    if dtype is not None:
        free = [(p, t) for p, t in findings.sizes.tensors() if t.dtype in FLOATS]
        weights += sum(((t.numel * BITS[dtype] + 7) // 8 - (t.nbytes or 0)) * p.count for p, t in free)
    return weights + buffers


def _number(findings: Findings, key: str) -> int | None:
    fact = findings.get(key)
    return fact.value if fact and isinstance(fact.value, int) else None


def fitting(telling: Telling, memory: object) -> list[Section]:
    """One section on what fits, where a size was given."""
    if memory is None:
        return []
    size = parse_memory(memory)
    title = telling.text("fit.title", memory=memory if isinstance(memory, str) else words.size(size))
    try:
        found = fit(telling.findings, memory)
    except ArchmagicError as error:
        return [Section(title, (telling.say("passing.note", note=str(error)),))]
    forward = telling.findings.tree.forward
    basis: Basis = "assumed" if forward is not None and forward.chosen else "derived"
    return [Section(title, tuple(Statement(text, basis, ("",)) for text in sentences(telling, found)))]


def sentences(telling: Telling, found: Fit) -> list[str]:
    """What is told of it."""
    how = telling.text("fit.dtype", dtype=found.dtype) if found.dtype else ""
    weights, memory = words.size(found.weights), words.size(found.memory)
    if found.left < 0:
        told = [telling.text("fit.weights_not", weights=weights, how=how, memory=memory, missing=words.size(-found.left))]
        smaller = next((name for name in ("bfloat16", "int8", "int4") if fit(telling.findings, found.memory, name).left >= 0), None)
        if smaller:
            told.append(
                telling.text("fit.smaller", dtype=smaller, weights=words.size(fit(telling.findings, found.memory, smaller).weights))
            )
        return told
    told = [telling.text("fit.weights", weights=weights, how=how, left=words.size(found.left))]
    if found.during is not None:
        key = "fit.pass" if found.fits else "fit.pass_not"
        told.append(telling.text(key, during=words.size(found.during)))
    if found.batch and found.batch > 1:
        told.append(telling.text("fit.batch", batch=found.batch))
    if found.tokens and found.cache_per_token:
        told.append(telling.text("fit.tokens", tokens=found.tokens, each=words.memory(found.cache_per_token)))
    return told

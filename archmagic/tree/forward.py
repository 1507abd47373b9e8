"""One pass of data through a model, as plain frozen data: which steps ran in which order, on what shapes, at what cost.

A `Forward` stands on `Tree.forward`; None where nobody gave `inputs`. Its steps are folded as the tree is: what a block does
stands once, at the run's path, with `repeat`. Steps form two structures at once:

- an outline: `parent` is the step inside which a step ran (a block inside the model, an addition inside the block);
- a graph of data: each `Data` that goes in knows by `sources` which steps made it. Sources are always steps without steps
  inside (a Linear, an addition, an attention), so "the attention's output" is found as a source whose path lies in the attention.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .nodes import BITS, Value


@dataclass(frozen=True, slots=True)
class Symbol:
    """A size that the inputs choose: `letter` "B", `meaning` "batch", and its `size` in the given inputs."""

    letter: str
    meaning: str
    size: int


@dataclass(frozen=True, slots=True)
class Data:
    """A tensor that goes into or out of a step.

    Attributes:
        shape: exact, for the given inputs.
        dtype: "float32".
        named: a text for each dimension: "B", "T", "H/4", "T + 1", "768"; () where no second pass could tell.
        name: the argument's or output's name ("input_ids", "logits"); "" where it has none.
        sources: the steps that made it, as places in `Forward.steps`; -1 is the model's first input, -2 the second, and so on.
            () for what depends on no input (weights, positions counted from the shape).
    """

    shape: tuple[int, ...]
    dtype: str
    named: tuple[str, ...] = ()
    name: str = ""
    sources: tuple[int, ...] = ()

    @property
    def nbytes(self) -> int:
        """Bytes its elements take."""
        return (math.prod(self.shape) * BITS.get(self.dtype, 0) + 7) // 8

    @property
    def text(self) -> str:
        """ "(B, T, 768)"; the exact shape where no names are known."""
        sizes = self.named or tuple(map(str, self.shape))
        return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class Growth:
    """A cost as a polynomial of the symbols: ((1536.0, (("B", 1), ("T", 2))), ...) is 1536 B T^2 + ...

    Exact at every size that was passed through; between and beyond them as far as the model computes a polynomial.
    """

    terms: tuple[tuple[float, tuple[tuple[str, int], ...]], ...]

    def at(self, sizes: Mapping[str, float]) -> float:
        """The cost for these sizes of the symbols."""
        return sum(factor * math.prod(sizes[letter] ** power for letter, power in powers) for factor, powers in self.terms)

    @property
    def order(self) -> str:
        """The term that grows fastest, "B T^2"; "" for a constant."""
        if not self.terms:
            return ""
        powers = max((powers for _, powers in self.terms), key=lambda powers: sum(power for _, power in powers))
        return " ".join(f"{letter}^{power}" if power > 1 else letter for letter, power in powers)


@dataclass(frozen=True, slots=True)
class Step:
    """A module's call, or an operation between modules.

    Attributes:
        path: of the module called, or inside whose forward the operation ran; a path of the folded tree ("h.[0-11].attn").
            A module of a run that did otherwise than the run's first stands under its own path ("h.3.attn").
        kind: "module" or "function".
        op: of a module its class name; of a function "attention" (scaled dot product), "matmul", "linear", "conv", "softmax",
            "add" (of two things both made from the data: residual additions, added positions), "mul" (gating), "cat", "split",
            "reshape", "rotary", "norm", "embedding", "pool", "interpolate", "scatter", "topk", "cumsum", "fft", "recurrent",
            or torch's own name.
        inputs: the tensors given, in order.
        outputs: the tensors given back.
        parent: the step inside which it ran, by its place; None for the model itself.
        flops: floating-point operations of one such step with all inside it, two for a multiplication and addition.
        growth: how `flops` grows with the symbols; None where that is not known.
        bytes: of what it makes newly, inside it too, if all were kept: its activations.
        line: where it was called or computed, "model.py:27"; None where there is no source.
        call: which call of that module it is, from 1. Only a module called several times has more.
        calls: how often the module is called.
        repeat: how many times the step ran altogether (12 for a step in each of 12 blocks).
        details: of an attention "heads", "key_value_heads", "head_dim", "causal" (None where a mask decides) and "masked"; of a cat
            and a softmax "dim".
        reads: the paths of modules whose weights a function read by itself.
    """

    path: str
    kind: Literal["module", "function"]
    op: str
    inputs: tuple[Data, ...] = ()
    outputs: tuple[Data, ...] = ()
    parent: int | None = None
    flops: int = 0
    growth: Growth | None = None
    bytes: int = 0
    line: str | None = None
    call: int = 1
    calls: int = 1
    repeat: int = 1
    details: Mapping[str, Value] = field(default_factory=dict)
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Where and why forward stopped.

    Attributes:
        path: of the innermost module that failed, in the folded tree; "" where forward itself failed outside any part.
        module: its class name.
        error: the error's class and message, "RuntimeError: mat1 and mat2 ...".
        inputs: what went into that module.
        expected: what it takes, in words, where its type tells ("Linear(in_features=512) takes a last dimension of 512"); "" else.
        line: where it was called, "model.py:27"; None where unknown.
        code: what that line says; "" where its source is not at hand.
        reason: "error" (the model's own), "data" (what runs depends on values, which a pass on shapes does not have), "fake" (an
            operator that cannot run on shapes alone), "inputs" (they could not be made or do not fit the signature), "none" (there
            is no forward), "interrupted".
        done: how many module calls had ended.
    """

    path: str
    module: str
    error: str
    inputs: tuple[Data, ...] = ()
    expected: str = ""
    line: str | None = None
    code: str = ""
    reason: Literal["error", "data", "fake", "inputs", "none", "interrupted"] = "error"
    done: int = 0


@dataclass(frozen=True, slots=True)
class Forward:
    """One forward pass.

    Attributes:
        inputs: what was given, by name.
        outputs: what came out, by name; () where it failed.
        steps: in order of execution, the model itself first; where forward failed, up to there.
        symbols: the sizes that inputs choose, with their sizes here.
        flops: of the whole pass.
        growth: how that grows; `attention_growth` is the part spent in comparing positions with each other (scaled dot product
            attention and matrix products of two things both made from the data).
        parameter_bytes: of all parameters and buffers, each once.
        activation_bytes: of all that the steps make, if everything were kept.
        peak_bytes: of what is alive at once beside the weights, at most, while no gradients are wanted.
        cache_bytes: of keys, values and states given back for the next token; None where none are.
        peak_growth, cache_growth: how these grow.
        never_called: paths of parts that took no part.
        failed: where it stopped, if it did.
        chosen: paths of the modules in whose forward something was picked by values (the experts of the largest scores), where what
            ran next depends on it: there a choice was made up. Costs are those of that choice.
        choice: "even" where each part that may be picked got an even share, "same" where every position picked the same; None where
            nothing was made up.
        real: whether real weights and values were used (`trace="real"`).
        passes: how many passes told all this.
        notes: sentences the reader must be told.
    """

    inputs: tuple[Data, ...] = ()
    outputs: tuple[Data, ...] = ()
    steps: tuple[Step, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    flops: int = 0
    growth: Growth | None = None
    attention_growth: Growth | None = None
    parameter_bytes: int = 0
    activation_bytes: int = 0
    peak_bytes: int | None = None
    peak_growth: Growth | None = None
    cache_bytes: int | None = None
    cache_growth: Growth | None = None
    never_called: tuple[str, ...] = ()
    failed: Failure | None = None
    chosen: tuple[str, ...] = ()
    choice: Literal["even", "same"] | None = None
    real: bool = False
    passes: int = 1
    notes: tuple[str, ...] = ()

    @property
    def cache_per_token(self) -> int | None:
        """Bytes that the cache of one sequence grows by with each further position; None where it does not, or it is not known."""
        if self.cache_growth is None or "S" in self.sizes:
            return None
        return round(sum(factor for factor, powers in self.cache_growth.terms if dict(powers).get("T") == 1 and len(powers) <= 2)) or None

    @property
    def sizes(self) -> dict[str, int]:
        """{"B": 1, "T": 128} of the given inputs."""
        return {symbol.letter: symbol.size for symbol in self.symbols}

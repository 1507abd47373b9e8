"""What the catalog holds: an `Entry` for each layer type, with rules for the tensors such a layer owns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..tree import Value

How = Literal["class", "base", "pattern", "generic"]

KINDS = (
    "embedding", "position", "attention", "feed-forward", "normalization", "convolution", "pooling", "recurrent", "mixer",
    "experts", "linear", "activation", "regularization", "container", "head", "block", "model", "adapter", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One tensor that a layer owns.

    Attributes:
        name: its name in the module ("weight").
        shape: an expression over the settings giving a tuple, a whole number, or None where this layer has no such tensor.
        kind: "parameter" or "buffer".
        dtype: set only where the type is fixed by the class (packed weights), else None.
        notes: short marks passed on to the tensor.
        assumes: a setting that older prints leave out; without it the tensor is marked "assumed".
    """

    name: str
    shape: str
    kind: Literal["parameter", "buffer"] = "parameter"
    dtype: str | None = None
    notes: tuple[str, ...] = ()
    assumes: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one layer type.

    Attributes:
        name: the entry's own name, usually the class name.
        title: the layer type in plain words.
        kind: one of KINDS.
        summary: what it does.
        why: why networks have it.
        formula: its mathematics as plain text; "" where there is none.
        inputs, outputs: shapes of what goes in and comes out, as text over the settings.
        where: arithmetic for the sizes that `outputs` names, such as H_out.
        arguments: names of the arguments as printed, positional ones first, in order.
        defaults: what a setting is when the print leaves it out.
        parameters: arithmetic over the settings that gives the number of own parameters; "" where there are none or it cannot
            be said.
        parameters_text: the same in a form that is easier to read, where that is not the arithmetic itself.
        tensors: rules for the own tensors; () for none; None where the arguments do not tell.
        gates: for torch's recurrent layers, how many blocks of hidden_size their weights hold; 0 for all others.
        hidden: whether it may own buffers that no argument tells of (class weights, tables of frequencies).
        settings: what each setting means, with {value} where the node's value goes.
        pitfalls: what people get wrong.
        docs: link to the official documentation.
        paper: (short name, link) of the paper that introduced it.
        packed: whether weights are stored in fewer bits than their shape tells; `tensors` and `parameters` give the layer's own
            shapes, as if unpacked, and a live module's tensors do not.
        needs: kinds of which one must be found below a node before the text is held to be specific; () for names that are
            enough by themselves (RMSNorm, unlike Attention).
        origin: "torch" for a class of torch itself; a class of the same name from elsewhere is then not taken for it.
        exact: whether it speaks of the class itself only, not of what derives from it (nn.Module).
        alone: whether it speaks only of a module in which nothing stands; one of that name with parts is something else.
        single: whether it speaks only of a module that holds a weight itself, or around just one layer of its kind; one of that name
            with other parts is something else (a model DLinear).
        specific: whether the text follows from the class or role (False for the generic entries).
        names, bases, patterns: class names, base classes and name patterns that lead here.
    """

    name: str
    title: str
    kind: str
    summary: str
    why: str = ""
    formula: str = ""
    inputs: str = ""
    outputs: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    defaults: Mapping[str, Value] = field(default_factory=dict)
    parameters: str = ""
    parameters_text: str = ""
    tensors: tuple[Rule, ...] | None = None
    gates: int = 0
    hidden: bool = False
    packed: bool = False
    needs: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    pitfalls: tuple[str, ...] = ()
    docs: str | None = None
    paper: tuple[str, str] | None = None
    origin: str = ""
    exact: bool = False
    alone: bool = False
    single: bool = False
    specific: bool = True
    names: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """An entry found, and how: by the exact class, a base class, a pattern of the name, or only as the generic entry.

    Where the entry's name pattern alone is not enough (`entry.needs`), `confirmed` tells whether what is below the node fits.
    """

    entry: Entry
    how: How
    confirmed: bool = True

    @property
    def specific(self) -> bool:
        """Whether the text follows from what the class is known to be."""
        return self.how != "generic" and self.entry.specific and self.confirmed

    def confirm(self, kinds: Collection[str]) -> Match:
        """The same, confirmed if one of the kinds that the entry needs is among those found below the node."""
        if self.confirmed or not any(kind in kinds for kind in self.entry.needs):
            return self
        return replace(self, confirmed=True)

"""`describe("Conv2d")`: what archmagic knows of a layer type, without a model."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .catalog.lookup import Match, entry_of, nearest, output_text, parameter_formula, setting_meanings
from .errors import ArchmagicError


@dataclass(frozen=True)
class Description:
    """What is known of a layer type. `str()` of it is a plain text, in a notebook it shows as Markdown.

    Attributes:
        name: the class name.
        title: the layer type in plain words.
        what: what it does, one or two sentences.
        why: why networks have it; "" where unknown.
        formula: its mathematics as plain text; "" where there is none.
        parameters: the number of own parameters as arithmetic over the settings; "0" where there are none, "" where unknown.
        shapes: (shape of the input, shape of the output) as text; "" where unknown.
        settings: what each setting means.
        pitfalls: what people get wrong.
        docs: link to the official documentation, or None.
        paper: (name, link) of the paper that introduced it, or None.
        specific: True where this follows from the class or a base class; False for the generic text on unknown classes.
        nearest: names of layer types that look like an unknown one.
    """

    name: str
    title: str
    what: str
    why: str = ""
    formula: str = ""
    parameters: str = ""
    shapes: tuple[str, str] = ("", "")
    settings: Mapping[str, str] = field(default_factory=dict)
    pitfalls: tuple[str, ...] = ()
    docs: str | None = None
    paper: tuple[str, str] | None = None
    specific: bool = False
    nearest: tuple[str, ...] = ()

    def __str__(self) -> str:
        head = self.title if self.title == self.name else f"{self.name}: {self.title}"
        lines = [head, "", self.what, *([self.why] if self.why else []), *([self._meant] if self.nearest else [])]
        rows = [*self._rows()]
        if rows:
            lines += ["", *(f"{label + ':':<12}{text}" for label, text in rows)]
        lines += ["", "Settings:", *(f"  {name}: {text}" for name, text in self.settings.items())] if self.settings else []
        lines += ["", "Note:", *(f"  - {text}" for text in self.pitfalls)] if self.pitfalls else []
        return "\n".join(lines)

    @property
    def _meant(self) -> str:
        return f"There are entries on {' and '.join(self.nearest)}."

    def _rows(self) -> Iterator[tuple[str, str]]:
        if self.formula:
            yield "Formula", self.formula
        if self.parameters:
            yield "Parameters", self.parameters
        if any(self.shapes):
            yield "Input", self.shapes[0]
            yield "Output", self.shapes[1]
        if self.paper:
            yield "Paper", f"{self.paper[0]}, {self.paper[1]}"
        if self.docs:
            yield "Docs", self.docs

    def _repr_markdown_(self) -> str:
        title = self.title if self.title == self.name else f"{self.title} (`{_plain(self.name)}`)"
        parts = [f"### {title}", " ".join(filter(None, (self.what, self.why, self._meant if self.nearest else "")))]
        rows = [f"- **{label}**: {text if label in ('Docs', 'Paper') else f'`{_plain(text)}`'}" for label, text in self._rows()]
        parts += ["\n".join(rows)] if rows else []
        if self.settings:
            parts.append("**Settings**\n\n" + "\n".join(f"- `{name}`: {text}" for name, text in self.settings.items()))
        if self.pitfalls:
            parts.append("**Note**\n\n" + "\n".join(f"- {text}" for text in self.pitfalls))
        return "\n\n".join(parts)


def _plain(text: str) -> str:
    """Text that cannot leave a Markdown code span."""
    return text.replace("`", "'").replace("\n", " ")


def describe(layer: str | type) -> Description:
    """What a layer type is and does.

    Args:
        layer: a class name ("Conv2d", "torch.nn.Conv2d", also of parts that model libraries define, such as "LlamaRMSNorm", or as printed,
            "Conv2d(3, 64, ...)") or the class itself; a class that derives from a known one is described by that.

    Returns:
        its description; for a class that nothing is known about the generic one, whose `specific` is False.

    Raises:
        ArchmagicError: for anything that is neither a string nor a class, such as a module: give its type.

    Shapes are written as PyTorch's documentation writes them: N or B inputs side by side, C channels, H and W height and width, L or T the
    length of a sequence, * any number of further dimensions.

    >>> from archmagic import describe
    >>> linear = describe("Linear")
    >>> linear.title
    'Linear layer'
    >>> linear.parameters
    'out_features × in_features + (out_features if bias else 0)'
    >>> describe("Frobnicator").specific
    False
    """
    name, match = _match(layer)
    entry = match.entry
    parameters = parameter_formula(entry) or ("0" if entry.tensors == () else "")
    return Description(
        name=name,
        title=entry.title,
        what=entry.summary,
        why=entry.why,
        formula=entry.formula,
        parameters=parameters,
        shapes=(entry.inputs, output_text(entry)),
        settings=setting_meanings(entry),
        pitfalls=entry.pitfalls,
        docs=entry.docs,
        paper=entry.paper,
        specific=match.specific,
        nearest=nearest(name) if isinstance(layer, str) and not match.specific else (),
    )


def _match(layer: object) -> tuple[str, Match]:
    if isinstance(layer, str):
        layer = layer.partition("(")[0]
        qualified = layer if layer.startswith("torch.") else None
        name = layer.strip().rpartition(".")[2] if not layer.startswith("lora.") else layer
        return name, entry_of(name, qualified)
    if isinstance(layer, type):
        bases = [f"{base.__module__}.{base.__qualname__}" for base in inspect.getmro(layer)[1:]]
        return layer.__name__, entry_of(layer.__name__, f"{layer.__module__}.{layer.__qualname__}", bases)
    raise ArchmagicError(f"describe() takes a class or its name, such as describe('Conv2d'), not {type(layer).__name__}.")

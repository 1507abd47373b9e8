"""Modules of a print while they are being read, and the nodes made of them when they end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from ..catalog.lookup import tensors_of
from ..tree import Folder, Instance, Node, Tensor, Value
from .arguments import parse_arguments, split_arguments
from .tokens import RULES

OLD_DTYPES = {
    "FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "BFloat16Tensor": "bfloat16",
    "LongTensor": "int64", "IntTensor": "int32", "ShortTensor": "int16", "CharTensor": "int8", "ByteTensor": "uint8",
    "BoolTensor": "bool",
}  # fmt: skip

ELLIPSES = ("...", "…", "[...]", "(...)")
"""What people write for the parts of a print that they leave out."""


@dataclass(slots=True)
class Draft:
    """A module whose closing bracket has not come yet.

    Attributes:
        names: the attribute names it stands for, several in a folded run; [] for a root.
        indent: how far its line is indented; inner: how far the first line inside it is, -1 before one came.
        inline: whether arguments follow its opening bracket on the same line.
        depth: how many brackets are open in its arguments.
        opened: row and column of its type, to keep its text where it prints itself in a way of its own.
        unknown: name, lines so far and whole first line of its last child, where that prints itself in a way no rule reads.
        steps: how many of its children are steps of a torch_geometric Sequential.
        held: how many of its children, the first ones, are modules printed as arguments (`nn=Sequential(...)`).
        holds: whether it is itself such an argument; "text" where it is no child for sure, being in a list or a call.
        sure: whether all that it holds are children.
        ended: row and column where its arguments end.
    """

    type: str
    names: list[str] = field(default_factory=list)
    segment: str = ""
    indent: int = 0
    inner: int = -1
    inline: bool = False
    spaced: bool = False
    depth: int = 0
    opened: tuple[int, int] = (0, 0)
    args: list[str] = field(default_factory=list)
    children: list[tuple[str, Instance]] = field(default_factory=list)
    runs: list[tuple[int, int]] = field(default_factory=list)
    unknown: tuple[str, list[str], str] | None = None
    steps: int = 0
    held: int = 0
    holds: Literal["", "child", "text"] = ""
    sure: bool = True
    ended: tuple[int, int] = (0, 0)
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def indented(self) -> bool:
        """Whether its lines are indented more than itself, so that indentation can be trusted."""
        return self.inner > self.indent

    @property
    def listed(self) -> bool:
        """Whether a child on a line of its own was read, after which there are no arguments."""
        return len(self.children) > self.held

    def take(self, names: list[str], instance: Instance) -> None:
        """Adds a child, or a run of equal ones."""
        self.runs.append((len(self.children), len(names)))
        self.children += [(name, instance) for name in names]

    @property
    def folds(self) -> bool:
        """Whether it prints as an nn.ModuleList does: equal neighbours as one, numbered from 0.

        Before PyTorch 2.1 a ModuleList wrote equal neighbours one by one, as all other modules still do.
        """
        if any(count > 1 for _, count in self.runs):
            return True
        if self.type != "ModuleList" or self.args or any(name != str(at) for at, (name, _) in enumerate(self.children)):
            return False
        return all(a[1].shape != b[1].shape for a, b in zip(self.children, self.children[1:], strict=False))


class Drafts:
    """Turns drafts into nodes. A print says the same module many times over: what was made once is kept."""

    def __init__(self) -> None:
        self.folder = Folder()
        self._leaves: dict[tuple[str, str], Instance] = {}
        self._settings: dict[tuple[str, str], tuple[dict[str, Value], tuple[Tensor, ...] | None]] = {}

    def leaf(self, type_name: str, args: str) -> Instance:
        """A module that opens and closes on one line."""
        key = (type_name, args)
        if key not in self._leaves:
            notes = ["truncated"] if args.strip() in ELLIPSES else []
            self._leaves[key] = self.finish(Draft(type_name, args=[args], notes=notes))
        return self._leaves[key]

    def none(self) -> Instance:
        """A child registered as None."""
        return self.folder.add(Node("None"))

    def unknown(self, text: str) -> Instance:
        """A child that prints itself in a way no rule reads: its text is all there is."""
        word = re.search(r"[^\W\d]\w*", text)
        return self.folder.add(Node(word[0] if word else "?", args=None, tensors=None, style="verbatim", verbatim=text))

    def finish(self, draft: Draft, verbatim: str | None = None) -> Instance:
        """The module that a draft has become. `verbatim` is its text where our printer would not give it back."""
        if draft.folds and draft.args:  # a list prints no arguments
            draft.unread[:0], draft.args = draft.args, []
        args = "\n".join(draft.args)
        if draft.held:  # what stood between modules
            args = ", ".join(piece.strip() for piece in split_arguments(args))
        cut = "truncated" in draft.notes
        known = args
        if cut and not draft.children:
            known = "".join(f"{piece}," for piece in split_arguments(args)[:-1])
        settings, tensors = self._understand(draft.type, known)
        if cut and not draft.children:
            tensors = None
        notes = [*(["script"] if "original_name" in settings else []), *draft.notes]
        style: Literal["module", "list", "verbatim"] = "verbatim" if verbatim is not None else "list" if draft.folds else "module"
        node = Node(
            draft.type, args, settings, tensors=tensors, style=style, verbatim=verbatim,
            unread=tuple(draft.unread), notes=tuple(notes),
        )  # fmt: skip
        return self.folder.add(node, draft.children)

    def _understand(self, type_name: str, args: str) -> tuple[dict[str, Value], tuple[Tensor, ...] | None]:
        key = (type_name, args)
        if key not in self._settings:
            own = [match for line in args.split("\n") if (match := RULES["tensor"].match(line))]
            rest = args if not own else "\n".join(line for line in args.split("\n") if not RULES["tensor"].match(line))
            settings = parse_arguments(type_name, rest)
            if "..." in settings.values():  # somebody left arguments out by hand
                settings = {name: value for name, value in settings.items() if value != "..."}
            tensors = tuple(_tensor(match) for match in own if not match["object"]) if own else tensors_of(type_name, settings)
            self._settings[key] = settings, tensors
        return self._settings[key]


def _tensor(match: re.Match[str]) -> Tensor:
    """An own tensor from a ParameterList's line: `(0): Parameter containing: [torch.float32 of size 3x3 (cuda:0)]`."""
    word = match["dtype"].rpartition(".")[2]
    shape = tuple(int(size[:18]) for size in match["shape"].split("x") if size)
    kind: Literal["parameter", "buffer"] = "parameter" if match["kind"] == "Parameter" else "buffer"
    device = "cuda" if ".cuda." in match["dtype"] else None
    return Tensor(match["name"], shape, OLD_DTYPES.get(word, word), match["device"] or device, kind=kind)

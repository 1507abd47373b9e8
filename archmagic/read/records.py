"""What the reader of live modules holds of each module while it reads it, and how that becomes a node."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Literal, TypeVar

from ..tree import Folder, Instance, Node, Spread, Tensor, Value, print_tree
from .arguments import parse_arguments
from .attributes import RawAttributes, attributes_of, counters
from .classes import ClassInfo

T = TypeVar("T")

ONE_LINE = re.compile(r"([^\W\d][\w.]*)\((.*)\)")
HEAD = re.compile(r"([^\W\d][\w.]*)\(")

FAILS = (Exception, SystemExit)
"""What code of a model may raise without stopping the reading; an interrupt stops it."""

NOTHING: Iterator[Any] = iter(())


def exact(text: Any) -> str:
    """As plain str, whatever it is; a subclass may have methods that fail."""
    if isinstance(text, str):
        return text if type(text) is str else str.__str__(text)
    return attempt(lambda: str.__str__(str(text)))[0] or f"<{type(text).__name__}>"


def exact_args(args: Any) -> str:
    """What `extra_repr` gave, as plain str.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(args, str):
        raise TypeError(f"it gave {type(args).__name__}, not str")
    return exact(args)


class Record:
    """A module being read. `configs` are the ids of the configs that it and the modules around it hold; `copies` is how its tensors are
    spread where a wrapper around it gives each process a copy."""

    config: dict[str, object] | None = None
    copies: Spread | None = None
    tensors: tuple[Tensor, ...] = ()
    ties: tuple[Hashable, ...] = ()
    notes: tuple[str, ...] = ()
    pending: Iterator[Any] = NOTHING
    children: Sequence[tuple[str, Instance]] = ()
    attributes: RawAttributes = ()
    integers: tuple[int, ...] = ()

    def __init__(self, name: str, path: str, module: Any, info: ClassInfo, configs: frozenset[int]) -> None:
        self.name, self.path, self.module, self.info, self.configs = name, path, module, info, configs
        self.state: dict[str, Any] = object.__getattribute__(module, "__dict__")

    def within(self, name: str) -> str:
        """The path of a child or tensor."""
        return f"{self.path}.{name}" if self.path else name


class Drafts:
    """Makes nodes of records."""

    def __init__(self) -> None:
        self._folder = Folder()
        self._kinds: dict[Hashable, int] = {}
        self._printed: dict[Instance, str] = {}

    def build(self, root: Instance) -> Node:
        return self._folder.build(root)

    def is_bare(self, instance: Instance) -> bool:
        """Whether there is no tensor in it or below it."""
        return self._folder.is_bare(instance)

    def add(self, record: Record, name: str, args: str | None, whole: str | None, mark: int | None, alike: tuple[Any, ...]) -> Instance:
        """The instance of a module. `whole` is its text where its class prints itself; `alike` holds all but the children, integers and
        mark, by which it may differ from others of its kind.

        Many a `__repr__` of a class's own only adds something to the arguments, or puts a word before what nn.Module's gives
        ("lora.Linear"). Those are nodes like any other; only where its text is not so made is it kept verbatim.
        """
        info = record.info
        if whole is None:
            return self._add(record, name, args, "list" if info.prints == "list" else "module", mark, alike)
        line = ONE_LINE.fullmatch(whole)
        if line and closes_at_end(line[2]):
            name, args = line[1], line[2]
            if not record.children:
                return self._add(record, name, args, "module", mark, (*alike, "module"))
        elif head := HEAD.match(whole):
            styles: tuple[Literal["module", "list"], ...] = ("module", "list") if info.is_list else ("module",)
            for style in styles:
                instance = self._add(record, head[1], args, style, mark, (*alike, style))
                if self._print(instance) == whole:
                    return instance
        return self._add(record, name, args, "verbatim", mark, (*alike, "verbatim"), whole)

    def _add(
        self, record: Record, type_name: str, args: str | None, style: Literal["module", "list", "verbatim"], mark: int | None,
        key: tuple[Any, ...], verbatim: str | None = None,
    ) -> Instance:  # fmt: skip
        kind = self._kinds.get(key)
        if kind is None:
            info, attributes = record.info, attributes_of(record.attributes, record.integers)
            lazy = ("lazy",) if [tensor for tensor in record.tensors if "lazy" in tensor.notes] else ()
            node = Node(
                type_name, args, _settings(type_name, args), info.qualified, info.bases, attributes,
                record.config, record.tensors, style=style, verbatim=verbatim, notes=record.notes + lazy, source=info.source, doc=info.doc,
            )  # fmt: skip
            kind = self._kinds[key] = self._folder.new_kind(node, counters(record.attributes) if record.integers else ())
        return self._folder.place(kind, record.integers, record.children, mark)

    def _print(self, instance: Instance) -> str:
        if instance not in self._printed:
            self._printed[instance] = print_tree(self._folder.build(instance))
        return self._printed[instance]

    def foreign(self, child: Any) -> Instance:
        """A child registered as None, or replaced by something that is no module."""
        if child is None:
            return self._folder.add(Node("None"))
        name = type(child).__name__
        text, _ = attempt(lambda: repr(child))
        return self._folder.add(Node(name, style="verbatim", verbatim=text or f"{name}(...)", notes=(f"broken: {name} is no module",)))

    def cut(self, module: Any, info: ClassInfo) -> Instance:
        """A module inside itself: its row says so, and the tree ends there."""
        node = Node(type(module).__name__, "...", {}, info.qualified, info.bases, notes=("cycle",), source=info.source, doc=info.doc)
        return self._folder.add(node)


def _settings(type_name: str, args: str | None) -> dict[str, Value]:
    try:
        return parse_arguments(type_name, args) if args else {}
    except FAILS:
        return {}


def closes_at_end(args: str) -> bool:
    """Whether the parenthesis opened before `args` is the one that closes after it."""
    depth = 0
    for character in args:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def attempt(read: Callable[[], T]) -> tuple[T | None, str]:
    """What `read` gives, or None and what it raised."""
    try:
        return read(), ""
    except FAILS as error:
        return None, told(error)


def told(error: BaseException) -> str:
    """An exception in a few words, even where its own `__str__` fails."""
    try:
        return f"{type(error).__name__}: {error}"[:200]
    except Exception:
        return type(error).__name__

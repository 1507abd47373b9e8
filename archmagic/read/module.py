"""Reads a live nn.Module into the tree. The only stage that touches torch; it reads no value and changes nothing.

Only `_modules`, `_parameters`, `_buffers`, `vars()`, `extra_repr` and an overriding `__repr__` are asked. One explicit stack
holds the modules being read, parents' tensors before their children's, so the first place of a shared object is the one that
`named_parameters` gives. What has been read alike before (an expert like the one next to it) is recognised by a cheap key.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple, TypeVar

from ..errors import ModelError
from ..tree import Folder, Instance, Node, Tree, Value, print_tree
from .attributes import plain_config, read_attributes
from .classes import ClassInfo, ClassReader
from .sharing import Pair, shared_table
from .tensors import RawTensor, TensorReader

try:
    from .arguments import parse_arguments
except ImportError:  # pragma: no cover

    def parse_arguments(type: str, text: str) -> dict[str, Value]:  # type: ignore[misc]
        return {}


T = TypeVar("T")

SHARED = -1
"""The mark of a child that stands for an earlier module."""

DEEPEST_REPR = 200
"""Below this depth PyTorch's recursive repr is sure to work."""

ONE_LINE = re.compile(r"([^\W\d][\w.]*)\((.*)\)")


def is_module(x: object) -> bool:
    """Whether `x` is an nn.Module. Does not import torch: where it is not imported, nothing is."""
    module = sys.modules.get("torch.nn.modules.module")
    cls = getattr(module, "Module", None)
    return isinstance(cls, type) and issubclass(type(x), cls)


def read_module(module: object) -> Tree:
    """The tree of a live module.

    Raises:
        ModelError: `module` is no nn.Module.
    """
    if not is_module(module):
        raise ModelError(f"Expected a torch.nn.Module, not {type(module).__name__}.")
    reader = _Reader()
    root = reader.read(module)
    shared, irregular = shared_table(root, reader.pairs)
    if irregular:  # rare: targets without a pattern, which must then keep their modules apart
        reader = _Reader(frozenset(irregular))
        root = reader.read(module)
        shared, _ = shared_table(root, reader.pairs)
    if reader.depth > DEEPEST_REPR or reader.broken:
        text, _ = _attempt(lambda: repr(module))
    else:
        text = print_tree(root)
    return Tree(root, "module", shared, text=text)


class _Frame:
    """A module whose children are being read."""

    __slots__ = ("children", "configs", "info", "module", "name", "notes", "own_config", "path", "pending", "state", "tensors", "ties")

    def __init__(self, name: str, module: Any, path: str) -> None:
        self.name, self.module, self.path = name, module, path
        self.info: ClassInfo
        self.state: dict[str, Any]
        self.pending: Iterator[tuple[str, Any]]
        self.children: list[tuple[str, Instance]] = []
        self.tensors: list[RawTensor] = []
        self.ties: list[Hashable] = []
        self.notes: list[str] = []
        self.configs: frozenset[int] = frozenset()
        self.own_config: dict[str, object] | None = None


class _Text(NamedTuple):
    """How a module prints: its type, its arguments, and its whole text where it has a `__repr__` of its own."""

    type: str
    args: str | None
    whole: str | None


class _Reader:
    """Reads one model. `irregular` are paths whose ties are to keep them apart from their siblings."""

    def __init__(self, irregular: frozenset[str] = frozenset()) -> None:
        import torch
        from torch import nn

        script = getattr(torch.jit, "ScriptModule", None)
        self._module_class = nn.Module
        self._classes = ClassReader(nn.Module, nn.ModuleList, script)
        self._tensors = TensorReader(frozenset((torch.Tensor, nn.Parameter)))
        self._irregular = irregular
        self._folder = Folder()
        self._instances: dict[Hashable, Instance] = {}
        self._printed: dict[tuple[Hashable, ...], str] = {}
        self._marks: dict[Hashable, int] = {}
        self._settings: dict[tuple[str, str], dict[str, Value]] = {}
        self._configs: dict[int, dict[str, object] | None] = {}
        self._config_texts: dict[str, dict[str, object]] = {}
        # Objects are held together with their ids, so that no id is used again while reading.
        self._modules_seen: dict[int, tuple[Any, str, Instance | None]] = {}
        self._tensors_seen: dict[int, tuple[Any, str]] = {}
        self.pairs: list[Pair] = []
        self.depth = 0
        self.broken = False

    def read(self, module: Any) -> Node:
        """The folded root."""
        stack = [self._open("", module, "", frozenset())]
        while True:
            frame = stack[-1]
            opened = self._next(frame)
            if opened is not None:
                stack.append(opened)
                self.depth = max(self.depth, len(stack))
                continue
            instance = self._close(frame)
            stack.pop()
            if not stack:
                return self._folder.build(instance)
            stack[-1].children.append((frame.name, instance))

    def _next(self, frame: _Frame) -> _Frame | None:
        """The next child that must be read itself; those that need not are added on the way. None when all are done."""
        for name, child in frame.pending:
            path = f"{frame.path}.{name}" if frame.path else name
            seen = self._modules_seen.get(id(child))
            if child is None or not isinstance(child, self._module_class):
                frame.children.append((name, self._foreign(child)))
            elif seen is not None:
                self.pairs.append(Pair(path, "", seen[1]))
                mark = self._mark((SHARED, seen[1])) if path in self._irregular else SHARED
                instance = seen[2] or self._cut(child)
                frame.children.append((name, Instance(instance.shape, instance.integers, mark)))
            else:
                return self._open(name, child, path, frame.configs)
        return None

    def _open(self, name: str, module: Any, path: str, configs: frozenset[int]) -> _Frame:
        """A module's own tensors and config, and its children to be read next."""
        frame = _Frame(name, module, path)
        self._modules_seen[id(module)] = (module, path, None)
        frame.info = info = self._classes.read(type(module))
        frame.state = state = object.__getattribute__(module, "__dict__")
        frame.configs = configs
        config = state.get("config")
        if config is not None and id(config) not in configs:
            frame.configs = configs | {id(config)}
            frame.own_config = self._config(config)
        if info.is_script:
            frame.notes.append("script")
        for kind, table in (("parameter", "_parameters"), ("buffer", "_buffers")):
            tensors = state.get(table)
            if tensors or info.is_script:
                self._read_tensors(frame, self._items(frame, table, tensors), kind)
        modules = state.get("_modules")
        frame.pending = iter(self._items(frame, "_modules", modules)) if modules or info.is_script else iter(())
        if modules is None and not info.is_script:
            self._break(frame, "nn.Module.__init__ was never called")
        return frame

    def _items(self, frame: _Frame, table: str, items: Any) -> list[tuple[str, Any]]:
        """The items of one of a module's own tables."""
        pairs, error = _attempt(lambda: [(str(name), value) for name, value in items.items()])
        if pairs is None:
            self._break(frame, f"{table}: {error}")
        return pairs or []

    def _read_tensors(self, frame: _Frame, items: list[tuple[str, Any]], kind: Any) -> None:
        for name, tensor in items:
            if tensor is None:
                continue
            try:
                frame.tensors.append(self._tensors.read(name, tensor, kind))
            except Exception as error:
                self._break(frame, _told(error))
                continue
            seen = self._tensors_seen.get(id(tensor))
            if seen is None:
                self._tensors_seen[id(tensor)] = (tensor, f"{frame.path}.{name}" if frame.path else name)
            else:
                self.pairs.append(Pair(frame.path, name, seen[1]))
                frame.ties.append((name, seen[1]) if frame.path in self._irregular else name)

    def _close(self, frame: _Frame) -> Instance:
        """The instance of a module whose children are read."""
        text = self._text(frame)
        attributes = () if frame.info.is_script else read_attributes(frame.state, frame.path)
        mark = self._mark_of(frame)
        key = (
            type(frame.module), text, tuple(frame.tensors), attributes, tuple(frame.notes), mark,
            id(frame.own_config), tuple((name, id(child)) for name, child in frame.children),
        )  # fmt: skip
        instance = self._instances.get(key)
        if instance is None:
            instance = self._instances[key] = self._add(frame, text, {name: value for name, _, value in attributes}, mark)
        self._modules_seen[id(frame.module)] = (frame.module, frame.path, instance)
        return instance

    def _add(self, frame: _Frame, text: _Text, attributes: dict[str, Value], mark: int | None) -> Instance:
        info = frame.info
        tensors = tuple(self._tensors.named(raw) for raw in frame.tensors)
        notes = (*frame.notes, *(["lazy"] if any("lazy" in t.notes for t in tensors) else []))

        def draft(type_: str, args: str | None, style: Any, verbatim: str | None = None) -> Instance:
            node = Node(
                type_, args, self._parse(type_, args), info.qualified, info.bases, attributes, frame.own_config, tensors,
                style=style, verbatim=verbatim, notes=notes, source=info.source, doc=info.doc,
            )  # fmt: skip
            return self._folder.add(node, frame.children, mark)

        if text.whole is None:
            return draft(text.type, text.args, "list" if info.prints == "list" else "module")
        # Many a `__repr__` only adds something to the arguments, or puts a word before what nn.Module's own gives.
        line = ONE_LINE.fullmatch(text.whole)
        if line and not frame.children and _closes_at_end(line[2]):
            return draft(line[1], line[2], "module")
        head = text.whole.partition("(")[0]
        if re.fullmatch(r"[^\W\d][\w.]*", head):
            for style in ("module", "list") if info.is_list else ("module",):
                instance = draft(head, text.args, style)
                if self._print(instance) == text.whole:
                    return instance
        return draft(text.type, text.args, "verbatim", text.whole)

    def _print(self, instance: Instance) -> str:
        key = (instance.shape, instance.integers)
        if key not in self._printed:
            self._printed[key] = print_tree(self._folder.build(instance))
        return self._printed[key]

    def _text(self, frame: _Frame) -> _Text:
        module, info = frame.module, frame.info
        name = info.name
        if name is None:
            name, _ = _attempt(module._get_name)
            name = name if isinstance(name, str) else type(module).__name__
        try:
            args: str | None = module.extra_repr()
            if not isinstance(args, str):
                raise TypeError(f"extra_repr gave {type(args).__name__}, not str")
        except Exception as error:
            args = None
            self._break(frame, f"extra_repr: {_told(error)}")
        whole = None
        if info.prints == "itself":
            whole, error_text = _attempt(lambda: repr(module))
            if whole is None:
                self._break(frame, f"__repr__: {error_text}")
        return _Text(name, args, whole)

    def _parse(self, type_: str, args: str | None) -> dict[str, Value]:
        if not args:
            return {}
        if (type_, args) not in self._settings:
            settings, _ = _attempt(lambda: dict(parse_arguments(type_, args)))
            self._settings[type_, args] = settings or {}
        return self._settings[type_, args]

    def _config(self, config: Any) -> dict[str, object] | None:
        """The config as plain data; configs that say the same are one object, so that layers with a copy each still fold."""
        if id(config) not in self._configs:
            data, _ = _attempt(lambda: plain_config(config))
            self._configs[id(config)] = data and self._config_texts.setdefault(repr(data), data)
        return self._configs[id(config)]

    def _mark_of(self, frame: _Frame) -> int | None:
        """What is shared at or below a module: modules of a run must agree in it."""
        below = [(name, child.mark) for name, child in frame.children if child.mark is not None]
        return self._mark((*frame.ties, None, *below)) if below or frame.ties else None

    def _mark(self, key: Hashable) -> int:
        return self._marks.setdefault(key, len(self._marks))

    def _foreign(self, child: Any) -> Instance:
        """A child registered as None, or replaced by something that is no module."""
        if child is None:
            return self._folder.add(Node("None"))
        text, _ = _attempt(lambda: repr(child))
        note = f"broken: {type(child).__name__} is no module"
        return self._folder.add(
            Node(type(child).__name__, style="verbatim", verbatim=text or f"{type(child).__name__}(...)", notes=(note,))
        )

    def _cut(self, module: Any) -> Instance:
        """A module inside itself: its row says so, and the tree ends there."""
        self.broken = True  # PyTorch's own repr never ends here
        info = self._classes.read(type(module))
        return self._folder.add(
            Node(
                type(module).__name__, "...", qualified=info.qualified, bases=info.bases, notes=("cycle",), source=info.source, doc=info.doc
            )
        )

    def _break(self, frame: _Frame, what: str) -> None:
        self.broken = True
        frame.notes.append(f"broken: {what}")


def _closes_at_end(args: str) -> bool:
    """Whether the parenthesis opened before `args` is the one that closes after it."""
    depth = 0
    for character in args:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def _attempt(read: Callable[[], T]) -> tuple[T | None, str]:
    """What `read` gives, or None and what it raised."""
    try:
        return read(), ""
    except Exception as error:
        return None, _told(error)


def _told(error: Exception) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:200]
    except Exception:
        return type(error).__name__

"""Reads a live nn.Module into the tree. The only stage that touches torch; it reads no value and changes nothing.

Only `_modules`, `_parameters`, `_buffers`, `vars()`, `extra_repr` and an overriding `__repr__` are asked. One explicit stack
holds the modules being read, parents' tensors before their children's, so the first place of a shared object is the one that
`named_parameters` gives. What has been read alike before (an expert like the one next to it) is recognised by a cheap key.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any

from ..errors import ModelError
from ..tree import Instance, Node, Spread, Tensor, Tree, Unregistered
from .alone import alone
from .attributes import AttributeReader, plain_config
from .classes import ClassInfo, ClassReader
from .records import FAILS, NOTHING, Drafts, Record, attempt, exact, exact_args, told
from .sharing import Pair, shared_table
from .spread import FlatTensor, copied_to, flat_tensors, held_of
from .tensors import Kind, TensorReader
from .unregistered import unregistered

TABLES = ("_parameters", "_buffers", "_modules")

SHARED = -1
"""The mark of a child that stands for an earlier module."""


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
    with alone():
        return _read(module)


def _read(module: object) -> Tree:
    reader = _Reader()
    root = reader.read(module)
    shared, irregular = shared_table(root, reader.pairs)
    if irregular:  # rare: targets without a pattern, which must then keep their modules apart
        reader = _Reader(frozenset(irregular))
        root = reader.read(module)
        shared, _ = shared_table(root, reader.pairs)
    return Tree(root, "module", shared, held_flat=reader.held_flat, runs=_runs(module), unregistered=reader.unregistered(root))


def _runs(module: Any) -> bool:
    """Whether a module has a forward, of its class or set on it: nn.Module's own only says that there is none."""
    from torch import nn

    defined = next((vars(cls)["forward"] for cls in type(module).__mro__ if "forward" in vars(cls)), None)
    return "forward" in vars(module) or defined is not vars(nn.Module)["forward"]


def holding(modules: Mapping[str, Any]) -> Any:
    """A new module with these as children, to be read with them."""
    from torch import nn

    holder = nn.Module()
    holder._modules.update(modules)
    return holder


class _Reader:
    """Reads one model. `irregular` are paths whose ties are to keep them apart from their siblings."""

    def __init__(self, irregular: frozenset[str] = frozenset()) -> None:
        import torch
        from torch import nn

        self._module_class = nn.Module
        self._attributes = AttributeReader(nn.Module)
        self._classes = ClassReader(nn.Module, nn.ModuleList, getattr(torch.jit, "ScriptModule", None))
        self._tensors = TensorReader(frozenset((torch.Tensor, nn.Parameter)), torch.strided)
        self._drafts = Drafts()
        self._irregular = irregular
        self._instances: dict[Hashable, Instance] = {}
        self._marks: dict[Hashable, int] = {}
        self._configs: dict[int, dict[str, object] | None] = {}
        self._config_texts: dict[str, dict[str, object]] = {}
        # Where each object was met first, by its id. Strings rather than records: those of a large model, held all together, would
        # set the garbage collector going over the whole of it.
        self._places: dict[Hashable, str] = {}
        self._read_already: dict[int, Instance] = {}
        self._held: list[Any] = []
        self._flat: dict[int, dict[str, FlatTensor]] = {}
        self._vectors: set[int] = set()
        self.held_flat = 0
        self.pairs: list[Pair] = []

    def read(self, module: Any) -> Node:
        """The folded root."""
        stack = [self._open(Record("", "", module, self._classes.read(type(module)), frozenset()))]
        while True:
            record = stack[-1]
            opened = self._next(record)
            if opened is not None:
                stack.append(opened)
                continue
            instance = self._close(record)
            stack.pop()
            if not stack:
                return self._drafts.build(instance)
            stack[-1].children.append((record.name, instance))  # type: ignore[attr-defined]

    def unregistered(self, root: Node) -> tuple[Unregistered, ...]:
        """The modules that no module registers."""
        return unregistered(root, self._attributes.held, self._places)

    def _next(self, parent: Record) -> Record | None:
        """The next child with children of its own; those without are read on the way. None when all are done."""
        children: Any = parent.children
        known, places, inside = self._classes.known, self._places, f"{parent.path}." if parent.path else ""
        for name, child in parent.pending:
            if type(name) is not str:
                name = exact(name)
            info = known.get(type(child)) or self._class_of(child)
            if info is None:
                children.append((name, self._drafts.foreign(child)))
            elif id(child) in places:
                children.append((name, self._again(parent, name, child, info)))
            else:
                record = Record(name, inside + name, child, info, parent.configs)
                if parent.copies is not None:
                    record.copies = parent.copies
                self._open(record)
                if record.pending is not NOTHING:
                    return record
                children.append((name, self._close(record)))
        return None

    def _class_of(self, child: Any) -> ClassInfo | None:
        cls = type(child)
        return self._classes.read(cls) if issubclass(cls, self._module_class) else None

    def _again(self, parent: Record, name: str, module: Any, info: ClassInfo) -> Instance:
        """A module that stands at an earlier place too, or around itself."""
        path, earlier = parent.within(name), self._places[id(module)]
        instance = self._read_already.get(id(module))
        if instance is None:
            instance = self._drafts.cut(module, info)
        bare = self._drafts.is_bare(instance)
        self.pairs.append(Pair(path, "", earlier, bare))
        mark = None if bare else self._mark((SHARED, earlier)) if path in self._irregular else SHARED
        return Instance(instance.shape, instance.integers, mark)

    def _open(self, record: Record) -> Record:
        """A module's own tensors and config are read; its children are next."""
        self._places[id(record.module)] = record.path
        if record.info.wraps:
            self._read_wrapper(record)
        asked, script = record.state.get, record.info.is_script
        parameters: Any = asked("_parameters")
        buffers: Any = asked("_buffers")
        modules: Any = asked("_modules")
        if script:  # its tables are behind its own accessors: a traced module keeps none itself
            record.notes = ("script",)
            self._held.append(record.module)  # as its tensors: made when asked for, so its id must not be used again
            parameters, buffers, modules = (attempt(partial(getattr, record.module, name))[0] for name in TABLES)
        if parameters or script or id(record.module) in self._flat:
            self._read_tensors(record, parameters, "parameter")
        if buffers or script:
            self._read_tensors(record, buffers, "buffer")
        if (config := asked("config")) is not None:
            self._read_config(record, config)
        if modules or script:
            record.children = []
            try:
                record.pending = iter(list(modules.items()))
            except FAILS as error:
                record.pending = iter(())
                self._break(record, f"_modules: {told(error)}")
        elif modules is None:
            self._break(record, "nn.Module.__init__ was never called")
        return record

    def _read_wrapper(self, record: Record) -> None:
        """What a wrapper for several processes did to the tensors below it."""
        state = record.state
        if record.info.wraps == "copies" and (processes := copied_to(state)):
            record.copies = Spread((("", processes),), ("whole",))
        elif (handle := state.get("_handle")) is not None:
            try:
                for (module, name), tensor in flat_tensors(handle):
                    self._flat.setdefault(module, {})[name] = tensor
                self.held_flat += held_of(handle)
                self._vectors.add(id(handle.flat_param))
            except Exception as error:
                record.notes = (*record.notes, f"broken: flat parameters: {told(error)}")

    def _read_tensors(self, record: Record, table: Any, kind: Kind) -> None:
        flat = self._flat.get(id(record.module), {}) if kind == "parameter" and self._flat else {}
        found: list[Tensor] = []
        try:
            rows = list(table.items()) if table is not None else []
        except FAILS as problem:
            rows = []
            self._break(record, f"{kind}s: {told(problem)}")
        read, vectors, script = self._tensors.read, self._vectors, record.info.is_script
        for name, tensor in rows:
            if tensor is None or (flat and name in flat) or (vectors and id(tensor) in vectors):
                continue
            if type(name) is not str:
                name = exact(name)
            try:
                found.append(read(name, tensor, kind))
            except FAILS as problem:
                self._break(record, f"{kind}s: {told(problem)}")
                continue
            self._place(record, name, id(tensor))
            if script:
                self._held.append(tensor)
        if record.copies is not None:
            found = [tensor if tensor.spread else tensor._replace(spread=record.copies) for tensor in found]
        for name, part in flat.items():
            found.append(self._tensors.flat(name, part))
            self._place(record, name, part.first)
        record.tensors += tuple(found)

    def _place(self, record: Record, name: str, key: Hashable) -> None:
        """Keeps where a tensor was met first, and where it is met again."""
        place = f"{record.path}.{name}" if record.path else name
        target = self._places.setdefault(key, place)
        if target is not place:
            self.pairs.append(Pair(record.path, name, target))
            record.ties = (*record.ties, (name, target) if record.path in self._irregular else name)

    def _read_config(self, record: Record, config: Any) -> None:
        """Plain data of a config that no module around holds. Those that say the same are one object, so layers with a copy each fold."""
        if id(config) in record.configs:
            return
        record.configs |= {id(config)}
        if id(config) not in self._configs:
            data, _ = attempt(lambda: plain_config(config))
            self._configs[id(config)] = data and self._config_texts.setdefault(repr(data), data)
        record.config = self._configs[id(config)]

    def _close(self, record: Record) -> Instance:
        """The instance of a module whose children are read."""
        info = record.info
        try:
            args = record.module.extra_repr()
            if type(args) is not str:
                args = exact_args(args)
        except FAILS as error:
            args = None
            self._break(record, f"extra_repr: {told(error)}")
        name = info.name or self._name(record)
        whole = self._whole(record) if info.prints == "itself" else None
        if not info.is_script:
            record.attributes, record.integers = self._attributes.read(record.state, record.path)
        mark = self._mark_of(record) if self.pairs else None
        children, integers = record.children, record.integers
        # One tuple for the tables here and in the drafts: those of a large model set the garbage collector going over the whole of it.
        alike: tuple[Any, ...] = (info, name, args, whole, record.tensors, record.attributes, record.notes, id(record.config))
        key = (alike, integers, mark, tuple(children)) if children or integers or mark is not None else alike
        instance = self._instances.get(key)
        if instance is None:
            instance = self._instances[key] = self._drafts.add(record, name, args, whole, mark, alike)
        self._read_already[id(record.module)] = instance
        return instance

    def _name(self, record: Record) -> str:
        name, _ = attempt(record.module._get_name)
        return exact(name) if isinstance(name, str) else type(record.module).__name__

    def _whole(self, record: Record) -> str | None:
        try:
            return exact(repr(record.module))
        except FAILS as error:
            self._break(record, f"__repr__: {told(error)}")
            return None

    def _mark_of(self, record: Record) -> int | None:
        """What is shared at or below a module: modules of a run must agree in it."""
        below = [(name, child.mark) for name, child in record.children if child.mark is not None]
        return self._mark((*record.ties, None, *below)) if below or record.ties else None

    def _mark(self, key: Hashable) -> int:
        return self._marks.setdefault(key, len(self._marks))

    def _break(self, record: Record, what: str) -> None:
        record.notes = (*record.notes, f"broken: {what}")

"""What a module's class tells, read once for each class: its names, how it prints, where it is written, what its docstring says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, Literal, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

LONGEST_DOC = 600
LARGEST_FILE = 4_000_000

CLASS = re.compile(r"[ \t]*class[ \t]+(\w+)")

WRAPS: dict[str, Literal["", "copies", "flat"]] = {
    "torch.nn.parallel.distributed.DistributedDataParallel": "copies",
    "torch.distributed.fsdp.fully_sharded_data_parallel.FullyShardedDataParallel": "flat",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class ClassInfo:
    """One module class.

    Attributes:
        name: what `_get_name` gives, None where the class overrides it and each module must be asked.
        prints: "module" or "list" where its `__repr__` is nn.Module's or nn.ModuleList's, "itself" where it has its own.
        is_list: whether it is an nn.ModuleList.
        is_script: whether it is TorchScript's, whose children and tensors only its own accessors give.
        wraps: whether it wraps a model for several processes, "copies" of its tensors (DDP) or "flat" vectors of them (FSDP1).
    """

    name: str | None
    prints: Literal["module", "list", "itself"]
    is_list: bool
    is_script: bool
    qualified: str
    bases: tuple[str, ...]
    wraps: Literal["", "copies", "flat"]
    source: tuple[str, int] | None
    doc: str | None


class ClassReader:
    """Reads classes, each once. `module`, `module_list` and `script` are torch's own classes."""

    def __init__(self, module: type, module_list: type, script: type | None) -> None:
        self._module, self._list, self._script = module, module_list, script
        self._alike: dict[tuple[Any, ...], ClassInfo] = {}
        self.known: dict[type, ClassInfo] = {}

    def read(self, cls: type) -> ClassInfo:
        """What a class tells; one object for classes that tell the same, as those of a cell that ran twice do."""
        info = self.known.get(cls)
        if info is None:
            info = self._read(cls)
            told = tuple([getattr(info, name) for name in ClassInfo.__slots__])
            info = self.known[cls] = self._alike.setdefault(told, info)
        return info

    def _read(self, cls: type) -> ClassInfo:
        own_name = getattr(cls, "_get_name", None) is getattr(self._module, "_get_name", None)
        printer = getattr(cls, "__repr__", None)
        prints: Literal["module", "list", "itself"] = "itself"
        if printer is self._module.__repr__:
            prints = "module"
        elif printer is self._list.__repr__:
            prints = "list"
        is_script = self._script is not None and issubclass(cls, self._script)
        written = _written(cls)
        return ClassInfo(cls.__name__ if own_name else None, prints, issubclass(cls, self._list), is_script, *written)


class Written(NamedTuple):
    """What does not change in a class's life: see ClassInfo."""

    qualified: str
    bases: tuple[str, ...]
    wraps: Literal["", "copies", "flat"]
    source: tuple[str, int] | None
    doc: str | None


_known: WeakKeyDictionary[type, Written] = WeakKeyDictionary()
"""What `_written` found. The rest of a ClassInfo is asked anew for each model, since others patch `__repr__`."""


def _written(cls: type) -> Written:
    """What a class's definition says, looked for once in the class's life: files are asked for it."""
    try:
        known = _known.get(cls)
    except Exception:  # a metaclass may compare as it likes
        return _definition(cls)
    if known is None:
        known = _known[cls] = _definition(cls)
    return known


def _definition(cls: type) -> Written:
    names = [_qualified(each) for each in cls.__mro__]
    return Written(
        qualified=names[0],
        bases=tuple([name for name in names[1:] if name not in ("torch.nn.modules.module.Module", "builtins.object")]),
        wraps=next((WRAPS[name] for name in names if name in WRAPS), ""),
        source=_guarded(lambda: _source(cls)),
        doc=_guarded(lambda: _doc(cls)),
    )


def _qualified(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _guarded(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Exception:
        return None


def _doc(cls: type) -> str | None:
    """First paragraph of the class's own docstring. None for torch's own layers: the catalog tells those better."""
    doc = cls.__dict__.get("__doc__")
    if not isinstance(doc, str) or cls.__module__.split(".")[0] == "torch":
        return None
    paragraph = " ".join(doc.strip().split("\n\n")[0].split())
    return paragraph[:LONGEST_DOC] or None


def _source(cls: type) -> tuple[str, int] | None:
    """(file, line) of the class statement. `inspect` would parse the whole file: here a method leads to the file and near the line."""
    for name in ("__init__", "forward", *cls.__dict__):
        code = _code(cls.__dict__.get(name), cls)
        if code is None or not (file := Path(code.co_filename)).is_file():
            continue
        status = file.stat()
        starts = _class_lines(file, status.st_mtime_ns, status.st_size).get(cls.__name__, ())
        before = [line for line in starts if line <= code.co_firstlineno]
        if before:
            return str(file), before[-1]
    return None


def _code(function: Any, cls: type) -> CodeType | None:
    """The code of a method written in the class itself; decorators that keep `__wrapped__` are looked through."""
    for _ in range(10):
        function = getattr(function, "__dict__", {}).get("__wrapped__", function)
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType) or f"{cls.__name__}." not in code.co_qualname:
        return None
    return code


@lru_cache(maxsize=256)
def _class_lines(file: Path, modified: int, size: int) -> dict[str, list[int]]:
    """Where each class name is defined in a file; read again only when the file has changed."""
    found: dict[str, list[int]] = {}
    if size <= LARGEST_FILE:
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").split("\n"), 1):
            if "class " in line and (match := CLASS.match(line)):
                found.setdefault(match[1], []).append(number)
    return found

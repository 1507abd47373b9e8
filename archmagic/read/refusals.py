"""What is said of something that is no model: what it is, and what to give instead. Imports nothing to find out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import getattr_static
from itertools import islice
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType
from typing import Any

from .module import is_module

LOAD = "Build the model, load its weights with model.load_state_dict(...), and explain that"
FROM_CONFIG = "AutoModel.from_config(config) builds one of transformers"
FEW = 50
WEIGHTS_FILE = re.compile(r"\.(?:pth?|ckpt|bin|safetensors|h5|keras|onnx|gguf|pkl|npz)$", re.IGNORECASE)
FILE = re.compile(r"(?:~|\.{0,2}/|[A-Za-z]:\\).*|.*\.[A-Za-z]\w{1,10}")
NAME = re.compile(r"[\w.~:/\\\-]+")
LONGEST_NAME = 300
WEIGHTS = re.compile(r"\s*(?:(?:collections\.)?OrderedDict\(|odict_keys\(|dict_keys\(|\{)[\[(\s]*'[\w.]+(?:'[,\]]|'[:,] *tensor\()")
CONFIG = re.compile(r"\s*(?:\w+ )?\{\s*\"[\w ]+\":")


def refused(x: object) -> str:
    """Of an object, in a sentence."""
    given, instead = _of(x)
    return f"Expected a torch.nn.Module, a printed model as text, or an object that holds modules, not {given}{instead}."


def _of(x: Any) -> tuple[str, str]:
    if x is None:
        return "None", ": print(model) gives it, and so does a function without a return"
    if isinstance(x, type):
        return f"the class {x.__name__}", f": build it first, as {x.__name__}(...) does"
    if isinstance(x, MethodType) and is_module(x.__self__):
        return f"a method of {_article(_named(type(x.__self__)))}", ": give the module itself"
    if isinstance(x, (FunctionType, MethodType, BuiltinFunctionType)):
        return f"the function {getattr(x, '__name__', '')}", ": call it, and explain what it returns"
    if isinstance(x, (GeneratorType, set, frozenset)):
        return _article(type(x).__name__), ": explain(list(...)) takes the modules in it"
    if isinstance(x, PurePath):
        return _article(_named(type(x))), f": {_file(x.name)}"
    given = _article(_named(type(x)))
    if isinstance(x, (list, tuple, Mapping)):
        return given, f", which holds tensors and no module. {LOAD}" if _holds_tensors(x) else ", which holds none"
    if isinstance(getattr_static(type(x), "model_type", None), str) and getattr_static(type(x), "to_dict", None):
        return given, f", which holds a model's sizes and not the model. {FROM_CONFIG}"
    return given, ", which holds none"


def no_print(text: str) -> str:
    """What a text without a printed model seems to be, and what to give instead; "" where nothing tells."""
    line = text.strip()
    if WEIGHTS.match(line):
        return f"which seems to be weights. {LOAD}"
    if CONFIG.match(line):
        return f"which seems to be a config. Build the model from it and explain that: {FROM_CONFIG}"
    if len(line) > LONGEST_NAME or not NAME.fullmatch(line):
        return ""
    if FILE.fullmatch(line) and "://" not in line:
        return f"which seems to be the name of a file: {_file(line)}"
    return "which seems to be a name. Explain the model itself, explain(model), or paste what print(model) gives"


def _file(name: str) -> str:
    return f"no file is read. {LOAD if WEIGHTS_FILE.search(name) else 'Explain the text in it, open(...).read()'}"


def _holds_tensors(x: Iterable[Any]) -> bool:
    return any(_is_tensor(part) for value in _values(x) for part in ([value, *_values(value)] if isinstance(value, Mapping) else [value]))


def _values(x: Iterable[Any]) -> Iterator[Any]:
    return islice(x.values() if isinstance(x, Mapping) else x, FEW)


def _is_tensor(x: Any) -> bool:
    return {"shape", "dtype", "requires_grad"} <= set(dir(type(x)))


def _named(cls: type) -> str:
    """The class with the package that people know it by: pandas.DataFrame. What a notebook defines has none."""
    package = cls.__module__.partition(".")[0]
    return cls.__name__ if package in ("builtins", "__main__", "collections", "pathlib", "types") else f"{package}.{cls.__name__}"


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"

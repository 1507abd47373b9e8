"""What a forward multiplies by, by its text: 1 + weight, the square root of a width."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from .class_text import class_text, methods, modified_at

CASTS = {"to", "type", "type_as", "float", "half", "contiguous"}
"""Methods that leave the numbers as they are."""


def one_more(source: tuple[str, int]) -> frozenset[str]:
    """The attributes to which forward adds one before it multiplies by them: "weight" of `x * (1.0 + self.weight)`."""
    return _one_more(*source, modified_at(source[0]))


def scaled_results(source: tuple[str, int]) -> frozenset[tuple[str, str]]:
    """(child, attribute) of results that forward multiplies by the square root of an attribute, at once or some lines later:
    `self.lut(x) * math.sqrt(self.d_model)`, `x *= self.config.hidden_size**0.5` ("config.hidden_size"), or by a buffer of that root."""
    return _scaled_results(*source, modified_at(source[0]))


# What a class's text says is asked once for as long as its file stays as it is, however many models are of that class.


@lru_cache(maxsize=512)
def _one_more(file: str, line: int, modified: int) -> frozenset[str]:
    if not _has(r"\b1(\.0*)?\s*\+|\+\s*1\b", file, line, modified):
        return frozenset()
    found = [_plus_one(side, me) for me, product in _products(file, line, modified) for side in (product.left, product.right)]
    return frozenset(name for name in found if name)


@lru_cache(maxsize=512)
def _scaled_results(file: str, line: int, modified: int) -> frozenset[tuple[str, str]]:
    if not _has(r"\bsqrt\(|\*\* ?0?\.5\b", file, line, modified):
        return frozenset()
    written = methods(file, line, modified)
    forward = written.get("forward")
    if forward is None or not forward.args.args:
        return frozenset()
    reader = _Scales(forward.args.args[0].arg, _kept_roots(written.get("__init__")))
    try:
        reader.read(forward.body)
    except RecursionError:  # a sum of a thousand terms
        return frozenset()
    return frozenset(reader.found)


class _Scales:
    """Reads forward from its top: which names hold what a child gave as it is, and by the root of what those are multiplied."""

    def __init__(self, me: str, kept: dict[str, str]) -> None:
        self.me, self.kept = me, kept
        self.holds: dict[str, str | None] = {}
        self.found: list[tuple[str, str]] = []

    def read(self, body: list[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.holds[name] = self.child(value)
                case ast.AugAssign(target=ast.Name(id=name), op=ast.Mult(), value=value):
                    self.scale(self.holds.get(name), value)
                    self.holds[name] = None
                case ast.If(test=ast.Compare(ops=[ast.Is()], comparators=[ast.Constant(value=None)]), orelse=[]):
                    self.read(statement.body)  # what was not given is made
                case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
                    self.child(value)
                case _:
                    for node in ast.walk(statement):
                        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                            self.holds[node.id] = None

    def child(self, node: ast.expr) -> str | None:
        """The child whose result an expression is; products in it are noted."""
        match node:
            case ast.Name(id=name):
                return self.holds.get(name)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                for one, other in ((left, right), (right, left)):
                    self.scale(self.child(one), other)
                return None
            case ast.Call(func=func, args=args):
                for given in args:
                    self.child(given)
                return _own(func, self.me)
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.expr):
                self.child(inner)
        return None

    def scale(self, child: str | None, by: ast.expr) -> None:
        factor = _uncast(by)
        of = _root_of(factor, self.me) or self.kept.get(_own(factor, self.me) or "")
        if child and of:
            self.found.append((child, of))


def _kept_roots(init: ast.FunctionDef | None) -> dict[str, str]:
    """The buffers that __init__ makes of the square root of an attribute: name -> attribute."""
    if init is None or not init.args.args:
        return {}
    me, found = init.args.args[0].arg, {}
    for node in ast.walk(init):
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr=name)], value=ast.Call(args=[made, *_])) if owner == me:
                found[name] = _tensor_root(made, me)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=owner), attr="register_buffer"), args=[ast.Constant(value=str() as name), made, *_]
            ) if owner == me:
                found[name] = _tensor_root(made, me)
    return {name: of for name, of in found.items() if of}


def _tensor_root(node: ast.expr, me: str) -> str | None:
    """The attribute in `torch.tensor(self.config.hidden_size**0.5, ...)`."""
    match node:
        case ast.Call(func=ast.Name(id="tensor") | ast.Attribute(attr="tensor"), args=[inner]):
            return _root_of(inner, me)
    return None


def _has(pattern: str, file: str, line: int, modified: int) -> bool:
    """Whether a line of the class has it: asked before the class is parsed, which takes far longer."""
    return any(re.search(pattern, row) for row in class_text(file, line, modified))


def _products(file: str, line: int, modified: int) -> list[tuple[str, ast.BinOp]]:
    """The multiplications in forward, each with what forward calls the module."""
    forward = methods(file, line, modified).get("forward")
    if forward is None or not forward.args.args:
        return []
    return [(forward.args.args[0].arg, n) for n in ast.walk(forward) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult)]


def _own(node: ast.expr, me: str) -> str | None:
    """The name in `self.name`."""
    return node.attr if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == me else None


def _root_of(node: ast.expr, me: str) -> str | None:
    """The attribute in `math.sqrt(self.d_model)` or `self.d_model ** 0.5`; "config.d_model" of `self.config.d_model ** 0.5`."""
    match node:
        case (
            ast.Call(func=ast.Name(id="sqrt") | ast.Attribute(attr="sqrt"), args=[inner])
            | ast.BinOp(left=inner, op=ast.Pow(), right=ast.Constant(value=0.5))
        ):
            if isinstance(inner, ast.Attribute) and _own(inner.value, me) == "config":
                return f"config.{inner.attr}"
            return _own(inner, me)
    return None


def _uncast(node: ast.expr) -> ast.expr:
    """What is multiplied by, without what only changes its dtype: `self.weight` of `self.weight.float()`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CASTS:
        node = node.func.value
    return node


def _plus_one(node: ast.expr, me: str) -> str | None:
    """The attribute in `1.0 + self.weight` or `1 + self.weight.float()`, either way round."""
    match node:
        case (
            ast.BinOp(left=ast.Constant(value=1), op=ast.Add(), right=inner)
            | ast.BinOp(left=inner, op=ast.Add(), right=ast.Constant(value=1))
        ):
            return _own(_uncast(inner), me)
    return None

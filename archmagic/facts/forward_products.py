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
    """(child, attribute) of results that forward multiplies by the square root of an attribute: `self.lut(x) * math.sqrt(self.d_model)`."""
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
    rows = _products(file, line, modified)
    sides = [(me, *pair) for me, product in rows for pair in ((product.left, product.right), (product.right, product.left))]
    found = [(_own(call.func, me), _root_of(other, me)) for me, call, other in sides if isinstance(call, ast.Call)]
    return frozenset((child, of) for child, of in found if child and of)


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
    """The attribute in `math.sqrt(self.d_model)` or `self.d_model ** 0.5`."""
    match node:
        case ast.Call(func=ast.Name(id="sqrt") | ast.Attribute(attr="sqrt"), args=[inner]):
            return _own(inner, me)
        case ast.BinOp(left=inner, op=ast.Pow(), right=ast.Constant(value=0.5)):
            return _own(inner, me)
    return None


def _plus_one(node: ast.expr, me: str) -> str | None:
    """The attribute in `1.0 + self.weight` or `1 + self.weight.float()`, either way round."""
    match node:
        case (
            ast.BinOp(left=ast.Constant(value=1), op=ast.Add(), right=inner)
            | ast.BinOp(left=inner, op=ast.Add(), right=ast.Constant(value=1))
        ):
            while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in CASTS:
                inner = inner.func.value
            return _own(inner, me)
    return None

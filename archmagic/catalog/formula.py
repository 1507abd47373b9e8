"""Evaluates the catalog's arithmetic over a layer's arguments: `out_features if bias else None`.

The expression is parsed with `ast` and walked; nothing is ever executed. Numbers are bounded, so that arguments taken
from somebody's paste cannot make it run long.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache

from ..tree import Value

LARGEST = 1 << 62
LONGEST = 64

_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: dict[type[ast.cmpop], Callable[[object, object], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_ORDER: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class FormulaError(Exception):
    """The expression cannot be worked out from these arguments."""


def evaluate(expression: str, arguments: Mapping[str, Value]) -> Value:
    """The value of `expression`, whose names are looked up in `arguments`.

    Raises:
        FormulaError: a name is missing, a value is of the wrong kind, or a number is out of bounds.
    """
    return _value(_parse(expression), arguments)


@lru_cache(maxsize=2048)
def _parse(expression: str) -> ast.expr:
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"not an expression: {expression!r}") from error


def _value(node: ast.expr, names: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            if name not in names:
                raise FormulaError(f"{name} is not known")
            return names[name]
        case ast.Tuple(elts=elements):
            return tuple(_value(element, names) for element in elements)
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, _value(left, names), _value(right, names))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_integer(_value(operand, names))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, names)
        case ast.BoolOp(op=op, values=values):
            return _boolean(op, values, names)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, names) else orelse, names)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _comparison(op, _value(left, names), _value(right, names))
        case ast.Subscript(value=value, slice=index):
            return _item(_value(value, names), _value(index, names))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]):
            return _call(name, _value(argument, names))
    raise FormulaError(f"{type(node).__name__} has no place in a formula")


def _integer(value: Value) -> int:
    if type(value) is not int or abs(value) > LARGEST:
        raise FormulaError(f"{value!r} is not a whole number within bounds")
    return value


def _arithmetic(op: ast.operator, left: Value, right: Value) -> Value:
    if isinstance(op, ast.Add) and isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) + len(right) > LONGEST:
            raise FormulaError("too long")
        return left + right
    function = _BINARY.get(type(op))
    if function is None:
        raise FormulaError(f"{type(op).__name__} has no place in a formula")
    try:
        return _integer(function(_integer(left), _integer(right)))
    except ZeroDivisionError as error:
        raise FormulaError("division by zero") from error


def _boolean(op: ast.boolop, values: list[ast.expr], names: Mapping[str, Value]) -> Value:
    value: Value = None
    for part in values:
        value = _value(part, names)
        if bool(value) is isinstance(op, ast.Or):
            break
    return value


def _comparison(op: ast.cmpop, left: Value, right: Value) -> bool:
    if (plain := _COMPARE.get(type(op))) is not None:
        return plain(left, right)
    if (order := _ORDER.get(type(op))) is not None:
        return order(_integer(left), _integer(right))
    if isinstance(op, ast.In | ast.NotIn) and isinstance(right, tuple):
        return (left in right) is isinstance(op, ast.In)
    raise FormulaError(f"{type(op).__name__} has no place in a formula")


def _item(value: Value, index: Value) -> Value:
    """An item of a tuple. A plain number stands for itself in every place, as kernel_size=3 does in torch."""
    if not isinstance(value, tuple):
        return _integer(value)
    try:
        return value[_integer(index)]
    except IndexError as error:
        raise FormulaError(f"{value!r} has no item {index!r}") from error


def _call(name: str, argument: Value) -> Value:
    """`prod` of a tuple (a plain number counts as a tuple of one), `len`, `sum`, `first` (of a tuple, or the number itself)."""
    items = argument if isinstance(argument, tuple) else (argument,)
    if name == "len":
        return len(items)
    if name in ("prod", "sum"):
        numbers = [_integer(item) for item in items[:LONGEST]]
        return _integer(math.prod(numbers) if name == "prod" else sum(numbers))
    if name == "first" and items:
        return items[0]
    raise FormulaError(f"{name}() has no place in a formula")

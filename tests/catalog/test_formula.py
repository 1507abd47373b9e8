"""The evaluator: arithmetic over arguments, nothing else."""

from __future__ import annotations

import pytest

from archmagic.catalog.formula import FormulaError, evaluate
from archmagic.tree import Value

NAMES: dict[str, Value] = {"a": 6, "b": 4, "k": (3, 5), "flag": False, "text": "same", "none": None}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a * b + 1", 25),
        ("a // b - 3 % 2", 0),
        ("-a", -6),
        ("a, b", (6, 4)),
        ("(a, b) + k", (6, 4, 3, 5)),
        ("prod(k)", 15),
        ("prod(a)", 6),
        ("len(k)", 2),
        ("sum(k)", 8),
        ("k[1]", 5),
        ("a[1]", 6),
        ("a if flag else None", None),
        ("a if not flag and b > 3 else 0", 6),
        ("none or a", 6),
        ("text == 'same'", True),
        ("none is None", True),
        ("3 in k", True),
        ("3 not in k", False),
        ("()", ()),
    ],
)
def test_arithmetic_over_arguments(expression: str, value: Value) -> None:
    assert evaluate(expression, NAMES) == value


@pytest.mark.parametrize(
    "expression",
    [
        "missing", "a * missing", "a / b", "a ** b", "a // 0", "text * a", "flag * a", "k[7]", "text[0]", "none[0]", "1 <", "a.real",
        "__import__('os')", "(lambda: 1)()", "[x for x in k]", "prod(text)", "max(a, b)", "f'{a}'", "a < b < a", "9223372036854775807 * 4",
        "'x' in text",
    ],
)  # fmt: skip
def test_anything_else_is_refused(expression: str) -> None:
    with pytest.raises(FormulaError):
        evaluate(expression, NAMES)


def test_numbers_are_bounded() -> None:
    with pytest.raises(FormulaError):
        evaluate("a * a * a", {"a": 10**12})
    with pytest.raises(FormulaError):
        evaluate("k + k", {"k": (1,) * 40})

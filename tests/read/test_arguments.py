"""Printed arguments become settings."""

from __future__ import annotations

import pytest

from archmagic.read.arguments import parse_arguments, parse_value
from archmagic.tree import Value
from tests.tools.hang import must_end


@pytest.mark.parametrize(
    ("type_name", "text", "settings"),
    [
        ("Linear", "in_features=768, out_features=2304, bias=True", {"in_features": 768, "out_features": 2304, "bias": True}),
        ("Embedding", "50257, 768, padding_idx=0", {"num_embeddings": 50257, "embedding_dim": 768, "padding_idx": 0}),
        ("LayerNorm", "(768,), eps=1e-05, elementwise_affine=True", {"normalized_shape": (768,), "eps": 1e-05, "elementwise_affine": True}),
        (
            "Conv2d",
            "3, 64, kernel_size=(7, 7), stride=(2, 2), bias=False",
            {"in_channels": 3, "out_channels": 64, "kernel_size": (7, 7), "stride": (2, 2), "bias": False},
        ),
        ("Linear", "784 -> 512", {"in_features": 784, "out_features": 512}),
        ("Dropout", "p = 0.5", {"p": 0.5}),
        ("Dropout", "", {}),
        ("Unheard", "16, 'mean', 7", {"0": 16, "1": "mean", "2": 7}),
        ("Linear", "in_features=3,\nout_features=2\nbias=False", {"in_features": 3, "out_features": 2, "bias": False}),
    ],
)
def test_arguments_are_named_and_typed(type_name: str, text: str, settings: dict[str, Value]) -> None:
    parsed = parse_arguments(type_name, text)
    assert parsed == settings
    assert [type(v) for v in parsed.values()] == [type(v) for v in settings.values()]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("-1", -1), ("1e-05", 1e-05), (".5", 0.5), ("True", True), ("None", None), ("'tanh'", "tanh"), ('"a, b"', "a, b"),
        ("()", ()), ("(4)", 4), ("(4,)", (4,)), ("[1, 2]", (1, 2)), ("((0, 0), (1, 1))", ((0, 0), (1, 1))), ("torch.Size([3, 4])", (3, 4)),
        ("('a, b', 2)", ("a, b", 2)), ("[[1], (2,)]", ((1,), (2,))),
    ],
)  # fmt: skip
def test_plain_values_are_python_values(text: str, value: Value) -> None:
    parsed = parse_value(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "torch.float32", "inf", "1e999", "9" * 50, "0x10", '{"a": 1}', "(1)(2)", "(1 (2))", "(1, 2", "(1]", "(,)", "(1,,2)", "({1},)",
        "<function f>", "slice(None, 3, 1)", "__import__('os').getcwd()",
    ],
)  # fmt: skip
def test_anything_else_stays_the_text_it_was(text: str) -> None:
    assert parse_value(text) == text


def test_json_and_commas_in_quotes_and_brackets_do_not_part_arguments() -> None:
    text = """config={"a": [1, 2], "b": "x, y=3"}, name='p, q', f=g(1, h=2), last=1"""
    parsed = parse_arguments("Unheard", text)
    assert parsed == {"config": '{"a": [1, 2], "b": "x, y=3"}', "name": "p, q", "f": "g(1, h=2)", "last": 1}


def test_apostrophes_in_words_open_no_quote() -> None:
    assert parse_arguments("Unheard", "note=don't, size=3, why=it isn't") == {"note": "don't", "size": 3, "why": "it isn't"}


@pytest.mark.parametrize("text", ["(" * 100_000, "(" * 100_000 + ")" * 100_000, "a=" + "[1," * 100_000, "'" * 100_000, '"\\' * 100_000])
def test_deep_brackets_and_open_quotes_do_not_recurse_and_come_to_an_end(text: str) -> None:
    with must_end():
        parse_arguments("Unheard", text)

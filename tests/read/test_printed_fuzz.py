"""Whatever is pasted: a tree or an ArchmagicError, and in time that grows with the text. `make fuzz` tries thousands."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

import archmagic
from archmagic.errors import ArchmagicError
from archmagic.read.printed import read_print
from archmagic.tree import print_tree, walk
from tests.tools.hang import must_end

from .damage import anything, damaged


@given(text=damaged())
def test_a_damaged_print_gives_a_tree_or_an_archmagic_error(text: str) -> None:
    with contextlib.suppress(ArchmagicError):
        tree = read_print(text)
        again = print_tree(tree.root)
        assert sum(1 for _ in walk(tree.root)) > 0
        assert isinstance(again, str)


@given(text=anything)
def test_what_is_no_print_gives_a_tree_or_an_archmagic_error(text: str) -> None:
    with contextlib.suppress(ArchmagicError):
        print_tree(read_print(text).root)


@given(text=damaged())
def test_a_damaged_print_is_explained_in_every_form(text: str) -> None:
    try:
        explanation = archmagic.explain(text)
    except ArchmagicError as error:
        assert str(error).isprintable() or "\n" in str(error)
        return
    page = explanation._repr_mimebundle_()[0]["text/html"]
    assert isinstance(page, str)
    assert explanation.to_text() and explanation.to_markdown() and explanation.to_svg()
    json.dumps(explanation.to_dict())


MANY = 60_000
HOSTILE: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "(" * n,
    "modules on a line": lambda n: "A(" * n,
    "modules on lines": lambda n: "A(\n" * n,
    "modules as arguments": lambda n: "A(a=" * n + "\n  (0): B()",
    "modules as arguments on lines": lambda n: "A(\n" + "  (0): B(a=C(\n    (0): D()\n" * (n // 20),
    "children on a line": lambda n: "A( " + "(a): B( (c): C(1) ) " * (n // 10),
    "children flush left": lambda n: "A(\n" + "(a): B()\n" * n,
    "brackets in arguments": lambda n: "A(\n" + "  a=(1, 2\n" * n,
    "nested brackets": lambda n: "A(\n  (a): B(" + "[" * n + "]" * n + ")\n)",
    "unclosed quotes": lambda n: "A(\n  x='" + "'\"a" * n,
    "a quote on every line": lambda n: "A(\n" + "  (a): B(x='\n" * (n // 10),
    "spaces": lambda n: "A(" + " " * n * 5 + "x",
    "blank lines": lambda n: "A(\n  a=1\n" + "\n" * n * 5 + "  (x): B()\n)",
    "dots": lambda n: "a." * n + "(",
    "commas": lambda n: "A(" + "," * n * 4 + ")",
    "layers in sentences": lambda n: "What is Conv2d(3, 64 ? " * (n // 4),
    "closing brackets": lambda n: "A(\n  (x): B()\n" + "    )\n" * n,
    "escapes": lambda n: "\x1b[" * n,
    "prompts": lambda n: ">>> " * n + "A(3)",
    "a size": lambda n: "A(\n  (0): Parameter containing: [torch.float32 of size " + "3x" * n + "]\n)",
    "a number": lambda n: "A(\n  (0): Linear(in_features=" + "9" * n + ", out_features=3)\n)",
    "binary": lambda n: bytes(at * 97 % 256 for at in range(n)).decode("latin-1"),
    "look-alikes": lambda n: "A\uff08\n" + "  \uff08a\uff09\uff1a Linear\uff08in\uff1d3\uff09\n" * (n // 20),
    "a line of 10 million characters": lambda n: "A(\n  (a): B(x=" + "y" * n * 160 + ")\n)",
    "sure starts that never come": lambda n: "A(\n  x\n" * (n // 4),
    "runs": lambda n: "A(\n" + "  (0-9): 10 x B()\n" * (n // 40),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_or_refused_without_hanging(name: str) -> None:
    with must_end(), contextlib.suppress(ArchmagicError):
        read_print(HOSTILE[name](MANY))


@pytest.mark.slow
def test_brackets_a_hundred_thousand_deep_are_read_or_refused() -> None:
    for text in ("A(" + "(" * 100_000 + ")" * 100_000 + ")", "A(\n  (a): " * 100_000):
        with must_end(), contextlib.suppress(ArchmagicError):
            read_print(text)


def calls(text: str) -> int:
    """How many functions, Python's and C's, reading a text calls: the same on every machine, unlike seconds."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        with contextlib.suppress(ArchmagicError):
            read_print(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_the_text_takes_at_most_twice_the_steps(name: str) -> None:
    small, large = (calls(HOSTILE[name](n)) for n in (1_500, 3_000))
    assert large <= 2.2 * small + 200

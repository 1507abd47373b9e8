"""Whatever is pasted: a tree or an ArchmagicError, and soon."""

from __future__ import annotations

import contextlib
import random

import pytest

from archmagic.errors import ArchmagicError
from archmagic.read.printed import read_print
from archmagic.tree import print_tree, walk
from tests.printed import names, printed
from tests.tools.hang import must_end

SCRAPS = [
    "(", ")", "\n", "  ", "\t", "[", "]", "{", "}", "'", '"', "\\", ": ", ",", "=", "->", "\r", "\x00", "\u2028", "\u00e9",
    "\x1b[0m", "```", "...", "None", "(a): ", "3 x ", "(0-3): 4 x ", "Foo(", "(a): Foo(\n", "\n)\n", "(x) - Foo(1): y",
    "(0): Tensor containing: [torch.float32 of size 3x3]",
]  # fmt: skip


def damaged(text: str, random: random.Random) -> str:
    """The text with a few pieces cut, put in, doubled or moved."""
    for _ in range(random.choice([1, 1, 2, 5, 30])):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice([0, 1, 5, 40, 200]))
        way = random.random()
        if way < 0.4:
            text = text[:start] + text[end:]
        elif way < 0.8:
            text = text[:start] + random.choice(SCRAPS) + text[end:]
        elif way < 0.9:
            text = text[:end] + text[start:end] * 2 + text[end:]
        else:
            lines = text.split("\n")
            lines.insert(random.randrange(len(lines)), lines.pop(random.randrange(len(lines))))
            text = "\n".join(lines)
    return text


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_print_gives_a_tree_or_an_archmagic_error(seed: int) -> None:
    chance = random.Random(seed)
    samples = [printed(name) for name in ["gpt2-seed", "transformers/bert", "transformers/xlstm", *names("forms")]]
    for _ in range(120):
        text = damaged(chance.choice(samples)[: chance.choice([200, 1_000, 5_000])], chance)
        try:
            root = read_print(text).root
        except ArchmagicError:
            continue
        print_tree(root)
        assert sum(1 for _ in walk(root)) > 0


MANY = 60_000
HOSTILE = {
    "brackets": "(" * MANY,
    "modules on a line": "A(" * MANY,
    "modules on lines": "A(\n" * MANY,
    "children on a line": "A( " + "(a): B( (c): C(1) ) " * (MANY // 10),
    "children flush left": "A(\n" + "(a): B()\n" * MANY,
    "brackets in arguments": "A(\n" + "  a=(1, 2\n" * MANY,
    "quotes": "A(\n  x='" + "'\"a" * MANY,
    "spaces": "A(" + " " * MANY * 5 + "x",
    "blank lines": "A(\n  a=1\n" + "\n" * MANY * 5 + "  (x): B()\n)",
    "dots": "a." * MANY + "(",
    "commas": "A(" + "," * MANY * 4 + ")",
    "layers in sentences": "What is Conv2d(3, 64 ? " * (MANY // 4),
    "closing brackets": "A(\n  (x): B()\n" + "    )\n" * MANY,
    "escapes": "\x1b[" * MANY,
    "prompts": ">>> " * MANY + "A(3)",
    "a size": "A(\n  (0): Parameter containing: [torch.float32 of size " + "3x" * MANY + "]\n)",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_or_refused_without_hanging(name: str) -> None:
    with must_end(), contextlib.suppress(ArchmagicError):
        read_print(HOSTILE[name])

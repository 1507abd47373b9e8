"""What the torch at hand prints is read and given back to the letter."""

from __future__ import annotations

import random

import pytest
import torch
from torch import nn

from archmagic.read.printed import read_print
from archmagic.tree import print_tree

EXTRA = [
    "",
    "size=3",
    "a=1, b=(2, 3)",
    "first=1\nsecond=2",
    "a=1\n\nb=2",
    'config={\n  "x": [1, 2],\n  "y": ")"\n}',
    "16 -> 32",
    "path='a (b): c'",
]


class Named(nn.Module):
    """A module with whatever it is told to print."""

    def __init__(self, extra: str) -> None:
        super().__init__()
        self.extra = extra

    def extra_repr(self) -> str:
        return self.extra


def some_module(chance: random.Random, depth: int) -> nn.Module:
    """A random tree of the containers that print in ways of their own."""
    kind = chance.randrange(5 if depth else 2)
    if kind == 0:
        return chance.choice([nn.Linear(3, 2), nn.ReLU(), nn.LayerNorm(4), nn.Conv2d(3, 4, 3, padding=1), nn.GRU(2, 3), nn.ModuleList()])
    if kind == 1:
        sizes = [torch.zeros(size) for size in chance.choice([[3], [(2, 2), 4], []])]
        return chance.choice([nn.ParameterList(sizes), nn.ParameterDict({f"p{at}": size for at, size in enumerate(sizes)})])
    children = [some_module(chance, depth - 1) for _ in range(chance.randrange(1, 4))]
    if kind == 2:
        return nn.ModuleList(children * chance.choice([1, 1, 3]))
    if kind == 3:
        return nn.Sequential(*children * chance.choice([1, 2]))
    module = Named(chance.choice(EXTRA))
    for at, child in enumerate(children):
        module.add_module(chance.choice(["layer", "left-hand", "a b"]) + str(at), chance.choice([child, child, None]))
    return module


@pytest.mark.parametrize("seed", range(60))
def test_random_modules_are_printed_back_to_the_letter(seed: int) -> None:
    module = nn.Sequential(some_module(random.Random(seed), 4))
    tree = read_print(repr(module))
    assert print_tree(tree.root) == tree.text == repr(module)
    assert tree.notes == ()

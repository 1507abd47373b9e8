"""Every print of the sample is read whole and printed back to the letter."""

from __future__ import annotations

import pytest

from archmagic.read.printed import read_print
from archmagic.tree import print_tree, walk
from tests.printed import names, printed

TRAILED = {"forms/fx_graph": "\n\n\n\ndef forward("}
"""Prints with more than the model in them, and how what follows the model begins."""

OTHER_SPACING = {"forms/torch_0_3"}


@pytest.mark.parametrize("name", ["gpt2-seed", *names("transformers"), *names("forms")])
def test_a_print_is_given_back_to_the_letter(name: str) -> None:
    text = printed(name).partition(TRAILED.get(name, "\0"))[0].rstrip()
    tree = read_print(printed(name))
    assert print_tree(tree.root) == text
    assert tree.text == text
    assert tree.notes == ()
    assert not any(visit.node.unread for visit in walk(tree.root))


@pytest.mark.parametrize("name", ["gpt2-seed", *names("transformers"), *names("forms")])
def test_every_printed_module_is_in_the_tree(name: str) -> None:
    text = printed(name).partition(TRAILED.get(name, "\0"))[0]
    heads = [line for line in text.split("\n") if line.strip().startswith("(") and ": " in line and " of size " not in line]
    shown = list(walk(read_print(text).root))[1:]
    assert sum(visit.multiplicity for visit in shown) >= len(heads) or name == "forms/pyg_sequential"


def test_the_sample_is_large_and_holds_all_kinds() -> None:
    assert len(names("transformers")) >= 80
    kinds = {"llama", "bert", "t5", "vit", "whisper", "rt_detr", "segformer", "mixtral", "mamba", "rwkv", "resnet", "llava"}
    assert kinds <= {name.partition("/")[2] for name in names("transformers")}

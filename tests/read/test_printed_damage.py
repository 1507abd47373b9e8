"""A damaged print is read as far as it goes, and says what is missing."""

from __future__ import annotations

import pytest

from archmagic.read.printed import read_print
from archmagic.tree import find, print_tree, walk
from tests.printed import printed

SEED = printed("gpt2-seed").rstrip()
LINES = SEED.split("\n")


@pytest.mark.parametrize("cut", range(17, len(SEED), 7))
def test_a_print_cut_anywhere_is_read_as_far_as_it_goes(cut: int) -> None:
    tree = read_print(SEED[:cut])
    assert any("ends inside" in note for note in tree.notes)
    assert "truncated" in tree.root.notes
    whole = {visit.path: visit.node for visit in walk(read_print(SEED).root)}
    for visit in walk(tree.root):
        assert visit.node.type == whole[visit.path].type
        if visit.node.tensors:
            assert visit.node.tensors == whole[visit.path].tensors
        assert set(visit.node.settings.items()) <= set(whole[visit.path].settings.items())


def test_it_tells_where_the_print_ends() -> None:
    tree = read_print("\n".join(LINES[:10]))
    assert tree.notes == ("The print ends inside transformer.h.[0-11].attn; what would come after is not known.",)
    cut = [visit.path for visit in walk(tree.root) if "truncated" in visit.node.notes]
    assert cut == ["", "transformer", "transformer.h", "transformer.h.[0-11]", "transformer.h.[0-11].attn"]


def test_an_argument_cut_short_is_not_believed() -> None:
    node = read_print("Net(\n  (fc): Linear(in_features=768, out_features=23").root.children[0].node
    assert node.settings == {"in_features": 768}
    assert node.tensors is None
    assert node.args == "in_features=768, out_features=23"


@pytest.mark.parametrize(
    "after", ["\n\nCan you explain it (and Dropout(p=0.1))?\nThanks!", "\n```\nCan you explain (please)?", "\nCan you?"]
)
def test_prose_after_a_cut_print_is_not_the_models(after: str) -> None:
    tree = read_print("\n".join(LINES[:14]) + after)
    assert not any(visit.node.unread for visit in walk(tree.root))
    assert tree.text == "\n".join(LINES[:14])
    assert "truncated" in tree.root.notes


def test_a_model_after_a_cut_one_is_a_model_of_its_own() -> None:
    tree = read_print("\n".join(LINES[:14]) + "\nNet(\n  (a): ReLU()\n)")
    assert tree.root.type == "2 models"
    assert tree.notes == ("The print ends inside 0.transformer.h.[0-11]; what would come after is not known.",)
    assert find(tree.root, "1.a") is not None


def test_the_cut_name_of_a_class_is_kept_but_is_no_module() -> None:
    tree = read_print("Net(\n  (a): ReLU()\n  (b): Lin")
    assert [child.name for child in tree.root.children] == ["a"]
    assert tree.root.unread == ("  (b): Lin",)
    assert read_print("Net(\n  (a): ReLU()\n  (b): Lin\n\nCan you explain?\nPlease.").root.unread == ("  (b): Lin",)


@pytest.mark.parametrize("line", ["    WARNING: something (odd", "--More--", "    ├─ odd", "    # a comment :)"])
def test_a_line_that_no_rule_reads_is_kept_verbatim_with_its_module(line: str) -> None:
    tree = read_print("\n".join([*LINES[:4], line, *LINES[4:]]))
    node = find(tree.root, "transformer").node  # type: ignore[union-attr]
    assert node.unread == (line,)
    assert [child.name for child in node.children] == ["wte", "wpe", "drop", "h", "ln_f"]
    assert any("Line 5 " in note for note in tree.notes)
    assert line in print_tree(tree.root).split("\n")


def test_a_remark_behind_a_module_is_kept_with_the_module_around_it() -> None:
    tree = read_print("Net(\n  (a): ReLU()  # rectified :)\n  (b): GELU(approximate='none')\n)")
    assert tree.root.unread == ("# rectified :)",)
    assert [child.node.type for child in tree.root.children] == ["ReLU", "GELU"]


def test_a_missing_bracket_is_mended_by_the_indentation() -> None:
    broken = [line for at, line in enumerate(LINES) if at != 13]
    tree = read_print("\n".join(broken))
    assert print_tree(tree.root) == SEED
    assert tree.notes == ("A closing bracket is missing at transformer.h.[0-11].attn; its indentation tells where it ends.",)


def test_a_line_that_lost_its_end_does_not_take_its_neighbours() -> None:
    tree = read_print("Net(\n  (a): Linear(in_features=3, out_featu\n  (b): ReLU()\n)")
    assert [child.name for child in tree.root.children] == ["a", "b"]
    assert tree.root.children[0].node.settings == {"in_features": 3}
    assert tree.root.children[0].node.tensors is None


def test_a_bracket_too_many_closes_nothing() -> None:
    tree = read_print("Net(\n  (a): Net(\n    (x): ReLU()\n    )\n  )\n  (b): ReLU()\n)")
    assert [child.name for child in tree.root.children] == ["a", "b"]
    assert tree.root.children[0].node.unread == ("    )",)


def test_parts_left_out_by_hand_are_told() -> None:
    tree = read_print("Net(\n  (h): ModuleList(\n    (0): Block(...)\n    ...\n    (11): Block(\n      ...\n    )\n  )\n)")
    assert any("leaves out a part of h" in note for note in tree.notes)
    assert "truncated" in tree.root.notes
    assert [child.name for child in find(tree.root, "h").node.children] == ["0", "11"]  # type: ignore[union-attr]


def test_a_run_whose_count_is_wrong_is_read_by_its_numbers() -> None:
    tree = read_print("ModuleList(\n  (0-3): 5 x ReLU()\n)")
    assert tree.root.children[0].count == 4
    assert tree.notes == ("The print says 5 x of [0-3], which are 4; that is what is read.",)

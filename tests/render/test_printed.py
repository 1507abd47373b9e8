"""A print, as far as an output shows it."""

from __future__ import annotations

from archmagic import explain
from archmagic.render.printed import Print, printed
from archmagic.tree import Child, Node, Tree

SMALL = "Net(\n  (0): ReLU()\n  (1): Linear(in_features=2, out_features=3, bias=True)\n)"


def deep(levels: int) -> Tree:
    node = Node("Leaf")
    for _ in range(levels):
        node = Node("Box", children=(Child("in", node),))
    return Tree(node, "module")


def test_the_text_is_given_where_it_is_short_enough() -> None:
    for tree in (explain(SMALL).tree, Tree(explain(SMALL).tree.root, "module")):
        assert Print(tree).within(len(SMALL)) == SMALL
        assert Print(tree).within(len(SMALL) - 1) is None


def test_each_line_knows_its_module_and_what_is_left_out_is_counted() -> None:
    for tree in (explain(SMALL).tree, Tree(explain(SMALL).tree.root, "module")):
        assert Print(tree).owned() == (SMALL.split("\n"), ["", "0", "1", ""])
        assert Print(tree).owned(2) == (["Net(", "  (0): ReLU()", "... 2 more lines"], ["", "0", None])
        assert Print(tree).owned(4) == (SMALL.split("\n"), ["", "0", "1", ""])


def test_a_line_that_no_module_prints_belongs_to_none() -> None:
    tree = Tree(explain(SMALL).tree.root, "print", text=SMALL.replace("  (1)", "  # noted\n  (1)"))
    assert Print(tree).owned()[1] == ["", "0", None, "1", ""]


def test_of_a_deep_model_no_more_is_made_than_is_shown() -> None:
    text = Print(deep(100_000))
    assert text.within(1_000) is None
    lines, owners = text.owned(3)
    assert lines == ["Box(", "  (in): Box(", "    (in): Box(", "... 199,998 more lines"]
    assert owners == ["", "in", "in.in", None]


def test_one_explanation_has_one_print() -> None:
    explanation = explain(SMALL)
    assert printed(explanation) is printed(explanation)
    assert printed(explain(SMALL)) is not printed(explanation)

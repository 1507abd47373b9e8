"""What tells siblings apart."""

from __future__ import annotations

from dataclasses import replace

from archmagic.tree import Child, Node, differences

LEAF = Node("Linear", settings={"out": 4})


def block(**attributes: int) -> Node:
    return Node("Block", attributes=attributes, children=(Child("fc", LEAF),))


def test_the_same_node_twice_differs_in_nothing() -> None:
    node = block(window=1)
    assert differences([node, node]) == ["", ""]


def test_an_attribute_that_differs_is_named_with_its_value() -> None:
    assert differences([block(window=1, heads=2), block(window=5, heads=2)]) == ["window=1", "window=5"]


def test_a_part_that_only_some_have_is_named_and_not_what_is_in_it() -> None:
    more = replace(block(), children=(Child("fc", LEAF), Child("down", block())))
    assert differences([more, block()]) == ["with down", "no down"]


def test_a_part_of_another_type_is_named_by_its_types() -> None:
    other = replace(block(), children=(Child("fc", Node("Identity", settings={"out": 4})),))
    assert differences([block(), other]) == ["fc: Linear", "fc: Identity"]


def test_what_is_nearer_to_the_top_comes_first_and_three_are_enough() -> None:
    deep = [Node("Block", attributes={"d": n}, children=(Child("fc", Node("Linear", settings={"a": n, "b": n, "c": n})),)) for n in (1, 2)]
    assert differences(deep)[0] == "d=1, fc.a=1, fc.b=1"

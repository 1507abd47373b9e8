"""Runs among siblings, periods, counters, marks: what folds, what must not, and that nothing is lost."""

from __future__ import annotations

import itertools
import random
import time

import pytest

from archmagic.tree import Folder, Instance, Node, Tensor, expand, walk

from .build import fold, fold_attributes, layers, shown


@pytest.mark.parametrize(
    ("types", "rows"),
    [
        ("A", "0 A"),
        ("AB", "0 A, 1 B"),
        ("A" * 12, "[0-11] A"),
        ("A" * 25 + "B", "[0-24] A, 25 B"),
        ("D" * 3 + "E" * 58, "[0-2] D, [3-60] E"),
        ("AB" * 12, "[0-22:2] A, [1-23:2] B"),
        ("ABA", "0 A, 1 B, 2 A"),
        ("ABAB" + "C", "[0-2:2] A, [1-3:2] B, 4 C"),
        ("AB" * 5 + "A", "[0-8:2] A, [1-9:2] B, 10 A"),
        ("A" * 11 + "B" + "A" * 11 + "B", "[0-10] A, 11 B, [12-22] A, 23 B"),
        ("ABC" * 2, "[0-3:3] A, [1-4:3] B, [2-5:3] C"),
        ("AAB" * 2, "[0-1] A, 2 B, [3-4] A, 5 B"),
        ("AAB" * 3, "[0-6:3] A, [1-7:3] A, [2-8:3] B"),
        (("A" * 11 + "B") * 3, "[0-10] A, 11 B, [12-22] A, 23 B, [24-34] A, 35 B"),
        ("AABB" * 2, "[0-1] A, [2-3] B, [4-5] A, [6-7] B"),
        ("M" * 7 + "A", "[0-6] M, 7 A"),
    ],
)
def test_runs_and_periods_read_in_as_few_rows_as_tell_the_pattern(types: str, rows: str) -> None:
    assert shown(fold(types)) == rows


def test_five_local_layers_and_a_global_one_are_a_run_of_period_six_and_what_is_left_over_a_run_of_its_own() -> None:
    root = fold("LLLLLG" * 10 + "LL")
    assert shown(root) == "[0-54:6] L, [1-55:6] L, [2-56:6] L, [3-57:6] L, [4-58:6] L, [5-59:6] G, [60-61] L"
    assert [(c.repeat.count, c.repeat.step, c.repeat.period) for c in root.children[:6] if c.repeat] == [(10, 6, 6)] * 6


def test_seven_mamba_layers_and_one_of_attention_four_times_are_a_run_of_period_eight() -> None:
    root = fold("MMMMMMMA" * 4)
    assert shown(root) == "[0-24:8] M, [1-25:8] M, [2-26:8] M, [3-27:8] M, [4-28:8] M, [5-29:8] M, [6-30:8] M, [7-31:8] A"


def test_whatever_folds_expands_to_the_same_children_in_the_same_order() -> None:
    chance = random.Random(3)
    for _ in range(300):
        types = "".join(chance.choice("ABC"[: chance.randint(1, 3)]) for _ in range(chance.randint(0, 40)))
        types += types[-chance.randint(1, 8) :] * chance.randint(0, 5)
        expanded = [(name, child.node.type) for name, child in expand(fold(types))]
        assert expanded == [(str(i), type_) for i, type_ in enumerate(types)], types


def test_a_numbered_attribute_folds_from_four_on_so_that_fc1_and_fc2_stay_parts_of_their_own() -> None:
    assert shown(fold("LL", ["fc1", "fc2"])) == "fc1 L, fc2 L"
    assert shown(fold("NNN", ["norm1", "norm2", "norm3"])) == "norm1 N, norm2 N, norm3 N"
    assert shown(fold("E" * 8, [f"expert_{i}" for i in range(8)])) == "expert_[0-7] E"


def test_numbers_that_do_not_go_on_or_belong_to_another_name_end_a_run() -> None:
    assert shown(fold("AAA", ["0", "1", "3"])) == "[0-1] A, 3 A"
    assert shown(fold("A" * 8, ["a0", "a1", "a2", "a3", "b4", "b5", "b6", "b7"])) == "a[0-3] A, b[4-7] A"
    assert shown(fold("AAA", ["x", "y", "z"])) == "x A, y A, z A"


def test_leading_zeros_keep_their_names() -> None:
    names = [f"layer_{i:02}" for i in range(1, 13)]
    assert [name for name, _ in expand(fold("A" * 12, names))] == names


def test_digits_of_other_scripts_are_no_numbers() -> None:
    names = ["\N{ARABIC-INDIC DIGIT ONE}", "\N{ARABIC-INDIC DIGIT TWO}"]
    assert [name for name, _ in expand(fold("AA", names))] == names


@pytest.mark.parametrize("values", [range(12), range(0, 24, 2), range(5, 17)])
def test_an_attribute_that_counts_along_does_not_keep_layers_apart_and_is_left_out(values: range) -> None:
    root = fold_attributes([{"layer_idx": i, "scale": 0.5} for i in values])
    assert shown(root) == "[0-11] Layer"
    assert root.children[0].node.attributes == {"scale": 0.5}


@pytest.mark.parametrize("name", ["layer_num", "layer_number", "block_num"])
def test_a_layers_own_number_counts_along_though_it_is_called_a_number(name: str) -> None:
    assert shown(fold_attributes([{name: i} for i in range(12)])) == "[0-11] Layer"


@pytest.mark.parametrize(
    "rows",
    [
        [{"window": 128}, {"window": 512}],
        [{"window": 1}, {"window": 2}],
        [{"num_heads": 1}, {"num_heads": 2}],
        [{"dilation": 1}, {"dilation": 2}, {"dilation": 3}],
        [{"layer_idx": 0}, {"layer_idx": 7}],
        [{"layer_idx": 0}, {"layer_idx": 1}, {"layer_idx": 4}],
        [{"drop": 0.0}, {"drop": 0.1}],
        [{"causal": True}, {"causal": False}],
        [{"flag": True}, {"flag": 1}],
        [{"kind": "local"}, {"kind": "global"}],
        [{"sizes": (1, 2)}, {"sizes": (1, 3)}],
    ],
)
def test_attributes_that_say_something_keep_layers_apart_and_are_kept(rows: list[dict[str, object]]) -> None:
    root = fold_attributes(rows)  # type: ignore[arg-type]
    assert len(root.children) > 1
    assert [dict(child.node.attributes) for _, child in expand(root)] == rows


def test_layer_indices_inside_a_period_are_seen_to_count_along_all_siblings() -> None:
    folder = Folder()
    children: list[tuple[str, Instance]] = []
    for i in range(18):
        window = None if i % 6 == 5 else 512
        attention = folder.add(Node("Attention", attributes={"layer_idx": i, "sliding_window": window}))
        children.append((str(i), folder.add(Node("Layer", attributes={"layer_idx": i}), [("self_attn", attention)])))
    root = folder.build(folder.add(Node("Root"), children))
    assert [child.segment for child in root.children] == [f"[{i}-{i + 12}:6]" for i in range(6)]
    windows = [child.node.children[0].node.attributes for child in root.children]
    assert windows == [{"sliding_window": 512}] * 5 + [{"sliding_window": None}]


def test_an_integer_deep_inside_is_kept_where_it_does_not_count() -> None:
    folder = Folder()
    layers = []
    for i, hidden in enumerate((3, 3, 8)):
        inner = folder.add(Node("Inner", attributes={"order": hidden, "layer_idx": i}))
        layers.append((str(i), folder.add(Node("Layer"), [("inner", inner)])))
    root = folder.build(folder.add(Node("Root"), layers))
    assert shown(root) == "[0-1] Layer, 2 Layer"
    assert [dict(c.node.children[0].node.attributes) for c in root.children] == [{"order": 3}, {"order": 8}]


def test_a_lone_module_keeps_its_index() -> None:
    root = fold_attributes([{"layer_idx": 3}])
    assert root.children[0].node.attributes == {"layer_idx": 3}


def test_equal_subtrees_are_one_object_wherever_they_stand() -> None:
    folder = Folder()
    encoder = folder.add(Node("Stack"), layers(folder, 6))
    decoder = folder.add(Node("Stack"), layers(folder, 6))
    root = folder.build(folder.add(Node("Root"), [("encoder", encoder), ("decoder", decoder)]))
    assert root.children[0].node is root.children[1].node
    assert len({id(visit.node) for visit in walk(root)}) == 5


@pytest.mark.parametrize(
    "other",
    [
        Node("Layer", args="4"),
        Node("Other", args="3"),
        Node("Layer", args="3", qualified="mine.Layer"),
        Node("Layer", args="3", tensors=(Tensor("weight", (3,)),)),
        Node("Layer", args="3", notes=("lazy",)),
        Node("Layer", args="3", style="list"),
        Node("Layer", args="3", style="verbatim", verbatim="Layer(3)"),
        Node("Layer", args="3", unread=("~~",)),
        Node("Layer", args="3", config={"a": 1}),
    ],
)
def test_modules_that_differ_in_anything_else_do_not_fold(other: Node) -> None:
    folder = Folder()
    root = folder.build(folder.add(Node("Root"), [("0", folder.add(Node("Layer", args="3"))), ("1", folder.add(other))]))
    assert [child.segment for child in root.children] == ["0", "1"]


def test_a_mark_keeps_siblings_apart_and_equal_marks_fold() -> None:
    folder = Folder()
    children = [(str(i), folder.add(Node("Head"), mark=None if i == 0 else "tied")) for i in range(6)]
    root = folder.build(folder.add(Node("Root"), children))
    assert shown(root) == "0 Head, [1-5] Head"
    assert root.children[0].node is root.children[1].node


@pytest.mark.slow
def test_a_tree_five_thousand_deep_is_built_and_walked() -> None:
    folder = Folder()
    instance = folder.add(Node("Leaf"))
    for _ in range(5000):
        instance = folder.add(Node("Box", attributes={"level": 1}), [("inner", instance)])
    root = folder.build(instance)
    assert sum(1 for _ in walk(root)) == 5001


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["A", "AB", "AABB", "ABCDEFGHIJKLMNOPQ"])
def test_a_hundred_thousand_siblings_fold_in_seconds(pattern: str) -> None:
    started = time.process_time()
    root = fold(itertools.islice(itertools.cycle(pattern), 100_000))
    assert sum(child.count for child in root.children) == 100_000
    assert time.process_time() - started < 10

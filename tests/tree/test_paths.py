"""Paths into a folded tree: single modules, runs, slices of runs."""

from __future__ import annotations

import pytest

from archmagic.tree import Child, Folder, Node, Repeat, concrete, expand, find, join, parent, walk

from .build import fold, layers


def model() -> Node:
    """stem, six blocks of two parts each, then three local and a global layer three times."""
    folder = Folder()
    mixed = folder.add(Node("List"), [(str(i), folder.add(Node("Global" if i % 4 == 3 else "Local"))) for i in range(12)])
    blocks = folder.add(Node("List"), layers(folder, 6))
    return folder.build(folder.add(Node("Root"), [("stem", folder.add(Node("Stem"))), ("blocks", blocks), ("mixed", mixed)]))


def test_walk_goes_parents_first_and_tells_how_many_modules_each_place_stands_for() -> None:
    visits = [(v.path, v.depth, v.multiplicity) for v in walk(model())]
    assert visits[:6] == [
        ("", 0, 1), ("stem", 1, 1), ("blocks", 1, 1), ("blocks.[0-5]", 2, 6), ("blocks.[0-5].norm", 3, 6), ("blocks.[0-5].linear", 3, 6),
    ]  # fmt: skip
    assert visits[-1] == ("mixed.[3-11:4]", 2, 3)


@pytest.mark.parametrize(
    ("path", "folded"),
    [
        ("", ""),
        ("stem", "stem"),
        ("blocks.0.norm", "blocks.[0-5].norm"),
        ("blocks.5.norm", "blocks.[0-5].norm"),
        ("blocks.[0-5].norm", "blocks.[0-5].norm"),
        ("blocks.[1-4]", "blocks.[0-5]"),
        ("blocks.[1-5:2]", "blocks.[0-5]"),
        ("mixed.6", "mixed.[2-10:4]"),
        ("mixed.[3-7:4]", "mixed.[3-11:4]"),
    ],
)
def test_find_takes_a_module_a_run_or_a_slice_to_the_place_that_holds_it(path: str, folded: str) -> None:
    visit = find(model(), path)
    assert visit is not None
    assert visit.path == folded


@pytest.mark.parametrize(
    "path",
    [
        "ste", "stem.x", "blocks.6", "blocks.-1", "blocks.00", "blocks.[0-6]", "blocks.[5-0]", "blocks.[0-5", "blocks.[0-5].no",
        "mixed.[0-11]", "mixed.[0-3]", "blocks.", ".", "blocks..norm", "blocks." + "9" * 5000,
        "blocks.\N{SUPERSCRIPT TWO}", "blocks.\N{ARABIC-INDIC DIGIT ONE}",
    ],
)  # fmt: skip
def test_a_path_that_leads_nowhere_gives_none(path: str) -> None:
    assert find(model(), path) is None
    assert concrete(model(), path) == []


@pytest.mark.parametrize(
    ("path", "modules"),
    [
        ("blocks.3.norm", ["blocks.3.norm"]),
        ("blocks.[0-5]", [f"blocks.{i}" for i in range(6)]),
        ("blocks.[1-5:2].norm", ["blocks.1.norm", "blocks.3.norm", "blocks.5.norm"]),
        ("mixed.[1-5:4]", ["mixed.1", "mixed.5"]),
        ("", [""]),
    ],
)
def test_concrete_gives_the_single_modules_a_path_stands_for(path: str, modules: list[str]) -> None:
    assert concrete(model(), path) == modules


def test_runs_within_runs_expand_to_every_module() -> None:
    folder = Folder()
    outer = [(str(i), folder.add(Node("Layer"), [(f"expert_{e}", folder.add(Node("Expert"))) for e in range(4)])) for i in range(3)]
    root = folder.build(folder.add(Node("Root"), outer))
    assert concrete(root, "[0-2].expert_[0-3]") == [f"{i}.expert_{e}" for i in range(3) for e in range(4)]
    assert concrete(root, "[1-2].expert_3") == ["1.expert_3", "2.expert_3"]


def test_every_walked_path_is_found_and_expands_to_as_many_modules_as_it_stands_for() -> None:
    root = model()
    for visit in walk(root):
        place = find(root, visit.path)
        assert place is not None and place.node is visit.node and place.multiplicity == visit.multiplicity
        assert len(concrete(root, visit.path)) == visit.multiplicity


def test_expand_gives_the_children_as_registered_with_periods_interleaved() -> None:
    mixed = find(model(), "mixed")
    assert mixed is not None
    assert [(name, child.node.type) for name, child in expand(mixed.node)] == [
        (str(i), "Global" if i % 4 == 3 else "Local") for i in range(12)
    ]


def test_a_name_that_looks_like_a_run_is_found_as_the_name_it_is() -> None:
    root = fold("AB", ["[0-1]", "x"])
    assert concrete(root, "[0-1]") == ["[0-1]"]


def test_a_claimed_run_of_any_length_is_found_at_once() -> None:
    root = Node("Root", children=(Child("0", Node("A"), Repeat(10**15, 0)),))
    visit = find(root, str(10**14))
    assert visit is not None and visit.multiplicity == 10**15
    assert root.child(str(10**14)) is root.children[0].node
    assert root.child(str(10**15)) is None


def test_join_and_parent() -> None:
    assert (join("", "a"), join("a", "b"), parent("a.b"), parent("a")) == ("a", "a.b", "a", "")

"""What starts open."""

from __future__ import annotations

from archmagic import explain
from archmagic.render.outline import MOST_ROWS, open_paths
from archmagic.tree import Visit, walk

NESTED = "A(\n  (b): B(\n    (c): C(\n      (d): D()\n    )\n  )\n)"


def visits(text: str) -> list[Visit]:
    return list(walk(explain(text).tree.root))


def test_depth_counts_the_levels_that_start_open() -> None:
    nested = visits(NESTED)
    assert open_paths(nested, 0) == set()
    assert open_paths(nested, 1) == {""}
    assert open_paths(nested, 2) == {"", "b"}
    assert open_paths(nested, 9) == {"", "b", "b.c", "b.c.d"}


def test_without_a_depth_a_small_model_opens_whole() -> None:
    assert open_paths(visits(NESTED)) >= {"", "b", "b.c"}


def test_without_a_depth_only_as_many_levels_open_as_fit() -> None:
    layers = "\n".join(f"  ({i}): Block(\n    (fc): Linear(in_features={i}, out_features=2, bias=True)\n  )" for i in range(1, MOST_ROWS))
    assert open_paths(visits(f"Net(\n{layers}\n)")) == {""}


def test_the_root_opens_however_many_children_it_has() -> None:
    layers = "\n".join(f"  ({i}): Linear(in_features={i + 1}, out_features=2, bias=True)" for i in range(100))
    assert open_paths(visits(f"Net(\n{layers}\n)")) == {""}

"""The rows of the view: equal neighbours of a periodic run are one row."""

from __future__ import annotations

from typing import Any

from archmagic import explain
from archmagic.render.payload import payload

LOCAL = "({0}): Block(\n    (attn): Local(size=4)\n  )"
GLOBAL = "({0}): Block(\n    (attn): Global(size=4)\n  )"


def data() -> dict[str, Any]:
    lines = "\n".join(f"  {(GLOBAL if n % 3 == 2 else LOCAL).format(n)}" for n in range(9))
    return payload(explain(f"Net(\n{lines}\n)"))


def texts(data: dict[str, Any], name: str) -> list[str]:
    return [data["strings"][at] for at in data["nodes"][name]]


def test_equal_turns_are_one_row_that_stands_for_all_of_them() -> None:
    shown = data()
    assert texts(shown, "name") == ["", "0–1, 3–4, 6–7", "attn", "2, 5, 8", "attn"]
    assert shown["nodes"]["count"] == [1, 6, 1, 3, 1]
    assert shown["nodes"]["width"] == [1, 2, 1, 1, 1]
    assert shown["nodes"]["turn"] == [0, 0, 0, 2, 0]


def test_in_what_they_differ_is_named() -> None:
    assert texts(data(), "differs")[1:4:2] == ["attn: Local", "attn: Global"]


def test_every_printed_line_still_knows_its_row() -> None:
    shown = data()
    at, owners = 0, []
    for step in shown["print"]["lines"]:
        at += step
        owners.append(at)
    assert owners[1:10] == [1, 2, 1, 1, 2, 1, 3, 4, 3]


def test_the_rows_of_a_merged_run_add_up() -> None:
    linear = "({0}): Block(\n    (fc): Linear(in_features=2, out_features={1}, bias=False)\n  )"
    lines = "\n".join(f"  {linear.format(n, 3 if n % 3 == 2 else 2)}" for n in range(9))
    shown = payload(explain(f"Net(\n{lines}\n)"))
    assert shown["nodes"]["counted"] == [42, 24, 24, 18, 18]


def test_names_with_dots_keep_their_rows() -> None:
    shown = payload(explain("Net(\n  (a.b): Box(\n    (c.d): ReLU()\n  )\n)"))
    assert shown["nodes"]["depth"] == [0, 1, 2]

"""The payload: the explanation as it travels."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from archmagic import explain
from archmagic.render.payload import BUDGET, encode, payload, sent

SEED = (Path(__file__).parents[1] / "printed" / "gpt2-seed.txt").read_text("utf-8")


def unpacked(data: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(data)))


def column(data: dict[str, Any], name: str) -> list[str]:
    return [data["strings"][at] for at in data["nodes"][name]]


@pytest.fixture(scope="module")
def gpt2() -> dict[str, Any]:
    return payload(explain(SEED))


def test_what_is_encoded_is_the_payload(gpt2: dict[str, Any]) -> None:
    assert unpacked(encode(gpt2)) == json.loads(json.dumps(gpt2))


def test_the_same_explanation_gives_the_same_bytes() -> None:
    assert sent(explain(SEED)) == sent(explain(SEED))


def test_every_column_has_a_value_for_every_row(gpt2: dict[str, Any]) -> None:
    assert {len(values) for values in gpt2["nodes"].values()} == {21}


def test_the_rows_add_up_to_the_total(gpt2: dict[str, Any]) -> None:
    times: list[int] = []
    for at, depth in enumerate(gpt2["nodes"]["depth"]):
        times = [*times[:depth], (times[depth - 1] if depth else 1) * gpt2["nodes"]["count"][at]]
        gpt2.setdefault("sum", 0)
        gpt2["sum"] += gpt2["nodes"]["own"][at] * times[-1]
    assert gpt2.pop("sum") == gpt2["nodes"]["counted"][0] == 124_439_808


def test_every_printed_line_knows_its_module(gpt2: dict[str, Any]) -> None:
    at, owners = 0, []
    for step in gpt2["print"]["lines"]:
        at += step
        owners.append(at)
    lines = gpt2["print"]["text"].split("\n")
    types = column(gpt2, "type")
    assert len(lines) == len(owners) == 27
    assert [types[owner] for owner, line in zip(owners, lines, strict=True) if line.strip() == ")"] == [
        "GPT2Attention", "GPT2MLP", "GPT2Block", "ModuleList", "GPT2Model", "GPT2LMHeadModel",
    ]  # fmt: skip
    assert all(types[owner] in line for owner, line in zip(owners, lines, strict=True) if line.strip() != ")")


def test_evidence_is_told_by_row_and_a_path_into_a_run_by_the_runs_row(gpt2: dict[str, Any]) -> None:
    evidence = {node for _, _, nodes, _ in gpt2["statements"] for node in nodes}
    assert evidence and evidence <= set(range(21))


def test_rows_that_take_turns_know_whose_turn_it_is() -> None:
    pairs = "\n".join(f"  ({i}): {'Local' if i % 2 == 0 else 'Global'}(size={i % 2})" for i in range(8))
    data = payload(explain(f"Net(\n{pairs}\n)"))
    assert data["nodes"]["period"] == [1, 2, 2]
    assert data["nodes"]["turn"] == [0, 0, 1]
    assert column(data, "name") == ["", "0, 2 … 6", "1, 3 … 7"]


def test_what_no_print_tells_is_marked_and_not_counted_as_nothing() -> None:
    data = payload(explain("Net(\n  (odd): Peculiar(3)\n)"))
    assert data["nodes"]["params"][1] == -1


def test_a_text_that_utf8_cannot_hold_does_not_cost_the_output() -> None:
    assert unpacked(encode({"title": "a\ud800b"})) == {"title": "a?b"}


@pytest.mark.slow
def test_an_enormous_model_is_sent_within_the_budget_and_says_what_is_missing() -> None:
    rows = "\n".join(
        f"  (l{i * 7919 % 10007}): Linear(in_features={i * 31337 % 65521 + 1}, out_features={i + 1}, bias=True)" for i in range(6000)
    )
    data = sent(explain(f"Net(\n{rows}\n)"))
    assert len(data) <= BUDGET
    shown = unpacked(data)
    assert 200 < len(shown["nodes"]["depth"]) < 6001
    assert "very large" in shown["notes"][-1]


@pytest.mark.slow
def test_a_deep_model_is_sent_within_the_budget() -> None:
    deep = "".join(f"{'  ' * i}{f'(c{i}): ' if i else ''}Box{i * 7919 % 10007}(\n" for i in range(3000))
    deep += "\n".join("  " * i + ")" for i in reversed(range(3000)))
    assert len(sent(explain(deep))) <= BUDGET


def test_of_a_model_of_many_different_layers_as_many_rows_are_sent_as_fit_the_outer_ones_first() -> None:
    rows = "\n".join(f"  (l{i}): Linear(in_features={i * 31337 % 65521 + 1}, out_features={i + 1}, bias=True)" for i in range(1200))
    data = sent(explain(f"Net(\n  (deep): Sequential(\n    (0): ReLU()\n  )\n{rows}\n)"))
    assert BUDGET / 2 < len(data) <= BUDGET
    shown = unpacked(data)
    left_out = 1203 - len(shown["nodes"]["depth"])
    assert 0 < left_out < 1000 and f"{left_out:,} of its rows" in shown["notes"][-1]
    assert set(shown["nodes"]["depth"]) == {0, 1}
    assert shown["print"]["text"].split("\n")[-1] == f"... {1205 - 1000:,} more lines"

"""A model spread over processes is explained by each of them alone: whole sizes, local sizes, mesh and placements, without a collective."""

from __future__ import annotations

from typing import Any

import pytest

from .processes import WORLD, run_in_turn

Told = dict[str, dict[str, Any]]

BLOCK = 7 * 16 + 16 + 16 * 9
WHOLE = {
    "ddp": BLOCK, "fsdp2": 2 * BLOCK + 63, "tensor parallel": BLOCK, "tensor parallel in fsdp2": BLOCK, "fsdp1": BLOCK,
    "fsdp1, original parameters": 7 * 7 + 7 + BLOCK, "fsdp1, tied": 40,
}  # fmt: skip
LOCAL = {  # FSDP2 gives the first process five of nine rows; FSDP1 cuts its vectors in half, here 49 and 7 numbers and padding after each
    "fsdp2": [2 * (8 * 7 + 8 + 5 * 16) + 4 * 9, 2 * (8 * 7 + 8 + 4 * 16) + 3 * 9],
    "tensor parallel": [8 * 7 + 8 + 9 * 8] * 2,
    "tensor parallel in fsdp2": [8 * 7 + 8 + 9 * 8] * 2,
    "fsdp1": [BLOCK // 2] * 2,
    "fsdp1, original parameters": [30 + BLOCK // 2, 26 + BLOCK // 2],
    "fsdp1, tied": [20] * 2,
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """What each process tells of each model. Here no collective is possible: the other process waits for its turn."""
    return run_in_turn(str(tmp_path_factory.mktemp("store")))


pytestmark = pytest.mark.slow

RANKS = range(WORLD)


def facts(told: list[Told], rank: int, name: str) -> dict[str, Any]:
    return {fact["key"]: fact for fact in told[rank][name]["dict"]["facts"]}


def tensors(told: list[Told], rank: int, name: str) -> dict[str, dict[str, Any]]:
    nodes = told[rank][name]["dict"]["nodes"]
    return {f"{node['path']}.{tensor['name']}": tensor for node in nodes for tensor in node["tensors"]}


@pytest.mark.parametrize("rank", RANKS)
def test_nothing_runs_and_nothing_is_left(told: list[Told], rank: int) -> None:
    for name, forms in told[rank].items():
        assert forms["operations"] == [], name
        assert forms["unchanged"], name
        assert forms["printed"], name


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("name", WHOLE)
def test_parameters_are_counted_as_those_of_the_whole_model(told: list[Told], rank: int, name: str) -> None:
    assert facts(told, rank, name)["num_parameters"]["value"] == WHOLE[name]
    assert told[rank][name]["dict"]["nodes"][0]["num_parameters"] == WHOLE[name]


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("name", LOCAL)
def test_how_many_a_process_holds_is_told_in_every_form(told: list[Told], rank: int, name: str) -> None:
    assert facts(told, rank, name)["num_local_parameters"]["value"] == LOCAL[name][rank]
    sentence = f"This process holds {LOCAL[name][rank]:,} numbers of them."
    forms = told[rank][name]
    assert sentence in " ".join(forms["text"].split())
    assert sentence in forms["markdown"]
    assert sentence in forms["page"]
    assert any(sentence in statement["text"] for section in forms["dict"]["story"] for statement in section["statements"])


def test_of_a_model_wrapped_by_ddp_each_process_holds_a_copy(told: list[Told]) -> None:
    found = facts(told, 0, "ddp")
    assert found["mesh"]["text"] == "Each of 2 processes holds a whole copy of the parameters."
    assert "num_local_parameters" not in found
    assert {tensor["spread"]["text"] for tensor in tensors(told, 0, "ddp").values()} == {"whole on each of 2 processes"}


@pytest.mark.parametrize("rank", RANKS)
def test_mesh_and_placements_of_each_tensor_are_told(told: list[Told], rank: int) -> None:
    weight = tensors(told, rank, "fsdp2")["0.2.weight"]
    rows = 5 - rank
    assert (weight["shape"], weight["spread"]["local"], weight["spread"]["mesh"]) == ([9, 16], [rows, 16], [["dp", 2]])
    assert weight["spread"]["text"] == f"split by dimension 0 over dp of 2, {rows} × 16 here"
    parallel = tensors(told, rank, "tensor parallel")
    assert parallel["0.weight"]["spread"]["text"] == "split by dimension 0 over tp of 2, 8 × 7 here"
    assert parallel["2.weight"]["spread"]["text"] == "split by dimension 1 over tp of 2, 9 × 8 here"
    both = tensors(told, rank, "tensor parallel in fsdp2")["2.weight"]["spread"]
    assert (both["mesh"], both["placements"], both["local"]) == ([["dp", 1], ["tp", 2]], [0, 1], [9, 8])
    flat = tensors(told, rank, "fsdp1")["_fsdp_wrapped_module.0.weight"]
    assert (flat["shape"], flat["spread"]["text"]) == ([16, 7], "split over 2 processes within a flat vector")


def test_the_rows_and_the_view_tell_it_too(told: list[Told]) -> None:
    lines = told[0]["tensor parallel"]["text"].split("\n")
    assert any("[sharded by dimension 1 over tp]" in line for line in lines)
    rows = told[0]["tensor parallel"]["payload"]["tensors"]
    assert ["weight", "16 × 7", "float32", "DTensor, split by dimension 0 over tp of 2, 8 × 7 here"] in rows


def test_a_dtype_is_not_taken_for_half_as_many_bits_where_half_is_here(told: list[Told]) -> None:
    table = tensors(told, 0, "integers")[".table"]
    assert (table["shape"], table["dtype"]) == ([8, 4], "int8")


def test_tied_weights_in_a_flat_vector_are_one(told: list[Told]) -> None:
    assert told[0]["fsdp1, tied"]["dict"]["shared"] == {"_fsdp_wrapped_module.head.weight": "_fsdp_wrapped_module.embed.weight"}


def test_a_sequential_that_fsdp2_has_made_a_class_of_its_own_is_still_one(told: list[Told]) -> None:
    text = told[0]["fsdp2"]["text"]
    assert "multi-layer perceptron" in text


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("name", ["ddp", "fsdp2", "tensor parallel", "tensor parallel in fsdp2"])
def test_data_is_followed_on_the_shapes_of_the_whole(told: list[Told], rank: int, name: str) -> None:
    forms = told[rank][name]
    assert forms["failed"] is None
    assert forms["shapes"][-1][1] == (3, 9)


@pytest.mark.parametrize("name", ["fsdp1", "fsdp1, original parameters"])
def test_that_flat_vectors_would_have_to_be_gathered_is_told_and_not_tried(told: list[Told], name: str) -> None:
    assert "before it is wrapped" in told[0][name]["failed"]

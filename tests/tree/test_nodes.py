"""The small data: tensors, repeats, looking things up in a node."""

from __future__ import annotations

from archmagic.tree import Child, Node, Repeat, Tensor


def test_a_tensor_knows_its_elements_and_bytes_also_where_elements_share_a_byte() -> None:
    assert Tensor("w", (50257, 768), "float32").numel == 38_597_376
    assert Tensor("w", (50257, 768), "bfloat16").nbytes == 77_194_752
    assert Tensor("w", (3,), "uint4").nbytes == 2
    assert Tensor("w", (), "int64").numel == 1


def test_a_tensor_whose_shape_or_dtype_is_unknown_counts_nothing_and_has_no_bytes() -> None:
    assert Tensor("w", None, "float32").numel == 0
    assert Tensor("w", (2,)).nbytes is None
    assert Tensor("w", (2,), "int3").nbytes is None


def test_a_repeat_names_what_it_stands_for() -> None:
    assert str(Repeat(12, 0)) == "[0-11]"
    assert str(Repeat(6, 0, 6, 6)) == "[0-30:6]"
    assert str(Repeat(128, 0, prefix="expert_")) == "expert_[0-127]"
    assert list(Repeat(3, 1, 2, 2, "b").names()) == ["b1", "b3", "b5"]
    assert [Repeat(3, 1, 2, 2, "b").has(name) for name in ("b1", "b2", "b5", "b7", "b01", "c1", "b")] == [
        True, False, True, False, False, False, False,
    ]  # fmt: skip


def test_get_takes_the_first_name_that_is_there_and_settings_before_attributes() -> None:
    node = Node("Attention", settings={"num_heads": 8, "bias": None}, attributes={"num_heads": 4, "bias": True, "scale": 0})
    assert node.get("heads", "num_heads") == 8
    assert node.get("bias") is True
    assert node.get("scale") == 0
    assert node.get("missing") is None


def test_child_finds_a_name_within_a_run() -> None:
    run, lone = Node("Block"), Node("Norm")
    node = Node("Stack", children=(Child("0", run, Repeat(12, 0)), Child("norm", lone)))
    assert (node.child("7"), node.child("norm"), node.child("12"), node.child("x")) == (run, lone, None, None)

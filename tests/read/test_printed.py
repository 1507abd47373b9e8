"""What the tree of a printed model holds."""

from __future__ import annotations

import pytest

from archmagic.read.printed import read_print
from archmagic.tree import Node, find, print_tree, walk
from tests.printed import printed


def at(name: str, path: str) -> Node:
    """The node of that path in a print of the sample."""
    visit = find(read_print(printed(name)).root, path)
    assert visit is not None
    return visit.node


def shapes(node: Node) -> dict[str, tuple[int, ...] | None] | None:
    return None if node.tensors is None else {tensor.name: tensor.shape for tensor in node.tensors}


def test_the_seed_is_one_model_of_twelve_blocks() -> None:
    tree = read_print(printed("gpt2-seed"))
    assert tree.source == "print"
    assert tree.root.type == "GPT2LMHeadModel"
    paths = [visit.path for visit in walk(tree.root)]
    assert len(paths) == 21
    assert "transformer.h.[0-11].attn.c_attn" in paths
    assert find(tree.root, "transformer.h.7.mlp.act").multiplicity == 12  # type: ignore[union-attr]


def test_tensors_follow_from_arguments_where_the_catalog_knows_the_class() -> None:
    assert shapes(at("gpt2-seed", "lm_head")) == {"weight": (50257, 768)}
    assert shapes(at("gpt2-seed", "transformer.wte")) == {"weight": (50257, 768)}
    assert shapes(at("gpt2-seed", "transformer.drop")) == {}


def test_tensors_are_unknown_where_arguments_do_not_tell() -> None:
    assert at("gpt2-seed", "transformer.h.0.attn.c_attn").tensors is None
    assert at("gpt2-seed", "transformer.h.0.attn").tensors is None


def test_a_lone_module_is_a_model() -> None:
    tree = read_print("Linear(in_features=3, out_features=2, bias=True)")
    assert tree.root.settings == {"in_features": 3, "out_features": 2, "bias": True}
    assert shapes(tree.root) == {"weight": (2, 3), "bias": (2,)}
    assert str(tree) == tree.text == "Linear(in_features=3, out_features=2, bias=True)"


def test_equal_modules_are_one_node() -> None:
    root = read_print(printed("transformers/switch_transformers")).root
    nodes = {id(visit.node) for visit in walk(root)}
    assert len(nodes) < sum(visit.multiplicity for visit in walk(root)) / 4


def test_an_unfolded_print_folds_in_the_tree_and_prints_unfolded() -> None:
    tree = read_print(printed("forms/gpt2_unfolded"))
    assert find(tree.root, "transformer.h.[0-11].attn.c_attn") is not None
    assert find(tree.root, "transformer.h").node.style == "module"  # type: ignore[union-attr]
    assert print_tree(tree.root).count("): Block(") == 12


def test_a_folded_print_is_of_the_style_of_lists() -> None:
    assert at("gpt2-seed", "transformer.h").style == "list"
    assert at("gpt2-seed", "transformer").style == "module"


def test_arguments_over_many_lines_are_kept_to_the_letter_and_parsed() -> None:
    node = at("forms/json_arguments", "a")
    assert node.args is not None
    assert node.args.startswith('config={\n  "a": 1,')
    assert node.settings["mode"] == "fast (really)"
    assert str(node.settings["config"]).startswith('{\n  "a"')
    assert [child.name for child in node.children] == ["fc"]


def test_own_tensors_that_a_list_prints_are_read() -> None:
    prompts = at("forms/own_tensors", "prompts")
    assert [(t.name, t.shape, t.dtype, t.kind) for t in prompts.tensors or ()] == [
        ("0", (3, 3), "float32", "parameter"),
        ("1", (4,), "float16", "parameter"),
    ]
    assert shapes(at("forms/own_tensors", "one")) == {"0": (2,)}
    assert [(t.shape, t.dtype) for t in at("forms/own_tensors", "table").tensors or ()] == [((2, 8), "float32"), ((3,), "float32")]


def test_the_device_and_the_kind_of_a_printed_tensor_are_read() -> None:
    lines = [
        "Parameter containing: [torch.float32 of size 3x3 (cuda:0)]",
        "Tensor containing: [torch.int64 of size ]",
        "Object of type: str",
    ]
    tensors = read_print("\n".join(["ParameterList(", *(f"    ({at}): {line}" for at, line in enumerate(lines)), ")"])).root.tensors
    told = [(t.name, t.shape, t.dtype, t.device, t.kind) for t in tensors or ()]
    assert told == [("0", (3, 3), "float32", "cuda:0", "parameter"), ("1", (), "int64", None, "buffer")]


def test_a_child_that_is_none_is_told() -> None:
    assert at("forms/own_tensors", "norm").is_none


def test_names_of_a_module_dict_may_hold_spaces_and_hyphens() -> None:
    assert at("forms/own_tensors", "branches.right hand").type == "GRU"
    assert at("forms/own_tensors", "branches.left-hand").type == "Identity"


def test_a_script_module_tells_its_class_and_that_it_is_script() -> None:
    node = at("forms/script", "0")
    assert (node.type, node.settings["original_name"], node.notes) == ("RecursiveScriptModule", "Linear", ("script",))


def test_wrappers_are_nodes_like_others() -> None:
    assert at("forms/compiled", "_orig_mod.0").type == "Linear"
    assert at("forms/data_parallel", "module.0").type == "Linear"
    assert at("forms/lora", "base_model.model.transformer.h.0.attn.c_attn").type.startswith("lora.")
    assert at("forms/lora", "base_model.model.transformer.h.1.attn.c_attn.lora_A.default").settings["out_features"] == 8
    assert at("forms/bnb_4bit", "model.layers.0.mlp.up_proj").type == "Linear4bit"
    assert at("forms/parametrized", "0.parametrizations.weight.0").type == "_WeightNorm"


def test_a_class_that_prints_itself_keeps_its_text() -> None:
    act, block = at("forms/own_repr", "act"), at("forms/own_repr", "block")
    assert (act.style, act.verbatim, act.args, act.tensors) == ("verbatim", "<function gelu at 0x7f0000000000>", None, None)
    assert (block.type, block.verbatim) == ("Block", "Block<\n  depth 3\n\n  wide>")


def test_the_steps_of_a_torch_geometric_sequential_are_children() -> None:
    root = read_print(printed("forms/pyg_sequential")).root
    assert [(child.name, child.node.type) for child in root.children] == [
        ("0", "GCNConv"),
        ("1", "ReLU"),
        ("2", "GCNConv"),
        ("3", "Linear"),
    ]
    assert shapes(root.children[3].node) == {"weight": (7, 64), "bias": (7,)}


def test_old_prints_with_a_space_before_the_bracket_are_read() -> None:
    root = read_print(printed("forms/torch_0_3")).root
    assert root.child("fc2").settings == {"in_features": 50, "out_features": 10}  # type: ignore[union-attr]
    assert root.child("conv1").settings["out_channels"] == 10  # type: ignore[union-attr]
    assert root.child("act").type == "ReLU"  # type: ignore[union-attr]


def test_code_after_a_graph_module_is_not_the_models() -> None:
    tree = read_print(printed("forms/fx_graph"))
    assert tree.text is not None
    assert tree.text.endswith("out_features=10, bias=True)\n)")
    assert tree.notes == ()


def test_blank_lines_and_quotes_in_arguments_survive() -> None:
    text = "A(\n  (b): B(\n    first='(c): D('\n\n    second=\"it's )\"\n    (c): ReLU()\n  )\n)"
    tree = read_print(text)
    assert print_tree(tree.root) == text
    assert find(tree.root, "b").node.settings == {"first": "(c): D(", "second": "it's )"}  # type: ignore[union-attr]


@pytest.mark.parametrize("depth", [1_000, 5_000])
def test_five_thousand_modules_inside_one_another_are_read_and_printed(depth: int) -> None:
    text = "\n".join(["B(", *("(a): B(" for _ in range(depth - 1)), *(")" for _ in range(depth))])
    root = read_print(text).root
    count, node = 1, root
    while node.children:
        count, node = count + 1, node.children[0].node
    assert count == depth
    if depth == 1_000:
        assert print_tree(root).split("\n")[depth - 2 : depth] == ["  " * (depth - 2) + "(a): B(", "  " * (depth - 1) + "(a): B()"]


def test_a_model_of_four_thousand_lines_is_read_whole() -> None:
    rows = "".join(f"  (layer_{i}): Linear(in_features={i}, out_features=2, bias=True)\n" for i in range(4_300))
    root = read_print(f"Net(\n{rows})").root
    assert len(root.children) == 4_300

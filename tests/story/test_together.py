"""What goes together is told in one line, what was said is not said again, and each level is spared what its readers know."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from archmagic import Explanation, explain
from archmagic.options import LEVELS
from archmagic.story.words import shares


def transformers_model(name: str, **config: Any) -> nn.Module:
    import transformers

    cls = getattr(transformers, name)
    with torch.device("meta"):
        return cls._from_config(cls.config_class(**config))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def llama() -> Explanation:
    return explain(transformers_model("LlamaForCausalLM", num_hidden_layers=2, num_key_value_heads=8))


def labels(e: Explanation, level: str = "practitioner") -> list[str]:
    return [s.label for section in e.story_at(level).sections for s in section.statements]  # type: ignore[arg-type]


def text(e: Explanation, level: str = "practitioner") -> str:
    return " ".join(s.text for section in e.story_at(level).sections for s in section.statements)  # type: ignore[arg-type]


def test_parts_that_go_together_share_a_line_that_is_linked_with_each_of_them(llama: Explanation) -> None:
    told = {s.label: s for section in llama.story.sections for s in section.statements}
    line = told["self_attn.q_proj, k_proj, v_proj"]
    assert line.evidence == tuple(f"model.layers.[0-1].self_attn.{name}" for name in ("q_proj", "k_proj", "v_proj"))
    assert "4,096 → 4,096, 1,024 and 1,024" in line.text
    assert "16,777,216 + 2 × 4,194,304 = 25,165,824 parameters." in line.text
    assert {"input_layernorm, post_attention_layernorm", "mlp.gate_proj, up_proj, down_proj"} <= told.keys()


def test_norms_before_sub_layers_come_first_though_they_are_registered_last(llama: Explanation) -> None:
    block = next(section for section in llama.story.sections if section.title.startswith("One block"))
    parts = [s.label for s in block.statements if s.label]
    assert parts[0] == "input_layernorm, post_attention_layernorm"


def test_heads_that_share_keys_and_values_say_what_for(llama: Explanation) -> None:
    said = "Each of its 8 heads of keys and values serves four of them (grouped-query attention), which makes a cache a quarter as large."
    assert said in text(llama)


def test_a_sub_layer_tells_its_share_of_the_block(llama: Explanation) -> None:
    assert "135,266,304 parameters, 76 % of the block." in text(llama)


def test_what_the_data_flow_says_is_said_again_to_beginners_only(llama: Explanation) -> None:
    assert "model.embed_tokens" in labels(llama, "beginner")
    assert not {"model.embed_tokens", "model.norm", "lm_head", "model.layers"} & set(labels(llama))
    assert "of which" not in labels(llama)


def test_beginners_are_taught_attention_once_and_experts_never(llama: Explanation) -> None:
    taught = "Each position compares its query with the keys"
    assert [text(llama, level).count(taught) for level in LEVELS] == [1, 0, 0]


def test_a_beginners_steps_are_the_same_steps_with_more_said(llama: Explanation) -> None:
    steps = {level: next(s for s in llama.story_at(level).sections if s.style == "steps").statements for level in LEVELS}
    assert len({len(told) for told in steps.values()}) == 1
    assert "T how many tokens each has" in steps["beginner"][0].text


def test_one_kind_of_block_is_told_by_how_it_differs_from_the_other_in_words() -> None:
    gemma = text(explain(transformers_model("Gemma3ForCausalLM")))
    assert "It has full attention where those have attention within a window of 4,096 positions." in gemma
    assert "every sixth block has full attention; the five before it have attention within a window" in gemma
    assert "sliding_window" not in gemma


def test_towers_of_the_same_blocks_are_told_once() -> None:
    clip = explain(transformers_model("CLIPModel"))
    assert "Built like text_model.encoder.layers.[0-11], with other sizes." in text(clip)


def test_a_relative_is_told_of_an_exact_member() -> None:
    with torch.device("meta"):
        qwen = transformers_model("Qwen3ForCausalLM", num_hidden_layers=2)
    assert "Its blocks are Llama's with norms on queries and keys." in explain(qwen).summary
    assert "Its blocks are" not in explain(transformers_model("LlamaForCausalLM", num_hidden_layers=2)).summary


def test_a_layer_by_itself_is_explained_by_what_is_known_of_it() -> None:
    section = next(s for s in explain(nn.Linear(4, 3)).story.sections if s.title == "The layer")
    told = {s.label: s.text for s in section.statements}
    assert told["Parameters"] == "3 × 4 + 3 = 15."
    assert told["in_features"] == "Each input vector has 4 numbers."
    assert {"Why", "Formula", "Input", "Output", "Note"} <= told.keys()


def test_figures_of_a_print_are_said_of_what_is_printed_and_are_certain() -> None:
    e = explain(repr(transformers_model("Qwen3ForCausalLM", num_hidden_layers=2)))
    section = next(s for s in e.story.sections if s.title == "Where the parameters are")
    printed = [s for s in section.statements if s.text.startswith(("Of what is printed", "The printed layers take"))]
    assert [s.basis for s in printed] == ["derived", "derived"]


@pytest.mark.parametrize("parts", [[4329, 2147, 131, 131, 1], [1, 1, 1], [5, 5], [643, 319, 19, 19], [10, 10, 1]])
def test_equal_parts_have_equal_shares_where_they_can_and_all_add_up(parts: list[int]) -> None:
    told = [float(share.removesuffix(" %")) if share[0].isdigit() else 0.0 for share in shares(parts)]
    assert round(sum(told), 1) == 100
    if parts != [1, 1, 1]:  # thirds cannot be told alike
        assert all(a == b for a, m in zip(told, parts, strict=True) for b, n in zip(told, parts, strict=True) if m == n)


def test_what_narrows_is_not_said_to_widen() -> None:
    deepseek = explain(transformers_model("DeepseekV3ForCausalLM", num_hidden_layers=4))
    shared = next(s for x in deepseek.story.sections for s in x.statements if s.label.startswith("mlp.shared_experts.gate_proj"))
    assert "7,168 → 2,048" in text(deepseek)
    assert "widen" not in shared.text

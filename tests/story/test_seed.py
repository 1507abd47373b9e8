"""The print that archmagic began with: GPT-2 of an older transformers, whose Conv1D shows no sizes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archmagic import Explanation, explain

SEED = Path(__file__).parents[1] / "printed" / "gpt2-seed.txt"
GOLDEN = Path(__file__).parents[1] / "golden" / "gpt2-seed.txt"


@pytest.fixture(scope="module")
def seed() -> Explanation:
    return explain(SEED.read_text())


FACTS = [
    ("num_hidden_layers", 12, "measured"),
    ("hidden_size", 768, "measured"),
    ("vocab_size", 50257, "measured"),
    ("max_position_embeddings", 1024, "measured"),
    ("position_encoding", "learned", "named"),
    ("norm_placement", "pre", "named"),
    ("normalization", "LayerNorm", "measured"),
    ("family", "GPT-2", "named"),
    ("architecture", "decoder-only Transformer language model", "named"),
    ("num_attention_heads", 12, "assumed"),
    ("head_dim", 64, "assumed"),
    ("intermediate_size", 3072, "assumed"),
    ("hidden_act", "gelu_new", "named"),
    ("tie_word_embeddings", True, "assumed"),
    ("num_parameters", 124_439_808, "assumed"),
]


@pytest.mark.parametrize(("key", "value", "basis"), FACTS)
def test_the_seed_has_this_fact_with_its_basis(seed: Explanation, key: str, value: object, basis: str) -> None:
    fact = seed.facts.get(key, "")
    assert fact is not None
    assert (fact.value, fact.basis) == (value, basis)
    assert fact.text


SENTENCES = [
    "768 → 2,304 (3 × 768)",
    "768 → 3,072 → 768",
    "50,257 scores (logits)",
    "12 heads of 64",
    "Causal self-attention",
    "GELU (tanh form)",
    "zeroes 10 %",
    "each zeroes 10 %",
    "Conv1D",
    "7,087,872",
    "124,439,808",
    "163,037,184",
    "Softmax",
    "(B, T, 768)",
    "(B, T, 50257)",
    "residual connection",
    "Whether lm_head shares the weight of transformer.wte",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_seed_is_told_in_full(seed: Explanation, sentence: str) -> None:
    assert sentence in " ".join(s.text for section in seed.story.sections for s in section.statements)


def test_what_rests_on_a_convention_is_marked_as_assumed(seed: Explanation) -> None:
    for section in seed.story.sections:
        for statement in section.statements:
            if any(number in statement.text for number in ("2,304", "3,072", "7,087,872", "124,439,808")):
                assert statement.basis == "assumed", statement


def test_every_named_module_of_the_seed_is_explained_by_its_role(seed: Explanation) -> None:
    parts = {path: part for path, part in seed.story.parts.items() if path}
    assert len(parts) == 20  # 19 named modules, and the run of blocks
    assert all(part.role for part in parts.values()), [path for path, part in parts.items() if not part.role]


def test_the_seeds_rows_add_up_to_its_total(seed: Explanation) -> None:
    nodes = seed.to_dict()["nodes"]
    assert sum(n["num_own_parameters"] * len(seed.paths(n["path"]) if n["path"] else [1]) for n in nodes) == 124_439_808


def test_every_statement_rests_on_paths_that_exist(seed: Explanation) -> None:
    for section in seed.story.sections:
        for statement in section.statements:
            for path in statement.evidence:
                assert seed.paths(path), statement


def test_the_seeds_explanation_reads_as_it_was_reviewed(seed: Explanation) -> None:
    """Set OVERWRITE_GOLDEN=1 to write it anew, and read the diff."""
    text = seed.to_text() + "\n"
    if os.environ.get("OVERWRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")

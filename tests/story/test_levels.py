"""Reading levels change what is explained, never what is true."""

from __future__ import annotations

from pathlib import Path

import pytest

from archmagic import Explanation, explain
from archmagic.options import LEVELS

SEED = (Path(__file__).parents[1] / "printed" / "gpt2-seed.txt").read_text()


@pytest.fixture(scope="module")
def told() -> dict[str, Explanation]:
    return {level: explain(SEED, level=level) for level in LEVELS}


def test_facts_and_numbers_are_the_same_at_every_level(told: dict[str, Explanation]) -> None:
    assert len({repr(e.facts) for e in told.values()}) == 1
    assert len({e.summary for e in told.values()}) == 1


def test_each_level_up_tells_less_of_what_its_readers_know(told: dict[str, Explanation]) -> None:
    beginner, practitioner, expert = (len(str(told[level])) for level in LEVELS)
    assert beginner > practitioner > expert


def test_beginners_get_the_words_used_explained(told: dict[str, Explanation]) -> None:
    section = told["beginner"].story.sections[-1]
    assert section.title == "Words used here"
    labels = {statement.label for statement in section.statements}
    assert {"token", "embedding", "attention head", "logits", "residual connection"} & labels
    assert "Words used here" not in str(told["practitioner"])

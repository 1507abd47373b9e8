"""Whatever a model is: every form is made, the parts that can be read are explained, the others are shown as what they are."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

import archmagic
from archmagic.tree import find, walk

from .forms import every_form
from .models import MODELS, NAMES, Prints, around

pytestmark = pytest.mark.slow

BROKEN = {
    "a part that fails at everything": "broken",
    "a part that recurses for ever": "broken",
    "a cycle": "cycle",
    "itself": "cycle",
    "a number for a child": "broken",
    "a text for a child": "broken",
    "a class for a child": "broken",
    "a tensor for a child": "broken",
    "a lying tensor for a child": "broken",
    "tables that are None": "broken",
    "tables that are numbers": "broken",
    "tables that fail": "broken",
    "a part that exits": "broken",
}
"""What a note on the part that cannot be read says."""


@pytest.mark.parametrize("name", MODELS)
def test_every_form_is_made_and_the_rest_is_explained(name: str, tmp_path: Path, capsys: Any) -> None:
    explanation, forms = every_form(MODELS[name](), tmp_path)
    for good in ("good", "also_good"):
        visit = find(explanation.tree.root, good)
        assert visit is not None
        assert visit.node.type == "Linear"
        assert explanation.story.parts[good].num_parameters == 16
    assert all(isinstance(text, str) for text in forms.values())
    notes = [note for visit in walk(explanation.tree.root) for note in visit.node.notes]
    if name in BROKEN:
        assert any(BROKEN[name] in note for note in notes)
        assert re.search(rf"\[[^\]]*\b{BROKEN[name]}\b", forms["text"])
        assert BROKEN[name] in forms["payload"]
    assert capsys.readouterr() == ("", "")


def test_properties_of_a_model_are_not_asked(tmp_path: Path, capsys: Any) -> None:
    every_form(around(Prints()), tmp_path)
    assert capsys.readouterr() == ("", "")


def test_a_forward_that_fails_or_prints_is_not_run_without_inputs_and_told_with_them() -> None:
    forward = archmagic.explain(MODELS["a part that fails at everything"](), inputs=(1, 3)).forward
    assert forward is not None
    assert forward.failed is not None


def test_every_name_of_the_tree_is_found_again(tmp_path: Path) -> None:
    explanation, _ = every_form(MODELS["names of every kind"](), tmp_path)
    bad = find(explanation.tree.root, "bad")
    assert bad is not None
    assert len({tensor.name for tensor in bad.node.tensors or ()}) == len(NAMES)
    assert sum(visit.depth == 2 for visit in walk(explanation.tree.root)) == len(NAMES)


@pytest.mark.parametrize("name", ["names of every kind", "a text for a child"])
def test_text_for_a_terminal_holds_nothing_that_a_terminal_obeys(name: str, tmp_path: Path) -> None:
    """No control characters but line ends, and no marks that turn the order of what follows."""
    _, forms = every_form(MODELS[name](), tmp_path)
    for form in ("text", "narrow text", "saved txt", "repr"):
        wrong = {c for c in forms[form] if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
        assert wrong == set(), form

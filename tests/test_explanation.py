"""The front door: what `explain` takes, what an `Explanation` gives, and that neither leaves a trace."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import re
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import archmagic
from archmagic import ArchmagicError, Explanation, PrintedModelError, UnknownPathError, explain

MARKUP = "<img src=x onerror=alert(1)>"


def blocks() -> nn.Module:
    return nn.Sequential(*[nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(3)], nn.Linear(4, 2))


@pytest.fixture
def explanation() -> Explanation:
    return explain(blocks())


def test_a_run_is_one_row_that_stands_for_its_modules(explanation: Explanation) -> None:
    assert explanation.paths("[0-2].0") == ["0.0", "1.0", "2.0"]
    assert explanation.paths("1.0") == ["1.0"]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda given: pickle.loads(pickle.dumps(given))], ids=["copied", "pickled"])
@pytest.mark.parametrize("traced", [False, True])
def test_an_explanation_may_be_copied_and_sent_to_another_process(again: Callable[[Explanation], Explanation], traced: bool) -> None:
    given = explain(blocks(), inputs=(1, 4) if traced else None)
    printed = explain(given.printed)
    assert [again(e).to_text() for e in (given, printed)] == [given.to_text(), printed.to_text()]


def test_selecting_one_module_of_a_run_selects_its_row_and_tells_listeners_once(explanation: Explanation) -> None:
    heard: list[str | None] = []
    stop = explanation.on_selected(heard.append)
    explanation.selected = "1.0"
    explanation.selected = "[0-2].0"
    stop()
    explanation.selected = None
    assert heard == ["[0-2].0"]


def test_an_unknown_path_is_an_error_that_names_near_ones(explanation: Explanation) -> None:
    with pytest.raises(UnknownPathError, match=r"'\[0-2\]\.0'"):
        explanation.selected = "[0-2].0x"
    assert explanation.selected is None


def test_a_path_with_the_variables_name_before_it_is_answered_with_the_path(explanation: Explanation) -> None:
    with pytest.raises(UnknownPathError, match=r"Did you mean '\[0-2\]\.0'\?"):
        explanation.selected = "model.1.0"


def test_an_explanation_is_made_by_explain_alone() -> None:
    with pytest.raises(ArchmagicError, match=r"explain\(model\)"):
        Explanation(nn.ReLU())  # type: ignore[arg-type]


def test_the_type_that_weights_are_held_in_is_not_told_twice() -> None:
    text = " ".join(explain(nn.Linear(3, 4).half()).to_text().split())
    assert "held as float16: 32 bytes. They would take 64 bytes in float32 and 16 bytes in int8." in text


def test_the_json_form_holds_the_tree_the_facts_and_the_story(explanation: Explanation) -> None:
    data = json.loads(json.dumps(explanation.to_dict()))
    assert data["schema"] == "archmagic/1"
    assert data["source"] == "module"
    run = next(node for node in data["nodes"] if node["path"] == "[0-2]")
    assert run["repeat"] == {"count": 3, "first": 0, "step": 1, "period": 1}
    assert [data["nodes"][child]["type"] for child in run["children"]] == ["Linear", "ReLU"]
    assert run["num_parameters"] == 20
    assert all({"key", "value", "scope", "basis", "evidence", "from", "text"} <= fact.keys() for fact in data["facts"])
    assert all({"text", "basis", "evidence"} <= s.keys() for section in data["story"] for s in section["statements"])


@pytest.mark.parametrize("ending", [".html", ".md", ".json", ".txt"])
def test_saving_writes_the_form_that_the_ending_names(explanation: Explanation, tmp_path: Path, ending: str) -> None:
    path = explanation.save(tmp_path / f"model{ending}")
    assert "Sequential" in path.read_text(encoding="utf-8")


def test_saving_under_an_unknown_ending_says_which_there_are(explanation: Explanation, tmp_path: Path) -> None:
    with pytest.raises(ArchmagicError, match=r"\.html, \.md, \.json, \.svg, \.txt"):
        explanation.save(tmp_path / "model.pdf")


@pytest.mark.parametrize("given", [3, None, object(), [], {}])
def test_what_is_no_model_is_an_error_of_ours(given: object) -> None:
    with pytest.raises(ArchmagicError):
        explain(given)


def test_text_without_a_model_shows_what_a_print_looks_like() -> None:
    with pytest.raises(PrintedModelError, match=r"\(0\): Linear|Linear\("):
        explain("what is a transformer?")


@pytest.mark.parametrize("options", [{"level": "guru"}, {"depth": -1}, {"live": "yes"}, {"trace": "fast"}])
def test_wrong_options_are_named_with_what_they_take(options: dict[str, object]) -> None:
    with pytest.raises(ArchmagicError, match=next(iter(options))):
        explain("ReLU()", **options)  # type: ignore[arg-type]


def test_options_of_the_session_are_checked_too() -> None:
    with pytest.raises(ArchmagicError, match="height"):
        archmagic.options.height = 3
    with pytest.raises(ArchmagicError, match="colour"):
        archmagic.options.colour = "red"  # type: ignore[attr-defined]


def test_an_explanation_does_not_keep_the_model_alive() -> None:
    model = blocks()
    explanation = explain(model)
    explanation.to_text(), explanation.to_html(), explanation._repr_mimebundle_()
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    assert "Linear" in explanation.printed


def test_explaining_and_showing_leave_the_model_as_it_was() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout()).train()
    model[0].weight.grad = torch.ones(3, 3)
    random, before = torch.random.get_rng_state(), {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = [(set(vars(m)), m.training, len(m._forward_hooks)) for m in model.modules()]
    explanation = explain(model)
    explanation.to_text(), explanation.to_html(), explanation._repr_mimebundle_()
    assert torch.equal(random, torch.random.get_rng_state())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert state == [(set(vars(m)), m.training, len(m._forward_hooks)) for m in model.modules()]
    assert model[0].weight.grad is not None


def test_names_from_a_model_never_become_markup() -> None:
    class Evil(nn.Module):
        def extra_repr(self) -> str:
            return MARKUP

    Evil.__name__ = MARKUP
    model = nn.Module()
    model._modules[MARKUP] = Evil()
    explanation = explain(model)
    for shown in (explanation.to_html(), explanation._repr_mimebundle_()[0]["text/html"]):
        assert MARKUP not in str(shown)
    assert "<img" not in re.sub(r"`[^`]*`", "", explanation.to_markdown())  # inside code spans Markdown shows it to the letter


def test_the_same_model_gives_the_same_bytes() -> None:
    assert explain(blocks())._repr_mimebundle_() == explain(blocks())._repr_mimebundle_()


def test_an_explanation_has_no_widget_view_in_its_bundle(explanation: Explanation) -> None:
    data, _ = explanation._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain"}

"""The source of a `forward`, asked for by the page. The page's side is played by the widget's messages."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch

import archmagic
from archmagic.notebook.link import LINK
from archmagic.notebook.source import forward_source
from archmagic.render.document import identity

from .conftest import Cells


class Doubled(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(2, 2)
        self.many = torch.nn.ModuleList([torch.nn.ReLU()])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * self.fc(x)


def test_the_source_is_that_of_the_class_at_the_path() -> None:
    explanation = archmagic.explain(Doubled())
    assert forward_source(explanation, "").startswith("def forward(self, x: torch.Tensor)")
    assert "2 * self.fc(x)" in forward_source(explanation, "")
    assert "linear(" in forward_source(explanation, "fc")


@pytest.mark.parametrize("path", ["many", "nowhere", "fc.weight"])
def test_where_there_is_no_forward_there_is_no_text(path: str) -> None:
    assert forward_source(archmagic.explain(Doubled()), path) == ""


def test_a_print_has_no_source() -> None:
    assert forward_source(archmagic.explain("Linear(in_features=3, out_features=2, bias=True)"), "") == ""


def test_asking_keeps_no_model_alive() -> None:
    model = Doubled()
    alive = weakref.ref(model)
    explanation = archmagic.explain(model)
    del model
    gc.collect()
    assert alive() is None
    assert "self.fc" in forward_source(explanation, "")


def sent_by(widget: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    answers: list[Any] = []
    monkeypatch.setattr(widget, "send", answers.append)
    return answers


def test_the_link_answers_for_the_explanation_that_is_meant(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    cells.run("%load_ext archmagic")
    cells.shell.kernel = object()  # type: ignore[attr-defined]
    cells.run("import torch\ne = explain(torch.nn.Sequential(torch.nn.Linear(3, 2)))\ne")
    widget = getattr(cells.shell, LINK).widget
    answers = sent_by(widget, monkeypatch)
    key = identity(cells.shell.user_ns["e"])
    widget._handle_custom_msg({"ask": 7, "source": "0", "id": key}, [])
    widget._handle_custom_msg({"ask": 8, "source": "0", "id": "another"}, [])
    widget._handle_custom_msg({"other": "message"}, [])
    assert [answer["answer"] for answer in answers] == [7, 8]
    assert "linear(" in answers[0]["text"] and answers[1]["text"] == ""


def test_the_widget_answers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    explanation = archmagic.explain(Doubled())
    widget = explanation.widget
    answers = sent_by(widget, monkeypatch)
    widget._handle_custom_msg({"ask": 1, "source": ""}, [])
    assert "2 * self.fc(x)" in answers[0]["text"]
    widget.close()

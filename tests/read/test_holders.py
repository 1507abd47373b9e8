"""Pipelines, lists and dicts of models."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import nn

from archmagic import ArchmagicError, ModelError, explain


class Pipeline:
    def __init__(self) -> None:
        self.encoder, self.decoder, self.steps = nn.Linear(4, 2), nn.Sequential(nn.Linear(2, 4), nn.Tanh()), 50


class OneModel:
    def __init__(self) -> None:
        self.model, self.task = nn.Linear(4, 2), "text-generation"


def test_a_pipeline_is_explained_part_by_part_under_its_attribute_names() -> None:
    explanation = explain(Pipeline())
    assert explanation.title == "Pipeline"
    assert [child.name for child in explanation.tree.root.children] == ["encoder", "decoder"]
    assert explanation.facts.get("num_parameters").value == 22
    assert "encoder (Linear) and decoder (Sequential)" in explanation.summary


def test_a_pipeline_around_one_model_is_that_model() -> None:
    explanation = explain(OneModel())
    assert explanation.title == "Linear"
    assert "OneModel holds as model" in str(explanation)


def test_lists_and_dicts_of_models_are_read_and_weights_they_share_counted_once() -> None:
    shared = nn.Linear(4, 4)
    assert explain([shared, nn.Sequential(shared)]).facts.get("num_parameters").value == 20
    assert [c.name for c in explain({"a": nn.ReLU(), "b": shared}).tree.root.children] == ["a", "b"]


class Gan:
    def __init__(self) -> None:
        self.nets, self.rates = {"G": nn.Linear(4, 2), "D": nn.Linear(2, 1)}, {"G": 1e-4, "D": 4e-4}


class Ensembles:
    def __init__(self) -> None:
        self.left, self.right = [nn.Linear(4, 2)], (nn.Linear(4, 2), nn.ReLU())


def test_models_in_a_list_or_dict_of_an_object_are_explained_too() -> None:
    explanation = explain(Gan())
    assert [child.name for child in explanation.tree.root.children] == ["G", "D"]
    assert explanation.summary == "Gan: G (Linear) and D (Linear). Together they have 13 parameters."
    assert [child.name for child in explain({"gan": Gan().nets}).tree.root.children] == ["G", "D"]
    names = [child.name for child in explain(Ensembles()).tree.root.children]
    assert names == ["left_0", "right_0", "right_1"]


def test_one_model_in_a_list_is_not_several() -> None:
    assert explain([nn.Linear(4, 2), 3]).summary == "1 model: Linear. It has 10 parameters."


def test_models_of_one_class_are_told_apart_by_their_number() -> None:
    explanation = explain([nn.Linear(1, 2), nn.Linear(2, 2), nn.ReLU()])
    assert explanation.summary.startswith("3 models: 0 (Linear), 1 (Linear) and ReLU.")
    titles = [section.title for section in explanation.story.sections]
    assert {"0 (Linear): what it is", "1 (Linear): what it is", "ReLU: what it is"} <= set(titles)
    assert len(titles) == len(set(titles))
    assert explain([nn.Linear(1, 2), nn.Linear(1, 2)]).summary.startswith("2 models: 2 × Linear.")


def test_an_explanation_is_told_again_at_another_level() -> None:
    first = explain(nn.Linear(4, 2))
    again = explain(first, level="expert")
    assert (again.level, again.tree) == ("expert", first.tree)
    with pytest.raises(ArchmagicError, match="inputs need the model itself"):
        explain(first, inputs=(1, 4))


class Config:
    model_type = "gpt2"

    def to_dict(self) -> dict[str, int]:
        return {}


class Frame:
    __module__ = "pandas.core.frame"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (nn.Linear, "the class Linear: build it first, as Linear(...) does"),
        (nn.Linear(2, 2).state_dict(), "an OrderedDict, which holds tensors and no module. Build the model, load its weights"),
        (
            {"model": nn.Linear(2, 2).state_dict(), "epoch": 3},
            "a dict, which holds tensors and no module. Build the model, load its weights",
        ),
        (list(nn.Linear(2, 2).parameters()), "a list, which holds tensors and no module"),
        (nn.Linear(2, 2).forward, "a method of a torch.Linear: give the module itself"),
        (lambda: nn.Linear(2, 2), "the function <lambda>: call it, and explain what it returns"),
        (nn.Linear(2, 2).modules(), r"a generator: explain(list(...)) takes the modules in it"),
        ({nn.ReLU()}, "a set: explain(list(...)) takes the modules in it"),
        (None, "None: print(model) gives it, and so does a function without a return"),
        (Path("runs/best.pt"), "no file is read. Build the model, load its weights"),
        (Path("model.txt"), "no file is read. Explain the text in it, open(...).read()"),
        (Config(), "holds a model's sizes and not the model. AutoModel.from_config(config)"),
        (Frame(), "a pandas.Frame, which holds none"),
        (3, "an int, which holds none"),
    ],
)
def test_what_is_no_model_is_named_with_what_to_give_instead(given: object, said: str) -> None:
    with pytest.raises(ModelError) as raised:
        explain(given)
    assert str(raised.value).startswith("Expected a torch.nn.Module, a printed model as text, or an object that holds modules, not ")
    assert said in str(raised.value)


def test_several_pasted_models_are_named_and_each_is_explained() -> None:
    explanation = explain("Linear(in_features=3, out_features=2, bias=True)\n\nSequential(\n  (0): ReLU()\n)")
    assert explanation.title == "2 models"
    assert "Linear" in explanation.summary
    assert "Sequential" in explanation.summary

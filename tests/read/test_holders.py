"""Pipelines, lists and dicts of models."""

from __future__ import annotations

import pytest
from torch import nn

from archmagic import ModelError, explain


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


def test_a_class_is_an_error_that_says_to_build_it() -> None:
    with pytest.raises(ModelError, match="build it first"):
        explain(nn.Linear)


def test_several_pasted_models_are_named_and_each_is_explained() -> None:
    explanation = explain("Linear(in_features=3, out_features=2, bias=True)\n\nSequential(\n  (0): ReLU()\n)")
    assert explanation.title == "2 models"
    assert "Linear" in explanation.summary
    assert "Sequential" in explanation.summary

"""Modules that a module keeps where PyTorch does not see them."""

from __future__ import annotations

from torch import nn

from archmagic import explain
from archmagic.read import read


class Kept(nn.Module):
    """Keeps modules where PyTorch does not look."""

    def __init__(self, blocks: int = 0) -> None:
        super().__init__()
        self.layers = [nn.Linear(4, 4) for _ in range(3)]
        self.heads = {"a": nn.Linear(4, 2)}
        self.norm = nn.LayerNorm(4)
        self.losses = [nn.MSELoss(), nn.Sequential(nn.ReLU())]
        self.known, self.numbers = (self.norm,), [1, 2]
        self._hidden = [nn.Linear(4, 4)]
        self.blocks = nn.ModuleList(Kept() for _ in range(blocks))


def test_modules_in_plain_lists_and_dicts_are_said_to_be_unseen() -> None:
    explanation = explain(Kept())
    assert explanation.tree.unregistered == (("", "layers", 3), ("", "heads", 1))
    assert "layers and heads hold 4 modules in a plain list or dict" in explanation.summary
    assert explanation.facts.get("num_parameters").value == 8
    assert explanation.facts.get("unregistered_modules").value == 4


def test_unseen_modules_of_alike_blocks_are_told_by_their_row() -> None:
    assert read(Kept(3)).unregistered == (("blocks.[0-2]", "layers", 9), ("blocks.[0-2]", "heads", 3), ("", "layers", 3), ("", "heads", 1))


def test_modules_that_are_registered_too_are_not_said_to_be_unseen() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    model.order = [model[1], model[0]]  # type: ignore[assignment]
    assert read(model).unregistered == ()


def test_each_unseen_module_counts_once_however_many_there_are_and_wherever_they_are_kept() -> None:
    model = nn.Module()
    model.layers = [nn.Linear(1, 1) for _ in range(1500)]  # type: ignore[assignment]
    model.again = [*model.layers, model.layers[0]]  # type: ignore[assignment, misc]
    assert read(model).unregistered == (("", "layers", 1500),)


def test_unseen_modules_of_one_of_several_models_are_told_of_that_one() -> None:
    told = [
        s.text for section in explain({"a": Kept(), "b": nn.ReLU()}).story.sections for s in section.statements if "plain list" in s.text
    ]
    assert told == [explain(Kept()).facts.get("unregistered_modules").text]

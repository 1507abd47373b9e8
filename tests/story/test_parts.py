"""What is said of each node for a panel of details: settings with its own values, and what is known of its class, told once."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archmagic import explain
from archmagic.story.about import library_words
from archmagic.tree import Node, walk


class Gated(nn.Module):
    """Multiplies the input by a `sigmoid` gate, see [GLU](https://example.org) and :class:`torch.nn.GLU`.

    A second paragraph, which is left out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(4, 4)


def test_a_part_explains_its_settings_with_its_own_values() -> None:
    part = explain("Conv2d(3, 8, kernel_size=(3, 3), stride=(2, 2))").story.parts[""]
    settings = dict(part.settings)
    assert "3 channels" in settings["in_channels"]
    assert "3 × 3" in settings["kernel_size"]
    assert "padding" not in settings, "what the print leaves out is not explained"


def test_what_is_known_of_a_class_is_told_once_for_all_its_nodes() -> None:
    story = explain(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3))).story
    assert story.parts["0"].about == story.parts["2"].about
    about = story.about[story.parts["0"].about]
    assert about.why
    assert about.pitfalls
    assert about.library == "", "torch's own layers are told by the catalog"


def test_a_docstring_is_offered_as_plain_text_in_the_words_of_its_library() -> None:
    with torch.device("meta"):
        story = explain(Gated()).story
    about = story.about[story.parts[""].about]
    assert about.library == "Multiplies the input by a sigmoid gate, see GLU and torch.nn.GLU."


def test_a_docstring_that_only_repeats_the_signature_is_left_out() -> None:
    assert library_words(Node("Pair", doc="Pair(left: int, right: int)")) == ""


def test_a_badge_stands_once() -> None:
    class Lazy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.LazyLinear(4)

    for part in explain(Lazy()).story.parts.values():
        assert len(set(part.badges)) == len(part.badges)


@pytest.mark.parametrize(
    "model",
    [
        nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 5), nn.Dropout())),
        {"first": nn.Sequential(nn.Linear(3, 4), nn.ReLU()), "second": nn.Linear(3, 4)},
        "Net(\n  (a): Linear(in_features=3, out_features=4, bias=True)\n  (b): Strange()\n)",
        "first: Net(\n  (a): Linear(in_features=3, out_features=4, bias=True)\n)\n\nStrange(\n  (b): Stranger()\n)",
    ],
)
def test_sizes_of_every_row_are_told_without_its_part(model: object) -> None:
    explanation = explain(model)
    parts = explanation.story.parts
    paths = [visit.path for visit in walk(explanation.tree.root)]
    sizes = {path: (parts.own(path), parts.whole(path)) for path in paths}
    assert list(parts) == paths
    assert {path: (part.num_own_parameters, part.num_parameters) for path, part in parts.items()} == sizes


def test_weights_that_models_share_are_counted_once() -> None:
    first = nn.Sequential(nn.Linear(3, 4))
    parts = explain({"one": first, "two": nn.Sequential(first[0], nn.Linear(4, 2))}).story.parts
    assert (parts.own("two.0"), parts.whole("two"), parts.whole("")) == (0, 26, 26)


def test_a_path_that_leads_nowhere_has_no_part() -> None:
    parts = explain(nn.Sequential(nn.ReLU())).story.parts
    assert "1" not in parts
    assert parts.get("1") is None
    assert (parts.own("1"), parts.whole("1")) == (None, None)


def test_a_part_is_made_once() -> None:
    parts = explain(nn.Sequential(nn.ReLU())).story.parts
    assert parts["0"] is parts["0"]

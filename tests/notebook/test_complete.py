"""Completion after the magics."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter

from .conftest import Cells


def completions(cells: Cells, text: str, body: str = "") -> list[str]:
    """What a front end offers with the cursor at the end of the text, and a cell's body after it."""
    with provisionalcompleter():
        return [found.text for found in cells.shell.Completer.completions(text + body, len(text))]


@pytest.fixture
def named(loaded: Cells) -> Cells:
    loaded.shell.Completer.use_jedi = False  # which adds every name there is
    loaded.run("model = nn.Linear(3, 2)\nmodelling = 'no module'\nencoder = nn.ReLU()")
    return loaded


@pytest.mark.parametrize("magic", ["%explain_arch", "%%explain_arch", "explain_arch"])
def test_options_are_offered(named: Cells, magic: str) -> None:
    options = "--code --depth --help --inputs --level --memory --print --save --text --trace --var"
    assert sorted(completions(named, f"{magic} --")) == options.split()


def test_levels_are_offered(named: Cells) -> None:
    assert completions(named, "%explain_arch --level ") == ["beginner", "practitioner", "expert"]
    assert completions(named, "%explain_arch model --level ex") == ["expert"]


def test_what_options_take_is_offered(named: Cells) -> None:
    assert completions(named, "%explain_arch model --trace ") == ["fake", "real"]
    assert completions(named, "%%explain_arch --trace r") == ["real"]
    assert completions(named, "%explain_arch model --inputs ") == ["auto"]
    assert "24GB" in completions(named, "%explain_arch model --memory ")


def test_variables_are_offered_still(named: Cells) -> None:
    assert set(completions(named, "%explain_arch mod")) == {"model", "modelling"}
    assert "model" in completions(named, "%explain_arch --var mod")


def test_modules_are_offered_before_anything_is_typed(named: Cells) -> None:
    offered = completions(named, "%explain_arch ")
    assert {"encoder", "model", "--depth"} <= set(offered)
    assert "modelling" not in offered


def test_of_the_package_only_what_is_public_is_offered(named: Cells) -> None:
    named.run("import archmagic")
    offered = {text.removeprefix(".") for text in completions(named, "archmagic.")}
    assert {"explain", "describe", "options", "ArchmagicError"} <= offered
    assert not offered & {"Any", "TYPE_CHECKING", "annotations", "notebook", "load_ipython_extension"}


def test_attributes_are_offered_still(named: Cells) -> None:
    named.shell.Completer.use_jedi = True
    assert completions(named, "%explain_arch model.in_f") == completions(named, "%timeit model.in_f") == ["in_features"]


def test_options_are_offered_above_the_body_of_a_cell(named: Cells) -> None:
    assert set(completions(named, "%%explain_arch --d", "\nnn.Linear(3, 2)")) == {"--depth"}

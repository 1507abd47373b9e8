"""%config Archmagic."""

from __future__ import annotations

import pytest
from traitlets.config import Config

from archmagic.options import options

from .conftest import Cells


def test_the_options_are_listed_with_their_values(loaded: Cells) -> None:
    options.depth = 3
    shown = loaded.run("%config Archmagic").printed
    for name in options.__dataclass_fields__:
        assert f"Archmagic.{name}=" in shown
    assert "Current: 3" in shown


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [("hook = False", "hook", False), ("level = 'expert'", "level", "expert"), ("depth = 2", "depth", 2), ("height = 300", "height", 300)],
)
def test_setting_one_sets_the_option(loaded: Cells, setting: str, name: str, value: object) -> None:
    loaded.run(f"%config Archmagic.{setting}")
    assert getattr(options, name) == value
    assert loaded.run(f"%config Archmagic.{name}").value == value


def test_the_option_set_in_python_is_the_one_shown(loaded: Cells) -> None:
    options.level = "beginner"
    assert loaded.run("%config Archmagic.level").value == "beginner"


def test_a_wrong_value_is_refused_and_does_not_keep_the_extension_from_reloading(loaded: Cells, caplog) -> None:
    loaded.run("%config Archmagic.depth = 'deep'")
    assert "depth takes" in caplog.text
    assert options.depth is None
    loaded.run("%reload_ext archmagic")
    assert "text/html" in loaded.run("nn.ReLU()").bundles[-1]


def test_the_users_configuration_file_is_heard(cells: Cells) -> None:
    cells.shell.config.merge(Config({"Archmagic": {"level": "expert", "hook": False}}))
    cells.run("%load_ext archmagic")
    assert (options.level, options.hook) == ("expert", False)


def test_reloading_keeps_what_was_set_since(loaded: Cells) -> None:
    loaded.run("%config Archmagic.level = 'expert'")
    options.level = "beginner"
    loaded.run("%reload_ext archmagic")
    assert options.level == "beginner"
    loaded.run("%config Archmagic.level = 'expert'")
    assert options.level == "expert"


def test_a_wrong_configuration_file_is_told_and_costs_nothing_else(cells: Cells) -> None:
    cells.shell.config.merge(Config({"Archmagic": {"depth": "deep"}}))
    assert "depth takes" in cells.run("%load_ext archmagic").printed
    assert "explain" in cells.names

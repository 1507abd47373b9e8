"""Displaying any nn.Module."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from torch import nn

from archmagic.options import options

from .conftest import Cells


def test_a_displayed_module_shows_print_and_tree(loaded: Cells) -> None:
    shown = loaded.run("nn.Sequential(nn.Linear(3, 2), nn.ReLU())")
    assert shown.html.index("Print") < shown.html.index("Modules and parameters") < shown.html.index("<details><summary>Explanation")
    assert "(0): Linear(in_features=3, out_features=2, bias=True)" in shown.html


def test_its_plain_text_is_its_repr_to_the_letter(loaded: Cells) -> None:
    loaded.run("model = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 3)")
    assert loaded.run("model").bundles[-1]["text/plain"] == repr(loaded.names["model"])


def test_line_ends_that_pretty_printing_would_change_stay(loaded: Cells) -> None:
    loaded.run("class Odd(nn.Module):\n    def __repr__(self): return 'Odd(\\x0b\\r\\n)\\n'")
    assert loaded.run("Odd()").bundles[-1]["text/plain"] == "Odd(\x0b\r\n)\n"


def test_a_module_without_children_shows_its_print_and_one_row(loaded: Cells) -> None:
    page = loaded.run("nn.Linear(3, 2)").html.split("<script")[0]
    assert "Linear(in_features=3, out_features=2, bias=True)" in page
    assert page.count("8 parameters") == 1  # the row; an explanation would say it again
    assert "Explanation" not in page


@pytest.mark.parametrize("method", ["_repr_html_", "_repr_svg_", "_repr_markdown_"])
def test_a_class_with_a_display_of_its_own_is_left_alone(loaded: Cells, method: str) -> None:
    loaded.run(f"class Own(nn.Linear):\n    def {method}(self): return 'its own'")
    bundle = loaded.run("Own(3, 2)").bundles[-1]
    assert "its own" in bundle.values()
    assert not any("<details" in str(value) or "archmagic" in str(value) for value in bundle.values())


def test_a_class_with_its_own_mimebundle_is_left_alone(loaded: Cells) -> None:
    loaded.run("class Own(nn.Linear):\n    def _repr_mimebundle_(self, **kwargs): return {'text/html': 'its own'}, {'a': 1}")
    assert loaded.run("Own(3, 2)").bundles[-1]["text/html"] == "its own"


def test_a_class_that_displays_itself_is_left_alone(loaded: Cells) -> None:
    loaded.run("class Own(nn.Linear):\n    def _ipython_display_(self): print('its own')")
    shown = loaded.run("Own(3, 2)")
    assert (shown.printed, shown.bundles) == ("its own\n", [])


def test_a_class_that_pretty_prints_keeps_its_plain_text(loaded: Cells) -> None:
    loaded.run("class Own(nn.Linear):\n    def _repr_pretty_(self, printer, cycle): printer.text('its own')")
    bundle = loaded.run("Own(3, 2)").bundles[-1]
    assert bundle["text/plain"] == "its own"
    assert "Own" in bundle["text/html"]


def test_a_class_itself_is_not_a_module(loaded: Cells) -> None:
    assert "text/html" not in loaded.run("nn.Linear").bundles[-1]


def test_an_option_turns_it_off_and_on_at_once(loaded: Cells) -> None:
    options.hook = False
    assert loaded.run("nn.Linear(3, 2)").bundles[-1] == {"text/plain": "Linear(in_features=3, out_features=2, bias=True)"}
    options.hook = True
    assert "text/html" in loaded.run("nn.Linear(3, 2)").bundles[-1]


def test_in_a_terminal_it_changes_nothing(loaded: Cells) -> None:
    loaded.shell.display_formatter.active_types = ["text/plain"]  # what TerminalInteractiveShell sets
    assert loaded.run("nn.Linear(3, 2)").bundles[-1] == {"text/plain": "Linear(in_features=3, out_features=2, bias=True)"}


def test_a_failure_of_ours_costs_a_warning_and_not_the_repr(loaded: Cells, monkeypatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ValueError("our mistake")

    monkeypatch.setattr("archmagic.explanation.explain", broken)
    with pytest.warns(UserWarning, match="ValueError: our mistake"):
        shown = loaded.run("nn.Linear(3, 2)")
    assert shown.bundles[-1] == {"text/plain": "Linear(in_features=3, out_features=2, bias=True)"}


@pytest.mark.slow
def test_where_the_repr_fails_ours_stands_in(loaded: Cells) -> None:
    loaded.run("deep = nn.Sequential()\nfor _ in range(3000): deep = nn.Sequential(deep)")
    with pytest.raises(RecursionError):
        repr(loaded.names["deep"])
    assert loaded.run("deep").bundles[-1]["text/plain"].startswith("Sequential(\n  (0): Sequential(")


def test_a_module_registered_before_torch_was_imported_is_found(cells: Cells) -> None:
    # The hook is registered by name; a subclass of a subclass must still find it.
    cells.run("%load_ext archmagic")
    cells.run("import torch\nclass A(torch.nn.Linear): pass\nclass B(A): pass")
    assert "text/html" in cells.run("B(3, 2)").bundles[-1]


def test_displaying_changes_nothing_in_the_model(loaded: Cells) -> None:
    loaded.run("model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).train()")
    model = loaded.names["model"]
    before = {k: v.clone() for k, v in model.state_dict().items()}
    attributes = [dict(vars(m)) for m in model.modules()]
    seed = torch.get_rng_state()
    loaded.run("model")
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())
    assert [dict(vars(m)) for m in model.modules()] == attributes
    assert torch.equal(torch.get_rng_state(), seed)


def test_displaying_and_explaining_keep_no_model_alive(loaded: Cells) -> None:
    loaded.names["model"] = nn.Sequential(nn.Linear(3, 2))
    alive = weakref.ref(loaded.names["model"])
    loaded.run("from IPython.display import display\ndisplay(model)")  # display, for Out keeps what it shows
    loaded.run("e = explain(model)\ndisplay(e)")
    loaded.run("del model")
    gc.collect()
    assert alive() is None


def test_a_model_cannot_inject_html(loaded: Cells) -> None:
    loaded.run("class Bad(nn.Linear):\n    def extra_repr(self): return '<img src=x onerror=alert(1)></pre><script>alert(2)</script>'")
    shown = loaded.run("nn.Sequential(Bad(3, 2), nn.ReLU())").html
    assert "<img src=x" not in shown
    assert "<script>alert(2)" not in shown

"""The link between shown explanations and Python. The page's side is played by the widget's state, as its comm would set it."""

from __future__ import annotations

import gc
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets
import pytest

import archmagic
from archmagic.notebook import link
from archmagic.notebook.link import LINK, ColabLink, WidgetLink
from archmagic.render.document import identity

from .conftest import Cells

PRINT = "Sequential(\n  (0): Linear(in_features=3, out_features=2, bias=True)\n  (1): ReLU()\n  (2): ReLU()\n)"


def widgets() -> int:
    return len(ipywidgets.widgets.widget._instances)


@pytest.fixture
def kernel(cells: Cells) -> Cells:
    """A shell that is a kernel's."""
    cells.run("%load_ext archmagic")
    cells.shell.kernel = object()  # type: ignore[attr-defined]
    return cells


def page_picks(cells: Cells, explanation: archmagic.Explanation, path: str | None) -> None:
    """What the front end sends when a reader picks a row."""
    widget = getattr(cells.shell, LINK).widget
    widget.set_state({"selected": {**widget.selected, identity(explanation): path}})


def page_shows(cells: Cells, explanation: archmagic.Explanation) -> str | None:
    return getattr(cells.shell, LINK).widget.selected.get(identity(explanation))


def test_nothing_is_opened_before_a_live_explanation_is_shown(kernel: Cells) -> None:
    before = widgets()
    kernel.run(f"e = explain({PRINT!r})\nprint(e)")
    kernel.run(f"explain({PRINT!r}, live=False)")
    kernel.run("import torch\ntorch.nn.Linear(3, 2)")
    assert getattr(kernel.shell, LINK, None) is None
    assert widgets() == before


def test_without_a_kernel_a_document_is_not_linked(cells: Cells) -> None:
    cells.run("%load_ext archmagic")
    assert '"id":""' in cells.run(f"explain({PRINT!r})").html
    assert getattr(cells.shell, LINK, None) is None


def test_all_explanations_share_one_link(kernel: Cells) -> None:
    first = kernel.run(f"explain({PRINT!r})")
    opened = widgets()
    second = kernel.run("explain('ReLU()')")
    assert widgets() == opened
    for shown in (first, second):
        assert f'"id":"{identity(shown.value)}"' in shown.html


def test_a_picked_row_is_selected_in_python(kernel: Cells) -> None:
    e = kernel.run(f"e = explain({PRINT!r})\ne").value
    page_picks(kernel, e, "0")
    assert e.selected == "0"
    page_picks(kernel, e, None)
    assert e.selected is None


def test_a_selection_in_python_moves_the_page(kernel: Cells) -> None:
    e = kernel.run(f"e = explain({PRINT!r})\ne").value
    kernel.run("e.selected = '2'")
    assert page_shows(kernel, e) == e.selected == "[1-2]"


def test_a_selection_made_before_is_shown(kernel: Cells) -> None:
    e = kernel.run(f"e = explain({PRINT!r})\ne.selected = '0'\ne").value
    assert page_shows(kernel, e) == "0"


def test_other_explanations_are_not_touched(kernel: Cells) -> None:
    a = kernel.run(f"a = explain({PRINT!r})\na").value
    b = kernel.run("b = explain('Sequential(\\n  (0): ReLU()\\n)')\nb").value
    page_picks(kernel, a, "0")
    assert b.selected is None


def test_explanations_of_the_same_content_share_the_selection(kernel: Cells) -> None:
    a = kernel.run(f"a = explain({PRINT!r})\na").value
    b = kernel.run(f"b = explain({PRINT!r})\nb").value
    a.selected = "0"
    assert b.selected == "0"
    page_picks(kernel, a, "[1-2]")
    assert a.selected == b.selected == "[1-2]"


def test_a_cell_run_again_starts_without_a_selection(kernel: Cells) -> None:
    first = kernel.run(f"explain({PRINT!r})").value
    page_picks(kernel, first, "0")
    again = kernel.run(f"explain({PRINT!r})").value
    assert again.selected is None
    assert page_shows(kernel, again) is None


def test_a_path_of_another_model_from_the_page_is_ignored(kernel: Cells) -> None:
    e = kernel.run(f"e = explain({PRINT!r})\ne").value
    page_picks(kernel, e, "no.such.module")
    assert e.selected is None


def test_the_link_keeps_no_explanation_alive(kernel: Cells) -> None:
    kernel.run(f"from IPython.display import display\ne = explain({PRINT!r})\ndisplay(e)")
    alive = weakref.ref(kernel.names["e"])
    kernel.run("del e")
    gc.collect()
    assert alive() is None


def test_after_all_widgets_are_closed_the_next_display_links_anew(kernel: Cells) -> None:
    kernel.run(f"explain({PRINT!r})")
    ipywidgets.Widget.close_all()
    e = kernel.run(f"explain({PRINT!r})").value
    page_picks(kernel, e, "0")
    assert e.selected == "0"


def test_unloading_closes_the_link(kernel: Cells) -> None:
    kernel.run(f"e = explain({PRINT!r})\ne")
    opened: WidgetLink = getattr(kernel.shell, LINK)
    kernel.run("%unload_ext archmagic")
    assert not opened.open
    kernel.names["e"].selected = "0"  # no error


def test_where_no_widget_can_be_made_the_document_is_whole_and_unlinked(kernel: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_link_widget", lambda: 1 / 0)
    assert '"id":""' in kernel.run(f"explain({PRINT!r})").html


def test_the_options_turn_it_off(kernel: Cells) -> None:
    kernel.run("import archmagic\narchmagic.options.live = False")
    assert '"id":""' in kernel.run(f"explain({PRINT!r})").html


def test_in_colab_a_function_is_registered_and_no_widget_made(kernel: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    callbacks: dict[str, Callable[..., Any]] = {}
    output = types.SimpleNamespace(register_callback=callbacks.__setitem__)
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    before = widgets()
    e = kernel.run(f"e = explain({PRINT!r})\ne").value
    assert widgets() == before
    assert isinstance(getattr(kernel.shell, LINK), ColabLink)
    callbacks["archmagic.select"](identity(e), "0")
    assert e.selected == "0"

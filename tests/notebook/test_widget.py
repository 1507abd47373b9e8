"""explanation.widget, the displayed anywidget."""

from __future__ import annotations

import gc
import gzip
import sys
import types
import weakref
from base64 import b64decode
from pathlib import Path

import pytest

import archmagic

from .conftest import Cells

PRINT = "Sequential(\n  (0): Linear(in_features=3, out_features=2, bias=True)\n  (1): ReLU()\n  (2): ReLU()\n)"
VIEW = "application/vnd.jupyter.widget-view+json"


def test_it_is_made_on_first_use_and_is_one() -> None:
    e = archmagic.explain(PRINT)
    assert "widget" not in vars(e)
    assert e.widget is e.widget


def test_it_carries_the_view_as_text_and_the_whole_explanation(root: Path) -> None:
    widget = archmagic.explain(PRINT).widget
    assert widget._esm == (root / "archmagic" / "static" / "widget.js").read_text("utf-8")
    assert b"Sequential" in gzip.decompress(b64decode(widget.payload))
    assert widget.height == archmagic.options.height


def test_the_selection_is_the_explanations() -> None:
    e = archmagic.explain(PRINT)
    e.selected = "0"
    assert e.widget.selected == "0"
    e.widget.selected = "2"
    assert e.selected == e.widget.selected == "[1-2]"
    e.selected = None
    assert e.widget.selected is None


def test_a_row_picked_in_the_view_is_selected_in_python() -> None:
    e = archmagic.explain(PRINT)
    e.widget.set_state({"selected": "0"})
    assert e.selected == "0"


def test_an_unknown_path_is_refused() -> None:
    e = archmagic.explain(PRINT)
    with pytest.raises(archmagic.UnknownPathError):
        e.widget.selected = "nowhere"
    assert e.widget.selected is e.selected is None


def test_it_does_not_keep_the_explanation_alive_and_works_without_it() -> None:
    e = archmagic.explain(PRINT)
    widget, alive = e.widget, weakref.ref(e)
    del e
    gc.collect()
    assert alive() is None
    widget.selected = "0"
    assert widget.selected == "0"


def test_closed_it_makes_way_for_a_new_one() -> None:
    e = archmagic.explain(PRINT)
    old = e.widget
    old.close()
    assert e.widget is not old
    e.selected = "0"
    assert e.widget.selected == "0"


def test_shown_it_is_a_widget_view(cells: Cells) -> None:
    cells.run(f"import archmagic\nwidget = archmagic.explain({PRINT!r}).widget")
    assert VIEW in cells.run("widget").bundles[-1]


def test_in_colab_it_carries_the_metadata_of_the_widget_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://ssl.gstatic.com/colaboratory-static/widgets/colab-cdn-widget-manager/manager.min.js"
    output = types.SimpleNamespace(enable_custom_widget_manager=lambda: None, _widgets=types.SimpleNamespace(_installed_url=url))
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    data, metadata = archmagic.explain(PRINT).widget._repr_mimebundle_()
    assert VIEW in data
    assert metadata == {VIEW: {"colab": {"custom_widget_manager": {"url": url}}}}

"""marimo: an explanation is shown as its widget, whose selection is Python's; marimo shows modules by a tree of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ..tools.lab import free_port, serving
from .samples import no_error_text

NOTEBOOK = """
import marimo

app = marimo.App()


@app.cell
def _():
    import archmagic
    import marimo as mo
    from torch import nn

    e = archmagic.explain(nn.Sequential(nn.Embedding(50, 8), nn.ReLU(), nn.Linear(8, 3)))
    return e, mo


@app.cell
def _(e):
    e
    return


@app.cell
def _(e, mo):
    reactive = mo.ui.anywidget(e.widget)
    reactive
    return (reactive,)


@app.cell
def _(e, mo, reactive):
    mo.md(f"selected: {reactive.value['selected']} and {e.selected}")
    return
"""


@pytest.fixture(scope="module")
def address(platforms_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The notebook as an app."""
    home = tmp_path_factory.mktemp("marimo")
    (home / "notebook.py").write_text(NOTEBOOK)
    port = free_port()
    command = [platforms_python, "-m", "marimo", "-q", "run", "notebook.py", "--headless", "--no-token", f"--port={port}"]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(home), "XDG_STATE_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    where = os.getcwd()
    os.chdir(home)
    try:
        with serving(command, f"http://127.0.0.1:{port}", "/health", environment, home / "server.log") as address:
            yield address
    finally:
        os.chdir(where)


def shown(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1300, "height": 1600})
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    page.goto(address)
    page.get_by_role("treeitem").first.wait_for()
    return page


def test_an_explanation_is_its_widget_and_a_picked_row_is_a_value_in_python(browser: Browser, address: str) -> None:
    page = shown(browser, address)
    trees = page.get_by_role("tree")
    expect(trees).to_have_count(2)
    trees.nth(1).get_by_role("treeitem").filter(has_text="Embedding").click()
    expect(page.get_by_text("selected: 0 and 0")).to_be_visible()
    expect(trees.nth(0).get_by_role("treeitem").filter(has_text="Embedding")).to_have_attribute("aria-selected", "true")
    no_error_text(page.locator("body"))
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_view_has_marimos_theme(browser: Browser, address: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(60_000)
    page.goto(address)
    page.get_by_role("treeitem").first.wait_for()
    is_dark = page.locator("body").evaluate("body => body.classList.contains('dark')")
    expect(page.locator(".wrap").first).to_have_class("wrap dark" if is_dark else "wrap")
    page.close()

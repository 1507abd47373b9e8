"""Notebook 7, and the classic Notebook with Colab's versions: live, saved and reopened without a kernel, trusted and not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, expect

from ..tools.lab import jupyter
from ..tools.pages import Classic, Notebook7, distrust, no_kernels, row
from .samples import CELLS, no_error_output, no_error_text


@dataclass
class Place:
    """A front end, a folder with the notebook in it and the settings it is served with."""

    application: str
    python: str
    page: Any
    folder: Path
    home: Path

    def serve(self) -> Any:
        return jupyter(self.application, self.folder, self.home, python=self.python)

    @property
    def file(self) -> Path:
        return self.folder / self.page.name


@pytest.fixture(params=["notebook 7", "nbclassic with Colab's versions"])
def place(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Place]:
    tab = browser.new_page(viewport={"width": 1300, "height": 1000})
    is_new = request.param == "notebook 7"
    python = request.getfixturevalue("platforms_python" if is_new else "colab_python")
    page = Notebook7(tab, CELLS) if is_new else Classic(tab, CELLS)
    folder, home = tmp_path / "notebooks", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    page.write(folder)
    yield Place("notebook" if is_new else "nbclassic", python, page, folder, home)
    tab.close()


def test_live_saved_reopened_trusted_and_untrusted(place: Place) -> None:
    with place.serve() as address:
        place.page.connect(address, "live")
        live_it_explains_and_is_linked(place.page)
        widgets_compose(place.page)
        place.page.run("set")
        clear_the_widgets(place.page)
        place.page.save()
    the_file_is_plain(place.file)
    no_kernels(place.home)
    with place.serve() as address:
        place.page.open(address, "trusted")
        place.page.without_kernel()
        trusted_it_is_the_whole_view(place.page)
    distrust(place.file)
    with place.serve() as address:
        place.page.open(address, "untrusted")
        place.page.without_kernel()
        untrusted_it_is_the_static_page(place.page)
    assert place.page.our_errors == []


def live_it_explains_and_is_linked(page: Any) -> None:
    page.run("load")
    page.run("build")
    output = page.run("live")
    expect(row(output, "Embedding")).to_be_visible()
    row(output, "Linear").hover()
    expect(output.get_by_role("tooltip")).to_contain_text("3 × 8 + 3 = 27")
    page.page.keyboard.press("Escape")
    row(output, "Embedding").click()
    expect(page.run("read")).to_contain_text("selected: 0")
    page.run("set")
    expect(row(output, "Linear")).to_have_attribute("aria-selected", "true")
    expect(row(page.run("hook"), "Embedding")).to_be_visible()
    expect(row(page.run("paste"), "ReLU")).to_be_visible()
    no_error_text(page.page.locator("body"))
    no_error_outputs(page)


def no_error_outputs(page: Any) -> None:
    """Nothing on stderr, and no error, in the cells that show; importing torch may warn."""
    for name in ("load", "live", "hook", "paste"):
        no_error_output(page.cell(name))


def widgets_compose(page: Any) -> None:
    """Two in an HBox, one of them linked to a label and observed."""
    output = page.run("widgets")
    expect(output.get_by_role("tree")).to_have_count(2)
    boxes = [frame.bounding_box() for frame in output.locator(".frame").all()]
    assert min(box["width"] for box in boxes if box) > 300
    row(output, "Embedding").click()
    expect(output.locator(".widget-label, .jupyter-widget-label").first).to_have_text("0")
    expect(page.run("seen")).to_contain_text("seen: ['0']")
    no_error_text(output)


def clear_the_widgets(page: Any) -> None:
    """A widget that is saved is an error box in any notebook, which is why it is not what is shown by default."""
    if isinstance(page, Classic):
        page.page.evaluate(f"Jupyter.notebook.get_cell({list(CELLS).index('widgets')}).clear_output()")
        return
    page.select("widgets")
    page.page.get_by_role("menuitem", name="Edit", exact=True).click()
    page.page.get_by_role("menuitem", name="Clear Cell Output", exact=True).click()
    expect(page.output("widgets").get_by_role("tree")).to_have_count(0)


def the_file_is_plain(file: Path) -> None:
    notebook = json.loads(file.read_text("utf-8"))
    nbformat.validate(nbformat.from_dict(notebook))
    kinds = {kind for cell in notebook["cells"] for output in cell["outputs"] for kind in output.get("data", {})}
    assert kinds == {"text/html", "text/plain"}


def trusted_it_is_the_whole_view(page: Any) -> None:
    for name in ("live", "hook", "paste"):
        output: Locator = page.output(name)
        output.scroll_into_view_if_needed()
        row(output, "Linear").hover()
        expect(output.get_by_role("tooltip")).to_be_visible()
        page.page.keyboard.press("Escape")
    expect(row(page.output("live"), "Linear")).to_be_visible()
    no_error_text(page.page.locator("body"))
    no_error_outputs(page)


def untrusted_it_is_the_static_page(page: Any) -> None:
    output = page.output("live")
    expect(output.locator("details").first).to_be_visible()
    expect(output).to_contain_text("(2): Linear(in_features=8, out_features=3, bias=True)")
    expect(output).to_contain_text("27 parameters")
    expect(page.page.get_by_role("tree")).to_have_count(0)
    no_error_text(page.page.locator("body"))

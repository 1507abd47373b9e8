"""Colab's versions on Colab's own Python, 3.13, with what needs no torch: prints that people paste, in the classic Notebook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import archmagic

from ..notebook.kernels import Kernel, running
from ..tools.lab import jupyter
from ..tools.pages import Classic, row
from .samples import no_error_output, no_error_text

PRINT = "Sequential(\n  (0): Embedding(50, 8)\n  (1): Linear(in_features=8, out_features=3, bias=True)\n)"
CELLS = {
    "load": "%load_ext archmagic",
    "paste": f"%%explain_arch\n{PRINT}",
    "live": f"e = explain({PRINT!r})\ne",
    "read": 'print("selected:", e.selected)',
    "set": 'e.selected = "1"',
    "widget": "e.widget",
}


@pytest.fixture(scope="module")
def kernel(colab_own_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running(colab_own_python, tmp_path_factory.mktemp("ipython")) as kernel:
        kernel.run("import sys\n%load_ext archmagic")
        yield kernel


def test_it_is_that_python_and_has_no_torch(kernel: Kernel) -> None:
    assert kernel.value("sys.version_info[:2]") == "(3, 13)"
    assert kernel.try_("import torch").error.startswith("ModuleNotFoundError")


def test_a_real_print_is_explained_as_it_is_elsewhere(kernel: Kernel, root: Path) -> None:
    text = (root / "tests" / "printed" / "gpt2-seed.txt").read_text("utf-8")
    reply = kernel.run(f"e = explain({text!r})\ne")
    here = archmagic.explain(text)
    assert "archmagic" in reply.html
    assert kernel.value(f"e.to_text() == {here.to_text()!r}") == "True"
    assert kernel.value(f"e.to_markdown() == {here.to_markdown()!r}") == "True"


def test_what_follows_data_says_that_a_print_has_none(kernel: Kernel) -> None:
    assert "ArchmagicError" in kernel.try_(f"explain({PRINT!r}, inputs='auto')").error


def test_the_view_is_live_and_linked(browser: Browser, colab_own_python: str, tmp_path: Path) -> None:
    tab = browser.new_page(viewport={"width": 1300, "height": 1000})
    page = Classic(tab, CELLS)
    folder, home = tmp_path / "notebooks", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    page.write(folder)
    with jupyter("nbclassic", folder, home, python=colab_own_python) as address:
        page.connect(address, "live")
        page.run("load")
        expect(row(page.run("paste"), "Embedding")).to_be_visible()
        output = page.run("live")
        row(output, "Embedding").click()
        expect(page.run("read")).to_contain_text("selected: 0")
        page.run("set")
        expect(row(output, "Linear")).to_have_attribute("aria-selected", "true")
        expect(row(page.run("widget"), "Embedding")).to_be_visible()
        no_error_text(page.page.locator("body"))
        for name in ("load", "paste", "live"):
            no_error_output(page.cell(name))
    assert page.our_errors == []
    tab.close()

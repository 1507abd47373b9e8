"""Notebooks as people open them: JupyterLab and Notebook 7, which share their page, and the classic Notebook. Cells are called by name."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, Page, expect

WAIT = 60_000
RAN = re.compile(r"\[\d+\]:")


class Notebook:
    """A notebook open in a front end: what all of them have."""

    name = "x.ipynb"
    output_area = ""
    cell_box = ""

    def __init__(self, page: Page, cells: dict[str, str]) -> None:
        self.page = page
        self.sources = cells
        page.set_default_timeout(WAIT)
        expect.set_options(timeout=WAIT)
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{getattr(error, 'stack', '')}"))

    def write(self, folder: Path) -> Path:
        """The notebook as a file in the folder, none of its cells run."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in self.sources.values()])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / self.name)
        return folder / self.name

    @property
    def cells(self) -> Locator:
        return self.page.locator(self.cell_box)

    def cell(self, name: str) -> Locator:
        return self.cells.nth(list(self.sources).index(name))

    def output(self, name: str) -> Locator:
        return self.cell(name).locator(self.output_area)

    @property
    def our_errors(self) -> list[str]:
        """Errors of scripts, but those of the front end's own files."""
        return [error for error in self.errors if "archmagic" in error or not re.search(r"https?://", error)]

    def select(self, name: str) -> None:
        raise NotImplementedError

    def run(self, name: str) -> Locator:
        raise NotImplementedError

    def save(self) -> None:
        """Saves, and waits until it is in the file."""
        with self.page.expect_response(lambda response: f"/api/contents/{self.name}" in response.url and response.request.method == "PUT"):
            self.page.keyboard.press("Control+s")


class Lab(Notebook):
    """JupyterLab; and Notebook 7, whose address is another."""

    cell_box = ".jp-Notebook .jp-Cell"
    output_area = ".jp-OutputArea"
    address = "{server}/lab/workspaces/{workspace}/tree/x.ipynb"

    def open(self, server: str, workspace: str) -> None:
        self.page.goto(self.address.format(server=server, workspace=workspace))
        self.cells.nth(len(self.sources) - 1).wait_for(state="attached")

    def connect(self, server: str, workspace: str) -> None:
        """Opens it and waits for its kernel."""
        self.open(server, workspace)
        self.wait_idle()

    def wait_idle(self) -> None:
        self.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()

    def run(self, name: str) -> Locator:
        """Runs a cell; gives its output once the kernel is done with it."""
        prompt = self.cell(name).locator(".jp-InputArea-prompt")
        before = prompt.inner_text()
        for wait in (WAIT / 4, WAIT):  # a JupyterLab that is still loading may drop the keys
            self.select(name)
            self.page.keyboard.press("Control+Enter")
            with contextlib.suppress(AssertionError):
                expect(prompt).not_to_have_text(before, timeout=wait)
                break
        expect(prompt).to_have_text(RAN)
        return self.output(name)

    def select(self, name: str) -> None:
        self.cell(name).locator(".jp-InputArea-prompt").click()

    def without_kernel(self) -> None:
        """Answers the question which kernel to start, where none is to be had."""
        self.page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click()


class Notebook7(Lab):
    address = "{server}/notebooks/x.ipynb"


class Classic(Notebook):
    """The classic Notebook (nbclassic)."""

    cell_box = ".cell"
    output_area = ".output_wrapper"

    def open(self, server: str, workspace: str) -> None:
        self.page.goto(f"{server}/notebooks/{self.name}")
        self.cells.nth(len(self.sources) - 1).wait_for(state="attached")

    def connect(self, server: str, workspace: str) -> None:
        self.open(server, workspace)
        self.page.wait_for_function("window.Jupyter?.notebook?.kernel?.is_connected()")

    def run(self, name: str) -> Locator:
        before = self.cell(name).locator(".input_prompt").inner_text()
        self.page.evaluate("(at) => Jupyter.notebook.execute_cells([at])", list(self.sources).index(name))
        expect(self.cell(name).locator(".input_prompt")).not_to_have_text(before)
        expect(self.cell(name).locator(".input_prompt")).to_have_text(RAN)
        return self.output(name)

    def select(self, name: str) -> None:
        self.cell(name).locator(".input_prompt").click()

    def without_kernel(self) -> None:
        """It asks in a dialog that cannot be awaited by its text in all versions; the notebook is beneath."""
        with contextlib.suppress(Exception):
            self.page.locator(".modal.in .btn").first.click(timeout=10_000)


def row(output: Locator, text: str) -> Locator:
    """The first row of the tree that holds the text."""
    return output.get_by_role("treeitem").filter(has_text=text).first


def statement(output: Locator, text: str) -> Locator:
    return output.get_by_role("link").filter(has_text=text).first


def open_row(output: Locator, text: str) -> None:
    """Opens a row by the keyboard."""
    row(output, text).click()
    output.page.keyboard.press("ArrowRight")
    expect(row(output, text)).to_have_attribute("aria-expanded", "true")


def no_kernels(home: Path) -> None:
    """From now on a server with this home has no kernel to start."""
    config = home / "config" / "jupyter_server_config.json"
    config.parent.mkdir(exist_ok=True)
    config.write_text(json.dumps({"KernelSpecManager": {"ensure_native_kernel": False, "allowed_kernelspecs": ["none"]}}))


def distrust(notebook: Path) -> None:
    """Changes the file so that no signature fits it: trust is a signature of the content."""
    content = nbformat.read(notebook, 4)
    content.metadata["touched"] = "by somebody else"
    nbformat.write(content, notebook)

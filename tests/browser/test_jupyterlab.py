"""The main job in a real JupyterLab, with a real kernel: explain, look, pick, save, reopen without a kernel."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ..tools.lab import jupyterlab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PRINT = (Path(__file__).parents[1] / "printed" / "gpt2-seed.txt").read_text("utf-8")

CELLS = {
    "load": "%load_ext archmagic",
    "build": 'import torch\nfrom transformers import GPT2Config, GPT2LMHeadModel\nwith torch.device("meta"):\n'
    "    model = GPT2LMHeadModel(GPT2Config())",
    "live": "e = explain(model)\ne",
    "paste": f"%%explain_arch\n{PRINT}",
    "hook": "model.transformer.h[0].mlp",
    "read": 'print("selected:", e.selected)',
    "set": 'e.selected = "transformer.wpe"',
    "widget": "e.widget",
}

WAIT = 60_000
RAN = re.compile(r"\[\d+\]:")
LINK_WIDGET = "application/vnd.jupyter.widget-view+json"


class Lab:
    """A notebook open in JupyterLab. Its cells are called by name."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(WAIT)
        expect.set_options(timeout=WAIT)
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, address: str, workspace: str) -> None:
        self.page.goto(f"{address}/lab/workspaces/{workspace}/tree/x.ipynb")
        self.cells.nth(len(CELLS) - 1).wait_for(state="attached")

    def connect(self, address: str, workspace: str) -> None:
        """Opens it and waits for its kernel."""
        self.open(address, workspace)
        self.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()

    @property
    def cells(self) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell")

    def cell(self, name: str) -> Locator:
        return self.cells.nth(list(CELLS).index(name))

    def output(self, name: str) -> Locator:
        return self.cell(name).locator(".jp-OutputArea")

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

    def save(self) -> None:
        with self.page.expect_response(lambda response: "/api/contents/x.ipynb" in response.url and response.request.method == "PUT"):
            self.page.keyboard.press("Control+s")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with x.ipynb in it, whose cells have not run."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "x.ipynb")
    return tmp_path


@pytest.fixture
def lab(browser: Browser) -> Iterator[Lab]:
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    yield Lab(page)
    page.close()


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


def test_a_model_is_explained_read_picked_saved_and_reopened_without_a_kernel(lab: Lab, folder: Path, home: Path) -> None:
    with jupyterlab(folder, home) as address:
        lab.connect(address, "explain")
        lab.run("load")
        lab.run("build")
        explain_the_live_model(lab)
        explain_the_paste(lab)
        show_the_compact_form(lab)
        pick_in_the_view_and_read_in_python(lab)
        set_in_python_and_see_the_view_move(lab)
        show_the_widget(lab)
        lab.save()
    saved_is_plain_html(folder / "x.ipynb")
    no_kernels(home)
    with jupyterlab(folder, home) as address:
        lab.open(address, "reopened")
        find_it_whole_without_a_kernel(lab)
    assert lab.errors == []


def explain_the_live_model(lab: Lab) -> None:
    output = lab.run("live")
    expect(row(output, "GPT2LMHeadModel")).to_contain_text("124M")
    expect(row(output, "12 ×")).to_contain_text("GPT2Block")
    open_row(output, "12 ×")
    open_row(output, "GPT2Attention")
    row(output, "c_attn").hover()
    tooltip = output.get_by_role("tooltip")
    expect(tooltip).to_contain_text("query")
    expect(tooltip).to_contain_text("768 × 2,304 + 2,304 = 1,771,776")
    lab.page.keyboard.press("Escape")
    expect(tooltip).not_to_be_visible()
    expect(statement(output, "50,257")).to_be_attached()


def explain_the_paste(lab: Lab) -> None:
    output = lab.run("paste")
    expect(row(output, "12 ×")).to_contain_text("GPT2Block")
    open_row(output, "12 ×")
    expect(row(output, "GPT2MLP")).to_be_visible()
    expect(output).to_contain_text("124,439,808")


def show_the_compact_form(lab: Lab) -> None:
    output = lab.run("hook")
    expect(row(output, "GPT2MLP")).to_be_visible()
    expect(output.get_by_role("button", name="Explanation")).to_have_attribute("aria-expanded", "false")
    box = output.locator(".archmagic").bounding_box()
    assert box is not None
    assert box["height"] <= 330


def pick_in_the_view_and_read_in_python(lab: Lab) -> None:
    row(lab.output("live"), "c_attn").click()
    expect(lab.run("read")).to_contain_text("selected: transformer.h.[0-11].attn.c_attn")


def set_in_python_and_see_the_view_move(lab: Lab) -> None:
    lab.run("set")
    expect(row(lab.output("live"), "wpe")).to_have_attribute("aria-selected", "true")


def show_the_widget(lab: Lab) -> None:
    """The widget shares the selection both ways. A widget saved without its state is an error box in any notebook, which is why it is
    not what is shown by default; so its output is cleared before the notebook is saved."""
    output = lab.run("widget")
    expect(row(output, "wpe")).to_have_attribute("aria-selected", "true")
    row(output, "wte").click()
    expect(row(lab.output("live"), "wte")).to_have_attribute("aria-selected", "true")
    expect(lab.run("read")).to_contain_text("selected: transformer.wte")
    lab.select("widget")
    lab.page.get_by_role("menuitem", name="Edit", exact=True).click()
    lab.page.get_by_role("menuitem", name="Clear Cell Output", exact=True).click()
    expect(lab.output("widget").get_by_role("tree")).to_have_count(0)


def saved_is_plain_html(notebook: Path) -> None:
    saved = json.loads(notebook.read_text("utf-8"))
    assert "widgets" not in saved["metadata"]
    outputs = [output for cell in saved["cells"] for output in cell["outputs"]]
    assert not any(LINK_WIDGET in output.get("data", {}) for output in outputs)
    assert not any(output["output_type"] == "error" for output in outputs)
    shown = ["".join(output["data"]["text/html"]) for output in outputs if "text/html" in output.get("data", {})]
    assert len(shown) == 3
    assert all(len(html) < 100_000 for html in shown)


def find_it_whole_without_a_kernel(lab: Lab) -> None:
    lab.page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click()
    for name in ("live", "paste"):
        output = lab.output(name)
        output.scroll_into_view_if_needed()
        open_row(output, "12 ×")
        row(output, "GPT2MLP").hover()
        expect(output.get_by_role("tooltip")).to_be_visible()
        lab.page.keyboard.press("Escape")
        expect(output).to_contain_text("124,439,808")
    expect(row(lab.output("hook"), "GPT2MLP")).to_be_attached()
    expect(lab.page.locator(".jp-Notebook").get_by_text("Error displaying widget")).to_have_count(0)
    expect(lab.page.locator(".jp-Notebook [data-mime-type*=stderr], .jp-Notebook [data-mime-type*=error]")).to_have_count(0)


def test_after_a_reload_of_the_page_the_documents_are_live_again(lab: Lab, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with jupyterlab(folder, tmp_path_factory.mktemp("home")) as address:
        lab.connect(address, "reload")
        for name in ("load", "build", "live"):
            lab.run(name)
        lab.save()
        lab.page.reload()
        lab.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        output = lab.output("live")
        row(output, "wte").wait_for()
        lab.run("set")
        expect(row(output, "wpe")).to_have_attribute("aria-selected", "true")
        row(output, "wte").click()
        expect(lab.run("read")).to_contain_text("selected: transformer.wte")
    assert lab.errors == []


def test_untrusted_it_is_the_static_page(lab: Lab, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    with jupyterlab(folder, home) as address:
        lab.connect(address, "trusted")
        for name in ("load", "build", "live"):
            lab.run(name)
        lab.save()
    notebook = nbformat.read(folder / "x.ipynb", 4)
    notebook.metadata["touched"] = "by somebody else"  # trust is a signature of the content
    nbformat.write(notebook, folder / "x.ipynb")
    no_kernels(home)
    with jupyterlab(folder, home) as address:
        lab.open(address, "untrusted")
        lab.page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click()
        output = lab.output("live")
        expect(output.locator("details").first).to_be_visible()
        expect(output.get_by_role("tree")).to_have_count(0)
        expect(output).to_contain_text("124,439,808")
    assert lab.errors == []

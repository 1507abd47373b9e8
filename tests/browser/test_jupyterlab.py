"""The main job in a real JupyterLab, with a real kernel: explain, look, pick, save, reopen without a kernel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ..tools.lab import jupyterlab
from ..tools.pages import Lab, distrust, no_kernels, open_row, row, statement

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

LINK_WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def lab(browser: Browser) -> Iterator[Lab]:
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    yield Lab(page, CELLS)
    page.close()


@pytest.fixture
def folder(lab: Lab, tmp_path: Path) -> Path:
    """A folder with the notebook in it, whose cells have not run."""
    lab.write(tmp_path)
    return tmp_path


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
    lab.without_kernel()
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
        lab.wait_idle()
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
    distrust(folder / "x.ipynb")
    no_kernels(home)
    with jupyterlab(folder, home) as address:
        lab.open(address, "untrusted")
        lab.without_kernel()
        output = lab.output("live")
        expect(output.locator("details").first).to_be_visible()
        expect(output.get_by_role("tree")).to_have_count(0)
        expect(output).to_contain_text("124,439,808")
    assert lab.errors == []

"""Where in JupyterLab an explanation may stand: a windowed notebook, a scrolled output, an Output widget, a Tab."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, TimeoutError, expect

from ..tools.lab import jupyterlab
from ..tools.pages import Lab, open_row, row

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CELLS = {
    "load": "%load_ext archmagic\nimport ipywidgets\nfrom IPython.display import display",
    "build": "from torch import nn\nmodel = nn.Sequential(nn.Embedding(50, 8), nn.Sequential(nn.ReLU(), nn.Linear(8, 8)), nn.Linear(8, 3))",
    "live": "e = explain(model)\ne",
    "output": "out = ipywidgets.Output()\nwith out:\n    display(explain(nn.Linear(4, 5)))\nout",
    "tab": "tab = ipywidgets.Tab([explain(model).widget, explain(nn.GELU()).widget])\n"
    "tab.set_title(0, 'first')\ntab.set_title(1, 'second')\ntab",
    "scrolled": "for n in range(60): print(n)\nexplain(nn.Linear(6, 7))",
    "read": 'print("selected:", e.selected)',
    "again": "e",
    **{f"tall {n}": "print('\\n' * 60)" for n in range(8)},
}

SCROLL = """(panel, selector) => {
  const prompt = panel.querySelector(selector);
  if (prompt?.checkVisibility()) {
    prompt.scrollIntoView({block: "center"});
    return true;
  }
  const end = panel.scrollTop + panel.clientHeight >= panel.scrollHeight - 1;
  end ? panel.scrollTo(0, 0) : panel.scrollBy(0, 300);
  return false;
}"""
"""Whether a cell's prompt is in the list, then brought into sight; if not, the list is scrolled on."""


class Windowed(Lab):
    """A notebook whose cells are in the page only while they are in sight."""

    def selector(self, name: str) -> str:
        return f'.jp-Notebook .jp-Cell[data-windowed-list-index="{list(self.sources).index(name)}"]'

    def cell(self, name: str) -> Locator:
        return self.page.locator(self.selector(name))

    def scroll_to(self, name: str) -> None:
        """Scrolls on until the cell stays in sight, from the top again at the end: the list hides and shows cells as heights settle.

        Found and scrolled to in one step of the page's, since the list may take the cell out between two."""
        panel = self.page.locator(".jp-WindowedPanel-outer").first
        panel.evaluate("panel => panel.scrollTo(0, 0)")
        prompt = f"{self.selector(name)} .jp-InputArea-prompt"
        times = 0
        for _ in range(300):
            times = times + 1 if panel.evaluate(SCROLL, prompt) else 0
            if times == 3:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the cell {name!r} never came into sight")

    def run(self, name: str) -> Locator:
        for _ in range(2):  # a cell may be taken out of the page again between being found and being used
            self.scroll_to(name)
            with contextlib.suppress(TimeoutError):
                return super().run(name)
        self.scroll_to(name)
        return super().run(name)


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windowed]:
    """JupyterLab that takes cells out of the page when they are scrolled away; the cells up to "again" have run."""
    folder, home = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("home")
    settings = home / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "full"}))
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    lab = Windowed(page, CELLS)
    scroll(lab.write(folder))
    with jupyterlab(folder, home) as address:
        page.goto(f"{address}/lab/workspaces/places/tree/x.ipynb")
        lab.wait_idle()
        yield lab
    page.close()


def scroll(notebook: Path) -> None:
    """Lets the output of the cell be a box that scrolls."""
    content = json.loads(notebook.read_text())
    content["cells"][list(CELLS).index("scrolled")]["metadata"]["scrolled"] = True
    notebook.write_text(json.dumps(content))


def test_scrolled_away_and_back_it_is_as_it_was_and_still_linked(lab: Windowed) -> None:
    for name in ("load", "build", "live"):
        lab.run(name)
    output = lab.output("live")
    open_row(output, "Sequential")
    row(output, "Embedding").click()
    for name in list(CELLS)[-8:]:
        lab.run(name)
    expect(output).not_to_be_in_viewport()
    lab.scroll_to("live")
    expect(row(output, "Embedding")).to_have_attribute("aria-selected", "true")
    expect(row(output, "ReLU")).to_be_visible()
    row(output, "ReLU").click()
    expect(lab.run("read")).to_contain_text("selected: 1.0")


def test_in_an_output_widget_it_is_the_whole_view(lab: Windowed) -> None:
    output = lab.run("output")
    row(output, "Linear").hover()
    expect(output.get_by_role("tooltip")).to_contain_text("5 × 4 + 5 = 25")
    lab.page.keyboard.press("Escape")


def test_in_a_tab_the_hidden_one_is_drawn_when_it_is_shown(lab: Windowed) -> None:
    output = lab.run("tab")
    expect(row(output, "Embedding")).to_be_visible()
    output.get_by_text("second", exact=True).click()
    expect(row(output, "GELU")).to_be_visible()
    box = row(output, "GELU").bounding_box()
    assert box is not None
    assert box["width"] > 200
    output.get_by_text("first", exact=True).click()
    expect(row(output, "Embedding")).to_be_visible()


def test_in_an_output_that_scrolls_the_tooltip_stays_in_sight(lab: Windowed) -> None:
    output = lab.run("scrolled")
    row(output, "Linear").hover()
    tooltip = output.get_by_role("tooltip")
    expect(tooltip).to_contain_text("7 × 6 + 7 = 49")
    expect(tooltip).to_be_in_viewport(ratio=0.95)
    lab.page.keyboard.press("Escape")


def test_two_views_of_one_explanation_show_the_same_selection(lab: Windowed) -> None:
    again = lab.run("again")
    row(again, "Embedding").click()
    lab.scroll_to("live")
    expect(row(lab.output("live"), "Embedding")).to_have_attribute("aria-selected", "true")
    expect(lab.run("read")).to_contain_text("selected: 0")
    assert lab.errors == []

"""`make bench-view`: how soon an output is painted in JupyterLab, beside a trivial anywidget and other viewers of the same model, and how
the view scrolls 100,000 rows. Prints a table, judges nothing.

A time is from the key that runs the cell to the first frame that holds what the tool draws; the median of several runs in one page.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from archmagic import explain
from archmagic.render.document import document

from ..tools.browser import LAUNCH_ARGS, find_or_install
from ..tools.environments import PLATFORMS
from ..tools.install import ROOT
from ..tools.lab import jupyter
from ..tools.pages import Lab

RUNS = 5
PATIENCE = 60
"""Seconds after which a tool is not waited for."""

CELLS = {
    "load": "%load_ext archmagic\nimport anywidget, torch, treescope, torchvista\nfrom transformers import GPT2Config, GPT2LMHeadModel\n"
    "model = GPT2LMHeadModel(GPT2Config(n_layer=12, use_cache=False)).eval()\n"
    "class Trivial(anywidget.AnyWidget):\n"
    "    _esm = 'export default { render({ el }) { el.innerHTML = \"<p class=trivial>x</p>\" } }'",
    "a trivial anywidget": "Trivial()",
    "archmagic: explain(model)": "explain(model)",
    "archmagic: model": "model",
    "archmagic: widget": "explain(model).widget",
    "treescope": "treescope.display(model)",
    "torchvista": "torchvista.trace_model(model, torch.zeros(1, 4, dtype=torch.long))",
}
PAINTED = {
    "a trivial anywidget": ".trivial",
    "treescope": ".treescope_root, .stable_path_root",
    "torchvista": "svg g, canvas, iframe",
}
"""What is there once a tool has painted. Of ours, the first row of the tree."""

WATCH = """([at, selector, patience]) => new Promise((resolve) => {
  const cell = document.querySelectorAll(".jp-Notebook .jp-Cell")[at];
  const found = (root) =>
    [...root.querySelectorAll(selector)].some((e) => e.getBoundingClientRect().height > 0) ||
    [...root.querySelectorAll("*")].some((e) => e.shadowRoot && found(e.shadowRoot));
  let start;
  const error = () => cell.querySelector("[data-mime-type='application/vnd.jupyter.error']");
  const look = () => {
    const area = cell.querySelector(".jp-OutputArea");
    if (error()) resolve(error().textContent.trim().split("\\n").at(-1).slice(0, 80));
    else if (performance.now() - start > 1000 * patience) resolve("not painted");
    else if (area && found(area)) resolve(performance.now() - start);
    else requestAnimationFrame(look);
  };
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || start) return;
    start = performance.now();
    requestAnimationFrame(look);
  }, true);
})"""


def main() -> None:
    browser_path = find_or_install()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=LAUNCH_ARGS)
        times = first_paints(browser)
        scrolled = many_rows(browser)
        browser.close()
    base = times["a trivial anywidget"]
    print(f"{'first paint in JupyterLab, GPT-2':34}{'ms':>8}{'ratio':>8}")
    for name, taken in times.items():
        if isinstance(taken, float):
            print(f"{name:34}{taken:8.0f}{f'{taken / base:8.2f}' if isinstance(base, float) else ''}")
        else:
            print(f"{name:34}  {taken}")
    print(f"\n{'100,000 rows':34}{'ms':>8}")
    print(f"{'expand all':34}{scrolled['expand']:8.0f}\n{'slowest step of 200 of scrolling':34}{scrolled['slowest']:8.0f}")


def first_paints(browser: Browser) -> dict[str, float | str]:
    """Milliseconds by tool; a text where it does not paint."""
    with tempfile.TemporaryDirectory() as place:
        folder, home = Path(place) / "notebooks", Path(place) / "home"
        folder.mkdir()
        home.mkdir()
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        lab = Lab(page, CELLS)
        lab.write(folder)
        with jupyter("lab", folder, home, python=PLATFORMS.make()) as address:
            lab.connect(address, "bench")
            lab.run("load")
            return {name: _painted(lab, name) for name in list(CELLS)[1:]}


def _painted(lab: Lab, name: str) -> float | str:
    taken: list[float] = []
    for _ in range(RUNS + 1):
        result = _once(lab, name)
        if isinstance(result, str):
            return result
        taken.append(result)
    return statistics.median(taken[1:])  # the first loads what the others find


def _once(lab: Lab, name: str) -> float | str:
    """One run of the cell, whose output is cleared first."""
    page: Page = lab.page
    lab.select(name)
    page.get_by_role("menuitem", name="Edit", exact=True).click()
    page.get_by_role("menuitem", name="Clear Cell Output", exact=True).click()
    lab.cell(name).scroll_into_view_if_needed()
    lab.select(name)
    selector = PAINTED.get(name, "[role=treeitem]")
    page.evaluate(f"(given) => {{ globalThis.painted = ({WATCH})(given) }}", [list(CELLS).index(name), selector, PATIENCE])
    page.keyboard.press("Control+Enter")
    try:
        result = page.evaluate("painted")
        lab.wait_idle()
    except PlaywrightError as error:
        return str(error).splitlines()[0]
    return result if isinstance(result, str) else float(result)


def many_rows(browser: Browser) -> dict[str, float]:
    """How long it takes to open 100,000 rows, and the slowest step of scrolling through them."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    text = (ROOT / "tests" / "printed" / "gpt2-seed.txt").read_text("utf-8")
    page.set_content(f"<!doctype html><body>{document(explain(text))}</body>")
    page.get_by_role("tree").wait_for()
    result: dict[str, float] = page.evaluate((ROOT / "tests" / "browser" / "many_rows.js").read_text("utf-8"))
    return result


if __name__ == "__main__":
    main()

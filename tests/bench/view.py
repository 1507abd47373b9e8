"""`make bench-view`: how soon an output is painted in JupyterLab, beside a trivial anywidget and other viewers of the same model, and how
the view scrolls 100,000 rows. Prints a table, judges nothing.

All tools take turns in one page, so that what else the machine does falls on all of them. Two times are told, each to the end of the first
frame that holds what the tool draws, the median of several runs: from the key that runs the cell, and from when its output is in the page
(the rest is the kernel's and JupyterLab's, an anywidget's download of its module among it).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
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

RUNS = 9
PATIENCE = 60
"""Seconds after which a tool is not waited for."""
BASE = "a trivial anywidget"

CELLS = {
    "load": f"import sys; sys.path.append({str(ROOT)!r})\n%load_ext archmagic\nimport anywidget, torch, treescope, torchvista\n"
    "from transformers import GPT2Config, GPT2LMHeadModel\nfrom tests.bench.models import MODELS, build\n"
    "model = GPT2LMHeadModel(GPT2Config(n_layer=12, use_cache=False)).eval()\n"
    "explained, mixture = explain(model), explain(build(MODELS['mixture']))\n"
    "class Trivial(anywidget.AnyWidget):\n"
    "    _esm = 'export default { render({ el }) { el.innerHTML = \"<p class=trivial>x</p>\" } }'",
    BASE: "Trivial()",
    "archmagic: explain(model)": "explain(model)",
    "archmagic: model": "model",
    "archmagic: widget": "explain(model).widget",
    "GPT-2, explained before": "explained",
    "78,450 modules, explained before": "mixture",
    "treescope": "treescope.display(model)",
    "torchvista": "torchvista.trace_model(model, torch.zeros(1, 4, dtype=torch.long))",
}
PAINTED = {
    BASE: ".trivial",
    "treescope": ".treescope_root, .stable_path_root",
    "torchvista": "svg g, canvas, iframe",
}
"""What is there once a tool has painted. Of ours, the first row of the tree."""

WATCH = """([at, selector, patience]) => new Promise((resolve) => {
  const cell = document.querySelectorAll(".jp-Notebook .jp-Cell")[at];
  const found = (root) =>
    [...root.querySelectorAll(selector)].some((e) => e.getBoundingClientRect().height > 0) ||
    [...root.querySelectorAll("*")].some((e) => e.shadowRoot && found(e.shadowRoot));
  let start, arrived;
  const output = () => cell.querySelector(".jp-OutputArea-output");
  const arrive = new MutationObserver(() => { if (output()) arrived ??= performance.now(); });
  arrive.observe(cell, { childList: true, subtree: true });
  const painted = () => {
    arrive.disconnect();
    const frame = new MessageChannel();  // heard when the frame has been drawn
    frame.port1.onmessage = () => resolve([performance.now() - start, performance.now() - arrived]);
    frame.port2.postMessage(0);
  };
  const error = () => cell.querySelector("[data-mime-type='application/vnd.jupyter.error']");
  const look = () => {
    if (error()) resolve(error().textContent.trim().split("\\n").at(-1).slice(0, 80));
    else if (performance.now() - start > 1000 * patience) resolve("not painted");
    else if (arrived && found(cell.querySelector(".jp-OutputArea"))) painted();
    else requestAnimationFrame(look);
  };
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || start) return;
    start = performance.now();
    requestAnimationFrame(look);
  }, true);
})"""

Times = tuple[float, float]
"""Milliseconds from the key, and from the output."""


def main() -> None:
    browser_path = find_or_install()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=LAUNCH_ARGS)
        times = first_paints(browser)
        scrolled = many_rows(browser)
        browser.close()
    print("\n".join(table(times)))
    print(f"\n{'100,000 rows':34}{'ms':>8}")
    print(f"{'expand all':34}{scrolled['expand']:8.0f}\n{'slowest step of 200 of scrolling':34}{scrolled['slowest']:8.0f}")


def table(times: dict[str, Times | str]) -> Iterator[str]:
    base = times[BASE]
    yield f"{'first paint in JupyterLab, GPT-2':34}{'from key':>10}{'ratio':>8}{'from output':>14}{'ratio':>8}"
    for name, taken in times.items():
        if isinstance(taken, str) or isinstance(base, str):
            yield f"{name:34}  {taken}"
        else:
            yield f"{name:34}{taken[0]:10.0f}{taken[0] / base[0]:8.2f}{taken[1]:14.0f}{taken[1] / base[1]:8.2f}"


def first_paints(browser: Browser) -> dict[str, Times | str]:
    """The median of each tool; a text where it does not paint."""
    with tempfile.TemporaryDirectory() as place:
        folder, home = Path(place) / "notebooks", Path(place) / "home"
        folder.mkdir()
        home.mkdir()
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        lab = Lab(page, CELLS)
        lab.write(folder)
        with jupyter("lab", folder, home, python=PLATFORMS.make()) as address:
            lab.connect(address, "bench")
            error = lab.run("load").locator("[data-mime-type*=error]")
            if error.count():
                raise RuntimeError(f"the first cell failed: {error.first.inner_text()}")
            return rounds(lab, list(CELLS)[1:])


def rounds(lab: Lab, names: list[str]) -> dict[str, Times | str]:
    taken: dict[str, list[Times]] = {name: [] for name in names}
    failed: dict[str, str] = {}
    for at in range(RUNS + 1):
        for name in names:
            result = "" if name in failed else _once(lab, name)
            if isinstance(result, str) and name not in failed:  # JupyterLab may drop a key while it loads
                result = _once(lab, name)
            if isinstance(result, str):
                failed.setdefault(name, result)
            elif at:  # the first loads what the others find
                taken[name].append(result)
        print(f"round {at} of {RUNS}", file=sys.stderr)
    return {name: failed.get(name) or _medians(taken[name]) for name in names}


def _medians(taken: list[Times]) -> Times:
    from_key, from_output = zip(*taken, strict=True)
    return statistics.median(from_key), statistics.median(from_output)


def _once(lab: Lab, name: str) -> Times | str:
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
        page.wait_for_timeout(300)  # what the output does later is not the next one's
    except PlaywrightError as error:
        return str(error).splitlines()[0]
    return result if isinstance(result, str) else (float(result[0]), float(result[1]))


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

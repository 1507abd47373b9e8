"""`make screenshots`: the README's picture, GPT-2 explained in a real JupyterLab, and sheets of hosts and of models to be looked at."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from .browser import LAUNCH_ARGS, find_or_install
from .install import ROOT
from .lab import environment, jupyterlab
from .png import few_colours
from .sheets import hosts, models, sheet
from .tour import execute

IMAGES = ROOT / "notebooks" / "images"
PICTURE = IMAGES / "gpt2.png"
CELLS = (
    "import archmagic\n\narchmagic.options.height = 640",  # not in the picture
    "%load_ext archmagic\nfrom transformers import GPT2Config, GPT2LMHeadModel\n\nmodel = GPT2LMHeadModel(GPT2Config())",
    "explain(model)",
)


def main() -> None:
    browser_path = find_or_install()
    with tempfile.TemporaryDirectory() as place:
        folder, home = Path(place) / "notebooks", Path(place) / "home"
        folder.mkdir()
        home.mkdir()
        notebook = folder / "gpt2.ipynb"
        nbformat.write(execute(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])), notebook)
        subprocess.run([sys.executable, "-m", "jupyter", "trust", str(notebook)], env=environment(home), check=True, capture_output=True)
        with sync_playwright() as playwright, jupyterlab(folder, home) as address:
            browser = playwright.chromium.launch(executable_path=browser_path, args=LAUNCH_ARGS)
            page = browser.new_page(viewport={"width": 1240, "height": 1100}, device_scale_factor=1.5)
            page.goto(f"{address}/doc/workspaces/picture/tree/gpt2.ipynb")
            take(browser, page)
            page.close()
            sheet(browser, hosts(browser), IMAGES / "hosts.png")
            sheet(browser, models(browser), IMAGES / "models.png")
            browser.close()
    for picture in sorted(IMAGES.iterdir()):
        print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size / 1000:.0f} kB")


def take(browser: Browser, page: Page) -> None:
    """The picture: both cells, with the tooltip of the fused projection open."""
    row = page.get_by_role("treeitem").filter(has_text="c_attn").last
    row.wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)
    row.hover()
    tooltip = page.get_by_role("tooltip")
    tooltip.wait_for()
    page.wait_for_timeout(500)
    boxes = [box for place in (*page.locator(".jp-Cell").all()[1:], tooltip) if (box := place.bounding_box())]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = max(box["x"] + box["width"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    PICTURE.parent.mkdir(exist_ok=True)
    clip = FloatRect(x=left, y=top, width=right - left, height=bottom - top + 8)
    PICTURE.write_bytes(few_colours(browser, page.screenshot(clip=clip)))


if __name__ == "__main__":
    main()

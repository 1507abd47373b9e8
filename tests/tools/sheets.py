"""Contact sheets of the view: among its hosts in all their themes, and of many kinds of models. To be looked at, and mended."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import torch
import transformers
from playwright.sync_api import Browser, Page
from torch import nn

from archmagic import explain
from archmagic.render.document import document

from ..facts import models as own
from .environments import PLATFORMS
from .install import ROOT
from .lab import free_port, jupyter, serving
from .pages import Lab, Notebook7
from .png import few_colours

Shot = tuple[str, bytes]
"""What it shows, and a PNG."""

WIDTH, HEIGHT = 800, 510
GPT2 = (ROOT / "tests" / "printed" / "gpt2-seed.txt").read_text("utf-8")


def vscode(background: str, text: str, line: str, link: str) -> str:
    """The colours that VS Code gives to what it shows, by their names there."""
    colours = {"editor-background": background, "editor-foreground": text, "panel-border": line, "textLink-foreground": link}
    named = " ".join(f"--vscode-{name}: {colour};" for name, colour in colours.items())
    return f"<style>:root {{ {named} }} body {{ background: {background} }}</style>"


PAGES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "VS Code, dark": ("", "class=vscode-dark", vscode("#1f1f1f", "#cccccc", "#2b2b2b", "#4daafc"), {}),
    "VS Code, high contrast": ("", "class=vscode-high-contrast", vscode("#000000", "#ffffff", "#6fc3df", "#21a6ff"), {}),
    "Colab, dark": ("theme=dark", "", "<style>body { background: #383838 }</style>", {}),
    "a page, forced colours": ("", "", "", {"forced_colors": "active"}),
    "a page, narrow": ("", "", "", {"viewport": {"width": 460, "height": 560}}),
    "without scripts: the static page": ("", "", "", {"java_script_enabled": False}),
}
"""Marks on <html> and <body>, what is in <head>, and what the browser is told."""


def hosts(browser: Browser) -> Iterator[Shot]:
    yield from in_jupyter(browser)
    yield in_marimo(browser)
    shown = document(explain(GPT2))
    for name, (html, body, head, options) in PAGES.items():
        content = f"<!doctype html><html {html}><head>{head}</head><body {body}>{shown}</body></html>"
        yield name, on_page(browser, content, options)


def in_jupyter(browser: Browser) -> Iterator[Shot]:
    """A real JupyterLab in its three themes, and Notebook 7."""
    cells = {"gpt2": f"from archmagic import explain\n\nexplain(open({str(ROOT / 'tests' / 'printed' / 'gpt2-seed.txt')!r}).read())"}
    for application, page_type in (("lab", Lab), ("notebook", Notebook7)):
        with tempfile.TemporaryDirectory() as place:
            folder, home = Path(place) / "notebooks", Path(place) / "home"
            folder.mkdir()
            home.mkdir()
            page = browser.new_page(viewport={"width": WIDTH + 420, "height": HEIGHT + 240})
            notebook = page_type(page, cells)
            notebook.write(folder)
            with jupyter(application, folder, home, python=PLATFORMS.make()) as address:
                notebook.connect(address, "sheet")
                page.wait_for_timeout(3_000)  # a cell that is run while the page still joins its kernel is dropped
                shown = notebook.run("gpt2")
                for theme in ("Light", "Dark", "Dark High Contrast") if application == "lab" else ("Light",):
                    if application == "lab":
                        change_theme(page, f"JupyterLab {theme}")
                    pick(page)
                    name = "JupyterLab" if application == "lab" else "Notebook 7"
                    yield f"{name}, {theme.lower()}", shown.screenshot()
            page.close()


MARIMO = f"""
import marimo

app = marimo.App()


@app.cell
def _():
    import archmagic

    archmagic.explain(open({str(ROOT / "tests" / "printed" / "gpt2-seed.txt")!r}).read())
    return
"""


def in_marimo(browser: Browser) -> Shot:
    """marimo's app, where an explanation is its widget."""
    with tempfile.TemporaryDirectory() as place:
        (notebook := Path(place) / "notebook.py").write_text(MARIMO)
        port = free_port()
        command = [PLATFORMS.make(), "-m", "marimo", "-q", "run", str(notebook), "--headless", "--no-token", f"--port={port}"]
        settings = {f"XDG_{kind}_HOME": place for kind in ("CONFIG", "STATE", "CACHE")}
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT + 60})
        with serving(command, f"http://127.0.0.1:{port}", "/health", {**os.environ, **settings}, Path(place) / "server.log") as address:
            page.goto(address)
            page.get_by_role("treeitem").first.wait_for(timeout=60_000)
            pick(page)
            shot = page.screenshot()
        page.close()
    return "marimo, light", shot


def change_theme(page: Page, theme: str) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text="Settings").click()
    for label in ("Theme", theme):
        page.locator(".lm-Menu-itemLabel").get_by_text(label, exact=True).click()
    page.wait_for_timeout(1_000)


def pick(page: Page) -> None:
    """Selects a row, and points at another, so that all states show."""
    page.get_by_role("treeitem").filter(has_text="c_attn").first.click()
    page.get_by_role("treeitem").filter(has_text="wpe").first.hover()
    page.keyboard.press("Escape")
    page.wait_for_timeout(400)


def on_page(browser: Browser, content: str, options: dict[str, Any], act: Callable[[Page], object] = pick) -> bytes:
    context = browser.new_context(**{"viewport": {"width": WIDTH, "height": HEIGHT}, **options})
    page = context.new_page()
    page.set_content(content)
    if options.get("java_script_enabled", True):
        page.get_by_role("treeitem").first.wait_for()
        page.wait_for_timeout(300)
        act(page)
    png = page.screenshot()
    context.close()
    return png


class Odd(nn.Module):
    """A module whose forward fails, at the second layer."""

    def __init__(self) -> None:
        super().__init__()
        self.a_rather_long_name_of_a_layer_that_says_what_it_is_for = nn.Linear(8, 16)
        self.second = nn.Linear(12, 8)
        self.act = nn.GELU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden: torch.Tensor = self.second(self.act(self.a_rather_long_name_of_a_layer_that_says_what_it_is_for(x)))
        return hidden


PASTE = GPT2.replace("(drop)", "what is this line\n    (drop)", 1)[:900]

MODELS: dict[str, Callable[[], Any]] = {
    "turns: Gemma 3": lambda: explain(transformers.Gemma3ForCausalLM(transformers.Gemma3TextConfig())),
    "experts: DeepSeek-V3": lambda: explain(transformers.DeepseekV3ForCausalLM(transformers.DeepseekV3Config())),
    "convolutions: ResNet-50": lambda: explain(transformers.ResNetForImageClassification(transformers.ResNetConfig())),
    "towers: CLIP": lambda: explain(transformers.CLIPModel(transformers.CLIPConfig())),
    "adapters": lambda: explain(own.with_lora(own.NanoGpt())),
    "a paste with a line that no rule reads, cut off": lambda: explain(PASTE),
    "data followed, a forward that fails": lambda: explain(Odd(), inputs=torch.zeros(3, 8, device="meta")),
    "two models": lambda: explain([nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)), nn.LSTM(10, 20, 2)]),
}


def models(browser: Browser) -> Iterator[Shot]:
    for name, explained in MODELS.items():
        with torch.device("meta"):
            shown = document(explained())
        yield name, on_page(browser, f"<!doctype html><body>{shown}</body>", {}, act=lambda page: None)


def sheet(browser: Browser, shots: Iterator[Shot], path: Path) -> None:
    """Writes the shots, two in a row, each under what it shows."""
    figures = "".join(
        f'<figure><figcaption>{escape(name)}</figcaption><img src="data:image/png;base64,{base64.b64encode(png).decode()}"></figure>'
        for name, png in shots
    )
    page = browser.new_page(viewport={"width": 2 * WIDTH + 36, "height": 600})
    page.set_content(
        "<!doctype html><style>body { margin: 12px; display: grid; grid-template-columns: 1fr 1fr; gap: 12px; background: #6b727c;"
        " font: 14px/24px system-ui, sans-serif; color: #fff } figure { margin: 0 } img { max-width: 100%; display: block }</style>"
        f"{figures}"
    )
    path.write_bytes(few_colours(browser, page.screenshot(full_page=True)))
    page.close()

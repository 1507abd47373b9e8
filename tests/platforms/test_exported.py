"""What becomes of an executed notebook: nbconvert to HTML and Markdown, and GitHub's worst case, where nothing but text is left."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser, expect

from archmagic import explain
from archmagic.render.document import document

from ..tools.pages import row
from .samples import CELLS, no_error_text

SHOWN = ("load", "build", "live", "hook", "paste")


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample notebook, executed and saved."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELLS[name]) for name in SHOWN])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    nbformat.validate(notebook)
    path = tmp_path_factory.mktemp("executed") / "x.ipynb"
    nbformat.write(notebook, path)
    return path


def convert(notebook: Path, form: str) -> str:
    command = [sys.executable, "-m", "nbconvert", "--to", form, "--stdout", str(notebook)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_nbconvert_to_html_is_the_whole_view(browser: Browser, executed: Path) -> None:
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    target = executed.with_suffix(".html")
    target.write_text(convert(executed, "html"))
    page.goto(target.as_uri(), wait_until="domcontentloaded")
    output = page.locator(".jp-Cell").nth(SHOWN.index("live"))
    row(output, "Linear").hover()
    expect(output.get_by_role("tooltip")).to_contain_text("3 × 8 + 3 = 27")
    expect(page.get_by_role("tree")).to_have_count(3)
    no_error_text(page.locator("body"))
    page.close()


def test_nbconvert_to_markdown_does_not_fail_and_keeps_the_static_page(executed: Path) -> None:
    text = convert(executed, "markdown")
    assert "Modules and parameters" in text
    assert text.count('<div class="archmagic') == 3


class Stripped(HTMLParser):
    """A page with every attribute, style and script removed."""

    def __init__(self) -> None:
        super().__init__()
        self.html = ""
        self._dropped = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("script", "style"):
            self._dropped = tag
        elif not self._dropped:
            self.html += f"<{tag}>"

    def handle_endtag(self, tag: str) -> None:
        if tag == self._dropped:
            self._dropped = ""
        elif not self._dropped:
            self.html += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.html += data.replace("&", "&amp;").replace("<", "&lt;")


def test_with_every_attribute_style_and_script_stripped_it_reads_well_as_text(browser: Browser, root: Path) -> None:
    explanation = explain((root / "tests" / "printed" / "gpt2-seed.txt").read_text("utf-8"))
    stripped = Stripped()
    stripped.feed(document(explanation))
    page = browser.new_page()
    page.set_content(f"<!doctype html><body>{stripped.html}</body>")
    # Attributes are gone, so all start closed: a reader opens them.
    page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))")
    text = re.sub(r"\n+", "\n", page.locator("body").inner_text())
    page.close()
    assert "  (transformer): GPT2Model(\n" in text
    assert "(0-11): 12 x GPT2Block(" in text
    assert "Modules and parameters\n" in text
    assert "attn GPT2Attention: 2,362,368 parameters" in text
    for statement in (statement for section in explanation.story.sections for statement in section.statements):
        assert statement.text in text
    assert not re.search(r"archmagicBoot|H4sI|undefined|NaN|\{\{|color:", text)
    assert not re.search(r"\S(Print|Modules and parameters)\b", text)  # each begins its own line

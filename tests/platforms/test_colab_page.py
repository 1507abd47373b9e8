"""A page as Colab's outputs are: npm's widget manager and anywidget 0.9.21 in a sandboxed frame of another origin, html[theme=dark].

What the page shows comes from a kernel with Colab's versions. Colab's own front end cannot be run here; see the README's table.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from ..notebook.kernels import running
from ..notebook.test_colab import STUB
from ..tools.npm import environment
from .samples import no_error_text

HERE = Path(__file__).parent

COLLECT = """
import json, pathlib, anywidget
e = explain("Sequential(\\n  (0): Linear(in_features=3, out_features=2, bias=True)\\n  (1): ReLU()\\n)")
widgets = (e.widget.layout, e.widget)
state = {
    w.model_id: {"model_name": w._model_name, "model_module": w._model_module, "model_module_version": w._model_module_version,
                 "state": w.get_state()}
    for w in widgets
}
state[e.widget.model_id]["state"]["layout"] = "IPY_MODEL_" + e.widget.layout.model_id
program = (pathlib.Path(anywidget.__file__).parent / "nbextension" / "index.js").read_text()
print(json.dumps({"state": state, "id": e.widget.model_id, "anywidget": program, "version": anywidget.__version__}))
"""

COLAB = """<script>window.calls = []; window.google = { colab: { kernel: { accessAllowed: true,
invokeFunction: async (...given) => { calls.push(given) } } } }</script>"""


@pytest.fixture(scope="module")
def sent(colab_python: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a kernel with Colab's versions sends: the document, the widget's state, and the anywidget that is installed there."""
    with running(colab_python, tmp_path_factory.mktemp("ipython")) as kernel:
        kernel.run(STUB)
        kernel.run("%load_ext archmagic")
        result: dict[str, Any] = json.loads(kernel.run(COLLECT).printed.splitlines()[-1])
        result["html"] = kernel.run("e").html
    assert result["version"] == "0.9.21"
    return result


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The widget manager, bundled."""
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=HERE, env=environment(), check=True)
    target = tmp_path_factory.mktemp("page") / "page.js"
    command = [
        "npx",
        "esbuild",
        "widget_page.js",
        "--bundle",
        "--format=iife",
        "--loader:.svg=dataurl",
        f"--outfile={target}",
        "--log-level=error",
    ]
    subprocess.run(command, cwd=HERE, env=environment(), check=True)
    return target.read_text("utf-8")


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    yield page
    page.close()


def in_frame(tab: Page, *pieces: str, sandbox: str = "allow-scripts") -> FrameLocator:
    """A frame as an output's is, with these pieces in its body."""
    tab.set_content(f'<iframe sandbox="{sandbox}" style="width: 1150px; height: 800px"></iframe>')
    page = f"<!doctype html><html theme=dark lang=en><head></head><body style='background: #383838'>{''.join(pieces)}</body></html>"
    tab.evaluate("(page) => (document.querySelector('iframe').srcdoc = page)", page)
    return tab.frame_locator("iframe")


def script(program: str) -> str:
    return "<script>" + program.replace("</script", "<\\/script") + "</script>"


def is_dark(frame: FrameLocator) -> None:
    expect(frame.locator(".wrap").first).to_have_class("wrap dark")


def test_a_document_is_drawn_dark_and_tells_the_kernel_by_a_call(tab: Page, sent: dict[str, Any]) -> None:
    frame = in_frame(tab, COLAB, sent["html"])
    frame.get_by_role("treeitem").filter(has_text="Linear").click()
    is_dark(frame)
    [[function, arguments, _]] = frame.locator("body").evaluate("calls")
    assert function == "archmagic.select"
    assert arguments[1] == "0"
    no_error_text(frame.locator("body"))


def test_a_saved_document_is_drawn_where_no_kernel_is(tab: Page, sent: dict[str, Any]) -> None:
    frame = in_frame(tab, sent["html"])
    frame.get_by_role("treeitem").filter(has_text="Linear").click()
    expect(frame.get_by_role("treeitem").filter(has_text="Linear")).to_have_attribute("aria-selected", "true")
    no_error_text(frame.locator("body"))


def test_the_widget_is_drawn_dark_and_carries_the_selection_both_ways(tab: Page, sent: dict[str, Any], manager: str) -> None:
    frame = in_frame(tab, "<div id=out></div>", script(manager), script(sent["anywidget"]))
    body = frame.locator("body")
    body.evaluate("(_, [state, id]) => show(state, id, document.getElementById('out'))", [sent["state"], sent["id"]])
    frame.get_by_role("treeitem").filter(has_text="Linear").click()
    is_dark(frame)
    assert {"selected": "0"} in [message.get("state") for message in body.evaluate("sent")]
    body.evaluate("(_, id) => tell(id, { selected: '1' })", sent["id"])
    expect(frame.get_by_role("treeitem").filter(has_text="ReLU")).to_have_attribute("aria-selected", "true")
    no_error_text(body)


def test_what_is_picked_in_one_output_or_set_in_python_reaches_the_others(tab: Page, sent: dict[str, Any]) -> None:
    """Outputs are frames of one origin there, which a channel joins."""
    body = f"<html theme=dark><body>{COLAB}{sent['html']}</body></html>"
    tab.route("http://outputs.test/*", lambda route: route.fulfill(body=body, content_type="text/html"))
    tab.route("http://notebook.test/", lambda route: route.fulfill(body="<iframe></iframe><iframe></iframe>", content_type="text/html"))
    tab.goto("http://notebook.test/")
    tab.evaluate(
        """document.querySelectorAll("iframe").forEach((frame, at) => {
            frame.style = "width: 1100px; height: 500px";
            frame.src = `http://outputs.test/${at}`;
        })"""
    )
    first, second = (tab.frame_locator("iframe").nth(at) for at in (0, 1))
    second.get_by_role("treeitem").first.wait_for()
    first.get_by_role("treeitem").filter(has_text="Linear").click()
    expect(second.get_by_role("treeitem").filter(has_text="Linear")).to_have_attribute("aria-selected", "true")
    key = first.locator("body").evaluate("calls[0][1][0]")
    second.locator("body").evaluate(
        "(_, key) => new BroadcastChannel('archmagic').postMessage([key, '1'])", key
    )  # what Python has evaluated
    for frame in (first, second):
        expect(frame.get_by_role("treeitem").filter(has_text="ReLU")).to_have_attribute("aria-selected", "true")

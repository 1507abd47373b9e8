"""The view among its hosts: themes, policies, printing, the registry that links it. On bare pages with the hosts' marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from archmagic import explain
from archmagic.render.document import document, identity
from archmagic.render.payload import encode, payload

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SEED = (ROOT / "tests" / "printed" / "gpt2-seed.txt").read_text("utf-8")
STATIC = ROOT / "archmagic" / "static"
AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"

DARK = "document.querySelector('.archmagic').shadowRoot.querySelector('.wrap').classList.contains('dark')"


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    yield context.new_page()
    context.close()


def show(tab: Page, html: str = "", body: str = "", head: str = "", content: str | None = None) -> None:
    text = document(explain(SEED)) if content is None else content
    tab.set_content(f"<!doctype html><html {html}><head>{head}</head><body {body}>{text}</body></html>")
    tab.get_by_role("tree").first.wait_for()


@pytest.mark.parametrize(
    ("html", "body", "dark"),
    [
        ("", 'data-jp-theme-light="false"', True),
        ("", 'data-jp-theme-light="true"', False),
        ("", 'class="vscode-dark"', True),
        ("", 'class="vscode-high-contrast"', True),
        ("", 'class="vscode-light"', False),
        ("", 'class="vscode-high-contrast-light vscode-high-contrast"', False),
        ("theme=dark", "", True),
        ("theme=light", "", False),
        ("", 'class="dark"', True),
        ("", 'style="background: #111"', True),
        ("", 'style="background: #fff"', False),
        ("", 'style="background: color(srgb 1 1 1)"', False),  # marimo's
        ("", 'style="background: oklch(0.2 0 0)"', True),
        ("", "", False),
    ],
)
def test_the_hosts_marks_say_light_or_dark_whatever_the_system_is(tab: Page, html: str, body: str, dark: bool) -> None:
    tab.emulate_media(color_scheme="light" if dark or not (html or body) else "dark")
    show(tab, html, body)
    assert tab.evaluate(DARK) is dark


def test_without_marks_the_system_says(tab: Page) -> None:
    tab.emulate_media(color_scheme="dark")
    show(tab)
    assert tab.evaluate(DARK) is True


def test_a_switch_of_the_theme_is_followed_at_once(tab: Page) -> None:
    show(tab, body='data-jp-theme-light="true"')
    tab.evaluate("document.body.setAttribute('data-jp-theme-light', 'false')")
    tab.wait_for_function(DARK)
    tab.evaluate("document.body.removeAttribute('data-jp-theme-light')")
    tab.wait_for_function(f"!{DARK}")
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function(DARK)


def test_the_hosts_colours_come_first(tab: Page) -> None:
    show(tab, head="<style>:root { --jp-layout-color1: rgb(1, 2, 3); --jp-ui-font-color1: rgb(250, 250, 250) }</style>")
    frame = tab.locator(".frame")
    expect(frame).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(frame).to_have_css("color", "rgb(250, 250, 250)")


def test_the_hosts_styles_do_not_reach_in(tab: Page) -> None:
    show(tab, head="<style>* { font-size: 40px; text-align: right; text-transform: uppercase; letter-spacing: 9px }</style>")
    row = tab.get_by_role("treeitem").first
    for name, value in {"font-size": "12px", "text-align": "start", "text-transform": "none", "letter-spacing": "normal"}.items():
        expect(row).to_have_css(name, value)


def test_where_eval_is_forbidden_the_view_still_runs(tab: Page) -> None:
    policy = """<meta http-equiv="Content-Security-Policy" content="script-src 'unsafe-inline'">"""
    show(tab, head=policy)
    expect(tab.get_by_role("tree")).to_be_visible()


def test_where_scripts_are_forbidden_the_static_page_stays(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.set_content(document(explain(SEED)))
    expect(tab.get_by_text("Modules and parameters")).to_be_visible()
    expect(tab.locator("pre")).to_contain_text("(0-11): 12 x GPT2Block(")
    context.close()


@pytest.mark.parametrize("missing", ["TextDecoder", "ResizeObserver"])
def test_where_the_browser_lacks_something_the_static_page_stays_in_silence(tab: Page, missing: str) -> None:
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.set_content(f"<script>delete window.{missing}</script>{document(explain(SEED))}")
    tab.wait_for_timeout(300)
    expect(tab.get_by_text("Modules and parameters")).to_be_visible()
    assert errors == []


def test_a_script_that_runs_in_the_head_finds_its_element(tab: Page) -> None:
    """nbclassic takes scripts out of an output and runs them in the head; JupyterLab runs them again."""
    tab.set_content("<!doctype html><body><div id=output></div>")
    tab.evaluate(
        """(text) => {
        const output = document.getElementById('output');
        output.innerHTML = text;
        for (const old of output.querySelectorAll('script')) {
            for (let run = 0; run < 2; run++) {
                const script = document.createElement('script');
                script.textContent = old.textContent;
                document.head.append(script);
            }
        }
    }""",
        document(explain(SEED)),
    )
    expect(tab.get_by_role("tree")).to_have_count(1)


def test_on_paper_the_static_page_is_whole(tab: Page) -> None:
    show(tab)
    tab.emulate_media(media="print")
    expect(tab.get_by_role("tree")).not_to_be_visible()
    expect(tab.get_by_text("Modules and parameters")).to_be_visible()


def test_a_link_hears_what_is_picked_and_moves_the_view(tab: Page) -> None:
    explanation = explain(SEED)
    show(tab, content=document(explanation, live=True))
    program = (STATIC / "link.js").read_text("utf-8")
    tab.evaluate(
        """async (program) => {
        const { default: link } = await import('data:text/javascript,' + encodeURIComponent(program));
        const listeners = [];
        window.state = {};
        window.model = {
            get: () => state, set: (_, value) => (state = value), save_changes: () => undefined,
            on: (_, f) => listeners.push(f), off: () => undefined, tell: () => listeners.forEach((f) => f()),
        };
        link.initialize({ model });
    }""",
        program,
    )
    tab.locator(".row", has_text="wpe").click()
    assert tab.evaluate("state") == {identity(explanation): "transformer.wpe"}
    tab.evaluate("([id, path]) => { state = { [id]: path }; model.tell() }", [identity(explanation), "transformer.h.3.attn.c_attn"])
    expect(tab.locator("[aria-selected=true]")).to_contain_text("c_attn")


def test_in_colab_the_kernel_is_told_by_a_call(tab: Page) -> None:
    explanation = explain(SEED)
    colab = (
        "<script>window.calls = []; window.google = { colab: { kernel: { accessAllowed: true, "
        "invokeFunction: async (...given) => { calls.push(given) } } } }</script>"
    )
    show(tab, html="theme=dark", head=colab, content=document(explanation, live=True))
    tab.locator(".row", has_text="wpe").click()
    assert tab.evaluate("calls") == [["archmagic.select", [identity(explanation), "transformer.wpe"], {}]]


def test_a_document_that_is_not_live_calls_nobody(tab: Page) -> None:
    colab = "<script>window.google = { colab: { kernel: { accessAllowed: true, invokeFunction: () => { throw 1 } } } }</script>"
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    show(tab, head=colab, content=document(explain(SEED), live=False))
    tab.locator(".row", has_text="wpe").click()
    assert errors == []


@pytest.mark.parametrize("signal", [True, False], ids=["anywidget 0.11", "anywidget 0.9"])
def test_the_widget_draws_follows_and_cleans_up(tab: Page, signal: bool) -> None:
    tab.set_content("<!doctype html><body><div id=out></div>")
    result = tab.evaluate(
        """async ([program, payload, signal]) => {
        const { default: widget } = await import('data:text/javascript,' + encodeURIComponent(program));
        const traits = { payload, selected: null, height: 400, compact: false };
        const listeners = new Set();
        const model = {
            get: (name) => traits[name], set: (name, value) => (traits[name] = value), save_changes: () => undefined,
            on: (_, f) => listeners.add(f), off: (_, f) => listeners.delete(f),
        };
        const el = document.getElementById('out');
        const more = signal ? { signal: new AbortController().signal } : {};
        await widget.initialize({ model, ...more });
        const cleanup = await widget.render({ model, el, ...more });
        const root = el.firstChild.shadowRoot;
        root.querySelector('.row[data-n="3"]').click();
        const picked = traits.selected;
        traits.selected = 'lm_head';
        listeners.forEach((f) => f());
        const shown = root.querySelector('[aria-selected=true]').textContent;
        cleanup();
        return [picked, shown, el.childElementCount, listeners.size];
    }""",
        [(STATIC / "widget.js").read_text("utf-8"), encode(payload(explain(SEED))), signal],
    )
    assert result[0] == "transformer.wpe"
    assert "lm_head" in result[1]
    assert result[2:] == [0, 0]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("compact", [False, True], ids=["full", "compact"])
def test_axe_finds_no_violation(tab: Page, theme: str, compact: bool) -> None:
    if not AXE.exists():
        pytest.fail("axe-core is missing: run npm ci in js/", pytrace=False)
    background = "#1b1b1b" if theme == "dark" else "#fff"
    content = document(explain(SEED), compact=compact)
    show(tab, f"lang=en theme={theme}", f'style="background: {background}"', "<title>x</title>", content)
    tab.locator(".row", has_text="c_attn").click()
    tab.add_script_tag(path=str(AXE))
    found = tab.evaluate("axe.run(document.querySelector('.archmagic'))")
    told = [(v["id"], [n["html"][:120] + " | " + n["failureSummary"][:300] for n in v["nodes"][:3]]) for v in found["violations"]]
    assert told == []

"""Texts of a model that would run or load something, in a real browser: nothing runs, nothing appears, nothing is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from archmagic import Explanation, explain
from archmagic.render.document import document
from tests.hostile.payloads import MARK, explanation_of

pytestmark = pytest.mark.browser

ADDRESS = "http://notebook.example/"
STRICT = {
    "no scripts": "script-src 'none'",
    "only scripts with a nonce": "script-src 'nonce-abc'; object-src 'none'",
    "no inline scripts, no eval": "script-src 'self'",
    "nothing at all": "default-src 'none'",
}
"""Content security policies that refuse the document's inline script."""

INSIDE = """() => {
  const found = [];
  const walk = (root) => root.querySelectorAll("*").forEach((element) => {
    found.push([element.localName, [...element.attributes].map((each) => [each.name, each.value])]);
    if (element.shadowRoot) walk(element.shadowRoot);
  });
  walk(document);
  return found;
}"""
"""Every element of the page, those in shadow roots too, with its attributes."""


PRESS = """() => {
  const press = (root) => root.querySelectorAll("*").forEach((element) => {
    const quiet = !/copy|save|download|print/i.test(element.textContent + element.getAttribute("aria-label"));
    if (["button", "summary"].includes(element.localName) && quiet) element.click();
    if (element.shadowRoot) press(element.shadowRoot);
  });
  press(document);
}"""
"""Presses all that can be pressed, but what writes files or the clipboard."""


class Visit:
    """A page at an address of its own that notes all that it asks for."""

    def __init__(self, page: Page, body: str, policy: str = "") -> None:
        self.page, self.asked = page, list[str]()
        self.dialogs, self.errors = list[str](), list[str]()
        headers = {"Content-Security-Policy": policy} if policy else {}

        def answer(route: Route) -> None:
            self.asked.append(route.request.url)
            page_itself = route.request.url == ADDRESS
            html = f"<!doctype html><meta charset=utf-8><body>{body}"
            route.fulfill(
                status=200, content_type="text/html", headers=headers, body=html.encode("utf-8", "replace") if page_itself else b""
            )

        page.route("**/*", answer)
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{getattr(error, 'stack', '')}"))
        page.goto(ADDRESS)

    def elements(self) -> list[Any]:
        return list(self.page.evaluate(INSIDE))

    def is_quiet(self) -> None:
        assert [url for url in self.asked if url != ADDRESS and not url.endswith("/favicon.ico")] == []
        assert self.dialogs == []
        assert self.errors == []
        assert self.page.evaluate(f"window.{MARK}") is None


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    yield context.new_page()
    context.close()


def use(page: Page) -> None:
    """Goes through the view: every row opened, hovered and picked, the search, the levels, all that can be opened."""
    tree = page.get_by_role("tree").first
    tree.wait_for()
    rows = page.get_by_role("treeitem")
    rows.first.click()
    page.keyboard.press("*")
    for at in range(min(rows.count(), 40)):
        rows.nth(at).hover()
        rows.nth(at).click()
        page.keyboard.press("ArrowRight")
    for _ in range(2):  # what opens is opened, too
        page.evaluate(PRESS)
    search = page.locator(".archmagic input[type=search]:visible, .archmagic [role=searchbox]:visible")
    if search.count():
        search.first.fill(f"<img src=x onerror=window.{MARK}=1>")
        page.keyboard.press("Enter")


def harmless() -> Explanation:
    return explain(
        "Net(\n  (a): Foo(x=1)\n  what is this\n  (b): <odd>\n  (c): Sequential(\n    (0): Linear(in_features=3, out_features=3)\n  )\n)"
    )


def strange(found: list[Any], allowed: list[Any]) -> set[str]:
    """Elements and attributes that a harmless model's page has not."""
    kinds = {name for name, _ in allowed}
    names = {attribute for _, attributes in allowed for attribute, _ in attributes}
    return {name for name, _ in found} - kinds - SHAPES | {
        attribute
        for _, attributes in found
        for attribute, _ in attributes
        if attribute not in names and not attribute.startswith(("aria-", "data-"))
    } - {"title", "open", "hidden", "style", "role", "tabindex", "id", "for", "d", "rx", "x1", "x2", "y1", "y2"}


SHAPES = {
    "svg",
    "g",
    "rect",
    "path",
    "text",
    "tspan",
    "line",
    "circle",
    "title",
    "defs",
    "marker",
    "polygon",
    "table",
    "tbody",
    "tr",
    "td",
    "th",
    "mark",
}


@pytest.mark.parametrize("what", ["model", "print"])
@pytest.mark.parametrize("compact", [False, True])
def test_nothing_of_a_hostile_model_runs_appears_or_is_asked_for(browser: Browser, tab: Page, what: str, compact: bool) -> None:
    visit = Visit(tab, document(explanation_of(what), compact=compact))
    use(tab)
    found = visit.elements()
    context = browser.new_context()
    plain = Visit(context.new_page(), document(harmless(), compact=compact))
    use(plain.page)
    assert strange(found, plain.elements()) == set()
    context.close()
    links = [value for name, attributes in found for key, value in attributes if key in ("href", "src", "action", "srcdoc", "xlink:href")]
    assert not [link for link in links if MARK in link or link.lower().startswith("javascript:")]
    assert not [key for _, attributes in found for key, _ in attributes if key.startswith("on")]
    visit.is_quiet()


@pytest.mark.parametrize("policy", STRICT)
@pytest.mark.parametrize("what", ["model", "print"])
def test_where_a_page_refuses_scripts_the_static_page_is_shown(tab: Page, what: str, policy: str) -> None:
    visit = Visit(tab, document(explanation_of(what)), STRICT[policy])
    assert tab.evaluate("document.querySelector('.archmagic').shadowRoot") is None
    expect(tab.locator(".archmagic details").first).to_be_visible()
    expect(tab.locator(".archmagic pre").first).to_contain_text("Linear(in_features=2")
    visit.is_quiet()


def test_where_inline_scripts_are_allowed_and_eval_is_not_the_page_is_whole(tab: Page) -> None:
    visit = Visit(tab, document(harmless()), "script-src 'unsafe-inline'")
    expect(tab.get_by_role("tree").first).to_be_visible()
    visit.is_quiet()

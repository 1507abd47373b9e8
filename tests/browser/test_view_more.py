"""What the view does beyond print, tree and tooltip: panes, folds, filter, levels, terms, export, the order of execution."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from archmagic import explain
from archmagic.render.document import document

from .test_view import SEED, View

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 800}, accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def gpt2(tab: Page) -> Iterator[View]:
    view = View(tab, document(explain(SEED)))
    yield view
    assert view.errors == []


class Net(torch.nn.Module):
    def __init__(self, inner: int = 16) -> None:
        super().__init__()
        self.first = torch.nn.Linear(8, 16)
        self.second = torch.nn.Linear(inner, 8)
        self.act = torch.nn.ReLU()
        self.idle = torch.nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(self.act(self.first(x)))


def saved(view: View, item: str, tmp_path: Path) -> Path:
    view.page.get_by_role("button", name="Export").click()
    with view.page.expect_download() as download:
        view.page.get_by_role("menuitem", name=item).click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_either_pane_can_be_hidden_and_one_always_stays(gpt2: View) -> None:
    printed, tree = gpt2.page.get_by_role("button", name="Show print"), gpt2.page.get_by_role("button", name="Show tree")
    printed.click()
    expect(gpt2.line("(wte)")).not_to_be_visible()
    expect(printed).to_have_attribute("aria-pressed", "false")
    box = gpt2.tree.bounding_box()
    assert box and box["width"] > 1100
    tree.click()
    expect(gpt2.tree).not_to_be_visible()
    expect(gpt2.line("(wte)")).to_be_visible()


def test_a_block_of_the_print_folds_and_what_is_looked_for_in_it_opens_it(gpt2: View) -> None:
    line = gpt2.line("(attn)")
    line.hover()
    line.locator(".fold").click()
    expect(gpt2.line("(c_attn)")).to_have_count(0)
    expect(line).to_contain_text("4 lines")
    gpt2.row("c_attn").click()
    expect(gpt2.line("(c_attn)")).to_be_visible()


def test_the_print_is_walked_and_folded_by_keys(gpt2: View) -> None:
    pane = gpt2.page.get_by_role("region", name="Print")
    pane.focus()
    for key in ("Home", "ArrowDown", "ArrowLeft"):
        pane.press(key)
    expect(gpt2.line("(wte)")).to_have_count(0)
    pane.press("ArrowRight")
    expect(gpt2.line("(wte)")).to_have_count(1)
    pane.press("ArrowDown")
    expect(gpt2.row("wte")).to_have_class("row lit")
    pane.press("Enter")
    expect(gpt2.row("wte")).to_have_attribute("aria-selected", "true")


def test_one_kind_is_shown_with_what_it_is_in(gpt2: View) -> None:
    gpt2.page.get_by_label("Filter by kind").select_option("attention")
    rows = gpt2.tree.get_by_role("treeitem")
    expect(rows).to_have_count(5)
    expect(rows.last).to_contain_text("GPT2Attention")
    assert rows.last.get_attribute("aria-setsize") == "1"
    gpt2.line("(wpe)").click()
    expect(gpt2.page.get_by_label("Filter by kind")).to_have_value("")
    expect(gpt2.row("wpe")).to_be_visible()


def test_the_tree_opens_to_a_level(gpt2: View) -> None:
    gpt2.page.get_by_label("Open levels").select_option("2")
    expect(gpt2.tree.get_by_role("treeitem")).to_have_count(8)
    expect(gpt2.row("c_attn")).to_have_count(0)


def test_a_term_opens_where_it_stands_and_closes_again(gpt2: View) -> None:
    term = gpt2.page.get_by_role("button", name="decoder-only").first
    term.click()
    expect(gpt2.page.get_by_role("note")).to_contain_text("without a separate encoder")
    expect(term).to_have_attribute("aria-expanded", "true")
    term.click()
    expect(gpt2.page.get_by_role("note")).to_have_count(0)


def test_the_level_of_the_explanation_is_switched(gpt2: View) -> None:
    story = gpt2.page.get_by_role("region", name="Explanation")
    before = story.locator(".say").count()
    gpt2.page.get_by_label("Level of the explanation").select_option("beginner")
    expect(story.get_by_role("heading", name="words").or_(story.get_by_role("heading", name="Words")).first).to_be_attached()
    assert story.locator(".say").count() > before


def test_a_section_is_gone_to_from_the_list_of_sections(gpt2: View) -> None:
    heading = gpt2.page.get_by_role("heading", name="Where the parameters are")
    expect(heading).not_to_be_in_viewport()
    link = gpt2.page.get_by_role("navigation", name="Sections").get_by_text("Where the parameters are")
    link.click()
    expect(heading).to_be_in_viewport()
    expect(link).to_have_attribute("aria-current", "true")


def test_from_a_node_one_goes_to_each_sentence_on_it(gpt2: View) -> None:
    gpt2.row("wpe").click()
    button = gpt2.page.get_by_role("button", name="In the explanation")
    button.click()
    first = gpt2.page.locator(".say.sel:focus").text_content()
    expect(button).to_contain_text("1 of ")
    button.click()
    assert gpt2.page.locator(".say.sel:focus").text_content() != first


def test_the_explanation_is_one_stop_and_arrows_walk_it(gpt2: View) -> None:
    story = gpt2.page.get_by_role("region", name="Explanation")
    expect(story.locator("[tabindex='0']")).to_have_count(1)
    story.locator("[tabindex='0']").focus()
    gpt2.page.keyboard.press("ArrowDown")
    assert "decoder-only" in gpt2.focused
    expect(story.locator("[tabindex='0']")).to_have_count(1)


def test_the_details_tell_what_the_catalog_knows_with_this_nodes_values(gpt2: View) -> None:
    gpt2.row("wte").click()
    details = gpt2.page.get_by_role("region", name="Details")
    expect(details.get_by_role("table").first).to_contain_text("Each row is a vector of 768 numbers.")
    expect(details.get_by_role("link", name="Documentation")).to_have_attribute(
        "href", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html"
    )


def test_a_line_for_get_submodule_is_copied(gpt2: View) -> None:
    gpt2.row("c_attn").click()
    gpt2.page.get_by_role("button", name="Copy model.get_submodule").click()
    copied = gpt2.page.evaluate("navigator.clipboard.readText()") if gpt2.page.evaluate("!!navigator.clipboard") else None
    assert copied in (None, 'model.get_submodule("transformer.h.0.attn.c_attn")')


def test_the_saved_page_is_the_view_again(gpt2: View, tmp_path: Path) -> None:
    path = saved(gpt2, "Save as HTML", tmp_path)
    assert path.name == "GPT2LMHeadModel.html"
    gpt2.page.goto(path.as_uri())
    expect(gpt2.row("c_attn")).to_be_visible()
    assert gpt2.page.title() == "GPT2LMHeadModel"


def test_the_other_files_hold_the_explanation(gpt2: View, tmp_path: Path) -> None:
    markdown = saved(gpt2, "Save as Markdown", tmp_path).read_text("utf-8")
    assert markdown.startswith("# GPT2LMHeadModel") and "## How data flows" in markdown and "c_attn: Conv1D" in markdown
    data = json.loads(saved(gpt2, "Save as JSON", tmp_path).read_text("utf-8"))
    assert [node["path"] for node in data["nodes"]][:3] == ["", "transformer", "transformer.wte"]
    assert data["nodes"][2]["num_parameters"] == 38_597_376
    picture = ElementTree.fromstring(saved(gpt2, "Save the tree as SVG", tmp_path).read_text("utf-8"))
    texts = ["".join(element.itertext()) for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert any("c_attn: Conv1D" in text for text in texts)
    fills = {element.get("fill") for element in picture.iter("{http://www.w3.org/2000/svg}tspan")}
    assert len(fills) > 5 and all(fill and fill.startswith("rgb(") for fill in fills)


def test_the_menu_is_walked_and_left_by_keys(gpt2: View) -> None:
    gpt2.page.get_by_role("button", name="Export").press("Enter")
    menu = gpt2.page.get_by_role("menu")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    gpt2.page.keyboard.press("ArrowUp")
    expect(menu.get_by_role("menuitem").last).to_be_focused()
    gpt2.page.keyboard.press("Escape")
    expect(menu).not_to_be_visible()


def test_in_order_of_execution_operations_stand_between_modules(tab: Page) -> None:
    view = View(tab, document(explain(Net(), inputs=torch.zeros(3, 8))))
    expect(view.row("idle")).to_contain_text("never called")
    view.row("second").click()
    view.page.get_by_role("button", name="Order of execution").click()
    rows = view.tree.get_by_role("treeitem")
    names = [text.split("\n") for text in rows.all_inner_texts()]
    assert [part for name in names for part in name if part in ("first", "act", "second", "add", "idle")] == [
        "first",
        "act",
        "second",
        "add",
    ]
    expect(view.row("second")).to_have_attribute("aria-selected", "true")
    view.line("(first)").hover()
    expect(view.row("first")).to_have_class("row lit")
    expect(view.row("first").locator(".flow")).to_have_attribute("title", "(3, 8) → (3, 16)")
    view.page.get_by_role("button", name="Order of execution").click()
    expect(view.row("idle")).to_be_visible()
    assert view.errors == []


def test_where_forward_fails_is_marked_with_its_message(tab: Page) -> None:
    view = View(tab, document(explain(Net(inner=12), inputs=torch.zeros(3, 8))))
    expect(view.row("second")).to_have_class("row failed")
    expect(view.page.get_by_role("region", name="Explanation")).to_contain_text("RuntimeError")
    view.row("second").click()
    expect(view.page.get_by_role("region", name="Details")).to_contain_text("(3, 16)")


def test_at_200_percent_the_panes_stack_and_nothing_is_cut(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    tab = context.new_page()
    view = View(tab, document(explain(SEED)))
    assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    for name in ("Export", "Expand all"):
        expect(tab.get_by_role("button", name=name)).to_be_in_viewport()
    assert view.errors == []
    context.close()


def test_in_forced_colours_what_is_selected_still_shows(tab: Page) -> None:
    tab.emulate_media(forced_colors="active")
    view = View(tab, document(explain(SEED)))
    view.row("wpe").click()
    expect(view.row("wpe")).to_have_css("outline-style", "dashed")


def test_in_forced_colours_lists_still_show_that_they_are_lists(tab: Page) -> None:
    """Their arrow is a picture in the background, which forced colours take away: the browser's own comes back."""
    tab.emulate_media(forced_colors="active")
    View(tab, document(explain(SEED)))
    assert tab.get_by_label("Filter by kind").evaluate("(e) => getComputedStyle(e).appearance") == "auto"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(tab: Page, theme: str) -> None:
    background = "#1b1b1b" if theme == "dark" else "#fff"
    style = f"<style>html, body {{ background: {background} }}</style><title>x</title>"
    view = View(tab, document(explain(Net(inner=12), inputs=torch.zeros(3, 8))), style)
    tab.evaluate("document.documentElement.lang = 'en'")
    view.row("second").click()
    tab.get_by_label("Filter by kind").select_option("linear")
    tab.get_by_label("Level of the explanation").select_option("beginner")
    tab.locator(".term").first.click()
    tab.get_by_role("button", name="Order of execution").click()
    tab.get_by_role("button", name="Export").click()
    tab.add_script_tag(path=str(AXE))
    found = tab.evaluate("axe.run(document.querySelector('.archmagic'))")
    told = [(v["id"], [n["html"][:120] + " | " + n["failureSummary"][:300] for n in v["nodes"][:3]]) for v in found["violations"]]
    assert told == []


def test_the_picture_of_a_block_is_linked_with_the_rows(gpt2: View) -> None:
    picture = gpt2.page.get_by_role("img", name="One of the 12 blocks")
    shape = picture.locator("g", has_text="Causal self-attention")
    shape.scroll_into_view_if_needed()
    shape.hover()
    expect(gpt2.row("attn")).to_have_class("row lit")
    gpt2.row("mlp").hover()
    expect(picture.locator("g", has_text="Feed-forward")).to_have_class("shape lit")
    shape.click()
    expect(gpt2.row("attn")).to_have_attribute("aria-selected", "true")


def test_the_tabulator_goes_through_the_view_and_out_of_it(tab: Page) -> None:
    view = View(tab, f"<button>before</button>{document(explain(SEED))}<button>after</button>")
    tab.get_by_role("heading", name="How data flows").wait_for()
    stops = []
    while len(stops) < 40 and (not stops or stops[-1] != "after"):
        tab.keyboard.press("Tab")
        stops.append(
            tab.evaluate(
                "() => { let at = document.activeElement; while (at.shadowRoot) at = at.shadowRoot.activeElement;"
                " return at.ariaLabel || at.title || at.innerText.split('\\n')[0] }"
            )
        )
    assert stops[:4] == ["before", "Show print", "Show tree", "Find a name, type or number"] and stops[-1] == "after"
    assert {"Print", "Print width", "How data flows", "Level of the explanation", "Details"} <= set(stops)
    tab.keyboard.press("Shift+Tab")
    assert view.focused != "undefined"


def test_keys_that_the_view_does_not_handle_do_what_the_browser_does(gpt2: View) -> None:
    keys = gpt2.page.keyboard
    gpt2.page.evaluate("document.addEventListener('keydown', (e) => setTimeout(() => (window.kept = !e.defaultPrevented)))")
    for place in (gpt2.row("wte"), gpt2.page.get_by_role("region", name="Print"), gpt2.page.get_by_role("region", name="Details")):
        place.focus()
        for key in ("Control+c", "PageDown", "Escape", "F2"):
            gpt2.page.evaluate("window.kept = null")
            keys.press(key)
            gpt2.page.wait_for_function("kept !== null")
            assert gpt2.page.evaluate("kept"), key


def test_a_row_does_not_say_its_type_twice(tab: Page) -> None:
    view = View(tab, document(explain({"G": torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU()), "D": torch.nn.Linear(3, 1)})))
    expect(tab.locator(".row .hint", has_text="ReLU")).to_have_count(0)
    expect(tab.locator(".row .hint", has_text="2 models")).to_have_count(0)
    expect(view.row("G")).to_contain_text("Sequence")

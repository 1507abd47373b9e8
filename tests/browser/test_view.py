"""The view on a bare page: what the mouse and the keyboard do, and what is drawn. No Jupyter, no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from archmagic import explain
from archmagic.render.document import document, page

pytestmark = pytest.mark.browser

PRINTED = Path(__file__).parents[1] / "printed"
SEED = (PRINTED / "gpt2-seed.txt").read_text("utf-8")


class View:
    """An explained model on a page. Locators reach into its shadow root."""

    def __init__(self, page: Page, body: str, head: str = "") -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_content(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>")
        self.tree.wait_for()

    @property
    def tree(self) -> Locator:
        return self.page.get_by_role("tree").first

    def row(self, name: str) -> Locator:
        return self.page.locator(".row", has=self.page.locator(".name", has_text=name)).first

    def line(self, text: str) -> Locator:
        return self.page.locator(".line", has_text=text).first

    @property
    def tooltip(self) -> Locator:
        return self.page.locator(".tip:popover-open")

    @property
    def focused(self) -> str:
        return str(self.page.evaluate("document.querySelector('.archmagic').shadowRoot.activeElement?.innerText.replaceAll('\\n', ' ')"))


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def gpt2(tab: Page) -> Iterator[View]:
    view = View(tab, document(explain(SEED)))
    yield view
    assert view.errors == []


def test_the_print_is_real_text_to_the_letter(gpt2: View) -> None:
    lines = gpt2.page.locator(".line").all_text_contents()
    assert "\n".join(lines) == explain(SEED).printed


def test_a_run_is_one_row_with_its_count(gpt2: View) -> None:
    row = gpt2.row("0–11")
    expect(row).to_contain_text("12 ×")
    expect(row).to_contain_text("GPT2Block")
    expect(row).to_contain_text("7.09M")


def test_hovering_either_pane_lights_up_the_other(gpt2: View) -> None:
    gpt2.row("wpe").hover()
    expect(gpt2.line("(wpe)")).to_have_class("line lit strong")
    gpt2.line("(wte)").hover()
    expect(gpt2.row("wte")).to_have_class("row lit")
    expect(gpt2.line("(wpe)")).not_to_have_class("line lit strong")


def test_what_lights_up_is_brought_into_sight(gpt2: View) -> None:
    line = gpt2.line("(lm_head)")
    expect(line).not_to_be_in_viewport()
    gpt2.row("transformer").focus()
    gpt2.page.keyboard.press("End")
    gpt2.row("lm_head").hover()
    expect(line).to_be_in_viewport()


def test_a_closed_row_tells_that_what_is_lit_is_inside_it(gpt2: View) -> None:
    gpt2.row("transformer").locator(".chev").click()
    expect(gpt2.row("wte")).to_have_count(0)
    gpt2.line("(wte)").hover()
    expect(gpt2.row("transformer")).to_have_class("row holds")


def test_a_click_selects_and_shows_the_details(gpt2: View) -> None:
    gpt2.row("c_attn").click()
    expect(gpt2.row("c_attn")).to_have_attribute("aria-selected", "true")
    details = gpt2.page.get_by_role("region", name="Details")
    expect(details).to_contain_text("1,771,776")
    expect(details.locator(".step")).to_have_text(["GPT2LMHeadModel", "transformer", "h", "0–11", "attn", "c_attn"])
    expect(gpt2.line("(c_attn)")).to_have_class("line lit strong sel")


def test_a_click_on_a_printed_line_selects_its_module(gpt2: View) -> None:
    gpt2.line("(wpe)").click()
    expect(gpt2.row("wpe")).to_have_attribute("aria-selected", "true")


def test_the_tooltip_comes_after_a_while_and_at_once_when_moving_on(gpt2: View) -> None:
    gpt2.row("wte").hover()
    expect(gpt2.tooltip).to_have_count(0)
    expect(gpt2.tooltip).to_be_visible()
    expect(gpt2.tooltip).to_contain_text("38,597,376")
    assert gpt2.row("wte").get_attribute("aria-describedby") == gpt2.tooltip.get_attribute("id")
    gpt2.row("wpe").hover()
    expect(gpt2.tooltip).to_contain_text("786,432", timeout=200)


def test_the_tooltip_can_be_moved_onto_and_escape_closes_it(gpt2: View) -> None:
    gpt2.row("wte").hover()
    expect(gpt2.tooltip).to_be_visible()
    gpt2.tooltip.hover()
    gpt2.page.wait_for_timeout(500)
    expect(gpt2.tooltip).to_be_visible()
    gpt2.row("wte").focus()
    gpt2.page.keyboard.press("Escape")
    expect(gpt2.tooltip).to_have_count(0)


def test_the_tooltip_comes_on_focus_by_the_keyboard(gpt2: View) -> None:
    gpt2.row("transformer").focus()
    gpt2.page.keyboard.press("ArrowDown")
    expect(gpt2.tooltip).to_contain_text("38,597,376")


def test_a_sentence_lights_up_what_it_rests_on_and_the_other_way_round(gpt2: View) -> None:
    sentence = gpt2.page.get_by_role("link").filter(has_text="Token ids (B, T)")
    sentence.hover()
    expect(gpt2.row("wte")).to_have_class("row lit")
    expect(gpt2.line("(wpe)")).to_have_class("line lit strong")
    gpt2.row("wpe").hover()
    expect(sentence).to_have_class("say lit")


def test_picking_a_sentence_selects_what_it_rests_on(gpt2: View) -> None:
    gpt2.row("transformer").locator(".chev").click()
    gpt2.page.get_by_role("link").filter(has_text="Token ids (B, T)").click(position={"x": 110, "y": 8})
    expect(gpt2.row("wte")).to_have_attribute("aria-selected", "true")


def test_marks_are_there_and_explained(gpt2: View) -> None:
    story = gpt2.page.get_by_role("region", name="Explanation")
    expect(story.get_by_role("img", name="assumed").first).to_have_text("a")
    expect(story.locator(".legend")).to_contain_text("a convention or a made-up choice, which may be wrong")


def test_the_keys_of_the_tree(gpt2: View) -> None:
    keys = gpt2.page.keyboard
    gpt2.tree.locator("[tabindex='0']").focus()
    assert "GPT2LMHeadModel" in gpt2.focused
    keys.press("ArrowRight")
    assert "transformer" in gpt2.focused
    keys.press("ArrowLeft")
    expect(gpt2.row("transformer")).to_have_attribute("aria-expanded", "false")
    assert "transformer" in gpt2.focused
    keys.press("ArrowRight")
    keys.press("End")
    assert "lm_head" in gpt2.focused
    keys.press("Home")
    keys.type("mlp")
    assert "GPT2MLP" in gpt2.focused
    keys.press("Enter")
    expect(gpt2.row("mlp")).to_have_attribute("aria-selected", "true")


def test_the_tree_is_one_tab_stop(gpt2: View) -> None:
    expect(gpt2.tree.locator("[tabindex='0']")).to_have_count(1)
    gpt2.row("wpe").click()
    expect(gpt2.tree.locator("[tabindex='0']")).to_have_count(1)
    assert "wpe" in gpt2.focused


def test_rows_say_where_they_stand(gpt2: View) -> None:
    row = gpt2.row("wpe")
    for name, value in {"aria-level": "3", "aria-setsize": "5", "aria-posinset": "2"}.items():
        assert row.get_attribute(name) == value


def test_keys_that_the_view_handles_do_not_reach_the_host(gpt2: View) -> None:
    gpt2.page.evaluate("window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key))")
    gpt2.row("wte").focus()
    for key in ("ArrowDown", "a", "Enter", "x", "F6", "Control+s"):
        gpt2.page.keyboard.press(key)
    gpt2.page.get_by_placeholder("Find").fill("")
    gpt2.page.keyboard.press("d")
    assert gpt2.page.evaluate("heard") == ["F6", "Control", "s"]


def test_jupyterlab_is_told_to_leave_plain_keys_alone_and_no_others(gpt2: View) -> None:
    """Lumino listens in the capture phase; it leaves out what carries this attribute."""
    gpt2.page.evaluate(
        "window.left = []; document.addEventListener('keydown', "
        "(e) => left.push(!!e.target.closest('[data-lm-suppress-shortcuts]') + ' ' + e.key), true)"
    )
    gpt2.row("wte").focus()
    gpt2.page.keyboard.press("b")
    gpt2.page.keyboard.press("Control+s")
    assert gpt2.page.evaluate("left") == ["true b", "false Control", "false s"]


def test_finding_counts_opens_and_walks_on(gpt2: View) -> None:
    gpt2.page.get_by_role("button", name="Collapse all").click()
    expect(gpt2.row("wte")).to_have_count(0)
    box = gpt2.page.get_by_placeholder("Find")
    box.fill("conv1d")
    expect(gpt2.page.locator(".find")).to_contain_text("1 of 4")
    expect(gpt2.row("c_attn")).to_have_class("row hit")
    box.press("Enter")
    expect(gpt2.page.locator(".find")).to_contain_text("2 of 4")
    box.press("Shift+Enter")
    expect(gpt2.page.locator(".find")).to_contain_text("1 of 4")
    box.fill("h.3.attn")
    expect(gpt2.page.locator(".find")).to_contain_text("1 of ")
    box.press("Escape")
    expect(box).to_have_value("")


def test_everything_opens_and_closes(gpt2: View) -> None:
    rows = gpt2.tree.get_by_role("treeitem")
    gpt2.page.get_by_role("button", name="Collapse all").click()
    expect(rows).to_have_count(3)
    gpt2.page.get_by_role("button", name="Expand all").click()
    expect(gpt2.row("c_fc")).to_be_attached()


def test_the_divider_is_dragged_and_moved_by_keys(gpt2: View) -> None:
    divider = gpt2.page.get_by_role("separator", name="Print width")
    box = divider.bounding_box()
    assert box
    gpt2.page.mouse.move(box["x"], box["y"] + 50)
    gpt2.page.mouse.down()
    gpt2.page.mouse.move(box["x"] - 100, box["y"] + 50)
    gpt2.page.mouse.up()
    moved = divider.bounding_box()
    assert moved and moved["x"] == pytest.approx(box["x"] - 100, abs=2)
    divider.press("ArrowRight")
    again = divider.bounding_box()
    assert again and again["x"] == pytest.approx(moved["x"] + 16, abs=2)


def test_the_full_view_is_as_high_as_the_option_says(tab: Page) -> None:
    view = View(tab, document(explain(SEED), height=400))
    box = view.page.locator(".frame").bounding_box()
    assert box and box["height"] == pytest.approx(400, abs=1)


def test_the_compact_form_is_low_and_its_explanation_opens(tab: Page) -> None:
    view = View(tab, document(explain(SEED), compact=True))
    box = view.page.locator(".frame").bounding_box()
    assert box and box["height"] <= 320
    story = view.page.get_by_role("region", name="Explanation")
    expect(story).not_to_be_visible()
    view.page.get_by_role("button", name="Explanation").click()
    expect(story).to_be_visible()
    assert view.errors == []


def test_a_module_without_children_is_its_print_and_one_row(tab: Page) -> None:
    view = View(tab, document(explain("Linear(in_features=3, out_features=2, bias=True)"), compact=True))
    expect(view.page.locator(".line")).to_have_count(1)
    expect(view.page.get_by_role("treeitem")).to_have_count(1)
    box = view.page.locator(".frame").bounding_box()
    assert box and box["height"] < 60


def test_the_panes_stack_where_it_is_narrow(tab: Page) -> None:
    tab.set_viewport_size({"width": 560, "height": 800})
    view = View(tab, document(explain(SEED)))
    upper, lower = (view.page.locator(f".{name}.scroll").bounding_box() for name in ("print", "tree"))
    assert upper and lower and upper["x"] == lower["x"] and upper["y"] + upper["height"] <= lower["y"]


def test_rows_that_take_turns_are_bracketed(tab: Page) -> None:
    pairs = "\n".join(f"  ({i}): {'Local' if i % 2 == 0 else 'Global'}(size={i % 2})" for i in range(8))
    view = View(tab, document(explain(f"Net(\n{pairs}\n)")))
    expect(view.page.locator(".turns.first")).to_have_count(1)
    expect(view.page.locator(".turns.last")).to_have_count(1)
    expect(view.row("0, 2 … 6")).to_contain_text("4 ×")


def test_100_000_open_rows_scroll_with_few_in_the_document(tab: Page) -> None:
    view = View(tab, document(explain(SEED)))
    many = (Path(__file__).parent / "many_rows.js").read_text("utf-8")
    result = view.page.evaluate(many)
    assert result["rows"] == 100_000
    assert result["most"] < 120
    print(f"expand all: {result['expand']:.0f} ms, slowest step of scrolling: {result['slowest']:.0f} ms")


def test_the_same_document_twice_on_a_page_works_twice(tab: Page) -> None:
    text = document(explain(SEED))
    view = View(tab, text + text)
    expect(view.page.get_by_role("tree")).to_have_count(2)
    assert view.errors == []


def test_nothing_in_a_model_becomes_an_element(tab: Page) -> None:
    nasty = "<img src=x onerror=document.title=1>"
    named = f"({nasty}): Linear(in_features=3, out_features=2, bias=True)"
    text = f"Net(\n  {named}\n  (b): Odd({nasty}</script><script>document.title=2</script>)\n)"
    view = View(tab, document(explain(text)))
    for row in view.page.get_by_role("treeitem").all():
        row.click()
    view.page.wait_for_timeout(400)
    counts = "[...document.querySelectorAll('.archmagic')].map((e) => e.shadowRoot.querySelectorAll('img, script').length)"
    assert view.page.evaluate(counts) == [0]
    assert view.page.title() == ""


def test_the_page_that_is_saved_works_by_itself(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "model.html"
    file.write_text(page(explain(SEED)), encoding="utf-8")
    tab.goto(file.as_uri())
    expect(tab.get_by_role("tree")).to_be_visible()
    assert tab.title() == "GPT2LMHeadModel"

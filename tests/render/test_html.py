"""The static page: reads well without scripts, styles and attributes, and nothing in a model becomes markup."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from archmagic import explain
from archmagic.render.escape import escape
from archmagic.render.html import BUDGET, static_html

from .stories import small_explanation

SEED = (Path(__file__).parents[1] / "printed" / "gpt2-seed.txt").read_text("utf-8")
PRINTS = sorted((Path(__file__).parents[1] / "printed" / "transformers").glob("*.txt"))
NASTY = "</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Shape(HTMLParser):
    """Collects tags, attributes and text, and checks that all that opens closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def with_printed(explanation: object) -> object:
    explanation.printed = str(explanation.tree)  # type: ignore[attr-defined]
    return explanation


@pytest.fixture(scope="module")
def gpt2() -> str:
    return static_html(explain(SEED))


def test_it_is_well_formed_and_uses_only_what_sanitisers_keep(gpt2: str) -> None:
    shape = Shape(gpt2)
    assert shape.tags <= {"p", "b", "details", "summary", "pre", "ul", "ol", "li", "code", "span", "small", "img"}
    assert shape.attributes <= {"style", "title", "open", "alt", "src", "width"}


def test_all_is_in_the_words(gpt2: str) -> None:
    """GitHub drops attributes and styles: what remains must say it all."""
    text = Shape(re.sub(r"<(\w+)[^>]*>", r"<\1>", gpt2)).text
    for told in ("c_attn", "1,771,776", "12 ×", "124,439,808", "[assumed]", "2,304", "(0-11): 12 x GPT2Block(", "softmax"):
        assert told.lower() in text.lower()


def test_the_print_is_there_to_the_letter(gpt2: str) -> None:
    printed = re.search(r"<pre[^>]*>(.*?)</pre>", gpt2, re.DOTALL)
    assert printed and html.unescape(printed[1]) == explain(SEED).printed


def test_colours_are_ones_that_a_sanitiser_understands(gpt2: str) -> None:
    colors = re.findall(r"color: ([^;\"]+)", gpt2)
    assert colors and all(re.fullmatch(r"#[0-9a-f]{6}", color) for color in colors)


@pytest.mark.parametrize("path", PRINTS, ids=lambda path: path.stem)
def test_real_models_stay_within_the_budget(path: Path) -> None:
    page = static_html(explain(path.read_text("utf-8")))
    assert len(page.encode()) <= BUDGET
    Shape(page)


def test_what_does_not_fit_is_counted(gpt2: str) -> None:
    rows = "\n".join(f"  (layer{i}): Linear(in_features={i + 1}, out_features={i + 2}, bias=True)" for i in range(2000))
    page = static_html(explain(f"Net(\n{rows}\n)"))
    assert len(page.encode()) <= BUDGET
    assert re.search(r"\.\.\. [\d,]+ more lines", page) and re.search(r"\.\.\. [\d,]+ more</li>", page)


def test_nothing_said_of_a_model_becomes_markup() -> None:
    page = static_html(with_printed(small_explanation(name=NASTY, text=NASTY)))  # type: ignore[arg-type]
    shape = Shape(page)
    assert not shape.tags & {"script", "img"}
    assert shape.text.count("<script>alert(1)</script>") >= 3


def test_escaping_leaves_no_character_that_means_something() -> None:
    assert escape('<a href="\'">&\0\x1b[31m\n') == "&lt;a href=&quot;&#39;&quot;&gt;&amp;�\N{REPLACEMENT CHARACTER}[31m\n"


def test_a_lone_surrogate_in_a_name_does_not_cost_the_output() -> None:
    assert escape("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"
    static_html(explain("Net(\n  (a\ud800b): Linear(in_features=3, out_features=2, bias=True)\n)")).encode()


def test_the_compact_form_opens_with_the_print_and_holds_the_explanation_closed() -> None:
    page = static_html(explain(SEED), compact=True)
    assert "<details><summary>Explanation</summary>" in page
    assert page.index("<pre") < page.index("Explanation</summary>")

from __future__ import annotations

import mistune
import pytest

from archmagic.render.markdown import to_markdown

from .stories import small_explanation

HOSTILE = [
    "<script>alert(1)</script>", "<b onmouseover=x>", "[click](javascript:alert(1))", "![x](http://evil.example/x.png)", "`code`",
    "**bold** _it_ ~~no~~", "a | b", "# heading", "- item", "1. item", "> quote", "&lt;b&gt;", "https://evil.example", "www.evil.example",
    "me@evil.example", "$x^2$", "\\", "= =", "| a |",
]  # fmt: skip


TAGS = [
    "<a", "<img", "<script", "<b", "<strong", "<em", "<del", "<code", "<h", "<li", "<ul", "<ol", "<blockquote", "<table", "<p",
    'class="math"',
]  # fmt: skip


def html_of(markdown: str) -> str:
    return str(mistune.create_markdown(escape=False, plugins=["strikethrough", "table", "url", "math"])(markdown))


def test_the_parts_are_nested_bullets_with_their_parameters() -> None:
    markdown = to_markdown(small_explanation())
    assert "# Tiny\n\nA tiny model.\n" in markdown
    assert "- `Tiny`: 580 (100 %)\n" in markdown
    assert "    - `[0-1]`: `2 x Block`: 2 x 288 (99.3 %)\n" in markdown
    assert "  - `head`: `Linear(in_features=32, out_features=8, bias=False)` *tied*: (256)" in markdown
    assert "1. It goes in.\n2. Widens 8 to 32. \\[named\\]" in markdown


@pytest.mark.parametrize("hostile", HOSTILE)
def test_texts_from_a_model_stay_texts(hostile: str) -> None:
    """Names, sentences and titles come out as the same plain text, and make no element that harmless text does not make."""
    plain = html_of(to_markdown(small_explanation(text="plain", name="plain")))
    html = html_of(to_markdown(small_explanation(text=hostile, name=hostile)))
    assert [html.count(tag) for tag in TAGS] == [plain.count(tag) for tag in TAGS]

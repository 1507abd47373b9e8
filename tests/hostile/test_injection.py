"""Text of a model or a paste stays text in every form: it makes no element, no attribute, no link, no markup and no terminal sequence."""

from __future__ import annotations

import html.parser
import json
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import mistune
import pytest

from archmagic import explain
from tests.browser.test_view import SEED

from .forms import every_form
from .payloads import MARK, explanation_of, hostile_model, hostile_print


class Elements(html.parser.HTMLParser):
    """The (element, attribute names) of a page, and the attributes that could load or run something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.kinds: set[tuple[str, tuple[str, ...]]] = set()
        self.scripts = 0
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.kinds.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.scripts += tag == "script"
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "srcset", "data", "style", "xlink:href")]


HARMLESS = [
    explain(SEED), explain("Net(\n  (a): Foo(x=1)\n  what is this\n  (b): <odd>\n)"), explain("A(\n  (a): B()"),
]  # fmt: skip


@pytest.fixture(scope="module", params=["model", "print"])
def forms(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    x = hostile_model() if request.param == "model" else hostile_print()
    _, found = every_form(x, tmp_path_factory.mktemp("saved"))
    followed = explanation_of(request.param)
    return found | {"text of a failed pass": followed.to_text(), "page of a failed pass": followed._repr_mimebundle_()[0]["text/html"]}  # type: ignore[dict-item]


@pytest.mark.parametrize("form", ["page", "saved html", "bundle text/html", "page of a failed pass"])
def test_html_has_the_elements_of_a_harmless_model_and_no_other(forms: dict[str, str], form: str) -> None:
    allowed = {
        kind for e in HARMLESS for text in (e.to_html(), str(e._repr_mimebundle_()[0]["text/html"])) for kind in Elements(text).kinds
    }
    found = Elements(forms[form])
    strange = {tag for tag, _ in found.kinds} - {tag for tag, _ in allowed}
    assert strange == set()
    assert {name for _, names in found.kinds for name in names} <= {name for _, names in allowed for name in names} | {"title"}
    assert found.scripts == 1
    assert not [link for link in found.links if MARK in link and not link.startswith("data:image/svg+xml")]


def test_svg_is_well_formed_and_draws_only_shapes_and_text(forms: dict[str, str]) -> None:
    harmless = {e.tag for explained in HARMLESS for e in ElementTree.fromstring(explained.to_svg()).iter()}
    for form in ("svg", "saved svg"):
        root = ElementTree.fromstring(forms[form])
        assert {e.tag for e in root.iter()} <= harmless
        assert not [name for e in root.iter() for name in e.attrib if name.startswith("on") or "href" in name]


def test_markdown_makes_no_html_no_link_and_no_picture(forms: dict[str, str]) -> None:
    drawn = str(mistune.create_markdown(escape=False, plugins=["strikethrough", "table", "url", "math"])(forms["markdown"]))
    found = Elements(drawn)
    assert {tag for tag, _ in found.kinds} <= {"h1", "h2", "p", "ul", "ol", "li", "code", "em", "strong"}
    assert {name for _, names in found.kinds for name in names} == set()


def test_json_is_json_and_holds_the_texts_to_the_letter(forms: dict[str, str]) -> None:
    assert MARK in json.dumps(json.loads(forms["json"]))
    json.loads(forms["saved json"])


def test_a_script_holds_no_text_of_the_model(forms: dict[str, str]) -> None:
    """It travels packed; what stands beside it in the script is JSON without a character that ends a script."""
    for form in ("page", "bundle text/html"):
        (script,) = re.findall(r"<script>(.*?)</script>", forms[form], re.DOTALL)
        assert MARK not in script


@pytest.mark.parametrize("form", ["text", "narrow text", "saved txt", "text of a failed pass", "repr", "bundle text/plain"])
def test_text_holds_nothing_that_a_terminal_obeys(forms: dict[str, str], form: str) -> None:
    wrong = {c for c in forms[form] if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert wrong == set()


def test_coloured_text_holds_only_its_own_colours(forms: dict[str, str]) -> None:
    bare = re.sub(r"\x1b\[[0-9;]*m", "", forms["coloured text"])
    assert {c for c in bare if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")} == set()


def test_errors_hold_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    import archmagic

    for text in ("\x1b[2Jno model\u202e", "class \x1b[31mX(\u2066nn.Module):\n  pass"):
        with pytest.raises(archmagic.ArchmagicError) as caught:
            explain(text)
        assert {c for c in str(caught.value) if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")} == set()
    with pytest.raises(archmagic.ArchmagicError) as caught:
        explain(SEED).selected = "\x1b[2J\u202e"
    assert str(caught.value).isprintable()

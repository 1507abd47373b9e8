"""The tree as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from archmagic import Explanation, explain
from archmagic.render.rows import rows

SVG = "{http://www.w3.org/2000/svg}"


def lines(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def gpt2(root: Path) -> Explanation:
    return explain((root / "tests" / "printed" / "gpt2-seed.txt").read_text("utf-8"))


def test_each_row_of_the_text_is_a_row_of_the_picture_with_its_parameters(gpt2: Explanation) -> None:
    shown = lines(gpt2.to_svg())
    for row in rows(gpt2):
        assert any(line.startswith(f"{row.name} {row.label[:20]}".strip()) for line in shown), row
        assert not row.parameters or row.parameters in shown


def test_its_text_is_escaped_and_it_is_well_formed_whatever_a_model_holds() -> None:
    explanation = explain('Sequential(\n  (a<b): Odd("</text><script>alert(1)</script>\x1b&")\n)')
    root = ElementTree.fromstring(explanation.to_svg())
    assert not list(root.iter(f"{SVG}script"))
    assert any("</text><script>alert(1)" in line for line in lines(explanation.to_svg()))


def test_it_needs_nothing_from_elsewhere_and_says_what_it_is(gpt2: Explanation) -> None:
    svg = gpt2.to_svg()
    assert "href" not in svg and "url(" not in svg and "@import" not in svg
    root = ElementTree.fromstring(svg)
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == gpt2.title
    assert "prefers-color-scheme: dark" in svg


def test_no_row_runs_over_another_column(gpt2: Explanation) -> None:
    long = explain("Sequential(\n  (0): Odd(" + ", ".join(f"setting_{n}={n}" for n in range(60)) + ")\n)")
    for line in lines(long.to_svg()):
        assert len(line) < 110
    assert any("…" in line for line in lines(long.to_svg()))


def test_of_a_very_long_tree_the_rest_is_counted() -> None:
    many = "Sequential(\n" + "".join(f"  ({n}): Linear(in_features={n + 1}, out_features=2, bias=True)\n" for n in range(1000)) + ")"
    assert lines(explain(many).to_svg())[-1] == "... 601 more rows"


def test_the_same_model_gives_the_same_bytes_and_it_is_saved_by_its_ending(gpt2: Explanation, tmp_path: Path) -> None:
    assert gpt2.save(tmp_path / "model.svg").read_text("utf-8") == gpt2.to_svg() == gpt2.to_svg()

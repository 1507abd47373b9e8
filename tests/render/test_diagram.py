"""Pictures as SVG and Mermaid: well-formed, inside their frame, the same every time, and nothing in a model becomes markup."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

import pytest

from archmagic import explain
from archmagic.errors import ArchmagicError, UnknownPathError
from archmagic.render.diagram import image, sent_pictures, svg
from archmagic.render.kinds import HUES, color
from archmagic.render.layout import fitted, layout, text_width
from archmagic.render.mermaid import mermaid
from archmagic.story.picture import Box, Fork, Group, Mark, Picture, residual

SEED = (Path(__file__).parents[1] / "printed" / "gpt2-seed.txt").read_text("utf-8")
PRINTS = sorted((Path(__file__).parents[1] / "printed" / "transformers").glob("*.txt"))
NASTY = "</title></svg><script>alert(1)</script><img src=x onerror=alert(1)>]]>\"'&`{}[]()|#;\0\uffff\n"
SVG = "{http://www.w3.org/2000/svg}"


def pictured(*items: Box | Mark | Group | Fork) -> Picture:
    return Picture("", "A picture", items)


@pytest.mark.parametrize("path", PRINTS, ids=lambda path: path.stem)
def test_every_picture_of_a_real_model_is_well_formed_and_stands_inside_its_frame(path: Path) -> None:
    explanation = explain(path.read_text("utf-8"))
    for picture in explanation.story.pictures:
        ET.fromstring(svg(picture))
        drawing = layout(picture)
        for shape in drawing.shapes:
            assert shape.x >= 0 and shape.x + shape.width <= drawing.width
            assert shape.y >= 0 and shape.y + shape.height <= drawing.height
            for word in shape.words:
                left = word.x - text_width(word.text, word.size) * word.anchor / 2
                assert left >= -1 and left + text_width(word.text, word.size) <= drawing.width + 1


@pytest.mark.parametrize("path", PRINTS, ids=lambda path: path.stem)
def test_parts_of_a_picture_do_not_lie_upon_each_other(path: Path) -> None:
    for picture in explain(path.read_text("utf-8")).story.pictures:
        boxes = [s for s in layout(picture).shapes if s.width and s.corner == 6]
        for number, one in enumerate(boxes):
            for other in boxes[number + 1 :]:
                beside = one.x + one.width <= other.x or other.x + other.width <= one.x
                assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y


@pytest.mark.parametrize("path", PRINTS, ids=lambda path: path.stem)
def test_every_part_of_a_picture_stands_for_a_row(path: Path) -> None:
    explanation = explain(path.read_text("utf-8"))
    for picture in explanation.story.pictures:
        for shape in layout(picture).shapes:
            assert shape.path is None or explanation.paths(shape.path)


def test_a_picture_shows_a_block_as_people_draw_it() -> None:
    drawn = ET.fromstring(explain(SEED).diagram() or "")
    words = [element.text for element in drawn.iter(f"{SVG}text")]
    told = ("12 ×", "LayerNorm", "Causal self-attention", "Feed-forward")
    assert [told.index(word) for word in words if word in told] == [0, 1, 2, 1, 3, 1]
    assert {g.get("data-path") for g in drawn.iter(f"{SVG}g")} >= {"transformer.h.[0-11]", "transformer.h.[0-11].attn"}


def test_a_picture_is_the_same_every_time() -> None:
    assert explain(SEED).diagram() == explain(SEED).diagram()


def test_a_skip_line_goes_round_what_it_skips() -> None:
    drawing = layout(pictured(residual(Box("Wide enough to go round", "linear"))))
    box = drawing.shapes[0]
    skip = next(line for line in drawing.lines if "Q" in line)
    assert max(float(x) for x in re.findall(r"[ML](-?[\d.]+) ", skip)) > box.x + box.width


def test_nothing_in_a_model_becomes_markup() -> None:
    box = Box(NASTY, NASTY, NASTY, NASTY, NASTY)
    block = Group(NASTY, NASTY, (residual(box), Fork(((box,), (box,)), "×", said=NASTY)), NASTY, NASTY)
    picture = Picture(NASTY, NASTY, (Mark(NASTY), block))
    drawn = ET.fromstring(svg(picture))
    assert {element.tag.removeprefix(SVG) for element in drawn.iter()} == {"svg", "title", "g", "rect", "path", "text"}
    assert not any(name.startswith("on") for element in drawn.iter() for name in element.attrib)
    shown = image(picture, layout(picture))
    assert shown.count("<") == shown.count(">") == 1 and shown.count('"') == 6
    source = re.search(r'src="data:image/svg\+xml;charset=utf8,([^"]*)"', shown)
    assert source and {e.tag.removeprefix(SVG) for e in ET.fromstring(unquote(html.unescape(source[1]))).iter()} <= {
        "svg", "title", "g", "rect", "path", "text",
    }  # fmt: skip


def test_nothing_in_a_model_becomes_mermaid() -> None:
    chart = mermaid(Picture("", NASTY, (Group(NASTY, "", (Box(NASTY, "", "", NASTY),)),)))
    assert re.fullmatch(r'%% [^\n]*\nflowchart TB\n  subgraph g1\["[^"\n<>`]*"\]\n    n2\["[^"\n>`]*<br/>[^"\n<>`]*"\]\n  end\n', chart)


def test_mermaid_says_the_same_as_the_picture() -> None:
    chart = explain(SEED).diagram(form="mermaid") or ""
    assert chart.startswith("%% One of the 12 blocks of GPT2LMHeadModel\nflowchart TB\n")
    assert len(re.findall(r'\(\("\+"\)\)', chart)) == 3
    edges = re.findall(r"(n\d+) --> (n\d+)", chart)
    assert len(edges) == len(set(edges)) == 15


def test_a_picture_may_be_asked_for_by_any_path_in_its_block() -> None:
    explanation = explain(SEED)
    assert explanation.diagram("transformer.h.3.attn.c_attn") == explanation.diagram() == explanation.diagram("transformer")
    assert explanation.diagram("lm_head") is None
    with pytest.raises(UnknownPathError):
        explanation.diagram("transformer.g")
    with pytest.raises(ArchmagicError, match="'svg' or 'mermaid'"):
        explanation.diagram(form="png")  # type: ignore[arg-type]


def test_where_the_placement_is_not_known_there_is_no_picture() -> None:
    assert explain("Net(\n  (a): Linear(in_features=3, out_features=2, bias=True)\n  (b): ReLU()\n)").diagram() is None


def test_what_is_too_long_is_cut() -> None:
    assert fitted("a" * 200, 13, 100).endswith("…") and text_width(fitted("a" * 200, 13, 100), 13) <= 100
    assert fitted("short", 13, 100) == "short"


def test_the_view_is_sent_pictures_with_the_rows_they_stand_for() -> None:
    picture = pictured(Group("Block", "", (Box("Norm", "normalization", "a"), Mark("out")), "b"))
    (sent,) = sent_pictures([(picture, layout(picture))], {"a": 7, "b": 3})
    title, basis, width, height, _, _, shapes = sent
    assert (title, basis) == ("A picture", 0) and width > 50 < height
    assert [(row, kind) for row, kind, *_ in shapes] == [(3, ""), (7, "normalization"), (-1, "")]


def test_colours_are_those_of_the_view() -> None:
    source = (Path(__file__).parents[2] / "js" / "src" / "kinds.ts").read_text("utf-8")
    hues = {kind: int(hue) for kind, hue in re.findall(r'["+, ]?([a-z-]+) \S (\d+)(?=[,"])', source)}
    assert hues == HUES
    assert all(re.fullmatch("#[0-9a-f]{6}", color(kind) or "") for kind in HUES) and color("container") is None


def test_branches_with_nothing_to_show_are_drawn_as_lines() -> None:
    drawn = svg(pictured(Fork(((), ()), "+"), Box("b", "b")))
    assert ET.fromstring(drawn) is not None

"""The document: static page, program and data in one piece of HTML."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path

import pytest

from archmagic import explain
from archmagic.render.document import document, identity, page

STATIC = Path(__file__).parents[2] / "archmagic" / "static"
SEED = (Path(__file__).parents[1] / "printed" / "gpt2-seed.txt").read_text("utf-8")
PRINTS = sorted((Path(__file__).parents[1] / "printed" / "transformers").glob("*.txt"))


def test_running_a_cell_again_gives_the_same_bytes() -> None:
    assert document(explain(SEED)) == document(explain(SEED))


def test_it_holds_the_static_page_and_one_script() -> None:
    text = document(explain(SEED))
    assert re.fullmatch(r'<div class="archmagic am-[0-9a-f]{12}">.*</div><script>.*</script>', text, re.DOTALL)
    assert text.count("<script") == text.count("</script") == 1


def test_nothing_inside_the_script_can_end_it() -> None:
    script = document(explain(SEED)).rpartition("<script>")[2].removesuffix("</script>")
    assert "</" not in script and "<!--" not in script and "\u2028" not in script and "\u2029" not in script


def test_the_program_travels_whole() -> None:
    packed = max(re.findall(r'"([A-Za-z0-9+/=]{1000,})"', document(explain(SEED))), key=len)
    assert gzip.decompress(base64.b64decode(packed)).decode() == (STATIC / "view.js").read_text("utf-8")


def test_a_small_model_weighs_under_60_kb() -> None:
    assert len(document(explain(SEED)).encode()) < 60_000


@pytest.mark.parametrize("path", sorted(PRINTS, key=lambda path: -path.stat().st_size)[:8], ids=lambda path: path.stem)
def test_the_largest_models_weigh_under_100_kb(path: Path) -> None:
    assert len(document(explain(path.read_text("utf-8"))).encode()) < 100_000


def test_only_a_live_document_carries_the_id_it_is_linked_by() -> None:
    explanation = explain(SEED)
    assert f'"id":"{identity(explanation)}"' in document(explanation, live=True)
    assert '"id":""' in document(explanation, live=False)


def test_the_compact_and_the_full_form_are_linked_by_the_same_id() -> None:
    explanation = explain(SEED)
    assert f'"id":"{identity(explanation)}"' in document(explanation, compact=True)


def test_what_is_selected_is_selected_when_shown() -> None:
    explanation = explain(SEED)
    explanation.selected = "transformer.wte"
    assert '"selected":"transformer.wte"' in document(explanation)


def test_the_page_stands_alone() -> None:
    text = page(explain(SEED))
    assert text.startswith("<!doctype html>")
    assert not re.search(r'(src|href)="(?!data:image)', text)


def test_the_programs_stay_within_their_budget() -> None:
    assert (STATIC / "view.js").stat().st_size <= 40 * 1024
    assert (STATIC / "boot.js").stat().st_size <= 2400  # it unpacks the rest
    assert (STATIC / "link.js").stat().st_size <= 1250

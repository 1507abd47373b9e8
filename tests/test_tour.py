"""The tour that is committed is the one that its script writes, executed without an error."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest

from .tools import tour


def comparable(notebook: Any) -> list[tuple[str, str]]:
    """Each cell with its outputs as one text: what a loop prints may come in several. The packed program and data are left out: another
    zlib packs them otherwise."""
    return [(cell.source, "".join(_text(output) for output in cell.get("outputs", ()))) for cell in notebook.cells]


def _text(output: Any) -> str:
    data = output.get("data", {})
    page = re.sub(r'am-\w+"|<script>.*</script>', "", data.get("text/html", ""), flags=re.DOTALL)
    return page + data.get("text/plain", "") + output.get("text", "")


@pytest.mark.slow
def test_the_committed_tour_is_what_its_cells_give_now() -> None:
    committed = nbformat.read(tour.TOUR, as_version=4)
    fresh = nbformat.reads(nbformat.writes(tour.execute(tour.write())), as_version=4)
    assert comparable(fresh) == comparable(committed), "run make tour"


def test_the_committed_tour_shows_explanations_and_no_error() -> None:
    outputs = [output for cell in nbformat.read(tour.TOUR, as_version=4).cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert sum("text/html" in output.get("data", {}) for output in outputs) >= 3
    assert not [output for output in outputs if any("widget" in kind for kind in output.get("data", {}))]

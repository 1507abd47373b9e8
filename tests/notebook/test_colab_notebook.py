"""notebooks/colab.ipynb, run with Colab's versions and a stub of google.colab; and what Colab would save of it."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter

from ..tools.colab_notebook import INSTALL, NOTEBOOK, write
from .kernels import running
from .test_colab import STUB


def test_the_committed_notebook_is_the_written_one() -> None:
    assert nbformat.read(NOTEBOOK, 4) == write(), "run python -m tests.tools.colab_notebook"


def test_the_readmes_badge_opens_it(root: Path) -> None:
    badges = re.findall(r"https://colab\.research\.google\.com/github/([^)\s]+)", (root / "README.md").read_text("utf-8"))
    repository = INSTALL.rpartition("github.com/")[2]
    assert badges == [f"{repository}/blob/main/notebooks/colab.ipynb"]


@pytest.mark.slow
def test_it_runs_and_what_is_saved_is_valid(colab_python: str, root: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, 4)
    with running(colab_python, tmp_path) as kernel:
        kernel.run(STUB)
        kernel.run(f"import os\nos.chdir({str(tmp_path)!r})")
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            # The one line that is not run as it stands: what is installed is this checkout, and pip only says what it would do.
            reply = kernel.run(cell.source.replace(INSTALL, f"%pip install -q --dry-run {root}"))
            assert reply.opened == []  # a comm would be a widget, whose state Colab saves so that GitHub refuses the notebook
            cell.outputs = [
                nbformat.v4.new_output("display_data", nbformat.from_dict(data), metadata=nbformat.from_dict(metadata))
                for data, metadata in reply.shown
            ]
    assert (tmp_path / "model.html").exists()
    nbformat.validate(notebook)
    assert sum("text/html" in output.data for cell in notebook.cells for output in cell.get("outputs", ())) == 4
    for exporter in (HTMLExporter(), MarkdownExporter()):
        text, _ = exporter.from_notebook_node(notebook)
        assert "Modules and parameters" in text

"""Writes notebooks/colab.ipynb, which opens in Colab from the README's badge: `python -m tests.tools.colab_notebook`.

It is committed without outputs: they are for the reader to make. tests/notebook/test_colab_notebook.py runs it with Colab's versions.
"""

from __future__ import annotations

import tomllib

import nbformat

from .install import ROOT
from .tour import PRINT

NOTEBOOK = ROOT / "notebooks" / "colab.ipynb"
URL = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]
INSTALL = f"%pip install -q git+{URL}"

CELLS: tuple[tuple[str, str], ...] = (
    (
        "markdown",
        "# archmagic in Colab\n\n"
        "archmagic explains PyTorch architectures: an interactive tree beside the print, a tooltip on every layer, and an explanation in "
        "plain English. Run the cells from top to bottom. It needs no GPU, no weights and no restart.",
    ),
    ("code", INSTALL),
    ("code", "%load_ext archmagic"),
    (
        "markdown",
        "## A printed model\n\nA print is enough. `%%explain_arch` reads what you paste beneath it. Open rows, hover over layers, and "
        "hover over sentences to see which layers they speak of.",
    ),
    ("code", f"%%explain_arch\n{PRINT}"),
    (
        "markdown",
        "## A live model\n\nA live model tells what its print does not: the number of heads, frozen and shared weights, the data type. "
        "With the extension loaded, a module that ends a cell is shown as print and tree; `explain` shows all.",
    ),
    (
        "code",
        "import torch\nfrom torch import nn\n\n"
        "model = nn.Sequential(\n    nn.Embedding(10_000, 256),\n"
        "    nn.TransformerEncoder(nn.TransformerEncoderLayer(256, 8, 1024, batch_first=True), num_layers=6),\n"
        "    nn.Linear(256, 10_000),\n)\nmodel",
    ),
    ("code", "explanation = explain(model)\nexplanation"),
    (
        "markdown",
        "## Ask it\n\nA row picked above is `explanation.selected`; set in Python, it moves the view. Every fact says what it rests on.",
    ),
    ("code", 'explanation.selected = "1.layers.3.self_attn"\nmodel.get_submodule(explanation.paths(explanation.selected)[3])'),
    ("code", 'fact = explanation.facts.get("num_parameters")\nfact.value, fact.basis, fact.text'),
    ("code", 'explanation.save("model.html")'),
)


def write() -> nbformat.NotebookNode:
    """The notebook, not executed."""
    cells = []
    for number, (kind, source) in enumerate(CELLS, 1):
        make = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        cells.append(make(source, id=f"colab-{number:02}"))
    notebook = nbformat.v4.new_notebook(cells=cells)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = {"colab": {"provenance": []}, "kernelspec": kernel, "language_info": {"name": "python"}}
    return notebook


if __name__ == "__main__":
    nbformat.write(write(), NOTEBOOK)
    print(NOTEBOOK.relative_to(ROOT))

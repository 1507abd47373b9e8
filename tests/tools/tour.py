"""Writes notebooks/tour.ipynb, executed: `make tour`. Its cells stand here; the same cells give the same bytes."""

from __future__ import annotations

from typing import Any

import nbformat
from nbclient import NotebookClient

from .install import ROOT

TOUR = ROOT / "notebooks" / "tour.ipynb"
PRINT = (ROOT / "notebooks" / "gpt2.txt").read_text(encoding="utf-8").rstrip()

CELLS: tuple[tuple[str, str], ...] = (
    (
        "markdown",
        "# A tour of archmagic\n\n"
        "archmagic explains PyTorch architectures where you meet them. What you see below is saved in this notebook and needs no kernel: "
        "open rows, hover over layers, and hover over sentences to see which layers they speak of. (On GitHub, which shows no scripts, "
        "it is a plain page.)",
    ),
    ("code", "%load_ext archmagic"),
    (
        "markdown",
        "## A printed model\n\nNo weights, no network and no torch: a print is enough. `%%explain_arch` reads what you paste beneath it.",
    ),
    ("code", f"%%explain_arch\n{PRINT}"),
    (
        "markdown",
        "## A live model\n\nA live model tells what its print does not: shared weights, buffers, the number of heads, the data type. "
        "Here it is built on the meta device, so it takes no memory.",
    ),
    (
        "code",
        "import torch\nfrom transformers import LlamaConfig, LlamaForCausalLM\n\n"
        'with torch.device("meta"):\n    model = LlamaForCausalLM(LlamaConfig())\n\nexplanation = explain(model)\nexplanation',
    ),
    (
        "markdown",
        "## Any module\n\nOnce the extension is loaded, a module that ends a cell is shown as print and tree side by side. "
        "`archmagic.options.hook = False` turns that off.",
    ),
    ("code", "torch.nn.TransformerEncoderLayer(d_model=512, nhead=8)"),
    (
        "markdown",
        "## Facts, and how far to trust them\n\nEvery sentence comes from facts, and every fact has a basis. *measured* and *derived* "
        "ones are never wrong; *config* is what `model.config` says; *named* follows from the name of a class or attribute; *assumed* is "
        "a convention, and the sentence says so.",
    ),
    ("code", "explanation.facts"),
    (
        "code",
        'fact = explanation.facts.get("num_key_value_heads")\nfact.value, fact.basis, fact.text',
    ),
    (
        "markdown",
        "## For whom\n\n`explain(model, level=...)` tells the same to beginners, practitioners or experts. What changes is "
        "what is explained; what is true stays the same.",
    ),
    (
        "code",
        'for level in ("beginner", "practitioner", "expert"):\n'
        "    said = {s.label: s.text for section in explanation.story_at(level).sections for s in section.statements}\n"
        "    print(f\"{level}: {said['input_layernorm, post_attention_layernorm']}\\n\")",
    ),
    (
        "markdown",
        "## Follow the data\n\nGiven `inputs`, a pass runs on shapes alone: no weight is read, and a model on "
        "the meta device works. It shows "
        "what no list of modules does: the order of calls, shapes with named sizes, what is added to what, and what it costs. What names "
        "only suggested becomes *measured*.",
    ),
    (
        "code",
        "from transformers import GPT2Config, GPT2LMHeadModel\n\n"
        'with torch.device("meta"):\n    gpt2 = GPT2LMHeadModel(GPT2Config())\n\n'
        'followed = explain(gpt2, inputs={"input_ids": (1, 128)})\n'
        'for key in ("norm_placement", "is_causal", "num_attention_heads"):\n'
        "    for each in (explain(gpt2), followed):\n"
        "        fact = each.facts.get(key)\n"
        '        print(f"{key:20} {fact.value!s:6} {fact.basis}")\n'
        'print(followed.forward.outputs[0].text, f"{followed.forward.flops:,} operations")',
    ),
    ("markdown", 'A block as people draw it on a whiteboard; `form="mermaid"` gives a flowchart for Markdown.'),
    ("code", "from IPython.display import SVG\n\nSVG(followed.diagram())"),
    ("markdown", "The same of a network that no library knows, written here."),
    (
        "code",
        "from torch import nn\nfrom torch.nn import functional as F\n\n\n"
        "class Residual(nn.Module):\n"
        "    def __init__(self, width, out, stride=1):\n"
        "        super().__init__()\n"
        "        self.conv1, self.bn1 = nn.Conv2d(width, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out)\n"
        "        self.conv2, self.bn2 = nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out)\n"
        "        self.shortcut = nn.Identity() if width == out else nn.Conv2d(width, out, 1, stride)\n\n"
        "    def forward(self, x):\n"
        "        y = F.relu(self.bn1(self.conv1(x)))\n"
        "        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))\n\n\n"
        "class ResNet(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.stem = nn.Conv2d(3, 64, 7, 2, 3)\n"
        "        self.stages = nn.Sequential(Residual(64, 64), Residual(64, 64), Residual(64, 128, 2), Residual(128, 128))\n"
        "        self.head = nn.Linear(128, 10)\n\n"
        "    def forward(self, x):\n"
        "        return self.head(self.stages(F.relu(self.stem(x))).mean((2, 3)))\n\n\n"
        'resnet = explain(ResNet(), inputs="auto")\nSVG(resnet.diagram())',
    ),
    (
        "markdown",
        "A mixture of experts of 47 billion parameters, of which none is there.",
    ),
    (
        "code",
        "from transformers import MixtralConfig, MixtralForCausalLM\n\n"
        'with torch.device("meta"):\n    mixtral = MixtralForCausalLM(MixtralConfig())\n\n'
        'mixtral = explain(mixtral, inputs="auto")\n'
        "print(f\"{mixtral.facts.get('num_parameters').value:,} parameters\")\n"
        "SVG(mixtral.diagram())",
    ),
    ("markdown", "Where `forward` fails, the explanation says how far it came, what went in and what was expected."),
    (
        "code",
        "class Wrong(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.first, self.second = nn.Linear(784, 256), nn.Linear(128, 10)\n\n"
        "    def forward(self, x):\n"
        "        return self.second(torch.relu(self.first(x)))\n\n\n"
        "failed = explain(Wrong(), inputs=(32, 784)).forward.failed\n"
        "print(failed.path, failed.module, [data.text for data in failed.inputs])\n"
        "print(failed.error)\nprint(failed.expected)",
    ),
    (
        "markdown",
        "## Rows and paths\n\nWhile a kernel runs, a row picked above is `explanation.selected`, and setting it moves the view. A path may "
        "name one module or a run; `paths` gives the single ones, each valid for `model.get_submodule`.",
    ),
    (
        "code",
        'explanation.selected = "model.layers.3.self_attn.q_proj"\n'
        "print(explanation.selected)\n"
        "model.get_submodule(explanation.paths(explanation.selected)[3])",
    ),
    ("markdown", "## One layer type\n\n`describe` says what a layer type does, by name or class."),
    ("code", 'import archmagic\n\narchmagic.describe("GroupNorm")'),
    ("markdown", "## Text, Markdown, JSON, a page\n\nThe same explanation for a terminal, a document, a program or a colleague."),
    (
        "code",
        'print(explain("Sequential(\\n  (0): Linear(in_features=784, out_features=128, bias=True)\\n  (1): ReLU()\\n'
        '  (2): Linear(in_features=128, out_features=10, bias=True)\\n)"))',
    ),
    (
        "code",
        "import tempfile\nfrom pathlib import Path\n\nfolder = Path(tempfile.mkdtemp())\n"
        'for name in ("llama.html", "llama.md", "llama.json"):\n    print(explanation.save(folder / name).name)',
    ),
)


def write() -> nbformat.NotebookNode:
    """The tour, not executed."""
    cells: list[Any] = []
    for number, (kind, source) in enumerate(CELLS, 1):
        make = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        cells.append(make(source, id=f"tour-{number:02}"))
    return nbformat.v4.new_notebook(cells=cells)


def execute(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same notebook with its outputs, and without what differs from run to run.

    Raises:
        CellExecutionError: a cell fails.
    """
    NotebookClient(notebook, timeout=300, kernel_name="python3", store_widget_state=False, record_timing=False).execute()
    for cell in notebook.cells:  # The line of progress that slow work shows, and empties when it is done.
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if output.get("data") != {"text/plain": ""}]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return notebook


def main() -> None:
    nbformat.write(execute(write()), TOUR)
    print(f"{TOUR.relative_to(ROOT)}: {TOUR.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

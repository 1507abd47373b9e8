"""The notebook that every front end is shown, and what must be seen of it."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

CELLS = {
    "load": "%load_ext archmagic",
    "build": "import torch\nfrom torch import nn\nmodel = nn.Sequential(nn.Embedding(50, 8), nn.ReLU(), nn.Linear(8, 3))",
    "live": "e = explain(model)\ne",
    "hook": "model",
    "paste": "%%explain_arch\nSequential(\n  (0): Linear(in_features=3, out_features=2, bias=True)\n  (1): ReLU()\n)",
    "read": 'print("selected:", e.selected)',
    "set": 'e.selected = "2"',
    "widgets": "import ipywidgets\nfirst, second = explain(model), explain(nn.Linear(3, 2))\n"
    "label = ipywidgets.Label()\nipywidgets.dlink((first.widget, 'selected'), (label, 'value'), str)\n"
    "seen = []\nfirst.widget.observe(lambda change: seen.append(change.new), 'selected')\n"
    "ipywidgets.VBox([label, ipywidgets.HBox([first.widget, second.widget])])",
    "seen": 'print("seen:", seen)',
}

ERROR_TEXTS = (
    "Error displaying widget", "could not be displayed", "model not found", "Loading widget", "Invalid Notebook", "Javascript Error",
    "Error creating widget", "Failed to load",
)  # fmt: skip
"""What front ends say where an output cannot be shown."""

SAID = ("Modules and parameters", "Linear", "27 parameters")
"""What the explanation says, in whatever form."""


def no_error_text(place: Locator) -> None:
    """Nothing of what a front end says where it cannot show an output."""
    for text in ERROR_TEXTS:
        expect(place.get_by_text(text)).to_have_count(0)


def no_error_output(notebook: Locator) -> None:
    expect(notebook.locator("[data-mime-type*=stderr], [data-mime-type*=error], .output_error, .output_stderr")).to_have_count(0)

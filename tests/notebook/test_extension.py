"""%load_ext, %unload_ext and %reload_ext."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.formatters import MimeBundleFormatter

import archmagic
from archmagic.explanation import Explanation
from archmagic.notebook.extension import load, unload

from .conftest import Cells


def everything(cells: Cells) -> dict[str, object]:
    """All of a shell that loading may touch."""
    shell = cells.shell
    if hasattr(shell.magics_manager, "load_all_lazy_magics"):  # IPython 9: %load_ext itself is loaded on first use
        shell.magics_manager.load_all_lazy_magics()
    formatter: MimeBundleFormatter = shell.display_formatter.mimebundle_formatter
    return {
        "names": {k: v for k, v in shell.user_ns.items() if not k.startswith("_") and k not in ("In", "Out")},
        "hidden": {k: v for k, v in shell.user_ns_hidden.items() if not k.startswith("_")},
        "by type": dict(formatter.type_printers),
        "by name": dict(formatter.deferred_printers),
        "magics": {kind: dict(magics) for kind, magics in shell.magics_manager.magics.items()},
        "registry": dict(shell.magics_manager.registry),
        "configurables": list(shell.configurables),
        "completers": {k: list(v) for k, v in shell.strdispatchers["complete_command"].strs.items()},
        "transformers": list(shell.input_transformers_post),
    }


def test_three_lines_explain_a_model(cells: Cells) -> None:
    cells.run("%load_ext archmagic")
    cells.run("import torch\nmodel = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())")
    shown = cells.run("explain(model)")
    assert isinstance(shown.value, Explanation)
    assert "Sequential" in shown.html
    assert shown.bundles[-1]["text/plain"] == shown.value.to_text()


def test_loading_imports_neither_torch_nor_widgets_and_makes_none() -> None:
    program = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("%load_ext archmagic").raise_error()
shell.run_cell('explain("Linear(in_features=3, out_features=2, bias=True)")').raise_error()
print([name for name in ("torch", "anywidget", "ipywidgets", "google.colab") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_loading_imports_no_stage_of_explaining() -> None:
    program = """
import sys
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance().run_cell("%load_ext archmagic").raise_error()
stages = {name.split(".")[1] for name in sys.modules if name.startswith("archmagic.")}
print(sorted(stages & {"catalog", "read", "tree", "facts", "story", "render", "trace"}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_loading_twice_changes_nothing(cells: Cells) -> None:
    load(cells.shell)
    once = everything(cells)
    load(cells.shell)
    assert everything(cells) == once
    assert "already loaded" in cells.run("%load_ext archmagic\n%load_ext archmagic").printed


def test_unloading_undoes_all_of_it(cells: Cells) -> None:
    before = everything(cells)
    cells.run("%load_ext archmagic")
    assert everything(cells) != before
    cells.run("%unload_ext archmagic")
    assert everything(cells) == before


def test_unloading_after_use_undoes_all_of_it(cells: Cells) -> None:
    cells.run("import torch")
    before = everything(cells)
    cells.run("%load_ext archmagic")
    cells.run("torch.nn.Linear(3, 2)")
    cells.run("%explain_arch torch.nn.Linear(3, 2)")
    cells.run("%unload_ext archmagic")
    assert everything(cells) == before


def test_unloading_puts_back_what_was_there(cells: Cells) -> None:
    cells.run(
        """
import torch
def explain_arch(line): return "the user's"
def shown(module): return {"text/plain": "the user's"}
get_ipython().register_magic_function(explain_arch)
get_ipython().display_formatter.mimebundle_formatter.for_type(torch.nn.Module, shown)
"""
    )
    before = everything(cells)
    cells.run("%load_ext archmagic")
    assert "text/html" in cells.run("torch.nn.Linear(3, 2)").bundles[-1]
    cells.run("%unload_ext archmagic")
    assert everything(cells) == before
    assert cells.run("torch.nn.Linear(3, 2)").bundles[-1] == {"text/plain": "the user's"}


def test_a_printer_registered_by_name_is_put_back(cells: Cells) -> None:
    cells.run("get_ipython().display_formatter.mimebundle_formatter.for_type_by_name('torch.nn.modules.module', 'Module', print)")
    before = everything(cells)
    load(cells.shell)
    unload(cells.shell)
    assert everything(cells) == before


def test_unloading_leaves_what_the_user_replaced_since(loaded: Cells) -> None:
    loaded.run("explain = 3\ndef mine(m): return {'text/plain': 'mine'}")
    loaded.run("def explain_arch(line): return 'mine'\nget_ipython().register_magic_function(explain_arch)")
    loaded.run("get_ipython().display_formatter.mimebundle_formatter.for_type(nn.Module, mine)")
    loaded.run("%unload_ext archmagic")
    assert loaded.names["explain"] == 3
    assert loaded.run("%explain_arch x").value == "mine"
    assert loaded.run("nn.Linear(3, 2)").bundles[-1] == {"text/plain": "mine"}


def test_a_taken_name_is_left_alone_and_told_once(cells: Cells) -> None:
    cells.run("explain = 'the user put it here'")
    assert "`explain` is taken" in cells.run("%load_ext archmagic").printed
    assert cells.names["explain"] == "the user put it here"
    assert cells.run("%reload_ext archmagic").printed == ""
    cells.run("%unload_ext archmagic")
    assert cells.names["explain"] == "the user put it here"


def test_a_name_that_the_user_imported_stays_theirs(cells: Cells) -> None:
    cells.run("from archmagic import explain")
    assert cells.run("%load_ext archmagic").printed == ""
    cells.run("%unload_ext archmagic")
    assert cells.names["explain"] is archmagic.explain


def test_reloading_keeps_everything_working(loaded: Cells) -> None:
    before = everything(loaded)
    loaded.run("%reload_ext archmagic")
    after = everything(loaded)
    assert after["names"] == before["names"]
    assert after["completers"].keys() == before["completers"].keys()  # type: ignore[attr-defined]
    assert "text/html" in loaded.run("nn.Linear(3, 2)").bundles[-1]
    loaded.run("%unload_ext archmagic")
    assert "text/html" not in loaded.run("nn.Linear(3, 2)").bundles[-1]


def test_a_failure_half_way_leaves_nothing_behind(cells: Cells, monkeypatch) -> None:
    before = everything(cells)
    monkeypatch.setattr("archmagic.notebook.config.install_config", lambda shell: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load(cells.shell)
    assert everything(cells) == before

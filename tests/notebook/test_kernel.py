"""Everything once in a real kernel: of this environment, and of one with Colab's versions (IPython 7.34, ipywidgets 7.7)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

from .kernels import Kernel, running

pytestmark = pytest.mark.slow

PRINT = "Sequential(\n  (0): Linear(in_features=3, out_features=2, bias=True)\n  (1): ReLU()\n)"


@pytest.fixture(scope="module", params=["here", "colab"])
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel with the extension loaded. Which imported what is told by `imported`, for later tests import more."""
    python = sys.executable if request.param == "here" else request.getfixturevalue("colab_python")
    with running(python, tmp_path_factory.mktemp("ipython")) as kernel:
        kernel.loading = kernel.run("%load_ext archmagic")  # type: ignore[attr-defined]
        kernel.imported = kernel.value(  # type: ignore[attr-defined]
            "import sys; [name for name in ('torch', 'anywidget', 'ipywidgets') if name in sys.modules]"
        )
        kernel.run("import torch\nfrom torch import nn\nmodel = nn.Sequential(nn.Linear(3, 2), nn.ReLU())")
        yield kernel


def test_loading_imports_neither_torch_nor_widgets_and_opens_no_comm(kernel: Kernel) -> None:
    assert kernel.imported == "[]"  # type: ignore[attr-defined]
    assert kernel.loading.opened == []  # type: ignore[attr-defined]


def test_a_module_shows_print_and_tree_and_opens_no_comm(kernel: Kernel) -> None:
    reply = kernel.run("model")
    assert reply.out is not None
    data, _ = reply.out
    assert data["text/plain"] == PRINT
    assert "<details" in data["text/html"]
    assert reply.opened == []


def test_a_paste_is_explained(kernel: Kernel) -> None:
    reply = kernel.run(f"explain({PRINT!r})")
    assert reply.out is not None
    data, metadata = reply.out
    assert set(data) == {"text/html", "text/plain"}
    assert metadata == {}
    assert "8 parameters" in data["text/plain"]


def test_the_line_magic_explains(kernel: Kernel) -> None:
    assert "text/html" in kernel.run("%explain_arch model").shown[-1][0]
    assert kernel.try_("%explain_arch modle").error.startswith("UsageError")


def test_the_cell_magic_runs_code_and_reads_prints(kernel: Kernel) -> None:
    reply = kernel.run("%%explain_arch --depth 1\n!echo shell\nsizes = {'in': 3}\nnet = nn.Linear(sizes['in'], 2)")
    assert "shell" in reply.printed
    assert "Linear(in_features=3, out_features=2, bias=True)" in reply.html
    assert "Sequential" in kernel.run(f"%%explain_arch\n{PRINT}").html
    assert "Read this as a print" in kernel.run("%%explain_arch\nGCN(16, 7, num_layers=3)").printed
    assert kernel.run("%%explain_arch\nmodel;").out is None


def test_the_cell_magic_awaits(kernel: Kernel) -> None:
    code = "import asyncio\nloop = asyncio.get_running_loop()\nawait asyncio.sleep(0)\nawaited = nn.Linear(3, 2)"
    assert "Linear(in_features=3" in kernel.run(f"%%explain_arch\n{code}").html
    # The body awaits in the kernel's own loop, so that what belongs to it can be awaited.
    assert kernel.value("loop is asyncio.get_event_loop()") == "True"


def test_a_failing_body_fails_the_cell_and_shows_one_traceback(kernel: Kernel) -> None:
    reply = kernel.try_("%%explain_arch\nfailing = 1\n1 / 0")
    assert reply.error == "ZeroDivisionError: division by zero"
    assert kernel.value("failing") == "1"


def test_a_row_picked_on_the_page_is_selected_in_python_and_back(kernel: Kernel) -> None:
    reply = kernel.run(f"linked = explain({PRINT!r})\nlinked")
    found = re.search(r'"id":"(\w+)"', reply.html)
    assert found
    comm = kernel.value("get_ipython()._archmagic_link.widget.comm.comm_id").strip("'")
    kernel.set_state(comm, {"selected": {found[1]: "0"}})
    assert kernel.value("linked.selected") == "'0'"
    sent = kernel.run("linked.selected = '1'").sent
    assert any(data.get("state", {}).get("selected", {}).get(found[1]) == "1" for data in sent[comm])


def test_the_link_is_one_comm_that_is_never_shown(kernel: Kernel) -> None:
    kernel.run("explain('ReLU()')")
    reply = kernel.run("explain('GELU()')")
    assert reply.opened == []
    assert all("widget-view" not in mime for data, _ in reply.shown for mime in data)


def test_the_widget_shows_and_mirrors_the_selection(kernel: Kernel) -> None:
    reply = kernel.run("e = explain(model)\ne.widget")
    assert reply.out is not None
    view = reply.out[0]["application/vnd.jupyter.widget-view+json"]
    assert reply.opened
    kernel.set_state(view["model_id"], {"selected": "1"})
    assert kernel.value("e.selected, e.widget.selected") == "('1', '1')"


def test_options_and_modules_are_completed(kernel: Kernel) -> None:
    assert kernel.complete("%%explain_arch --sa") == ["--save"]
    assert "model" in kernel.complete("%explain_arch mod")
    assert kernel.complete("%explain_arch --level ex") == ["expert"]


def test_config_sets_the_options(kernel: Kernel) -> None:
    kernel.run("%config Archmagic.hook = False")
    assert kernel.run("model").out == ({"text/plain": PRINT}, {})
    kernel.run("import archmagic\narchmagic.options.hook = True")
    assert "Archmagic.hook" in kernel.run("%config Archmagic").printed
    assert kernel.value("%config Archmagic.hook") == "True"


def test_help_is_printed(kernel: Kernel) -> None:
    assert "--save FILE" in kernel.run("%explain_arch -h").printed


def test_unloading_restores_the_plain_display(kernel: Kernel) -> None:
    kernel.run("%unload_ext archmagic")
    reply = kernel.run("model")
    assert reply.out == ({"text/plain": PRINT}, {})
    kernel.run("%load_ext archmagic")
    assert "text/html" in kernel.run("model").shown[-1][0]

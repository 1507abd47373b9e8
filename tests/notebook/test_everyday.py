"""What people do in cells, and expect to work."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
import torch

from archmagic.explanation import Explanation

from .conftest import Cells
from .kernels import running


def test_a_list_of_modules_is_explained_part_by_part(loaded: Cells) -> None:
    e = loaded.run("e = explain([nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1)])\ne").value
    assert e.facts.get("num_parameters").value == 8 + 3
    assert "Linear(in_features=2, out_features=1, bias=True)" in loaded.run("e").html


def test_a_dict_of_modules_is_explained_under_its_keys(loaded: Cells) -> None:
    e = loaded.run("e = explain({'encoder': nn.Linear(3, 2), 'decoder': nn.Linear(2, 3)})\ne").value
    assert e.facts.get("num_parameters").value == 8 + 9
    e.selected = "decoder"
    assert {"encoder", "decoder"} <= {node["name"] for node in e.to_dict()["nodes"]}


def test_a_list_itself_is_shown_as_python_shows_it(loaded: Cells) -> None:
    assert loaded.run("[nn.ReLU(), nn.GELU()]").bundles[-1].keys() == {"text/plain"}


def test_display_shows_what_the_end_of_a_cell_shows(loaded: Cells) -> None:
    loaded.run("from IPython.display import display\nmodel = nn.Sequential(nn.Linear(3, 2), nn.ReLU())\ne = explain(model)")
    for name in ("model", "e"):
        displayed = loaded.run(f"display({name})").bundles[-1]
        assert displayed == loaded.run(name).bundles[-1]
        assert set(displayed) == {"text/html", "text/plain"}


def test_several_models_in_one_cell_are_several_outputs(loaded: Cells) -> None:
    bundles = loaded.run("from IPython.display import display\ndisplay(nn.Linear(3, 2), explain(nn.GELU()))\nexplain(nn.ReLU())").bundles
    assert [bundle["text/plain"].split("(")[0].split("\n")[0] for bundle in bundles] == ["Linear", "GELU", "ReLU"]
    assert len({bundle["text/html"] for bundle in bundles}) == 3


def test_the_same_model_twice_in_one_cell_is_two_views_of_the_same_bytes(loaded: Cells) -> None:
    first, second = loaded.run(
        "from IPython.display import display\nmodel = nn.Linear(3, 2)\ndisplay(explain(model))\nexplain(model)"
    ).bundles
    assert first == second


@pytest.mark.parametrize("code", ["explain(model)", "model", "%explain_arch model", "%%explain_arch\nnn.Sequential(nn.Linear(3, 2))"])
def test_a_cell_run_again_gives_the_same_bytes(loaded: Cells, code: str) -> None:
    loaded.run("model = nn.Sequential(nn.Linear(3, 2), nn.ReLU())")
    assert loaded.run(code).bundles == loaded.run(code).bundles


def test_capture_keeps_the_output_and_shows_nothing(loaded: Cells) -> None:
    assert loaded.run("%%capture kept\nfrom IPython.display import display\ndisplay(explain(nn.Linear(3, 2)))").bundles == []
    loaded.run("%%capture also\n%explain_arch nn.Linear(3, 2)")
    assert {"text/html", "text/plain"} == set(loaded.names["kept"].outputs[0].data)
    assert loaded.run("kept.show()").bundles[-1].keys() == {"text/html", "text/plain"}


@pytest.mark.parametrize("code", ["explain(nn.Linear(3, 2));", "nn.Linear(3, 2);", "%explain_arch nn.Linear(3, 2);"])
def test_a_semicolon_shows_nothing(loaded: Cells, code: str) -> None:
    assert loaded.run(code).bundles == []


def test_explain_has_a_docstring_and_a_signature_to_complete(loaded: Cells) -> None:
    found = loaded.shell.object_inspect("explain")
    assert "level" in found["definition"]
    assert "Explanation" in found["docstring"]
    loaded.run("e = explain(nn.Linear(3, 2))")
    loaded.shell.Completer.use_jedi = False
    offered = {name.removeprefix("e.") for name in loaded.shell.complete("e.", "e.", 2)[1]}
    wanted = {name for name in dir(Explanation) if not name.startswith("_")}
    assert wanted <= {name.removeprefix(".") for name in offered}
    assert all(getattr(Explanation, name).__doc__ for name in wanted)


class Interrupting:
    """Raises what Ctrl-C raises, when the reader asks a module for its print."""

    armed = True


def test_an_interrupt_in_the_middle_leaves_the_model_and_the_session_intact(loaded: Cells) -> None:
    loaded.names["Interrupting"] = Interrupting
    loaded.run(
        "class Slow(nn.Linear):\n    def extra_repr(self):\n        if Interrupting.armed: raise KeyboardInterrupt\n"
        "        return super().extra_repr()\nmodel = nn.Sequential(nn.Linear(3, 2), Slow(2, 2)).train()"
    )
    model = loaded.names["model"]
    before = [dict(vars(module)) for module in model.modules()]
    seed = torch.get_rng_state()
    threads = threading.active_count()
    for code in ("explain(model)", "model", "%explain_arch model", "%%explain_arch\nmodel"):
        Interrupting.armed = True
        assert isinstance(loaded.fail(code), KeyboardInterrupt), code
        Interrupting.armed = False
        assert "Slow(in_features=2, out_features=2, bias=True)" in loaded.run(code).html
    assert [dict(vars(module)) for module in model.modules()] == before
    assert torch.equal(torch.get_rng_state(), seed)
    assert threading.active_count() == threads


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_stop_button_of_a_notebook_stops_it_and_the_next_cell_works(tmp_path: Path) -> None:
    with running(sys.executable, tmp_path) as kernel:
        kernel.run("%load_ext archmagic\nimport os, signal, threading, torch\nfrom torch import nn")
        kernel.run(
            "class Odd(nn.Module):\n    def __init__(self, k): super().__init__(); self.inner = nn.Linear(k + 1, 2)\n"
            "with torch.device('meta'):\n    model = nn.Sequential(*[Odd(k) for k in range(20_000)])"
        )
        # The signal that the button sends, once the work is under way: the progress line says that it is.
        kernel.run(
            "from archmagic.notebook import progress\nprogress.PATIENCE = 0.01\ntell = progress._Line.__call__\n"
            "def stop(self, text):\n    tell(self, text)\n    if text: os.kill(os.getpid(), signal.SIGINT)\n"
            "progress._Line.__call__ = stop"
        )
        assert kernel.try_("explain(model)").error.startswith("KeyboardInterrupt")
        kernel.run("progress._Line.__call__ = tell\nprogress.PATIENCE = 1.0")
        assert kernel.value("len(model), sum(p.numel() for p in model[0].parameters())") == "(20000, 4)"
        assert "text/html" in kernel.run("explain(nn.Linear(3, 2))").shown[-1][0]
        assert kernel.run("nn.Linear(3, 2)").shown[-1][0].keys() == {"text/html", "text/plain"}


def test_an_error_of_explain_shows_the_readers_line_and_not_where_in_archmagic_it_arose(loaded: Cells) -> None:
    shown = loaded.try_("weights = nn.Linear(2, 2).state_dict()\nexplain(weights)").printed
    assert "explain" in shown and "weights" in shown
    assert "holds tensors and no module" in shown
    assert "refusals" not in shown and "raise ModelError" not in shown

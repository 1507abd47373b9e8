"""Colab: its versions, and a stub of our own of what `google.colab` gives."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import archmagic

from .kernels import Kernel, running

pytestmark = pytest.mark.slow

URL = "https://ssl.gstatic.com/colaboratory-static/widgets/colab-cdn-widget-manager/manager.min.js"
VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {VIEW: {"colab": {"custom_widget_manager": {"url": URL}}}}

STUB = f"""
import sys, types
google, colab, output = (types.ModuleType(name) for name in ("google", "google.colab", "google.colab.output"))
google.colab, colab.output = colab, output
called = []
callbacks = {{}}
output.enable_custom_widget_manager = lambda: called.append("enable_custom_widget_manager")
output.register_callback = callbacks.__setitem__
scripts = []
output.eval_js = lambda script, ignore_result=False: scripts.append((script, ignore_result))
output._widgets = types.SimpleNamespace(_installed_url={URL!r})
sys.modules.update({{"google": google, "google.colab": colab, "google.colab.output": output}})
"""


@pytest.fixture(scope="module")
def colab(colab_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel with Colab's versions and the stub in place, as it is there from the start."""
    with running(colab_python, tmp_path_factory.mktemp("ipython")) as kernel:
        kernel.run(STUB)
        kernel.loading = kernel.run("%load_ext archmagic")  # type: ignore[attr-defined]
        kernel.run("e = explain('Sequential(\\n  (0): Linear(in_features=3, out_features=2, bias=True)\\n  (1): ReLU()\\n)')")
        yield kernel


def test_installing_adds_archmagic_alone(colab_python: str, root: Path) -> None:
    done = subprocess.run([colab_python, "-m", "pip", "install", "--dry-run", str(root)], capture_output=True, text=True)
    would = re.findall(r"^Would install (.*)$", done.stdout, re.MULTILINE)
    assert would == [f"archmagic-{archmagic.__version__}"], done.stdout + done.stderr


def test_loading_touches_nothing_of_colab(colab: Kernel) -> None:
    assert colab.loading.opened == []  # type: ignore[attr-defined]
    assert colab.value("'anywidget' in sys.modules") == "False"


def test_a_shown_explanation_registers_a_function_and_makes_no_widget(colab: Kernel) -> None:
    reply = colab.run("e")
    assert reply.opened == []
    assert colab.value("called, list(callbacks)") == "([], ['archmagic.select', 'archmagic.source'])"
    key = re.search(r'"id":"(\w+)"', reply.html)
    assert key
    colab.run(f"callbacks['archmagic.select']({key[1]!r}, '0')")
    assert colab.value("e.selected, scripts") == "('0', [])"  # the outputs have told each other
    colab.run("e.selected = '1'")
    told = f'new BroadcastChannel(\'archmagic\').postMessage(["{key[1]}", "1"])'
    assert colab.value("scripts == [(" + repr(told) + ", True)]") == "True"


def test_the_widget_as_out_carries_the_metadata_of_the_widget_manager(colab: Kernel) -> None:
    reply = colab.run("e.widget")
    assert reply.out is not None
    data, metadata = reply.out
    assert VIEW in data
    assert metadata == METADATA


def test_the_displayed_widget_carries_it_too(colab: Kernel) -> None:
    reply = colab.run("from IPython.display import display\ndisplay(e.widget)")
    data, metadata = reply.shown[-1]
    assert VIEW in data
    assert metadata == METADATA
    assert colab.value("called") == "['enable_custom_widget_manager']"

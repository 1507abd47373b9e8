"""`python -m archmagic`, run as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PRINT = "Sequential(\n  (0): Linear(in_features=4, out_features=8, bias=True)\n  (1): ReLU()\n)"


def run(*arguments: str, given: str | bytes = "") -> subprocess.CompletedProcess[str]:
    data = given.encode() if isinstance(given, str) else given
    done = subprocess.run([sys.executable, "-m", "archmagic", *arguments], input=data, capture_output=True)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "model.txt"
    path.write_text(PRINT)
    return str(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_explains_standard_input_however_the_shell_encodes_it(encoding: str) -> None:
    done = run(given=PRINT.encode(encoding))
    assert done.returncode == 0
    assert "0: Linear(in_features=4, out_features=8, bias=True)" in done.stdout
    assert "\x1b" not in done.stdout  # no colours in a pipe


def test_it_explains_a_file(file: str) -> None:
    assert run(file).stdout == run("-", given=PRINT).stdout


def test_json_is_the_stable_form(file: str) -> None:
    data = json.loads(run(file, "--json").stdout)
    assert data["schema"] == "archmagic/1"
    assert [fact["value"] for fact in data["facts"] if fact["key"] == "num_parameters"] == [40]


def test_markdown_and_html_are_written(file: str, tmp_path: Path) -> None:
    assert run(file, "--markdown").stdout.startswith("# Sequential\n")
    page = tmp_path / "page.html"
    done = run(file, "--html", str(page))
    assert (done.returncode, done.stdout) == (0, "")
    assert page.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


def test_depth_closes_the_tree(file: str) -> None:
    assert "Linear(in_features=4" not in run(file, "--depth", "0").stdout


@pytest.mark.parametrize("arguments", [("no such file",), ("--depth", "-1")])
def test_what_cannot_be_explained_is_told_on_stderr_with_status_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, given=PRINT)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("archmagic: ")
    assert "Traceback" not in done.stderr


def test_text_without_a_model_is_told_with_status_2() -> None:
    done = run(given="Dear all,\n\nno model here.\n")
    assert done.returncode == 2
    assert done.stderr.startswith("archmagic: ")


def test_a_reader_that_has_seen_enough_is_no_error(file: str) -> None:
    command = f'"{sys.executable}" -m archmagic "{file}" | head -n 1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("Sequential\n", "")


def test_a_python_file_is_told_apart_from_a_print(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("model = Net()\n")
    done = run(str(path))
    assert done.returncode == 2
    assert "print(model)" in done.stderr


def test_a_notebook_and_weights_are_told_apart_from_a_print(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_text("{}")
    (tmp_path / "x.pt").write_bytes(b"PK\x03\x04\x00\x00weights")
    notebook, weights = run(str(tmp_path / "x.ipynb")), run(str(tmp_path / "x.pt"))
    assert (notebook.returncode, weights.returncode) == (2, 2)
    assert "is a notebook" in notebook.stderr and "explain(model)" in notebook.stderr
    assert "x.pt is no text" in weights.stderr and "weights alone do not tell" in weights.stderr


def test_a_file_that_is_not_there_is_named() -> None:
    assert run("missing.txt").stderr == "archmagic: missing.txt: No such file or directory\n"

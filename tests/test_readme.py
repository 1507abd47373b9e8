"""The README's examples run, and its install line names the project's one URL."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.S) for line in block.splitlines()]

SESSION = """
import sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for block in sys.stdin.read().split("\\0"):
    shell.run_cell(block).raise_error()
"""


@pytest.mark.slow
def test_its_python_examples_run_one_after_another_in_a_session(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.S)
    asserting = [re.sub(r"^(.+?)\s+# (\d+)$", r"assert \1 == \2", block, flags=re.M) for block in blocks]
    done = subprocess.run([sys.executable, "-c", SESSION], input="\0".join(asserting), text=True, cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(blocks) >= 3
    assert (tmp_path / "model.html").exists()


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("python ")])
def test_its_terminal_examples_run(command: str, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")
    subprocess.run(command, shell=True, cwd=tmp_path, env={**os.environ, "PATH": path}, check=True, capture_output=True)


def test_its_make_targets_are_there() -> None:
    targets = set(re.findall(r"make ([a-z-]+)", README))
    assert targets <= set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))


def test_the_url_stands_in_pyproject_alone_and_the_readme_names_that_one() -> None:
    url = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]
    assert f"pip install git+{url}" in COMMANDS
    assert set(re.findall(r"https://github\.com/[^\s)>\"']+", README)) == {url}


def test_its_local_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        assert (ROOT / link).exists(), link


def test_each_row_of_the_platforms_names_tests_that_are_there_or_says_why_there_are_none() -> None:
    table = README.partition("## Where it works")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 11
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)`", row[-1])
        assert named, row
        assert all((ROOT / "tests" / name).exists() for name in named), row

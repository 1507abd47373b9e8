"""The laws of the design that keep the stages apart: who may import whom, and what `import archmagic` may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "archmagic"

MAY_IMPORT = {
    "errors": set(),
    "options": {"errors"},
    "tables": set(),
    "tree": {"errors"},
    "catalog": {"errors", "tables", "tree"},
    "description": {"errors", "tree", "catalog"},
    "read": {"errors", "tree", "catalog"},
    "trace": {"errors", "tree", "read"},
    "facts": {"errors", "tables", "tree", "catalog"},
    "story": {"errors", "options", "tree", "catalog", "facts"},
    "render": {"errors", "options", "tree", "catalog", "facts", "story", "explanation"},
    "explanation": {"errors", "options", "tree", "read", "trace", "facts", "story", "render", "notebook"},
    "notebook": {"errors", "options", "tree", "catalog", "read", "facts", "story", "render", "explanation", "description"},
}
"""What each stage may import. `explanation` is the front door: it ties all stages together, and calls the notebook's lazily."""

FOREIGN = {
    "torch": {"read/module.py", "trace"},
    "IPython": {"notebook"},
    "ipywidgets": {"notebook"},
    "anywidget": {"notebook"},
    "traitlets": {"notebook"},
    "google": {"notebook"},
    "rich": {"render/text.py", "notebook"},
}
"""The only files or folders that may import each library, be it inside a function."""


@cache
def sources() -> list[tuple[str, ast.Module]]:
    return [(path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8"))) for path in sorted(PACKAGE.rglob("*.py"))]


def stage_of(file: str) -> str:
    return file.split("/")[0].removesuffix(".py")


def imported(file: str, module: ast.Module) -> Iterator[tuple[str, bool]]:
    """(dotted name, whether it is at run time) of every import; our own are given as archmagic.stage.module."""
    package = ["archmagic", *file.split("/")[:-1]]
    guarded = {id(node) for branch in ast.walk(module) if is_type_checking(branch) for node in ast.walk(branch)}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}" for alias in node.names] if base == "archmagic" else [base]
        else:
            continue
        yield from ((name, id(node) not in guarded) for name in names)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_imports_between_stages_go_one_way() -> None:
    wrong = []
    for file, module in sources():
        stage = stage_of(file)
        if stage not in MAY_IMPORT:  # __init__ and __main__ are the doors
            continue
        for name, at_run_time in imported(file, module):
            parts = name.split(".")
            if parts[0] == "archmagic" and at_run_time and parts[1] not in {stage, *MAY_IMPORT[stage]}:
                wrong.append(f"{file} imports {name}")
    assert not wrong


def test_every_stage_is_named_in_the_law() -> None:
    assert {stage_of(file) for file, _ in sources()} - {"__init__", "__main__"} == set(MAY_IMPORT)


def test_only_their_own_places_import_torch_ipython_and_the_widgets() -> None:
    wrong = []
    for file, module in sources():
        for name, at_run_time in imported(file, module):
            places = FOREIGN.get(name.split(".")[0])
            if at_run_time and places is not None and not any(file == place or file.startswith(place + "/") for place in places):
                wrong.append(f"{file} imports {name}")
    assert not wrong


EXPLAIN = "archmagic.explain('Linear(in_features=3, out_features=2, bias=True)').to_text()"
HEAVY = ("torch", "numpy", "IPython", "ipywidgets", "anywidget", "traitlets")


def loaded_after(code: str) -> set[str]:
    """Which heavy libraries a fresh interpreter has imported after running `code`."""
    check = f"import sys; {code}; print(*set(sys.modules) & set({HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("code", ["import archmagic", f"import archmagic; {EXPLAIN}"])
def test_importing_and_explaining_a_print_import_no_torch_and_no_ipython(code: str) -> None:
    assert loaded_after(code) == set()


def test_loading_the_extension_imports_no_torch_and_makes_no_widget_class() -> None:
    shell = "from IPython.core.interactiveshell import InteractiveShell as S"
    assert loaded_after(f"{shell}; S.instance().run_line_magic('load_ext', 'archmagic')") <= {"IPython", "traitlets"}


def test_no_source_evaluates_text() -> None:
    """exec and eval are for the cell magic alone, which runs the user's own code."""
    wrong = []
    for file, module in sources():
        calls = (node.func for node in ast.walk(module) if isinstance(node, ast.Call))
        wrong += [file for call in calls if isinstance(call, ast.Name) and call.id in {"eval", "exec"} and not file.startswith("notebook/")]
    assert not wrong

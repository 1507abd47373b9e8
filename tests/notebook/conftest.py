"""A shell in this process, as a kernel's is: everything it displays can be HTML."""

from __future__ import annotations

import builtins
import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import Any

import pytest
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from traitlets.config import Config

from archmagic.notebook.extension import unload
from archmagic.options import options


class Hook(DisplayHook):
    """Keeps what becomes Out, where a kernel would send it."""

    def __init__(self, shown: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shown = shown

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: object = None) -> None:
        self.shown.append(dict(format_dict))

    def finish_displayhook(self) -> None:
        self._is_active = False


class Publisher(DisplayPublisher):
    """Keeps what display() is given."""

    def __init__(self, shown: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shown = shown

    def publish(self, data: dict[str, Any], *args: object, **kwargs: object) -> None:
        self.shown.append(dict(data))


@dataclass
class Ran:
    """What a cell did: its result, what it displayed (Out last), what it printed."""

    result: ExecutionResult
    bundles: list[dict[str, Any]]
    printed: str

    @property
    def html(self) -> str:
        """The HTML of the last thing shown."""
        return self.bundles[-1]["text/html"]

    @property
    def value(self) -> Any:
        return self.result.result


class Cells:
    """Runs cells in a shell, as a notebook does."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.shown: list[dict[str, Any]] = []
        shell.displayhook = Hook(shell=shell, parent=shell, shown=self.shown)
        shell.display_trap.hook = shell.displayhook
        shell.display_pub = Publisher(parent=shell, shown=self.shown)

    @property
    def names(self) -> dict[str, Any]:
        return self.shell.user_ns

    def run(self, code: str) -> Ran:
        """Runs a cell that must succeed."""
        ran = self.try_(code)
        ran.result.raise_error()
        return ran

    def fail(self, code: str) -> Exception:
        """Runs a cell that must fail, and gives its error."""
        result = self.try_(code).result
        error = result.error_in_exec or result.error_before_exec
        assert error is not None, f"did not fail: {code}"
        return error

    def try_(self, code: str) -> Ran:
        self.shown.clear()
        with redirect_stdout(io.StringIO()) as printed:
            result = self.shell.run_cell(code, store_history=True)
        return Ran(result, list(self.shown), printed.getvalue())


@pytest.fixture
def cells() -> Iterator[Cells]:
    """A fresh shell with nothing loaded. It is the one that get_ipython() gives."""
    main, before = sys.modules["__main__"], replace(options)
    vars(builtins).pop("_", None)  # a plain display hook that ran before leaves it, and IPython then keeps its own `_` back
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    yield Cells(shell)
    unload(shell)
    for name in before.__dataclass_fields__:
        setattr(options, name, getattr(before, name))
    shell.restore_sys_module_state()
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main


@pytest.fixture
def loaded(cells: Cells) -> Cells:
    """The same after %load_ext archmagic, with torch's nn imported."""
    cells.run("%load_ext archmagic")
    cells.run("import torch\nfrom torch import nn")
    return cells

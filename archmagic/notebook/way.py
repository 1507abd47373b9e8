"""Is the body of `%%explain_arch` code or a print? And which object of a cell that ran is to be explained?

Most bodies can only be one of the two: `(0): Linear(...)` is no Python, an assignment is no print. `Linear(in_features=3, out_features=2,
bias=True)` is both. There the namespace decides: where `Linear` is not defined running it could only fail, so it is read; where it is
defined it runs. Either way is said, and can be forced.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ArchmagicError, PrintedModelError
from .cell import Cell, parse

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

CHILD_ROW = re.compile(r"^\W*\([\w.\-]+\): ", re.MULTILINE)
"""`(0): Linear(...)`, also behind a quote mark or a bullet: what only a print has."""

INNER_ROW = re.compile(r"(?<![\w\])(.])\([\w.\-]+\): (?:[0-9]+ x )?[A-Z]\w*\(")
STATEMENT = re.compile(r"^\s*(?:def|class|import|from|if|elif|for|while|with|return|try|assert) ", re.MULTILINE)
"""Behind a line number or what a log puts before its lines, a row may stand anywhere; but so may `if (a): B()` in code."""

LONE_ROW = re.compile(r"^[\W\d]*(Out *\[\d+\]: *)?[A-Z]\w*\(.*\)\W*$", re.MULTILINE)
"""A whole module in one line."""


@dataclass(frozen=True)
class Body:
    """What a cell's body was taken for: `cell` if code, None if a print. `note` says so where it could have been the other."""

    cell: Cell | None
    note: str = ""


def decide(shell: InteractiveShell, text: str) -> Body:
    """Code or print.

    Raises:
        SyntaxError: neither, and it looks like code.
        PrintedModelError: neither, and it looks like a print.
    """
    try:
        cell = parse(shell, text)
    except SyntaxError:
        if _looks_printed(text) or LONE_ROW.search(text):
            return Body(None)
        raise
    if not cell.tree.body and _looks_printed(text):  # comments alone
        return Body(None)
    name, prompted = _lone_call(shell, cell)
    if name is None or not _reads(text):
        return Body(cell)
    if prompted:
        return Body(None)
    if defined(shell, name):
        return Body(cell, f"Ran this as code, since {name} is defined here. %%explain_arch --print reads it as a print.")
    return Body(None, f"Read this as a print, since {name} is not defined here. %%explain_arch --code runs it.")


def _looks_printed(text: str) -> bool:
    return bool(CHILD_ROW.search(text)) or (len(INNER_ROW.findall(text)) > 1 and not STATEMENT.search(text))


def defined(shell: InteractiveShell, name: str) -> bool:
    """Whether code in the user's namespace would find the name."""
    return name in shell.user_ns or name in shell.user_global_ns or hasattr(builtins, name)


def candidates(shell: InteractiveShell, cell: Cell, before: dict[str, int]) -> list[str]:
    """The names of the modules that the cell assigned, the last one last. `before` are the ids of the namespace's values before it ran:
    what inner magics and `exec` assigned is seen only by comparing."""
    from ..read import is_module

    now = {name: id(value) for name, value in shell.user_ns.items() if is_module(value)}
    assigned = [name for name in cell.assigned() if name in now]
    # A leading underscore is IPython's own: _, _3.
    unseen = [n for n in now if n not in assigned and not n.startswith("_") and before.get(n) != now[n]]
    return unseen + assigned


def module_class(shell: InteractiveShell, cell: Cell) -> str:
    """The class of modules that the cell defined last; "" where it defined none."""
    for node in reversed(cell.tree.body):
        bases = getattr(shell.user_ns.get(node.name), "__mro__", ()) if isinstance(node, ast.ClassDef) else ()
        if any((base.__module__, base.__name__) == ("torch.nn.modules.module", "Module") for base in bases):
            return node.name  # type: ignore[attr-defined, no-any-return]
    return ""


def _lone_call(shell: InteractiveShell, cell: Cell) -> tuple[str | None, bool]:
    """The callee of the call that is all there is, as in a print of one line; and whether a prompt `Out[3]:` says that it is a print.
    What may stand before it: the echo of a prompt (`model`, `print(model)`), and other such calls."""
    if not cell.tree.body:
        return None, False
    *leading, last = cell.tree.body
    prompted = isinstance(last, ast.AnnAssign) and ast.unparse(last.target).startswith("Out[")
    call = last.annotation if isinstance(last, ast.AnnAssign) and prompted else getattr(last, "value", None)
    if not prompted and not isinstance(last, ast.Expr):
        return None, False
    name = _callee(call)
    for statement in leading:
        value = statement.value if isinstance(statement, ast.Expr) else None
        other = _callee(value)
        if not isinstance(value, ast.Name) and other != "print" and (other is None or defined(shell, other)):
            return None, False
    return name, prompted


def _callee(node: ast.AST | None) -> str | None:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None


def _reads(text: str) -> bool:
    try:
        from ..read import read

        read(text)
    except PrintedModelError:
        return False
    return True


def explainable(values: Iterator[Any], **options: Any) -> Any:
    """The Explanation of the first value that `explain` takes, None if it takes none."""
    from ..explanation import explain

    for value in values:
        try:
            return explain(value, **options)
        except ArchmagicError:
            continue
    return None

"""Runs the body of `%%explain_arch` as IPython would run it as a cell of its own.

Not by `shell.run_cell`: run inside a cell it fires the events twice, stores the body in the history, ignores a last `;`, and shows a
failure while the cell counts as done. Here an exception just passes through, so it is shown once and the cell fails, as `%%time` does.
"""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import CodeType

    from IPython.core.interactiveshell import InteractiveShell

Steps = Generator[Awaitable[Any], Any, Any]

BODY = "<explain_arch>"
"""Where a mistake that keeps a body from running is said to stand."""


@dataclass(frozen=True)
class Cell:
    """A body that is Python once IPython's syntax is transformed.

    Attributes:
        source: the transformed source.
        tree: its syntax tree, before the user's own AST transformers.
    """

    source: str
    tree: ast.Module

    @property
    def silenced(self) -> bool:
        """Whether a `;` after the last statement asks for no output."""
        if not self.tree.body:
            return False
        last = self.tree.body[-1]
        rest = "\n".join(self.source.split("\n")[(last.end_lineno or 1) - 1 :]).encode()[last.end_col_offset :]
        return rest.lstrip().startswith(b";")

    def assigned(self) -> list[str]:
        """The names that its top level assigns, in order, each where it is assigned last. Inside functions and classes names are local."""
        names: dict[str, None] = {}
        stack: list[ast.AST] = [self.tree]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.pop(node.id, None)
                names[node.id] = None
            elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                stack += reversed(list(ast.iter_child_nodes(node)))
        return list(names)


def parse(shell: InteractiveShell, text: str) -> Cell:
    """The body as a cell.

    Raises:
        SyntaxError: it is not Python, also with IPython's own syntax.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a print read as Python gives odd ones ("12x": invalid decimal literal)
        source = shell.transform_cell(text)
        try:
            tree = shell.compile.ast_parse(source, filename=BODY)
            compile(source, BODY, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)  # sees more: a `return` outside a function
            return Cell(source, tree)
        except SyntaxError as error:
            error.text = error.text or source.split("\n")[(error.lineno or 1) - 1]  # the line, which no file holds
            raise
        except (ValueError, MemoryError, RecursionError) as error:  # null bytes, or nested too deep
            raise SyntaxError(str(error)) from None


def awaits(cell: Cell) -> bool:
    """Whether the top level awaits something."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _is_async(compile(cell.source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True))
        except (SyntaxError, ValueError):
            return False


def evaluate(shell: InteractiveShell, expression: str) -> Any:
    """The value of an expression in the user's namespace.

    Raises:
        SyntaxError: it is no expression.
    """
    __tracebackhide__ = True
    return eval(compile(expression, BODY, "eval", dont_inherit=True), shell.user_global_ns, shell.user_ns)


def run(shell: InteractiveShell, cell: Cell) -> Any:
    """Runs the cell in the user's namespace; returns its last expression's value, None if it does not end in one."""
    __tracebackhide__ = True
    steps = _steps(shell, cell)
    try:
        next(steps)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("a cell that awaits must be run by run_awaiting")


async def run_awaiting(shell: InteractiveShell, cell: Cell) -> Any:
    """The same for a cell that awaits at its top level."""
    __tracebackhide__ = True
    steps = _steps(shell, cell)
    try:
        pending = next(steps)
        while True:
            try:
                value = await pending
            except BaseException as error:
                pending = steps.throw(error)
            else:
                pending = steps.send(value)
    except StopIteration as stop:
        return stop.value


def _steps(shell: InteractiveShell, cell: Cell) -> Steps:
    """Runs statement by statement. Yields what has to be awaited and takes its value; returns the last expression's value."""
    __tracebackhide__ = True
    # Named and cached, so that tracebacks and debuggers find the source.
    name = shell.compile.cache(cell.source, shell.displayhook.prompt_count, raw_code=cell.source)
    tree = shell.transform_ast(shell.compile.ast_parse(cell.source, filename=name))
    shows_all = shell.ast_node_interactivity == "all"
    value: Any = None
    for at, node in enumerate(tree.body):
        value = None
        if not isinstance(node, ast.Expr):
            code = _compile(shell, ast.Module([node], []), name, "exec")
        elif at == len(tree.body) - 1:
            code = _compile(shell, ast.Expression(node.value), name, "eval")
        elif shows_all:
            code = _compile(shell, ast.Interactive([node]), name, "single")
        else:
            code = _compile(shell, ast.Module([node], []), name, "exec")
        value = eval(code, shell.user_global_ns, shell.user_ns)
        if _is_async(code):
            value = yield value
    return value


def _compile(shell: InteractiveShell, tree: ast.AST, name: str, mode: str) -> CodeType:
    with shell.compile.extra_flags(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if shell.autoawait else 0):
        code: CodeType = shell.compile(tree, name, mode)
    return code


def _is_async(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_COROUTINE)


def install_prepared(shell: InteractiveShell, magic: str, mark: str, prepare: Callable[[str, str], bool]) -> Callable[[], None]:
    """Lets `prepare(line, body)` see each call of a cell magic before it runs. Returns what undoes it.

    A SyntaxError that it raises is shown as any cell's is; raised by a magic that runs, it would be shown with all frames that led to it.
    Where it says that the body awaits, the call is rewritten to `await` what the magic returns, since a magic is called, never awaited:
    `mark` then stands before its line, and the magic must return an awaitable. Where the shell does not await (%autoawait off) it is not.
    """
    start = f"get_ipython().run_cell_magic('{magic}',"

    def transform(lines: list[str]) -> list[str]:
        if not lines or not lines[0].startswith(start):
            return lines
        try:
            call = ast.parse("".join(lines)).body[0].value  # type: ignore[attr-defined]
        except SyntaxError:
            return lines
        line, body = call.args[1].value, call.args[2].value
        if not prepare(line, body) or not shell.autoawait:
            return lines
        return [f"await get_ipython().run_cell_magic({magic!r}, {f'{mark} {line}'!r}, {body!r})\n"]

    shell.input_transformers_post.append(transform)

    def undo() -> None:
        if transform in shell.input_transformers_post:
            shell.input_transformers_post.remove(transform)

    return undo

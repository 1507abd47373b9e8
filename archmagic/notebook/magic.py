"""`%explain_arch model` and `%%explain_arch`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from ..errors import ArchmagicError
from ..explanation import Explanation, explain
from ..options import LEVELS
from . import cell as cells
from .complete import modules
from .display import in_terminal, terminal_text
from .line import check_options, check_values, split_line
from .way import Body, candidates, decide, defined, explainable, module_class

if TYPE_CHECKING:
    from argparse import Namespace

    from IPython.core.interactiveshell import InteractiveShell

AWAITED = "--awaited"
"""What marks a call whose result the shell awaits (cell.install_prepared). Not for users."""


@magics_class
class ArchMagics(Magics):
    """The magics. What they show is returned, so it is `Out[n]` and `_`, as with any expression."""

    @line_cell_magic
    @no_var_expand
    @magic_arguments()
    @argument("-h", "--help", action="store_true", help="Show this help.")
    @argument("--depth", type=int, metavar="N", help="How many levels of the tree start open.")
    @argument("--level", choices=LEVELS, help="For whom it is explained.")
    @argument("--var", metavar="NAME", help="Explain this variable.")
    @argument("--inputs", metavar="EXPR", help="Follow data through it: auto, a shape such as (1, 3, 224, 224), or any expression.")
    @argument("--trace", choices=("fake", "real"), help="Follow it on shapes alone (fake, the default) or on the real weights.")
    @argument("--memory", metavar="SIZE", help="Also tell what fits into so much memory, such as 24GB.")
    @argument("--text", action="store_true", help="Print the explanation as text.")
    @argument("--save", metavar="FILE", help="Also save it: FILE ends in .html, .md, .json, .svg or .txt.")
    @argument("--print", dest="as_print", action="store_true", help="Read the body as a printed model.")
    @argument("--code", dest="as_code", action="store_true", help="Run the body as code.")
    @argument("expression", nargs="?", help="Line magic: what to explain, any expression.")
    def explain_arch(self, line: str, cell: str | None = None) -> Any:
        """Explain a PyTorch architecture.

        `%explain_arch model` explains the value of an expression.

        `%%explain_arch` runs the code in the cell and explains the model: the one that --var names, or the last expression, or
        the module assigned last. Where the cell holds a printed model it explains that; the two are told apart by themselves.

        A `;` at the end suppresses the output.
        """
        __tracebackhide__ = True
        awaited = line.startswith(AWAITED)
        args, silenced = self._arguments(line.removeprefix(AWAITED), is_cell=cell is not None)
        if args.help:
            print(self.explain_arch.parser.format_help().removeprefix("::\n\n").rstrip())
            return None
        check_values(args)
        if cell is None:
            return self._finish(self._from_line(args), args, silenced)
        body = self._body(cell, args)
        if body.cell is None:
            return self._finish(self._explain(cell, args), args, silenced=False, note=body.note)
        if awaited:
            return self._run_awaiting(body, args)
        return self._run(body, args)

    def prepare(self, line: str, cell: str) -> bool:
        """Whether the body of a call of the cell magic awaits at its top level.

        Raises:
            SyntaxError: it is neither Python nor a print.
        """
        try:
            args, _ = self._arguments(line, is_cell=True)
            body = Body(None) if args.help else self._body(cell, args)
        except UsageError:  # told when it runs
            return False
        return body.cell is not None and cells.awaits(body.cell)

    def _arguments(self, line: str, is_cell: bool) -> tuple[Namespace, bool]:
        """The options, and whether the line ends in `;`. An expression may hold spaces, quotes and minus signs, so it is cut out whole
        before argparse sees the rest."""
        silenced = not is_cell and line.rstrip().endswith(";")
        options, expression = split_line(line.rstrip("; \t") if silenced else line)
        check_options(options)
        args = self.explain_arch.parser.parse_args(options)
        args.expression = expression
        if is_cell and expression:
            raise UsageError(
                f"%%explain_arch takes its model from the cell; {expression!r} is no option. For one line: %explain_arch {expression}"
            )
        if args.as_print and args.as_code:
            raise UsageError("--print and --code exclude each other.")
        if args.var is not None and args.as_print:
            raise UsageError("--var names a variable, and a print makes none.")
        if args.var is not None and expression:
            raise UsageError(f"Give an expression or --var, not both: {expression!r}, --var {args.var}.")
        return args, silenced

    def _body(self, text: str, args: Namespace) -> Body:
        """What the cell's body is. Neither code nor a print is the error of what it looks like."""
        __tracebackhide__ = True
        if not text.strip():
            raise UsageError("The cell is empty. Put code that builds a model into it, or a printed model.")
        if args.as_print:
            return Body(None)
        try:
            return Body(cells.parse(self.shell, text)) if args.as_code or args.var is not None else decide(self.shell, text)
        except SyntaxError as error:
            raise error.with_traceback(None) from None  # where we parsed is of no use to the reader

    def _from_line(self, args: Namespace) -> Explanation:
        __tracebackhide__ = True
        text = args.var if args.var is not None else args.expression
        if not text:
            raise UsageError(f"Say what to explain: %explain_arch model.{self._modules_here()}")
        if args.as_print:
            return self._explain(text, args)
        if text.isidentifier() and not defined(self.shell, text):
            raise UsageError(f"{text} is not defined.{self._modules_here()}")
        try:
            body = Body(cells.parse(self.shell, text)) if args.as_code or args.var is not None else decide(self.shell, text)
            if body.note:
                print(body.note.replace("%%", "%"))
            return self._explain(text if body.cell is None else cells.evaluate(self.shell, text), args)
        except SyntaxError as error:
            raise UsageError(f"{text!r} is no expression ({error.msg}). Statements go into a cell: %%explain_arch") from None

    def _run(self, body: Body, args: Namespace) -> Explanation | None:
        __tracebackhide__ = True
        assert body.cell is not None
        if cells.awaits(body.cell):
            raise UsageError(
                "This cell awaits at its top level, and %%explain_arch cannot await here. "
                "Await in a cell of its own, then: %explain_arch model"
            )
        before = self._ids()
        return self._choose(body, cells.run(self.shell, body.cell), before, args)

    async def _run_awaiting(self, body: Body, args: Namespace) -> Explanation | None:
        __tracebackhide__ = True
        assert body.cell is not None
        before = self._ids()
        return self._choose(body, await cells.run_awaiting(self.shell, body.cell), before, args)

    def _choose(self, body: Body, value: Any, before: dict[str, int], args: Namespace) -> Explanation | None:
        """Explains the model of a cell that ran."""
        __tracebackhide__ = True
        assert body.cell is not None
        silenced = body.cell.silenced
        if args.var is not None:
            if args.var not in self.shell.user_ns:
                raise UsageError(f"--var {args.var}: the cell ran, but {args.var} is not defined.{self._modules_here()}")
            return self._finish(self._explain(self.shell.user_ns[args.var], args), args, silenced)
        from ..read import is_module

        if is_module(value) or isinstance(value, Explanation):
            return self._finish(self._explain(value, args), args, silenced, body.note)
        *others, name = candidates(self.shell, body.cell, before) or [""]
        if not name:
            return self._finish(self._any(body, value, args), args, silenced, body.note)
        if value is not None and not silenced:
            self._show(value)
        note = f"Explains {name}. The cell also made {', '.join(others)}: --var explains another." if others else ""
        return self._finish(self._explain(self.shell.user_ns[name], args), args, silenced, note)

    def _any(self, body: Body, value: Any, args: Namespace) -> Explanation:
        """The explanation of what else a cell may make: a pipeline, a string that is a print."""
        assert body.cell is not None
        assigned = (self.shell.user_ns.get(name) for name in reversed(body.cell.assigned()))
        values = iter([value, *assigned])
        explanation = explainable((v for v in values if v is not None), **self._asked(args))
        if explanation is None:
            ends = "its last line gives nothing" if value is None else f"its last line's value is of type {type(value).__name__}"
            cls = module_class(self.shell, body.cell)
            end = f"It defines the class {cls}: end it with {cls}(...)" if cls else "End it with the model"
            raise UsageError(
                f"The cell ran, but left no model: {ends}, and no variable it assigned is a module. "
                f"{end}, or name one: --var NAME.{self._modules_here()}"
            )
        return explanation

    def _explain(self, value: Any, args: Namespace) -> Explanation:
        """The explanation; what cannot be explained is wrong use of the magic, and says why without a traceback."""
        asked = self._asked(args)
        if isinstance(value, Explanation) and not asked:
            return value
        try:
            return explain(value, **asked)
        except ArchmagicError as error:
            raise UsageError(str(error)) from None

    def _asked(self, args: Namespace) -> dict[str, Any]:
        """What the user set of `explain`'s own options; the others fall back to archmagic.options. Inputs may use what the cell made."""
        __tracebackhide__ = True
        asked = {name: getattr(args, name) for name in ("level", "depth", "trace", "memory") if getattr(args, name) is not None}
        if args.inputs is not None:
            asked["inputs"] = "auto" if args.inputs == "auto" else cells.evaluate(self.shell, args.inputs)
        return asked

    def _finish(self, explanation: Explanation, args: Namespace, silenced: bool, note: str = "") -> Explanation | None:
        """Says, saves and prints what was asked; returns what is to be shown."""
        if note:
            print(note)
        if args.save is not None:
            try:
                print(f"Saved to {explanation.save(Path(args.save).expanduser())}")
            except (ArchmagicError, OSError) as error:
                raise UsageError(f"--save: {error}") from None
        if args.text and not silenced:
            print(terminal_text(explanation) if in_terminal(self.shell) else explanation.to_text())
        return None if args.text or silenced else explanation

    def _show(self, value: Any) -> None:
        from IPython.display import display

        display(value)

    def _ids(self) -> dict[str, int]:
        """The namespace's values by id: holding them would keep a model alive while the cell builds the one that replaces it."""
        return {name: id(value) for name, value in self.shell.user_ns.items()}

    def _modules_here(self) -> str:
        names = modules(self.shell.user_ns)
        return f" Modules here: {', '.join(names)}." if names else ""


def install_magics(shell: InteractiveShell) -> Callable[[], None]:
    """Registers both magics. Returns what undoes it, and puts back magics of the same name."""
    manager = shell.magics_manager
    before = {kind: manager.magics[kind].get("explain_arch") for kind in ("line", "cell")}
    ours = ArchMagics(shell)
    shell.register_magics(ours)
    stop_preparing = cells.install_prepared(shell, "explain_arch", AWAITED, ours.prepare)

    def undo() -> None:
        stop_preparing()
        manager.registry.pop(type(ours).__name__, None)
        if ours in shell.configurables:
            shell.configurables.remove(ours)
        for kind, function in before.items():
            if manager.magics[kind].get("explain_arch") != ours.explain_arch:
                continue  # the user has defined another since
            del manager.magics[kind]["explain_arch"]
            if function is not None:
                manager.magics[kind]["explain_arch"] = function

    return undo

"""Completion after `%explain_arch`: its options and their values, and the names of modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..options import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

OPTIONS = ("--code", "--depth", "--help", "--inputs", "--level", "--memory", "--print", "--save", "--text", "--trace", "--var")
VALUES = {"--level": LEVELS, "--trace": ("fake", "real"), "--memory": ("8GB", "16GB", "24GB", "40GB", "80GB")}
COMMANDS = ("%explain_arch", "%%explain_arch")


def complete(shell: InteractiveShell, event: Any) -> list[str]:
    """What may stand at the cursor. A completer registered for a command keeps IPython's own from being asked, unless it raises
    TryNext: so it does wherever variables or files are meant."""
    from IPython.core.error import TryNext

    before = event.text_until_cursor.split()
    if not event.text_until_cursor[-1:].isspace():
        before = before[:-1]
    after = before[-1] if before else ""
    if after in VALUES:
        return [value for value in VALUES[after] if value.startswith(event.symbol)]
    if after == "--var":
        return sorted(name for name in shell.user_ns if name.startswith(event.symbol) and not name.startswith("_"))
    if event.symbol.startswith("-"):
        return list(OPTIONS)
    if after in ("--save", "--depth"):
        raise TryNext
    if after == "--inputs" and "auto".startswith(event.symbol):
        return ["auto"]
    if event.symbol == "":
        return [*modules(shell.user_ns), *OPTIONS]
    names = [name for name in shell.user_ns if name.startswith(event.symbol)]
    if not names:  # an attribute, an index, a file
        raise TryNext
    return names


def modules(namespace: dict[str, Any]) -> list[str]:
    """The names of the modules in a namespace, but IPython's own (`_`, `_3`)."""
    from ..read import is_module

    return sorted(name for name, value in list(namespace.items()) if not name.startswith("_") and is_module(value))


def install_completion(shell: InteractiveShell) -> Callable[[], None]:
    """Registers the completion for both magics. Returns what undoes it."""
    for command in COMMANDS:
        shell.set_hook("complete_command", complete, str_key=command)

    def undo() -> None:
        chains = shell.strdispatchers["complete_command"].strs
        for command in COMMANDS:
            chain = chains.get(command)
            if chain is None:
                continue
            chain.chain[:] = [entry for entry in chain.chain if getattr(entry[1], "__func__", None) is not complete]
            if not chain.chain:
                del chains[command]

    return undo

"""`%load_ext archmagic` and `%unload_ext archmagic`: what is registered on a shell, and how each of it is undone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

UNDO = "_archmagic_undo"
"""Where a loaded shell keeps how to unload. On the shell, since %reload_ext makes our modules anew and must find it still."""

TOLD = "_archmagic_told_taken"
"""Set on a shell that was told that `explain` is taken: once is enough, also after a reload."""


def load(shell: InteractiveShell) -> None:
    """Puts `explain`, the magics, the hook and the options into the shell. Does nothing where that is done already."""
    if getattr(shell, UNDO, None) is not None:
        return
    from .complete import install_completion
    from .config import install_config
    from .hook import install_hook
    from .link import close
    from .magic import install_magics

    with contextlib.ExitStack() as undo:  # a failure half-way takes out what was put in
        undo.callback(close, shell)
        for install in (_install_explain, install_hook, install_magics, install_completion, install_config):
            undo.callback(install(shell))
        setattr(shell, UNDO, undo.pop_all())


def unload(shell: InteractiveShell) -> None:
    """Takes everything out again, leaves what the user has replaced since, and puts back what was there before."""
    undo = getattr(shell, UNDO, None)
    if undo is not None:
        setattr(shell, UNDO, None)
        undo.close()


def _install_explain(shell: InteractiveShell) -> Callable[[], None]:
    """Puts `explain` into the user's namespace, unless the name is taken: then says so, once."""
    from ..explanation import explain

    namespace: dict[str, Any] = shell.user_ns
    if namespace.get("explain", explain) is not explain:
        if not getattr(shell, TOLD, False):
            setattr(shell, TOLD, True)
            print("The name `explain` is taken here and was left alone. Ours is archmagic.explain.")
        return lambda: None
    if "explain" in namespace:  # the user imported it: theirs to keep
        return lambda: None
    # Not interactive: hidden from %who, as IPython's own names are.
    shell.push({"explain": explain}, interactive=False)
    return lambda: shell.drop_by_id({"explain": explain})

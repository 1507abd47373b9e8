"""`%config Archmagic.depth = 2`: archmagic.options as IPython's configuration shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Bool, Enum, Integer, TraitError
from traitlets.config import Configurable

from ..errors import ArchmagicError
from ..options import LEVELS, options

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell


HEARD = "_archmagic_configured"
"""Set on a shell whose configuration was taken. Not again after a reload: by then it holds every %config, changed since or not."""


class _Option:
    """Mixed into a trait: its value lives in archmagic.options and nowhere else, so the two cannot disagree."""

    name: str

    def get(self, obj: Any, cls: Any = None) -> Any:
        return getattr(options, self.name)

    def set(self, obj: Any, value: Any) -> None:
        try:
            setattr(options, self.name, value)
        except ArchmagicError as error:
            raise TraitError(str(error)) from None


class _Bool(_Option, Bool):
    pass


class _Integer(_Option, Integer):
    pass


class _Enum(_Option, Enum):
    pass


class Archmagic(Configurable):
    """The session's options, the same as `archmagic.options`."""

    hook = _Bool(True, help="Whether displaying a module shows print and tree.").tag(config=True)
    level = _Enum(LEVELS, "practitioner", help="For whom explanations are written.").tag(config=True)
    depth = _Integer(None, allow_none=True, help="How many levels of the tree start open; None chooses by size.").tag(config=True)
    live = _Bool(True, help="Whether a shown explanation is linked with the kernel.").tag(config=True)
    height = _Integer(480, help="Height of the full view, in pixels.").tag(config=True)


def install_config(shell: InteractiveShell) -> Callable[[], None]:
    """Lists the options under %config; the first time also takes what the user's IPython configuration says. Returns what undoes it."""
    configurable = Archmagic() if getattr(shell, HEARD, False) else _configured(shell)
    shell.configurables.append(configurable)

    def undo() -> None:
        if configurable in shell.configurables:
            shell.configurables.remove(configurable)

    return undo


def _configured(shell: InteractiveShell) -> Archmagic:
    setattr(shell, HEARD, True)
    try:
        return Archmagic(parent=shell)
    except TraitError as error:  # must not keep the extension from being loaded
        print(f"IPython's configuration of Archmagic was not taken: {error}")
        return Archmagic()

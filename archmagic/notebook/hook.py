"""The hook: displaying any `nn.Module` shows its print and its tree side by side, in the compact form."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from ..options import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

MODULE = ("torch.nn.modules.module", "Module")

OWN_DISPLAYS = (
    "_repr_html_",
    "_repr_markdown_",
    "_repr_svg_",
    "_repr_png_",
    "_repr_jpeg_",
    "_repr_pdf_",
    "_repr_latex_",
    "_repr_json_",
    "_repr_javascript_",
    "_ipython_display_",
)
"""A class that has one of these knows how it wants to be shown, and is left alone."""

Bundle = tuple[dict[str, Any], dict[str, Any]]


def install_hook(shell: InteractiveShell) -> Callable[[], None]:
    """Registers the printer for `nn.Module` by name, so that torch need not be imported. Returns what undoes it."""
    from IPython.core.formatters import BaseFormatter

    formatter: BaseFormatter = shell.display_formatter.mimebundle_formatter

    def printer(module: object) -> object:
        return show_module(module, shell)

    cls = getattr(sys.modules.get(MODULE[0]), MODULE[1], None)
    # A printer registered for the class itself would win over one registered by name: step before it, and remember it.
    before = formatter.type_printers.pop(cls, None) if cls is not None else None
    before_by_name = formatter.deferred_printers.get(MODULE)
    formatter.for_type_by_name(*MODULE, printer)

    def undo() -> None:
        # On first use IPython moves a printer from deferred_printers to type_printers.
        cls = getattr(sys.modules.get(MODULE[0]), MODULE[1], None)
        ours = formatter.deferred_printers.get(MODULE) is printer or formatter.type_printers.get(cls) is printer
        if not ours:  # the user has registered another since
            return
        formatter.deferred_printers.pop(MODULE, None)
        if cls is not None:
            formatter.type_printers.pop(cls, None)
        if before is not None:
            formatter.type_printers[cls] = before
        elif before_by_name is not None:
            formatter.deferred_printers[MODULE] = before_by_name

    return undo


def show_module(module: object, shell: InteractiveShell) -> Bundle | Any | None:
    """The bundle for a displayed module; None where it is IPython's business, which then shows what it always did."""
    from IPython.utils.dir2 import get_real_method

    own = get_real_method(module, "_repr_mimebundle_")
    if own is not None:  # ours is asked before it, and None would not lead back to it
        return own(include=None, exclude=None)
    if not options.hook or not shows_html(shell) or any(get_real_method(module, name) for name in OWN_DISPLAYS):
        return None
    try:
        return _bundle(module, plain=get_real_method(module, "_repr_pretty_") is None)
    except Exception as error:  # whatever fails in archmagic must not cost the user the repr
        problem = f"{type(error).__name__}: {error}"
        warnings.warn(f"archmagic could not show this module ({problem}). archmagic.options.hook = False turns it off.", stacklevel=2)
        return None


def shows_html(shell: Any) -> bool:
    """Whether what this shell displays can be HTML: a kernel's can, a terminal's cannot."""
    return "text/html" in shell.display_formatter.active_types


def _bundle(module: object, plain: bool) -> Bundle:
    """The compact document, and beside it the plain repr to the letter (unless the class says how it is pretty-printed)."""
    from ..explanation import explain
    from ..render.document import document

    # Nobody holds this explanation, so there is nothing to link it with.
    explanation = explain(module, live=False)
    data = {"text/html": document(explanation, compact=True, live=False)}
    if plain:
        data["text/plain"] = _repr(module) or explanation.printed
    return data, {}


def _repr(module: object) -> str | None:
    try:
        return repr(module)
    except Exception:  # a user's __repr__, or torch's own, which recurses
        return None

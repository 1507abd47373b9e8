"""The link: makes the documents on the page live while there is a kernel, so that a row picked there is `explanation.selected` here.

One AnyWidget a kernel, never displayed, opened when the first live explanation is shown. Its trait `selected` maps an explanation's
id to the selected path; archmagic/static/link.js joins it with the page's documents. In Colab a widget would switch the whole
notebook to another widget manager, so there documents call a registered function instead, and hear of what is set in Python over a
BroadcastChannel, since each output is a frame of its own (colabtools issue 19).

The id is a hash of the content, so that a cell run again gives the same bytes: explanations that say the same share their selection.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ..errors import UnknownPathError
from .source import answer, forward_source

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ..explanation import Explanation

LINK = "_archmagic_link"
"""Where a shell keeps its link."""

COLAB_CALLBACK = "archmagic.select"
COLAB_SOURCE = "archmagic.source"


class Link:
    """The explanations that are shown, by id, and the way to their documents. Keeps no explanation alive."""

    def __init__(self) -> None:
        self.members: dict[str, WeakSet[Explanation]] = {}

    def join(self, explanation: Explanation) -> None:
        """Links an explanation that is about to be shown."""
        from ..render.document import identity

        key = identity(explanation)
        for old in [k for k, group in self.members.items() if not group]:
            del self.members[old]
        group = self.members.setdefault(key, WeakSet())
        if explanation not in group:
            group.add(explanation)
            explanation.on_selected(lambda path: self.moved(key, path))
        self.moved(key, explanation.selected)

    def moved(self, key: str, path: str | None) -> None:
        """A selection was set in Python: the others of the same content follow, and the page."""
        for explanation in tuple(self.members.get(key, ())):
            try:
                explanation.selected = path
            except UnknownPathError:  # not of this one: a page may hold documents of an older model
                continue
        self.tell(key, path)

    def source(self, key: str, path: str) -> str:
        """The source of the `forward` at `path` of the explanations under `key`; "" where there is none."""
        return next((forward_source(explanation, path) for explanation in tuple(self.members.get(key, ()))), "")

    def tell(self, key: str, path: str | None) -> None:
        """Moves the documents on the page."""

    @property
    def open(self) -> bool:
        return True

    def close(self) -> None:
        self.members.clear()


class WidgetLink(Link):
    """Over the AnyWidget."""

    def __init__(self) -> None:
        super().__init__()
        self.widget = _link_widget()
        self.widget.observe(self._picked, "selected")
        self.widget.on_msg(self._asked)

    def tell(self, key: str, path: str | None) -> None:
        known = self.widget.selected
        if known.get(key) != path:
            self.widget.selected = {k: v for k, v in known.items() if k in self.members} | {key: path}

    def _picked(self, change: Any) -> None:
        for key, path in change.new.items():
            if (change.old or {}).get(key) != path:
                self.moved(key, path)

    @property
    def open(self) -> bool:
        return self.widget.comm is not None  # Widget.close_all() closes ours too

    def _asked(self, widget: Any, content: Any, buffers: object) -> None:
        answer(widget, content, lambda path: self.source(str(content.get("id")), path))

    def close(self) -> None:
        super().close()
        self.widget.close()


class ColabLink(Link):
    """Over a function that Colab lets outputs call, and a channel that all outputs of the notebook listen to."""

    def __init__(self, output: Any) -> None:
        super().__init__()
        self.output = output
        self.shown: dict[str, str | None] = {}  # what the page shows, as far as is known
        output.register_callback(COLAB_CALLBACK, self._picked)
        output.register_callback(COLAB_SOURCE, self.source_shown)

    def tell(self, key: str, path: str | None) -> None:
        if self.shown.get(key) != path:
            self.shown[key] = path
            message = json.dumps([key, path]).replace("<", "\\u003c")
            # Run in a frame of the cell that runs, and not waited for: the page may be gone.
            self.output.eval_js(f"new BroadcastChannel('archmagic').postMessage({message})", ignore_result=True)

    def _picked(self, key: str, path: str | None) -> None:
        self.shown[key] = path  # the outputs have told each other
        self.moved(key, path)

    def source_shown(self, key: str, path: str) -> Any:
        """`source` as Colab hands it to the page: by its text/plain form."""
        from IPython.display import Pretty

        return Pretty(self.source(key, path))


def join(explanation: Explanation) -> bool:
    """Links an explanation that is about to be shown; False where it is not to be live, or nothing could answer."""
    from IPython import get_ipython

    shell = get_ipython()
    if not explanation.live or getattr(shell, "kernel", None) is None:
        return False
    try:
        _link_of(shell).join(explanation)
    except Exception:  # without a link the document is whole; a widget that cannot be made must not cost it
        return False
    return True


def close(shell: InteractiveShell) -> None:
    """Closes the shell's link, if it has one."""
    link = getattr(shell, LINK, None)
    if link is not None:
        setattr(shell, LINK, None)
        link.close()


def _link_of(shell: InteractiveShell) -> Link:
    """The shell's link, opened now if there is none."""
    link: Link | None = getattr(shell, LINK, None)
    if link is None or not link.open:
        # Looked up, not imported: the package google.colab is there to import outside Colab too.
        output = sys.modules.get("google.colab.output")
        link = WidgetLink() if output is None else ColabLink(output)
        setattr(shell, LINK, link)
    return link


def _link_widget() -> Any:
    import anywidget
    import traitlets

    # The text of the program, not its path: given a path, anywidget keeps every instance alive (anywidget issue 929).
    program = (files("archmagic") / "static" / "link.js").read_text("utf-8")

    class ArchmagicLink(anywidget.AnyWidget):  # type: ignore[misc]
        """Never displayed."""

        _esm = program
        selected = traitlets.Dict().tag(sync=True)

    return ArchmagicLink()

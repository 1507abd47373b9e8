"""`explanation.widget`: the full view as a displayed anywidget, for layouts with other ipywidgets, and for marimo."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any
from weakref import ref

import anywidget
import traitlets

from ..options import options
from ..render.payload import encode, payload
from .source import answer, forward_source

if TYPE_CHECKING:
    from ..explanation import Explanation


class ExplanationWidget(anywidget.AnyWidget):  # type: ignore[misc]
    """The view of one explanation.

    Attributes:
        selected: the path of the picked row, None if none is; the same as the explanation's.
        height: in pixels.
        compact: whether it is the compact form, with the explanation closed.
    """

    # The text of the program, not its path: given a path, anywidget keeps every instance alive (anywidget issue 929).
    _esm = (files("archmagic") / "static" / "widget.js").read_text("utf-8")

    # ipywidgets 7 displays by this method, which knows nothing of the metadata that Colab's widget manager needs. IPython then asks
    # anywidget's _repr_mimebundle_, which does.
    _ipython_display_ = None

    payload = traitlets.Unicode().tag(sync=True)
    selected = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    height = traitlets.Integer(480).tag(sync=True)
    compact = traitlets.Bool(False).tag(sync=True)

    def __init__(self, explanation: Explanation, **traits: Any) -> None:
        # ipywidgets keeps every widget until it is closed; the explanation is not to be kept with it.
        self._explanation = ref(explanation)
        given = "layout" in traits
        traits.setdefault("layout", {"width": "100%"})  # the view has no width of its own; in an HBox it would have none
        super().__init__(payload=encode(payload(explanation)), selected=explanation.selected, **traits)
        self._own_layout = None if given else self.layout
        self.on_msg(self._asked)

    def _asked(self, _: object, content: Any, buffers: object) -> None:
        explanation = self._explanation()
        answer(self, content, lambda path: "" if explanation is None else forward_source(explanation, path))

    @traitlets.validate("selected")
    def _select(self, proposal: Any) -> str | None:
        """Sets the explanation's, which knows the paths: an unknown one raises, a module in a run becomes the run's row."""
        explanation = self._explanation()
        if explanation is None:
            path: str | None = proposal.value
            return path
        explanation.selected = proposal.value
        return explanation.selected

    def close(self) -> None:
        """Closes the widget; the explanation's `.widget` is then a new one."""
        explanation = self._explanation()
        if explanation is not None and explanation.__dict__.get("widget") is self:
            del explanation.__dict__["widget"]
        super().close()
        if self._own_layout is not None:  # a widget itself, with a comm of its own
            self._own_layout.close()


def make_widget(explanation: Explanation) -> ExplanationWidget:
    """A widget that shows the explanation and shares its selection."""
    widget = ExplanationWidget(explanation, height=options.height)
    shown = ref(widget)

    def follow(path: str | None) -> None:
        if (still := shown()) is not None and still.comm is not None:
            still.selected = path

    explanation.on_selected(follow)
    return widget

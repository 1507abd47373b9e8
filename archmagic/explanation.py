"""`explain()`, the front door, and the `Explanation` it gives.

The stages are imported when the first model comes, so that `%load_ext archmagic` costs next to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .errors import ArchmagicError, UnknownPathError
from .options import Level, check_option, options

if TYPE_CHECKING:
    from .facts import Facts
    from .story import Fit, Story
    from .tree import Forward, Tree


def explain(
    x: object,
    *,
    level: Level | None = None,
    depth: int | None = None,
    live: bool | None = None,
    inputs: object = None,
    trace: Literal["fake", "real"] = "fake",
    memory: str | int | None = None,
) -> Explanation:
    """Explains a model's architecture: what it is, how data flows, what each part does, and where the parameters are.

    Args:
        x: an `nn.Module` (on any device, also "meta"), a printed model as text, or an object that holds modules (a
            transformers or diffusers pipeline, a list or dict of modules), which is explained part by part; or an `Explanation`, to
            tell the same at another level or depth.
        level: how much is explained; what is true stays the same. "beginner" describes every layer type, says why it is there, and lists
            the words used; "practitioner" (default) takes common types as known and adds memory, cache and operations a token; "expert"
            gives formulas in place of descriptions and adds what training takes.
        depth: how many levels of the tree start open and are shown in text; by default chosen by size.
        live: whether the shown explanation is linked with the kernel (default True).
            Each of the three falls back to `archmagic.options`.
        inputs: data to follow through the model: a tensor, a tuple of arguments, a dict of keyword arguments, a tokenizer's output; shapes
            instead of tensors, such as `(1, 3, 224, 224)` or `{"input_ids": (1, 128)}`; or "auto", made up from the model. Then the
            explanation tells shapes, order, operations and cost of a forward pass too (`explanation.forward`). Without, nothing is run.
        trace: how that pass runs: "fake" (default) on shapes alone, so that no weight is read and a model on "meta" will do;
            "real" on the real weights, without gradients, for models whose flow depends on values.
        memory: a size such as "24 GB": then the explanation also tells whether the weights fit into it and, with `inputs`, a pass and how
            large a batch; `explanation.fits` tells the same as numbers.

    Returns:
        An `Explanation`: plain data, which keeps nothing of the model alive. Making it changes nothing in the model and reads no weight.

    Raises:
        PrintedModelError: a text without a model in it, or one that cannot be read; it says where.
        ArchmagicError: anything else that is no model, or no inputs, naming what was given. A forward that fails raises nothing: where
            and why it stopped is part of the explanation.

    Example:
        >>> import archmagic
        >>> e = archmagic.explain("Linear(in_features=3, out_features=2, bias=True)")
        >>> e.facts.get("num_parameters").value
        8
    """
    level = options.level if level is None else level
    depth = options.depth if depth is None else depth
    live = options.live if live is None else live
    try:
        return _explain(x, level, depth, live, inputs, trace, memory)
    except ArchmagicError as error:  # its message says all: where in archmagic it arose is of no use to the reader
        raise error.with_traceback(None)  # noqa: B904


def _explain(x: object, level: Level, depth: int | None, live: bool, inputs: object, trace: Any, memory: str | int | None) -> Explanation:
    for name, value in (("level", level), ("depth", depth), ("live", live), ("trace", trace)):
        check_option(name, value)
    if memory is not None:
        from .story import parse_memory

        parse_memory(memory)  # what is no size is told before anything runs
    from .notebook.progress import progress

    with progress("archmagic is explaining the model"):
        from .read import read

        tree = x.tree if isinstance(x, Explanation) else read(x)
        if inputs is not None:
            from .trace import follow_data

            tree = replace(tree, forward=follow_data(x, tree, inputs, trace))
        return Explanation(tree, level=level, depth=depth, live=live, memory=memory)


ENDINGS = (".html", ".md", ".json", ".svg", ".txt")


def ending_of(path: str | Path) -> str:
    """The ending that says in which form an explanation is saved.

    Raises:
        ArchmagicError: another one.
    """
    name = Path(path).name
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise ArchmagicError(f"Cannot save as {name!r}: the name must end in {', '.join(ENDINGS)}.")
    return ending


class Explanation:
    """An explained model. Display it, print it, or ask it.

    Attributes:
        tree: the model as read (`str(tree)` prints it back as PyTorch does).
        facts: what was found, a sequence with `.get(key, scope=None)`; each fact says what it rests on.
        story: the explanation as titled sections of statements, and what is said of each part.
        level, depth, live: as given to `explain`.
    """

    def __init__(
        self, tree: Tree, *, level: Level = "practitioner", depth: int | None = None, live: bool = True, memory: str | int | None = None
    ) -> None:
        from .facts import find_facts
        from .story import tell
        from .tree import Tree

        if not isinstance(tree, Tree):
            raise ArchmagicError("An Explanation is what explain(model) gives; it is not made by itself.")
        self.tree = tree
        self.level, self.depth, self.live = level, depth, live
        self._findings = find_facts(tree)
        self.facts: Facts = self._findings.facts
        self._told = tell(self._findings, memory)
        self.story: Story = self._told.at(level)
        self._selected: str | None = None
        self._listeners: list[Callable[[str | None], None]] = []

    @property
    def title(self) -> str:
        """The model's class name."""
        return self.story.title

    @property
    def summary(self) -> str:
        """The explanation in one paragraph."""
        return self.story.summary

    def story_at(self, level: Level) -> Story:
        """The same explanation told at another level: what is true stays the same, how much is explained does not."""
        check_option("level", level)
        return self.story if level == self.level else self._told.at(level)

    @cached_property
    def printed(self) -> str:
        """The printed model: what PyTorch's repr gives; for a paste, the model part with only the wrapping removed."""
        return str(self.tree) if self.tree.text is None else self.tree.text

    @property
    def forward(self) -> Forward | None:
        """What a forward pass told: its steps in order, their shapes and costs, where it failed; None without `inputs`."""
        return self.tree.forward

    @property
    def selected(self) -> str | None:
        """The path of the row picked in the view, None if none is; set it to move the view.

        A path may name one module ("transformer.h.3.attn") or a run ("transformer.h.[0-11].attn"); what is read back is the row's own.

        Raises:
            UnknownPathError: when set to a path that leads nowhere, with the nearest ones.
        """
        return self._selected

    @selected.setter
    def selected(self, path: str | None) -> None:
        if path is not None:
            path = self._row(path)
        if path == self._selected:
            return
        self._selected = path
        for listener in tuple(self._listeners):
            listener(path)

    def on_selected(self, listener: Callable[[str | None], None]) -> Callable[[], None]:
        """Calls `listener(path)` whenever the selection changes; returns a function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def paths(self, path: str) -> list[str]:
        """The single modules that a path stands for, each valid for `model.get_submodule`.

        >>> import archmagic
        >>> e = archmagic.explain("Sequential(\\n  (0): ReLU()\\n  (1): ReLU()\\n)")
        >>> e.paths("[0-1]")
        ['0', '1']

        Raises:
            UnknownPathError: the path leads nowhere.
        """
        self._row(path)
        from .tree import concrete

        return concrete(self.tree.root, path)

    def _row(self, path: str) -> str:
        if not isinstance(path, str):
            raise ArchmagicError(f"A path is text such as 'encoder.layer.0', not {path!r}.")
        from .tree import find, walk

        visit = find(self.tree.root, path)
        if visit is None:
            import difflib

            inside = find(self.tree.root, path.partition(".")[2]) if "." in path else None  # "model.0": the variable's name before it
            near = difflib.get_close_matches(path, [v.path for v in walk(self.tree.root)], 3)
            raise UnknownPathError(path, (inside.path,) if inside else tuple(near))
        return visit.path

    @cached_property
    def widget(self) -> Any:
        """The full view as an anywidget, made on first use, to lay out with other ipywidgets; `.selected` mirrors ours."""
        from .notebook.widget import make_widget

        return make_widget(self)

    def diagram(self, scope: str | None = None, form: Literal["svg", "mermaid"] = "svg") -> str | None:
        """A block as people draw it on a whiteboard: norms, sub-layers, skip connections.

        Args:
            scope: path of a block, of something in it, or of what holds it; by default the main one.
            form: "svg", an SVG element that needs nothing else, or "mermaid", a flowchart as text.

        Returns:
            The picture as text; None where it is not sure how the parts are connected.

        Raises:
            UnknownPathError: the path leads nowhere.
        """
        from .render import diagram, mermaid
        from .story.picture import picture_of

        forms = {"svg": diagram.svg, "mermaid": mermaid.mermaid}
        if form not in forms:
            raise ArchmagicError(f"form={form!r}: form takes {' or '.join(map(repr, forms))}.")
        picture = picture_of(self.story.pictures, "" if scope is None else self._row(scope))
        return None if picture is None else forms[form](picture)

    def fits(self, memory: str | int, dtype: object = None) -> Fit:
        """What of the model fits into so much memory: its weights and, where `inputs` were given, a pass, a batch and a cache.

        Args:
            memory: a size such as "24 GB" (powers of 1,000), "24 GiB" (of 1,024), or a number of bytes.
            dtype: reckon with weights, and where it is a floating-point type data too, in this type ("int8", torch.float16); by default
                as they are stored, which a print does not show: then "bfloat16".

        Raises:
            ArchmagicError: a size or type that is none, or weights whose sizes are not known.

        Example:
            >>> import archmagic
            >>> e = archmagic.explain("Linear(in_features=1000, out_features=1000, bias=False)")
            >>> found = e.fits("1 MB")
            >>> found.weights, found.fits
            (2000000, False)
            >>> e.fits("1 MB", dtype="int8").fits
            True
        """
        from .story import fit

        return fit(self._findings, memory, dtype)

    def to_text(self, width: int = 100, color: bool = False) -> str:
        """The explanation as plain text, wrapped to `width` columns; with terminal colours if asked."""
        from .render.text import to_text

        return to_text(self, width, color)

    def to_markdown(self) -> str:
        """The explanation as Markdown."""
        from .render.markdown import to_markdown

        return to_markdown(self)

    def to_html(self) -> str:
        """The explanation as a whole HTML page that needs no network: the interactive view, or a static page without scripts."""
        from .render.document import page

        return page(self)

    def to_svg(self) -> str:
        """The tree as a picture: an SVG whose text stays text, light or dark as its reader's system is."""
        from .render.svg import to_svg

        return to_svg(self)

    def to_dict(self) -> dict[str, object]:
        """The explanation as plain JSON data, schema "archmagic/1"."""
        from .render.data import to_dict

        return to_dict(self)

    def save(self, path: str | Path) -> Path:
        """Writes the explanation to `path`, by its ending: .html, .md, .json, .svg or .txt. Returns the path.

        Raises:
            ArchmagicError: another ending.
        """
        target = Path(path)
        writers: dict[str, Callable[[], str]] = {
            ".html": self.to_html,
            ".md": self.to_markdown,
            ".json": lambda: json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n",
            ".svg": self.to_svg,
            ".txt": lambda: self.to_text() + "\n",
        }
        target.write_text(writers[ending_of(target)](), encoding="utf-8", errors="replace")  # names may hold lone surrogates
        return target

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Explanation of {self.title}>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None, **_: object
    ) -> tuple[Mapping[str, object], Mapping[str, object]]:
        from .notebook.display import mimebundle
        from .notebook.progress import progress

        with progress("archmagic is drawing the explanation"):
            return mimebundle(self, include, exclude)

    def _display_(self) -> Any:
        """What marimo shows: the widget, since it runs no script of an output and IPython's formatters are not asked."""
        return self.widget

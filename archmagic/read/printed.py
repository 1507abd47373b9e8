"""Reads a printed model, in whatever wrapping people paste it, into the tree. It is parsed, never evaluated.

paste = { prose }, model, { { prose }, model }, { prose };
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import PrintedModelError
from ..tree import Node, Tree, join
from .drafts import Drafts
from .grammar import Model, ModelReader
from .refusals import no_print
from .roots import NO_PROSE, find_in_prose, find_start
from .wrapping import clean

LONGEST_TEXT = 20_000_000
"""Characters. The longest print of the models that transformers makes is a hundredth of it."""

CODE = re.compile(r"^[ >]*(?:import \w|from \w+ import |class \w+\(|def \w+\(|\w+ = (?:[\w.]+\.)*[A-Z]\w*\(|model = )", re.MULTILINE)

A_PRINT = """a printed PyTorch model, such as

    Sequential(
      (0): Linear(in_features=768, out_features=3072, bias=True)
      (1): GELU(approximate='none')
    )

as print(model) gives it"""


def read_print(text: str) -> Tree:
    """The tree of a pasted print.

    Several models become one tree, whose root is titled "2 models" and whose children are named 0 and 1; where the print starts inside a
    model, "2 parts of a model" with their own names.

    Raises:
        PrintedModelError: there is no model in the text, or it is too large.
    """
    if len(text) > LONGEST_TEXT:
        problem = f"this text has {len(text):,} characters; at most {LONGEST_TEXT:,} are read"
        raise PrintedModelError(problem, line=1, column=1, source=text[:200].split("\n")[0], expected="the print of one model")
    lines, numbers = clean(text)
    drafts = Drafts()
    reader = ModelReader(lines, numbers, drafts)
    models = _models(lines, reader) or [reader.model(start) for start in find_in_prose(lines)]
    if not models:
        raise _no_model(text)
    if len(models) == 1:
        root = models[0].instance
    else:
        children = list(zip(_names(models), [model.instance for model in models], strict=True))
        whole = "parts of a model" if all(model.start.name for model in models) else "models"
        root = drafts.folder.add(Node(f"{len(models)} {whole}", style="models"), children)
    text = "\n".join(model.text for model in models)
    return Tree(drafts.folder.build(root), "print", notes=tuple(_notes(models)), text=text)


def _models(lines: Sequence[str], reader: ModelReader) -> list[Model]:
    """The models that start a line of their own. Beside sure ones, one of a single line counts where no prose parts them."""
    found: list[tuple[Model, bool]] = []
    row, prose = 0, True
    while row < len(lines):
        start = find_start(lines, row)
        if start is None:
            prose = prose or not NO_PROSE.fullmatch(lines[row])
            row += 1
            continue
        model = reader.model(start)
        found.append((model, prose))
        row, prose = max(model.end, row) + 1, False
    return _without_asides(found)


def _without_asides(found: Sequence[tuple[Model, bool]]) -> list[Model]:
    """Leaves out groups, parted by prose, that hold no sure model, if another group does."""
    groups: list[list[Model]] = []
    for model, prose in found:
        if prose:
            groups.append([])
        groups[-1].append(model)
    sure = [group for group in groups if any(model.start.sure for model in group)]
    return [model for group in sure or groups for model in group]


def _names(models: Sequence[Model]) -> list[str]:
    """The names of several models read together: 0, 1, ...; those they have in the model that they are parts of, if they are."""
    names = [model.start.name for model in models]
    if all(names) and len(set(names)) == len(names):
        return [name for name in names if name]
    return [str(at) for at in range(len(models))]


def _notes(models: Sequence[Model]) -> list[str]:
    """What the reader must be told, paths as they are in the whole tree."""
    notes = []
    inside = [model.start.name for model in models if model.start.name]
    if inside:
        notes.append(f"The print starts inside a larger model, whose name and other parts are not known, at its {inside[0]}.")
    for top, model in zip(_names(models) if len(models) > 1 else [""], models, strict=True):
        for before, path, after in model.notes:
            place = join(top, path) if path and top else path or top
            notes.append(f"{before} {place or 'its outermost module'}{after}" if after else before)
    return notes


def _no_model(text: str) -> PrintedModelError:
    lines = text.split("\n")
    row = next((row for row, line in enumerate(lines) if line.strip()), 0)
    source = lines[row].rstrip("\r")
    column = len(source) - len(source.lstrip()) + 1
    problem = "there is no printed model in this text" if source.strip() else "this text is empty"
    if "Param #" in text or "Layer (type" in text:
        keras = "(None," in text or text.lstrip().startswith("Model: ")
        problem = "this is the summary of a Keras model, and what is read is the print of a PyTorch model"
        if not keras:
            problem = "this is a table of a summary (torchinfo, torchsummary), which does not tell enough; paste what print(model) gives"
    if code := CODE.search(text):
        row = text.count("\n", 0, code.start())
        source, column = lines[row].rstrip("\r"), 1
        problem = "this is code, and what is read is the print of a model, which print(model) gives once the code has run"
    elif hint := no_print(text):
        problem = f"{problem}, {hint}"
    return PrintedModelError(problem, line=row + 1, column=min(column, len(source) + 1), source=source, expected=A_PRINT)

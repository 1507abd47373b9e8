"""A small explanation made by hand, for tests of what the renderers do with it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from archmagic.story.story import Part, Parts, Section, Statement, Story
from archmagic.tree import Folder, Node, Tensor, Tree


class Shown(SimpleNamespace):
    """What a renderer needs of an explanation."""

    __hash__ = object.__hash__  # what is made of it is kept by it


def small_explanation(name: str = "fc", text: str = "Widens 8 to 32.", depth: int | None = None) -> Any:
    """Two equal blocks of a Linear layer (288 parameters), an own bias of 4 on the root, and a head tied to nothing it counts itself."""
    folder = Folder()
    fc = folder.add(Node("Linear", args="in_features=8, out_features=32, bias=True"))
    blocks = folder.add(Node("ModuleList", style="list"), [(str(i), folder.add(Node("Block"), [(name, fc)])) for i in range(2)])
    head = folder.add(Node("Linear", args="in_features=32, out_features=8, bias=False"))
    bias = (Tensor("bias", (4,), "float32"),)
    tree = Tree(folder.build(folder.add(Node("Tiny", tensors=bias), [("blocks", blocks), ("head", head)])), "module")
    parts = Parts({
        "": Part("Model", "model", num_parameters=580, num_own_parameters=4),
        "blocks": Part("List", "container", num_parameters=576, num_own_parameters=0),
        "blocks.[0-1]": Part("Block", "block", num_parameters=288, num_own_parameters=0),
        f"blocks.[0-1].{name}": Part("Linear layer", "linear", num_parameters=288, num_own_parameters=288),
        "head": Part("Linear layer", "head", num_parameters=256, num_own_parameters=0, badges=("tied",)),
    })  # fmt: skip
    sections = (
        Section("How data flows", (Statement("It goes in."), Statement(text, "named")), style="steps"),
        Section(
            "One block", (Statement(text, "derived", label=name), Statement("A habit.", "assumed", label=name)), "blocks.[0-1]", "parts",
        ),
        Section("What it cannot tell", (Statement("The data type."),)),
    )  # fmt: skip
    return Shown(tree=tree, depth=depth, story=Story("Tiny", "A tiny model.", sections, parts))

"""Small trees for tests: `fold("AAB")` is a container whose children 0, 1, 2 are of types A, A, B."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archmagic.tree import Folder, Instance, Node, Value


def fold(types: Iterable[str], names: Iterable[str] | None = None) -> Node:
    """The root over childless children of these types, named by position where no names are given."""
    types = list(types)
    folder = Folder()
    chosen = list(names) if names is not None else [str(i) for i in range(len(types))]
    return folder.build(folder.add(Node("Root"), [(name, folder.add(Node(type_))) for name, type_ in zip(chosen, types, strict=True)]))


def fold_attributes(rows: Iterable[Mapping[str, Value]]) -> Node:
    """The root over children of one type that differ in their attributes."""
    folder = Folder()
    return folder.build(folder.add(Node("Root"), [(str(i), folder.add(Node("Layer", attributes=row))) for i, row in enumerate(rows)]))


def layers(folder: Folder, count: int) -> list[tuple[str, Instance]]:
    """Equal layers, each of a norm and a linear."""
    found = []
    for i in range(count):
        inside = [("norm", folder.add(Node("Norm"))), ("linear", folder.add(Node("Linear", "4, 4")))]
        found.append((str(i), folder.add(Node("Layer"), inside)))
    return found


def shown(node: Node) -> str:
    """Its rows: `[0-11] A, 12 B`."""
    return ", ".join(f"{child.segment} {child.node.type}" for child in node.children)

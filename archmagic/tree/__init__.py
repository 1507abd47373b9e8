"""The one intermediate form: frozen nodes, walking and finding, folding, printing back."""

from .compare import differences
from .fold import Folder, Instance, may_count
from .forward import Data, Failure, Forward, Growth, Step, Symbol
from .nodes import BITS, Child, Node, Repeat, Scalar, Spread, Tensor, Tree, Unregistered, Value
from .paths import Visit, concrete, expand, find, join, parent, walk
from .printing import Line, count_lines, print_lines, print_tree

__all__ = [
    "BITS", "Child", "Data", "Failure", "Folder", "Forward", "Growth", "Instance", "Line", "Node", "Repeat", "Scalar", "Spread",
    "Step", "Symbol", "Tensor", "Tree", "Unregistered", "Value", "Visit",
    "concrete", "count_lines", "differences", "expand", "find", "join", "may_count", "parent", "print_lines", "print_tree", "walk",
]  # fmt: skip

"""The catalog's front door: what archmagic knows of a layer type, found by class, base class or name."""

from .counting import name_arguments, parameter_arithmetic, parameter_formula, tensors_of
from .entry import KINDS, Entry, How, Match, Rule
from .match import entry_of
from .shapes import output_shape

__all__ = [
    "KINDS", "Entry", "How", "Match", "Rule",
    "entry_of", "name_arguments", "output_shape", "parameter_arithmetic", "parameter_formula", "tensors_of",
]  # fmt: skip

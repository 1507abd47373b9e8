"""The catalog's front door: what archmagic knows of a layer type, found by class, base class or name."""

from .counting import name_arguments, parameter_arithmetic, parameter_formula, tensors_of
from .entry import KINDS, Entry, How, Match, Rule
from .load import glossary
from .match import entry_of, generic, nearest
from .shapes import output_shape
from .terms import terms_in, terms_of
from .wording import output_text, setting_meanings, setting_texts, value_text

__all__ = [
    "KINDS", "Entry", "How", "Match", "Rule",
    "entry_of", "generic", "glossary", "name_arguments", "nearest", "output_shape", "output_text", "parameter_arithmetic",
    "parameter_formula", "setting_meanings", "setting_texts", "tensors_of", "terms_in", "terms_of", "value_text",
]  # fmt: skip

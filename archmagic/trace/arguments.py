"""What is said of the arguments of a forward that failed: those it takes, and a name that it does not know."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from .inputs import parameters_of
from .run import unwrap

MOST = 6


def told_of_arguments(model: Any, given: Sequence[str], refused: bool) -> str:
    """In sentences; "" where there is nothing to say.

    Args:
        model: the model that failed.
        given: the names of what it was given.
        refused: whether it could not take its arguments at all.
    """
    parameters = parameters_of(unwrap(model)[0])
    named = [name for name, p in parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return " ".join([*_misspelt(given, named), *(_taken(named) if refused else ())])


def _misspelt(given: Sequence[str], named: Sequence[str]) -> Iterator[str]:
    for name in given:
        if name.isidentifier() and name not in named and (nearest := difflib.get_close_matches(name, named, 1)):
            yield f"Its forward names no argument {name}; did you mean {nearest[0]}?"


def _taken(named: Sequence[str]) -> Iterator[str]:
    if named:
        more = f" and {len(named) - MOST} more" if len(named) > MOST else ""
        yield f"Its forward takes {', '.join(named[:MOST])}{more}."

"""An explanation does not change: what is made of one is made once, for all outputs that need it, and goes when it goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from ..explanation import Explanation

T = TypeVar("T")


def once(make: Callable[[Explanation], T]) -> Callable[[Explanation], T]:
    """`make`, called once for each explanation. What it gives must not hold the explanation."""
    made: WeakKeyDictionary[Explanation, T] = WeakKeyDictionary()

    @wraps(make)
    def kept(explanation: Explanation) -> T:
        if explanation not in made:
            made[explanation] = make(explanation)
        return made[explanation]

    return kept

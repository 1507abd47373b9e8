"""What a user can set once for a session: `archmagic.options.hook = False`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from .errors import ArchmagicError

Level = Literal["beginner", "practitioner", "expert"]
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass
class Options:
    """The session's options.

    Attributes:
        hook: whether displaying a module shows print and tree (default True).
        level: for whom the explanation is written: "beginner", "practitioner" (default) or "expert".
        depth: how many levels of the tree start open and are shown in text; None (default) chooses by size.
        live: whether a shown explanation is linked with the kernel, so that picking a row sets `.selected` (default True).
        height: height of the full view in pixels (default 480).

    >>> import archmagic
    >>> archmagic.options.height
    480
    """

    hook: bool = True
    level: Level = "practitioner"
    depth: int | None = None
    live: bool = True
    height: int = 480

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self.__dataclass_fields__:
            raise ArchmagicError(f"archmagic.options has no {name!r}. It has: {', '.join(self.__dataclass_fields__)}.")
        object.__setattr__(self, name, check_option(name, value))


def check_option(name: str, value: object) -> object:
    """`value` if it is a right one for that option, or argument of `explain`.

    Raises:
        ArchmagicError: naming the option, what was given and what it takes.
    """
    if name == "level":
        right, takes = value in LEVELS, " or ".join(map(repr, LEVELS))
    elif name == "depth":
        right, takes = value is None or (type(value) is int and value >= 0), "None or a number of levels, 0 or more"
    elif name == "trace":
        right, takes = value in ("fake", "real"), "'fake' or 'real'"
    elif name == "height":
        right, takes = type(value) is int and value >= 120, "a height in pixels, 120 or more"
    else:
        right, takes = isinstance(value, bool), "True or False"
    if not right:
        raise ArchmagicError(f"{name}={value!r}: {name} takes {takes}.")
    return value


options = Options()

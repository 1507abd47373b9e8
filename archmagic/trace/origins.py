"""What a tensor was made from, followed through every operation: which steps and weights, and how far it is on its way to a rotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

NOTHING: frozenset[int] = frozenset()


@dataclass(slots=True)
class Move:
    """Views since the last step: its shape there, what was done, where, and whether that was told."""

    start: tuple[int, ...]
    names: tuple[str, ...]
    line: str | None = None
    made: tuple[tuple[int, ...], ...] = ()
    told: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What positions see of each other. `weights`: whether scores became weights, by softmax. `causal` is None where a mask of unknown
    values decides; `window` is how many positions back a causal mask lets see, itself among them, None for all."""

    weights: bool = False
    causal: bool | None = False
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What a tensor was made from: steps (or inputs, below zero), and weights (by the path of their module).

    `turn` says what it is of a rotation by position: "angle" (sines or cosines), "negated" (data with its sign changed), "turned" (data
    with halves swapped and one negated), "scaled" (data times a table), "angled" (times sines or cosines), "turned scaled", "half" (a sum
    or difference of two angled ones: one of the two numbers of each pair); "" for anything else.
    """

    steps: frozenset[int] = NOTHING
    weights: frozenset[str] = frozenset()
    turn: str = ""
    move: Move | None = None
    seen: Seen | None = None
    """Of what was made by comparing positions: what each of them may see."""


UNKNOWN = Origin()
JOINS = ("cat", "stack")
VIEWS = {
    "view": "reshape", "_unsafe_view": "reshape", "reshape": "reshape", "_reshape_alias": "reshape", "flatten": "reshape",
    "unflatten": "reshape", "squeeze": "reshape", "unsqueeze": "reshape", "unfold": "reshape", "im2col": "reshape",
    "permute": "transpose", "transpose": "transpose", "t": "transpose", "swapaxes": "transpose",
    "split": "split", "split_with_sizes": "split", "chunk": "split", "unbind": "split", "unsafe_split": "split",
    "select": "slice", "slice": "slice", "index": "slice", "narrow": "slice", "index_select": "slice",
}  # fmt: skip
"""Operations that only look at data otherwise, or at a part of it, and what a step that sums them up is called."""
RANK = ("split", "slice", "reshape", "transpose")
"""Of several, what they are together."""


def derived(name: str, origins: Sequence[Origin]) -> Origin:
    """What an operation's result is made from, where it is no step."""
    if not origins:
        return UNKNOWN
    turn = _turn(name.rstrip("_"), origins)
    if len(origins) == 1:
        return origins[0] if turn == origins[0].turn else replace(origins[0], turn=turn)
    made = [origin for origin in origins if origin.steps]
    steps = frozenset().union(*(origin.steps for origin in made))
    weights = NOTHING if made else frozenset().union(*(origin.weights for origin in origins))
    first = made[0] if len(made) == 1 else UNKNOWN
    seen = next((origin.seen for origin in made if origin.seen), None)
    return Origin(steps, weights, turn, first.move, seen)  # type: ignore[arg-type]


def _turn(name: str, origins: Sequence[Origin]) -> str:
    turns = [origin.turn for origin in origins]
    if name in ("cos", "sin", "polar"):
        return "angle"
    if name == "neg":
        return turns[0] if turns[0] in ("angle", "half") else "negated" if origins[0].steps else ""
    if len(origins) == 1:
        return turns[0]
    if all(turn == "angle" for turn in turns):
        return "angle"
    alike = len({origin.steps for origin in origins}) == 1
    if name in JOINS:
        if alike and len(turns) == 2 and turns.count("negated") == 1 and {"", "scaled"} & set(turns):
            return "turned"
        return turns[0] if len(set(turns)) == 1 and turns[0] in ("turned", "half") else ""
    if name == "mul" and len(origins) == 2:
        return _scaled(origins)
    if name in ("add", "sub", "addcmul") and len(origins) == 2 and alike and turns == ["angled", "angled"]:
        return "half"
    return ""


def _scaled(origins: Sequence[Origin]) -> str:
    """Of data times a table."""
    for origin, table in (origins, origins[::-1]):
        if origin.steps and origin.turn != "angle" and (table.turn == "angle" or not table.steps):
            if origin.turn == "turned":
                return "turned scaled"
            return "angled" if table.turn == "angle" else "scaled"
    return ""


def is_rotation(op: str, origins: Sequence[Origin]) -> bool:
    """Whether an operation ends a rotation by position: x * cos + turned(x) * sin, or pairs put together again."""
    turns = sorted(origin.turn for origin in origins)
    if len({origin.steps for origin in origins}) != 1 or len(origins) != 2:
        return False
    if op == "add":
        return turns[1] == "turned scaled" and turns[0] in ("angled", "scaled")
    return op == "cat" and turns == ["half", "half"]


def moved(name: str, origin: Origin, shape: tuple[int, ...], made: Sequence[tuple[int, ...]], line: str | None) -> Origin:
    """The origin after a view of a tensor of that shape."""
    before = origin.move if origin.move is not None and not origin.move.told else Move(shape, ())
    if list(made) == [shape]:  # all of it, as x[..., :]
        return origin
    return replace(origin, move=Move(before.start, (*before.names, VIEWS[name]), line, tuple(made)))


def summary(move: Move) -> str | None:
    """What views are together ("reshape", "split"); None where only dimensions of size one came or went."""
    if len(move.made) == 1 and [n for n in move.start if n != 1] == [n for n in move.made[0] if n != 1]:
        return None
    return next(name for name in RANK if name in move.names)

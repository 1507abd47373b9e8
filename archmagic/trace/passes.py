"""Several passes make one account: the first is for the given inputs, each other changes one size, so that dimensions get names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..tree import Forward, Symbol, Tree
from .account import account
from .choices import Choice
from .failure import half_wanted, reason_of
from .growth import Other, all_powers
from .inputs import Given
from .naming import Probe
from .record import TooLong
from .run import Pass, run, unwrap
from .sizes import Guess, guesses, named_inputs, resized
from .unused import scripts
from .wanted import with_ids

HALF = (
    "Its experts' matrix products run in bfloat16 only, so this pass did; shapes and operations are the same, bytes are those of bfloat16."
)
REAL = 'A real pass on real weights, asked for with trace="real".'
SCRIPT = "What runs inside a ScriptModule is seen, but not which of its parts calls it."
THIRD = 3
"""A length is tried at three sizes where some cost is no power of it."""
MOST_CHOSEN = 20_000
"""Steps of a pass that rests on choices made up: a loop that waits for one of them may have no end."""
MANY_MODULES = 2_000
"""From so many on a loop over experts would be long, were all of them picked."""
LONG = 3_000
"""From so many steps on, most likely a loop over positions, shorter inputs are tried before longer ones."""


def follow(
    model: Any,
    tree: Tree,
    given: Given,
    *,
    real: bool = False,
    names: bool = True,
    most: int | None = None,
    tick: Callable[[str], None] | None = None,
) -> Forward:
    """Follows data through a model.

    Args:
        model: the live module.
        tree: what was read of it.
        given: the inputs.
        real: run on real weights and values; never done unless asked.
        names: also run the passes that name dimensions and tell how costs grow.
        most: so many steps at most, else TooLong is raised.
        tick: called with a few words as work goes on.
    """
    inner, prefix = unwrap(model)
    half = False
    choose: Choice | None = None

    def once(args: Any, kwargs: Any, what: str) -> Pass:
        count = 0

        def watch(place: int) -> None:
            nonlocal count
            count += 1
            if tick is not None and count % 50 == 1:
                tick(f"{what}: {count:,} calls")

        limit = MOST_CHOSEN if choose and most is None else most
        told = run(inner, args, kwargs, prefix=prefix, real=real, half=half, choose=choose, watch=watch, most=limit)
        if isinstance(told.error, (KeyboardInterrupt, SystemExit)):
            raise told.error
        return told

    base = once(given.args, given.kwargs, "pass")
    while base.error is not None and not real and (other := with_ids(given, base, inner, prefix)):
        given = other
        base = once(given.args, given.kwargs, "pass")
    if base.error is not None and not real and half_wanted(base.error):
        half = True
        again = once(given.args, given.kwargs, "pass")
        half = again.error is None or len(again.steps) > len(base.steps)  # it came further
        base = again if half else base
    if base.error is not None and not real and reason_of(base.error) == "data":
        choose = "even" if sum(1 for _ in inner.modules()) < MANY_MODULES else "same"
        again = once(given.args, given.kwargs, "pass")
        if again.error is None or (most is not None and isinstance(again.error, TooLong)):
            base = again
        else:
            choose = None
    if isinstance(base.error, TooLong):
        raise base.error
    others: list[Other] = []
    symbols: list[Symbol] = []
    if names and not real and base.error is None:
        symbols, others = _probe(given, base, once)
    notes = (*given.notes, *((HALF,) if half else ()), *((REAL,) if real else ()), *((SCRIPT,) if scripts(inner) else ()))
    return replace(account(tree, base, others, symbols, real, notes, inner), choice=choose)


def _probe(given: Given, base: Pass, once: Callable[[Any, Any, str], Pass]) -> tuple[list[Symbol], list[Other]]:
    """Which sizes can be chosen, and a pass for each choice."""
    named = named_inputs(given.args, given.kwargs, given.names)
    ids = {id(tensor): name for name, tensor in named.items()}
    symbols: list[Symbol] = []
    others: list[Other] = []

    def attempt(guess: Guess, size: int) -> bool:
        sizes = dict.fromkeys(guess.dimensions, size)
        told = once(*resized(given.args, given.kwargs, ids, sizes), f"pass with {guess.letter} = {size:,}")
        if told.error is None and _mixes(guess, base, told, named):
            return False
        if told.error is None:
            others.append(Other(Probe(guess.letter, guess.size, size), told))
        return told.error is None

    taken: set[tuple[str, int]] = set()
    for alternatives in guesses(named):
        for guess in alternatives:
            if guess.dimensions & taken:
                continue
            size = next((size for size in guess.sizes_to_try(len(base.steps) > LONG) if attempt(guess, size)), None)
            if size is None:
                continue
            symbols.append(Symbol(guess.letter, guess.meaning, guess.size))
            taken |= guess.dimensions
            if guess.letter in "TS" and not all_powers(base, others[-1]):
                attempt(guess, THIRD * guess.size if size > guess.size else max(1, guess.size // 4))
            break
    return symbols, others


def _mixes(guess: Guess, base: Pass, told: Pass, named: Mapping[str, Any]) -> bool:
    """Whether another size only makes more examples of the batch: a view as (-1, 784) takes any size, and means none of them. Token ids do
    become rows of logits so."""
    numbers = all(named[name].is_floating_point() for name, _ in guess.dimensions)
    pairs = zip(base.outputs, told.outputs, strict=False)
    return guess.letter not in "BN" and numbers and any(a.shape[:1] != b.shape[:1] for a, b in pairs)

"""Names dimensions by comparing passes that differ in one size each, and tells how a cost grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from ..tree import Growth

VARIES = "?"
"""A dimension that changes with the inputs in a way that is not known."""
LARGEST_DENOMINATOR = 4096
LARGEST_ODD = 16
"""The denominator of a fraction that is no one half, one quarter, ..."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Another pass: which symbol it changes, its size there and in the first pass."""

    letter: str
    base: int
    size: int


def name_dimension(size: int, others: Sequence[int], probes: Sequence[Probe], sizes: Mapping[str, int]) -> str:
    """ "B", "T/4", "2T + 1", "768" of a dimension that is `size` in the first pass and `others` in those of the probes."""
    moves = [(probe, other - size) for probe, other in zip(probes, others, strict=True) if other != size]
    letters = list(dict.fromkeys(probe.letter for probe, _ in moves))
    if not letters:
        return str(size)
    rest = prod(sizes[letter] for letter in letters)
    # size = factor * (product of the symbols) + constant; each pass gives the factor by itself, and all must agree.
    factors = {Fraction(move * sizes[probe.letter], rest * (probe.size - probe.base)) for probe, move in moves}
    if len(factors) != 1:
        return VARIES
    factor = factors.pop()
    constant = size - factor * rest
    odd = factor.numerator != 1 and factor.denominator > LARGEST_ODD  # 43T/128 - 1 is T // 3, seen at multiples of 128
    if constant.denominator != 1 or factor.denominator > LARGEST_DENOMINATOR or odd or factor <= 0:
        return VARIES
    return _text(factor, letters, int(constant))


def _text(factor: Fraction, letters: Sequence[str], constant: int) -> str:
    product = "*".join(letters)
    if factor.numerator != 1:
        product = f"{factor.numerator}{'*' if len(letters) > 1 else ''}{product}"
    if factor.denominator != 1:
        product += f"/{factor.denominator}"
    return product if constant == 0 else f"{product} {'+' if constant > 0 else '-'} {abs(constant)}"


def growth_of(cost: int, others: Sequence[int], probes: Sequence[Probe]) -> Growth | None:
    """How a cost grows: for each symbol a power or a polynomial of degree two, all multiplied. None where that does not fit."""
    if not cost:
        return Growth(())
    factors: list[list[tuple[Fraction, tuple[tuple[str, int], ...]]]] = []
    for letter in dict.fromkeys(probe.letter for probe in probes):
        points = [(probe.base, cost) for probe in probes if probe.letter == letter][:1]
        points += [(probe.size, other) for probe, other in zip(probes, others, strict=True) if probe.letter == letter]
        polynomial = _polynomial(points)
        if polynomial is None:
            return None
        factors.append([(value / cost, ((letter, power),) if power else ()) for power, value in enumerate(polynomial) if value])
    terms = [(Fraction(cost), ())]  # type: list[tuple[Fraction, tuple[tuple[str, int], ...]]]
    for factor in factors:
        terms = [(a * b, powers + more) for a, powers in terms for b, more in factor]
    return Growth(tuple((float(factor), powers) for factor, powers in terms))


def _polynomial(points: Sequence[tuple[int, int]]) -> list[Fraction] | None:
    """Coefficients of 1, x, x^2 through all points: a single power where two points fit one, else a line or parabola."""
    (x0, y0), *rest = [(Fraction(x), Fraction(y)) for x, y in points]
    for power in range(5):
        if all(y * x0**power == y0 * x**power for x, y in rest):
            return [Fraction(0)] * power + [y0 / x0**power]
    if len(rest) == 1:
        x1, y1 = rest[0]
        slope = (y1 - y0) / (x1 - x0)
        return [y0 - slope * x0, slope] if slope > 0 else None
    (x1, y1), (x2, y2), *more = rest
    first, second = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
    a = (second - first) / (x2 - x0)
    b = first - a * (x0 + x1)
    c = y0 - a * x0 * x0 - b * x0
    return [c, b, a] if a >= 0 and all(a * x * x + b * x + c == y for x, y in more) else None


def is_power(cost: int, other: int, probe: Probe) -> bool:
    """Whether a cost is a power of the size that the probe changed."""
    return any(other * probe.base**power == cost * probe.size**power for power in range(5))


def total(growths: Sequence[Growth | None]) -> Growth | None:
    """The sum; None where one is not known."""
    terms: dict[tuple[tuple[str, int], ...], float] = {}
    for growth in growths:
        if growth is None:
            return None
        for factor, powers in growth.terms:
            terms[powers] = terms.get(powers, 0.0) + factor
    return Growth(tuple((factor, powers) for powers, factor in terms.items() if factor))


def scaled(growth: Growth | None, times: int) -> Growth | None:
    """The growth of so many."""
    return growth and Growth(tuple((factor * times, powers) for factor, powers in growth.terms))

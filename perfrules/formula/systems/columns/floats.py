"""Floats that decide as rationals do: the numbers of columns, each with what is known of its rounding errors.

A float of a column is the exact value but for a few roundings, and a row must not change its band because of them. So
two values count as equal where they differ by no more than a tolerance: at a comparison, at a step (`floor`, `ceil`,
`started`, `completed`), at a tie of a rounding, and where a divisor is 0. The tolerance is `TOLERANCE` times the
magnitudes that went in: m of a fact or literal is its own size, m(a ± b) = m(a) + m(b), m(a·b) = m(a)·m(b),
m(a/b) = m(a)·m(b)/b², m of a choice is the chosen operand's. Facts and literals compare as they stand, and so does
what was rounded to decimals.

A magnitude is kept as `factor·|v| + offset + spread`. Most formulas of published standards have no spread, so that a
tolerance is a number that joins a literal which is there anyway, and costs nothing. Whole numbers over a whole number
(counted steps, points) are kept apart from their divisor and stay exact.

What a tolerance cannot decide: two different rationals a/b and c/d lie at least 1/(b·d) apart. Where b·d, counted in
the units that facts are given in, is so large that this is inside the tolerance, the decision is a doubt.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from perfrules import numbers
from perfrules.formula.systems.columns.footing import NOWHERE, Footing, together
from perfrules.formula.systems.columns.terms import Term
from perfrules.numbers import Exact

TOLERANCE = 2.0**-48
"""Relative to the magnitudes: 32 times the rounding error of one operation, for formulas of that many in a row."""

EXACT_FLOATS = 2.0**53
"""Whole numbers up to here are floats."""

SHORT = 10
"""Decimal places of a number that is known to be a decimal."""

SMALL_SCALE = 10**10
"""Divisors that whole numbers are kept over; larger ones would leave no room for the numbers."""


class Divisor(NamedTuple):
    """A divisor that went into a value: its size in a row, and the greatest it can be."""

    size: Term
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A number in every row of a frame; null where it is unknown.

    Attributes:
        term: The number, times `scale`.
        footing: What it rests on.
        scale: What `term` is divided by; 1 unless `whole`.
        whole: Whether `term` is a whole number, of less than 2^53: then the quotient is the float nearest to the value.
        leaf: Whether it compares as it stands: a fact as given, or `whole`.
        low, high: The least and the greatest that it can be.
        nonzero: Whether it is never 0.
        signed: Whether its sign, and so whether it is 0, is that of the exact value.
        decimals: Where it is the float nearest to a decimal, the places of that; None where it is not known to be one.
        factor, offset, spread: Its magnitude: `factor * |value| + offset + spread`.
        denominator: What the exact value times all its divisors is a multiple of one over.
        divisors: The divisors, by what they are known by.
        top: The most that its magnitude times its divisors, each at least 1, can be.
        key: What it is known by itself, where it has a name.
        less: What the number is known by that was taken from another to give this one, both being at least 0 and of
            factor 1.
    """

    term: Term
    footing: Footing
    scale: int = 1
    whole: bool = False
    leaf: bool = False
    low: float = -math.inf
    high: float = math.inf
    nonzero: bool = False
    signed: bool = False
    decimals: int | None = None
    factor: float = 1.0
    offset: float = 0.0
    spread: Term | None = None
    denominator: int = 1
    divisors: Mapping[str, Divisor] = field(default_factory=dict)
    top: float = math.inf
    key: str = ""
    less: str = ""

    @property
    def value(self) -> Term:
        """The number itself."""
        return self.term if self.scale == 1 else self.term.settled() / float(self.scale)

    @property
    def relative(self) -> bool:
        """Whether its error is a share of itself, so that it is 0 only where the exact value is."""
        return self.spread is None and not self.offset

    @property
    def size(self) -> Term:
        """Its distance from 0."""
        return self.value if self.low >= 0 else -self.value if self.high <= 0 else self.value.abs()

    @property
    def most(self) -> float:
        """The greatest distance from 0."""
        return max(abs(self.low), abs(self.high))

    def magnitude(self) -> Term:
        """What its tolerance is in proportion to."""
        if self.spread is not None:
            return self.spread + self.offset if not self.factor else self.size * self.factor + self.spread + self.offset
        return self.size * self.factor + self.offset


Operand = Number | Fraction
"""A number of a frame, or a literal."""


def of(value: Exact) -> Fraction:
    """A literal as an operand."""
    return numbers.to_fraction(value)


def whole(footing: Footing, term: Term, scale: int, low: float, high: float) -> Number:
    """A whole number over a scale."""
    top = max(abs(low), abs(high))
    return Number(
        term, footing, scale, whole=True, leaf=True, low=low, high=high, signed=True, denominator=scale, top=top
    )  # fmt: skip


def decimal(footing: Footing, term: Term, places: int, low: float, high: float) -> Number:
    """A number that is all but a rounding error a decimal, as the float nearest to it."""
    nearest = term.decimal(places)
    if low < 0:  # without -0, which some engines print, or take for another number
        nearest = Term(nearest.api, nearest.expr + 0.0, nearest.level, nearest.size + 1)
    top = max(abs(low), abs(high))
    return Number(
        nearest, footing, leaf=True, low=low, high=high, signed=True, decimals=places, denominator=10**places, top=top
    )  # fmt: skip


def places_of(operand: Operand) -> int | None:
    """The decimal places of a number in every row, as far as they are known to be few."""
    if isinstance(operand, Number) and not operand.whole:
        return operand.decimals
    scale = operand.denominator if isinstance(operand, Fraction) else operand.scale
    return next((places for places in range(SHORT + 1) if 10**places % scale == 0), None)


def common(one: Operand, two: Operand) -> tuple[Term | float, Term | float, int] | None:
    """Two numbers over their common scale, where both are whole; None where one is not, or there is no room."""
    scales = [operand.denominator if isinstance(operand, Fraction) else operand.scale for operand in (one, two)]
    scale = math.lcm(*scales)
    if scale > SMALL_SCALE or not all(isinstance(operand, Fraction) or operand.whole for operand in (one, two)):
        return None
    if any(most(operand) * scale >= EXACT_FLOATS / 4 for operand in (one, two)):
        return None
    return _over(one, scale), _over(two, scale), scale


def _over(operand: Operand, scale: int) -> Term | float:
    if isinstance(operand, Fraction):
        return float(operand * scale)
    return operand.term * float(scale // operand.scale)


def most(operand: Operand) -> float:
    """The greatest distance from 0."""
    return abs(float(operand)) if isinstance(operand, Fraction) else operand.most


def footing_of(*operands: Operand) -> Footing:
    """What some numbers rest on together."""
    return together(operand.footing if isinstance(operand, Number) else NOWHERE for operand in operands)


def ends(operand: Operand) -> tuple[float, float]:
    """The least and the greatest that it can be."""
    return (float(operand),) * 2 if isinstance(operand, Fraction) else (operand.low, operand.high)


def grid(*operands: Operand) -> tuple[dict[str, Divisor], int]:
    """The divisors of some numbers together, and the common denominator."""
    divisors = {key: divisor for operand in operands for key, divisor in divisors_of(operand).items()}
    return divisors, math.lcm(*(operand.denominator for operand in operands))


def divisors_of(operand: Operand) -> Mapping[str, Divisor]:
    """The divisors that went into a number; a literal has none."""
    return operand.divisors if isinstance(operand, Number) else {}


def top_over(operand: Operand, divisors: Mapping[str, Divisor]) -> float:
    """The most that the magnitude of a number times some divisors can be, its own among them."""
    top = operand.top if isinstance(operand, Number) else abs(float(operand))
    others = [divisor.high for key, divisor in divisors.items() if key not in divisors_of(operand)]
    return top * math.prod(max(1.0, high) for high in others) if top else 0.0


def one_of(
    numbers_: Sequence[Operand], term: Term, footing: Footing, between: tuple[float, float], spread: Term | None
) -> Number:
    """A number that is one of some: its magnitude is at most the greatest of theirs, but for the spread."""
    columns = [operand for operand in numbers_ if isinstance(operand, Number)]
    literals = [operand for operand in numbers_ if isinstance(operand, Fraction)]
    divisors, denominator = grid(*numbers_)
    places = [places_of(operand) for operand in numbers_]
    decimals = None if None in places else max(filter(None, places), default=0)
    leaf = all(number.leaf and not number.whole for number in columns)
    return Number(
        term, footing, leaf=leaf, low=between[0], high=between[1],
        nonzero=all(number.nonzero for number in columns) and all(literals),
        signed=all(number.signed for number in columns), decimals=decimals if leaf else None,
        factor=max([number.factor for number in columns] + [1.0] * bool(literals)),
        offset=max((number.offset for number in columns), default=0.0), spread=spread, denominator=denominator,
        divisors=divisors, top=max(top_over(operand, divisors) for operand in numbers_),
    )  # fmt: skip

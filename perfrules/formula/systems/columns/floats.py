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
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from typing import NamedTuple, cast

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

    @property
    def value(self) -> Term:
        """The number itself."""
        return self.term / float(self.scale)

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


def _with(number: Number, term: Term, **changes: object) -> Number:
    """A number like another, which has no name and is no fact any more."""
    lost = {"leaf": False, "key": "", "nonzero": False, "signed": False, "decimals": None}
    return replace(number, term=term, **{**lost, **changes})  # type: ignore[arg-type]


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


def total(operands: Sequence[Operand]) -> Operand:
    """The sum of any number of them; of decimals it is a decimal again."""
    literals = sum((one for one in operands if isinstance(one, Fraction)), Fraction(0))
    columns = [one for one in operands if isinstance(one, Number)]
    if not columns:
        return literals
    terms: list[Operand] = [*columns, literals] if literals else [*columns]
    summed = reduce(add, terms)
    places = [places_of(one) for one in terms]
    if None in places or len(terms) < 2 or not isinstance(summed, Number) or summed.whole:
        return summed
    return decimal(summed.footing, summed.term, max(filter(None, places), default=0), summed.low, summed.high)


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


# -- arithmetic ---------------------------------------------------------------------------------------------------


def add(one: Operand, two: Operand) -> Operand:
    """The sum."""
    if isinstance(one, Fraction):
        return one + two if isinstance(two, Fraction) else add(two, one)
    low, high = ends(one)[0] + ends(two)[0], ends(one)[1] + ends(two)[1]
    footing = footing_of(one, two)
    if shared := common(one, two):
        left, right, scale = shared
        return whole(footing, _sum(left, right), scale, low, high)
    if isinstance(two, Fraction):
        return _shifted(one, two, low, high)
    divisors, denominator = grid(one, two)
    same_side = (one.low >= 0 and two.low >= 0) or (one.high <= 0 and two.high <= 0)
    spreads = [number.spread for number in (one, two) if number.spread is not None]
    factor, offset = max(one.factor, two.factor), one.offset + two.offset
    if not same_side:
        spreads += [number.size * number.factor for number in (one, two)]
        factor = 0.0
    spread = None
    for term in spreads:
        spread = term if spread is None else spread + term
    return Number(
        one.value + two.value, footing, low=low, high=high, factor=factor, offset=offset, spread=spread,
        signed=one.signed and two.signed and same_side, denominator=denominator, divisors=divisors,
        top=top_over(one, divisors) + top_over(two, divisors),
    )  # fmt: skip


def _sum(left: Term | float, right: Term | float) -> Term:
    return cast(Term, left) + right


def _shifted(one: Number, by: Fraction, low: float, high: float) -> Number:
    """A number and a literal: |v| of the number is at most |v + L| + |L|, so that the magnitude needs no spread."""
    size, denominator = abs(float(by)), math.lcm(one.denominator, by.denominator)
    if not size:
        return one
    same_side = (one.low >= 0 and by >= 0) or (one.high <= 0 and by <= 0)
    offset = one.offset if same_side else one.offset + (one.factor + 1) * size
    return _with(
        one, one.value + float(by), scale=1, whole=False, low=low, high=high, factor=max(one.factor, 1.0),
        offset=offset, denominator=denominator, top=one.top + top_over(by, one.divisors),
    )  # fmt: skip


def negate(one: Operand) -> Operand:
    """The number with the other sign."""
    if isinstance(one, Fraction):
        return -one
    return _with(
        one, -one.term, leaf=one.leaf, low=-one.high, high=-one.low, nonzero=one.nonzero, signed=one.signed
    )  # fmt: skip


def subtract(one: Operand, two: Operand) -> Operand:
    """The difference."""
    if isinstance(two, Fraction):
        return add(one, -two)
    if isinstance(one, Fraction):
        low, high = float(one) - two.high, float(one) - two.low
        if shared := common(one, two):
            left, right, scale = shared
            return whole(two.footing, _sum(-right, left), scale, low, high)
        return _shifted(_mirrored(two), one, low, high)
    low, high = one.low - two.high, one.high - two.low
    if shared := common(one, two):
        left, right, scale = shared
        return whole(footing_of(one, two), _sum(left, -right), scale, low, high)
    sum_ = cast(Number, add(one, _mirrored(two)))
    return replace(sum_, term=one.value - two.value, signed=sum_.signed or (one.leaf and two.leaf))


def _mirrored(two: Number) -> Number:
    return cast(Number, negate(two))


def multiply(one: Operand, two: Operand) -> Operand:
    """The product."""
    if isinstance(one, Fraction):
        return one * two if isinstance(two, Fraction) else multiply(two, one)
    low, high = _hull([_times(x, y) for x in ends(one) for y in ends(two)])
    if isinstance(two, Fraction):
        return _stretched(one, two, low, high)
    divisors, _ = grid(one, two)
    top = one.top * two.top if len(divisors) == len(one.divisors) + len(two.divisors) else math.inf
    if one.relative and two.relative:
        factor, spread = one.factor * two.factor, None
    else:
        factor, spread = 0.0, one.magnitude() * two.magnitude()
    return Number(
        one.value * two.value, footing_of(one, two), low=low, high=high, factor=factor, spread=spread,
        nonzero=one.nonzero and two.nonzero, signed=one.signed and two.signed, top=top,
        denominator=one.denominator * two.denominator, divisors=divisors,
    )  # fmt: skip


def _stretched(one: Number, by: Fraction, low: float, high: float) -> Number:
    """A number times a literal; a whole number stays one, over a larger scale."""
    if by == 1:
        return one
    scale = one.scale * by.denominator
    if one.whole and scale <= SMALL_SCALE and most(one) * abs(by.numerator) * one.scale < EXACT_FLOATS:
        common = math.gcd(one.scale, by.numerator) or 1
        term = one.term * float(by.numerator // common)
        found = whole(one.footing, term, scale // common, low, high)
        return replace(found, nonzero=one.nonzero and bool(by))
    size = abs(float(by))
    return _with(
        one, one.value * float(by), scale=1, signed=one.signed, whole=False, low=low, high=high,
        offset=one.offset * size,
        spread=None if one.spread is None else one.spread * size, nonzero=one.nonzero and bool(by),
        denominator=one.denominator * by.denominator, top=one.top * size,
    )  # fmt: skip


def divide(one: Operand, two: Operand) -> Operand:
    """The quotient.

    Raises:
        ZeroDivisionError: The divisor may be 0; `guarded` makes one that is null there.
    """
    if isinstance(two, Fraction):
        return multiply(one, 1 / two)  # raises where it is 0
    if not two.nonzero:
        raise ZeroDivisionError
    _, denominator = grid(one, two)
    divisors = {**_divisors(one), two.key or f"#{id(two)}": _as_divisor(two)}
    low, high = _hull([_over_end(x, y) for x in ends(one) for y in ends(two)])
    if two.low <= 0 <= two.high:  # it comes as near to 0 as it likes
        low, high = _open_quotient(one, two)
    magnitude = _quotient_magnitude(one, two)
    value = two.value.__rtruediv__(float(one)) if isinstance(one, Fraction) else one.value / two.value
    nonzero = bool(one) if isinstance(one, Fraction) else one.nonzero
    return Number(
        value, footing_of(one, two), low=low, high=high, factor=magnitude[0], spread=magnitude[1],
        nonzero=nonzero, signed=two.signed and (isinstance(one, Fraction) or one.signed), denominator=denominator,
        divisors=divisors, top=_quotient_top(one, two),
    )  # fmt: skip


def _open_quotient(one: Operand, two: Number) -> tuple[float, float]:
    """The ends of a quotient whose divisor comes near to 0: only its sign is known, if that."""
    low, high = ends(one)
    positive = (low >= 0 and two.low >= 0) or (high <= 0 and two.high <= 0)
    negative = (low >= 0 and two.high <= 0) or (high <= 0 and two.low >= 0)
    return (0.0 if positive else -math.inf), (0.0 if negative else math.inf)


def _as_divisor(two: Number) -> Divisor:
    """What a number is as a divisor: what it is itself divided by joins the dividend."""
    if not two.divisors:
        return Divisor(two.size, two.most)
    return Divisor(reduce(Term.__mul__, [two.size, *(one.size for one in two.divisors.values())]), two.top)


def _quotient_top(one: Operand, two: Number) -> float:
    """`top` of a quotient: m(a)·m(b)/b² times the divisors, where the divisor is no quotient itself."""
    least = two.low if two.low > 0 else -two.high if two.high < 0 else 1 / two.denominator if two.leaf else 0.0
    if not two.relative or two.divisors or not least:
        return math.inf
    return top_over(one, {}) * two.factor * max(1.0, 1 / least)


def _quotient_magnitude(one: Operand, two: Number) -> tuple[float, Term | None]:
    """The magnitude of a quotient, m(a)·m(b)/b², as a share of itself, or as a spread."""
    if isinstance(one, Fraction) or one.relative:
        factor = 1.0 if isinstance(one, Fraction) else one.factor
        if two.relative:
            return factor * two.factor, None
        top = abs(float(one)) if isinstance(one, Fraction) else one.size * factor
        return 0.0, (two.magnitude() * top) / (two.value * two.value)
    if two.relative:
        return 0.0, (one.magnitude() * two.factor) / two.size
    return 0.0, (one.magnitude() * two.magnitude()) / (two.value * two.value)


def _times(x: float, y: float) -> float:
    return 0.0 if x == 0 or y == 0 else x * y


def _over_end(x: float, y: float) -> float:
    return 0.0 if x == 0 or math.isinf(y) else math.copysign(math.inf, x) if y == 0 else x / y


def _hull(found: list[float]) -> tuple[float, float]:
    return min(found), max(found)


def grid(*operands: Operand) -> tuple[dict[str, Divisor], int]:
    """The divisors of some numbers together, and the common denominator."""
    divisors = {key: divisor for operand in operands for key, divisor in _divisors(operand).items()}
    return divisors, math.lcm(*(operand.denominator for operand in operands))


def _divisors(operand: Operand) -> Mapping[str, Divisor]:
    return operand.divisors if isinstance(operand, Number) else {}


def top_over(operand: Operand, divisors: Mapping[str, Divisor]) -> float:
    """The most that the magnitude of a number times some divisors can be, its own among them."""
    top = operand.top if isinstance(operand, Number) else abs(float(operand))
    others = [divisor.high for key, divisor in divisors.items() if key not in _divisors(operand)]
    return top * math.prod(max(1.0, high) for high in others) if top else 0.0


def absolute(one: Operand) -> Operand:
    """The distance from 0."""
    if isinstance(one, Fraction):
        return abs(one)
    if one.low >= 0:
        return one
    low = 0.0 if one.high >= 0 else -one.high
    return _with(
        one, one.term.abs(), leaf=one.leaf, low=low, high=one.most, nonzero=one.nonzero, signed=one.signed
    )  # fmt: skip


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

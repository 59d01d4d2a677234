"""Arithmetic on numbers of columns: sums, products, quotients, with what becomes of their rounding errors.

Each operation says what its result rests on, between which ends it lies, its magnitude (`floats`), and the divisors
that went into it. Literals are folded into what they meet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from typing import cast

from perfrules.formula.systems.columns.floats import (
    EXACT_FLOATS,
    SMALL_SCALE,
    Divisor,
    Number,
    Operand,
    common,
    decimal,
    divisors_of,
    ends,
    footing_of,
    grid,
    most,
    places_of,
    top_over,
    whole,
)
from perfrules.formula.systems.columns.terms import Term


def _with(number: Number, term: Term, **changes: object) -> Number:
    """A number like another, which has no name and is no fact any more."""
    lost = {"leaf": False, "key": "", "less": "", "nonzero": False, "signed": False, "decimals": None}
    return replace(number, term=term, **{**lost, **changes})  # type: ignore[arg-type]  # fields by their names


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
    plain = one.relative and two.relative and one.factor == two.factor == 1 and min(one.low, two.low) >= 0
    less = two.key if plain else ""
    return replace(sum_, term=one.value - two.value, signed=sum_.signed or (one.leaf and two.leaf), less=less)


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
    divisors = {**divisors_of(one), two.key or f"#{id(two)}": _as_divisor(two)}
    low, high = _hull([_over_end(x, y) for x in ends(one) for y in ends(two)])
    if two.low <= 0 <= two.high:  # it comes as near to 0 as it likes
        low, high = _open_quotient(one, two)
    magnitude = _quotient_magnitude(one, two)
    value = two.value.__rtruediv__(float(one)) if isinstance(one, Fraction) else one.value / two.value
    nonzero = bool(one) if isinstance(one, Fraction) else one.nonzero
    return Number(
        value, footing_of(one, two), low=low, high=high, factor=magnitude[0], offset=magnitude[1], spread=magnitude[2],
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


def _quotient_magnitude(one: Operand, two: Number) -> tuple[float, float, Term | None]:
    """The magnitude of a quotient, m(a)·m(b)/b², as factor, offset and spread."""
    if isinstance(one, Fraction) or one.relative:
        factor = 1.0 if isinstance(one, Fraction) else one.factor
        if two.relative:
            return factor * two.factor, 0.0, None
        top = abs(float(one)) if isinstance(one, Fraction) else one.size * factor
        return 0.0, 0.0, (two.magnitude() * top) / (two.value * two.value)
    if two.key and two.key == one.less and two.relative:
        # (a - b) / b, as rates of change are: m(a - b) is a + b, and that over b is the quotient and 2.
        return 1.0, 2.0, None
    if two.relative:
        return 0.0, 0.0, (one.magnitude() * two.factor) / two.size
    return 0.0, 0.0, (one.magnitude() * two.magnitude()) / (two.value * two.value)


def _times(x: float, y: float) -> float:
    return 0.0 if x == 0 or y == 0 else x * y


def _over_end(x: float, y: float) -> float:
    return 0.0 if x == 0 or math.isinf(y) else math.copysign(math.inf, x) if y == 0 else x / y


def _hull(found: list[float]) -> tuple[float, float]:
    return min(found), max(found)


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

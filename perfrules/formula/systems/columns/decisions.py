"""Where floats decide: comparisons, steps, ties of roundings, and divisors that are 0.

Two values count as equal where they differ by no more than the tolerance of their magnitudes (`floats`). Against a
literal the tolerance is itself a number and moves the literal; in a rounding it joins the half that is added anyway.
A decision comes with the doubts about it: where equal rationals cannot be told from different ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import cast

from perfrules import numbers
from perfrules.formula.systems.columns import arithmetic, floats
from perfrules.formula.systems.columns.floats import TOLERANCE, Divisor, Number, Operand
from perfrules.formula.systems.columns.footing import Footing
from perfrules.formula.systems.columns.terms import Term, when

NARROW = 1000.0
"""Numbers whose greatest size is close enough to their usual one, so that it can stand for it in a tolerance."""

_SIDE = {"<": -1, "<=": 1, ">": 1, ">=": -1}
"""On which side of the right operand the tolerance stands."""


# -- comparisons --------------------------------------------------------------------------------------------------


def compare(operator: str, one: Number, two: Operand) -> tuple[Term, Footing]:
    """How a number stands to another: the condition, and what it rests on."""
    footing = floats.footing_of(one, two)
    if isinstance(two, Fraction):
        if one.leaf or (one.signed and not two):
            return one.term.compare(operator, float(two * one.scale)), footing
        return _against(operator, one, two, footing)
    if shared := floats.common(one, two):
        return cast(Term, shared[0]).compare(operator, shared[1]), footing
    if one.leaf and two.leaf and one.scale == two.scale:
        return one.term.compare(operator, two.term), footing
    if one.relative and two.relative and min(one.low, two.low) >= 0 and operator in _SIDE:
        share = TOLERANCE * (one.factor + two.factor)
        doubts = _doubts(one, two, two.value * share, (one.value - two.value).abs)
        edge = two.value * (1 + _SIDE[operator] * share)
        return one.value.compare(operator, edge), footing.doubting(*doubts)
    width = (one.magnitude() + two.magnitude()) * TOLERANCE
    doubts = _doubts(one, two, width, (one.value - two.value).abs)
    if operator in _SIDE:
        edge = two.value + width * float(_SIDE[operator])
        return one.value.compare(operator, edge), footing.doubting(*doubts)
    inside = (one.value - two.value).abs().compare("<=", width)
    return inside if operator == "==" else ~inside, footing.doubting(*doubts)


def _against(operator: str, one: Number, two: Fraction, footing: Footing) -> tuple[Term, Footing]:
    """A number against a literal: where the two are near, the number's size is the literal's, so the width is fixed."""
    edge, value, side = float(two), one.value, _SIDE.get(operator, 0)
    width = TOLERANCE * ((one.factor * 1.0001 + 1) * abs(edge) + one.offset)
    if not width and one.spread is None:
        return value.compare(operator, edge), footing
    if one.spread is not None:
        wide = one.spread * TOLERANCE + width
        footing = footing.doubting(*_doubts(one, two, wide, (value - edge).abs))
        if side:
            moved = value - one.spread * (TOLERANCE * side)
            return moved.compare(operator, edge + side * width), footing
        inside = (value - edge).abs().compare("<=", wide)
        return inside if operator == "==" else ~inside, footing
    footing = footing.doubting(*_doubts(one, two, width, (value - edge).abs))
    if side:
        return value.compare(operator, edge + side * width), footing
    inside = value.compare(">=", edge - width) & value.compare("<=", edge + width)
    return inside if operator == "==" else ~inside, footing


def is_zero(one: Number) -> tuple[Term, Footing]:
    """Whether a number is 0."""
    if one.signed:
        return one.term.compare("==", 0.0), one.footing
    return compare("==", one, Fraction(0))


def guarded(one: Number, zero: Term) -> Number:
    """A divisor that is null where it is 0; a whole number that is not is at least one over its scale."""
    low = 1 / one.scale if one.whole and one.low == 0 else one.low
    return replace(one, term=when(~zero, one.term), nonzero=True, low=low, key=one.key or f"#{id(one)}")


# -- doubts -------------------------------------------------------------------------------------------------------


def _doubts(one: Number, two: Operand, width: Term | float, distance: Callable[[], Term]) -> tuple[Term, ...]:
    """The condition under which two values that count as equal may be different; none where that cannot be."""
    divisors, denominator = floats.grid(one, two)
    near = min(floats.most(one), floats.most(two))
    most = width if isinstance(width, float) else _most_width((one, two), near)
    top = floats.top_over(one, divisors) + floats.top_over(two, divisors)
    return _doubt(divisors, denominator, (most, top), width, distance)


def _doubt(
    divisors: Mapping[str, Divisor], denominator: int, most: tuple[float, float], width: Term | float,
    distance: Callable[[], Term],
) -> tuple[Term, ...]:  # fmt: skip
    """Two rationals lie at least 1 / (denominator * divisors) apart: a doubt is where that is inside the width.

    It cannot be where even the greatest width, or the greatest magnitude times the divisors, leaves it outside.
    """
    highest = math.prod(max(1.0, divisor.high) for divisor in divisors.values())
    if not divisors or not width or min(most[0] * highest, most[1] * TOLERANCE) * denominator < 1:
        return ()
    sizes = [divisor.size for divisor in divisors.values()]
    product = sizes[0]
    if len(sizes) > 1:
        product = _at_least_1(product)
        for size in sizes[1:]:
            product = product * _at_least_1(size)
    scaled, least = (
        (product, 1 / (width * denominator)) if isinstance(width, float) else (product * width, 1 / denominator)
    )
    return (distance().compare("<=", width) & scaled.compare(">=", least),)


def _at_least_1(size: Term) -> Term:
    return when(size.compare("<", 1.0), 1.0, size)


def _most_width(operands: tuple[Operand, ...], near: float) -> float:
    """The greatest tolerance that numbers have where they are near each other."""
    whole = 0.0
    for operand in operands:
        if isinstance(operand, Fraction):
            whole += abs(float(operand))
        elif operand.spread is not None:
            return math.inf
        else:
            whole += operand.factor * near + operand.offset
    return whole * TOLERANCE


# -- steps --------------------------------------------------------------------------------------------------------


def rounded(one: Operand, places: int) -> Operand:
    """Rounded to decimal places, ties away from zero, never -0.

    A tie is lifted over the half by the tolerance, so that it is no matter how an engine rounds ties.
    """
    if isinstance(one, Fraction):
        return floats.of(numbers.round_half_away(numbers.read(one), places))
    known = floats.places_of(one)
    if known is not None and known <= places:
        return one
    step = 10**places
    low, high = (_end(end, step) for end in (one.low, one.high))
    plain = one.low >= 0 or one.relative
    lifted = one.value * (1 + TOLERANCE * one.factor) if plain and one.relative else _lifted(_size(one), 1)
    found = floats.decimal(one.footing, lifted, places, low, high)
    if not plain:
        found = replace(found, term=when(one.value.compare("<", 0.0), -found.term, found.term))
    off = (one.value - found.term).abs() - 0.5 / step
    return replace(found, footing=one.footing.doubting(*_off_step(one, 2 * step, off.abs)))


def _size(one: Number) -> Number:
    return cast(Number, arithmetic.absolute(one))


def _lifted(one: Number, side: int) -> Term:
    """A value moved by its tolerance, up (1) or down (-1)."""
    share = side * TOLERANCE
    positive = one.low >= 0
    term = one.value * (1 + share * one.factor) if positive else one.value + one.size * (share * one.factor)
    if one.spread is not None:
        term = term + one.spread * share
    offset = one.offset * TOLERANCE
    return term + offset if side > 0 else term - offset


def _end(end: float, step: int) -> float:
    """An end of a range, rounded."""
    return math.copysign(math.floor(abs(end) * step + 0.5) / step, end) if math.isfinite(end) else end


def _off_step(one: Number, parts: int, distance: Callable[[], Term]) -> tuple[Term, ...]:
    """The doubt about a value against the nearest multiple of one over some parts."""
    most = _most_width((one,), one.most)
    width = most if one.most <= NARROW else one.magnitude() * TOLERANCE
    return _doubt(one.divisors, math.lcm(one.denominator, parts), (most, 2 * one.top), width, distance)


def steps(one: Operand, step: Fraction, up: bool) -> Operand:
    """How many steps of a positive length fit: the full ones, or with `up` those that have begun."""
    turn = math.ceil if up else math.floor
    if isinstance(one, Fraction):
        return Fraction(turn(one / step))
    counted = cast(Number, arithmetic.multiply(one, 1 / step))
    if counted.whole and counted.scale == 1:
        return counted
    low, high = (float(turn(end)) if math.isfinite(end) else end for end in (counted.low, counted.high))
    lifted = _lifted(counted, -1 if up else 1)
    found = lifted.ceil() if up else lifted.floor()
    found = found if counted.low >= 0 else Term(found.api, found.expr + 0.0, found.level, found.size + 1)
    doubts = _off_step(counted, 1, (counted.value - found).abs)
    return floats.whole(counted.footing.doubting(*doubts), found, 1, low, high)

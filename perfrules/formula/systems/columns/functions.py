"""Functions of the language over columns that are neither arithmetic nor a choice: checklists, curves, civil days."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from perfrules import numbers
from perfrules.formula.systems import exact
from perfrules.formula.systems.columns import arithmetic, floats
from perfrules.formula.systems.columns.floats import Number, Operand
from perfrules.formula.systems.columns.footing import together
from perfrules.formula.systems.columns.terms import Term, Terms, when
from perfrules.formula.systems.columns.values import Nothing, Plain, Value, footing_of, of

# -- sums and shares ----------------------------------------------------------------------------------------------


def percent(part: Operand, whole: Operand) -> Operand:
    """`part * 100 / whole`.

    Raises:
        ZeroDivisionError: The whole may be 0.
    """
    return arithmetic.multiply(arithmetic.divide(part, whole), Fraction(100))


def plus(*values: Any) -> Value:
    """The sum; unknown where one of them is."""
    if any(isinstance(value, Nothing) for value in values):
        return Nothing(together(map(footing_of, values)))
    return arithmetic.total(values)


def count(items: tuple[Any, ...]) -> Value:
    """How many items of a checklist are true."""
    known = Fraction(sum(1 for item in items if item is True))
    open_ = [
        floats.whole(item.footing, item.term.number(), 1, 0.0, 1.0) if isinstance(item, Plain) else item
        for item in items
        if not isinstance(item, bool)
    ]
    return plus(known, *open_)


def share(items: tuple[Any, ...]) -> Value:
    """The items of a checklist that are true, in percent of all."""
    counted = count(items)
    return percent(counted, Fraction(len(items))) if isinstance(counted, Number | Fraction) else counted


# -- curves -------------------------------------------------------------------------------------------------------


def interpolate(value: Operand, points: tuple[tuple[Any, Any], ...]) -> Operand:
    """Piecewise linear through ascending literal points, flat outside them."""
    if isinstance(value, Fraction):
        return floats.of(exact.interpolate(numbers.read(value), *points))
    knots = [(of(x), of(y)) for x, y in points]
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(knots)]
    at, denominator = value.value, 1
    found: Term = when(at.compare(">", float(knots[-1][0])), float(knots[-1][1]))
    for slope, ((x0, y0), (x1, _)) in reversed(list(zip(slopes, pairwise(knots), strict=True))):
        found = when(at.compare("<=", float(x1)), (at - float(x0)) * float(slope) + float(y0), found)
        inside = slope.denominator * math.lcm(value.denominator, x0.denominator)
        denominator = math.lcm(denominator, inside, y0.denominator)
    found = when(at.compare("<=", float(knots[0][0])), float(knots[0][1]), found)
    steepest = float(max(map(abs, slopes)))
    widest, highest = (float(max(abs(knot[index]) for knot in knots)) for index in (0, 1))
    offset = steepest * ((value.factor + 1) * widest + value.offset) + highest
    heights = [float(y) for _, y in knots]
    return Number(
        found, value.footing, low=min(heights), high=max(heights), factor=0.0, offset=offset,
        spread=None if value.spread is None else value.spread * steepest, denominator=denominator,
        divisors=value.divisors, top=steepest * value.top + floats.top_over(Fraction(offset), value.divisors),
    )  # fmt: skip


# -- days ---------------------------------------------------------------------------------------------------------


def days(start: Any, end: Any, terms: Terms, twice: Callable[[Term], Term]) -> Value:
    """Whole civil days from one date to another; engines do not agree on differences of dates."""
    if isinstance(start, date) and isinstance(end, date):
        return Fraction((end - start).days)
    first, last = (
        terms.literal(float(day.toordinal())) if isinstance(day, date) else _ordinal(twice(day.term))
        for day in (start, end)
    )
    return floats.whole(together([footing_of(start), footing_of(end)]), last - first, 1, -4e6, 4e6)


def _ordinal(day: Term) -> Term:
    """The number of a day in the proleptic Gregorian calendar, the first of January of year 1 being 1.

    Its year begins in March, so that the leap day is its last: the months before it take 153 days every five.
    """

    def part(expr: Any) -> Term:
        return Term(day.api, expr.cast(day.api.Float64), day.level, day.size + 2)

    year, month, rest = part(day.expr.dt.year()), part(day.expr.dt.month()), part(day.expr.dt.day())
    early = month.compare("<=", 2.0)
    year = when(early, year - 1.0, year)
    month = when(early, month + 9.0, month - 3.0)
    leaps = (year / 4.0).floor() - (year / 100.0).floor() + (year / 400.0).floor()
    return year * 365.0 + leaps + ((month * 153.0 + 2.0) / 5.0).floor() + rest - 306.0

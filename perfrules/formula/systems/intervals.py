"""Intervals: sets of what a value can be, and the language's operations on such sets.

Safe, not always tight: two occurrences of one value are treated as independent.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.formula.systems import exact


class Interval(NamedTuple):
    """All numbers or dates from `low` to `high`; an open side is `-inf` or `inf`."""

    low: Any
    high: Any


class Options(NamedTuple):
    """A choice or text that is one of some options; None: anything."""

    possible: frozenset[str] | None


class Truth(NamedTuple):
    """Whether something can be true, and can be false."""

    true: bool
    false: bool


class Column(NamedTuple):
    """A column of a table that was not submitted: any number of cells, each of these bounds."""

    cell: Any


class Nothing:
    """What a branch that cannot be reached, or a value that no band takes, can be."""

    def __repr__(self) -> str:
        """Its name."""
        return "NOTHING"


NOTHING = Nothing()
ANYTHING = Interval(-math.inf, math.inf)
EITHER = Truth(True, True)
TRUE, FALSE = Truth(True, False), Truth(False, True)
Bounds = Interval | Options | Truth | Column | Nothing | tuple[Any, ...]


def point(value: Any) -> Bounds:
    """The bounds of a known value."""
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, str):
        return Options(frozenset((value,)))
    return Interval(value, value)


def hull(left: Bounds, right: Bounds) -> Bounds:
    """The least bounds that hold both."""
    match left, right:
        case Nothing(), _:
            return right
        case _, Nothing():
            return left
        case Interval(), Interval():
            return Interval(min(left.low, right.low), max(left.high, right.high))
        case Truth(), Truth():
            return Truth(left.true or right.true, left.false or right.false)
        case Options(), Options():
            either = left.possible is None or right.possible is None
            return Options(None if either else left.possible | right.possible)  # type: ignore[operator]  # neither is None
    return ANYTHING


def meet(left: Bounds, right: Bounds) -> Bounds:
    """What both allow."""
    match left, right:
        case Interval(), Interval():
            low, high = max(left.low, right.low), min(left.high, right.high)
            return Interval(low, high) if low <= high else NOTHING
        case Truth(), Truth():
            both = Truth(left.true and right.true, left.false and right.false)
            return both if both.true or both.false else NOTHING
        case Options(), Options():
            if left.possible is None or right.possible is None:
                return right if left.possible is None else left
            return Options(left.possible & right.possible) if left.possible & right.possible else NOTHING
    return left


def is_point(bounds: Bounds) -> bool:
    """Whether only one value is left."""
    match bounds:
        case Interval():
            return bool(bounds.low == bounds.high)
        case Truth():
            return bounds.true is not bounds.false
        case Options():
            return bounds.possible is not None and len(bounds.possible) == 1
    return False


# -- arithmetic --------------------------------------------------------------------------------------------------


def _open(end: Any) -> bool:
    """Whether an end of an interval is infinite; no other end is a float."""
    return end.__class__ is float


def _times(left: Any, right: Any) -> Any:
    return 0 if left == 0 or right == 0 else left * right


def add(left: Interval, right: Interval) -> Interval:
    """The sum."""
    return Interval(left.low + right.low, left.high + right.high)


def negative(value: Interval) -> Interval:
    """The number with the other sign."""
    return Interval(-value.high, -value.low)


def subtract(left: Interval, right: Interval) -> Interval:
    """The difference."""
    return add(left, negative(right))


def multiply(left: Interval, right: Interval) -> Interval:
    """The product: its bounds are products of ends."""
    ends = [_times(a, b) for a in left for b in right]
    return Interval(min(ends), max(ends))


def reciprocal(value: Interval) -> Interval:
    """1 divided by the values that are not 0."""
    if value.low < 0 < value.high or value.low == value.high == 0:
        return ANYTHING
    low = -math.inf if value.high == 0 else _over(value.high)
    high = math.inf if value.low == 0 else _over(value.low)
    return Interval(low, high)


def _over(value: Any) -> Any:
    return 0 if _open(value) else exact.divide(1, value)


def divide(left: Interval, right: Interval) -> Interval:
    """The quotient, where the divisor is not 0; a divisor that can only be 0 says nothing."""
    if right.low == right.high == 0:
        return ANYTHING
    return multiply(left, reciprocal(right))


def monotone(function: Callable[..., Any]) -> Callable[..., Interval]:
    """A function that grows with its first argument; open ends stay open, the other arguments are literal."""

    def apply(value: Interval, *rest: Any) -> Interval:
        literal = [argument.low if isinstance(argument, Interval) else argument for argument in rest]
        return Interval(*(end if _open(end) else function(end, *literal) for end in value))

    return apply


def absolute(value: Interval) -> Interval:
    """The distance from 0."""
    ends = abs(value.low), abs(value.high)
    return Interval(0 if value.low <= 0 <= value.high else min(ends), max(ends))


def lowest(*values: Interval) -> Interval:
    """`min`."""
    return Interval(min(value.low for value in values), min(value.high for value in values))


def highest(*values: Interval) -> Interval:
    """`max`."""
    return Interval(max(value.low for value in values), max(value.high for value in values))


def clamp(value: Interval, low: Interval, high: Interval) -> Interval:
    """`min(max(value, low), high)`."""
    return lowest(highest(value, low), high)


def percent(part: Interval, whole: Interval) -> Interval:
    """`part * 100 / whole`."""
    return divide(multiply(part, Interval(100, 100)), whole)


def steps(whole: Callable[[numbers.Exact], int]) -> Callable[[Interval, Interval], Interval]:
    """`started` or `completed`."""

    def apply(value: Interval, step: Interval) -> Interval:
        return monotone(whole)(divide(highest(value, Interval(0, 0)), step))

    return apply


def interpolate(x: Interval, *points: Any) -> Interval:
    """Piecewise linear: the extremes are at the ends of `x` or at points between them."""
    literal = [point if isinstance(point, tuple) and not isinstance(point, Interval) else point.low for point in points]
    ends = [max(min(end, literal[-1][0]), literal[0][0]) for end in x]
    inside = [y for x0, y in literal if x.low <= x0 <= x.high]
    reached = [exact.interpolate(end, *literal) for end in ends] + inside
    return Interval(min(reached), max(reached))


def days(start: Interval, end: Interval) -> Interval:
    """Whole civil days between two dates."""
    return Interval((end.low - start.high).days, (end.high - start.low).days)


# -- comparison --------------------------------------------------------------------------------------------------


def less(left: Interval, right: Interval) -> Truth:
    """`<`."""
    return Truth(left.low < right.high, left.high >= right.low)


def less_equal(left: Interval, right: Interval) -> Truth:
    """`<=`."""
    return Truth(left.low <= right.high, left.high > right.low)


def equal(left: Bounds, right: Bounds) -> Truth:
    """`==`, on numbers, dates, truth values, choices and texts."""
    common = meet(left, right)
    return Truth(common is not NOTHING, not (is_point(left) and is_point(right) and left == right))


def negate(value: Truth) -> Truth:
    """`not`."""
    return Truth(value.false, value.true)


def swapped(compare: Callable[[Interval, Interval], Truth]) -> Callable[[Interval, Interval], Truth]:
    """A comparison with its sides exchanged: `>` of `<`."""
    return lambda left, right: compare(right, left)


MAX_UNDECIDED = 6
"""Rows that may not apply and give no weight away, up to which both ways are tried; beyond, bounds are wider."""


def rescale(*arguments: Any) -> Interval:
    """`rescale`: the least and greatest average over the rows that may apply, times the weight they stand for.

    Adding a row lowers an average exactly if its own rate is below it, so taking undecided rows in the order of their
    rates finds the extremes.
    """
    rows = [
        exact.Rescaled(score if isinstance(score, Interval) else ANYTHING, weight.low, applies, pooled.true, kept.low)
        for score, weight, applies, pooled, kept in exact.batched(arguments)
    ]
    return _rescaled(rows, MAX_UNDECIDED)


def _rescaled(rows: list[exact.Rescaled], tries: int) -> Interval:
    """`rescale`, where rows that do not give their weight away are decided first, one way and the other."""
    kept = exact.total(row.kept for row in rows if not row.pooled and not row.applies.true)
    rows = [row for row in rows if row.pooled or row.applies.true]
    for index, row in enumerate(rows):
        if not row.pooled and row.applies.false:
            if not tries:
                return add(_rescaled_loosely(rows), Interval(kept, kept))
            ways = [[*rows[:index], row._replace(applies=applies), *rows[index + 1 :]] for applies in (TRUE, FALSE)]
            one, other = (_rescaled(way, tries - 1) for way in ways)
            return add(hull(one, other), Interval(kept, kept))  # type: ignore[arg-type]  # of two intervals
    low, high = _converted(rows)
    return Interval(low + kept, high + kept)


def _converted(rows: list[exact.Rescaled]) -> Interval:
    """`rescale`, where every row that may not apply gives its weight to the others."""
    whole = exact.total(row.weight for row in rows)
    surely = [(row.score, row.weight) for row in rows if not row.applies.false]
    maybe = [(row.score, row.weight) for row in rows if row.applies.false and row.applies.true and row.weight]
    low = _extreme_average(
        [(score.low, weight) for score, weight in surely], [(score.low, weight) for score, weight in maybe], operator.lt
    )
    high = _extreme_average(
        [(score.high, weight) for score, weight in surely],
        [(score.high, weight) for score, weight in maybe],
        operator.gt,
    )
    return Interval(_times(low, whole), _times(high, whole))


def _extreme_average(
    surely: list[tuple[Any, Any]], maybe: list[tuple[Any, Any]], better: Callable[[Any, Any], bool]
) -> Any:
    earned, weight = sum(score for score, _ in surely), sum(weight for _, weight in surely)
    for score, more in sorted(maybe, key=lambda row: _rate(*row), reverse=better is operator.gt):
        if not weight or better(_rate(score, more), _rate(earned, weight)):
            earned, weight = earned + score, weight + more
    none_applies = not surely and maybe
    average = _rate(earned, weight) if weight else 0
    return average if not none_applies or better(average, 0) else 0


def _rate(score: Any, weight: Any) -> Any:
    return score if _open(score) else exact.divide(score, weight)


def _rescaled_loosely(rows: list[exact.Rescaled]) -> Interval:
    """Where rows that do not apply keep their weight, the weight to convert to varies too."""
    earned, live, pooled, kept = (Interval(0, 0),) * 4
    for score, weight, applies, pools, keeps in rows:
        possible = Interval(weight if not applies.false else 0, weight if applies.true else 0)
        live = add(live, possible)
        earned = add(earned, score if not applies.false else hull(score, Interval(0, 0)))  # type: ignore[arg-type]  # as above
        kept = add(kept, Interval(keeps if not applies.true else 0, keeps if applies.false else 0))
        if pools:
            pooled = add(pooled, Interval(weight if not applies.true else 0, weight if applies.false else 0))
    if live.low == 0:
        return ANYTHING
    return add(kept, multiply(earned, add(Interval(1, 1), divide(pooled, live))))


# -- tables and checklists ---------------------------------------------------------------------------------------


def share(items: tuple[Truth, ...]) -> Interval:
    """The items that are true, in percent."""
    counted = count(items)
    return Interval(exact.percent(counted.low, len(items)), exact.percent(counted.high, len(items)))


def count(items: Any) -> Interval:
    """How many items are true, or rows there are."""
    if isinstance(items, Column):
        return Interval(0, math.inf)
    return Interval(sum(not item.false for item in items), sum(item.true for item in items))


def total(column: Any) -> Interval:
    """`sum`: of unknown rows, whatever any number of cells can add up to."""
    if isinstance(column, Column):
        low, high = column.cell
        return Interval(0 if low >= 0 else -math.inf, 0 if high <= 0 else math.inf)
    result = Interval(0, 0)
    for cell in column:
        result = add(result, cell)
    return result


def _between(column: Any, *_: Any) -> Interval:
    """An average or extreme of cells: between the lowest and the highest of them."""
    cells = (column.cell,) if isinstance(column, Column) else column
    if not cells:
        return ANYTHING
    return Interval(min(cell.low for cell in cells), max(cell.high for cell in cells))


def mean(column: Any) -> Interval:
    """The average: between the averages of the ends."""
    if isinstance(column, Column) or not column:
        return _between(column)
    return divide(total(column), Interval(len(column), len(column)))


def extreme(choose: Callable[..., Interval]) -> Callable[[Any], Interval]:
    """The lowest or highest of a column."""
    return lambda column: _between(column) if isinstance(column, Column) or not column else choose(*column)


def weighted_mean(column: Any, weights: Any) -> Interval:
    """The average by weight: exact for known cells, else between the cells where no weight is negative."""
    if isinstance(column, Column) or isinstance(weights, Column):
        cells = (weights.cell,) if isinstance(weights, Column) else weights
        return _between(column) if all(cell.low >= 0 for cell in cells) else ANYTHING
    if all(is_point(cell) for cell in (*column, *weights)):
        products = [multiply(cell, weight) for cell, weight in zip(column, weights, strict=True)]
        return divide(total(tuple(products)), total(weights))
    return _between(column) if all(cell.low >= 0 for cell in weights) else ANYTHING


# -- the language's operations -----------------------------------------------------------------------------------

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: add, ast.Sub: subtract, ast.Mult: multiply, ast.Div: divide,
    ast.USub: negative, ast.UAdd: lambda value: value, ast.Not: negate,
    ast.Lt: less, ast.LtE: less_equal, ast.Gt: swapped(less), ast.GtE: swapped(less_equal),
    ast.Eq: equal, ast.NotEq: lambda left, right: negate(equal(left, right)),
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lowest, "max": highest, "abs": absolute, "clamp": clamp, "percent": percent,
    "round": monotone(numbers.round_half_away), "floor": monotone(numbers.floor), "ceil": monotone(numbers.ceil),
    "started": steps(numbers.ceil), "completed": steps(numbers.floor), "interpolate": interpolate,
    "sum": total, "mean": mean, "weighted_mean": weighted_mean, "lowest_of": extreme(lowest),
    "highest_of": extreme(highest), "count": count, "share": share, "days": days,
    "plus": lambda *terms: total(terms), "rescale": rescale, "known": lambda fact: EITHER,
    "no_band": lambda about: NOTHING, "no_alternative": lambda about: NOTHING,
}  # fmt: skip

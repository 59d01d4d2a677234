"""The exact number system: rationals, truth values, choices and dates, and *unknown* as a value with its reasons.

Missing is not zero and not full marks. An operator or function evaluates all its operands; if any is unknown, so is
the result, with the union of the reasons. A zero divisor is a reason too, even when the dividend is unknown. `and` and
`or` are Kleene's: one deciding term decides, in any order. An undecided `if` touches neither branch.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise, starmap
from typing import Any, Literal, NamedTuple

from perfrules import numbers
from perfrules.formula.direct import Trace, prepare
from perfrules.formula.evaluator import Observer, called
from perfrules.formula.render import render
from perfrules.numbers import Exact
from perfrules.rationals import Ratio, over, ratio

ReasonKind = Literal["missing", "zero", "judged", "no-band", "alternatives"]


class Reason(NamedTuple):
    """Why something is unknown: a missing or judged fact, a divisor that is 0, or a value that no band takes."""

    kind: ReasonKind
    about: str


class Unknown:
    """A value that is not known, with every reason."""

    __slots__ = ("reasons",)

    def __init__(self, reasons: Iterable[Reason]) -> None:
        """Take the reasons; equal ones count once."""
        self.reasons = frozenset(reasons)

    def __repr__(self) -> str:
        """The reasons, sorted."""
        return f"Unknown({', '.join(sorted(f'{kind}:{about}' for kind, about in self.reasons))})"

    def __bool__(self) -> bool:
        """Refused: an unknown value neither holds nor fails."""
        raise TypeError("an unknown value has no truth")

    def _either(self, other: object) -> Unknown:
        return union((self, other))

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __rtruediv__ = _either
    __lt__ = __le__ = __gt__ = __ge__ = _either

    def __truediv__(self, other: object) -> Unknown:
        """Unknown; a zero divisor still raises, so that it joins the reasons."""
        if other.__class__ is not Unknown and not other:
            raise ZeroDivisionError
        return union((self, other))

    def __neg__(self) -> Unknown:
        """Unknown, for the same reasons."""
        return self

    __pos__ = __neg__


def union(values: Iterable[object]) -> Unknown:
    """The unknown value whose reasons are those of every unknown value among some."""
    return Unknown(reason for value in values if isinstance(value, Unknown) for reason in value.reasons)


Value = Exact | bool | str | date | tuple[Any, ...] | Unknown


# Nearly every operand is a whole number or a ratio: the functions that nearly every formula calls take these in one
# go, which halves their time, and leave the rest to the operators.


def multiply(left: Any, right: Any) -> Any:
    """The product."""
    if right.__class__ is Ratio and left.__class__ is int:
        return over(left * right.n, right.d)
    return left * right


def subtract(left: Any, right: Any) -> Any:
    """The difference."""
    if right.__class__ is int:
        if left.__class__ is Ratio:
            return over(left.n - right * left.d, left.d)
    elif right.__class__ is Ratio and left.__class__ is int:
        return over(left * right.d - right.n, right.d)
    return left - right


def less(left: Any, right: Any) -> Any:
    """`<`."""
    if left.__class__ is Ratio and right.__class__ is int:
        return left.n < right * left.d
    return left < right


def at_most(left: Any, right: Any) -> Any:
    """`<=`."""
    if left.__class__ is Ratio and right.__class__ is int:
        return left.n <= right * left.d
    return left <= right


def greater(left: Any, right: Any) -> Any:
    """`>`."""
    if left.__class__ is Ratio and right.__class__ is int:
        return left.n > right * left.d
    return left > right


def at_least(left: Any, right: Any) -> Any:
    """`>=`."""
    if left.__class__ is Ratio and right.__class__ is int:
        return left.n >= right * left.d
    return left >= right


def divide(left: Any, right: Any) -> Any:
    """The exact quotient; of whole numbers too, which Python would make a float."""
    if right.__class__ is int:
        if left.__class__ is Ratio:
            return ratio(left.n, left.d * right)
        if left.__class__ is int:
            return ratio(left, right) if left % right else left // right
    return left / right  # at least one is no int, so this is exact


def equal(left: Any, right: Any) -> bool | Unknown:
    """Whether two values are equal; unknown where either is."""
    if left.__class__ is Unknown or right.__class__ is Unknown:
        return union((left, right))
    return bool(left == right)


def differ(left: Any, right: Any) -> bool | Unknown:
    """Whether two values differ; unknown where either is."""
    same = equal(left, right)
    return same if isinstance(same, Unknown) else not same


def negate(value: bool | Unknown) -> bool | Unknown:
    """`not`."""
    return value if isinstance(value, Unknown) else not value


def clamp(value: Exact, low: Exact, high: Exact) -> Exact:
    """The nearest number to `value` in `low` to `high`; `high` where `low` is above it."""
    if value.__class__ is Ratio and low.__class__ is int and high.__class__ is int:
        if value.n < low * value.d:
            return min(low, high)
        return high if value.n > high * value.d else value
    return min(max(value, low), high)


def percent(part: Exact, whole: Exact) -> Exact:
    """`part * 100 / whole`."""
    if part.__class__ is Ratio and whole.__class__ is Ratio:
        if part.d == whole.d:
            return ratio(part.n * 100, whole.n)
        return ratio(part.n * 100 * whole.d, part.d * whole.n)
    if part.__class__ is int and whole.__class__ is int:
        part *= 100
        return ratio(part, whole) if part % whole else part // whole
    result: Exact = divide(part * 100, whole)
    return result


def started(value: Exact, step: Exact) -> int:
    """How many steps of an excess have begun."""
    if value.__class__ is Ratio and step.__class__ is int and step > 0:
        return -(-value.n // (value.d * step)) if value.n > 0 else 0
    return numbers.ceil(divide(max(value, 0), step))


def completed(value: Exact, step: Exact) -> int:
    """How many steps of an excess are full."""
    return numbers.floor(divide(max(value, 0), step))


def interpolate(x: Exact, *points: tuple[Exact, Exact]) -> Exact:
    """Piecewise linear through ascending points, flat outside them."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            result: Exact = y0 + divide((y1 - y0) * (x - x0), x1 - x0)
            return result
    return points[-1][1]


def plus(*terms: Any) -> Exact:
    """The sum; over a common denominator, so that it does not grow with the number of terms."""
    whole, above, below = 0, 0, 1
    for term in terms:
        if term.__class__ is int:
            whole += term
        elif term.d == below:
            above += term.n
        elif below == 1:
            whole, above, below = whole + above, term.n, term.d
        else:
            common = math.lcm(below, term.d)
            above = above * (common // below) + term.n * (common // term.d)
            below = common
    above += whole * below
    return over(above, below) if above % below else above // below


def total(column: Iterable[Any]) -> Exact:
    """The sum of a column."""
    return plus(*column)


def mean(column: tuple[Exact, ...]) -> Exact:
    """The average; a table without rows has none."""
    result: Exact = divide(total(column), len(column))
    return result


def weighted_mean(column: tuple[Exact, ...], weights: tuple[Exact, ...]) -> Exact:
    """The average by weight; the sum of the weights is the divisor."""
    result: Exact = divide(total(map(operator.mul, column, weights)), total(weights))
    return result


def extreme(choose: Callable[[tuple[Exact, ...]], Exact]) -> Callable[[tuple[Exact, ...]], Exact]:
    """The lowest or highest of a column; of no rows there is none, as with `mean`."""

    def of(column: tuple[Exact, ...]) -> Exact:
        if not column:
            raise ZeroDivisionError
        return choose(column)

    return of


def count(items: tuple[Any, ...]) -> Any:
    """How many items of a checklist are true, or how many rows a table has: each row counts as true."""
    return sum(items)


def known(fact: Any) -> bool:
    """Whether a fact was submitted, be it only to a level."""
    return all(
        reason.kind != "missing" for value in _cells([fact]) if isinstance(value, Unknown) for reason in value.reasons
    )


def no_band(about: str) -> Unknown:
    """What a value is that no band takes."""
    return Unknown([Reason("no-band", about)])


def no_alternative(about: str) -> Unknown:
    """What a row is whose alternatives do not apply exactly once."""
    return Unknown([Reason("alternatives", about)])


def share(items: tuple[bool, ...]) -> Exact:
    """The items of a checklist that are true, in percent of all."""
    return percent(sum(items), len(items))


def rescale(*arguments: Any) -> Any:
    """The sum of the scores that apply, times the weight they stand for over their own, and what others keep."""
    rows = list(batched(arguments))
    undecided = [row.applies for row in rows if isinstance(row.applies, Unknown)]
    live = [(row.score, row.weight) for row in rows if row.applies is True]
    undecided += [score for score, _ in live if isinstance(score, Unknown)]
    if undecided:
        return union(undecided)
    weight = total(weight for _, weight in live)
    pooled = total(row.weight for row in rows if row.pooled and row.applies is False)
    kept = total(row.kept for row in rows if row.applies is False)
    earned = total(score for score, _ in live)
    return kept + (earned if not pooled or not weight else divide(earned * (weight + pooled), weight))


class Rescaled(NamedTuple):
    """A row of `rescale`; where it does not apply its weight goes to the others (`pooled`), or it keeps some points."""

    score: Any
    weight: Any
    applies: Any
    pooled: Any
    kept: Any


def batched(arguments: tuple[Any, ...]) -> Iterator[Rescaled]:
    """The arguments of `rescale`, row by row."""
    return starmap(Rescaled, zip(*(iter(arguments),) * 5, strict=True))


class ExactSystem:
    """The number system of scores."""

    operators: dict[type[ast.AST], Callable[..., Any]] = {
        ast.Add: operator.add, ast.Sub: subtract, ast.Mult: multiply, ast.Div: divide,
        ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: negate,
        ast.Lt: less, ast.LtE: at_most, ast.Gt: greater, ast.GtE: at_least,
        ast.Eq: equal, ast.NotEq: differ,
    }  # fmt: skip
    functions: dict[str, Callable[..., Any]] = {
        "min": min, "max": max, "abs": abs, "clamp": clamp, "percent": percent, "round": numbers.round_half_away,
        "floor": numbers.floor, "ceil": numbers.ceil, "started": started, "completed": completed,
        "interpolate": interpolate, "sum": total, "mean": mean, "weighted_mean": weighted_mean,
        "lowest_of": extreme(min), "highest_of": extreme(max), "count": count, "share": share,
        "days": lambda start, end: (end - start).days, "plus": plus,
        "rescale": rescale, "known": known, "no_band": no_band,
        "no_alternative": no_alternative,
    }  # fmt: skip

    unite = staticmethod(union)

    def recover(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any], error: Exception) -> Unknown:
        """Unknown, for the reasons of the unknown operands and for a divisor that is 0.

        Unknown operands are not looked for before an operation: whatever it does with one is unknown too, or fails.
        """
        unknown = union(_cells(values))
        zero = isinstance(error, ZeroDivisionError) or _divides_by_zero(node, values)
        if zero:
            return Unknown([Reason("zero", render(operands[-1])), *unknown.reasons])
        if not unknown.reasons:
            raise error
        return unknown


def _divides_by_zero(node: ast.expr, values: Sequence[Any]) -> bool:
    """Whether a function divides by an operand that is known to be 0, though another operand stopped it earlier."""
    name = called(node) if isinstance(node, ast.Call) else ""
    if name == "weighted_mean":
        weights = values[1]
        return isinstance(weights, tuple) and Unknown not in map(type, weights) and not total(weights)
    return name in _DIVIDING and not isinstance(values[1], Unknown) and not values[1]


_DIVIDING = frozenset(("percent", "started", "completed"))


def _cells(arguments: Iterable[Any]) -> Iterator[Any]:
    """The arguments of a function, tables and checklists cell by cell."""
    for argument in arguments:
        if isinstance(argument, tuple):
            yield from argument
        else:
            yield argument


EXACT = ExactSystem()


def evaluate(tree: ast.expr, names: dict[str, Any], observe: Observer | None = None) -> Any:
    """The value of a tree, given the values of its names; an observer is told of every node once all are done."""
    trace: Trace = {}
    value = prepare(tree, EXACT)(names, trace)
    if observe:
        for node, found in trace.items():
            observe((node, (), found))
    return value

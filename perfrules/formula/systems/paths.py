"""The paths number system: a formula split at its branches into constraints and a ratio of polynomials.

A number is a quotient of polynomials over the facts, its divisor above 0. Where the formula compares, a path takes one
outcome and keeps it as a constraint; the walk is repeated until every outcome has been taken. Rounding, `floor`,
`started` and what a table comes to are variables of their own, tied to what they were made of. On each path a claim
about the formula is then a claim about polynomials, which `certificates` proves or leaves open.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.formula.evaluator import Evaluator, called
from perfrules.formula.render import render
from perfrules.formula.systems.certificates import Box, Constraint, is_impossible
from perfrules.formula.systems.intervals import Column, Interval, Options, Truth
from perfrules.formula.systems.intervals import total as total_of_cells
from perfrules.formula.systems.polynomials import (
    ONE,
    Coefficient,
    TooComplex,
)
from perfrules.formula.systems.quotients import Quotient, number
from perfrules.formula.systems.signs import IS_ABOVE, IS_NOT_BELOW, IS_NULL
from perfrules.formula.systems.walks import Option, Walk

MAX_PATHS = 400
"""Paths of one formula. Two band tables of ten rows over one value take twenty."""


class Undefined:
    """No value: the divisors that are 0 here; none of them where no band takes the value."""

    __slots__ = ("divisors",)

    def __init__(self, divisors: Sequence[ast.expr]) -> None:
        """Take the divisors."""
        self.divisors = tuple(divisors)


class Path(NamedTuple):
    """One way through a formula: what it comes to, and the constraints under which it does."""

    value: Any
    constraints: tuple[Constraint, ...]
    boxes: Mapping[str, Box]


class PathsSystem:
    """The number system of paths, over facts in their ranges.

    Args:
        facts: What each name can be: intervals, options, truth values, columns.
        definitions: The trees of named values and lines.
        values: The exact value of constants.
        opaque: Named values to take as variables of their own, each in a range, and not to look into.
    """

    def __init__(
        self,
        facts: Mapping[str, Any],
        definitions: Mapping[str, ast.expr],
        values: Mapping[str, Any],
        opaque: Mapping[str, Box] | None = None,
    ) -> None:
        self.facts = facts
        self.definitions = definitions
        self.values = values
        self.opaque = opaque or {}
        self.operators = _OPERATORS | {
            ast.Div: self._divide, ast.Lt: self._less, ast.LtE: self._not_above, ast.Gt: lambda a, b: self._less(b, a),
            ast.GtE: lambda a, b: self._not_above(b, a), ast.Eq: self._equal, ast.NotEq: self._differ,
        }  # fmt: skip
        self.functions: Mapping[str, Callable[..., Any]] = {
            "min": self._lowest, "max": self._highest, "abs": self._absolute, "clamp": self._clamp,
            "percent": self._percent, "round": self._round, "floor": self._floor, "ceil": self._ceil,
            "started": self._started, "completed": self._completed, "interpolate": self._interpolate,
            "share": self._share, "count": self._count, "days": lambda start, end: end - start,
            "plus": lambda *terms: sum(terms[1:], terms[0]),
        }  # fmt: skip
        self.walk = Walk()

    # -- walking --------------------------------------------------------------------------------------------------

    def paths(self, name: str, assumed: str | None = None) -> Iterator[Path]:
        """Every path of a named formula on which an assumed condition holds.

        Raises:
            TooComplex: There are too many, or they are too long.
        """
        pending: list[tuple[bool, ...]] = [()]
        count = 0
        while pending:
            count += 1
            if count > MAX_PATHS:
                raise TooComplex
            self.walk = Walk(pending.pop())
            run = Evaluator(self, {}, lambda step: None)
            holds = True if assumed is None else self._named(run, assumed)
            value = self._named(run, name) if holds is True else None
            given = len(self.walk.given)
            pending += [(*self.walk.taken[:index], False) for index in range(given, len(self.walk.taken))]
            if holds is True:
                yield Path(value, self.walk.constraints(), dict(self.walk.boxes))

    # -- names ----------------------------------------------------------------------------------------------------

    def constant(self, node: ast.Constant) -> Any:
        """A literal."""
        return _literal(node.value)

    def name(self, run: Evaluator, node: ast.Name) -> Any:
        """A fact as a variable; a named value looked into, once a path."""
        return self._named(run, node.id)

    def _named(self, run: Evaluator, name: str) -> Any:
        if name not in self.walk.cache:
            self.walk.cache[name] = self._look_up(run, name)
        return self.walk.cache[name]

    def _look_up(self, run: Evaluator, name: str) -> Any:
        if name in self.opaque:
            return self.walk.variable(name, self.opaque[name])
        if name in self.values:
            return _literal(self.values[name])
        if name in self.definitions:
            return run.visit(self.definitions[name])
        match self.facts[name]:
            case Interval(low, high):
                return self.walk.variable(name, Box(_end(low), _end(high)))
            case Truth():
                return self.walk.truth(name)
            case Options(possible):
                self.walk.options.setdefault(name, possible)
                return Option(name)
        return _Source(name, self.facts[name])

    # -- questions ------------------------------------------------------------------------------------------------

    def _less(self, left: Quotient, right: Quotient) -> bool:
        return self.walk.compare(right, left, IS_ABOVE)

    def _not_above(self, left: Quotient, right: Quotient) -> bool:
        return self.walk.compare(right, left, IS_NOT_BELOW)

    def _equal(self, left: Any, right: Any) -> bool:
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            raise TypeError
        if isinstance(left, Quotient):
            return self.walk.compare(left, right, IS_NULL)
        if isinstance(left, bool):
            return bool(left is right)
        if left.name is None:
            left, right = right, left
        return bool(left == right) if left.name is None or left == right else self.walk.is_option(left.name, right)

    def _differ(self, left: Any, right: Any) -> bool:
        return not self._equal(left, right)

    # -- branches -------------------------------------------------------------------------------------------------

    def choose(self, run: Evaluator, test: ast.expr, then: ast.expr, orelse: ast.expr) -> Any:
        """The branch that the test takes on this path."""
        decided = run.visit(test)
        return decided if isinstance(decided, Undefined) else run.visit(then if decided else orelse)

    def all_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Any:
        """Kleene's `and`: one that does not hold decides, also beside one without a value."""
        return self._decide(run, terms, False)

    def any_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Any:
        """Kleene's `or`."""
        return self._decide(run, terms, True)

    def _decide(self, run: Evaluator, terms: Sequence[ast.expr], deciding: bool) -> Any:
        undefined: list[Undefined] = []
        for term in terms:
            value = run.visit(term)
            if value is deciding:
                return deciding
            undefined += [value] if isinstance(value, Undefined) else []
        return _union(undefined) if undefined else not deciding

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Any:
        """A function of the table; what it comes to over a table that was not submitted is a variable."""
        if called(node) in ("no_band", "no_alternative"):
            return Undefined(())
        if any(isinstance(argument, Undefined) for argument in arguments):
            raise TypeError
        if any(isinstance(argument, _Source) and isinstance(argument.can_be, Column) for argument in arguments):
            return self._of_table(node, arguments)
        return self.functions[called(node)](*arguments)

    def recover(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any], error: Exception) -> Any:
        """No value: for the divisors of the operands, and this one where it is 0."""
        undefined = [value for value in values if isinstance(value, Undefined)]
        if isinstance(error, ZeroDivisionError):
            undefined.append(Undefined((operands[-1],)))
        if not undefined:
            raise error
        return _union(undefined)

    # -- arithmetic -----------------------------------------------------------------------------------------------

    def _divide(self, left: Quotient, right: Quotient) -> Quotient:
        if self.walk.sign_in(right.top, IS_NULL):
            raise ZeroDivisionError
        if right.top.is_constant:
            return left * Quotient(right.bottom.scaled(1 / Fraction(right.top.constant)))
        scale = 1 / abs(Fraction(right.top.direction().scale))
        scale = scale if self.walk.sign_in(right.top, IS_ABOVE) else -scale
        return left * Quotient(right.bottom.scaled(scale)) * Quotient(ONE, (right.top.scaled(scale),))

    def _percent(self, part: Quotient, whole: Quotient) -> Quotient:
        return self._divide(part * number(100), whole)

    def _lowest(self, *values: Quotient) -> Quotient:
        least = values[0]
        for value in values[1:]:
            least = value if self._less(value, least) else least
        return least

    def _highest(self, *values: Quotient) -> Quotient:
        greatest = values[0]
        for value in values[1:]:
            greatest = value if self._less(greatest, value) else greatest
        return greatest

    def _clamp(self, value: Quotient, low: Quotient, high: Quotient) -> Quotient:
        return self._lowest(self._highest(value, low), high)

    def _absolute(self, value: Quotient) -> Quotient:
        return value if self.walk.sign_in(value.top, IS_NOT_BELOW) else -value

    # -- whole numbers: variables tied to what they were made of --------------------------------------------------

    def _floor(self, value: Quotient) -> Quotient:
        if value.value is not None:
            return number(math.floor(value.value))
        return self.walk.rounded("floor", value, math.floor, 1, 0)

    def _ceil(self, value: Quotient) -> Quotient:
        return -self._floor(-value)

    def _round(self, value: Quotient, places: Quotient | None = None) -> Quotient:
        digits = 0 if places is None else int(places.value or 0)

        def nearest(end: Coefficient) -> Coefficient:
            return numbers.to_fraction(numbers.round_half_away(numbers.read(end), digits))

        if value.value is not None:
            return number(nearest(value.value))
        half = Fraction(1, 2 * 10**digits)
        return self.walk.rounded(f"round{digits}-", value, nearest, half, half)

    def _steps(self, value: Quotient, step: Quotient) -> Quotient:
        return self._divide(self._highest(value, number(0)), step)

    def _started(self, value: Quotient, step: Quotient) -> Quotient:
        return self._ceil(self._steps(value, step))

    def _completed(self, value: Quotient, step: Quotient) -> Quotient:
        return self._floor(self._steps(value, step))

    def _interpolate(self, x: Quotient, *points: tuple[Any, Any]) -> Quotient:
        literal = [(numbers.to_fraction(x0), numbers.to_fraction(y0)) for x0, y0 in points]
        if self._not_above(x, number(literal[0][0])):
            return number(literal[0][1])
        for (x0, y0), (x1, y1) in pairwise(literal):
            if self._not_above(x, number(x1)):
                return number(y0) + (x - number(x0)) * number((y1 - y0) / (x1 - x0))
        return number(literal[-1][1])

    # -- checklists and tables ------------------------------------------------------------------------------------

    def _count(self, source: _Source) -> Quotient:
        return self.walk.variable(f"count({source.name})", Box(0, len(source.can_be)))

    def _share(self, source: _Source) -> Quotient:
        return self._count(source) * number(Fraction(100, len(source.can_be)))

    def _of_table(self, node: ast.Call, arguments: list[Any]) -> Quotient:
        """What a table comes to: between the cells, or for sums and counts whatever so many rows give."""
        cell = arguments[0].can_be.cell
        if called(node) == "count":
            return self.walk.variable(render(node), Box(0, None))
        if called(node) == "sum":
            low, high = total_of_cells(arguments[0].can_be)
            return self.walk.variable(render(node), Box(_end(low), _end(high)))
        weights = arguments[-1].can_be.cell
        bounded = called(node) != "weighted_mean" or weights.low >= 0
        return self.walk.variable(render(node), Box(_end(cell.low), _end(cell.high)) if bounded else Box(None, None))


class _Source(NamedTuple):
    """A checklist or table fact, or one of its columns, for the functions that take it whole."""

    name: str
    can_be: Any


def is_possible(path: Path) -> bool:
    """Whether no contradiction is found among the constraints of a path."""
    return not is_impossible(path.constraints, path.boxes)


# -- pieces ---------------------------------------------------------------------------------------------------------


def _literal(value: Any) -> Any:
    if isinstance(value, bool | tuple):
        return value
    if isinstance(value, str):
        return Option(None, value)
    if isinstance(value, date):
        return number(value.toordinal())
    return number(_exact(value))


def _exact(value: Any) -> Coefficient:
    return value if isinstance(value, int) else numbers.to_fraction(value)


def _end(value: Any) -> Coefficient | None:
    if isinstance(value, date):
        return value.toordinal()
    return None if isinstance(value, float) else _exact(value)


def _union(values: Sequence[Undefined]) -> Undefined:
    return Undefined(tuple(dict.fromkeys(divisor for value in values for divisor in value.divisors)))


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: lambda left, right: left + right, ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right, ast.USub: lambda value: -value, ast.UAdd: lambda value: value,
    ast.Not: lambda value: value if isinstance(value, Undefined) else not value,
}  # fmt: skip

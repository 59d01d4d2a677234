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
from perfrules.formula.systems.certificates import Box, Constraint, is_impossible, span
from perfrules.formula.systems.intervals import Column, Interval, Options, Truth
from perfrules.formula.systems.intervals import total as total_of_cells
from perfrules.formula.systems.polynomials import (
    ONE,
    ZERO,
    Coefficient,
    Polynomial,
    TooComplex,
    constant,
    product,
    variable,
)

MAX_PATHS = 400
"""Paths of one formula. Two band tables of ten rows over one value take twenty."""

NEGATIVE, NULL, POSITIVE = -1, 0, 1
_ABOVE, _NOT_BELOW = frozenset((POSITIVE,)), frozenset((NULL, POSITIVE))
_NULL, _ANY = frozenset((NULL,)), frozenset((NEGATIVE, NULL, POSITIVE))


class Quotient:
    """A number on one path: a polynomial over a product of polynomials that are above 0 on it."""

    __slots__ = ("factors", "top")

    def __init__(self, top: Polynomial, factors: tuple[Polynomial, ...] = ()) -> None:
        """Take the dividend and the factors of the divisor; a factor that divides the dividend goes."""
        kept: list[Polynomial] = []
        for factor in factors:
            shorter = top.divided(factor) if factor.variables <= top.variables or not top.terms else None
            if shorter is None:
                kept.append(factor)
            else:
                top = shorter
        self.top = top
        self.factors = tuple(kept)

    @property
    def bottom(self) -> Polynomial:
        """The divisor, above 0."""
        return product(self.factors)

    @property
    def value(self) -> Coefficient | None:
        """The number, where it does not depend on any fact."""
        return self.top.constant if self.top.is_constant and not self.factors else None

    def __add__(self, other: Quotient) -> Quotient:
        """The sum, over the least common divisor."""
        missing_here, missing_there = _lacking(self.factors, other.factors), _lacking(other.factors, self.factors)
        top = self.top * product(missing_here) + other.top * product(missing_there)
        return Quotient(top, self.factors + tuple(missing_here))

    def __neg__(self) -> Quotient:
        """The number with the other sign."""
        return Quotient(-self.top, self.factors)

    def __sub__(self, other: Quotient) -> Quotient:
        """The difference."""
        return self + -other

    def __mul__(self, other: Quotient) -> Quotient:
        """The product."""
        return Quotient(self.top * other.top, self.factors + other.factors)

    def key(self) -> tuple[Polynomial, tuple[Polynomial, ...]]:
        """What equal quotients have in common."""
        return self.top, tuple(sorted(self.factors, key=repr))


def _lacking(has: Sequence[Polynomial], wants: Sequence[Polynomial]) -> list[Polynomial]:
    """The factors that one divisor lacks of another, each as often as it lacks it."""
    left, lacking = list(has), []
    for factor in wants:
        if factor in left:
            left.remove(factor)
        else:
            lacking.append(factor)
    return lacking


class Undefined:
    """No value: the divisors that are 0 here; none of them where no band takes the value."""

    __slots__ = ("divisors",)

    def __init__(self, divisors: Sequence[ast.expr]) -> None:
        """Take the divisors."""
        self.divisors = tuple(divisors)


class Option(NamedTuple):
    """A choice or text that was submitted, or one that the formula says."""

    name: str | None
    literal: str = ""


class Path(NamedTuple):
    """One way through a formula: what it comes to, and the constraints under which it does."""

    value: Any
    constraints: tuple[Constraint, ...]
    boxes: Mapping[str, Box]


class _Range(NamedTuple):
    """Where a shape lies on a path; an end may be excluded, and single numbers inside."""

    low: Coefficient | None = None
    low_open: bool = False
    high: Coefficient | None = None
    high_open: bool = False
    without: frozenset[Coefficient] = frozenset()


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
        self._reset(())

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
            self._reset(pending.pop())
            run = Evaluator(self, {}, lambda step: None)
            holds = True if assumed is None else self._named(run, assumed)
            value = self._named(run, name) if holds is True else None
            given = len(self._given)
            pending += [(*self._taken[:index], False) for index in range(given, len(self._taken))]
            if holds is True:
                yield Path(value, self.constraints(), dict(self.boxes))

    def _reset(self, given: tuple[bool, ...]) -> None:
        self._given = given
        self._taken: list[bool] = []
        self._ranges: dict[Polynomial, _Range] = {}
        self._options: dict[str, frozenset[str] | None] = {}
        self._excluded: dict[str, frozenset[str]] = {}
        self._truths: dict[str, bool] = {}
        self._tied: list[Constraint] = []
        self._cache: dict[str, Any] = {}
        self._made: dict[Any, Quotient] = {}
        self.boxes: dict[str, Box] = {}

    def _fork(self) -> bool:
        """The outcome of a question that is open here: as given for this walk, first yes, later no."""
        index = len(self._taken)
        outcome = self._given[index] if index < len(self._given) else True
        self._taken.append(outcome)
        return outcome

    def constraints(self) -> tuple[Constraint, ...]:
        """What holds on the path that was just walked."""
        found = list(self._tied)
        for shape, (low, low_open, high, high_open, _) in self._ranges.items():
            if low is not None:
                found.append(Constraint(shape - constant(low), low_open))
            if high is not None:
                found.append(Constraint(constant(high) - shape, high_open))
        return tuple(found)

    # -- names ----------------------------------------------------------------------------------------------------

    def constant(self, node: ast.Constant) -> Any:
        """A literal."""
        return _literal(node.value)

    def name(self, run: Evaluator, node: ast.Name) -> Any:
        """A fact as a variable; a named value looked into, once a path."""
        return self._named(run, node.id)

    def _named(self, run: Evaluator, name: str) -> Any:
        if name not in self._cache:
            self._cache[name] = self._look_up(run, name)
        return self._cache[name]

    def _look_up(self, run: Evaluator, name: str) -> Any:
        if name in self.opaque:
            return self._variable(name, self.opaque[name])
        if name in self.values:
            return _literal(self.values[name])
        if name in self.definitions:
            return run.visit(self.definitions[name])
        match self.facts[name]:
            case Interval(low, high):
                return self._variable(name, Box(_end(low), _end(high)))
            case Truth():
                return self._truth(name)
            case Options(possible):
                self._options.setdefault(name, possible)
                return Option(name)
        return _Source(name, self.facts[name])

    def _variable(self, name: str, box: Box) -> Quotient:
        self.boxes[name] = box
        return Quotient(variable(name)) if box.low is None or box.low != box.high else _number(box.low)

    def _truth(self, name: str) -> bool:
        if name not in self._truths:
            self._truths[name] = self._fork()
        return self._truths[name]

    # -- questions ------------------------------------------------------------------------------------------------

    def _is(self, polynomial: Polynomial, wanted: frozenset[int]) -> bool:
        """Whether a polynomial has one of the wanted signs on this path; an open question is a fork."""
        if polynomial.is_constant:
            return _sign(polynomial.constant) in wanted
        shape, scale, offset = polynomial.direction()
        edge = Fraction(-offset) / scale
        if scale < 0:
            wanted = frozenset(-sign for sign in wanted)
        known = self._ranges.get(shape)
        if known is None:
            box = span(shape, self.boxes)
            known = _Range(box.low, False, box.high, False)
        possible = _signs(known, edge)
        if possible <= wanted or not possible & wanted:
            return bool(possible & wanted)
        outcome = self._fork()
        self._ranges[shape] = _narrowed(known, edge, possible & wanted if outcome else possible - wanted)
        return outcome

    def _compare(self, left: Quotient, right: Quotient, wanted: frozenset[int]) -> bool:
        return self._is((left - right).top, wanted)

    def _less(self, left: Quotient, right: Quotient) -> bool:
        return self._compare(right, left, _ABOVE)

    def _not_above(self, left: Quotient, right: Quotient) -> bool:
        return self._compare(right, left, _NOT_BELOW)

    def _equal(self, left: Any, right: Any) -> bool:
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            raise TypeError
        if isinstance(left, Quotient):
            return self._compare(left, right, _NULL)
        if isinstance(left, bool):
            return bool(left is right)
        if left.name is None:
            left, right = right, left
        return bool(left == right) if left.name is None or left == right else self._option(left.name, right)

    def _differ(self, left: Any, right: Any) -> bool:
        return not self._equal(left, right)

    def _option(self, name: str, other: Option) -> bool:
        """Whether a choice is one option; of texts, and of two choices, only that it was asked is kept."""
        if other.name is not None:
            return self._truth(f"{name} == {other.name}")
        possible, excluded = self._options[name], self._excluded.get(name, frozenset())
        if other.literal in excluded or (possible is not None and other.literal not in possible):
            return False
        if possible == frozenset((other.literal,)):
            return True
        outcome = self._fork()
        if outcome:
            self._options[name] = frozenset((other.literal,))
        elif possible is None:
            self._excluded[name] = excluded | {other.literal}
        else:
            self._options[name] = possible - {other.literal}
        return outcome

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
        if self._is(right.top, _NULL):
            raise ZeroDivisionError
        if right.top.is_constant:
            return left * Quotient(right.bottom.scaled(1 / Fraction(right.top.constant)))
        scale = 1 / abs(Fraction(right.top.direction().scale))
        scale = scale if self._is(right.top, _ABOVE) else -scale
        return left * Quotient(right.bottom.scaled(scale)) * Quotient(ONE, (right.top.scaled(scale),))

    def _percent(self, part: Quotient, whole: Quotient) -> Quotient:
        return self._divide(part * _number(100), whole)

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
        return value if self._is(value.top, _NOT_BELOW) else -value

    # -- whole numbers: variables tied to what they were made of --------------------------------------------------

    def _made_of(self, kind: str, value: Quotient, ends: Callable[[Coefficient], Coefficient]) -> Quotient | None:
        """The variable of a rounded value; None where it is new, and then it has a range and no ties yet."""
        key = (kind, *value.key())
        if key in self._made:
            return self._made[key]
        name = f"#{kind}{len(self._made)}"
        reach = [None if end is None else ends(end) for end in self._reach(value)]
        self._made[key] = self._variable(name, Box(*reach))
        return None

    def _reach(self, value: Quotient) -> Box:
        """The range of a quotient on this path, as far as ranges alone tell."""
        if value.factors:
            top = self._reach(Quotient(value.top))
            return Box(
                0 if top.low is not None and top.low >= 0 else None,
                0 if top.high is not None and top.high <= 0 else None,
            )
        if value.top.is_constant:
            return Box(value.top.constant, value.top.constant)
        shape, scale, offset = value.top.direction()
        box, known = span(value.top, self.boxes), self._ranges.get(shape)
        if known is None:
            return box
        ends = [None if end is None else end * scale + offset for end in (known.low, known.high)]
        low, high = ends if scale > 0 else ends[::-1]
        return Box(_tighter(box.low, low, max), _tighter(box.high, high, min))

    def _tie(self, result: Quotient, value: Quotient, below: Coefficient, above: Coefficient, strict: bool) -> Quotient:
        """Keep that a result is at most so far below and above the value it was made of."""
        bottom = value.bottom
        lower = result.top * bottom - value.top + bottom.scaled(below)
        upper = value.top + bottom.scaled(above) - result.top * bottom
        self._tied += [Constraint(lower, strict and bool(below)), Constraint(upper, strict and bool(above))]
        return result

    def _floor(self, value: Quotient) -> Quotient:
        if value.value is not None:
            return _number(math.floor(value.value))
        found = self._made_of("floor", value, math.floor)
        return found or self._tie(self._made[("floor", *value.key())], value, 1, 0, True)

    def _ceil(self, value: Quotient) -> Quotient:
        return -self._floor(-value)

    def _round(self, value: Quotient, places: Quotient | None = None) -> Quotient:
        digits = 0 if places is None else int(places.value or 0)

        def nearest(end: Coefficient) -> Coefficient:
            return numbers.to_fraction(numbers.round_half_away(numbers.read(end), digits))

        if value.value is not None:
            return _number(nearest(value.value))
        kind, half = f"round{digits}-", Fraction(1, 2 * 10**digits)
        found = self._made_of(kind, value, nearest)
        return found or self._tie(self._made[(kind, *value.key())], value, half, half, False)

    def _steps(self, value: Quotient, step: Quotient) -> Quotient:
        return self._divide(self._highest(value, _number(0)), step)

    def _started(self, value: Quotient, step: Quotient) -> Quotient:
        return self._ceil(self._steps(value, step))

    def _completed(self, value: Quotient, step: Quotient) -> Quotient:
        return self._floor(self._steps(value, step))

    def _interpolate(self, x: Quotient, *points: tuple[Any, Any]) -> Quotient:
        literal = [(numbers.to_fraction(x0), numbers.to_fraction(y0)) for x0, y0 in points]
        if self._not_above(x, _number(literal[0][0])):
            return _number(literal[0][1])
        for (x0, y0), (x1, y1) in pairwise(literal):
            if self._not_above(x, _number(x1)):
                return _number(y0) + (x - _number(x0)) * _number((y1 - y0) / (x1 - x0))
        return _number(literal[-1][1])

    # -- checklists and tables ------------------------------------------------------------------------------------

    def _count(self, source: _Source) -> Quotient:
        return self._variable(f"count({source.name})", Box(0, len(source.can_be)))

    def _share(self, source: _Source) -> Quotient:
        return self._count(source) * _number(Fraction(100, len(source.can_be)))

    def _of_table(self, node: ast.Call, arguments: list[Any]) -> Quotient:
        """What a table comes to: between the cells, or for sums and counts whatever so many rows give."""
        cell = arguments[0].can_be.cell
        if called(node) == "count":
            return self._variable(render(node), Box(0, None))
        if called(node) == "sum":
            low, high = total_of_cells(arguments[0].can_be)
            return self._variable(render(node), Box(_end(low), _end(high)))
        weights = arguments[-1].can_be.cell
        bounded = called(node) != "weighted_mean" or weights.low >= 0
        return self._variable(render(node), Box(_end(cell.low), _end(cell.high)) if bounded else Box(None, None))


class _Source(NamedTuple):
    """A checklist or table fact, or one of its columns, for the functions that take it whole."""

    name: str
    can_be: Any


def is_possible(path: Path) -> bool:
    """Whether no contradiction is found among the constraints of a path."""
    return not is_impossible(path.constraints, path.boxes)


# -- pieces ---------------------------------------------------------------------------------------------------------


def _number(value: Coefficient) -> Quotient:
    return Quotient(constant(value) if value else ZERO)


def _literal(value: Any) -> Any:
    if isinstance(value, bool | tuple):
        return value
    if isinstance(value, str):
        return Option(None, value)
    if isinstance(value, date):
        return _number(value.toordinal())
    return _number(_exact(value))


def _exact(value: Any) -> Coefficient:
    return value if isinstance(value, int) else numbers.to_fraction(value)


def _end(value: Any) -> Coefficient | None:
    if isinstance(value, date):
        return value.toordinal()
    return None if isinstance(value, float) else _exact(value)


def _sign(value: Coefficient) -> int:
    return (value > 0) - (value < 0)


def _signs(known: _Range, edge: Coefficient) -> frozenset[int]:
    """The signs that a shape minus an edge can have, where the shape is known to lie in a range."""
    low, low_open, high, high_open, without = known
    signs = set()
    if high is None or high > edge:
        signs.add(POSITIVE)
    if low is None or low < edge:
        signs.add(NEGATIVE)
    inside = (low is None or low < edge or (low == edge and not low_open)) and (
        high is None or high > edge or (high == edge and not high_open)
    )
    if inside and edge not in without:
        signs.add(NULL)
    return frozenset(signs)


def _narrowed(known: _Range, edge: Coefficient, signs: frozenset[int]) -> _Range:
    """The range that is left where the shape minus an edge has one of some signs."""
    low, low_open, high, high_open, without = known
    if NEGATIVE not in signs and (low is None or edge >= low):
        low, low_open = edge, NULL not in signs or (low == edge and low_open)
    if POSITIVE not in signs and (high is None or edge <= high):
        high, high_open = edge, NULL not in signs or (high == edge and high_open)
    if NULL not in signs:
        without = without | {edge}
    return _Range(low, low_open, high, high_open, without)


def _tighter(one: Coefficient | None, two: Coefficient | None, choose: Callable[..., Any]) -> Coefficient | None:
    if one is None or two is None:
        return two if one is None else one
    return choose(one, two)  # type: ignore[no-any-return]


def _union(values: Sequence[Undefined]) -> Undefined:
    return Undefined(tuple(dict.fromkeys(divisor for value in values for divisor in value.divisors)))


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: lambda left, right: left + right, ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right, ast.USub: lambda value: -value, ast.UAdd: lambda value: value,
    ast.Not: lambda value: value if isinstance(value, Undefined) else not value,
}  # fmt: skip

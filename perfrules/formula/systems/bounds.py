"""The bounds number system: what a formula *can* be, while facts are missing or judged only to a level.

A number or date is an interval, a truth value the set of its possible answers, a choice or text the set of its
possible options. Inside a branch whose test compares a name with something, the name is narrowed to what the test
allows. Two occurrences of one name are otherwise treated as independent, so bounds are safe, not always tight.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.formula.evaluator import Evaluator, Observer
from perfrules.formula.systems import exact

MAX_INLINED = 500
"""Nodes of a named value that is evaluated again inside a narrowed branch; larger ones keep their outer bounds."""


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
            return Options(None if either else left.possible | right.possible)  # type: ignore[operator]
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


def _monotone(function: Callable[..., Any]) -> Callable[..., Interval]:
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


def _steps(whole: Callable[[numbers.Exact], int]) -> Callable[[Interval, Interval], Interval]:
    """`started` or `completed`."""

    def apply(value: Interval, step: Interval) -> Interval:
        return _monotone(whole)(divide(highest(value, Interval(0, 0)), step))

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


def _swapped(compare: Callable[[Interval, Interval], Truth]) -> Callable[[Interval, Interval], Truth]:
    return lambda left, right: compare(right, left)


def rescale(*arguments: Any) -> Interval:
    """`rescale`: the least and greatest average over the rows that may apply, times the weight they stand for.

    Adding a row lowers an average exactly if its own rate is below it, so taking undecided rows in the order of their
    rates finds the extremes.
    """
    rows = [
        (score if isinstance(score, Interval) else ANYTHING, weight.low, applies, pooled.true)
        for score, weight, applies, pooled in exact.batched(arguments)
    ]
    if any(not pooled and applies.false for _, _, applies, pooled in rows):
        return _rescaled_loosely(rows)
    whole = exact.total(weight for _, weight, _, _ in rows)
    surely = [(score, weight) for score, weight, applies, _ in rows if not applies.false]
    maybe = [(score, weight) for score, weight, applies, _ in rows if applies.false and applies.true and weight]
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


def _rescaled_loosely(rows: list[tuple[Interval, Any, Truth, bool]]) -> Interval:
    """Where rows that do not apply keep their weight, the weight to convert to varies too."""
    earned, live, pooled = Interval(0, 0), Interval(0, 0), Interval(0, 0)
    for score, weight, applies, pools in rows:
        possible = Interval(weight if not applies.false else 0, weight if applies.true else 0)
        live = add(live, possible)
        earned = add(earned, score if not applies.false else hull(score, Interval(0, 0)))  # type: ignore[arg-type]
        if pools:
            pooled = add(pooled, Interval(weight if not applies.true else 0, weight if applies.false else 0))
    if live.low == 0:
        return ANYTHING
    return multiply(earned, add(Interval(1, 1), divide(pooled, live)))


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


def _extreme(choose: Callable[..., Interval]) -> Callable[[Any], Interval]:
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


class BoundsSystem:
    """The number system of bounds; `definitions` are the trees of named values, for narrowing through them."""

    operators: dict[type[ast.AST], Callable[..., Any]] = {
        ast.Add: add, ast.Sub: subtract, ast.Mult: multiply, ast.Div: divide,
        ast.USub: negative, ast.UAdd: lambda value: value, ast.Not: negate,
        ast.Lt: less, ast.LtE: less_equal, ast.Gt: _swapped(less), ast.GtE: _swapped(less_equal),
        ast.Eq: equal, ast.NotEq: lambda left, right: negate(equal(left, right)),
    }  # fmt: skip
    functions: dict[str, Callable[..., Any]] = {
        "min": lowest, "max": highest, "abs": absolute, "clamp": clamp, "percent": percent,
        "round": _monotone(numbers.round_half_away), "floor": _monotone(numbers.floor), "ceil": _monotone(numbers.ceil),
        "started": _steps(numbers.ceil), "completed": _steps(numbers.floor), "interpolate": interpolate,
        "sum": total, "mean": mean, "weighted_mean": weighted_mean, "lowest_of": _extreme(lowest),
        "highest_of": _extreme(highest), "count": count, "share": share, "days": days,
        "plus": lambda *terms: total(terms), "rescale": rescale, "known": lambda fact: EITHER,
        "no_band": lambda about: NOTHING, "no_alternative": lambda about: NOTHING,
    }  # fmt: skip

    def __init__(self, definitions: Mapping[str, ast.expr] | None = None) -> None:
        """Take the trees of named values; those that are too large to look into are left out."""
        self._trees = definitions or {}
        self._small: dict[str, ast.expr | None] = {}

    def definition(self, name: str) -> ast.expr | None:
        """The tree of a named value, if it has one that is small enough to look into."""
        if name not in self._small:
            tree = self._trees.get(name)
            small = tree is not None and sum(1 for _ in ast.walk(tree)) <= MAX_INLINED
            self._small[name] = tree if small else None
        return self._small[name]

    def constant(self, node: ast.Constant) -> Bounds:
        """A literal: a point; the points of an interpolation stay literal."""
        value: Any = node.value
        return value if isinstance(value, tuple) else point(value)

    def name(self, run: Evaluator, node: ast.Name) -> Bounds:
        """The bounds of a name; a named value is computed again from what is narrowed here."""
        bounds: Bounds = run.names[node.id]
        if not run.path or is_point(bounds):
            return bounds
        definition = self.definition(node.id)
        if definition is None or len(run.path) > 20:
            return bounds
        inlined = Evaluator(self, run.names, _unobserved)
        inlined.path = run.path
        found: Bounds = meet(bounds, inlined.visit(definition))
        return found

    def choose(self, run: Evaluator, test: ast.expr, then: ast.expr, orelse: ast.expr) -> Bounds:
        """Both branches where the test is undecided, each narrowed to what the test allows."""
        decided: Truth | Nothing = run.visit(test)
        if isinstance(decided, Nothing):
            return decided
        reached: Bounds = NOTHING
        for outcome, branch in ((True, then), (False, orelse)):
            if decided.true if outcome else decided.false:
                reached = hull(reached, self._branch(run, test, outcome, branch))
        return reached

    def _branch(self, run: Evaluator, test: ast.expr, outcome: bool, branch: ast.expr) -> Bounds:
        narrowed = self.narrowed(run, test, outcome)
        if narrowed is None:
            return NOTHING
        path = run.path
        run.path = (*path, (test, outcome))
        try:
            with _narrower(run.names, narrowed):
                found: Bounds = run.visit(branch)
        finally:
            run.path = path
        return found

    def narrowed(self, run: Evaluator, test: ast.expr, outcome: bool) -> dict[str, Bounds] | None:
        """The names that the outcome of a test narrows; None where the outcome cannot be."""
        narrowing = _Narrowing(self, run)
        return narrowing.names if narrowing.assume(test, outcome) else None

    def all_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Truth:
        """Kleene's `and`."""
        values = [run.visit(term) for term in terms]
        known = [value for value in values if value is not NOTHING]
        return Truth(all(value.true for value in known), any(value.false for value in known))

    def any_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Truth:
        """Kleene's `or`."""
        values = [run.visit(term) for term in terms]
        known = [value for value in values if value is not NOTHING]
        return Truth(any(value.true for value in known), all(value.false for value in known))

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Any:
        """A function of the table."""
        if NOTHING in arguments and node.func.id != "rescale":  # type: ignore[attr-defined]
            return NOTHING
        return run.functions[node.func.id](*arguments)  # type: ignore[attr-defined]

    def recover(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any], error: Exception) -> Bounds:
        """No operation of this system fails but on nothing, which stays nothing."""
        if NOTHING in values:
            return NOTHING
        raise error


@contextmanager
def _narrower(names: dict[str, Any], narrowed: Mapping[str, Bounds]) -> Iterator[None]:
    """Narrow some names for a while."""
    before = {name: names[name] for name in narrowed}
    names.update(narrowed)
    try:
        yield
    finally:
        names.update(before)


def _unobserved(step: object) -> None:
    """Nobody is told of a node that is only looked through."""


_NEGATED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
_MIRRORED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq,
}  # fmt: skip


class _Narrowing:
    """What follows for names when tests are assumed to have come out one way."""

    def __init__(self, system: BoundsSystem, run: Evaluator) -> None:
        self.system = system
        self.run = run
        self.names: dict[str, Bounds] = {}

    def assume(self, test: ast.expr, outcome: bool) -> bool:
        """Take the test to have this outcome; False where it cannot."""
        match test:
            case ast.UnaryOp(op=ast.Not()):
                return self.assume(test.operand, not outcome)
            case ast.BoolOp():
                return self._terms(test, outcome)
            case ast.Compare():
                return self._comparison(test, outcome)
            case ast.Name():
                definition = self.system.definition(test.id)
                if definition is not None and not self.assume(definition, outcome):
                    return False
                return self._limit(test, TRUE if outcome else FALSE)
        return True

    def _terms(self, test: ast.BoolOp, outcome: bool) -> bool:
        if isinstance(test.op, ast.And) is outcome:
            return all(self.assume(term, outcome) for term in test.values)
        # One of the terms must decide; where only one still can, it does.
        able = [term for term in test.values if self._can(term, outcome)]
        return self.assume(able[0], outcome) if len(able) == 1 else bool(able)

    def _can(self, term: ast.expr, outcome: bool) -> bool:
        value = self._value(term)
        return value is not NOTHING and bool(value.true if outcome else value.false)

    def _value(self, node: ast.expr) -> Any:
        quiet = Evaluator(self.system, self.run.names, _unobserved)
        quiet.path = self.run.path
        with _narrower(self.run.names, self.names):
            return quiet.visit(node)

    def _comparison(self, test: ast.Compare, outcome: bool) -> bool:
        op: type[ast.AST] = type(test.ops[0])
        op = op if outcome else _NEGATED[op]
        left, right = test.left, test.comparators[0]
        return self._side(left, op, right) and self._side(right, _MIRRORED[op], left)

    def _side(self, name: ast.expr, op: type[ast.AST], other: ast.expr) -> bool:
        if not isinstance(name, ast.Name):
            return True
        against = self._value(other)
        match against:
            case Nothing():
                return False
            case Interval() if op in (ast.Lt, ast.LtE):
                return self._limit(name, Interval(_least(against), against.high))
            case Interval() if op in (ast.Gt, ast.GtE):
                return self._limit(name, Interval(against.low, _most(against)))
            case _ if op is ast.Eq:
                return self._limit(name, against)
            case Truth() if is_point(against):
                return self._limit(name, negate(against))
            case Options() if is_point(against):
                return self._without(name, against)
        return True

    def _without(self, name: ast.Name, option: Options) -> bool:
        current = self._value(name)
        if not isinstance(current, Options) or current.possible is None or option.possible is None:
            return True
        return self._limit(name, Options(current.possible - option.possible)) and current.possible != option.possible

    def _limit(self, name: ast.Name, bounds: Bounds) -> bool:
        current = self.names.get(name.id, self.run.names.get(name.id))
        if current is None:
            return True
        narrower = meet(current, bounds)
        if narrower is NOTHING:
            return False
        self.names[name.id] = narrower
        definition = self.system.definition(name.id)
        return self._limit(definition, bounds) if isinstance(definition, ast.Name) else True


def _least(against: Interval) -> Any:
    return date.min if isinstance(against.high, date) else -math.inf


def _most(against: Interval) -> Any:
    return date.max if isinstance(against.low, date) else math.inf


def evaluate(
    tree: ast.expr,
    names: dict[str, Any],
    definitions: Mapping[str, ast.expr] | None = None,
    observe: Observer = _unobserved,
) -> Any:
    """The bounds of a tree, given the bounds of its names."""
    return Evaluator(BoundsSystem(definitions), names, observe).visit(tree)

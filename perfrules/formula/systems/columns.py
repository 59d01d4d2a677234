"""The columns number system: every row of a frame at once, a value being one nullable expression.

Null means unknown, and unknown means what the exact system means by it: an operation on an unknown is unknown, a
divisor that is 0 makes it so, an undecided `if` touches neither branch, `and` and `or` are Kleene's. Guards stand only
where an engine would lose a null: at a divisor, in the smaller or greater of two, and at the last branch of a test.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

from perfrules import numbers
from perfrules.formula.evaluator import Evaluator, called
from perfrules.formula.language import OPERATORS
from perfrules.formula.render import render
from perfrules.formula.systems import decisions, exact, floats
from perfrules.formula.systems.exact import Reason, batched
from perfrules.formula.systems.floats import Number
from perfrules.formula.systems.footing import NOWHERE, Cause, Footing, chosen, together, undecided
from perfrules.formula.systems.terms import MIRRORED, Term, Terms, when


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """A truth value, text or date in every row; null where it is unknown."""

    term: Term
    footing: Footing


@dataclass(frozen=True, slots=True, eq=False)
class Nothing:
    """What is unknown in every row."""

    footing: Footing


Literal = Fraction | bool | str | date
Value = Number | Plain | Nothing | Literal
Keep = Callable[[Term], Term]
"""Lays a term down as a column of its own, so that it is computed once; the term that reads it."""

_MANY = 3
"""Operations from which on a term that is read twice is laid down."""


class ColumnsSystem:
    """The number system of frames.

    Args:
        terms: Where terms begin.
        keep: Lays down what is read more than once.
        reasons: Whether values carry the reasons for which they are unknown.
    """

    def __init__(self, terms: Terms, keep: Keep, *, reasons: bool = False) -> None:
        """Take what the engine and the caller ask for."""
        self.terms = terms
        self.keep = keep
        self.clips = terms.api.__name__ == "polars"  # other engines' `clip` makes a null the end of the range
        self.reasons = reasons
        self.operators: dict[type[ast.AST], Callable[..., Any]] = {
            ast.Add: _lifted(floats.add, operator.add), ast.Sub: _lifted(floats.subtract, operator.sub),
            ast.Mult: _lifted(floats.multiply, operator.mul), ast.Div: _lifted(floats.divide, exact.divide),
            ast.USub: _lifted(floats.negate, operator.neg), ast.UAdd: lambda value: value, ast.Not: _negate,
            **{kind: self._comparing(OPERATORS[kind]) for kind in _COMPARISONS},
        }  # fmt: skip
        self.functions: dict[str, Callable[..., Any]] = {
            "min": self._least, "max": self._greatest, "abs": _lifted(floats.absolute, abs), "clamp": self._clamp,
            "percent": _percent, "round": self._round, "floor": self._floor, "ceil": self._ceil,
            "started": self._started, "completed": self._completed, "interpolate": self._interpolate,
            "count": _count, "share": _share, "days": self._days, "plus": _plus, "rescale": self._rescale,
            "no_band": lambda about: self.never(Reason("no-band", str(about))),
            "no_alternative": lambda about: self.never(Reason("alternatives", str(about))),
        }  # fmt: skip

    # -- the seam -------------------------------------------------------------------------------------------------

    def constant(self, node: ast.Constant) -> Any:
        """A literal; numbers as fractions, the points of an interpolation as they are."""
        return of(node.value)

    def name(self, run: Evaluator, node: ast.Name) -> Any:
        """What the name stands for."""
        return run.names[node.id]

    def choose(self, run: Evaluator, test: ast.expr, then: ast.expr, orelse: ast.expr) -> Value:
        """The branch that each row takes."""
        decided = run.visit(test)
        if isinstance(decided, bool):
            return run.visit(then if decided else orelse)  # type: ignore[no-any-return]
        if isinstance(decided, Nothing):
            return decided
        return self.either(decided, run.visit(then), run.visit(orelse))

    def either(self, test: Plain, then: Value, orelse: Value) -> Value:
        """One of two values in every row, as a test says."""
        if isinstance(then, Nothing) and isinstance(orelse, Nothing):
            return Nothing(chosen(test.footing, test.term, then.footing, orelse.footing))
        return _Choice(self, test, then, orelse).value()

    def all_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Value:
        """Kleene's `and`, as the engines have it."""
        return self._kleene([run.visit(term) for term in terms], operator.and_, decisive=False)

    def any_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Value:
        """Kleene's `or`, as the engines have it."""
        return self._kleene([run.visit(term) for term in terms], operator.or_, decisive=True)

    def _kleene(self, values: list[Value], join: Callable[[Term, Term], Term], *, decisive: bool) -> Value:
        if any(value is decisive for value in values):
            return decisive
        open_ = [value for value in values if not isinstance(value, bool)]
        if not open_:
            return not decisive
        terms = [self.terms.undecided if isinstance(value, Nothing) else _term(value) for value in open_]
        if len(open_) == 1:
            return open_[0]
        if all(isinstance(value, Nothing) for value in open_):
            return Nothing(together(map(_footing, open_)))
        joined = reduce(join, terms)
        return Plain(joined, undecided(map(_footing, open_), joined))

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Value:
        """A function of the table; what is unknown in every row makes its result so."""
        function = called(node)
        lost = [argument for argument in arguments if isinstance(argument, Nothing)]
        if lost and function not in ("rescale", "plus"):
            return Nothing(together(_footing(argument) for argument in arguments))
        return self.functions[function](*arguments)  # type: ignore[no-any-return]

    def recover(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any], error: Exception) -> Value:
        """The result of an operation whose divisor may be 0, or one of whose operands is unknown in every row."""
        divisor = values[-1]
        if any(isinstance(value, Nothing) for value in values):
            return Nothing(together(map(_footing, values)))
        if not isinstance(error, ZeroDivisionError):
            raise error
        reason = Reason("zero", render(operands[-1]))
        if not isinstance(divisor, Number):
            return Nothing(together([*map(_footing, values), self.never(reason).footing]))
        guarded = self._nonzero(divisor, reason)
        if isinstance(node, ast.Call):
            return self.functions[called(node)](*values[:-1], guarded)  # type: ignore[no-any-return]
        return self.operators[ast.Div](values[0], guarded)  # type: ignore[no-any-return]

    def _nonzero(self, divisor: Number, reason: Reason) -> Number:
        divisor = self.once(divisor)
        zero, footing = decisions.is_zero(divisor)
        atom = (reason.about, divisor.key or id(divisor))
        footing = footing.resting(atom, reason if self.reasons else None, zero)
        return replace(decisions.guarded(divisor, zero), footing=footing)

    def never(self, reason: Reason) -> Nothing:
        """What has no value in any row, for a reason."""
        causes = {reason: Cause(self.terms.literal(value=True))} if self.reasons else {}
        return Nothing(Footing(nulls=frozenset([reason]), causes=causes))

    def once(self, number: Number) -> Number:
        """The same number, laid down where it is large enough for that to pay."""
        return self.kept(number) if number.term.size >= _MANY else number

    def kept(self, number: Number) -> Number:
        """The same number, laid down; also what its tolerance spreads by, which engines leave out where none asks."""
        spread = None if number.spread is None else self.keep(number.spread)
        return replace(number, term=self.keep(number.term), spread=spread)

    # -- decisions ------------------------------------------------------------------------------------------------

    def _comparing(self, sign: str) -> Callable[[Value, Value], Value]:
        def compare(one: Value, two: Value) -> Value:
            if isinstance(one, Nothing) or isinstance(two, Nothing):
                return Nothing(together([_footing(one), _footing(two)]))
            if isinstance(one, Number):
                return Plain(*decisions.compare(sign, one, two))  # type: ignore[arg-type]
            if isinstance(two, Number):
                return Plain(*decisions.compare(MIRRORED[sign], two, one))  # type: ignore[arg-type]
            if isinstance(one, Plain) or isinstance(two, Plain):
                return Plain(_compared(sign, _term(one), _term(two)), together([_footing(one), _footing(two)]))
            return bool(_FOLDED[sign](one, two))

        return compare

    def _least(self, *values: Any) -> Value:
        return reduce(lambda one, two: self._extreme(one, two, least=True), values)

    def _greatest(self, *values: Any) -> Value:
        return reduce(lambda one, two: self._extreme(one, two, least=False), values)

    def _clamp(self, value: Any, low: Any, high: Any) -> Value:
        return self._least(self._greatest(value, low), high)

    def _extreme(self, one: floats.Operand, two: floats.Operand, *, least: bool) -> floats.Operand:
        """The smaller or the greater of two: equal within the tolerance, it is no matter which."""
        if isinstance(one, Fraction):
            if isinstance(two, Fraction):
                return min(one, two) if least else max(one, two)
            one, two = two, one
        shared = floats.common(one, two)
        ends = zip(floats.ends(one), floats.ends(two), strict=True)
        low, high = (min(pair) if least else max(pair) for pair in ends)
        left, right = (shared[0], shared[1]) if shared else (one.value, two)
        assert isinstance(left, Term)  # noqa: S101  (the first of the two is a column)
        if isinstance(two, Fraction):
            term = self._bounded(left, float(right), least)  # type: ignore[arg-type]
            footing, spread = one.footing, one.spread
        else:
            right = right if shared else two.value
            assert isinstance(right, Term)  # noqa: S101  (so is the second)
            left, right = self._twice(left), self._twice(right)
            first, second = (left.compare(sign, right) for sign in (("<=", ">") if least else (">=", "<")))
            footing = floats.footing_of(one, two)
            strict = one.footing.nulls <= two.footing.strict

            def either(this: Any, other: Any) -> Term:
                return when(first, this, other if strict else when(second, other))

            term, spread = either(left, right), _spread([one, two], either)
        if shared:
            return floats.whole(footing, term, shared[2], low, high)
        return _mixed(term, footing, [one, two], low, high, spread)

    def _bounded(self, term: Term, end: float, least: bool) -> Term:
        if self.clips:
            return term.clip(high=end) if least else term.clip(low=end)
        term = self._twice(term)
        return when(term.compare(">" if least else "<", end), end, term)

    def _twice(self, term: Term) -> Term:
        return self.keep(term) if term.size >= _MANY else term

    # -- steps ----------------------------------------------------------------------------------------------------

    def _round(self, value: Any, places: Any = Fraction(0)) -> Value:
        return decisions.rounded(self._signed(value), int(places))

    def _floor(self, value: Any) -> Value:
        return decisions.steps(self._signed(value), Fraction(1), up=False)

    def _ceil(self, value: Any) -> Value:
        return decisions.steps(self._signed(value), Fraction(1), up=True)

    def _signed(self, value: floats.Operand) -> floats.Operand:
        """What may be negative is read twice."""
        return self.once(value) if isinstance(value, Number) and value.low < 0 else value

    def _started(self, value: Any, step: Any) -> Value:
        return self._steps(value, step, up=True)

    def _completed(self, value: Any, step: Any) -> Value:
        return self._steps(value, step, up=False)

    def _steps(self, value: floats.Operand, step: floats.Operand, *, up: bool) -> Value:
        excess = self._extreme(value, Fraction(0), least=False)
        if isinstance(step, Fraction) and step > 0:
            return decisions.steps(excess, step, up)
        return decisions.steps(self._signed(floats.divide(excess, step)), Fraction(1), up)

    def _interpolate(self, value: floats.Operand, *points: tuple[Any, Any]) -> Value:
        if isinstance(value, Fraction):
            return of(exact.interpolate(numbers.read(value), *points))
        value = self.once(value)
        knots = [(of(x), of(y)) for x, y in points]
        at = value.value
        found: Term = when(at.compare(">", float(knots[-1][0])), float(knots[-1][1]))
        slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(knots)]
        denominator = 1
        for slope, ((x0, y0), (x1, _)) in reversed(list(zip(slopes, pairwise(knots), strict=True))):
            found = when(at.compare("<=", float(x1)), (at - float(x0)) * float(slope) + float(y0), found)
            inside = slope.denominator * math.lcm(value.denominator, x0.denominator)
            denominator = math.lcm(denominator, inside, y0.denominator)
        found = when(at.compare("<=", float(knots[0][0])), float(knots[0][1]), found)
        steepest = float(max(map(abs, slopes)))
        widest, highest = (float(max(abs(knot[index]) for knot in knots)) for index in (0, 1))
        offset = steepest * ((value.factor + 1) * widest + value.offset) + highest
        spread = None if value.spread is None else value.spread * steepest
        heights = [float(y) for _, y in knots]
        return Number(
            found, value.footing, low=min(heights), high=max(heights), factor=0.0, offset=offset, spread=spread,
            denominator=denominator, divisors=value.divisors,
            top=steepest * value.top + floats.top_over(Fraction(offset), value.divisors),
        )  # fmt: skip

    def _days(self, start: Any, end: Any) -> Value:
        if isinstance(start, date) and isinstance(end, date):
            return Fraction((end - start).days)
        term = self._day(end) - self._day(start)
        return floats.whole(together([_footing(start), _footing(end)]), term, 1, -4e6, 4e6)

    def _day(self, value: Plain | date) -> Term:
        """The number of a civil day, from the year, month and day: engines do not agree on differences of dates."""
        if isinstance(value, date):
            return self.terms.literal(float(value.toordinal()))
        return _civil(self._twice(value.term))

    # -- what does not apply --------------------------------------------------------------------------------------

    def _rescale(self, *arguments: Any) -> Value:
        """As of the exact system: what applies, times the weight it stands for over its own, and what others keep."""
        earned: list[Value] = []
        live: list[Value] = []
        pooled: list[Value] = []
        kept: list[Value] = []
        for row in batched(arguments):
            applies = row.applies
            earned.append(self._where(applies, row.score, Fraction(0)))
            live.append(self._where(applies, row.weight, Fraction(0)))
            pooled.append(self._where(applies, Fraction(0), row.weight if row.pooled else Fraction(0)))
            kept.append(self._where(applies, Fraction(0), row.kept))
        scores, weight, taken_up, own = (_plus(*values) for values in (earned, live, pooled, kept))
        if isinstance(scores, Nothing) or taken_up == 0:
            return _plus(scores, own)
        scores, weight = self._ready(scores), self._ready(weight)
        if not isinstance(weight, Number):
            return _plus(scores, own)
        some = decisions.guarded(replace(weight, footing=NOWHERE), weight.term.compare("==", 0.0))
        whole = floats.divide(floats.multiply(scores, floats.add(weight, taken_up)), some)  # type: ignore[arg-type]
        none, _ = decisions.compare("<=", weight, Fraction(0))
        converted = self.either(Plain(none, weight.footing), scores, whole)
        return _plus(own, converted)

    def _ready(self, value: Any) -> Any:
        return self.once(value) if isinstance(value, Number) else value

    def _where(self, applies: Any, then: Any, orelse: Any) -> Value:
        if isinstance(applies, bool):
            return then if applies else orelse  # type: ignore[no-any-return]
        if isinstance(applies, Nothing):
            return applies
        return self.either(applies, then, orelse)


# -- choices ------------------------------------------------------------------------------------------------------


class _Choice:
    """`then if test else orelse`, as a column."""

    def __init__(self, system: ColumnsSystem, test: Plain, then: Value, orelse: Value) -> None:
        self.system, self.test, self.then, self.orelse = system, test, then, orelse
        self.footing = chosen(test.footing, test.term, _footing(then), _footing(orelse))

    def value(self) -> Value:
        branches = [branch for branch in (self.then, self.orelse) if not isinstance(branch, Nothing)]
        if not all(isinstance(branch, Number | Fraction) and not isinstance(branch, bool) for branch in branches):
            return Plain(self._term(*(_term_or_none(branch) for branch in (self.then, self.orelse))), self.footing)
        if len(branches) == 1:
            branches *= 2
        shared = _shared(branches[0], branches[1])  # type: ignore[arg-type]
        ends = list(zip(*(floats.ends(branch) for branch in branches), strict=True))  # type: ignore[arg-type]
        low, high = min(ends[0]), max(ends[1])
        if shared:
            terms = (shared[0] if self._is(0) else None, shared[1] if self._is(1) else None)
            return floats.whole(self.footing, self._term(*terms), shared[2], low, high)
        terms = tuple(_number_term(branch) for branch in (self.then, self.orelse))  # type: ignore[assignment]
        spread = _spread([self.then, self.orelse], self._term)
        return _mixed(self._term(*terms), self.footing, branches, low, high, spread)  # type: ignore[arg-type]

    def _is(self, index: int) -> bool:
        return not isinstance((self.then, self.orelse)[index], Nothing)

    def _term(self, then: Any, orelse: Any) -> Term:
        """Where the test is unknown nothing is chosen, which a last branch that is null then as well says by itself."""
        test = self.test.term
        if orelse is None:
            return when(test, then)
        if then is None:
            return when(~test, orelse)
        nulls = self.test.footing.nulls
        if nulls <= _footing(self.orelse).strict:
            return when(test, then, orelse)
        if nulls <= _footing(self.then).strict:
            return when(~test, orelse, then)
        test = self.system._twice(test)  # noqa: SLF001  (a part of the system, in a class for its state)
        return when(test, then, when(~test, orelse))


def _shared(one: floats.Operand, two: floats.Operand) -> tuple[Any, Any, int] | None:
    """Two branches over their common scale, as literals or columns."""
    found = floats.common(one, two)
    return (_float(found[0]), _float(found[1]), found[2]) if found else None


def _float(value: Term | int) -> Term | float:
    return float(value) if isinstance(value, int) else value


def _spread(values: Sequence[Any], choose: Callable[[Any, Any], Term]) -> Term | None:
    """The spread of whichever of two numbers is chosen; what has none, or is no number, spreads by 0."""
    spreads = [value.spread if isinstance(value, Number) else None for value in values]
    if spreads == [None, None]:
        return None
    one, two = (0.0 if spread is None else spread for spread in spreads)
    return choose(one, two)


def _mixed(
    term: Term, footing: Footing, of_: Sequence[floats.Operand], low: float, high: float, spread: Term | None
) -> Number:
    """A number that is one of some: its magnitude is at most the greatest of theirs, but for the spread."""
    columns = [operand for operand in of_ if isinstance(operand, Number)]
    divisors, denominator = floats.grid(*of_)
    factor = max([number.factor for number in columns] + [1.0] * (len(columns) < len(of_)))
    places = [floats.places_of(operand) for operand in of_]
    decimals = None if None in places else max(filter(None, places), default=0)
    leaf = all(number.leaf and not number.whole for number in columns)
    return Number(
        term, footing, leaf=leaf, signed=all(number.signed for number in columns), decimals=decimals if leaf else None, low=low, high=high, factor=factor,
        offset=max((number.offset for number in columns), default=0.0), spread=spread,
        nonzero=all(number.nonzero for number in columns) and all(o for o in of_ if isinstance(o, Fraction)),
        denominator=denominator, divisors=divisors, top=max(floats.top_over(operand, divisors) for operand in of_),
    )  # fmt: skip


def _number_term(value: Value) -> Any:
    if isinstance(value, Nothing):
        return None
    return value.value if isinstance(value, Number) else float(value)  # type: ignore[arg-type]


def _term_or_none(value: Value) -> Any:
    return None if isinstance(value, Nothing) else _term(value)


# -- helpers ------------------------------------------------------------------------------------------------------


def of(value: Any) -> Any:
    """A literal of the language as a value: a number as a fraction, anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, numbers.Exact):
        return value
    return numbers.to_fraction(value)


def _footing(value: Any) -> Footing:
    if isinstance(value, tuple):
        return together(map(_footing, value))
    return value.footing if isinstance(value, Number | Plain | Nothing) else NOWHERE


def _term(value: Any) -> Any:
    return value.term if isinstance(value, Plain) else value


def _lifted(columns: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    """An operation on numbers, of which some are literals; a truth value or nothing it cannot take."""

    def apply(*operands: Any) -> Any:
        if any(isinstance(operand, Nothing) for operand in operands):
            raise TypeError("unknown in every row")
        return columns(*operands)

    return apply


def _negate(value: Value) -> Value:
    if isinstance(value, Plain):
        return Plain(~value.term, value.footing)
    return value if isinstance(value, Nothing) else not value


def _percent(part: floats.Operand, whole: floats.Operand) -> Value:
    if isinstance(whole, Fraction):
        return floats.multiply(part, 100 / whole)
    return floats.multiply(floats.divide(part, whole), Fraction(100))


def _plus(*values: Any) -> Value:
    if any(isinstance(value, Nothing) for value in values):
        return Nothing(together(map(_footing, values)))
    return floats.total(values)


def _count(items: tuple[Any, ...]) -> Value:
    if any(isinstance(item, Nothing) for item in items):
        return Nothing(_footing(items))
    known = Fraction(sum(1 for item in items if item is True))
    open_ = [floats.whole(item.footing, item.term.number(), 1, 0.0, 1.0) for item in items if isinstance(item, Plain)]
    return _plus(known, *open_)


def _share(items: tuple[Any, ...]) -> Value:
    counted = _count(items)
    return counted if isinstance(counted, Nothing) else _percent(counted, Fraction(len(items)))  # type: ignore[arg-type]


def _civil(day: Term) -> Term:
    """Days since the first of March of year 0, in the proleptic Gregorian calendar, less those before 0001-01-01.

    The year begins in March, so that the leap day is its last: the months before it have 30.6 days on average.
    """

    def part(expr: Any) -> Term:
        return Term(day.api, expr.cast(day.api.Float64), day.level, day.size + 2)

    year, month, rest = part(day.expr.dt.year()), part(day.expr.dt.month()), part(day.expr.dt.day())
    early = month.compare("<=", 2.0)
    year = when(early, year - 1.0, year)
    month = when(early, month + 9.0, month - 3.0)
    leaps = (year / 4.0).floor() - (year / 100.0).floor() + (year / 400.0).floor()
    return year * 365.0 + leaps + ((month * 153.0 + 2.0) / 5.0).floor() + rest - 306.0


_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_FOLDED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def _compared(sign: str, one: Any, two: Any) -> Term:
    """Two values of which one at least is a column, and none a number."""
    return one.compare(sign, two) if isinstance(one, Term) else two.compare(MIRRORED[sign], one)  # type: ignore[no-any-return]

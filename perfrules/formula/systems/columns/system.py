"""The columns number system: every row of a frame at once, a value being one nullable expression.

Null means unknown, and unknown means what the exact system means by it: an operation on an unknown is unknown, a
divisor that is 0 makes it so, an undecided `if` touches neither branch, `and` and `or` are Kleene's. Guards stand only
where an engine would lose a null: at a divisor, in the smaller or greater of two, and at the last branch of a test.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from typing import Any, cast

from perfrules.formula.evaluator import Evaluator, called
from perfrules.formula.language import OPERATORS
from perfrules.formula.render import render
from perfrules.formula.systems.columns import arithmetic, decisions, floats, functions
from perfrules.formula.systems.columns.choices import MANY, Choices, Keep
from perfrules.formula.systems.columns.floats import Number, Operand
from perfrules.formula.systems.columns.footing import NOWHERE, Cause, Footing, together, undecided
from perfrules.formula.systems.columns.terms import MIRRORED, Term, Terms
from perfrules.formula.systems.columns.values import Nothing, Plain, Value, footing_of, of, term_of
from perfrules.formula.systems.exact import Reason, batched

_DIVIDING = ("percent", "started", "completed")


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
        self.reasons = reasons
        self.choices = Choices(keep, strict=terms.strict)
        self.operators: dict[type[ast.AST], Callable[..., Any]] = {
            ast.Add: _known(self._add), ast.Sub: _known(self._subtract), ast.Mult: _known(arithmetic.multiply),
            ast.Div: _known(arithmetic.divide), ast.USub: _known(arithmetic.negate), ast.UAdd: lambda value: value,
            ast.Not: _negate, **{kind: self._comparing(OPERATORS[kind]) for kind in _COMPARISONS},
        }  # fmt: skip
        self.functions: dict[str, Callable[..., Any]] = {
            "min": self._least, "max": self._greatest, "abs": arithmetic.absolute, "clamp": self._clamp,
            "percent": functions.percent, "round": self._round, "floor": self._floor, "ceil": self._ceil,
            "started": self._started, "completed": self._completed, "interpolate": self._interpolate,
            "count": functions.count, "share": functions.share, "days": self._days, "plus": functions.plus,
            "rescale": self._rescale, "no_band": lambda about: self.never(Reason("no-band", str(about))),
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
            taken: Value = run.visit(then if decided else orelse)
            return taken
        if isinstance(decided, Nothing):
            return decided
        return self.choices.either(decided, run.visit(then), run.visit(orelse))

    def all_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Value:
        """Kleene's `and`, as the engines have it."""
        return self._kleene([run.visit(term) for term in terms], operator.and_, decisive=False)

    def any_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Value:
        """Kleene's `or`, as the engines have it."""
        return self._kleene([run.visit(term) for term in terms], operator.or_, decisive=True)

    def _kleene(self, values: list[Value], join: Callable[[Term, Term], Term], *, decisive: bool) -> Value:
        open_ = [value for value in values if not isinstance(value, bool)]
        if not open_ or any(value is decisive for value in values):
            return decisive if any(value is decisive for value in values) else not decisive
        if len(open_) == 1:
            return open_[0]
        if all(isinstance(value, Nothing) for value in open_):
            return Nothing(together(map(footing_of, open_)))
        terms = [self.terms.undecided if isinstance(value, Nothing) else term_of(value) for value in open_]
        joined = reduce(join, terms)
        return Plain(joined, undecided(map(footing_of, open_), joined))

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Value:
        """A function of the table; what is unknown in every row makes its result so."""
        function = called(node)
        if function != "rescale" and any(isinstance(argument, Nothing) for argument in arguments):
            return self._lost(node, node.args, arguments)
        found: Value = self.functions[function](*arguments)
        return found

    def recover(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any], error: Exception) -> Value:
        """The result of an operation whose divisor may be 0, or one of whose operands is unknown in every row."""
        if any(isinstance(value, Nothing) for value in values):
            return self._lost(node, operands, values)
        if not isinstance(error, ZeroDivisionError):
            raise error
        if not isinstance(values[-1], Number):
            return self._lost(node, operands, values)
        divisor = self._nonzero(values[-1], operands[-1])
        operation = self.functions[called(node)] if isinstance(node, ast.Call) else self.operators[ast.Div]
        found: Value = operation(*values[:-1], divisor)
        return found

    # -- what is unknown ------------------------------------------------------------------------------------------

    def never(self, reason: Reason) -> Nothing:
        """What has no value in any row, for a reason."""
        causes = {reason: Cause(self.terms.literal(value=True))} if self.reasons else {}
        return Nothing(Footing(nulls=frozenset([reason]), causes=causes))

    def _lost(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any]) -> Nothing:
        """What is unknown in every row; a divisor that is 0 is a reason as well, also of an unknown dividend."""
        found = list(values)
        divides = called(node) in _DIVIDING if isinstance(node, ast.Call) else _is_division(node)
        if divides and isinstance(values[-1], Number) and not values[-1].nonzero:
            found.append(self._nonzero(values[-1], operands[-1]))
        elif divides and values[-1] == 0:
            found.append(self.never(Reason("zero", render(operands[-1]))))
        return Nothing(together(map(footing_of, found)))

    def _nonzero(self, divisor: Number, node: ast.expr) -> Number:
        """A divisor that is null where it is 0."""
        divisor, reason = self.once(divisor), Reason("zero", render(node))
        zero, footing = decisions.is_zero(divisor)
        atom = (reason.about, divisor.key or id(divisor))
        footing = footing.resting(atom, reason if self.reasons else None, zero)
        return replace(decisions.guarded(divisor, zero), footing=footing)

    # -- what is laid down ----------------------------------------------------------------------------------------

    def once(self, number: Number) -> Number:
        """The same number, laid down where it is large enough for that to pay."""
        return self.kept(number) if number.term.size >= MANY else number

    def kept(self, number: Number) -> Number:
        """The same number, laid down; also what its tolerance spreads by, which engines leave out where none asks."""
        spread = None if number.spread is None else self.keep(number.spread)
        return replace(number, term=self.keep(number.term), spread=spread)

    # -- sums -----------------------------------------------------------------------------------------------------

    def _add(self, one: Operand, two: Operand) -> Operand:
        return arithmetic.add(*self._both(one, two))

    def _subtract(self, one: Operand, two: Operand) -> Operand:
        return arithmetic.subtract(*self._both(one, two))

    def _both(self, one: Operand, two: Operand) -> tuple[Operand, Operand]:
        """Two columns that are added up: what their tolerance spreads by reads them again."""
        if isinstance(one, Fraction) or isinstance(two, Fraction) or floats.common(one, two):
            return one, two
        return self.once(one), self.once(two)

    # -- comparisons and extremes ---------------------------------------------------------------------------------

    def _comparing(self, sign: str) -> Callable[[Value, Value], Value]:
        def compare(one: Value, two: Value) -> Value:
            if isinstance(one, Nothing) or isinstance(two, Nothing):
                return Nothing(together([footing_of(one), footing_of(two)]))
            if isinstance(one, Number):
                return Plain(*decisions.compare(sign, one, cast(Operand, two)))  # of one kind, which loading checked
            if isinstance(two, Number):
                return Plain(*decisions.compare(MIRRORED[sign], two, cast(Operand, one)))
            if isinstance(one, Plain) or isinstance(two, Plain):
                return Plain(_compared(sign, one, two), together([footing_of(one), footing_of(two)]))
            return bool(_FOLDED[sign](one, two))

        return compare

    def _least(self, *values: Any) -> Value:
        least: Value = reduce(lambda one, two: self.choices.extreme(one, two, least=True), values)
        return least

    def _greatest(self, *values: Any) -> Value:
        greatest: Value = reduce(lambda one, two: self.choices.extreme(one, two, least=False), values)
        return greatest

    def _clamp(self, value: Any, low: Any, high: Any) -> Value:
        return self._least(self._greatest(value, low), high)

    # -- steps ----------------------------------------------------------------------------------------------------

    def _round(self, value: Any, places: Any = Fraction(0)) -> Value:
        return decisions.rounded(self._signed(value), int(places))

    def _floor(self, value: Any) -> Value:
        return decisions.steps(self._signed(value), Fraction(1), up=False)

    def _ceil(self, value: Any) -> Value:
        return decisions.steps(self._signed(value), Fraction(1), up=True)

    def _started(self, value: Any, step: Any) -> Value:
        return self._steps(value, step, up=True)

    def _completed(self, value: Any, step: Any) -> Value:
        return self._steps(value, step, up=False)

    def _steps(self, value: Operand, step: Operand, *, up: bool) -> Value:
        excess = self.choices.extreme(value, Fraction(0), least=False)
        if isinstance(step, Fraction) and step > 0:
            return decisions.steps(excess, step, up)
        return decisions.steps(self._signed(arithmetic.divide(excess, step)), Fraction(1), up)

    def _signed(self, value: Operand) -> Operand:
        """What may be negative is read twice."""
        return self.once(value) if isinstance(value, Number) and value.low < 0 else value

    # -- the rest -------------------------------------------------------------------------------------------------

    def _interpolate(self, value: Operand, *points: tuple[Any, Any]) -> Value:
        return functions.interpolate(self.once(value) if isinstance(value, Number) else value, points)

    def _days(self, start: Any, end: Any) -> Value:
        return functions.days(start, end, self.terms, self.choices.twice)

    def _rescale(self, *arguments: Any) -> Value:
        """As of the exact system: what applies, times the weight it stands for over its own, and what others keep."""
        none, rows = Fraction(0), list(batched(arguments))
        scores = functions.plus(*(self._where(row.applies, row.score, none) for row in rows))
        weight = functions.plus(*(self._where(row.applies, row.weight, none) for row in rows))
        taken_up = functions.plus(*(self._where(row.applies, none, row.weight) for row in rows if row.pooled))
        own = functions.plus(*(self._where(row.applies, none, row.kept) for row in rows if row.kept != 0))
        footing = together(map(footing_of, (scores, weight)))  # for all that is undecided at once, as exactly
        if isinstance(scores, Nothing) or isinstance(weight, Nothing):
            return Nothing(footing)
        converted = scores if taken_up == 0 else self._converted(cast(Operand, scores), weight, taken_up)
        found = functions.plus(own, converted)
        return (
            replace(found, footing=replace(footing, doubts=found.footing.doubts))
            if isinstance(found, Number)
            else found
        )

    def _converted(self, scores: Operand, weight: Any, taken_up: Any) -> Value:
        """Scores times the weight that they stand for over their own; where that is 0, there are none to convert."""
        if isinstance(weight, Fraction):
            return arithmetic.multiply(scores, (weight + taken_up) / weight) if weight else scores
        scores, weight = self.once(scores) if isinstance(scores, Number) else scores, self.once(weight)
        some = decisions.guarded(replace(weight, footing=NOWHERE), weight.term.compare("==", 0.0))
        whole = arithmetic.divide(arithmetic.multiply(scores, arithmetic.add(weight, taken_up)), some)
        return self.choices.either(Plain(*decisions.compare("<=", weight, Fraction(0))), scores, whole)

    def _where(self, applies: Any, then: Any, orelse: Any) -> Value:
        if isinstance(applies, bool):
            chosen: Value = then if applies else orelse
            return chosen
        return applies if isinstance(applies, Nothing) else self.choices.either(applies, then, orelse)


def _known(operation: Callable[..., Any]) -> Callable[..., Any]:
    """An operation on numbers; one that is unknown in every row it cannot take, and `recover` says what it is."""

    def apply(*operands: Any) -> Any:
        if any(isinstance(operand, Nothing) for operand in operands):
            raise TypeError("unknown in every row")
        return operation(*operands)

    return apply


def _negate(value: Value) -> Value:
    if isinstance(value, Plain):
        return Plain(~value.term, value.footing)
    return value if isinstance(value, Nothing) else not value


def _is_division(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)


def _compared(sign: str, one: Value, two: Value) -> Term:
    """Two values of which one at least is a column, and none a number."""
    left, right = term_of(one), term_of(two)
    term: Term = left.compare(sign, right) if isinstance(left, Term) else right.compare(MIRRORED[sign], left)
    return term


_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_FOLDED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip

"""Choosing in every row: one of two branches, the smaller or the greater of two numbers.

Engines lose nulls here: their `min` skips them, and the last branch of a condition is also that of an undecided test.
So each choice says where its test is undecided, unless what is left over is null there anyway.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, cast

from perfrules.formula.systems.columns import floats
from perfrules.formula.systems.columns.floats import Number, Operand
from perfrules.formula.systems.columns.footing import Footing, chosen
from perfrules.formula.systems.columns.terms import Term, when
from perfrules.formula.systems.columns.values import Nothing, Plain, Value, footing_of, term_of

Keep = Callable[[Term], Term]
"""Lays a term down as a column of its own, so that it is computed once; the term that reads it."""

MANY = 4
"""Operations from which on a term that is read twice is laid down."""

LARGE = 6
"""The same where only the engine reads it twice, and may notice that it is one thing."""


class Choices:
    """Makes choices for one engine.

    Args:
        keep: Lays down what is read more than once.
        strict: Whether the engine's choice is null where its test is, which saves the guards.
    """

    def __init__(self, keep: Keep, *, strict: bool = False) -> None:
        """Take what the engine does."""
        self.keep = keep
        self.strict = strict

    def twice(self, term: Term) -> Term:
        """A term that is read twice: laid down where it is large enough for that to pay."""
        return self.keep(term) if term.size >= MANY else term

    # -- branches -------------------------------------------------------------------------------------------------

    def either(self, test: Plain, then: Value, orelse: Value) -> Value:
        """One of two values in every row, as a test says; null where that is undecided."""
        footing = chosen(test.footing, test.term, footing_of(then), footing_of(orelse))
        branches = [branch for branch in (then, orelse) if not isinstance(branch, Nothing)]
        if not branches:
            return Nothing(footing)

        def choose(one: Any, two: Any) -> Term:
            return self._chosen(test, (one, footing_of(then)), (two, footing_of(orelse)))

        numbers = [branch for branch in branches if _is_number(branch)]
        if len(numbers) < len(branches):
            return Plain(choose(*(_unless_nothing(branch, term_of) for branch in (then, orelse))), footing)
        return self._number(numbers, (then, orelse), choose, footing)

    def _number(
        self, numbers: list[Any], branches: tuple[Value, Value], choose: Callable[[Any, Any], Term], footing: Footing
    ) -> Number:
        """A choice of which every branch is a number, or nothing."""
        lows, highs = zip(*(floats.ends(number) for number in numbers), strict=True)
        low, high = min(lows), max(highs)
        if shared := floats.common(numbers[0], numbers[-1]):
            sides = zip(branches, shared[:2], strict=True)
            kept = [None if isinstance(branch, Nothing) else side for branch, side in sides]
            return floats.whole(footing, choose(*kept), shared[2], low, high)
        term = choose(*(_unless_nothing(branch, _plain_number) for branch in branches))
        return floats.one_of(numbers, term, footing, (low, high), _spread(branches, choose))

    def _chosen(self, test: Plain, then: tuple[Any, Footing], orelse: tuple[Any, Footing]) -> Term:
        """Where the test is unknown nothing is chosen, which a last branch that is null then as well says by itself."""
        condition, nulls = test.term, test.footing.nulls
        if orelse[0] is None:
            return when(condition, then[0])
        if then[0] is None:
            return when(~condition, orelse[0])
        if self.strict or nulls <= orelse[1].strict:
            return when(condition, then[0], orelse[0])
        if nulls <= then[1].strict:
            return when(~condition, orelse[0], then[0])
        condition = self.twice(condition)
        return when(condition, then[0], when(~condition, orelse[0]))

    # -- extremes -------------------------------------------------------------------------------------------------

    def extreme(self, one: Operand, two: Operand, *, least: bool) -> Operand:
        """The smaller or the greater of two: equal within the tolerance, it is no matter which."""
        if isinstance(one, Fraction):
            if isinstance(two, Fraction):
                return min(one, two) if least else max(one, two)
            one, two = two, one
        ends = zip(floats.ends(one), floats.ends(two), strict=True)
        low, high = (min(pair) if least else max(pair) for pair in ends)
        shared = floats.common(one, two)
        left = cast(Term, shared[0]) if shared else one.value  # the first of the two is a column
        if isinstance(two, Fraction):
            end = cast(float, shared[1]) if shared else float(two)
            left = self._again(left)
            term, spread = left.clip(high=end) if least else left.clip(low=end), one.spread
        else:
            right = cast(Term, shared[1]) if shared else two.value
            term, spread = self._of_columns((one, left), (two, right), least)
        footing = floats.footing_of(one, two)
        if shared:
            return floats.whole(footing, term, shared[2], low, high)
        return floats.one_of([one, two], term, footing, (low, high), spread)

    def _of_columns(self, one: tuple[Number, Term], two: tuple[Number, Term], least: bool) -> tuple[Term, Term | None]:
        """The smaller or the greater of two columns, and what its tolerance spreads by."""
        left, right = self.twice(one[1]), self.twice(two[1])
        first, second = (left.compare(sign, right) for sign in (("<=", ">") if least else (">=", "<")))
        known = self.strict or one[0].footing.nulls <= two[0].footing.strict

        def choose(this: Any, other: Any) -> Term:
            return when(first, this, other if known else when(second, other))

        return choose(left, right), _spread((one[0], two[0]), choose)

    def _again(self, term: Term) -> Term:
        """A term whose base the ends of a range read again: laid down where it is large."""
        if term.done < LARGE:
            return term
        base = self.keep(replace(term, times=1.0, plus=0.0, low=-math.inf, high=math.inf))
        return replace(term, base=base.base, level=base.level, done=0)


def _is_number(value: Value) -> bool:
    return isinstance(value, Number | Fraction) and not isinstance(value, bool)


def _unless_nothing(value: Value, read: Callable[[Any], Any]) -> Any:
    return None if isinstance(value, Nothing) else read(value)


def _plain_number(value: Operand) -> Term | float:
    return value.value if isinstance(value, Number) else float(value)


def _spread(values: Sequence[Any], choose: Callable[[Any, Any], Term]) -> Term | None:
    """The spread of whichever of two numbers is chosen; what has none, or is no number, spreads by 0."""
    spreads = [value.spread if isinstance(value, Number) else None for value in values]
    if spreads == [None, None]:
        return None
    return choose(*(0.0 if spread is None else spread for spread in spreads))

"""Terms: expressions of a data frame, with what a plan must know to lay them out.

A term knows at which level of a plan it can be computed, since it may read columns that the plan lays down first, and
how large it is, so that what is read twice is computed once. The expressions are those of narwhals; one stands for
the same column on polars, DuckDB and Spark. Missing values are nulls, and nothing here turns one into a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One nullable column as an expression.

    Attributes:
        expr: The expression.
        level: How many layers of a plan must lie below it.
        size: The operations in it.
    """

    expr: nw.Expr
    level: int = 0
    size: int = 0

    def _with(self, other: Term | float, expr: nw.Expr) -> Term:
        if isinstance(other, Term):
            return Term(expr, max(self.level, other.level), self.size + other.size + 1)
        return Term(expr, self.level, self.size + 1)

    def __add__(self, other: Term | float) -> Term:
        """The sum; of two numbers, one may be a literal."""
        return self if _is(other, 0) else self._with(other, self.expr + raw(other))

    def __sub__(self, other: Term | float) -> Term:
        """The difference."""
        return self if _is(other, 0) else self._with(other, self.expr - raw(other))

    def __mul__(self, other: Term | float) -> Term:
        """The product."""
        return self if _is(other, 1) else self._with(other, self.expr * raw(other))

    def __truediv__(self, other: Term | float) -> Term:
        """The quotient; the divisor is never 0 here."""
        return self if _is(other, 1) else self._with(other, self.expr / raw(other))

    def __rsub__(self, other: float) -> Term:
        """A literal less the column."""
        return Term(nw.lit(other) - self.expr, self.level, self.size + 1)

    def __rtruediv__(self, other: float) -> Term:
        """A literal over the column."""
        return Term(nw.lit(other) / self.expr, self.level, self.size + 1)

    def __neg__(self) -> Term:
        """The column with the other sign."""
        return self._one(nw.lit(0.0) - self.expr)

    def __and__(self, other: Term) -> Term:
        """Kleene's `and`."""
        return self._with(other, self.expr & other.expr)

    def __or__(self, other: Term) -> Term:
        """Kleene's `or`."""
        return self._with(other, self.expr | other.expr)

    def __invert__(self) -> Term:
        """`not`."""
        return self._one(~self.expr)

    def __lt__(self, other: Any) -> Term:
        """Whether it is less."""
        return self._with(other, self.expr < raw(other))

    def __le__(self, other: Any) -> Term:
        """Whether it is at most."""
        return self._with(other, self.expr <= raw(other))

    def __gt__(self, other: Any) -> Term:
        """Whether it is greater."""
        return self._with(other, self.expr > raw(other))

    def __ge__(self, other: Any) -> Term:
        """Whether it is at least."""
        return self._with(other, self.expr >= raw(other))

    def equals(self, other: Any) -> Term:
        """Whether it is the same number, text, date or truth value."""
        return self._with(other, self.expr == raw(other))

    def differs(self, other: Any) -> Term:
        """Whether it is another number, text, date or truth value."""
        return self._with(other, self.expr != raw(other))

    def _one(self, expr: nw.Expr) -> Term:
        return Term(expr, self.level, self.size + 1)

    def abs(self) -> Term:
        """The distance from 0."""
        return self._one(self.expr.abs())

    def floor(self) -> Term:
        """The greatest whole number not above, as a float on every engine."""
        return self._one(self.expr.floor())

    def ceil(self) -> Term:
        """The least whole number not below, as a float on every engine."""
        return self._one(self.expr.ceil())

    def clip(self, low: float | None = None, high: float | None = None) -> Term:
        """The nearest number in a range; only for engines whose `clip` keeps a null."""
        return self._one(self.expr.clip(low, high))

    def decimal(self, places: int) -> Term:
        """The float nearest to a decimal of so many places that it is a rounding error away from."""
        return self._one(self.expr.round(places))

    def is_null(self) -> Term:
        """Whether it is unknown; never null itself."""
        return self._one(self.expr.is_null())

    def number(self) -> Term:
        """Of a truth value, 1 or 0."""
        return self._one(self.expr.cast(nw.Float64))


def raw(value: Any) -> Any:
    """What narwhals takes: the expression of a term, or a literal as it is."""
    return value.expr if isinstance(value, Term) else value


def _is(value: object, neutral: float) -> bool:
    return not isinstance(value, Term) and value == neutral


def literal(value: Any) -> Term:
    """A column that says the same in every row; None for nothing."""
    return Term(nw.lit(value))


UNDECIDED = Term(nw.lit(None, dtype=nw.Boolean))
"""A truth value that is unknown in every row."""

NO_NUMBER = Term(nw.lit(None, dtype=nw.Float64))
"""A number that is unknown in every row."""

NO_TEXT = Term(nw.lit(None, dtype=nw.String))
"""A text that is unknown in every row."""


def column(name: str, level: int = 0) -> Term:
    """A column of the frame, or one that a plan lays down at a level."""
    return Term(nw.col(name), level)


def when(test: Term, then: Any, orelse: Any = None) -> Term:
    """`then` where the test holds, `orelse` where it fails or is unknown; null where that is None."""
    chosen = nw.when(test.expr).then(_column(then))
    parts = [part for part in (test, then, orelse) if isinstance(part, Term)]
    expr = chosen if orelse is None else chosen.otherwise(_column(orelse))
    return Term(expr, max(part.level for part in parts), sum(part.size for part in parts) + 1)


def _column(value: Any) -> nw.Expr:
    expr: nw.Expr = value.expr if isinstance(value, Term) else nw.lit(value)
    return expr


def listed(texts: Sequence[Term], separator: str) -> Term:
    """The texts that are there, one behind the other."""
    expr = nw.concat_str([text.expr for text in texts], separator=separator, ignore_nulls=True)
    return Term(expr, max(text.level for text in texts), sum(text.size for text in texts) + 1)

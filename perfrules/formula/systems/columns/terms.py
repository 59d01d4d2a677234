"""Terms: expressions of a data frame, with what a plan must know to lay them out.

A term knows at which level of a plan it can be computed, since it may read columns that the plan lays down first, and
how large it is, so that what is read twice is computed once. The expressions are those of narwhals, which stand for the
same column on every engine; on polars they are its own, since narwhals speaks a part of polars' language, and
translating a large ruleset takes as long as scoring 100,000 rows. Missing values are nulls, and nothing here turns one
into a number.

Numbers are kept as `clip(column * times + plus, low, high)`, so that the literals of a formula and of its tolerances
melt into one multiplication and one addition. That moves roundings of floats, which every tolerance covers; whole
numbers stay exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

FEW = 200
"""Texts that are told apart by a number of one byte."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One nullable column as an expression.

    Attributes:
        api: The module whose expressions these are: narwhals, or polars.
        base: The expression, before what follows.
        level: How many layers of a plan must lie below it.
        done: The operations in the expression.
        times, plus: What a number is multiplied by, and what is then added.
        low, high: Between what it is then held.
        texts: Where the base is the number of one of some texts: these.
    """

    api: Any
    base: Any
    level: int = 0
    done: int = 0
    times: float = 1.0
    plus: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    texts: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether a number is held between ends."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    @property
    def size(self) -> int:
        """The operations that it takes."""
        return self.done + (self.times != 1) + (self.plus != 0) + self.held

    @property
    def expr(self) -> Any:
        """The whole of it as an expression."""
        if self.texts:
            return self.api.lit(self.api.Series(self.texts)).gather(self.base)
        expr = self.base
        if self.times == -1:
            expr = self.api.lit(self.plus) - expr
        else:
            expr = expr if self.times == 1 else expr * self.times
            if self.plus:
                expr = expr + self.plus if self.plus > 0 else expr - -self.plus
        if self.held and getattr(self.api, "strict", False):
            return expr.clip(*(end if math.isfinite(end) else None for end in (self.low, self.high)))
        held = expr  # conditions are several times as fast as polars' `clip`, and elsewhere `clip` loses nulls
        if math.isfinite(self.high):
            held = self.api.when(expr > self.high).then(self.api.lit(self.high)).otherwise(held)
        if math.isfinite(self.low):
            held = self.api.when(expr < self.low).then(self.api.lit(self.low)).otherwise(held)
        return held

    def settled(self) -> Term:
        """The same, computed as it stands: of whole numbers a sum is exact, and a share of its parts is not."""
        return Term(self.api, self.expr, self.level, self.size) if self.plus or self.held else self

    def _with(self, other: Any, expr: Any) -> Term:
        if isinstance(other, Term):
            return Term(self.api, expr, max(self.level, other.level), self.size + other.size + 1)
        return self._one(expr)

    def _one(self, expr: Any) -> Term:
        return Term(self.api, expr, self.level, self.size + 1)

    # -- numbers --------------------------------------------------------------------------------------------------

    def __add__(self, other: Term | float) -> Term:
        """The sum."""
        if isinstance(other, Term):
            return self._with(other, self.expr + other.expr)
        return replace(self, plus=self.plus + other, low=self.low + other, high=self.high + other)

    def __sub__(self, other: Term | float) -> Term:
        """The difference."""
        return self._with(other, self.expr - other.expr) if isinstance(other, Term) else self + -other

    def __mul__(self, other: Term | float) -> Term:
        """The product."""
        if isinstance(other, Term):
            return self._with(other, self.expr * other.expr)
        if not other:
            return self._one(self.expr * 0.0)
        low, high = sorted((self.low * other, self.high * other))
        return replace(self, times=self.times * other, plus=self.plus * other, low=low, high=high)

    def __truediv__(self, other: Term | float) -> Term:
        """The quotient; the divisor is never 0 here."""
        return self._with(other, self.expr / other.expr) if isinstance(other, Term) else self * (1 / other)

    def __neg__(self) -> Term:
        """The column with the other sign."""
        return self * -1.0

    def __rtruediv__(self, other: float) -> Term:
        """A literal over the column."""
        return self._one(self.api.lit(other) / self.expr)

    def abs(self) -> Term:
        """The distance from 0."""
        return self._one(self.expr.abs())

    def floor(self) -> Term:
        """The greatest whole number not above."""
        return self._one(self.expr.floor())

    def ceil(self) -> Term:
        """The least whole number not below."""
        return self._one(self.expr.ceil())

    def decimal(self, places: int) -> Term:
        """Rounded to decimal places, as the engine rounds: what is off a tie goes the same way on each."""
        return self._one(self.expr.round(places))

    def clip(self, low: float = -math.inf, high: float = math.inf) -> Term:
        """The nearest number in a range."""
        least, most = (min(max(end, low), high) for end in (self.low, self.high))
        return replace(self, low=least, high=most)

    # -- conditions -----------------------------------------------------------------------------------------------

    def compare(self, operator: str, other: Any) -> Term:
        """How it stands to another term, or to a literal; the literals of a number go to the other side."""
        if isinstance(other, Term):
            return self._with(other, _COMPARE[operator](self.expr, other.expr))
        if self.size == self.done or not self.low < other < self.high:
            return self._one(_COMPARE[operator](self.expr, other))
        edge = (other - self.plus) / self.times
        sign = operator if self.times > 0 else MIRRORED[operator]
        return Term(self.api, _COMPARE[sign](self.base, edge), self.level, self.done + 1)

    def __and__(self, other: Term) -> Term:
        """Kleene's `and`."""
        return self._with(other, self.expr & other.expr)

    def __or__(self, other: Term) -> Term:
        """Kleene's `or`."""
        return self._with(other, self.expr | other.expr)

    def __invert__(self) -> Term:
        """`not`."""
        return self._one(~self.expr)

    def is_null(self) -> Term:
        """Whether it is unknown; never null itself."""
        return Term(self.api, self.base.is_null(), self.level, self.done + 1)

    def number(self) -> Term:
        """Of a truth value, 1 or 0."""
        return self._one(self.expr.cast(self.api.Float64))


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": lambda one, two: one < two, "<=": lambda one, two: one <= two, ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two, "==": lambda one, two: one == two, "!=": lambda one, two: one != two,
}  # fmt: skip
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
"""The operator that says the same with the operands the other way round."""


class Terms:
    """Where terms begin: columns and literals, in the expressions of narwhals or polars, or formulas of a spreadsheet.

    Args:
        api: The module, or what stands in its place.

    Attributes:
        strict: Whether a choice whose test is null is null, so that it needs no guard.
    """

    def __init__(self, api: Any) -> None:
        """Take the module."""
        self.api = api
        self.strict = bool(getattr(api, "strict", False))
        self.undecided = Term(api, api.lit(None, dtype=api.Boolean))
        self.no_number = Term(api, api.lit(None, dtype=api.Float64))
        self.no_text = Term(api, api.lit(None, dtype=api.String))

    def column(self, name: str, level: int = 0) -> Term:
        """A column of the frame, or one that a plan lays down at a level."""
        return Term(self.api, self.api.col(name), level)

    def literal(self, value: Any) -> Term:
        """A column that says the same in every row."""
        return Term(self.api, self.api.lit(value))

    def small(self, value: int, most: int) -> Term:
        """A whole number in every row, of a small type where what is added up is small too."""
        return Term(self.api, self.api.lit(value, dtype=self.api.Int16 if most < 2**15 else self.api.Int64))


def when(test: Term, then: Any, orelse: Any = None) -> Term:
    """`then` where the test holds, `orelse` where it fails or is unknown; null where that is None."""
    api = test.api
    then, orelse, texts = _numbered(api, then, orelse)
    chosen = api.when(test.expr).then(_column(api, then))
    parts = [part for part in (test, then, orelse) if isinstance(part, Term)]
    expr = chosen if orelse is None else chosen.otherwise(_column(api, orelse))
    return Term(api, expr, max(part.level for part in parts), sum(part.size for part in parts) + 1, texts=texts)


def _numbered(api: Any, then: Any, orelse: Any) -> tuple[Any, Any, tuple[str, ...]]:
    """Two branches on polars that are each one of few texts, as their numbers, and the texts; others as they are.

    Choosing among numbers and picking the text last takes a third of the time.
    """
    first, behind = _texts(orelse), _texts(then)
    few = getattr(api, "__name__", "") == "polars" and len(first) + len(behind) <= FEW
    if not few or not behind or not (first or orelse is None):
        return then, orelse, ()
    numbered = None if orelse is None else _number(api, orelse, 0)
    return _number(api, then, len(first)), numbered, (*first, *behind)


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value.texts if isinstance(value, Term) else ()


def _number(api: Any, value: str | Term, behind: int) -> Term:
    number = api.lit(behind, dtype=api.UInt8)
    if isinstance(value, str):
        return Term(api, number)
    return replace(value, base=value.base + number if behind else value.base, texts=())


def _column(api: Any, value: Any) -> Any:
    return value.expr if isinstance(value, Term) else api.lit(value)


def listed(texts: Sequence[Term], separator: str) -> Term:
    """The texts that are there, one behind the other."""
    api = texts[0].api
    expr = api.concat_str([text.expr for text in texts], separator=separator, ignore_nulls=True)
    return Term(api, expr, max(text.level for text in texts), sum(text.size for text in texts) + 1)


def together(values: Sequence[Term]) -> Term:
    """The sum of some small whole numbers, counted in integers, as a float."""
    expr = values[0].expr
    for value in values[1:]:
        expr = expr + value.expr
    api, level = values[0].api, max(value.level for value in values)
    return Term(api, expr.cast(api.Float64), level, sum(value.size for value in values) + 1)

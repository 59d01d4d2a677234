"""Formulas of a spreadsheet, put together as the expressions of a data frame are.

The columns system writes its expressions against a module such as polars. `Formulas` stands where that module stands,
and its expressions are texts of cells: #N/A is the null, and passes through arithmetic, comparisons and `IF` by itself.
A formula also knows what it comes to now, which is what a cell shows in programs that do not calculate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from perfrules.formula.systems.spreadsheet.literals import (
    MARK,
    NA,
    divisor_of,
    is_cell,
    number,
    quoted,
    quotient,
    rounded,
    serial,
    strict,
)  # fmt: skip

ATOM, PRODUCT, SUM, COMPARISON = range(4)
"""How strongly a formula holds together, from the strongest."""

LONGEST = 8192
"""Characters that a formula of a spreadsheet may have."""

DEEPEST = 64
"""Levels to which functions of a spreadsheet may be nested."""

LONG, DEEP = 800, 12
"""From here on a formula gets a cell of its own: far below what is allowed, so that people can read each cell."""

_ROOM = 16
"""Characters that the place of a cell may take beyond its name."""


class Formula:
    """A formula, without its `=`.

    Attributes:
        api: Where it was made.
        text: The text; names of cells stand between marks.
        order: How strongly it holds together.
        depth: The levels of functions in it.
        now: What it comes to: a float, truth value or text, or NA.
        is_text: Whether it is a text, also where it is #N/A now.
        denied: Of a formula that says that another does not hold, that one.
    """

    __slots__ = ("api", "denied", "depth", "is_text", "now", "order", "text")

    def __init__(
        self, api: Formulas, text: str, now: Any, order: int = ATOM, depth: int = 0, *, is_text: bool = False
    ) -> None:
        """Take its parts."""
        self.api = api
        self.text = text
        self.order = order
        self.depth = depth
        self.now = now
        self.is_text = is_text
        self.denied: Formula | None = None

    def __repr__(self) -> str:
        """The text."""
        return self.text.replace(MARK, "")

    __hash__ = object.__hash__

    def _within(self, order: int) -> str:
        return f"({self.text})" if self.order > order else self.text

    def _joined(self, sign: str, one: Any, two: Any, order: int, operation: Callable[[Any, Any], Any]) -> Formula:
        left, right = self.api.lit(one), self.api.lit(two)
        text = f"{left._within(order - (order == COMPARISON))}{sign}{right._within(order - 1)}"
        return self.api.made(text, strict(operation, left.now, right.now), order, max(left.depth, right.depth))

    # -- numbers --------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Formula:
        """The sum."""
        return self._joined("+", self, other, SUM, lambda one, two: one + two)

    def __sub__(self, other: Any) -> Formula:
        """The difference."""
        return self._joined("-", self, other, SUM, lambda one, two: one - two)

    def __rsub__(self, other: Any) -> Formula:
        """The difference to a literal; from 0, the other sign in parentheses."""
        if other == 0:
            return self.api.made(f"(-{self._within(ATOM)})", strict(lambda one: -one, self.now), ATOM, self.depth)
        return self._joined("-", other, self, SUM, lambda one, two: one - two)

    def __mul__(self, other: Any) -> Formula:
        """The product; with the reciprocal of a plain number, the quotient."""
        if divisor := divisor_of(other):
            return self / divisor
        return self._joined("*", self, other, PRODUCT, lambda one, two: one * two)

    def __truediv__(self, other: Any) -> Formula:
        """The quotient."""
        return self._joined("/", self, other, PRODUCT, quotient)

    def __rtruediv__(self, other: Any) -> Formula:
        """A literal over it."""
        return self._joined("/", other, self, PRODUCT, quotient)

    def abs(self) -> Formula:
        """The distance from 0."""
        return self.api.call("ABS", self, of=abs)

    def floor(self) -> Formula:
        """The greatest whole number not above; `FLOOR` wants the sign of its step to be that of the number."""
        return self.api.call("INT", self, of=lambda value: float(math.floor(value)))

    def ceil(self) -> Formula:
        """The least whole number not below."""
        return 0 - (0 - self).floor()

    def round(self, places: int) -> Formula:
        """Rounded to decimal places."""
        return self.api.call("ROUND", self, places, of=rounded)

    def clip(self, low: float | None, high: float | None) -> Formula:
        """The nearest number in a range; the #N/A of a number stays."""
        found = self
        if low is not None:
            found = self.api.call("MAX", found, low, of=max)
        return found if high is None else self.api.call("MIN", found, high, of=min)

    def cast(self, to: object) -> Formula:
        """Of a truth value, 1 or 0."""
        return self.api.call("IF", self, 1, 0, of=lambda test, one, two: one if test else two)

    # -- conditions -----------------------------------------------------------------------------------------------

    def _compared(self, sign: str, other: Any, operation: Callable[[Any, Any], bool]) -> Formula:
        return self._joined(sign, self, other, COMPARISON, operation)

    def __lt__(self, other: Any) -> Formula:
        """Whether it is below."""
        return self._compared("<", other, lambda one, two: bool(one < two))

    def __le__(self, other: Any) -> Formula:
        """Whether it is not above."""
        return self._compared("<=", other, lambda one, two: bool(one <= two))

    def __gt__(self, other: Any) -> Formula:
        """Whether it is above."""
        return self._compared(">", other, lambda one, two: bool(one > two))

    def __ge__(self, other: Any) -> Formula:
        """Whether it is not below."""
        return self._compared(">=", other, lambda one, two: bool(one >= two))

    def __eq__(self, other: object) -> Formula:  # type: ignore[override]  # a formula, as of frames an expression
        """Whether they are the same; of texts, letter case and all."""
        if self.is_text or self.api.lit(other).is_text:
            return self.api.call("EXACT", self, other, of=lambda one, two: bool(one == two))
        return self._compared("=", other, lambda one, two: bool(one == two))

    def __ne__(self, other: object) -> Formula:  # type: ignore[override]  # likewise
        """Whether they differ."""
        if self.is_text or self.api.lit(other).is_text:
            return ~(self == other)
        return self._compared("<>", other, lambda one, two: bool(one != two))

    def __and__(self, other: Formula) -> Formula:
        """Whether both hold, as Kleene has it: `AND` would be unknown wherever one of them is."""
        undecided = self.api.choice(other, self.api.nothing, no := self.api.lit(value=False))
        return self.api.choice(self.is_null(), undecided, self.api.choice(self, other, no))

    def __or__(self, other: Formula) -> Formula:
        """Whether one of them holds, as Kleene has it."""
        undecided = self.api.choice(other, yes := self.api.lit(value=True), self.api.nothing)
        return self.api.choice(self.is_null(), undecided, self.api.choice(self, yes, other))

    def __invert__(self) -> Formula:
        """Whether it does not hold."""
        if self.denied is not None:
            return self.denied
        found = self.api.call("NOT", self, of=lambda value: not value)
        found.denied = self
        return found

    def is_null(self) -> Formula:
        """Whether it is #N/A."""
        return self.api.made(f"ISNA({self.text})", self.now is NA, ATOM, self.depth + 1)


class Formulas:
    """Stands where the module of a data frame stands.

    Attributes:
        strict: A choice whose test is unknown is unknown, and so is the smaller of an unknown number and another.
    """

    __name__ = "spreadsheet"
    strict = True
    Float64, Int16, Int64, Boolean, String = "Float64", "Int16", "Int64", "Boolean", "String"

    def __init__(self) -> None:
        """Begin without cells."""
        self.laid: dict[str, Formula] = {}
        self.names: dict[str, str] = {}
        self.cells: dict[str, tuple[Any, bool]] = {}
        self.nothing = Formula(self, "NA()", NA, ATOM, 1)

    # -- leaves ---------------------------------------------------------------------------------------------------

    def lit(self, value: Any, dtype: object = None) -> Formula:
        """A literal; a formula stays as it is."""
        if isinstance(value, Formula):
            return value
        if value is None:
            return self.nothing
        if isinstance(value, bool):
            return Formula(self, "TRUE" if value else "FALSE", value)
        if isinstance(value, str):
            return Formula(self, quoted(value), value, is_text=True)
        if isinstance(value, date):
            value = serial(value)
        return Formula(self, number(float(value)), float(value))

    def hold(self, name: str, now: Any, *, is_text: bool = False) -> Formula:
        """Say what a cell holds now, and whether it holds texts; the formula that reads it."""
        self.cells[name] = now, is_text
        return self.col(name)

    def col(self, name: str) -> Formula:
        """A cell, by a name for which a place is found later."""
        now, is_text = self.cells[name]
        return Formula(self, f"{MARK}{name}{MARK}", now, is_text=is_text)

    # -- compounds ------------------------------------------------------------------------------------------------

    def made(self, text: str, now: Any, order: int, depth: int, *, is_text: bool = False) -> Formula:
        """A formula; one that grows long or deep gets a cell of its own."""
        formula = Formula(self, text, now, order, depth, is_text=is_text)
        too_long = len(text) + _ROOM * text.count(MARK) // 2 > LONG
        return self.lay(formula) if too_long or depth > DEEP else formula

    def call(self, function: str, *arguments: Any, of: Callable[..., Any]) -> Formula:
        """A function that is unknown where one of its arguments is."""
        given = [self.lit(argument) for argument in arguments]
        listed = ",".join(argument.text for argument in given)
        now = strict(of, *(argument.now for argument in given))
        return self.made(f"{function}({listed})", now, ATOM, 1 + max(argument.depth for argument in given))

    def choice(self, test: Formula, then: Any, orelse: Any) -> Formula:
        """One of two; unknown where the test is."""
        if test.denied is not None:
            return self.choice(test.denied, orelse, then)
        branches = [self.lit(branch) for branch in (then, orelse)]
        if test.text in ("TRUE", "FALSE"):
            return branches[test.text == "FALSE"]
        now = NA if test.now is NA else branches[not test.now].now
        text = f"IF({test.text},{branches[0].text},{branches[1].text})"
        is_text = any(branch.is_text for branch in branches)
        return self.made(text, now, ATOM, 1 + max(part.depth for part in (test, *branches)), is_text=is_text)

    def when(self, test: Formula) -> _When:
        """Begin a choice as frames write it: `when(test).then(value).otherwise(value)`."""
        return _When(self, test)

    # -- cells ----------------------------------------------------------------------------------------------------

    def lay(self, formula: Formula) -> Formula:
        """Give a formula a cell of its own, the same one to the same text; the formula that reads it."""
        if is_cell(formula.text):
            return formula
        name = self.names.get(formula.text)
        if name is None:
            name = f"#{len(self.laid)}"
            self.names[formula.text] = name
            self.laid[name] = formula
            self.hold(name, formula.now, is_text=formula.is_text)
        return self.col(name)


class _When(NamedTuple):
    """A choice that is begun."""

    api: Formulas
    test: Formula

    def then(self, value: Any) -> _Then:
        """What is chosen where the test holds; and #N/A where it does not, unless `otherwise` follows."""
        return _Then(self.api.choice(self.test, value, None), self.test, value)


class _Then(Formula):
    """A choice that may still be told what to choose otherwise."""

    __slots__ = ("test", "value")

    def __init__(self, made: Formula, test: Formula, value: Any) -> None:
        super().__init__(made.api, made.text, made.now, made.order, made.depth, is_text=made.is_text)
        self.test = test
        self.value = value

    def otherwise(self, value: Any) -> Formula:
        return self.api.choice(self.test, self.value, value)

"""The spreadsheet number system: a value is the formula of a cell.

It is the columns system over formulas instead of expressions, so that a workbook decides thresholds and ties as the
score does. Only what is different in a spreadsheet is said here: `and` and `or`, days, tables, and what is known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

from perfrules.formula.evaluator import Evaluator, called
from perfrules.formula.systems.columns import floats, functions
from perfrules.formula.systems.columns.floats import Number
from perfrules.formula.systems.columns.footing import Footing, together, undecided
from perfrules.formula.systems.columns.system import ColumnsSystem
from perfrules.formula.systems.columns.terms import Term, Terms
from perfrules.formula.systems.columns.values import Nothing, Plain, Value, footing_of, term_of
from perfrules.formula.systems.spreadsheet import tables
from perfrules.formula.systems.spreadsheet.formulas import Formula, Formulas


class SpreadsheetSystem(ColumnsSystem):
    """The number system of workbooks.

    Args:
        api: Where formulas are made, and cells laid down.
        known: Of each name that `known` may be asked about, the formula that answers.
    """

    def __init__(self, api: Formulas, known: Mapping[str, Formula] | None = None) -> None:
        """Take where formulas are made."""
        self.api = api
        self.known = known or {}
        super().__init__(Terms(api), self._lay)
        self.functions |= {
            "count": _count, "sum": tables.total, "mean": tables.mean,
            "weighted_mean": partial(tables.weighted_mean, once=self.kept),
            "lowest_of": partial(tables.extreme, least=True), "highest_of": partial(tables.extreme, least=False),
        }  # fmt: skip

    def _lay(self, term: Term) -> Term:
        """Give a term a cell of its own."""
        return Term(self.api, self.api.lay(term.expr), term.level) if term.size else term

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Value:
        """A function; `known` asks about a name, not about its value."""
        if called(node) != "known":
            return super().call(run, node, arguments)
        name = node.args[0]
        assert isinstance(name, ast.Name)  # noqa: S101  (checked when the formula was read)
        return Plain(Term(self.api, self.known[name.id]), Footing())

    # -- and, or --------------------------------------------------------------------------------------------------

    def _kleene(self, values: list[Value], join: Callable[[Term, Term], Term], *, decisive: bool) -> Value:
        """`and` and `or` as nested `IF`: a deciding term decides, whatever the others are."""
        if any(value is decisive for value in values):
            return decisive
        open_ = [value for value in values if not isinstance(value, bool)]
        if len(open_) < 2 or all(isinstance(value, Nothing) for value in open_):
            return super()._kleene(values, join, decisive=decisive)
        joined = self._term(open_[-1])
        nullable = bool(footing_of(open_[-1]).nulls)
        for value in reversed(open_[:-1]):
            joined = self._joined(value, joined, nullable=nullable, decisive=decisive)
            nullable = nullable or bool(footing_of(value).nulls)
        return Plain(joined, undecided(map(footing_of, open_), joined))

    def _term(self, value: Value) -> Term:
        found: Term = self.terms.undecided if isinstance(value, Nothing) else term_of(value)
        return found

    def _joined(self, value: Value, rest: Term, *, nullable: bool, decisive: bool) -> Term:
        """One term and those behind it; what can be unknown is read twice, and so has a cell."""
        api, term, size = self.api, self._term(value), 1
        if footing_of(value).nulls:
            term, size = self.choices.twice(term), 3
            rest = self.choices.twice(rest)
        decided = api.lit(decisive)
        branches = (decided, rest.expr) if decisive else (rest.expr, decided)
        found = api.choice(term.expr, *branches)
        if footing_of(value).nulls:
            open_ = (decided, api.nothing) if decisive else (api.nothing, decided)
            found = api.choice(term.expr.is_null(), api.choice(rest.expr, *open_), found)
        return Term(api, found, 0, term.size + rest.size + size)

    # -- days -----------------------------------------------------------------------------------------------------

    def _days(self, start: Any, end: Any) -> Value:
        """Days between dates, which cells hold as numbers of days."""
        if isinstance(start, date) and isinstance(end, date):
            return Fraction((end - start).days)
        first, last = (self.terms.literal(day) if isinstance(day, date) else day.term for day in (start, end))
        return floats.whole(together([footing_of(start), footing_of(end)]), last - first, 1, -4e6, 4e6)

    # -- lines ----------------------------------------------------------------------------------------------------

    def line(self, name: str, value: Any) -> tuple[Formula, Any]:
        """The formula of the cell that shows the value of a line, and the value as later lines read it there.

        A whole number over a whole number is shown as their quotient, and read from the cell that the dividend has.
        """
        if isinstance(value, Number) and value.scale != 1:
            value = self.kept(value)
        found = self._formula(value)
        cell = Term(self.api, self.api.hold(name, found.now, is_text=found.is_text))
        if not isinstance(value, Number | Plain):
            return found, value
        footing = replace(value.footing, strict=value.footing.strict | {name}, doubts=())
        if isinstance(value, Plain):
            return found, Plain(cell, footing)
        spread = None if value.spread is None else self.keep(value.spread)
        term = cell if value.scale == 1 else value.term
        return found, replace(value, term=term, spread=spread, footing=footing, key=value.key or name)

    def _formula(self, value: Any) -> Formula:
        if isinstance(value, Nothing):
            return self.api.nothing
        if isinstance(value, Number | Plain):
            found: Formula = (value.value if isinstance(value, Number) else value.term).expr
            return found
        return self.api.lit(value)


def _count(items: Any) -> Value:
    return items.count() if isinstance(items, tables.Table) else functions.count(items)

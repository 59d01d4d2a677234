"""Tables of a spreadsheet: blocks of cells, and the functions that add up, average and look for the extremes of one.

A frame has no room for them; a workbook has. The cells of a column that are read are numbers, #N/A where a row lacks
its number, and empty texts where there is no row, so that `SUM` and its like are unknown where they must be.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from perfrules.formula.systems.columns import arithmetic, decisions, floats
from perfrules.formula.systems.columns.floats import Number, Operand
from perfrules.formula.systems.columns.footing import Footing, together
from perfrules.formula.systems.columns.terms import Term
from perfrules.formula.systems.spreadsheet.formulas import ATOM, Formula
from perfrules.formula.systems.spreadsheet.literals import NA, strict

ROUNDINGS = 16
"""Numbers added up for which a tolerance is meant; of more it grows with their count."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table.

    Attributes:
        rows: How many rows it has; #N/A where it is missing.
        footing: What it rests on.
        most: The rows that it can have.
    """

    rows: Formula
    footing: Footing
    most: int

    def count(self) -> Number:
        """How many rows it has."""
        return floats.whole(self.footing, Term(self.rows.api, self.rows), 1, 0.0, float(self.most))


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of numbers of a table.

    Attributes:
        table: Its table.
        cells: The formula that names its cells.
        now: What they hold now.
        low, high: The least and the greatest that each can be.
        denominator: What each is a multiple of one over.
    """

    table: Table
    cells: Formula
    now: tuple[Any, ...]
    low: float
    high: float
    denominator: int

    @property
    def most(self) -> float:
        """The greatest distance of a number from 0."""
        return max(abs(self.low), abs(self.high))

    def of(self, function: str, now: Callable[..., Any], *others: Column) -> Formula:
        """A function over the cells; unknown where the table, or a number, is missing."""
        api, columns = self.cells.api, (self, *others)
        rows = [strict(lambda *cells: cells, *row) for row in zip(*(column.now for column in columns), strict=True)]
        result = strict(lambda *found: now(found), *rows)
        listed = ",".join(column.cells.text for column in columns)
        whole = Formula(api, f"{function}({listed})", result, ATOM, 1)
        return api.choice(self.table.rows.is_null(), api.nothing, whole)

    def sizes(self) -> Formula:
        """The sum of the distances from 0."""
        api = self.cells.api
        known = [abs(cell) for cell in self.now if cell is not NA]
        text = f'(SUMIF({self.cells.text},">0")-SUMIF({self.cells.text},"<0"))'
        return Formula(api, text, float(sum(known)), ATOM, 1)


def total(column: Column) -> Number:
    """The sum."""
    term = Term(column.cells.api, column.of("SUM", lambda rows: float(sum(row[0] for row in rows))))
    return _summed(term, column, column.table.footing, column.low * column.table.most, column.high * column.table.most)


def _summed(term: Term, column: Column, footing: Footing, low: float, high: float) -> Number:
    one_side = column.low >= 0 or column.high <= 0
    spread = None if one_side else Term(term.api, column.sizes(), 0, 2) * _share(column)
    return Number(
        term, footing, low=min(low, 0.0), high=max(high, 0.0), signed=one_side, spread=spread,
        factor=_share(column) if one_side else 0.0, denominator=column.denominator,
    )  # fmt: skip


def _share(column: Column) -> float:
    """By what a tolerance grows with the rows."""
    return max(1.0, column.table.most / ROUNDINGS)


def mean(column: Column) -> Operand:
    """The average; a table without rows has none."""
    rows = column.table.count()
    return arithmetic.divide(total(column), decisions.guarded(rows, rows.term.compare("==", 0.0)))


def weighted_mean(column: Column, weights: Column, once: Callable[[Number], Number]) -> Operand:
    """The average by weight; where the weights add up to 0 there is none."""
    products = column.of("SUMPRODUCT", lambda rows: float(sum(one * two for one, two in rows)), weights)
    divisor = once(total(weights))
    sides = column.low >= 0 and weights.low >= 0
    spread = None if sides else Term(products.api, _widest(column) * weights.sizes(), 0, 4) * _share(column)
    above = Number(
        Term(products.api, products), together([column.table.footing, weights.table.footing]), signed=sides,
        low=0.0 if sides else -math.inf, factor=_share(column) if sides else 0.0, spread=spread,
        denominator=column.denominator * weights.denominator,
    )  # fmt: skip
    return arithmetic.divide(above, decisions.guarded(divisor, decisions.is_zero(divisor)[0]))


def _widest(column: Column) -> Formula:
    known = [cell for cell in column.now if cell is not NA]
    text = f"MAX(MAX({column.cells.text}),(-MIN({column.cells.text})))"
    return Formula(column.cells.api, text, max([0.0, *map(abs, known)]), ATOM, 2)


def extreme(column: Column, *, least: bool) -> Number:
    """The lowest or the highest; of no rows there is none."""
    api, choose = column.cells.api, min if least else max
    found = column.of("MIN" if least else "MAX", lambda rows: choose(row[0] for row in rows) if rows else NA)
    some = api.choice(column.table.rows == 0, api.nothing, found)
    return Number(
        Term(api, some), column.table.footing, leaf=True, low=column.low, high=column.high, signed=True,
        nonzero=column.low > 0 or column.high < 0, denominator=column.denominator, top=column.most,
    )  # fmt: skip

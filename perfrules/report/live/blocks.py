"""The cells of tables: a row's number, what stands in it, and beside it the numbers as formulas read them.

A row counts where its number stands. So a row is added by filling in the next one, and a row without a score makes
the average unknown, while the prepared rows below change nothing.
"""

from __future__ import annotations

from typing import Any

from perfrules.formula.systems.spreadsheet.literals import number
from perfrules.report.live.cells import Places, reference, sheet_name, shown
from perfrules.report.live.held import Block, as_float
from perfrules.ruleset.ranges import OPEN


def write(sheet: Any, block: Block, top: int, places: Places, cells: Any) -> None:
    """Write the rows of a table from a row of a sheet on.

    Args:
        sheet: The sheet.
        block: The table.
        top: The row, from 0, of its first row.
        places: Where its columns stand is said there.
        cells: Writes a cell: `(sheet, row, column, value)`.
    """
    last = top + block.room - 1
    name = sheet_name(sheet.get_name())
    places.of[f"{block.fact}[]"] = f"{name}!{reference(top, 0)}:{reference(last, 0)}"
    columns = list(block.columns)
    for index, row in enumerate(block.rows):
        sheet.write_number(top + index, 0, index + 1)
        for at, column in enumerate(columns, 1):
            cells(sheet, top + index, at, row[column])
    for at, column in enumerate(block.read, len(columns) + 1):
        places.of[f"{block.fact}.{column}[]"] = f"{name}!{reference(top, at)}:{reference(last, at)}"
        for index in range(block.room):
            typed = reference(top + index, columns.index(column) + 1)
            now = block.now[column][index] if index < len(block.rows) else ""
            formula = _read(reference(top + index, 0), typed, *block.read[column])
            sheet.write_formula(top + index, at, formula, None, shown(now))


def _read(row: str, cell: str, low: Any, high: Any) -> str:
    """A number as formulas read it: nothing where there is no row, #N/A where it is missing or out of its range."""
    tests = [f"{cell}>={number(as_float(low))}"] * (low != -OPEN) + [f"{cell}<={number(as_float(high))}"] * (
        high != OPEN
    )
    inside = f"IF(AND({','.join(tests)}),{cell},NA())" if tests else cell
    return f'=IF(ISNUMBER({row}),IF(ISNUMBER({cell}),{inside},NA()),"")'

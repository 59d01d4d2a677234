"""Rows of a workbook: the sheet that is meant, its header of one or several rows, and what merged cells stand for.

A cell that is merged over several rows holds for each of them, as a reader takes it. Texts are those that a person
sees, as the project's own reader of workbooks gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from perfrules.errors import Finding, SubmissionError, Where
from perfrules.evaluation import workbook
from perfrules.evaluation.workbook import Sheet, letters
from perfrules.frames.separated import header_of, header_row
from perfrules.frames.tables import Table, text_table

MAX_PACKED, MAX_UNPACKED = 50_000_000, 200_000_000
"""Bytes of a workbook of rows, and of its parts unpacked. 100,000 rows of 26 columns take 100 MB unpacked."""

_MAX_COLUMNS = 16_384
_HEAD = 64
"""Rows at the top that are searched for the header."""

_MAX_MERGED = 1_000_000
"""Cells that are filled from merged ones."""


class _Rows(NamedTuple):
    header: list[str]
    rows: list[list[str]]


def workbook_table(path: Path, fits: Callable[[Sequence[str]], bool]) -> Table:
    """Open a workbook: its first sheet, or the only one whose header fits.

    Raises:
        DocumentError: It is no workbook, too large, or empty.
        SubmissionError: The sheet holds no rows.
    """
    sheets = workbook.sheets(path, packed=MAX_PACKED, unpacked=MAX_UNPACKED)
    read = {sheet.name: _rows(sheet) for sheet in sheets}
    fitting = [sheet for sheet in sheets if fits(read[sheet.name].header)] if len(sheets) > 1 else []
    sheet = fitting[0] if len(fitting) == 1 else sheets[0]
    header, rows = read[sheet.name]
    for index, name in enumerate(header):
        if name in header[:index]:
            raise _refused(path, sheet, "duplicate-id", "duplicate-id.column", name=name)
    if not rows:
        raise _refused(path, sheet, "not-xlsx", "not-csv.header-only")
    for (row, column), key in sheet.odd.items():
        if key == "not-xlsx.formula":
            raise _refused(path, sheet, "not-xlsx", key, f"!{letters(column)}{row}")
    table = text_table(header, rows)
    return Table(table.schema, True, lambda: iter(table.to_batches()), str(path), 1)


def _refused(path: Path, sheet: Sheet, code: str, key: str, place: str = "", **values: object) -> SubmissionError:
    where = Where(f"{path}:{sheet.name}{place}")
    return SubmissionError([Finding(code, "error", str(path), key, values, where)])


def _rows(sheet: Sheet) -> _Rows:
    """The header of a sheet, and the rows below it that are not blank."""
    cells = {(cell.row, cell.column): cell.text for cell in sheet.cells}
    by_row: dict[int, list[str]] = {}
    for cell in sheet.cells:
        by_row.setdefault(cell.row, []).append(cell.text)
    numbers = sorted(by_row)
    found = header_row([by_row[number] for number in numbers[:_HEAD]])
    if found is None:
        return _Rows([], [])
    top = numbers[found]
    _fill(sheet, cells)
    last = max((end for first, _, end, _ in sheet.merged if first == top and end - first < 5), default=top)
    width = min(_MAX_COLUMNS, 1 + max(column for row, column in cells if top <= row))
    named = [_named(cells, range(top, last + 1), column) for column in range(width)]
    while named and not named[-1]:
        named.pop()
    rows = [[cells.get((number, column), "") for column in range(len(named))] for number in numbers if number > last]
    return _Rows(header_of(named), [row for row in rows if any(cell.strip() for cell in row)])


def _named(cells: dict[tuple[int, int], str], rows: range, column: int) -> str:
    """The name of a column: what stands lowest in a header of several rows."""
    texts = [cells.get((row, column), "") for row in reversed(rows)]
    return next((text for text in texts if text.strip()), "")


def _fill(sheet: Sheet, cells: dict[tuple[int, int], str]) -> None:
    """Put the text of merged cells into each of them."""
    room = _MAX_MERGED
    for first, left, last, right in sheet.merged:
        text = cells.get((first, left))
        room -= (last - first + 1) * (right - left + 1)
        if text is None or room < 0:
            continue
        for row in range(first, last + 1):
            for column in range(left, right + 1):
                cells.setdefault((row, column), text)

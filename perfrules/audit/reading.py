"""From a file to a form: which table of which sheet it is, and what stands above, in and below it.

The header is looked for, not expected in a place: forms have titles above their table, notes below it and blank rows
between, and a header may take two rows. What cannot be understood is a finding that names the cell.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from perfrules.audit import head, sheets
from perfrules.audit.columns import COLUMNS, TOTAL, meaning, plain
from perfrules.audit.forms import Form, SumRow
from perfrules.audit.lines import Lines
from perfrules.audit.sheets import Cell, Sheet
from perfrules.audit.texts import number
from perfrules.errors import Finding, SubmissionError, Where

_WEAK = ("绩效指标", "指标", "评价指标", "考核指标")
"""Names of a column that may also be what stands beside the whole table: they count only where no other is there."""


class Table(NamedTuple):
    """The header of a table of indicators: its rows, and its columns by name."""

    rows: tuple[int, ...]
    columns: dict[str, int]


def read(path: str | Path, sheet: str | None = None) -> Form:
    """Read a filled form.

    Args:
        path: A workbook (.xlsx), CSV file or TOML file.
        sheet: The sheet of a workbook; the first one with a table of indicators unless said.

    Raises:
        SubmissionError: It cannot be read, or holds no table of indicators.
    """
    path = Path(path)
    whole = sheets.read(path)
    found = [one for one in whole if sheet is None or one.name == sheet]
    if not found:
        values = {"name": sheet, "known": tuple(one.name for one in whole if one.name) or ("—",)}
        raise SubmissionError(
            [Finding("form-unread", "error", str(path), "form-unread.no-sheet", values, Where(str(path)))]
        )
    tables = [(one, table) for one in found if (table := find(one))]
    if not tables:
        known = tuple(COLUMNS_SHOWN)
        where = Where(f"{path}:{found[0].name}" if found and found[0].name else str(path))
        raise SubmissionError(
            [Finding("form-unread", "error", str(path), "form-unread.table", {"known": known}, where)]
        )
    form = _form(*tables[0])
    others = tuple(one.name for one, _ in tables[1:])
    if others:
        values = {"name": tables[0][0].name, "others": others}
        finding = Finding("form-unread", "note", str(path), "form-unread.sheets", values, Where(str(path)))
        form = replace(form, findings=(*form.findings, finding))
    return form


COLUMNS_SHOWN = ("三级指标", "年度指标值", "实际完成值", "分值", "得分")
"""The names of columns that are shown to whom none was found."""


# -- the header --------------------------------------------------------------------------------------------------


def find(sheet: Sheet) -> Table | None:
    """The header of the table of indicators, wherever on a sheet it stands."""
    found = (table for index in range(len(sheet.rows)) if (table := _header(sheet, index)))
    return max(found, key=lambda table: len(table.columns), default=None)


def _header(sheet: Sheet, index: int) -> Table | None:
    """The header that begins in a row: of one row, or of two where the second names parts of the first."""
    row, below = sheet.rows[index], sheet.rows[index + 1 : index + 2]
    meanings = _meanings(sheet, row)
    if not {"weight", "score", "name"} & set(meanings.values()):
        return None
    table = Table((row,), _columns(sheet, (row,), meanings))
    for second in below:
        rows = (row, second)
        finer = Table(rows, _columns(sheet, rows, meanings | _meanings(sheet, second)))
        if finer.columns.keys() > table.columns.keys() and not any(number(cell.text) for _, cell in sheet.line(second)):
            table = finer
    columns = table.columns.keys()
    is_table = {"name", "level1"} & columns and {"weight", "score"} & columns and len(columns) >= 3
    return table if is_table else None


def _meanings(sheet: Sheet, row: int) -> dict[int, str]:
    """What the cells of a row mean as names of columns; only those that are one."""
    found = ((column, meaning(cell.text, COLUMNS)) for column, cell in sheet.line(row))
    return {column: name for column, name in found if name}


def _columns(sheet: Sheet, rows: tuple[int, ...], meanings: dict[int, str]) -> dict[str, int]:
    """The columns by name, the first of each; a weak name gives way to any other."""
    columns: dict[str, int] = {}
    for weak in (False, True):
        for column, name in sorted(meanings.items()):
            if (plain(_shown(sheet, rows, column).text) in _WEAK) is weak:
                columns.setdefault(name, column)
    if "remark" in columns:
        columns.setdefault("reason", columns["remark"])
        del columns["remark"]
    return columns


# -- the form ----------------------------------------------------------------------------------------------------


def _form(sheet: Sheet, table: Table) -> Form:
    above = head.read(sheet, [row for row in sheet.rows if row < table.rows[0]])
    unit = above.money_unit or "万元"
    funds = next((row for row in above.money if row.source == "total"), None)
    lines = Lines(sheet, table.columns, funds, unit)
    lines.read(_below(sheet, table, lines))
    foot = {name: cell for line in lines.noted for name, cell in head.labelled(line).items()}
    info = {**foot, **above.info}
    total = lines.total or _total(info)
    return Form(
        path=sheet.path,
        title=above.title,
        info={name: cell for name, cell in info.items() if name not in ("total", "money_unit")},
        money_unit=unit,
        money=tuple(above.money),
        goals=above.goals,
        columns={name: _shown(sheet, table.rows, column) for name, column in table.columns.items()},
        rows=tuple(lines.rows),
        sections=lines.sections(),
        subtotals=tuple(lines.subtotals),
        total=replace(total, rows=tuple(range(len(lines.rows)))) if total else None,
        notes=tuple(cell for line in lines.noted for _, cell in line),
        findings=(*sheet.findings, *above.findings, *lines.findings),
    )


def _below(sheet: Sheet, table: Table, lines: Lines) -> list[int]:
    """The rows below a header, without its repetitions on further pages; of a second form behind a total nothing."""
    rows: list[int] = []
    skipped = 0
    for index, row in enumerate(sheet.rows):
        if row <= table.rows[-1]:
            continue
        again = _header(sheet, index) if len(sheet.line(row)) > 3 else None
        if again and again.columns == table.columns:
            if any(TOTAL.fullmatch(plain(cell.text)) for before in rows for _, cell in sheet.line(before)[:3]):
                cell = sheet.line(row)[0][1]
                values = {"where": cell.address}
                lines.findings.append(
                    Finding("form-unread", "warning", cell.address, "form-unread.second", values, cell.where)
                )
                return _to_total(sheet, rows)
            skipped = len(again.rows)
        if not skipped:
            rows.append(row)
        skipped = max(0, skipped - 1)
    return rows


def _to_total(sheet: Sheet, rows: list[int]) -> list[int]:
    """Rows up to the first total."""
    totals = (
        at for at, row in enumerate(rows) if any(TOTAL.fullmatch(plain(cell.text)) for _, cell in sheet.line(row)[:3])
    )
    return rows[: next(totals, len(rows)) + 1]


def _total(info: dict[str, Cell]) -> SumRow | None:
    """The total that stands beside a label, above or below the table."""
    cell = info.get("total")
    score = number(cell.text) if cell else None
    if cell is None or score is None:
        return None
    return SumRow("", "", (), None, score, None, {"label": cell, "score": cell})


def _shown(sheet: Sheet, rows: tuple[int, ...], column: int) -> Cell:
    """The cell of the header that names a column."""
    cells = [sheet.at(row, column) for row in rows[::-1]]
    return next((cell for cell in cells if cell.text), cells[-1])

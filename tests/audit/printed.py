"""The published tables as an officer files them: the same table as a workbook with merged cells, as CSV, and as TOML.

A table is laid out once, as cells that may span rows and columns. A workbook merges them; CSV keeps the first of each.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import tomli
import xlsxwriter
from sheets import packed

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.toml"))
_OVER = {
    "预期指标值": ("符号", "值", "单位（文字描述）"),
    "自评得分": ("单项指标得分", "权重占比（%）", "单项指标折算得分"),
}
"""What Hebei's form prints over several columns."""


class Placed(NamedTuple):
    row: int
    column: int
    said: Any
    rows: int = 1
    columns: int = 1


@dataclass
class Page:
    """A form as it is printed: cells from row 0 and column 0."""

    cells: list[Placed] = field(default_factory=list)
    row: int = 0

    def put(self, column: int, said: Any, *, rows: int = 1, columns: int = 1) -> None:
        if said is not None and said != "":
            self.cells.append(Placed(self.row, column, said, rows, columns))

    def next(self, count: int = 1) -> None:
        self.row += count


def load(name: str) -> dict[str, Any]:
    return tomli.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"), parse_float=Decimal)


def page(data: Mapping[str, Any], *, blank: bool = True) -> Page:
    """A form laid out: title, head, money, table, notes below it, and blank rows between."""
    keys = list(dict.fromkeys(key for row in data["row"] for key in row))
    beside = 1 if "三级指标" in keys else 0  # 绩效指标, printed down the side of the table
    found, width = Page(), len(keys) + beside
    head = dict(data.get("form", {}))
    found.put(0, head.pop("title", None), columns=width)
    found.next(2 if blank else 1)
    for label, said in head.items():
        found.put(0, label, columns=2 if beside else 1)
        found.put(2 if beside else 1, said, columns=width - 2 if beside else width - 1)
        found.next()
    _money(found, data.get("money", []))
    _header(found, keys, beside, len(data["row"]))
    _rows(found, data["row"], keys, beside)
    found.next(1 if blank else 0)
    for note in data.get("notes", []):
        found.put(0, note, columns=width)
        found.next()
    return found


def _money(found: Page, money: list[dict[str, Any]]) -> None:
    if not money:
        return
    label, *keys = dict.fromkeys(key for row in money for key in row)
    found.put(0, label if label != "label" else "项目资金", rows=len(money) + 1)
    for column, key in enumerate(keys, 2):
        found.put(column, key)
    found.next()
    for row in money:
        found.put(1, row[label])
        for column, key in enumerate(keys, 2):
            found.put(column, row.get(key))
        found.next()


def _header(found: Page, keys: list[str], beside: int, rows: int) -> None:
    top, over = found.row, {key: name for name, parts in _OVER.items() if set(parts) <= set(keys) for key in parts}
    depth = 2 if over else 1
    named: set[str] = set()
    for column, key in enumerate(keys, beside):
        if key not in over:
            found.put(column, key, rows=depth)
        elif over[key] not in named:
            named.add(over[key])
            found.put(column, over[key], columns=len(_OVER[over[key]]))
    if over:
        found.next()
        for column, key in enumerate(keys, beside):
            found.put(column, key if key in over else None)
    if beside:
        found.cells.append(Placed(top, 0, "绩\n效\n指\n标", rows + depth))
    found.next()


def _rows(found: Page, rows: list[dict[str, Any]], keys: list[str], beside: int) -> None:
    for index, row in enumerate(rows):
        for column, key in enumerate(keys, beside):
            span = _span(rows, index, key)
            if span:
                found.put(column, row.get(key), rows=span)
        found.next()


def _span(rows: list[dict[str, Any]], index: int, key: str) -> int:
    """How many rows a cell is printed over; 0 where the one above covers it."""

    def covered(at: int) -> bool:
        row, above = rows[at], rows[at - 1]
        if key == "一级指标":
            return bool(row.get(key)) and row.get(key) == above.get(key)
        if key == "二级指标":
            return bool(row.get(key)) and (row.get("一级指标"), row[key]) == (above.get("一级指标"), above.get(key))
        return (
            key in ("分值", "得分")
            and key not in row
            and "三级指标" in row
            and row.get("一级指标") is not None
            and "得分" not in row
        )

    if index and covered(index):
        return 0
    span = 1
    while index + span < len(rows) and covered(index + span):
        span += 1
    return span


def write_xlsx(found: Page, path: Path, sheet: str = "Sheet1") -> Path:
    book = xlsxwriter.Workbook(path)
    sheets, percent = book.add_worksheet(sheet), book.add_format({"num_format": "0.00%"})
    for cell in found.cells:
        said: Any = cell.said
        style = None
        if isinstance(said, Decimal):
            said = float(said)
        elif isinstance(said, str) and re.fullmatch(r"\d+(\.\d+)?%", said):
            said, style = float(Decimal(said[:-1]) / 100), percent
        if cell.rows > 1 or cell.columns > 1:
            sheets.merge_range(cell.row, cell.column, cell.row + cell.rows - 1, cell.column + cell.columns - 1, "")
        if isinstance(said, str):
            sheets.write_string(cell.row, cell.column, said)  # not as a formula, though it may begin with =
        else:
            sheets.write(cell.row, cell.column, said, style)
    book.close()
    return path


def write_csv(found: Page, path: Path, encoding: str = "utf-8-sig") -> Path:
    width = max(cell.column + cell.columns for cell in found.cells)
    height = max(cell.row + cell.rows for cell in found.cells)
    grid = [[""] * width for _ in range(height)]
    for cell in found.cells:
        grid[cell.row][cell.column] = str(cell.said)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(grid)
    return path


def at(reference: str, said: str) -> Placed:
    """A text in cells that are named as in a workbook: `A1`, or `A1:B2` merged."""
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = ((int(end[1:]) - 1, ord(end[0]) - ord("A")) for end in (first, last or first))
    number = Decimal(said) if re.fullmatch(r"\d+", said) else said
    return Placed(top, left, number, bottom - top + 1, right - left + 1)


def with_merged(path: Path, merged: str) -> None:
    """Write merged cells into the first sheet of a workbook, as they are said."""
    with zipfile.ZipFile(path) as archive:
        found: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    part = found[name]
    text = part.decode() if isinstance(part, bytes) else part
    found[name] = text.replace("</worksheet>", f"<mergeCells>{merged}</mergeCells></worksheet>")
    path.write_bytes(packed(found))

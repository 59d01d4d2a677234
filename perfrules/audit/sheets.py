"""Tables of cells with addresses, from workbooks, CSV, and `[[row]]` tables in TOML.

Cells are texts as a person sees them. Whatever the file is, a sheet answers the same question, what stands in a row and
column, so that reading a form knows nothing of files. `[[row]]` tables are laid out as the form would print them: a
header, and a line below it for each table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from perfrules.errors import Finding, SubmissionError, Where
from perfrules.evaluation import workbook
from perfrules.ruleset import toml
from perfrules.ruleset.toml import DocumentError

ENDINGS = (".xlsx", ".csv", ".toml")
"""How the names of forms end."""

MAX_ROWS, MAX_COLUMNS, MAX_MERGED = 2_000, 100, 5_000
"""Rows with anything in them, columns and merged cells of a sheet. The largest published form has some 120 by 20."""

MAX_CELL = 20_000
"""Characters of a cell."""


class Cell(NamedTuple):
    """One cell: what a person sees in it, and where it stands.

    Attributes:
        text: As it is shown, `""` where it is blank.
        address: For people: `Sheet1!D7`, `form.csv:7:4`, `form.toml:12:1`. Of merged cells, that of the first.
        where: The same for findings, with the path of the file.
    """

    text: str
    address: str
    where: Where


Place = Callable[[int, int], tuple[str, Where]]
Ends = tuple[int, int, int, int]
"""First row, first column, last row, last column."""


@dataclass(eq=False)
class Sheet:
    """A table of cells; rows count from 1 and columns from 0, as far as there is anything in them.

    Attributes:
        path: The file.
        name: Its name in a workbook; else empty.
        texts: The cells that are not blank.
        place: The address and the place of a cell.
        merged: Cells that are one.
        findings: What is odd about the file or a cell, and no reason not to read the rest.
    """

    path: Path
    name: str
    texts: Mapping[tuple[int, int], str]
    place: Place
    merged: list[Ends] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @cached_property
    def rows(self) -> list[int]:
        """The rows in which a cell is not blank, or covered by one that is not."""
        found = {row for row, _ in self.texts}
        low, high = min(found, default=1), max(found, default=0)
        for first, column, last, _ in self.merged:
            if (first, column) in self.texts:
                found.update(range(max(first, low), min(last, high) + 1))
        return sorted(found)

    @cached_property
    def width(self) -> int:
        """The number of columns."""
        return max((column for _, column in self.texts), default=-1) + 1

    @cached_property
    def _seen(self) -> dict[tuple[int, int], Cell]:
        return {}

    @cached_property
    def _covering(self) -> dict[int, list[Ends]]:
        covering: dict[int, list[Ends]] = {row: [] for row in self.rows}
        for ends in self.merged:
            for row in self.rows:
                if ends[0] <= row <= ends[2]:
                    covering[row].append(ends)
        return covering

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """Where the cell begins that covers a place: the place itself, but in merged cells."""
        for first, left, last, right in self._covering.get(row, ()):
            if first <= row <= last and left <= column <= right:
                return first, left
        return row, column

    def at(self, row: int, column: int) -> Cell:
        """The cell that covers a place."""
        if (row, column) not in self._seen:
            begins = self.origin(row, column)
            self._seen[row, column] = Cell(self.texts.get(begins, "").strip(), *self.place(*begins))
        return self._seen[row, column]

    def line(self, row: int) -> list[tuple[int, Cell]]:
        """The cells of a row that are not blank and begin in it, each with its column."""
        return [
            (column, self.at(row, column))
            for column in range(self.width)
            if (row, column) in self.texts and self.texts[row, column].strip()
        ]


def read(path: Path) -> list[Sheet]:
    """The sheets of a file; one, unless it is a workbook.

    Raises:
        SubmissionError: It cannot be read as what its name says, or is too large for a form.
    """
    readers = {".xlsx": _workbook, ".csv": _csv, ".toml": _tables}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        values = {"ending": path.suffix or "—"}
        raise SubmissionError([Finding("no-file", "error", str(path), "no-file.form", values, Where(str(path)))])
    try:
        sheets = list(reader(path))
        for sheet in sheets:
            _check_size(sheet)
    except DocumentError as error:
        raise SubmissionError([error.finding]) from None
    return sheets


def refuse(path: Path, code: str, key: str, where: Where | None = None, **values: object) -> DocumentError:
    """The finding that ends the reading of a file."""
    return DocumentError(Finding(code, "error", str(path), key, values, where or Where(str(path))))


def _check_size(sheet: Sheet) -> None:
    """Refuse what is no form by its size alone.

    Raises:
        DocumentError: It is too large.
    """
    where = Where(f"{sheet.path}:{sheet.name}") if sheet.name else Where(str(sheet.path))
    rows = {row for row, _ in sheet.texts}
    if len(sheet.merged) > MAX_MERGED or len(rows) > MAX_ROWS or sheet.width > MAX_COLUMNS:
        raise refuse(sheet.path, "too-large", "too-large.sheet", where, rows=MAX_ROWS, columns=MAX_COLUMNS)
    for place, text in sheet.texts.items():
        if len(text) > MAX_CELL:
            raise refuse(sheet.path, "too-large", "too-large.cell", sheet.place(*place)[1], limit=MAX_CELL)


# -- workbooks ---------------------------------------------------------------------------------------------------


def _workbook(path: Path) -> Iterator[Sheet]:
    for found in workbook.sheets(path):

        def place(row: int, column: int, name: str = found.name) -> tuple[str, Where]:
            address = f"{name}!{workbook.letters(column)}{row}"
            return address, Where(f"{path}:{address}")

        texts = {(cell.row, cell.column): cell.text for cell in found.cells}
        sheet = Sheet(path, found.name, texts, place, found.merged)
        for (row, column), key in found.odd.items():
            about = place(row, column)[0]
            sheet.findings.append(
                Finding("form-unread", "warning", about, f"form-unread.{key}", where=place(row, column)[1])
            )
        yield sheet


# -- CSV ---------------------------------------------------------------------------------------------------------


def _csv(path: Path) -> Iterator[Sheet]:
    text, findings = _decoded(path)
    if "\0" in text:
        raise refuse(path, "not-csv", "not-csv.nul")
    rows: dict[int, list[str]] = {}
    for separator in ",\t;":
        found = dict(_lines(path, text, separator))
        if max(map(len, found.values()), default=0) > max(map(len, rows.values()), default=0):
            rows = found
    texts = {
        (row, column): cell for row, cells in rows.items() for column, cell in enumerate(cells) if cell.strip()
    }  # fmt: skip
    if not texts:
        raise refuse(path, "not-csv", "not-csv.empty")

    def place(row: int, column: int) -> tuple[str, Where]:
        return f"{path.name}:{row}:{column + 1}", Where(str(path), row, column + 1)

    yield Sheet(path, "", texts, place, [], findings)


def _decoded(path: Path) -> tuple[str, list[Finding]]:
    """The text of a CSV file, in UTF-8 or as a spreadsheet program in China writes it, which is said.

    Raises:
        DocumentError: It is neither.
    """
    try:
        return toml.read_text(path, str(path)), []
    except DocumentError as error:
        if error.finding.code != "not-utf8":
            raise
        refused = error
    raw = toml.read_bytes(path, str(path))
    try:
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return raw.decode("utf-16"), []
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        raise refused from None
    where = Where(str(path))
    return text, [Finding("not-utf8", "note", str(path), "not-utf8.gbk", where=where)]


def _lines(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV text, each with the line it begins in."""
    csv.field_size_limit(MAX_CELL * 5)
    reader, begins = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1
    try:
        for row in reader:
            yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        if separator == ",":
            where = Where(str(path), begins, 1)
            raise refuse(path, "not-csv", "not-csv", where, problem=str(error)) from None


def _tables(path: Path) -> Iterator[Sheet]:
    from perfrules.audit import layout

    yield layout.sheet(path)

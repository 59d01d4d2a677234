"""Writing rows as they come: Parquet, CSV that Excel opens, workbooks; each to a file beside the one that is meant.

Texts are data. In CSV, which knows no types, a text that a spreadsheet would take for a formula gets an apostrophe
before it, and numbers with a sign stay as they are; in a workbook texts are written as texts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfrules import output
from perfrules.errors import Finding, PerfrulesError
from perfrules.frames.tables import needed

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".parquet", ".csv", ".xlsx")
"""How the names of files end that rows are written to."""

_FORMULA = r"^[=+\-@\t\r]"
_SIGNED = r"^[+\-]?[0-9.,]*%?$"
"""Texts that begin like a formula, and among them those that are numbers or a mere dash."""

PART = 5_000_000
"""Rows of a file of a folder."""

_MAX_ROWS = 1_048_575
_MAX_CELL = 32_767
"""Rows below the header of a sheet, and characters of a cell."""

Sink = Callable[["pa.Table"], None]


@contextlib.contextmanager
def writer(path: Path, schema: pa.Schema) -> Iterator[Sink]:
    """Something that takes rows of a schema; they stand in the file when all went well, and nowhere otherwise.

    Raises:
        PerfrulesError: The file cannot be written, has no such columns, or needs a package that is not installed.
    """
    begin = _KINDS[path.suffix.lower()]
    with output.beside(path) as part, begin(part, path, schema) as sink:
        yield sink


def check(path: Path) -> None:
    """Refuse a file that rows cannot be written to, before anything runs.

    Raises:
        PerfrulesError: Its ending says nothing, or needs a package that is not installed.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        values = {"ending": path.suffix or "—"}
        raise PerfrulesError([Finding("cannot-write", about=str(path), key="cannot-write.ending", values=values)])
    if ending == ".xlsx":
        needed("xlsxwriter", str(path), "office")
    with output.refusing(path):
        if path.is_dir():
            raise IsADirectoryError(21, "")
        if not path.parent.is_dir():
            raise FileNotFoundError(2, "")


@contextlib.contextmanager
def _parquet(part: Path, _: Path, schema: pa.Schema) -> Iterator[Sink]:
    import pyarrow as pa
    from pyarrow import parquet

    worded = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    with parquet.ParquetWriter(part, schema, use_dictionary=worded, compression="snappy") as file:
        yield file.write_table


@contextlib.contextmanager
def parts(folder: Path, schema: pa.Schema) -> Iterator[Sink]:
    """Something that writes a folder of Parquet: files of at most `PART` rows, named so that they sort as they came."""
    with contextlib.ExitStack() as opened:
        yield _Parts(folder, schema, opened).write


class _Parts:
    """The files of a folder, one after the other."""

    def __init__(self, folder: Path, schema: pa.Schema, opened: contextlib.ExitStack) -> None:
        self.folder = folder
        self.schema = schema
        self.opened = opened
        self.number = 0
        self.rows = 0
        self.file: Any = None

    def write(self, table: pa.Table) -> None:
        """Write rows behind those that are there."""
        from pyarrow import parquet

        if self.file is None or self.rows >= PART:
            self.opened.close()
            name = f"part-{self.number:05}.parquet"
            self.file = self.opened.enter_context(parquet.ParquetWriter(self.folder / name, self.schema))
            self.number, self.rows = self.number + 1, 0
        self.file.write_table(table)
        self.rows += table.num_rows


# -- CSV ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _csv(part: Path, path: Path, schema: pa.Schema) -> Iterator[Sink]:
    from pyarrow import csv

    _refuse_nested(path, schema)
    with part.open("wb") as file:
        file.write(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
        with csv.CSVWriter(
            file, _plain(_guarded_names(schema)), write_options=csv.WriteOptions(quoting_style="needed")
        ) as to:
            yield lambda table: to.write_table(_guarded(table))


def _guarded_names(schema: pa.Schema) -> pa.Schema:
    import re

    import pyarrow as pa

    names = [f"'{name}" if re.match(_FORMULA, name) else name for name in schema.names]
    return pa.schema([field.with_name(name) for field, name in zip(schema, names, strict=True)])


def _guarded(table: pa.Table) -> pa.Table:
    """The rows with an apostrophe before each text that a spreadsheet would take for a formula."""
    import pyarrow as pa

    columns = []
    for given in table.columns:
        column = given.cast(given.type.value_type) if pa.types.is_dictionary(given.type) else given
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            columns.append(_apostrophes(column))
        else:
            columns.append(column)
    return pa.Table.from_arrays(columns, schema=_plain(_guarded_names(table.schema)))


def _apostrophes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    from pyarrow import compute

    begins = compute.match_substring_regex(column, _FORMULA)
    if not compute.any(begins).as_py():
        return column
    formula = compute.and_not(begins, compute.match_substring_regex(column, _SIGNED))
    mark, nothing = pa.scalar("'", column.type), pa.scalar("", column.type)
    return compute.if_else(formula, compute.binary_join_element_wise(mark, column, nothing), column)


def _plain(schema: pa.Schema) -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field for field in schema]
    )


def _refuse_nested(path: Path, schema: pa.Schema) -> None:
    import pyarrow as pa

    for field in schema:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            values = {"column": field.name, "kind": str(field.type)}
            raise PerfrulesError([Finding("cannot-write", about=str(path), key="cannot-write.nested", values=values)])


# -- workbooks ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _xlsx(part: Path, path: Path, schema: pa.Schema) -> Iterator[Sink]:
    import xlsxwriter

    _refuse_nested(path, schema)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    book = xlsxwriter.Workbook(str(part), options)
    try:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        for index, name in enumerate(schema.names):
            sheet.write_string(0, index, name[:_MAX_CELL], book.add_format({"bold": True}))
        yield _Sheet(path, sheet, day).write
        book.close()
    except BaseException:
        book.fileclosed = True  # else it writes what there is when it is collected
        raise


class _Sheet:
    """A sheet that is written row by row."""

    def __init__(self, path: Path, sheet: Any, day: Any) -> None:
        self.path = path
        self.sheet = sheet
        self.day = day
        self.row = 0

    def write(self, table: pa.Table) -> None:
        """Write rows below those that are there."""
        if self.row + table.num_rows > _MAX_ROWS:
            values = {"limit": _MAX_ROWS}
            raise PerfrulesError([Finding("too-large", about=str(self.path), key="too-large.rows", values=values)])
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            self.row += 1
            for index, cell in enumerate(row):
                self._cell(index, cell)

    def _cell(self, index: int, cell: Any) -> None:
        sheet, row = self.sheet, self.row
        if cell is None or cell == "":
            return
        if isinstance(cell, bool):
            sheet.write_boolean(row, index, cell)
        elif isinstance(cell, int | float | Decimal) and isfinite(cell) and -(2**53) < cell < 2**53:
            sheet.write_number(row, index, cell)
        elif type(cell) is date and cell.year >= 1900:
            sheet.write_datetime(row, index, datetime(cell.year, cell.month, cell.day), self.day)  # noqa: DTZ001  (a day)
        else:
            sheet.write_string(row, index, str(cell)[:_MAX_CELL])


_KINDS = {".parquet": _parquet, ".csv": _csv, ".xlsx": _xlsx}

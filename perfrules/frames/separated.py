"""Rows of CSV as spreadsheets export it: UTF-8 with and without a mark, UTF-16, GBK; commas, semicolons or tabs.

Every cell stays text here. A title above the header and blank rows are passed over, as a reader would.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from perfrules import words
from perfrules.errors import Finding, SubmissionError, Where
from perfrules.frames.tables import Table

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 2_000_000
"""Bytes of a block, which no row may be longer than; pyarrow reads 32 of them ahead."""

_ROWS = 65_536
"""Rows of a batch, about: texts take ten times the room of numbers."""

_PIECE = 16_000_000
"""Bytes that a batch has, about; by it the bar of progress is drawn."""

_CHUNK = 1 << 20
_SEPARATORS = (",", ";", "\t")
_HEAD = 64
"""Rows at the top that are searched for the header."""


class _Form(NamedTuple):
    """How a file is written, the line of its header, and how many rows come before the data, empty ones too."""

    path: Path
    encoding: str
    separator: str
    header: list[str]
    line: int
    above: int


def csv_table(path: Path) -> Table:
    """Open a CSV file.

    Raises:
        SubmissionError: It cannot be read, or has no rows.
    """
    import pyarrow as pa

    form = _form(path)
    schema = pa.schema([(name, pa.string()) for name in form.header])
    pieces = path.stat().st_size // _PIECE + 1
    return Table(schema, True, lambda: _batches(form), str(path), pieces)


def _refused(path: Path, code: str, key: str, line: int | None = None, **values: object) -> SubmissionError:
    return SubmissionError(
        [Finding(code, "error", str(path), key, values, Where(str(path), line, 1 if line else None))]
    )  # fmt: skip


# -- how it is written -------------------------------------------------------------------------------------------


def _form(path: Path) -> _Form:
    try:
        encoding = _encoding(path)
        rows = _head(path, encoding)
    except OSError as error:
        raise _refused(path, "no-file", "no-file", reason=words.os_reason(error)) from None
    except UnicodeError:
        raise _refused(path, "not-utf8", "not-utf8.table") from None
    except csv.Error as error:
        raise _refused(path, "not-csv", "not-csv", problem=str(error)) from None
    except ValueError:  # a name with a NUL
        raise _refused(path, "no-file", "no-file", reason="?") from None
    separator, parsed = rows
    found = header_row([row for _, row in parsed])
    if found is None:
        raise _refused(path, "not-csv", "not-csv.empty")
    line, cells = parsed[found]
    header = header_of(cells)
    for index, name in enumerate(header):
        if name in header[:index]:
            raise _refused(path, "duplicate-id", "duplicate-id.column", line, name=name)
    if not any(row for _, row in parsed[found + 1 :]):
        raise _refused(path, "not-csv", "not-csv.header-only", line)
    return _Form(path, encoding, separator, header, line, found + 1)


def _encoding(path: Path) -> str:
    """How the text is encoded, by its mark or by the first character that is not ASCII."""
    with path.open("rb") as file:
        start = file.read(4)
        if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        if start[:3] == codecs.BOM_UTF8:
            return "utf-8-sig"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        while chunk := file.read(_CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError:
                return "gb18030"
            if not text.isascii():
                return "utf-8"
    return "utf-8"


def _head(path: Path, encoding: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """The separator, and the first rows, each with its line."""
    found: list[tuple[int, list[str]]] = []
    best = ","
    for separator in _SEPARATORS:
        rows = []
        for number, row in _rows(path, encoding, separator):
            rows.append((number, row))
            if len(rows) == _HEAD:
                break
        if not found or max(map(_width, rows), default=0) > max(map(_width, found), default=0):
            best, found = separator, rows
    return best, found


def _width(row: tuple[int, list[str]]) -> int:
    return len(row[1])


def _rows(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(BLOCK)
    with path.open(encoding=encoding, newline="") as file:
        reader, begins = csv.reader(file, delimiter=separator), 1
        for row in reader:
            yield begins, row
            begins = reader.line_num + 1


def header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Which row is the header: the first of more than one cell, or the first at all where none is; None of no rows.

    A title that stands above the table alone in its row is so passed over.
    """
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    several = (index for index, count in enumerate(filled) if count > 1)
    return next(several, next((index for index, count in enumerate(filled) if count), None))


def header_of(row: Sequence[str]) -> list[str]:
    """The names of the columns; a column without one is called by its number, unless all behind it are so too."""
    names = [cell.strip() for cell in row]
    return [name or f"({index})" for index, name in enumerate(names, 1)]


# -- rows --------------------------------------------------------------------------------------------------------


def _batches(form: _Form) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    gathered = list[Any]()
    try:
        for batch in _reader(form):
            gathered.append(_filled(batch))
            if sum(one.num_rows for one in gathered) >= _ROWS:
                yield from _joined(gathered)
                gathered = []
        yield from _joined(gathered)
    except pa.ArrowException as error:
        raise _ragged(form, str(error)) from None
    except UnicodeDecodeError:
        raise _refused(form.path, "not-utf8", "not-utf8.table") from None
    except OSError as error:
        raise _refused(form.path, "no-file", "no-file", reason=words.os_reason(error)) from None


def _joined(batches: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Small batches as one, which costs one plan; none where they have no rows."""
    import pyarrow as pa

    found: list[pa.RecordBatch] = pa.Table.from_batches(batches).combine_chunks().to_batches() if batches else []
    return [batch for batch in found if batch.num_rows]


def _reader(form: _Form) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    return arrow_csv.open_csv(
        form.path,
        read_options=arrow_csv.ReadOptions(
            column_names=form.header, skip_rows_after_names=form.above, block_size=BLOCK,
            encoding="utf-8" if form.encoding == "utf-8-sig" else form.encoding,
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=form.separator, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(form.header, pa.string()), strings_can_be_null=False
        ),
    )  # fmt: skip


def _filled(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows that say anything: spreadsheets export rows of nothing but commas."""
    from pyarrow import compute

    blank = None
    for column in batch.columns:
        empty = compute.equal(compute.utf8_trim_whitespace(column), "")
        blank = empty if blank is None else compute.and_(blank, empty)
        if not compute.any(blank).as_py():
            return batch
    return batch.filter(compute.invert(blank))


def _ragged(form: _Form, said: str) -> SubmissionError:
    """The finding of a file that cannot be read on: the line of the first row with too few or too many cells."""
    try:
        for number, row in _rows(form.path, form.encoding, form.separator):
            if row and len(row) != len(form.header) and number > form.line:
                values = {"cells": len(row), "columns": len(form.header)}
                return _refused(form.path, "not-csv", "not-csv.cells", number, **values)
    except (UnicodeDecodeError, csv.Error):
        return _refused(form.path, "not-utf8", "not-utf8.table")
    if "UTF8" in said:
        return _refused(form.path, "not-utf8", "not-utf8.table")
    return _refused(form.path, "not-csv", "not-csv", problem=words.shorten(said, words.MAX_SHOWN))

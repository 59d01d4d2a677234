"""Opening what rows are read from, by how its name ends: Parquet in one file, a folder or a glob; CSV; a workbook.

Files of a folder must have the same columns of the same types, since one plan is run over all of them.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfrules import words
from perfrules.errors import Finding, SubmissionError, Where
from perfrules.frames.tables import BATCH, Table, arrow
from perfrules.ruleset.toml import DocumentError

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".parquet", ".csv", ".xlsx")
"""How the names of files of rows end."""

_PATTERN = "*?["


def opened(given: str, fits: Callable[[Sequence[str]], bool] = bool) -> Table:
    """Open a file, a folder of Parquet or a glob.

    Args:
        given: Its path.
        fits: Whether the columns of a sheet are those that are looked for; asked where a workbook has several.

    Raises:
        SubmissionError: It cannot be read as what its name says.
        PerfrulesError: pyarrow is not installed.
    """
    arrow(given)
    try:
        files = _files(given)
        if files is not None:
            return _parquet(given, files)
        path, ending = Path(given), Path(given).suffix.lower()
        if ending == ".csv":
            from perfrules.frames.separated import csv_table

            return csv_table(path)
        if ending == ".xlsx":
            from perfrules.frames.sheets import workbook_table

            return workbook_table(path, fits)
    except DocumentError as error:
        raise SubmissionError([error.finding]) from None
    raise _refused(given, "no-file", "no-file.table", ending=Path(given).suffix or "—")


def _refused(about: str, code: str, key: str, **values: object) -> SubmissionError:
    return SubmissionError([Finding(code, "error", about, key, values, Where(about))])


def _files(given: str) -> list[str] | None:
    """The files of Parquet that are meant, sorted by name; None where it is another kind of file."""
    path = Path(given)
    if _is(path.is_dir):
        found = sorted(str(one) for one in path.rglob("*.parquet") if _is_data(one.relative_to(path)))
        _refuse_partitions(given, path, found)
        if not found:
            raise _refused(given, "no-file", "no-file.no-parquet")
        return found
    if any(char in given for char in _PATTERN) and not _is(path.is_file):
        found = sorted(one for one in glob.glob(given, recursive=True) if Path(one).is_file())  # noqa: PTH207  (a path)
        if not found:
            raise _refused(given, "no-file", "no-file.no-match")
        return found
    return [given] if path.suffix.lower() == ".parquet" else None


def _is(asked: Callable[[], bool]) -> bool:
    """Whether there is such a file or folder; no, where nothing can be called so."""
    try:
        return asked()
    except (OSError, ValueError):
        return False


def _is_data(path: Path) -> bool:
    """Whether a file of a folder holds rows: what begins with a dot or an underscore is somebody's bookkeeping."""
    return not any(part.startswith((".", "_")) for part in path.parts)


def _refuse_partitions(given: str, folder: Path, files: Sequence[str]) -> None:
    """Refuse a folder that keeps a column in the names of its folders, which no file has."""
    for file in files:
        for part in Path(file).relative_to(folder).parts[:-1]:
            if "=" in part:
                raise _refused(given, "not-parquet", "not-parquet.partitioned", part=part)


def _parquet(given: str, files: list[str]) -> Table:
    schema, pieces = None, 0
    for file in files:
        with _reader(file) as reader:
            own = reader.schema_arrow.remove_metadata()
            counted = reader.metadata.num_rows
        if schema is None:
            schema = own
        elif not schema.equals(own):
            raise _different(file, files[0], schema, own)
        pieces += ceil(counted / BATCH)
    return Table(schema, False, lambda: _batches(files), given, pieces, tuple(files))


def _different(file: str, first: str, schema: pa.Schema, own: pa.Schema) -> SubmissionError:
    names = [*schema.names, *(name for name in own.names if name not in schema.names)]
    wrong = next((name for name in names if _type(schema, name) != _type(own, name)), "")
    key = "not-parquet.schemas" if wrong else "not-parquet.order"
    return _refused(
        file, "not-parquet", key, first=first, column=wrong, here=_type(own, wrong), there=_type(schema, wrong)
    )  # fmt: skip


def _type(schema: pa.Schema, name: str) -> object:
    found = schema.get_all_field_indices(name) if name else []
    return str(schema.field(found[0]).type) if found else words.Term("table.no-column")


def _reader(file: str) -> Any:
    """A file of Parquet, open.

    Raises:
        SubmissionError: It cannot be opened, or is something else.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(file, memory_map=False, pre_buffer=False)
    except OSError as error:
        if error.errno is None:  # what pyarrow says of a file that is cut off
            raise _refused(file, "not-parquet", "not-parquet") from None
        raise _refused(file, "no-file", "no-file", reason=words.os_reason(error)) from None
    except (pa.ArrowException, ValueError):
        raise _refused(file, "not-parquet", "not-parquet") from None


def _batches(files: Sequence[str]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for file in files:
        try:
            with _reader(file) as reader:
                yield from reader.iter_batches(batch_size=BATCH)
        except (pa.ArrowException, OSError):  # a page that is damaged
            raise _refused(file, "not-parquet", "not-parquet.damaged") from None

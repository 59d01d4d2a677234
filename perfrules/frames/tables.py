"""Tables of any size as a stream of Arrow batches: what is opened, and what it is opened by.

Arrow is the one form between readers, engines and writers. A table knows its columns before anything runs, and keeps
no more than one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perfrules.errors import Finding, PerfrulesError

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 131_072
"""Rows of a batch: large enough that building a plan of 40 ms is a small part, and 26 scores of it take 30 MB."""


@dataclass(frozen=True)
class Table:
    """A table that is opened.

    Attributes:
        schema: Its columns and their types.
        texts: Whether every column is text as people typed it, still to be read as its fact.
        open: Begins at the first row, each time it is called: batches of Arrow.
        about: Its name for people.
        pieces: About how many batches there are.
        files: The files of Parquet that it stands in, where it is of such.
    """

    schema: pa.Schema
    texts: bool
    open: Callable[[], Iterator[pa.RecordBatch]]
    about: str
    pieces: int
    files: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.schema.names)


def arrow(about: str) -> Any:
    """The package pyarrow.

    Raises:
        PerfrulesError: It is not installed.
    """
    return needed("pyarrow", about, "frames")


def needed(package: str, about: str, extra: str) -> Any:
    """A package of an extra.

    Raises:
        PerfrulesError: It is not installed.
    """
    from importlib import import_module

    try:
        return import_module(package)
    except ImportError:
        raise PerfrulesError([Finding("needs-extra", about=about, values={"extra": extra})]) from None


def text_table(header: list[str], rows: list[list[str]]) -> Any:
    """A table of texts in memory, as Arrow."""
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.Table.from_arrays(arrays, schema=pa.schema([(name, pa.string()) for name in header]))

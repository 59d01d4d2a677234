"""Tables through an engine: batches of rows in, the same rows with their scores out, as a stream of Arrow.

Polars scores batch by batch. DuckDB and Spark are given the whole table and run as they see fit. What comes out is the
same, and is written, counted and sampled by the same code.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfrules import output
from perfrules.errors import Finding, PerfrulesError, SubmissionError
from perfrules.frames.matching import Column
from perfrules.frames.names import appended
from perfrules.frames.tables import BATCH, Table, needed
from perfrules.ruleset.loaded import Ruleset

if TYPE_CHECKING:
    import pyarrow as pa

NAMES = ("polars", "duckdb", "spark")
"""The engines, the first of which runs unless another is asked for."""


@dataclass(frozen=True)
class Scoring:
    """What is scored, by what, and how.

    Attributes:
        ruleset: The rules.
        table: The rows.
        matched: The column of each fact.
        reasons: Whether the reasons are appended.
        master: Of Spark: the address of a cluster.
    """

    ruleset: Ruleset
    table: Table
    matched: Mapping[str, Column]
    reasons: bool = False
    master: str | None = None

    def frame(self, native: Any) -> Any:
        """A frame with its scores, as `scored` gives it."""
        from perfrules.frames.scoring import scored

        return scored(self.ruleset, native, self.matched, texts=self.table.texts, reasons=self.reasons)

    @property
    def appended(self) -> tuple[str, ...]:
        """The names of the columns that are appended."""
        return appended(self.ruleset, reasons=self.reasons)


Stream = Iterator["pa.Table"]


def stream(engine: str, scoring: Scoring, target: Path) -> contextlib.AbstractContextManager[Stream]:
    """The rows with their scores, batch by batch, at least one batch.

    Args:
        engine: One of `NAMES`.
        scoring: What is scored, by what, and how.
        target: Where they are written in the end; Spark keeps its parts beside it meanwhile.

    Raises:
        PerfrulesError: The engine is not installed, or cannot take these columns.
    """
    return {"polars": _polars, "duckdb": _duckdb, "spark": _spark}[engine](scoring, target)


def _rest(tables: Iterator[pa.Table], scoring: Scoring) -> Stream:
    """The tables, or one without rows where there is none."""
    import pyarrow as pa

    first = next(tables, None)
    if first is None:
        yield _batch(scoring, pa.RecordBatch.from_pylist([], schema=scoring.table.schema))
        return
    yield first
    yield from tables


# -- polars ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _polars(scoring: Scoring, _: Path) -> Iterator[Stream]:
    needed("polars", scoring.table.about, "frames")
    yield _rest((_batch(scoring, batch) for batch in scoring.table.open()), scoring)


def _batch(scoring: Scoring, batch: pa.RecordBatch) -> pa.Table:
    """One batch with its scores: only the columns that are read go through polars, the others stay as they are."""
    import pyarrow as pa

    found: pa.Table = scoring.frame(pa.Table.from_batches([batch]))
    return found


# -- DuckDB ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _duckdb(scoring: Scoring, _: Path) -> Iterator[Stream]:
    duckdb = needed("duckdb", "--engine duckdb", "duckdb")
    _refuse_same_names(scoring)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
        found = scoring.frame(_relation(connection, scoring.table))
        try:
            yield _rest(_read(found), scoring)
        except duckdb.Error as error:
            raise _failed("DuckDB", error) from None


def _relation(connection: Any, table: Table) -> Any:
    """A table as DuckDB has it: files of Parquet it reads itself, and all else as a stream."""
    import pyarrow as pa

    if table.files:
        return connection.read_parquet(list(table.files), hive_partitioning=False)
    return connection.from_arrow(pa.RecordBatchReader.from_batches(table.schema, table.open()))


def _read(relation: Any) -> Iterator[pa.Table]:
    import pyarrow as pa

    reader = (getattr(relation, "to_arrow_reader", None) or relation.fetch_record_batch)(BATCH)
    for batch in reader:
        if batch.num_rows:
            yield pa.Table.from_batches([batch])


def _refuse_same_names(scoring: Scoring) -> None:
    """Refuse columns whose names differ in case only, which are one name in SQL."""
    folded = Counter(name.casefold() for name in scoring.table.columns)
    twice = [name for name in scoring.table.columns if folded[name.casefold()] > 1]
    if twice:
        key = "duplicate-id.column"
        raise SubmissionError([Finding("duplicate-id", about=name, key=key, values={"name": name}) for name in twice])


def _failed(engine: str, error: Exception) -> PerfrulesError:
    reason = str(error).strip().partition("\n")[0]
    return PerfrulesError([Finding("cannot-write", about=engine, key="cannot-write.engine", values={"reason": reason})])


# -- Spark -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _spark(scoring: Scoring, target: Path) -> Iterator[Stream]:
    """Spark writes a file for each part of the table; they are read again in their order."""
    with output.scratch(target) as folder:
        parts = folder / "scored"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of PySpark about the versions of other packages
            _run_spark(scoring, folder, parts)
        yield _rest(_parts(parts), scoring)


def _parts(folder: Path) -> Iterator[pa.Table]:
    import pyarrow as pa
    from pyarrow import parquet

    for file in sorted(folder.glob("*.parquet")):
        with parquet.ParquetFile(file) as reader:
            for batch in reader.iter_batches(batch_size=BATCH):
                yield pa.Table.from_batches([batch])


def _run_spark(scoring: Scoring, folder: Path, parts: Path) -> None:
    needed("pyspark", "--engine spark", "spark")
    _refuse_same_names(scoring)
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    ours = SparkSession.getActiveSession() is None
    session = _session(scoring.master, folder / "spark.log")
    try:
        read = session.read.parquet(*(str(Path(file).absolute()) for file in _spark_files(scoring.table, folder)))
        scoring.frame(read).write.parquet(str(parts.absolute()))
    except PySparkException as error:
        raise _failed("Spark", error) from None
    finally:
        if ours:
            session.stop()


def _spark_files(table: Table, folder: Path) -> tuple[str, ...]:
    """Files of Parquet that hold the rows: its own, or else one that is written for Spark."""
    from pyarrow import parquet

    if table.files:
        return table.files
    file = folder / "rows.parquet"
    with parquet.ParquetWriter(file, table.schema) as writer:
        for batch in table.open():
            writer.write_batch(batch)
    return (str(file),)


def _session(master: str | None, log: Path) -> Any:
    """A session of Spark, whose Java writes what it has to say into a file.

    Raises:
        PerfrulesError: It does not start, mostly for want of Java.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("perfrules").master(master or "local[*]")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    try:
        with _errors_to(log):
            return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        key = "needs-extra.spark"
        values = {"extra": "spark", "reason": str(error).strip().partition("\n")[0]}
        raise PerfrulesError([Finding("needs-extra", about="Spark", key=key, values=values)]) from None


_SETTINGS = {
    "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
}  # fmt: skip


@contextlib.contextmanager
def _errors_to(log: Path) -> Iterator[None]:
    """Let what is started meanwhile write its errors into a file: Java greets with ten lines nobody asked for."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)

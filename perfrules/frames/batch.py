"""A file of rows scored into a file: opened, matched, streamed through an engine, written, counted, and spot-checked.

Nothing stands in its place before everything went well, and memory does not grow with rows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfrules import output, words
from perfrules.errors import Finding, PerfrulesError, SubmissionError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.scoring import check_scorable
from perfrules.frames import engines, reading, sample, writing
from perfrules.frames.matching import Column, Facts, match
from perfrules.frames.names import taken
from perfrules.frames.summary import Summary
from perfrules.frames.tables import Table, needed
from perfrules.ruleset.loaded import Ruleset

if TYPE_CHECKING:
    import pyarrow as pa

Tell = Callable[[str], None]
"""Is called with how far the work is, once for each batch."""


def _silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Batch:
    """A table that is opened, and the rules it is scored by.

    Attributes:
        ruleset: The rules.
        table: The rows.
        matched: The column of each fact.
    """

    ruleset: Ruleset
    table: Table
    matched: dict[str, Column]

    def score(
        self,
        target: Path,
        *,
        engine: str = engines.NAMES[0],
        master: str | None = None,
        reasons: bool = False,
        spot_check: int = 0,
        tell: Tell = _silent,
    ) -> Summary:
        """Write the rows with their scores; the file is there when all of it went well.

        Args:
            target: The file, by whose ending it is written; without an ending a folder of Parquet.
            engine: What runs the plan.
            master: Of Spark: the address of a cluster; this machine unless given.
            reasons: Whether `because` is appended as well.
            spot_check: How many rows, drawn at random, are scored exactly as well.
            tell: Is told how far the work is.

        Raises:
            PerfrulesError: Rows cannot be read or written, or a spot check found a difference.
        """
        self._check(target, engine, reasons)
        scoring = engines.Scoring(self.ruleset, self.table, self.matched, reasons, master)
        summary, drawn = Summary(self.ruleset), sample.Reservoir(spot_check)
        with engines.stream(engine, scoring, target) as tables:
            first = next(tables)
            with _writer(target, first.schema) as sink:
                for table in chain([first], tables):
                    with output.refusing(target):
                        sink(table)
                    summary.add(_polars(table.select(list(scoring.appended))))
                    drawn.offer(table)
                    tell(f"{summary.rows:,}")
                sample.check(self.ruleset, self.matched, drawn, texts=self.table.texts, reasons=reasons)
        return summary

    def _check(self, target: Path, engine: str, reasons: bool) -> None:
        """Refuse what cannot be written, before anything runs."""
        if target.suffix:
            writing.check(target)
        elif target.exists():
            raise PerfrulesError([Finding("exists", about=str(target), key="exists.folder")])
        if any(_same(Path(file), target) for file in (*self.table.files, self.table.about)):
            raise PerfrulesError([Finding("bad-value", about=str(target), key="bad-value.same-file")])
        found = taken(self.ruleset, self.table.columns, reasons=reasons, folded=engine != "polars")
        if found:
            raise SubmissionError(found)

    def explained(self, key: str, column: str | None = None) -> Evaluation:
        """The exact evaluation of one row, which derives every score of it.

        Args:
            key: What stands in the column; the number of the row, from 1, where no column is given.
            column: The column that names rows.

        Raises:
            SubmissionError: There is no such row, or no such column.
        """
        from perfrules.frames.rows import evaluate_row

        row = self._by_number(key) if column is None else self._by_key(key, column)
        return evaluate_row(self.ruleset, self.matched, row, texts=self.table.texts)

    def _by_number(self, key: str) -> dict[str, Any]:
        number = int(key) if key.isascii() and key.isdigit() and len(key) < 16 else 0
        if not number:
            values = {"given": key}
            raise SubmissionError([Finding("bad-value", about="--explain-row", key="bad-value.row", values=values)])
        before = 0
        for batch in self.table.open():
            if number <= before + batch.num_rows:
                return _row(batch, number - before - 1)
            before += batch.num_rows
        there = {"key": key, "rows": before}
        raise SubmissionError([Finding("no-row", about=self.table.about, key="no-row.number", values=there)])

    def _by_key(self, key: str, column: str) -> dict[str, Any]:
        if column not in self.table.columns:
            near = words.nearest(column, self.table.columns)
            values = {"column": column, "near": near or ""}
            name = "no-row.column.near" if near else "no-row.column"
            raise SubmissionError([Finding("no-row", about=self.table.about, key=name, values=values)])
        for batch in self.table.open():
            for index, found in enumerate(batch.column(batch.schema.get_field_index(column)).to_pylist()):
                if found is not None and str(found).strip() == key.strip():
                    return _row(batch, index)
        raise SubmissionError([Finding("no-row", about=self.table.about, values={"key": key, "column": column})])


def opened(ruleset: Ruleset, given: str, said: Iterable[str] = ()) -> Batch:
    """Open a table, and find the columns of the facts.

    Args:
        ruleset: What it is scored by.
        given: A file, a folder of Parquet or a glob.
        said: Which columns hold which facts, each as `FACT=COLUMN`, `FACT=COLUMN:UNIT`, or `FACT=` for none.

    Raises:
        SubmissionError: It cannot be read, or facts have no column; all findings.
        RulesetError: The ruleset is a framework, or reads tables.
    """
    for package in ("narwhals", "polars"):
        needed(package, "batch", "frames")
    check_scorable(ruleset)
    mapping = tuple(said)

    def matched(columns: Sequence[str]) -> dict[str, Column]:
        found = match(ruleset, columns, facts_said(mapping, columns))
        return {name: column for name, column in found.items() if column}

    def fits(columns: Sequence[str]) -> bool:
        try:
            return bool(matched(columns))
        except SubmissionError:
            return False

    table = reading.opened(given, fits)
    return Batch(ruleset, table, matched(table.columns))


def facts_said(said: Iterable[str], columns: Sequence[str]) -> Facts:
    """What `--map` says: `FACT=COLUMN`, `FACT=COLUMN:UNIT` (unless the column is called so), or `FACT=`.

    Raises:
        PerfrulesError: One is written otherwise.
    """
    found: dict[str, str | tuple[str, str] | None] = {}
    for text in said:
        fact, equals, column = text.partition("=")
        if not equals or not fact.strip():
            raise PerfrulesError([Finding("bad-value", about="--map", key="bad-value.map", values={"given": text})])
        name, colon, unit = column.rpartition(":")
        if not column.strip():
            found[fact.strip()] = None
        elif colon and column not in columns and name in columns:
            found[fact.strip()] = (name, unit.strip())
        else:
            found[fact.strip()] = column
    return found


def _row(batch: pa.RecordBatch, index: int) -> dict[str, Any]:
    return {name: column[index].as_py() for name, column in zip(batch.schema.names, batch.columns, strict=True)}


def _polars(table: pa.Table) -> Any:
    import polars as pl

    return pl.from_arrow(table)


def _same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return one.exists() and other.exists() and one.samefile(other)
    return False


@contextlib.contextmanager
def _writer(target: Path, schema: pa.Schema) -> Iterator[writing.Sink]:
    """What takes the rows: a file, or without an ending a folder of Parquet."""
    if target.suffix:
        with writing.writer(target, schema) as sink:
            yield sink
        return
    with output.folder_beside(target) as folder, writing.parts(folder, schema) as sink:
        yield sink

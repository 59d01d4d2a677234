"""score_frame(): every row of a frame scored by a ruleset, on the engine that holds the frame.

polars (eager and lazy), DuckDB relations and Spark frames are scored where they are; what is lazy stays lazy. Tables of
pyarrow and frames of pandas lend their columns to polars. Where an eager frame has rows whose decisions floats cannot
settle, these rows are scored exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from perfrules.errors import Finding, PerfrulesError, SubmissionError
from perfrules.evaluation.scoring import check_scorable
from perfrules.frames.matching import Column, Facts, match
from perfrules.frames.names import appended, taken
from perfrules.ruleset.library import load
from perfrules.ruleset.loaded import Ruleset

if TYPE_CHECKING:
    import polars as pl

    from perfrules.formula.systems.columns.terms import Term

Matched = Mapping[str, Column | None]


def score_frame(ruleset: Ruleset | str | Path, frame: Any, *, facts: Facts | None = None, reasons: bool = False) -> Any:
    """Score every row of a frame.

    Args:
        ruleset: A loaded ruleset, or what `load` takes. It may have no facts that are tables.
        frame: A polars `DataFrame` or `LazyFrame`, pandas `DataFrame`, pyarrow `Table`, DuckDB relation or PySpark
            `DataFrame`: a submission a row, a fact a column. Numbers are in the units that the ruleset declares beside
            the facts, percentages 0-100; null, NaN and values outside a fact's range are missing.
        facts: The column of a fact (or of `checklist.item`, or `judgement.level`) where it is not called as the fact
            is; with its unit, `("支出", "元")`, to convert from; None where there is no such column, so that the fact
            is missing in every row.
        reasons: Whether to append `because` too.

    Returns:
        The same kind of frame, lazy where it was lazy, with its rows and columns and these: `score.<indicator>`,
        `subtotal.<dimension>`, `total` (points; null where unknown or not applicable), `grade`, `status` (`scored` or
        `incomplete`), `coverage` (percent), `exact` (whether every decision is certainly that of the exact numbers;
        on eager frames such rows were scored exactly, so always), and `because`, such as
        `missing staff_posts; zero works_planned`. Scores are the floats nearest to the exact ones.

    Raises:
        SubmissionError: A fact has no column, or a column is of another type; all such findings at once.
        RulesetError: The ruleset cannot be read, or scores tables.
        PerfrulesError: An extra is not installed.
    """
    ruleset = ruleset if isinstance(ruleset, Ruleset) else load(ruleset)
    check_scorable(ruleset)
    return scored(ruleset, frame, match(ruleset, columns_of(frame), facts), reasons=reasons)


def columns_of(frame: Any) -> list[str]:
    """The names of a frame's columns; of a lazy one its schema is asked.

    Raises:
        TypeError: It is no frame.
    """
    for attribute in ("collect_schema", "column_names", "columns"):
        if (names := getattr(frame, attribute, None)) is not None:
            return [str(name) for name in (names().names() if attribute == "collect_schema" else names)]
    raise TypeError(f"not a frame that can be scored: {type(frame).__name__}")


def scored(ruleset: Ruleset, frame: Any, matched: Matched, *, texts: bool = False, reasons: bool = False) -> Any:
    """The frame with what is appended; its columns matched to facts beforehand.

    Args:
        ruleset: A ruleset that scores no tables.
        frame: As of `score_frame`.
        matched: The column of each name that formulas read.
        texts: Whether the columns of facts are texts, to be read as the cells of a table are.
        reasons: As of `score_frame`.

    Raises:
        SubmissionError: A column is of the wrong type, or one that would be appended is there already.
        TypeError: It is no frame that can be scored.
    """
    found = taken(ruleset, columns_of(frame), reasons=reasons)
    if found:
        raise SubmissionError(found)
    kind = type(frame).__module__.partition(".")[0].lstrip("_")
    score = _KINDS.get(kind)
    if score is None:
        raise TypeError(f"not a frame that can be scored: {type(frame).__name__}")
    try:
        return score(ruleset, frame, matched, texts, reasons)
    except ModuleNotFoundError as error:
        values = {"extra": "frames"}
        raise PerfrulesError([Finding("needs-extra", about=error.name or kind, values=values)]) from None


# -- engines ------------------------------------------------------------------------------------------------------


def _lazy(ruleset: Ruleset, frame: Any, matched: Matched, texts: bool, reasons: bool, *, plain: bool = False) -> Any:
    """Score where the frame is, by narwhals; with `plain`, what is appended is called `a0`, `a1` and so on."""
    import narwhals as nw

    around = nw.from_native(frame)
    found = _laid(around, _plan(ruleset, around.collect_schema(), matched, "narwhals", texts, reasons), plain=plain)
    return found.to_native()


def _laid(frame: Any, plan: _Planned, *, plain: bool = False) -> Any:
    """A frame with what a plan appends."""
    names = frame.collect_schema().names()
    for layer in plan.layers:
        frame = frame.with_columns(**{name: term.expr for name, term in layer.items()})
    new = [term.expr.alias(f"a{i}" if plain else name) for i, (name, term) in enumerate(plan.appended.items())]
    return frame.select(*names, *new)


class _Planned(NamedTuple):
    """Columns that are laid down, each layer reading the frame and the layers below; and those that are appended."""

    layers: Sequence[Mapping[str, Term]]
    appended: Mapping[str, Term]


def _plan(ruleset: Ruleset, schema: Any, matched: Matched, api: str, texts: bool, reasons: bool) -> _Planned:
    """The plan for a frame; that of the last few kinds of frames is kept, since it takes longer than a small frame."""
    return _planned(ruleset, tuple(schema.items()), tuple(matched.items()), api, texts, reasons)


@lru_cache(maxsize=32)
def _planned(
    ruleset: Ruleset, schema: tuple[tuple[str, Any], ...], matched: tuple[tuple[str, Column | None], ...], api: str,
    texts: bool, reasons: bool,
) -> _Planned:  # fmt: skip
    from perfrules.formula.systems.columns.terms import Terms
    from perfrules.frames.appended import appended as appended_columns
    from perfrules.frames.entry import Entry
    from perfrules.frames.plan import Layers, Plan

    layers = Layers(Terms(import_module(api)))
    entry = Entry(ruleset, dict(schema), dict(matched), layers, read_as_texts=texts, reasons=reasons)
    plan = Plan(ruleset.program, entry.values(), layers, reasons=reasons)
    return _Planned(layers.layers, appended_columns(plan, reasons=reasons))


def _spark(ruleset: Ruleset, frame: Any, matched: Matched, texts: bool, reasons: bool) -> Any:
    """Score a frame of Spark, for which a dot in a column's name is a field of a structure: it gets plain names."""
    names = columns_of(frame)
    plain = {name: f"c{index}" for index, name in enumerate(names)}
    renamed = {key: column and column._replace(name=plain[column.name]) for key, column in matched.items()}
    found = _lazy(ruleset, frame.toDF(*plain.values()), renamed, texts, reasons, plain=True)
    return found.toDF(*names, *appended(ruleset, reasons=reasons))


def _polars(ruleset: Ruleset, frame: Any, matched: Matched, texts: bool, reasons: bool) -> Any:
    import polars as pl

    if isinstance(frame, pl.DataFrame):
        return _eager(ruleset, frame, matched, texts, reasons)
    return _on_polars(ruleset, frame, matched, texts, reasons)


def _on_polars(ruleset: Ruleset, frame: pl.LazyFrame, matched: Matched, texts: bool, reasons: bool) -> pl.LazyFrame:
    import narwhals as nw

    schema = nw.from_native(frame).collect_schema()
    found: pl.LazyFrame = _laid(frame, _plan(ruleset, schema, matched, "polars", texts, reasons))
    return found


def _eager(ruleset: Ruleset, frame: pl.DataFrame, matched: Matched, texts: bool, reasons: bool) -> pl.DataFrame:
    """Score a frame whose rows are at hand: what floats cannot settle is scored exactly."""
    found = _on_polars(ruleset, frame.lazy(), matched, texts, reasons).collect()
    doubtful = (~found["exact"]).arg_true().to_list()
    if not doubtful:
        return found
    from perfrules.frames import rows

    again = [
        rows.appended(rows.evaluate_row(ruleset, matched, frame.row(index, named=True), texts=texts), reasons=reasons)
        for index in doubtful
    ]
    names = found.columns[len(frame.columns) :]
    return found.with_columns(found[name].scatter(doubtful, [row[name] for row in again]) for name in names)


def _arrow(ruleset: Ruleset, table: Any, matched: Matched, texts: bool, reasons: bool) -> Any:
    """Score a table of pyarrow; columns that are no facts never leave it."""
    import polars as pl
    import pyarrow as pa

    names = _read(matched)
    found = pl.from_arrow(table.select(names)) if names else pl.DataFrame({"": [None] * table.num_rows})
    facts = cast(pl.DataFrame, found)  # of a table
    found = _eager(ruleset, facts, matched, texts, reasons)
    for name in found.columns[len(facts.columns) :]:
        column = found[name].to_arrow()
        is_text = pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type)
        table = table.append_column(name, column.cast(pa.string()) if is_text else column)
    return table


def _read(matched: Matched) -> list[str]:
    """The columns that facts are read from, each once."""
    return list(dict.fromkeys(column.name for column in matched.values() if column is not None))


def _pandas(ruleset: Ruleset, frame: Any, matched: Matched, texts: bool, reasons: bool) -> Any:
    """Score a frame of pandas; what is appended knows nulls, which NumPy's columns do not."""
    import pandas as pd
    import pyarrow as pa

    names = _read(matched)
    table = _arrow(ruleset, pa.Table.from_pandas(frame[names], preserve_index=False), matched, texts, reasons)
    new = table.drop_columns(names).to_pandas(types_mapper=pd.ArrowDtype)
    new.index = frame.index
    return pd.concat([frame, new], axis=1)


_KINDS = {"polars": _polars, "duckdb": _lazy, "pyspark": _spark, "pyarrow": _arrow, "pandas": _pandas}
"""How the frames of each package are scored, by the package's name."""

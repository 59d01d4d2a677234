"""Every row of the conformance data through the columns system: all rows in one frame, all formulas over it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import import_module
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from perfrules.formula.evaluator import Evaluator
from perfrules.formula.systems.columns.floats import Number
from perfrules.formula.systems.columns.footing import Footing
from perfrules.formula.systems.columns.system import ColumnsSystem
from perfrules.formula.systems.columns.terms import Terms, listed, when
from perfrules.formula.systems.columns.values import Nothing, footing_of
from perfrules.frames.entry import Entry
from perfrules.frames.matching import Column
from perfrules.frames.plan import Layers
from perfrules.ruleset.names import NUMERIC

from .rows import Row, Vocabulary, rows

TABLES = ("sum", "mean", "weighted_mean", "lowest_of", "highest_of")
ROWS = [row for row in rows() if "error" not in row.asked and not row.in_check and row.in_doubles]


def reads_a_table(row: Row, vocabulary: Vocabulary) -> bool:
    facts = vocabulary.ruleset.program.facts
    names = {node.id.partition(".")[0] for node in ast.walk(row.tree) if isinstance(node, ast.Name)}
    return any(facts[name].kind == "table" for name in names & facts.keys())


def frame(vocabulary: Vocabulary, those: list[Row]) -> pl.DataFrame:
    """The facts of the rows, a row each."""
    columns: dict[str, Any] = {}
    for name, fact in vocabulary.ruleset.program.facts.items():
        if fact.kind == "checklist":
            columns |= dict.fromkeys((f"{name}.{item}" for item in fact.items), pl.Boolean)
        elif fact.kind != "table":
            types = {"truth": pl.Boolean, "date": pl.Date}
            columns[name] = pl.Float64 if fact.kind in NUMERIC else types.get(fact.kind, pl.String)
        if fact.kind == "judgement":
            columns[f"{name}.level"] = pl.String
    cells = [dict(_cells(row)) for row in those]
    return pl.DataFrame([{name: row.get(name) for name in columns} for row in cells], schema=columns)


def _cells(row: Row) -> Iterator[tuple[str, Any]]:
    for name, said in row.facts.items():
        value = said.get("value", said.get("rate")) if isinstance(said, dict) else said
        if isinstance(said, dict) and "level" in said:
            yield f"{name}.level", said["level"]
        if isinstance(value, dict):
            yield from ((f"{name}.{item}", answer) for item, answer in value.items())
        elif not isinstance(value, list):
            yield name, float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


@cache
def answers(engine: str, folder: str) -> tuple[list[Row], list[dict[str, Any]]]:
    """The rows that a frame can answer, and what it answers: `v0`, `v1`, … and why there is none, `w0`, `w1`, …."""
    from pathlib import Path

    vocabulary = Vocabulary(Path(folder))
    those = [row for row in ROWS if not reads_a_table(row, vocabulary)]
    asked = frame(vocabulary, those)
    terms = Terms(import_module("polars" if engine == "polars" else "narwhals"))
    layers = Layers(terms)
    schema = nw.from_native(asked).schema
    entry = Entry(vocabulary.ruleset, schema, {name: Column(name) for name in asked.columns}, layers, reasons=True)
    names = {name.partition(".")[0] for name in asked.columns} | set(asked.columns)
    entry.reads = Counter(dict.fromkeys(names, 2))
    system = ColumnsSystem(terms, layers.keep, reasons=True)
    run = Evaluator(system, entry.values(), lambda step: None)
    new: dict[str, Any] = {}
    for index, row in enumerate(those):
        value = run.visit(row.tree)
        new[f"v{index}"] = _column(value, terms)
        new[f"w{index}"] = _reasons(footing_of(value), terms)
    native: Any = asked.lazy()
    if engine == "duckdb":
        import duckdb

        native = nw.from_native(duckdb.connect().from_arrow(asked.to_arrow()))
    for layer in layers.layers:
        native = native.with_columns(**{name: term.expr for name, term in layer.items()})
    found = native.select(*(term.expr.alias(name) for name, term in new.items()))
    table: Any = found.collect() if engine == "polars" else pl.from_arrow(found.to_native().to_arrow_table())
    return those, table.rows(named=True)


def _column(value: Any, terms: Terms) -> Any:
    if isinstance(value, Nothing):
        return terms.no_number
    if isinstance(value, Fraction):
        return terms.literal(float(value))
    if isinstance(value, bool | str | date):
        return terms.literal(value)
    return value.value if isinstance(value, Number) else value.term


def _reasons(footing: Footing, terms: Terms) -> Any:
    pieces = [when(cause.term, f"{kind}:{about}") for (kind, about), cause in sorted(footing.causes.items())]
    return listed(pieces, "|") if pieces else terms.no_text


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("columns"))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_every_row_has_its_value_or_its_reasons(engine: str, folder: str) -> None:
    those, found = answers(engine, folder)
    assert len(those) > 300
    wrong = []
    for index, (row, answer) in enumerate(zip(those, found, strict=True)):
        value, why = answer[f"v{index}"], answer[f"w{index}"]
        if "unknown" in row.asked:
            right = value is None and why == "|".join(row.reasons)
        elif isinstance(value, float):
            right = value == pytest.approx(float(row.value), rel=1e-12, abs=1e-12)
        else:
            right = value == row.value and type(value) is type(row.value)
        if not right:
            wrong.append((str(row), value, why))
    assert not wrong

"""Columns of texts, read by expressions as cells are read one by one."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

import perfrules
from perfrules.frames.matching import match
from perfrules.frames.rows import appended, differences, evaluate_row
from perfrules.frames.scoring import scored
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.names import fact_of

from .drawn import rows

NUMBERS = (
    "{:,.2f}",
    "{:.0f}",
    " {:.1f} ",
    "{:.2f}%",
    "+{:.2f}",
    "{:.1f}元",
    "1,23",
    "１２",
    "--",
    "1e3",
    "{:.2f}\n",
    ".5",
)
DATES = (
    "{:%Y-%m-%d}",
    "{0.year}/{0.month}/{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "2023年2月30日",
    "2024-02-29",
    "{:%m/%d/%Y}",
)
TRUTHS = {True: ("是", "TRUE", "√", "1", "有"), False: ("否", "no", "×", "0", "maybe")}


def as_texts(ruleset: Ruleset, frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    """The cells of a frame as somebody might have typed them."""
    columns = {name: [_typed(ruleset, name, cell, random) for cell in frame[name]] for name in frame.columns}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _typed(ruleset: Ruleset, name: str, cell: Any, random: Random) -> str | None:
    fact = ruleset.program.facts[fact_of(name)]
    if cell is None:
        return random.choice([None, "", "  "])
    if fact.kind == "judgement" and random.random() < 0.2:
        step = random.choice(ruleset.declaration.levels[str(fact.levels)].steps)
        return random.choice([step.id, *step.title.values()])
    if isinstance(cell, bool):
        return random.choice(TRUTHS[cell])
    if isinstance(cell, date):
        return random.choice(DATES).format(cell)
    if isinstance(cell, float):
        return random.choice(NUMBERS).format(cell) if math.isfinite(cell) else str(cell)
    return str(random.choice([cell, f" {cell}", *fact.choices.get(cell, {}).values()]))


@pytest.mark.parametrize(
    "name",
    [
        "rulesets/cn/department-overall-2013", "rulesets/pefa/2016-scoring", "rulesets/us/part-2002",
        "rulesets/cn/project-core-indicators-2021/examples/plan-without-satisfaction.toml",
        "rulesets/cn/project-self-evaluation-2020/examples/plan.toml",
    ],
)  # fmt: skip
def test_texts_are_read_as_cells_are(name: str, project_root: Path) -> None:
    import duckdb

    ruleset = perfrules.load(project_root / name)
    frame = as_texts(ruleset, rows(ruleset, 60, Random(name), missing=0.01), Random(name))
    matched = match(ruleset, frame.columns)
    wanted = [
        appended(evaluate_row(ruleset, matched, row, texts=True), reasons=True) for row in frame.iter_rows(named=True)
    ]
    with duckdb.connect() as connection:
        relation = scored(ruleset, connection.from_arrow(frame.to_arrow()), matched, texts=True, reasons=True)
        tables = (scored(ruleset, frame, matched, texts=True, reasons=True), pl.from_arrow(relation.to_arrow_table()))
    for table in tables:
        assert isinstance(table, pl.DataFrame)
        for want, got, row in zip(wanted, table.iter_rows(named=True), frame.iter_rows(named=True), strict=True):
            assert not [(column, want[column], got[column]) for column in differences(want, got)], row

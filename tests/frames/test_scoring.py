"""Rows of frames against the exact evaluation of each: on every engine, by rulesets that are real and ones drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

import perfrules
from perfrules.errors import PerfrulesError
from perfrules.frames.matching import match
from perfrules.frames.rows import appended, differences, evaluate_row
from perfrules.frames.scoring import score_frame
from perfrules.ruleset.library import Ruleset

from .drawn import rows
from .made import one_row, several_rows

Score = Callable[[Ruleset, pl.DataFrame], pl.DataFrame]
SCORED_BY_ROWS = (
    "rulesets/pefa/2016-scoring", "rulesets/us/part-2002", "rulesets/us/part-2002/examples/total.toml",
    "rulesets/cn/project-self-evaluation-hebei/examples/plan.toml",
    "rulesets/cn/project-core-indicators-2021/examples/plan.toml",
    "rulesets/cn/project-core-indicators-2021/examples/plan-without-satisfaction.toml",
    "rulesets/cn/project-core-indicators-2021-without-cost/examples/plan.toml",
    "rulesets/cn/project-self-evaluation-2020/examples/plan.toml",
    "rulesets/cn/project-self-evaluation-2020/examples/zero-target.toml",
    "rulesets/cn/platform-caps/examples/plan.toml", "rulesets/cn/department-overall-2013",
    "rulesets/cn/department-overall-yueyang-2018", "rulesets/cn/project-evaluation-2020",
    "docs/examples/julu-2022/ruleset.toml", "docs/examples/langfang-2019/ruleset.toml", "tests/bench/ruleset.toml",
)  # fmt: skip


def on_polars(ruleset: Ruleset, frame: pl.DataFrame) -> pl.DataFrame:
    """Scored as a lazy frame, which is not scored exactly anywhere."""
    found: pl.DataFrame = score_frame(ruleset, frame.lazy(), reasons=True).collect()
    return found


def on_pandas(ruleset: Ruleset, frame: pl.DataFrame) -> pl.DataFrame:
    found = pl.from_pandas(score_frame(ruleset, frame.to_pandas(use_pyarrow_extension_array=True), reasons=True))
    assert isinstance(found, pl.DataFrame)
    return found


def on_duckdb(ruleset: Ruleset, frame: pl.DataFrame) -> pl.DataFrame:
    import duckdb

    with duckdb.connect() as connection:
        table = score_frame(ruleset, connection.from_arrow(frame.to_arrow()), reasons=True).to_arrow_table()
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found


def check(frame: pl.DataFrame, scored: pl.DataFrame, wanted: list[dict[str, Any]]) -> int:
    """Compare every row that the frame does not mark; how many it marks."""
    assert scored.columns[: len(frame.columns)] == frame.columns
    assert scored.columns[len(frame.columns) :] == list(wanted[0])
    marked = 0
    for index, (want, got) in enumerate(zip(wanted, scored.iter_rows(named=True), strict=True)):
        if not got["exact"]:
            marked += 1
            continue
        off = [(name, want[name], got[name]) for name in differences(want, got)]
        assert not off, (index, frame.row(index, named=True), off)
    return marked


def exactly(ruleset: Ruleset, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """What every row must say."""
    matched = match(ruleset, frame.columns)
    return [appended(evaluate_row(ruleset, matched, row), reasons=True) for row in frame.iter_rows(named=True)]


@pytest.mark.parametrize("name", SCORED_BY_ROWS)
def test_rows_of_real_rulesets_score_as_exactly(name: str, project_root: Path) -> None:
    ruleset = perfrules.load(project_root / name)
    frame = pl.concat([rows(ruleset, 80, Random(name)), rows(ruleset, 60, Random(name + "!"), missing=0.001)])
    wanted = exactly(ruleset, frame)
    for score in (on_polars, on_pandas, on_duckdb):
        assert check(frame, score(ruleset, frame), wanted) <= len(frame) / 10


def test_other_rulesets_are_refused(project_root: Path) -> None:
    every = [*project_root.glob("rulesets/**/*.toml"), *project_root.glob("docs/examples/*/ruleset.toml")]
    listed = {(project_root / name) for name in SCORED_BY_ROWS}
    for path in every:
        if path in listed or path.parent in listed or "[ruleset]" not in path.read_text(encoding="utf-8"):
            continue
        with pytest.raises(PerfrulesError):  # frames, overlays, and the one plan that reads a table
            score_frame(perfrules.load(path), pl.DataFrame({"x": [1.0]}))


def drawn_ruleset(seed: int, folder: Path) -> Ruleset | None:
    """A random ruleset that reads no tables; None where what was drawn cannot be loaded."""
    random = Random(seed)
    path = folder / "ruleset.toml"
    path.write_text((several_rows if seed % 2 else one_row)(random), encoding="utf-8")
    try:
        return perfrules.load(path)
    except PerfrulesError:
        return None


@pytest.mark.parametrize("seed", range(0, 300, 10))
def test_rows_of_drawn_rulesets_score_as_exactly(seed: int, tmp_path: Path) -> None:
    for number in range(seed, seed + 10):
        ruleset = drawn_ruleset(number, tmp_path)
        if ruleset is None:
            continue
        frame = rows(ruleset, 30, Random(number))
        if not frame.columns:  # it reads no facts
            continue
        wanted = exactly(ruleset, frame)
        check(frame, on_polars(ruleset, frame), wanted)
        if number % 5 < 2 and number % 10 < 5:
            check(frame, on_duckdb(ruleset, frame), wanted)
            assert check(frame, score_frame(ruleset, frame, reasons=True), wanted) == 0


@pytest.mark.xdist_group("spark")
def test_rows_on_spark_score_as_exactly(spark: Any, project_root: Path, tmp_path: Path) -> None:
    real = [perfrules.load(project_root / name) for name in SCORED_BY_ROWS if "2020" in name or "yueyang" in name]
    drawn = [drawn_ruleset(seed, tmp_path) for seed in (3, 5, 7)]
    for index, ruleset in enumerate(filter(None, [*real, *drawn])):
        frame = rows(ruleset, 60, Random(index))
        found = pl.from_arrow(score_frame(ruleset, spark.createDataFrame(frame.to_arrow()), reasons=True).toArrow())
        assert isinstance(found, pl.DataFrame)
        check(frame, found, exactly(ruleset, frame))

"""score_frame as a caller meets it: kinds of frames, types of columns, what is refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import perfrules
from perfrules.errors import PerfrulesError, RulesetError, SubmissionError
from perfrules.ruleset.library import Ruleset

TEXT = """
format = 1
[ruleset]
id = "test/frames"
[units]
"万元" = "10000 元"
[scales.grade]
steps = [{ id = "good", from = 80 }, { id = "poor", from = 0 }]
[levels.three]
steps = [{ id = "high", from = 60, to = 100 }, { id = "low", from = 0, below = 60 }]
[facts.spent]
kind = "amount"
unit = "万元"
range = [0, 1000]
[facts.budget]
kind = "amount"
unit = "万元"
range = [0, 1000]
[facts.effect]
kind = "judgement"
levels = "three"
[facts.finished]
kind = "date"
[facts.way]
kind = "choice"
choices = { open = "公开", closed = "其他" }
[facts.audited]
kind = "truth"
[dimensions.d]
[indicators.execution]
dimension = "d"
weight = 60
value = "percent(spent, budget)"
unit = "%"
score = "weight * clamp(value, 0, 100) / 100"
[indicators.effect]
dimension = "d"
weight = 20
score = "weight * value / 100"
[indicators.rules]
dimension = "d"
weight = 20
score = "weight if way == 'open' and audited and finished <= '2023-06-30' else 0"
applies = "audited or spent > 0"
[total]
scale = "grade"
"""
ROW = {
    "spent": 57.5, "budget": 100.0, "effect": 80.0, "finished": date(2023, 6, 30), "way": "open", "audited": True,
}  # fmt: skip


@pytest.fixture(scope="session")
def ruleset(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    path = tmp_path_factory.mktemp("frames") / "ruleset.toml"
    path.write_text(TEXT, encoding="utf-8")
    return perfrules.load(path)


def one(ruleset: Ruleset, *, reasons: bool = False, facts: Any = None, **changes: Any) -> dict[str, Any]:
    """The row of facts, some of them otherwise, scored."""
    frame = pl.DataFrame([{**ROW, **changes}])
    found: dict[str, Any] = perfrules.score_frame(ruleset, frame, reasons=reasons, facts=facts).row(0, named=True)
    return found


def test_what_is_appended_stands_behind_what_was_there(ruleset: Ruleset) -> None:
    frame = pl.DataFrame([{"name": "甲", **ROW}])
    scored = perfrules.score_frame(ruleset, frame, reasons=True)
    assert scored.columns == [
        "name", *ROW, "score.execution", "score.effect", "score.rules", "subtotal.d", "total", "grade", "status", "coverage",
        "exact", "because",
    ]  # fmt: skip
    assert scored.row(0)[7:] == (34.5, 16.0, 20.0, 70.5, 70.5, "poor", "scored", 100.0, True, None)


def test_a_lazy_frame_stays_lazy(ruleset: Ruleset) -> None:
    scored = perfrules.score_frame(ruleset, pl.LazyFrame([ROW]))
    assert isinstance(scored, pl.LazyFrame)
    assert scored.select("total").collect().item() == 70.5


def test_each_kind_of_frame_comes_back_as_its_kind(ruleset: Ruleset) -> None:
    import duckdb
    import pandas as pd
    import pyarrow as pa

    table = pl.DataFrame([ROW]).to_arrow()
    arrow = perfrules.score_frame(ruleset, table)
    assert isinstance(arrow, pa.Table)
    assert arrow["grade"].to_pylist() == ["poor"]
    assert arrow.schema.field("grade").type == pa.string()
    pandas = perfrules.score_frame(
        ruleset, pd.DataFrame([ROW], index=["r7"]).assign(finished=pd.Timestamp("2023-06-30"))
    )
    assert list(pandas.index) == ["r7"]
    assert pandas.loc["r7", "total"] == 70.5
    with duckdb.connect() as connection:
        relation = perfrules.score_frame(ruleset, connection.from_arrow(table))
        assert isinstance(relation, duckdb.DuckDBPyRelation)
        assert relation.select("total").fetchall() == [(70.5,)]


def test_missing_is_null_and_names_its_reasons(ruleset: Ruleset) -> None:
    found = one(ruleset, reasons=True, spent=None, budget=0.0)
    assert (found["score.execution"], found["score.effect"], found["total"], found["grade"]) == (None, 16.0, None, None)
    assert (found["status"], found["coverage"]) == ("incomplete", 40.0)
    assert found["because"] == "missing spent; zero budget"


@pytest.mark.parametrize("spent", [float("nan"), float("inf"), -1.0, 1000.01, None])
def test_what_is_no_number_or_out_of_range_is_missing(ruleset: Ruleset, spent: float | None) -> None:
    assert one(ruleset, reasons=True, spent=spent)["because"] == "missing spent"


def test_a_row_that_does_not_apply_is_null_and_scored(ruleset: Ruleset) -> None:
    found = one(ruleset, audited=False, spent=0.0)
    assert (found["score.rules"], found["subtotal.d"], found["total"]) == (None, 20.0, 20.0)
    assert (found["status"], found["coverage"]) == ("scored", 100.0)


@pytest.mark.parametrize(
    ("level", "rate", "score", "because"),
    [
        ("high", 80.0, 16.0, None),
        ("high", None, None, "judged effect"),
        ("low", 80.0, None, "missing effect"),
        ("low", 60.0, None, "missing effect"),
        ("nonsense", 80.0, None, "missing effect"),
        (None, 80.0, 16.0, None),
        (None, None, None, "missing effect"),
    ],
)
def test_a_rate_lies_in_its_level(
    ruleset: Ruleset, level: str | None, rate: float | None, score: float | None, because: str | None
) -> None:
    frame = pl.DataFrame(
        [{**ROW, "effect": rate, "effect.level": level}],
        schema_overrides={"effect": pl.Float64, "effect.level": pl.String},
    )
    found = perfrules.score_frame(ruleset, frame, reasons=True).row(0, named=True)
    assert (found["score.effect"], found["because"]) == (score, because)


def test_columns_are_named_and_converted(ruleset: Ruleset) -> None:
    frame = pl.DataFrame([{**ROW, "支出": 575_000.0}]).drop("spent")
    scored = perfrules.score_frame(ruleset, frame, facts={"spent": ("支出", "元")})
    assert scored["score.execution"].item() == 34.5


def test_a_fact_without_a_column_is_missing_where_the_caller_says_so(ruleset: Ruleset) -> None:
    frame = pl.DataFrame([ROW]).drop("audited")
    scored = perfrules.score_frame(ruleset, frame, facts={"audited": None}, reasons=True)
    assert scored["because"].item() == "missing audited"
    assert scored["score.execution"].item() == 34.5


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("spent", pl.Series([57], dtype=pl.Int64)),
        ("spent", pl.Series([57], dtype=pl.UInt8)),
        ("spent", pl.Series([Decimal("57.00")], dtype=pl.Decimal(10, 2))),
        ("spent", pl.Series([57.0], dtype=pl.Float32)),
        ("way", pl.Series(["open"], dtype=pl.Categorical)),
        ("finished", pl.Series([datetime(2023, 6, 30)])),  # noqa: DTZ001  (as frames have them)
    ],
)
def test_columns_of_like_types_are_read(ruleset: Ruleset, column: str, values: pl.Series) -> None:
    frame = pl.DataFrame([{**ROW, "spent": 57.0}]).with_columns(values.alias(column))
    assert perfrules.score_frame(ruleset, frame)["total"].item() == 70.2


def test_a_time_of_day_is_no_date(ruleset: Ruleset) -> None:
    found = one(ruleset, reasons=True, finished=datetime(2023, 6, 30, 8))  # noqa: DTZ001  (as frames have them)
    assert found["because"] == "missing finished"


def test_columns_of_wrong_types_are_one_error(ruleset: Ruleset) -> None:
    wrong: dict[str, Any] = {"spent": "57.5", "finished": "2023-06-30", "audited": 1, "way": 3}
    with pytest.raises(SubmissionError) as raised:
        one(ruleset, **wrong)
    assert [(finding.code, finding.about) for finding in raised.value.findings] == [
        ("wrong-column", f"facts.{name}") for name in ("spent", "finished", "way", "audited")
    ]


def test_columns_that_are_not_there_are_one_error(ruleset: Ruleset) -> None:
    with pytest.raises(SubmissionError) as raised:
        perfrules.score_frame(ruleset, pl.DataFrame({"spent": [1.0]}))
    assert {finding.code for finding in raised.value.findings} == {"no-column"}
    assert len(raised.value.findings) == 5


def test_a_frame_is_not_scored_twice(ruleset: Ruleset) -> None:
    scored = perfrules.score_frame(ruleset, pl.DataFrame([ROW]))
    with pytest.raises(SubmissionError, match="column-taken"):
        perfrules.score_frame(ruleset, scored)


def test_a_column_of_nulls_is_a_fact_that_is_missing(ruleset: Ruleset) -> None:
    frame = pl.DataFrame([ROW]).with_columns(pl.lit(None).alias("spent"))
    assert perfrules.score_frame(ruleset, frame, reasons=True)["because"].item() == "missing spent"


def test_no_rows_give_no_rows(ruleset: Ruleset) -> None:
    scored = perfrules.score_frame(ruleset, pl.DataFrame([ROW]).clear())
    assert scored.shape == (0, 15)


def test_a_framework_and_what_is_no_frame_are_refused(ruleset: Ruleset) -> None:
    with pytest.raises(RulesetError, match="no-ruleset"):
        perfrules.score_frame("cn/project-self-evaluation-2020", pl.DataFrame([ROW]))
    with pytest.raises(TypeError, match="not a frame"):
        perfrules.score_frame(ruleset, {"spent": [1.0]})


def test_a_ruleset_with_a_table_is_refused(project_root: Path) -> None:
    plan = project_root / "rulesets/cn/project-self-evaluation-2020-hubei/examples/plan.toml"
    with pytest.raises(PerfrulesError, match="frame-table"):
        perfrules.score_frame(plan, pl.DataFrame([ROW]))


DOUBT = TEXT.replace("range = [0, 1000]\n", "").replace(
    'score = "weight * clamp(value, 0, 100) / 100"', 'score = "weight if value >= 60 else 0"', 1
)


def test_what_floats_cannot_tell_is_marked_and_settled_exactly(tmp_path: Path) -> None:
    """60 % of 10^16 and one hundredth less are the same to the tolerance, and their divisor is 10^18 units."""
    path = tmp_path / "ruleset.toml"
    path.write_text(DOUBT, encoding="utf-8")
    ruleset = perfrules.load(path)
    rows = [{**ROW, "spent": spent, "budget": 1e16} for spent in (6e15, 6e15 - 1, 5.9e15)]
    lazy = perfrules.score_frame(ruleset, pl.LazyFrame(rows)).collect()
    assert lazy["exact"].to_list() == [False, False, True]
    assert lazy["score.execution"].to_list() == [60.0, 60.0, 0.0]
    eager = perfrules.score_frame(ruleset, pl.DataFrame(rows))
    assert eager["exact"].to_list() == [True, True, True]
    assert eager["score.execution"].to_list() == [60.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("spent", "budget", "score"),
    [(606.69, 567.0, 107.0), (0.29, 1.0, 29.0), (1.15, 1.0, 115.0), (2.675, 1.0, 267.5), (0.005, 1.0, 0.5)],
)
def test_values_that_floats_miss_count_as_what_they_are(
    tmp_path: Path, spent: float, budget: float, score: float
) -> None:
    """606.69 / 567.00 is 107 %, and a float of it is 106.99999999999999."""
    path = tmp_path / "ruleset.toml"
    path.write_text(
        TEXT.replace('score = "weight * clamp(value, 0, 100) / 100"', f'score = "60 if value == {score} else 0"', 1),
        encoding="utf-8",
    )
    ruleset = perfrules.load(path)
    assert one(ruleset, spent=spent, budget=budget)["score.execution"] == 60.0


WHOLE = """
format = 1
[ruleset]
id = "test/whole"
[units]
"万元" = "10000 元"
[facts.a]
kind = "number"
unit = "万元"
{range}
[dimensions.d]
[indicators.row]
dimension = "d"
weight = 10
score = "clamp(abs(a), 0, 10)"
[total]
"""


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("bits", [8, 16, 32, 64])
@pytest.mark.parametrize("ends", ["", "[0, 100]", "[-300, 70000]", "[0.5, 3.99]", "[1000, 2000]", "[-9, -1]"])
@pytest.mark.parametrize("unit", ["万元", "元"])
def test_whole_numbers_of_every_type_are_within_a_range_or_missing(
    bits: int, signed: bool, ends: str, unit: str, tmp_path: Path
) -> None:
    path = tmp_path / "ruleset.toml"
    path.write_text(WHOLE.format(range=ends and f"range = {ends}"), encoding="utf-8")
    ruleset = perfrules.load(path)
    type_ = getattr(pl, f"Int{bits}" if signed else f"UInt{bits}")
    least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    near = [0, 1, 4, 9, 10, 100, 101, 255, 300, 5000, 39_900, 40_000, 70_000, 700_000_001, -1, -9, -300, -301, -90_000]
    values = sorted({least, least + 1, most, *(value for value in near if least <= value <= most)})
    frame = pl.DataFrame({"a": pl.Series([*values, None], dtype=type_)})
    scored = perfrules.score_frame(ruleset, frame, facts={"a": ("a", unit)}, reasons=True)
    for value, score, because in scored.select("a", "score.row", "because").iter_rows():
        given = {} if value is None else {"facts": {"a": {"value": value, "unit": unit}}}
        wanted = perfrules.evaluate(ruleset, given)["row"].score
        assert (score, because) == ((None, "missing a") if wanted is None else (float(wanted), None)), value

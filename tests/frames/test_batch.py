"""`perfrules batch` on tables as people have them: the scores, the files that are written, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from commands import Ran, run

from perfrules.errors import PerfrulesError
from perfrules.frames import rows as exact
from perfrules.frames import sample
from perfrules.frames.batch import opened
from perfrules.frames.sample import Reservoir

from .village import HEADER, ROWS, TEXT, TOTALS, csv_of, parquet_of, read_csv, rules, ruleset


def batch(folder: Path, given: Path | str, *more: str | Path) -> Ran:
    return run("batch", ruleset(folder), given, "--lang", "en", *more)


def refused(ran: Ran) -> str:
    """The code of the only finding that a command ended with."""
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.count("[") >= 1
    assert "Traceback" not in ran.err
    return ran.err.partition("]")[0].rpartition("[")[2]


def left(folder: Path) -> set[str]:
    """The files of a folder, hidden ones too, but the rules."""
    return {path.name for path in folder.iterdir()} - {"village.toml"}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_of_a_spreadsheet_is_scored_as_it_is(tmp_path: Path, encoding: str, engine: str) -> None:
    given = csv_of(tmp_path / "表.csv", encoding=encoding)
    ran = batch(tmp_path, given, "-o", tmp_path / "out.csv", "--engine", engine, "--spot-check", "4")
    assert ran.status == 1
    assert "4 rows: 2 scored, 2 incomplete" in ran.out
    written = read_csv(tmp_path / "out.csv")
    assert [row["单位"] for row in written] == [row[0] for row in ROWS]
    assert [row["全年预算数（元）"] for row in written] == [row[1] for row in ROWS]
    assert [Decimal(row["total"]) if row["total"] else None for row in written] == [
        None if total is None else Decimal(total) for total in TOTALS
    ]
    assert left(tmp_path) == {"表.csv", "out.csv"}


def test_one_message_says_what_to_map_and_then_it_scores(tmp_path: Path) -> None:
    given = csv_of(tmp_path / "a.csv", header=("单位", "预算（元）", "支出", "制定", "执行", "社会效益"))
    ran = batch(tmp_path, given, "-o", tmp_path / "out.csv")
    assert (ran.status, ran.err.count("[no-column]")) == (2, 4)
    maps = ("budget=预算（元）", "spent=支出:万元", "points.written=制定", "points.followed=执行")
    ran = batch(tmp_path, given, "-o", tmp_path / "out.csv", *(part for said in maps for part in ("--map", said)))
    assert (ran.status, ran.err) == (1, "")
    assert [row["total"] for row in read_csv(tmp_path / "out.csv")][:2] == ["98.5", "59"]


def test_all_three_kinds_of_files_hold_the_same(tmp_path: Path) -> None:
    from perfrules.evaluation import workbook

    given = csv_of(tmp_path / "a.csv")
    for ending in ("csv", "parquet", "xlsx"):
        assert batch(tmp_path, given, "-o", tmp_path / f"out.{ending}").status == 1
    from pyarrow import parquet

    totals = parquet.read_table(tmp_path / "out.parquet")["total"].to_pylist()
    assert totals == [float(row["total"]) if row["total"] else None for row in read_csv(tmp_path / "out.csv")]
    cells = {(cell.row, cell.column): cell.text for cell in workbook.sheets(tmp_path / "out.xlsx")[0].cells}
    column = next(column for (row, column), text in cells.items() if row == 1 and text == "total")
    assert [cells.get((row, column)) for row in (2, 3, 4)] == ["98.5", "59", None]


def test_the_summary_as_json(tmp_path: Path) -> None:
    ran = batch(tmp_path, csv_of(tmp_path / "a.csv"), "-o", tmp_path / "out.parquet", "--json")
    found = json.loads(ran.out)
    counts = {name: found[name] for name in ("rows", "scored", "incomplete", "inexact", "grades")}
    assert counts == {"rows": 4, "scored": 2, "incomplete": 2, "inexact": 0, "grades": {"good": 1, "poor": 1}}
    assert [one["rows"] for one in found["histogram"]] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert found["indicators"][0] == {"id": "execution", "weight": "50", "mean_lost": "12.5000", "without_score": 2}


def test_every_row_scored_is_status_0(tmp_path: Path) -> None:
    ran = batch(tmp_path, parquet_of(tmp_path / "a.parquet"), "-o", tmp_path / "out.parquet")
    assert ran.status == 0
    assert "4 rows, all scored" in ran.out


def test_columns_that_are_no_facts_stay_as_they_are(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    nested: Any = [[1], None, [], [2, 3]]
    given = parquet_of(tmp_path / "a.parquet", 4, listed=nested, worth=[Decimal("1.10")] * 4)
    assert batch(tmp_path, given, "-o", tmp_path / "out.parquet").status == 0
    before, after = parquet.read_table(given), parquet.read_table(tmp_path / "out.parquet")
    assert after.select(before.column_names).equals(before)
    assert after["status"].type == pa.string()
    ran = batch(tmp_path, given, "-o", tmp_path / "out.csv")
    assert refused(ran) == "cannot-write"


def test_reasons_are_appended_where_they_are_asked_for(tmp_path: Path) -> None:
    batch(tmp_path, csv_of(tmp_path / "a.csv"), "-o", tmp_path / "out.csv", "--reasons")
    because = [row["because"] for row in read_csv(tmp_path / "out.csv")]
    assert because[:2] == ["", ""]
    assert "zero budget" in because[2]
    assert "missing spent" in because[3]


def test_a_text_is_never_a_formula(tmp_path: Path) -> None:
    texts = ("=1+1", "+cmd", "-x", "@sum", "-5.20", "+3%", "-", "甲")
    rows = [(text, *ROWS[0][1:]) for text in texts]
    given = csv_of(tmp_path / "a.csv", rows, ("=单位", *HEADER[1:]))
    assert batch(tmp_path, given, "-o", tmp_path / "out.csv").status == 0
    found = [row["'=单位"] for row in read_csv(tmp_path / "out.csv")]
    assert found == ["'=1+1", "'+cmd", "'-x", "'@sum", "-5.20", "+3%", "-", "甲"]
    assert batch(tmp_path, given, "-o", tmp_path / "out.xlsx").status == 0
    import zipfile

    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_a_table_without_rows_gives_one_without_rows(tmp_path: Path) -> None:
    from pyarrow import parquet

    ran = batch(tmp_path, parquet_of(tmp_path / "a.parquet", 0), "-o", tmp_path / "out.parquet")
    assert ran.status == 0
    assert (parquet.read_metadata(tmp_path / "out.parquet").num_rows, "0 rows" in ran.out) == (0, True)


def test_without_an_ending_the_output_is_a_folder(tmp_path: Path) -> None:
    from pyarrow import parquet

    given = parquet_of(tmp_path / "a.parquet")
    assert batch(tmp_path, given, "-o", tmp_path / "out").status == 0
    assert parquet.read_table(tmp_path / "out").num_rows == 4
    assert refused(batch(tmp_path, given, "-o", tmp_path / "out")) == "exists"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["-o", "a.parquet"], "bad-value"), (["-o", "out.txt"], "cannot-write"), (["-o", "no/such/out.csv"], "cannot-write"),
        ([], "bad-value"), (["-o", "out.csv", "--key", "id"], "bad-value"), (["-o", "out.csv", "--master", "x"], "bad-value"),
        (["-o", "out.csv", "--spot-check", "-1"], "bad-value"), (["-o", "out.csv", "--map", "budget"], "bad-value"),
        (["-o", "out.csv", "--map", "budget=nix"], "wrong-column"), (["--explain-row", "0"], "bad-value"),
        (["--explain-row", "5"], "no-row"), (["--explain-row", "9", "--key", "id"], "no-row"),
        (["--explain-row", "9", "--key", "ix"], "no-row"),
    ],
)  # fmt: skip
def test_what_is_asked_for_wrongly_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    parquet_of(tmp_path / "a.parquet")
    assert refused(batch(tmp_path, "a.parquet", *more)) == code
    assert left(tmp_path) == {"a.parquet"}


@pytest.mark.parametrize(("engine", "name"), [("polars", "total"), ("duckdb", "Total")])
def test_a_column_of_an_appended_name_is_refused(tmp_path: Path, engine: str, name: str) -> None:
    given = parquet_of(tmp_path / "a.parquet", 4, **{name: [1, 2, 3, 4]})
    assert refused(batch(tmp_path, given, "-o", tmp_path / "out.csv", "--engine", engine)) == "column-taken"


def test_a_row_is_derived_by_its_number_or_its_key(tmp_path: Path) -> None:
    given = csv_of(tmp_path / "a.csv")
    by_number, by_key = (
        batch(tmp_path, given, *more) for more in (["--explain-row", "2"], ["--explain-row", "乙村", "--key", "单位"])
    )
    assert by_number.status == by_key.status
    assert by_number.out == by_key.out
    assert "59.00 / 100" in by_number.out
    assert "percent(spent, budget)" in by_number.out
    assert left(tmp_path) == {"a.csv"}
    data = json.loads(batch(tmp_path, given, "--explain-row", "1", "--json").out)
    assert data["total"]["score"] == TOTALS[0]


def test_a_spot_check_that_finds_a_difference_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(*given: Any, **more: Any) -> dict[str, Any]:
        return {**right(*given, **more), "total": 12.5}

    right = exact.appended
    monkeypatch.setattr(exact, "appended", other)
    ran = batch(tmp_path, csv_of(tmp_path / "a.csv"), "-o", tmp_path / "out.csv", "--spot-check", "100")
    assert refused(ran) == "spot-check"
    assert "row 1, scored again: `total` is 98.5, and exactly 12.5" in ran.err
    assert left(tmp_path) == {"a.csv"}


def test_a_sample_takes_every_row_of_few_and_as_many_as_asked_for_of_many() -> None:
    import pyarrow as pa

    for rows, size, parts in ((5, 10, 2), (10, 10, 1), (5000, 10, 7), (3, 0, 1)):
        drawn = Reservoir(size)
        for part in range(parts):
            drawn.offer(pa.table({"x": list(range(part * rows, (part + 1) * rows))}))
        assert len(drawn.rows) == min(size, rows * parts)
        assert all(number == row["x"] + 1 for number, row in drawn.rows)
        assert len({number for number, _ in drawn.rows}) == len(drawn.rows)


def test_a_sample_takes_rows_from_everywhere() -> None:
    import pyarrow as pa

    thirds = [0, 0, 0]
    for _ in range(100):
        drawn = Reservoir(10)
        for part in range(3):
            drawn.offer(pa.table({"x": list(range(part * 100, part * 100 + 100))}))
        for number, _ in drawn.rows:
            thirds[(number - 1) // 100] += 1
    assert min(thirds) > 200  # of about 333 each: 9 standard deviations


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sample, "check", interrupt)
    for ending in (".csv", ".xlsx", ".parquet", ""):
        assert batch(tmp_path, csv_of(tmp_path / "a.csv"), "-o", tmp_path / f"out{ending}").status == 130
    assert left(tmp_path) == {"a.csv"}


def test_a_file_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    csv_of(tmp_path / "a.csv", [*ROWS, ("戊村", "1")])
    assert refused(batch(tmp_path, tmp_path / "a.csv", "-o", tmp_path / "out.csv")) == "not-csv"
    assert left(tmp_path) == {"a.csv"}


def test_both_languages_and_widths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = csv_of(tmp_path / "a.csv")
    for width in ("60", "120"):
        monkeypatch.setenv("COLUMNS", width)
        out = run("batch", ruleset(tmp_path), given, "-o", tmp_path / "out.csv", "--lang", "zh").out
        assert "4 行：2 行已得分，2 行未完成" in out
        assert max(map(len, out.splitlines())) <= int(width)


def test_a_framework_is_refused(tmp_path: Path) -> None:
    (tmp_path / "frame.toml").write_text(
        TEXT.replace('id = "village"', 'id = "village"\nframework = true'), encoding="utf-8"
    )
    ran = run("batch", tmp_path / "frame.toml", csv_of(tmp_path / "a.csv"), "-o", tmp_path / "out.csv", "--lang", "en")
    assert refused(ran) == "no-ruleset"


def test_more_rows_than_a_batch_are_scored_like_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from perfrules.frames import reading

    given = parquet_of(tmp_path / "a.parquet", 50, spent=[float(index) for index in range(50)])
    whole = opened(rules(tmp_path), str(given)).score(tmp_path / "whole.csv")
    monkeypatch.setattr(reading, "BATCH", 7)
    parts = opened(rules(tmp_path), str(given)).score(tmp_path / "parts.csv", spot_check=50)
    assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "parts.csv").read_bytes()
    assert whole.sums == pytest.approx(parts.sums)


def test_a_package_that_is_missing_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for package, more in (("polars", []), ("pyarrow", []), ("duckdb", ["--engine", "duckdb"]), ("xlsxwriter", [])):
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, package, None)
            ran = batch(tmp_path, csv_of(tmp_path / "a.csv"), "-o", tmp_path / "out.xlsx", *more)
            assert refused(ran) == "needs-extra"
            assert "pip install 'perfrules[" in ran.err


def test_the_summary_of_no_scores_draws(tmp_path: Path) -> None:
    ran = batch(tmp_path, csv_of(tmp_path / "a.csv", ROWS[2:]), "-o", tmp_path / "out.csv")
    assert "2 rows: 0 scored, 2 incomplete" in ran.out
    with pytest.raises(PerfrulesError):
        opened(rules(tmp_path), str(tmp_path / "none.csv"))

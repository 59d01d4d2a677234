"""Live workbooks: calculated by LibreOffice, they come to what `evaluate` comes to, also once a fact is changed."""

from __future__ import annotations

import io
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from office import calculated, cells, changed, needs_office

from perfrules import evaluate, load
from perfrules.errors import PerfrulesError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status
from perfrules.formula.systems.exact import Unknown
from perfrules.report.live import live_workbook
from perfrules.report.live.form import execution_row
from perfrules.report.live.held import as_float
from perfrules.report.live.names import cell_names, sheet_names

ROOT = Path(__file__).resolve().parents[2]
FORM, SCORING, FACTS, CALCULATION = "自评表", "评分表", "事实", "计算"


class Book(NamedTuple):
    """A submission, the ruleset that it is scored by, and a fact to change: its value, and as the cell says it."""

    ruleset: str
    submission: str
    fact: str
    value: Any
    cell: Any


BOOKS = {
    "julu": Book("docs/examples/julu-2022/ruleset.toml", "docs/examples/julu-2022/submission.toml", "staff_in_post", 97, 97),
    "langfang": Book(
        "docs/examples/langfang-2019/ruleset.toml", "docs/examples/langfang-2019/submission.toml", "executed", 30, 30
    ),
    "plan": Book(
        "rulesets/cn/project-self-evaluation-2020/examples/plan.toml",
        "rulesets/cn/project-self-evaluation-2020/examples/full.toml", "road_length", 13, 13,
    ),
    "project": Book(
        "rulesets/cn/project-evaluation-2020/ruleset.toml", "rulesets/cn/project-evaluation-2020/examples/full.toml",
        "actual_outputs", 7, 7,
    ),
    "yueyang": Book(
        "rulesets/cn/department-overall-yueyang-2018/ruleset.toml",
        "rulesets/cn/department-overall-yueyang-2018/examples/full.toml", "staff_in_post", 53, 53,
    ),
    "part": Book(
        "rulesets/us/part-2002/ruleset.toml", "rulesets/us/part-2002/examples/full.toml", "clear_purpose", "no", "否"
    ),
    "missing": Book(
        "docs/examples/langfang-2019/ruleset.toml", "docs/examples/langfang-2019/submission.toml", "executed", None, None
    ),
}  # fmt: skip

HOSTILE = """
format = 1
[ruleset]
id = "test/hostile"
title = { zh = "=cmd|'/c calc'!A1" }
[rounding]
score = 2
[scales.g]
steps = [{ id = "a", title = "=1+1", from = 60 }, { id = "b", title = "<script>alert(1)</script>", from = 0 }]
[facts.A1]
title = "@SUM(1)"
kind = "amount"
unit = '"]&'
[facts.R1C1]
title = "+1"
kind = "number"
range = [-10, 10]
[facts.r1c1]
title = "-1"
kind = "text"
[facts."在编数"]
title = "[在编]"
kind = "count"
[facts.TRUE]
title = "{=1}"
kind = "choice"
[facts.TRUE.choices]
x = "=x"
y = "Y"
[facts.t]
title = "a/b:[c]*?"
kind = "table"
[facts.t.columns]
name = { title = "=name", kind = "text" }
score = { title = "得分", kind = "number", range = [0, 100] }
money = { title = "金额", kind = "amount" }
[dimensions.d]
title = "=D1"
[indicators.one]
dimension = "d"
title = "=1+2"
weight = 50
value = "A1"
target = "<= 3"
score = "weight if met and TRUE == 'x' and r1c1 != '=z' else 0"
explanation = "=HYPERLINK(\\"http://x\\")"
[indicators.two]
dimension = "d"
weight = 50
value = "weighted_mean(t.score, t.money)"
score = "weight * value / 100 if count(t) > 1 and R1C1 < 0 and 在编数 > 0 else 0"
[total]
scale = "g"
"""
TABLE = [{"name": "=a", "score": 80, "money": 1}, {"name": "+b", "score": 95.5, "money": 2}]
FACTS_OF_HOSTILE: dict[str, Any] = {
    "A1": {"value": 2, "source": "=2+2", "note": "<script>alert(1)</script>"}, "R1C1": -3, "r1c1": "=cmd", "在编数": 4,
    "TRUE": "x", "t": TABLE,
}  # fmt: skip


@cache
def evaluation(name: str, *, other: bool = False) -> Evaluation:
    """What a submission evaluates to, as it is or with its other fact."""
    book = BOOKS[name]
    data = tomllib.loads((ROOT / book.submission).read_text(encoding="utf-8"), parse_float=Decimal)
    if other:
        del data["facts"][book.fact]
        data["facts"] |= {} if book.value is None else {book.fact: book.value}
    return evaluate(load(ROOT / book.ruleset), data)


def hostile(folder: Path, **facts: Any) -> Evaluation:
    (folder / "ruleset.toml").write_text(HOSTILE, encoding="utf-8")
    said = {"subject": "=1+1", "period": "@x", "prepared_by": "+1"}
    notes = {"one": {"reason": '=IMPORTXML("x")', "improvement": "-1"}}
    narrative = {"goal": "=goal", "achieved": "<script>"}
    return evaluate(
        load(folder / "ruleset.toml"),
        {"submission": said, "facts": FACTS_OF_HOSTILE | facts, "notes": notes, "narrative": narrative},
    )


def cell_of(sheet: dict[str, Any], name: str) -> str:
    """The cell to fill in of a fact, which column F names."""
    return next(f"B{at[1:]}" for at, value in sheet.items() if at[0] == "F" and at[1:].isdigit() and value == name)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, Any]]]:
    """Every workbook as it is, and with its other fact, calculated in one run."""
    books = {}
    for name, book in BOOKS.items():
        books[name] = live_workbook(evaluation(name), "zh")
        cell = cell_of(cells(books[name])[FACTS], book.fact)
        books[f"{name}-other"] = changed(books[name], FACTS, cell, book.cell)
    books["hostile"] = live_workbook(hostile(tmp_path_factory.mktemp("hostile")), "zh")
    books["hostile-row"] = changed(books["hostile"], "a_b__c___", "C3", 20)
    return calculated(tmp_path_factory.mktemp("office"), books)


@needs_office
@pytest.mark.parametrize("other", [False, True])
@pytest.mark.parametrize("name", BOOKS)
def test_what_is_calculated_is_what_is_evaluated(name: str, other: bool, found: dict[str, Any]) -> None:
    sheets, wanted = found[f"{name}-other" if other else name], evaluation(name, other=other)
    assert list(scores_of_form(sheets[FORM], wanted)) == list(scores(wanted, with_branches=False))
    assert list(scores_of_table(sheets[SCORING])) == list(scores(wanted, with_branches=True))
    assert list(lines(sheets[CALCULATION])) == [
        "#N/A" if isinstance(value, Unknown) else pytest.approx(value, rel=1e-12) if isinstance(value, float) else value
        for value in (as_float_or_unknown(wanted, line.name) for line in wanted.ruleset.program.lines)
    ]
    if wanted.total and wanted.total.grade:
        titles = {step.id: step.title["zh"] for step in wanted.scale_of(wanted.total.branch).steps}
        assert titles[wanted.total.grade] in sheets[FORM].values()
        assert titles[wanted.total.grade] in sheets[SCORING].values()


def as_float_or_unknown(wanted: Evaluation, name: str) -> Any:
    value = wanted.results[name]
    return value if isinstance(value, Unknown) else as_float(value)


def scores(wanted: Evaluation, *, with_branches: bool) -> Iterator[Any]:
    """Scores in the order of the form, or of the table with its subtotals; the total last."""
    money = execution_row(wanted)
    if with_branches:
        for branch in wanted.dimensions.values():
            yield shown(branch)
            yield from (shown(wanted[row]) for row in branch.branch.rows)
    else:
        yield from (shown(row) for row in wanted if money is None or row.id != money.id)
    yield from [shown(wanted.total)] if wanted.total else []


def shown(result: Any) -> Any:
    if result.status is Status.NOT_APPLICABLE:
        return "不适用"
    return "—" if result.exact is None else pytest.approx(float(result.exact), rel=1e-14)


def below(sheet: dict[str, Any], column: str, heading: str) -> Iterator[Any]:
    """What stands in a column below a heading, down to the first row without any."""
    row = 1 + next(
        int(at[1:]) for at, value in sheet.items() if at[0] == column and value == heading and at[1:].isdigit()
    )
    while (value := sheet.get(f"{column}{row}")) is not None:
        yield value
        row += 1


def scores_of_form(sheet: dict[str, Any], wanted: Evaluation) -> Iterator[Any]:
    yield from below(sheet, "G", "得分")
    money = execution_row(wanted)
    if money is not None:
        row = next(at[1:] for at, value in sheet.items() if value == "年度资金总额")
        assert sheet[f"H{row}"] == shown(money)


def scores_of_table(sheet: dict[str, Any]) -> Iterator[Any]:
    yield from below(sheet, "F", "得分")


def lines(sheet: dict[str, Any]) -> Iterator[Any]:
    yield from below(sheet, "D", "现值")


@needs_office
def test_what_is_calculated_is_what_the_file_says_already(found: dict[str, Any]) -> None:
    for name in BOOKS:
        before = cells(live_workbook(evaluation(name), "zh"))
        for sheet in (FORM, SCORING, CALCULATION):
            for at, value in before[sheet].items():
                now = found[name][sheet].get(at)
                same = (
                    now == pytest.approx(value, rel=1e-12)
                    if isinstance(value, float)
                    else (now or None) == (value or None)
                )
                assert same, (name, sheet, at, value, now)


@needs_office
def test_texts_are_texts_and_tables_add_up(found: dict[str, Any], tmp_path: Path) -> None:
    wanted, sheets = hostile(tmp_path), found["hostile"]
    values = {value for sheet in sheets.values() for value in sheet.values()}
    texts = (
        "=cmd|'/c calc'!A1",
        "@SUM(1)",
        "=2+2",
        "<script>alert(1)</script>",
        "=cmd",
        "=name",
        "+b",
        "=1+2",
        "=goal",
    )
    assert set(texts) <= values
    assert wanted.total
    assert wanted.total.exact is not None
    assert list(scores_of_table(sheets[SCORING])) == list(scores(wanted, with_branches=True))
    assert "=1+1" in sheets[FORM].values()  # the grade
    other = hostile(tmp_path, t=[TABLE[0], TABLE[1] | {"score": 20}])
    assert list(scores_of_table(found["hostile-row"][SCORING])) == list(scores(other, with_branches=True))
    assert other.total
    assert other.total.exact != wanted.total.exact


def test_formulas_are_only_those_of_the_program(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(live_workbook(hostile(tmp_path), "zh"))) as package:
        parts = {name: package.read(name).decode() for name in package.namelist() if name.endswith(".xml")}
    formulas = [part for name, text in parts.items() if "sheet" in name for part in text.split("<f>")[1:]]
    written = " ".join(formula.partition("</f>")[0] for formula in formulas)
    assert not any(word in written for word in ("HYPERLINK", "IMPORTXML", "cmd|", "calc'"))
    names = parts["xl/workbook.xml"]
    assert all(f'<definedName name="{name}"' in names for name in ("_A1", "_R1C1", "_r1c1_2", "在编数", "_TRUE", "t"))


def test_the_same_evaluation_gives_the_same_bytes() -> None:
    assert live_workbook(evaluation("langfang"), "en") == live_workbook(evaluation("langfang"), "en")


def test_names_of_cells_and_sheets() -> None:
    wanted = {
        "xfd1": "_xfd1",
        "R": "_R",
        "rate": "rate",
        "Rate": "Rate_2",
        "a.b": "a_b",
        "预算": "预算",
        "true": "_true",
    }
    assert cell_names(wanted) == wanted
    assert sheet_names(["a/b", "A_B", "x" * 40, "事实"], ["事实"]) == ["a_b", "A_B 2", "x" * 27, "事实 2"]


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(PerfrulesError) as refused:
        live_workbook(evaluation("langfang"), "en")
    assert "pip install 'perfrules[office]'" in refused.value.findings[0].help("en")

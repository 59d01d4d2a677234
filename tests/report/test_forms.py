"""Blank submissions: what is filled into a form of any format evaluates the same, and nothing in one is a formula."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from commands import run
from sheets import filled, number, text

from perfrules import evaluate, load, numbers, words
from perfrules.evaluation.export import as_dict
from perfrules.report.forms import csv_text, harmless, lines
from perfrules.report.template import template
from perfrules.report.workbook import workbook
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset, find, paths
from perfrules.ruleset.ranges import band, limits
from perfrules.ruleset.resolve import header, is_overlay
from perfrules.ruleset.toml import read

ROOT = Path(__file__).resolve().parents[2]

EVERY_KIND = """
format = 1
[ruleset]
id = "test/kinds"
title = { zh = "=cmd()|各类事实", en = "=cmd()|every kind" }
[levels.g]
steps = [
  { id = "high", title = { zh = "达成", en = "achieved" }, from = 80, to = 100 },
  { id = "low", title = { zh = "未达成", en = "missed" }, from = 0, below = 80 },
]
[facts.spent]
title = { zh = "=HYPERLINK(\\"http://x\\",\\"y\\")", en = "@SUM(A1)" }
kind = "amount"
unit = "万元"
[facts.delta]
title = "-2+3 [bold]\\u001b[31m"
kind = "number"
unit = "=1+1"
range = [-5, 5]
[facts.share_]
kind = "percent"
unit = "%"
[facts.open]
title = { zh = "是否公开", en = "Published" }
kind = "truth"
[facts.day]
kind = "date"
range = [2020-01-01, 2029-12-31]
[facts.rating]
kind = "choice"
choices = { A = "first", "D*" = { zh = "信息不足", en = "insufficient" } }
[facts.mark]
kind = "choice"
choices = { "=1" = "=cmd()", "b,c" = "same", d = "same" }
[facts.remark]
kind = "text"
for_record = true
[facts."清单"]
kind = "checklist"
items = { issued = "+issued", complete = { zh = "合法、合规", en = "complete" } }
[facts.effect]
title = { zh = "社会效益", en = "Social benefit" }
kind = "judgement"
levels = "g"
[facts.projects]
kind = "table"
title = "@projects"
columns = { name = { kind = "text", title = { zh = "项目名称", en = "Project" } }, budget = { kind = "amount", title = "=预算", unit = "万元" }, score = { kind = "number", range = [0, 100] }, done = { kind = "truth" }, day = { kind = "date" } }
[facts.projects_with_a_name_that_no_sheet_can_have]
kind = "table"
columns = { budget = { kind = "amount", title = "预算" } }
[dimensions.d]
[indicators.a]
dimension = "d"
weight = 10
score = "min(10, spent) if delta > 0 and share_ > 0 else 0"
[indicators.b]
dimension = "d"
weight = 10
score = "weight if open and day <= '2023-09-01' and rating == 'D*' and mark != 'd' else 0"
[indicators.c]
dimension = "d"
weight = 10
score = "weight * share(清单) / 100"
[indicators.effect]
dimension = "d"
weight = 10
score = "weight * value / 100"
[indicators.p]
dimension = "d"
weight = 10
score = "clamp(sum(projects.budget) + sum(projects_with_a_name_that_no_sheet_can_have.budget), 0, 10)"
"""

REFERENCES = [
    *(identifier for identifier, _ in paths()),
    *(str(path.parent) for path in sorted((ROOT / "docs" / "examples").glob("*/ruleset.toml"))),
    str(ROOT / "rulesets" / "cn" / "project-self-evaluation-2020" / "examples" / "plan.toml"),
]


def scored(reference: str) -> Ruleset | None:
    """A ruleset of the library that can be scored; None for frameworks and overlays."""
    document = read(find(reference)[0])
    return None if is_overlay(document) or header(document).get("framework") else load(reference)


def example(fact: model.Fact, levels: dict[str, model.Levels], which: int) -> Any:
    """Something that a fact can be."""
    if fact.kind in ("checklist", "table"):
        return None
    if fact.kind == "judgement":
        step = levels[str(fact.levels)].steps[which % len(levels[str(fact.levels)].steps)]
        return {"level": step.id, "rate": int(sum(band(step)) / 2)}
    if fact.kind == "choice":
        return list(fact.choices)[which % len(fact.choices)]
    if fact.kind == "date":
        return date(2023, 9, 1)
    if fact.kind in ("truth", "text"):
        return which % 3 > 0 if fact.kind == "truth" else f"文字 {which}"
    low, high = (
        float(str(end) if isinstance(end, float) else numbers.shown(end, 4)) for end in limits(fact.kind, fact.range)
    )
    low = max(low, -1000)
    return round(low + (min(high, low + 1000) - low) * (which % 7 + 1) / 8, 4)


def answers(ruleset: Ruleset) -> dict[str, Any]:
    """Every fact of a ruleset with a value, as a submission in TOML has it."""
    found: dict[str, Any] = {}
    for which, (identifier, fact) in enumerate(ruleset.program.facts.items()):
        if fact.kind == "checklist":
            found[identifier] = {item: at % 3 < 2 for at, item in enumerate(fact.items, which)}
        elif fact.kind == "table":
            columns = {name: model.Fact.model_construct(**dict(column)) for name, column in fact.columns.items()}
            found[identifier] = [
                {name: example(column, {}, which + row + at) for at, (name, column) in enumerate(columns.items())}
                for row in range(3)
            ]
        else:
            found[identifier] = example(fact, ruleset.declaration.levels, which)
    return found


def cells(ruleset: Ruleset) -> Iterator[tuple[str, Any]]:
    """The same answers by the names of cells."""
    for identifier, said in answers(ruleset).items():
        if isinstance(said, list):
            for row, columns in enumerate(said, 1):
                yield from ((f"{identifier}[{row}].{name}", cell) for name, cell in columns.items())
        elif isinstance(said, dict) and "level" in said:
            yield f"{identifier}.level", said["level"]
            yield identifier, said["rate"]
        elif isinstance(said, dict):
            yield from ((f"{identifier}.{item}", answer) for item, answer in said.items())
        else:
            yield identifier, said


def shown(value: Any, lang: str) -> str:
    """A value as a person types it."""
    if isinstance(value, bool):
        return {"zh": "否是", "en": ["no", "yes"]}[lang][value]
    return f"{value:.12f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def fill_csv(path: Path, given: dict[str, Any], lang: str) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    at = 2
    assert rows[0][at] in ("value", "值")
    for row in rows[1:]:
        if row[0] in given:
            row[at] = shown(given.pop(row[0]), lang)
    assert not given
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def fill_workbook(path: Path, ruleset: Ruleset, given: dict[str, Any], lang: str) -> None:
    """Numbers, dates and answers go in as a spreadsheet keeps them: numbers, days, texts."""

    def cell(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float | date):
            return text(shown(value, lang))
        return text(value.isoformat()) if isinstance(value, date) else re.sub('^s="0"', "", number(repr(value)))

    apart = [name for name, fact in ruleset.program.facts.items() if fact.kind == "table" and len(name) <= 31]
    put: dict[tuple[str, str], str] = {}
    for line, asked in enumerate(lines(ruleset, lang, apart=apart), 2):
        if asked.name in given:
            put[words.say("form.facts", lang), f"C{line}"] = cell(given.pop(asked.name))
    for name in apart:
        for at, column in enumerate(ruleset.program.facts[name].columns):
            for row in range(1, 4):
                put[name, f"{chr(ord('A') + at)}{row + 1}"] = cell(given.pop(f"{name}[{row}].{column}"))
    assert not given
    filled(path, put)


def results(ruleset: Ruleset, path: Path) -> dict[str, Any]:
    """What comes of a submission: everything but how its facts were written."""
    evaluation = evaluate(None, path)
    assert evaluation.ruleset.digest == ruleset.digest
    found = as_dict(evaluation)
    for one in (*found["indicators"], *found["values"], *found["checks"]):
        for used in one.get("facts", ()):
            used.pop("submitted", None)
    return {key: found[key] for key in ("total", "dimensions", "indicators", "values", "checks", "findings")}


def check_round_trip(reference: str, ruleset: Ruleset, lang: str, folder: Path) -> None:
    """A form of each format, filled in with the same answers, gives the same evaluation."""
    for ending in ("toml", "csv", "xlsx"):
        assert run("template", reference, "-o", folder / f"s.{ending}", "--lang", lang) == (0, "", "")
    blank = tomllib.loads((folder / "s.toml").read_text(encoding="utf-8"))
    assert blank["facts"] == {}
    unfilled = results(ruleset, folder / "s.toml")
    assert results(ruleset, folder / "s.csv") == unfilled
    assert results(ruleset, folder / "s.xlsx") == unfilled
    filled_in = {"submission": blank["submission"], "facts": answers(ruleset)}
    (folder / "s.toml").write_text(tomli_w.dumps(filled_in), encoding="utf-8")
    fill_csv(folder / "s.csv", dict(cells(ruleset)), lang)
    fill_workbook(folder / "s.xlsx", ruleset, dict(cells(ruleset)), lang)
    expected = results(ruleset, folder / "s.toml")
    assert expected != unfilled
    assert {row["status"] for row in expected["indicators"]} <= {"scored", "not_applicable", "undefined"}
    assert results(ruleset, folder / "s.csv") == expected
    assert results(ruleset, folder / "s.xlsx") == expected


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_form_of_any_format_evaluates_the_same(reference: str, tmp_path: Path) -> None:
    if (ruleset := scored(reference)) is not None:
        check_round_trip(reference, ruleset, "zh", tmp_path)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_kind_of_fact_can_be_filled_in_and_hostile_names_do_no_harm(lang: str, tmp_path: Path) -> None:
    (tmp_path / "=1+1.toml").write_text(EVERY_KIND, encoding="utf-8")
    check_round_trip(str(tmp_path / "=1+1.toml"), load(tmp_path / "=1+1.toml"), lang, tmp_path)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    path = tmp_path_factory.mktemp("hostile") / "ruleset.toml"
    path.write_text(EVERY_KIND, encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_no_cell_of_a_form_begins_a_formula(hostile: Ruleset, lang: str) -> None:
    written = csv_text(hostile, lang, "=cmd.toml", ["@x.toml", "cn/platform-caps"])
    for row in csv.reader(io.StringIO(written.removeprefix("\ufeff"))):
        assert not [cell for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")], row
        assert not [cell for cell in row if "\x1b" in cell]
    assert "./=cmd.toml" in written
    assert "./@x.toml;cn/platform-caps" in written


@pytest.mark.parametrize(
    "written", ["=1", "+1", "-1", "@x", "\t=1", "\n=1", "＝1", "＋1", "－1", "＠x", "\x1b=1", "a=1", "'=1", ""]
)
def test_a_harmless_text_begins_no_formula(written: str) -> None:
    assert harmless(written)[:1] not in ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")
    assert harmless(written).isprintable()


def test_a_workbook_has_no_formulas_or_links_and_is_the_same_each_time(hostile: Ruleset) -> None:
    import zipfile

    content = workbook(hostile, "zh", "=cmd.toml")
    assert workbook(hostile, "zh", "=cmd.toml") == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 2
    for part in sheets:
        assert "<f>" not in part
        assert "hyperlink" not in part
        assert "\x1b" not in part
    (rules,) = re.findall("<dataValidations.*</dataValidations>", sheets[0])
    offered = re.findall("<formula1>(.*?)</formula1>", rules)
    assert offered == ['"是,否"', '"first,信息不足"', '"是,否"', '"是,否"', '"达成,未达成"']


def test_without_the_package_for_workbooks_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    ran = run("template", "cn/department-overall-2013", "-o", tmp_path / "a.xlsx", "--lang", "zh")
    assert (ran.status, ran.out) == (2, "")
    assert (
        ran.err == "[needs-extra] `.xlsx` 要用另外的软件包，还没有安装\n怎么办：运行 pip install 'perfrules[office]'\n"
    )
    assert not list(tmp_path.iterdir())


def test_a_template_says_what_options_levels_and_columns_mean(hostile: Ruleset) -> None:
    written = template(hostile, "zh")
    for line in ("# D*: 信息不足", "# high: 达成 · 80 – 100", "# name: 项目名称", "# budget: =预算 · 万元 · 0 – ∞"):
        assert line in written.split("\n")
    assert tomllib.loads(written)["facts"] == {}

"""Submissions as tables of cells, in CSV files and workbooks: read as a person sees them, refused at their cells."""

from __future__ import annotations

import zipfile
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook
from sheets import STYLES, number, packed, parts, table, text, write

from perfrules import evaluate, read_submission
from perfrules.errors import PerfrulesError, SubmissionError
from perfrules.evaluation import number_formats, workbook
from perfrules.evaluation.evaluation import Evaluation
from perfrules.rationals import Ratio
from perfrules.ruleset.toml import DocumentError

from .small import findings_of, row, ruleset

RULES = ruleset(
    """
[levels.grades]
steps = [ { id = "high", title = { zh = "达成", en = "achieved" }, from = 80, to = 100 }, { id = "low", title = "missed", from = 0, below = 80 } ]
[facts.spent]
kind = "amount"
unit = "万元"
range = [0, 5000]
[facts.rate]
kind = "percent"
unit = "%"
[facts.ratio]
kind = "number"
[facts.open]
kind = "truth"
[facts.day]
kind = "date"
[facts.rating]
kind = "choice"
choices = { A = "first", "D*" = { zh = "信息不足", en = "insufficient" }, twin = "same", other = "same" }
[facts.remark]
kind = "text"
[facts.list]
kind = "checklist"
items = { issued = "x", complete = "y" }
[facts.effect]
kind = "judgement"
levels = "grades"
[facts.projects]
kind = "table"
columns = { name = { kind = "text", title = "项目" }, budget = { kind = "amount", title = { zh = "预算" }, range = [0, 100] }, done = { kind = "truth" } }
[dimensions.d]
"""
    + row("spent", score="weight * clamp(spent / 5000, 0, 1)")
    + row("rate", score="weight * rate / 100")
    + row("ratio", score="clamp(ratio, 0, 10)")
    + row("open", score="weight if open else 0")
    + row("day", score="weight if day <= '2023-09-01' else 0")
    + row("rating", score="weight if rating in ('A', 'D*') else 0")
    + row("list", score="weight * share(list) / 100")
    + row("effect", score="weight * effect / 100")
    + row("projects", score="clamp(sum(projects.budget), 0, 10)")
)


def read(path: Path, cells: dict[str, str]) -> Evaluation:
    """The evaluation of a workbook of facts and their values."""
    rows = {"A1": text("fact"), "B1": text("value")}
    for line, (fact, cell) in enumerate(cells.items(), 2):
        rows |= {f"A{line}": text(fact), f"B{line}": cell}
    return evaluate(RULES, write(path / "a.xlsx", {"Facts": rows}))


def value(evaluation: Evaluation, name: str) -> Any:
    """What a fact was read as."""
    found = evaluation.results[name]
    return Fraction(found.n, found.d) if isinstance(found, Ratio) else found


def keys(path: Path) -> list[tuple[str, str]]:
    """The findings that refuse a file, each with its place behind the file's name."""
    with pytest.raises(PerfrulesError) as caught:
        evaluate(RULES, path)
    return [
        (one.key or one.code, str(one.where).removeprefix(str(path)).removeprefix(":")) for one in caught.value.findings
    ]


# -- cells as a person sees them -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "cell", "read_as"),
    [
        ("rate", number(95), 95),
        ("rate", number("0.95", "percent"), 95),
        ("rate", number("0.955", "percent"), Fraction("95.5")),
        ("rate", text("95.5%"), Fraction("95.5")),
        ("rate", number("0.95"), Fraction("0.95")),
        ("effect", number("0.95", "percent"), 95),
        ("spent", number("1086.51"), Fraction("1086.51")),
        ("spent", number("1086.5099999999999"), Fraction("1086.51")),
        ("spent", number("0.30000000000000004"), Fraction("0.3")),
        ("spent", number("1.5E3"), 1500),
        ("spent", number("1E-2", "red"), Fraction("0.01")),
        ("spent", text("1,086.51"), Fraction("1086.51")),
        ("ratio", number("-12"), -12),
        ("ratio", number("123456789012345"), 123456789012345),
        ("ratio", number("12345678901234567"), 12345678901234600),
        ("open", 't="b"><v>1</v>', True),
        ("open", 't="b"><v>0</v>', False),
        ("open", text("否"), False),
        ("open", number(1), True),
        ("day", number(45170, "date"), date(2023, 9, 1)),
        ("day", number(1, "date"), date(1900, 1, 1)),
        ("day", number(61, "date"), date(1900, 3, 1)),
        ("day", text("2023-09-01"), date(2023, 9, 1)),
        ("day", text("2023/9/1"), date(2023, 9, 1)),
        ("day", text("2023年9月1日"), date(2023, 9, 1)),
        ("day", 't="d"><v>2023-09-01</v>', date(2023, 9, 1)),
        ("rating", text("D*"), "D*"),
        ("rating", text("信息不足"), "D*"),
        ("rating", text("first"), "A"),
        ("remark", number("007", "text"), "7"),
        ("remark", text("=cmd()|' /C calc'!A0"), "=cmd()|' /C calc'!A0"),
        ("remark", 't="str"><f>A1&amp;B1</f><v>joined</v>', "joined"),
        ("spent", "><f>1+1</f><v>2</v>", 2),
    ],
)
def test_a_cell_is_read_as_a_person_sees_it(fact: str, cell: str, read_as: object, tmp_path: Path) -> None:
    if fact in ("ratio", "remark"):
        assert value(read(tmp_path, {fact: cell}), fact) == read_as
        return
    found = read(tmp_path, {fact: cell})
    assert findings_of(found) == []
    assert value(found, fact) == read_as


@pytest.mark.parametrize(
    ("fact", "cell", "key"),
    [
        ("rate", number("0.95", "date"), ""),
        ("ratio", number("0.95", "percent"), "unreadable-value.number.not-a-number"),
        ("ratio", number("1E400"), "unreadable-value.number.not-a-number"),
        ("ratio", number("1E999999999"), "unreadable-value.number.not-a-number"),
        ("ratio", number("NaN"), "unreadable-value.number.not-a-number"),
        ("ratio", text("５"), "unreadable-value.number.not-a-number"),
        ("day", number(45170), "unreadable-value.date"),
        ("day", number("45170.5", "date"), "unreadable-value.date"),
        ("day", number(60, "date"), "unreadable-value.date"),
        ("day", number(99999999, "date"), "unreadable-value.date"),
        ("day", text("2023/2/30"), "unreadable-value.date"),
        ("day", text("9/1/2023"), "unreadable-value.date"),
        ("day", text("2023年9月1"), "unreadable-value.date"),
        ("rating", text("same"), "unreadable-value.choice"),
        ("effect", text("nearly"), "unreadable-value.number.not-a-number"),
        ("open", text("perhaps"), "unreadable-value.truth"),
        ("ratio", 't="e"><v>#DIV/0!</v>', "not-xlsx.error"),
        ("ratio", "><f>A1</f><v></v>", "not-xlsx.formula"),
        ("ratio", "><f>A1</f>", "not-xlsx.formula"),
    ],
)
def test_what_is_wrong_is_found_at_its_cell(fact: str, cell: str, key: str, tmp_path: Path) -> None:
    cells = {"A1": text("fact"), "C1": text("value"), "A7": text(fact), "C7": cell}
    path = write(tmp_path / "a.xlsx", {"事实": cells})
    if not key:  # a date format on a number that is no date shows a number
        assert value(evaluate(RULES, path), fact) == Fraction("0.95")
        return
    assert keys(path) == [(key, "事实!C7")]


def test_a_workbook_of_1904_counts_days_from_there(tmp_path: Path) -> None:
    found = parts({"F": {"A1": text("fact"), "B1": text("value"), "A2": text("day"), "B2": number(43708, "date")}})
    found["xl/workbook.xml"] = found["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    (tmp_path / "a.xlsx").write_bytes(packed(found))
    assert value(evaluate(RULES, tmp_path / "a.xlsx"), "day") == date(2023, 9, 1)


def test_shared_texts_are_joined_from_their_runs_without_their_pronunciation(tmp_path: Path) -> None:
    found = parts({"F": {"A1": text("fact"), "B1": text("value"), "A2": text("remark"), "B2": 't="s"><v>0</v>'}})
    found["xl/sharedStrings.xml"] = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><r><t>某</t></r><r><t>某镇</t></r><rPh sb='0' eb='1'><t>mou</t></rPh></si></sst>"
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    found["xl/_rels/workbook.xml.rels"] = found["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>", f'<Relationship Id="t" Type="{kind}" Target="/xl/sharedStrings.xml"/></Relationships>'
    )
    (tmp_path / "a.xlsx").write_bytes(packed(found))
    assert value(evaluate(RULES, tmp_path / "a.xlsx"), "remark") == "某某镇"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_a_number_of_a_spreadsheet_is_the_number_that_was_typed(typed: Any) -> None:
    stored = repr(float(typed))  # what a spreadsheet writes into the file
    book = workbook._Workbook(Path("x"), packed(parts({"S": {"A1": number(stored)}})))
    (sheet,) = book.sheets()
    (cell,) = sheet.cells
    assert Fraction(cell.text) == Fraction(typed)


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("General", ""), ("0.00", ""), ("#,##0", ""), ('"%"0', ""), ("0\\%", ""), ("0%", "percent"),
        ("0.0%;[Red]-0.0%", "percent"), ("yyyy-mm-dd", "date"), ('yyyy"年"m"月"d"日"', "date"), ("m/d/yy h:mm", "date"),
        ("[$-804]yyyy", "date"), ("0.00E+00", ""), ("[Red]0", ""), ("@", ""), ('"day"0', ""), ("_(* #,##0_)", ""),
    ],
)  # fmt: skip
def test_a_format_says_what_a_number_shows(code: str, shows: str) -> None:
    assert number_formats.kind("200", {"200": code}) == shows


# -- the shape -----------------------------------------------------------------------------------------------------

ROWS = [
    ["事实", "标题", "值", "单位", "可填内容", "来源", "备注", "评定人"],
    ["submission.subject", "评价对象", "某某镇"],
    ["submission.period", "", "2023"],
    ["spent", "支出", "12,345,600", "元", "≥ 0", "决算表", "含结转"],
    ["rate", "", "", "%"],
    ["ratio", "", "", "", "", "", "未统计"],
    ["list.issued", "", "是", "", "", "文件1"],
    ["list.complete", "", "否", "", "", "文件2"],
    ["effect.level", "", "达成", "", "", "", "", "评价组"],
    ["effect", "", "85", "", "", "会议纪要"],
    ["projects[1].项目", "", "村道"],
    ["projects[1].预算", "", "4"],
    ["projects[3].budget", "", "5"],
    ["projects[3].done", "", "否"],
]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_says_what_a_submission_in_toml_would(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{ending}"
    if ending == "xlsx":
        write(path, {"事实": table(ROWS)})
    else:
        lines = [",".join(f'"{cell}"' for cell in [*line, *[""] * (8 - len(line))]) for line in ROWS]
        path.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    (tmp_path / "a.toml").write_text(
        """
[submission]
subject = "某某镇"
period = "2023"
[facts]
spent = { value = 12345600, unit = "元", source = "决算表", note = "含结转" }
ratio = { missing = "未统计" }
list = { value = { issued = true, complete = false }, source = "文件1; 文件2" }
effect = { level = "high", rate = 85, source = "会议纪要", by = "评价组" }
projects = [ { name = "村道", budget = 4 }, { budget = 5, done = false } ]
""",
        encoding="utf-8",
    )
    rules = ruleset('[units]\n"万元" = "10000 元"\n' + "\n".join(RULES.documents[0].text.splitlines()[3:]))
    found, expected = evaluate(rules, path), evaluate(rules, tmp_path / "a.toml")
    assert (found.submission.subject, found.submission.period) == ("某某镇", "2023")
    for name in ("spent", "ratio", "rate", "list", "effect", "projects"):
        assert value(found, name) == value(expected, name)
    for name in ("spent", "list", "effect"):
        one, other = found.given(name), expected.given(name)
        assert one is not None
        assert other is not None
        assert one[2:] == other[2:]
    assert found.given("ratio").missing == "未统计"  # type: ignore[union-attr]
    assert found.given("rate") is None
    assert findings_of(found) == findings_of(expected)


def test_a_sheet_of_the_name_of_a_table_is_its_rows(tmp_path: Path) -> None:
    facts = {"Facts": table([["fact", "value"], ["rate", "50"]]), "empty": {}}
    path = write(tmp_path / "a.xlsx", {**facts, "projects": table([["项目", "budget"], ["a", "4"], [], ["b", "5"]])})
    found = evaluate(RULES, path)
    assert value(found, "projects.budget") == (4, 5)
    assert found["projects"].exact == 9
    write(path, {**facts, "projects": table([["项目", "budget"], ["a", "400"], [], ["b", "x"]])})
    assert keys(path) == [("unreadable-value.number.not-a-number", "projects!B4")]
    write(path, {**facts, "projects": table([["项目", "budget"], ["a", "4"], [], ["b", "500"]])})
    (finding,) = evaluate(RULES, path).findings
    assert (finding.code, finding.about) == ("out-of-range", "facts.projects[2].budget")
    assert str(finding.where) == f"{path}:projects!B4"


@pytest.mark.parametrize(
    ("sheets", "key", "place"),
    [
        ({"Facts": table([["fact", "valeu"], ["rate", "5"]])}, "unknown-key.near", "Facts!B1"),
        ({"Facts": table([["fact", "value", "值"], ["rate", "5"]])}, "duplicate-id.column", "Facts!C1"),
        ({"Facts": table([["fact", "value"], ["rate", "5"], ["rate", "6"]])}, "duplicate-id.fact", "Facts!A3"),
        ({"Facts": table([["fact", "value"], ["", "6"]])}, "not-csv.no-fact", "Facts!A2"),
        ({"Facts": table([["fact", "value"], ["rate", "5", "beside"]])}, "not-xlsx.beside", "Facts!C2"),
        ({"Facts": table([["fact", "value"], ["rtae", "5"]])}, "unknown-fact.near", "Facts!B2"),
        ({"Facts": table([["fact", "value"], ["list.isued", "是"]])}, "unreadable-value.item", "Facts!B2"),
        ({"Facts": table([["fact", "value"], ["effect.level", "x"]])}, "unreadable-value.level", "Facts!B2"),
        ({"Facts": table([["fact", "value"], ["projects[1].x", "5"]])}, "unreadable-value.column", "Facts!B2"),
        ({"Facts": table([["fact", "value"], ["projects[0].name", "5"]])}, "unknown-fact.near", "Facts!B2"),
        ({"Facts": table([["fact", "value"], ["submission.subjct", "5"]])}, "unknown-key.near", "Facts!A2"),
        ({"Facts": table([["fact", "value"], ["rate", "5"]]), "other": table([["x"], ["5"]])}, "unknown-fact", "other!A1"),
        ({"Facts": table([["fact", "value"]])}, "not-csv.header-only", "Facts!A1"),
        ({"Facts": {}}, "not-xlsx.empty", ""),
        ({"Facts": table([["rate", "ratio"], ["5", "6"], ["7", "8"]])}, "not-csv.rows", "Facts!A3"),
        ({"Facts": table([["rate", "ratio"], ["many", "6"]])}, "unreadable-value.number.not-a-number", "Facts!A2"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_shape_is_found_at_its_cell(
    sheets: dict[str, dict[str, str]], key: str, place: str, tmp_path: Path
) -> None:
    found = keys(write(tmp_path / "a.xlsx", sheets))
    assert (found[0][0].removesuffix(".near"), found[0][1]) == (key.removesuffix(".near"), place)


def test_one_row_for_everything_is_read_from_a_workbook_too(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", {"S": table([["subject", "rate", "list.issued"], ["某镇", "95%", "是"]])})
    found = evaluate(RULES, path)
    assert (found.submission.subject, value(found, "rate")) == ("某镇", 95)


# -- hostile files -------------------------------------------------------------------------------------------------

GOOD = {"Facts": table([["fact", "value"], ["rate", "5"]])}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xl/workbook.xml", "<workbook>"),
        ("xl/workbook.xml", "<workbook/>"),
        ("xl/workbook.xml", '<workbook><sheets><sheet name="x" id="nowhere"/></sheets></workbook>'),
        ("xl/workbook.xml", ""),
        ("_rels/.rels", "<Relationships/>"),
        ("xl/_rels/workbook.xml.rels", "<Relationships><Relationship/></Relationships>"),
        ("xl/worksheets/sheet1.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet>&a;</worksheet>"),
        ("xl/worksheets/sheet1.xml", "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><worksheet/>"),
        ("xl/worksheets/sheet1.xml", '<worksheet><sheetData><row r="x"/></sheetData></worksheet>'),
        ("xl/worksheets/sheet1.xml", '<worksheet><sheetData><row><c r="1A"><v>1</v></c></row></sheetData></worksheet>'),
        ("xl/worksheets/sheet1.xml", '<worksheet><sheetData><row><c t="s"><v>9</v></c></row></sheetData></worksheet>'),
        ("xl/worksheets/sheet1.xml", '<worksheet><sheetData><row><c s="x"><v>9</v></c></row></sheetData></worksheet>'),
        ("xl/worksheets/sheet1.xml", b"\xff\xfe\x00"),
        ("xl/worksheets/sheet1.xml", b"\x00" * 100),
    ],
)
def test_a_damaged_workbook_is_refused(name: str, content: str | bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed({**parts(GOOD), name: content}))
    assert keys(path) in ([("not-xlsx", "")], [("not-xlsx.empty", "")])


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "not-xlsx"),
        (b"PK\x03\x04", "not-xlsx"),
        (b"fact,value\nrate,5\n", "not-xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not-xlsx.old"),
        (b"\0" * 5_000_001, "too-large.file"),
    ],
    ids=["empty", "PK", "csv", "xls", "large"],
)
def test_what_is_no_workbook_is_refused(content: bytes, key: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert keys(path) == [(key, "")]


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed({**parts(GOOD), "xl/worksheets/sheet1.xml": b" " * (workbook.MAX_UNPACKED + 1)}))
    assert path.stat().st_size < 100_000
    assert keys(path) == [("too-large.workbook", "")]


def test_a_cell_far_away_costs_nothing(tmp_path: Path) -> None:
    far = {**GOOD["Facts"], "A1048576": text("ratio"), "B1048576": number(3)}
    assert value(evaluate(RULES, write(tmp_path / "a.xlsx", {"Facts": far})), "ratio") == 3
    beside = {**GOOD["Facts"], "XFD1048576": number(3)}
    assert keys(write(tmp_path / "b.xlsx", {"Facts": beside})) == [("not-xlsx.beside", "Facts!XFD1048576")]


def test_other_ways_of_packing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in parts(GOOD).items():
            archive.writestr(name, content)
    assert keys(path) == [("not-xlsx", "")]


@given(st.binary(max_size=300), st.integers(0, 2000), st.sampled_from(["cut", "put"]))
def test_no_damage_of_a_file_is_an_error_of_ours(noise: bytes, at: int, how: str) -> None:
    whole = packed(parts(GOOD))
    content = whole[: at % len(whole)] + noise + (whole[at % len(whole) + len(noise) :] if how == "put" else b"")
    try:
        list(workbook._Workbook(Path("x"), content).sheets())
    except (*workbook._BROKEN, DocumentError):
        pass


def test_another_reader_of_workbooks_sees_the_same(tmp_path: Path) -> None:
    cells = {f"A{row}": number(f"{row}.25") for row in range(1, 20)} | {
        f"B{row}": text(f"行{row}") for row in range(1, 20)
    }
    path = write(tmp_path / "a.xlsx", {"一": cells, "二": {"A1": text("x")}})
    ours = {
        sheet.name: [cell.text for cell in sheet.cells]
        for sheet in workbook._Workbook(path, path.read_bytes()).sheets()
    }
    theirs = load_workbook(path)
    assert ours == {
        name: [str(cell) for line in theirs.get_sheet_by_name(name).to_python() for cell in line]
        for name in theirs.sheet_names
    }
    assert len(STYLES) == 5


def test_an_unreadable_ending_still_says_what_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"x")
    with pytest.raises(SubmissionError) as caught:
        read_submission(tmp_path / "a.xls")
    assert ".xlsx" in caught.value.findings[0].help("zh")

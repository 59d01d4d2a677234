"""Forms, read: published tables as workbooks, CSV and TOML; what officers add around a table; what cannot be understood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tomli
from sheets import STYLES, text, write
from sheets import number as shown
from sheets import table as of_texts

from audit import printed
from perfrules import numbers
from perfrules.audit.forms import Form
from perfrules.audit.reading import read
from perfrules.audit.sheets import Cell
from perfrules.errors import Finding, SubmissionError

KNOWN: dict[str, dict[str, Any]] = tomli.loads(
    Path(__file__).with_name("known.toml").read_text(encoding="utf-8"), parse_float=Decimal
)


def content(part: Any) -> Any:
    """A form without the places of its cells."""
    if isinstance(part, Cell):
        return part.text
    if isinstance(part, Finding):
        return part.key
    if is_dataclass(part):
        return {one.name: content(getattr(part, one.name)) for one in fields(part) if one.name not in ("cells", "path")}
    if isinstance(part, dict):
        return {name: content(one) for name, one in part.items()}
    return [content(one) for one in part] if isinstance(part, list | tuple) else part


def summed(parts: Iterable[Any]) -> Any:
    return sum(part for part in parts if part is not None)


def lines(*rows: str) -> str:
    return "\n".join(rows)


def form(tmp_path: Path, *rows: str, encoding: str = "utf-8", name: str = "form.csv") -> Form:
    path = tmp_path / name
    path.write_text("\n".join(rows), encoding=encoding)
    return read(path)


HEADER = "一级指标,二级指标,三级指标,年度指标值,实际完成值,分值,得分,偏差原因分析及改进措施"
ROW = "产出指标,数量指标,里程,≥20公里,21公里,50,50,"


def keys(found: Form) -> list[tuple[str, str]]:
    return [(one.key, one.about) for one in found.findings]


def refused(path: Path) -> tuple[str, str]:
    with pytest.raises(SubmissionError) as caught:
        read(path)
    (finding,) = caught.value.findings
    return finding.key or finding.code, str(finding.where).removeprefix(str(path)).removeprefix(":")


# -- published tables ----------------------------------------------------------------------------------------------


def test_each_published_table_is_known_and_has_its_source() -> None:
    assert sorted(KNOWN) == printed.NAMES
    assert len(printed.NAMES) == 12
    assert all(printed.load(name)["form"]["source"].startswith("http") for name in printed.NAMES)


@pytest.mark.parametrize("name", printed.NAMES)
def test_a_published_table_is_understood(name: str) -> None:
    found, known = read(printed.CASES / f"{name}.toml"), KNOWN[name]
    assert [finding.format("zh") for finding in found.findings] == []
    assert len(found.rows) == known["rows"]
    assert summed(row.weight for row in found.rows) == known["weights"]
    assert summed(row.score for row in found.rows) == numbers.read(known["scores"])
    total = found.total.score if found.total else None
    assert total == (numbers.read(known["total"]) if "total" in known else None)
    if known.get("whole"):
        assert found.total is not None
        assert found.total.weight == 100
    assert [row.index for row in found.rows] == list(range(len(found.rows)))
    assert sorted(at for section in found.sections for at in section.rows) == [
        row.index for row in found.rows if row.level1
    ]


@pytest.mark.parametrize("name", printed.NAMES)
@pytest.mark.parametrize("blank", [True, False], ids=["with-blank-rows", "without"])
def test_the_same_table_as_workbook_csv_and_toml_is_the_same_form(name: str, blank: bool, tmp_path: Path) -> None:
    page = printed.page(printed.load(name), blank=blank)
    expected = content(read(printed.CASES / f"{name}.toml"))
    assert content(read(printed.write_xlsx(page, tmp_path / "form.xlsx"))) == expected
    assert content(read(printed.write_csv(page, tmp_path / "form.csv"))) == expected


def test_cells_are_named_by_their_addresses(tmp_path: Path) -> None:
    page = printed.page(printed.load("zhongjiang-2022"))
    book = read(printed.write_xlsx(page, tmp_path / "form.xlsx"))
    table = read(printed.write_csv(page, tmp_path / "form.csv"))
    toml = read(printed.CASES / "zhongjiang-2022.toml")
    addresses = [
        [found.rows[1].address(column) for column in ("level1", "name", "target")] for found in (book, table, toml)
    ]
    assert addresses == [
        ["Sheet1!B9", "Sheet1!D9", "Sheet1!F9"],
        ["form.csv:12:2", "form.csv:12:4", "form.csv:12:6"],  # the line in the file: 绩效指标 above takes four
        ["zhongjiang-2022.toml:24:1", "zhongjiang-2022.toml:26:1", "zhongjiang-2022.toml:28:1"],
    ]
    assert book.rows[2].address("level1") == "Sheet1!B9"
    assert str(book.rows[1].where("target")) == f"{tmp_path / 'form.xlsx'}:Sheet1!F9"
    assert str(table.rows[1].where("target")) == f"{tmp_path / 'form.csv'}:12:6"
    assert book.total is not None
    assert book.total.cells["score"].address == "Sheet1!H18"


def test_the_execution_of_the_budget_is_a_row_wherever_it_stands(tmp_path: Path) -> None:
    block = read(printed.CASES / "langfang-2019.toml")
    row = form(tmp_path, HEADER, "预算执行率,,预算执行率,43.2万元,37.24万元,10,9,", ROW)
    rate = form(
        tmp_path,
        "项目资金（万元）,,年初预算数,全年预算数（A）,全年执行数（B）,执行率（B/A）",
        ",年度资金总额,43.2,43.2,37.24,86.2%",
        HEADER,
        ROW,
        "预算执行率,,预算执行率,100%,86.2%,10,9,",
    )
    for found, index in ((block, 0), (row, 0), (rate, 1)):
        execution = found.execution
        assert execution is not None
        assert (execution.index, execution.kind, execution.weight, execution.score) == (index, "execution", 10, 9)
        assert (execution.target.normal(), execution.actual.normal()) == ("43.2万元", "37.24万元")
    assert rate.execution is not None
    assert rate.execution.rate == numbers.parse("86.2")
    alone = form(tmp_path, HEADER, "预算执行率,,预算执行率,100%,86.2%,10,9,", ROW).execution
    assert alone is not None
    assert (alone.target.normal(), alone.rate) == ("100%", numbers.parse("86.2"))


def test_the_parts_of_the_money_are_told_apart() -> None:
    found = read(printed.CASES / "tangxi-2022.toml")
    assert [(row.source, row.budget, row.executed) for row in found.money] == [
        ("total", 0, 0),
        ("appropriation", numbers.parse("89.974"), numbers.parse("89.974")),
    ]
    assert found.funds is found.money[0]


def test_money_in_yuan_and_amounts_with_a_unit_of_their_own(tmp_path: Path) -> None:
    found = form(
        tmp_path,
        "单位：元",
        "项目资金,,全年预算数,全年执行数,分值,执行率,得分",
        ",年度资金总额,387664.62,38.766462万元,10,100%,10",
        "其中：当年财政拨款,,300000,300000,—,,—",
        ",上年结转资金,87664.62,87664.62,,,",
        ",其他资金,—,—,,,",
        HEADER,
        ROW,
    )
    assert found.money_unit == "元"
    assert [row.executed for row in found.money] == [
        numbers.parse("387664.62"),
        300000,
        numbers.parse("87664.62"),
        None,
    ]
    assert [row.source for row in found.money] == ["total", "appropriation", "carry_over", "other"]
    assert found.findings == ()


def test_rows_that_share_a_merged_score_name_the_row_that_has_it() -> None:
    found = read(printed.CASES / "huangshi-2022.toml")
    assert [(row.index, row.shares) for row in found.rows if row.shares is not None] == [(2, 1), (5, 4)]
    assert found.rows[2].weight is None


# -- what officers make of a form ----------------------------------------------------------------------------------


def test_a_table_is_found_among_titles_notes_and_blank_rows(tmp_path: Path) -> None:
    found = form(
        tmp_path,
        "附件1,,,,,,,",
        "项目支出绩效自评表,,,,,,,",
        "（2022年度）,,,,,,,",
        "项目名称,,村道硬化,,,,,",
        "主管部门,,某某县交通局,,实施单位：,某某镇人民政府,,",
        ",,,,,,,",
        "年度总体目标,预期目标,,,实际完成情况,,,",
        ",硬化村道20公里,,,硬化21公里,,,",
        " 一级\u00a0指标 ,二级指标,三级指标,年度指标值（A）,实际完成值（B）,分值,得分,偏差原因分析及改进措施",
        ",,,,,,,",
        "产 出 指 标（50分）,数量指标,指标1：里程,≥20公里,21公里,30,30,",
        ",,指标2：桥梁,≥2座,1座,20,10分,桥址变更",
        ",,指标3：,,,,,",
        ",质量指标,……,,,,,",
        "一、效益指标,,便利,显著提升,显著提升,40,40,无",
        "小计,,,,,40,40,",
        ",,,,,,,",
        "总 分,,,,,90,80,",
        "自评等级：良,,,,,,,",
        "注：1.分值合计100分。,,,,,,,",
        "填表人：张三,,联系电话：123,,,,,",
    )
    assert (found.title, found.year, found.said("project")) == ("项目支出绩效自评表", 2022, "村道硬化")
    assert (found.said("department"), found.said("unit"), found.said("grade")) == (
        "某某县交通局",
        "某某镇人民政府",
        "良",
    )
    assert content(found.goals) == {"expected": "硬化村道20公里", "achieved": "硬化21公里"}
    assert [(row.level1, row.level2, row.name, row.weight, row.score, row.reason) for row in found.rows] == [
        ("产出指标", "数量指标", "里程", 30, 30, ""),
        ("产出指标", "数量指标", "桥梁", 20, 10, "桥址变更"),
        ("效益指标", "", "便利", 40, 40, ""),
    ]
    assert [(section.name, section.weight, section.rows) for section in found.sections] == [
        ("产出指标", 50, (0, 1)),
        ("效益指标", None, (2,)),
    ]
    assert [(one.label, one.level1, one.rows, one.score) for one in found.subtotals] == [("小计", "效益指标", (2,), 40)]
    assert found.total is not None
    assert (found.total.label, found.total.score, found.total.rows) == ("总 分", 80, (0, 1, 2))
    assert [cell.text[:3] for cell in found.notes] == ["自评等", "注：1", "填表人", "联系电"]
    assert found.findings == ()


NATIONAL: list[tuple[str, str]] = [
    ("A1:J1", "项目支出绩效自评表"), ("A2:J2", "（ 2022 年度）"),
    ("A3:B3", "项目名称"), ("C3:J3", "村道硬化"), ("A4:B4", "主管部门"), ("C4:F4", "某某县交通局"), ("G4", "实施单位"), ("H4:J4", "某某镇人民政府"),
    ("A5:B9", "项目资金\n（万元）"), ("E5", "年初\n预算数"), ("F5", "全年\n预算数（A）"), ("G5", "全年\n执行数（B）"), ("H5", "分值"),
    ("I5", "执行率\n（B/A）"), ("J5", "得分"),
    ("C6:D6", "年度资金总额"), ("E6", "40"), ("F6", "50"), ("G6", "45"), ("H6", "10"), ("I6", "90%"), ("J6", "9"),
    ("C7:D7", "其中：当年财政拨款"), ("E7", "40"), ("F7", "40"), ("G7", "40"), ("H7", "—"), ("J7", "—"),
    ("C8:D8", "上年结转资金"), ("F8", "10"), ("G8", "5"), ("H8", "—"), ("J8", "—"), ("C9:D9", "其他资金"), ("H9", "—"), ("J9", "—"),
    ("A10:A11", "年度\n总体\n目标"), ("B10:F10", "预期目标"), ("G10:J10", "实际完成情况"), ("B11:F11", "硬化20公里"), ("G11:J11", "硬化21公里"),
    ("A12:A17", "绩\n效\n指\n标"), ("B12", "一级指标"), ("C12", "二级指标"), ("D12", "三级指标"), ("E12", "年度\n指标值"), ("F12", "实际\n完成值"),
    ("G12", "分值"), ("H12", "得分"), ("I12:J12", "偏差原因分析及\n改进措施"),
    ("B13:B15", "产\n出\n指\n标\n(50分)"), ("C13:C14", "数量指标"), ("D13", "指标1：里程"), ("E13", "≥20公里"), ("F13", "21公里"), ("G13", "30"), ("H13", "30"),
    ("D14", "指标2："), ("C15", "时效指标"), ("D15", "指标1：完工时间"), ("E15", "9月底前"), ("F15", "10月"), ("G15", "20"), ("H15", "10"), ("I15:J15", "雨季"),
    ("B16", "效益指标\n（30分）"), ("C16", "社会效益\n指标"), ("D16", "出行条件"), ("E16", "显著改善"), ("F16", "显著改善"), ("G16", "30"), ("H16", "29"),
    ("B17", "满意度指标（10分）"), ("C17", "服务对象满意度指标"), ("D17", "村民满意度"), ("E17", "≥90%"), ("F17", "92%"), ("G17", "10"), ("H17", "10"),
    ("A18:F18", "总分"), ("G18", "100"), ("H18", "88"), ("A20:J20", "注：得分最高不能超过该指标分值上限。"),
]  # fmt: skip


def test_the_national_form_as_it_is_printed(tmp_path: Path) -> None:
    page = printed.Page([printed.at(reference, said) for reference, said in NATIONAL])
    found = read(printed.write_xlsx(page, tmp_path / "a.xlsx"))
    assert found.findings == ()
    assert (found.title, found.year, found.money_unit) == ("项目支出绩效自评表", 2022, "万元")
    assert {name: found.said(name) for name in ("project", "department", "unit")} == {
        "project": "村道硬化", "department": "某某县交通局", "unit": "某某镇人民政府",
    }  # fmt: skip
    assert [(row.source, row.initial, row.budget, row.executed, row.weight) for row in found.money] == [
        ("total", 40, 50, 45, 10), ("appropriation", 40, 40, 40, None), ("carry_over", None, 10, 5, None), ("other", None, None, None, None),
    ]  # fmt: skip
    assert content(found.goals) == {"expected": "硬化20公里", "achieved": "硬化21公里"}
    assert [(row.level1, row.level2, row.name, row.weight, row.score, row.reason) for row in found.rows] == [
        ("", "", "预算执行率", 10, 9, ""),
        ("产出指标", "数量指标", "里程", 30, 30, ""),
        ("产出指标", "时效指标", "完工时间", 20, 10, "雨季"),
        ("效益指标", "社会效益指标", "出行条件", 30, 29, ""),
        ("满意度指标", "服务对象满意度指标", "村民满意度", 10, 10, ""),
    ]
    assert [section.weight for section in found.sections] == [50, 30, 10]
    assert found.total is not None
    assert (found.total.score, found.total.cells["score"].address) == (88, "Sheet1!H18")
    assert [cell.text for cell in found.notes] == ["注：得分最高不能超过该指标分值上限。"]


def test_english_names_are_read_as_well(tmp_path: Path) -> None:
    chinese = form(tmp_path, HEADER, ROW, "总分,,,,,50,50,")
    english = form(tmp_path, "level1,level2,name,target,actual,weight,score,reason", ROW, "total,,,,,50,50,")
    assert content(chinese)["rows"] == content(english)["rows"]
    assert english.total is not None


def test_other_names_of_columns_and_fewer_levels(tmp_path: Path) -> None:
    found = form(
        tmp_path,
        "指标名称,目标值,计量单位,完成值,标准分,自评分,复核分,扣分原因和其他说明,改进措施",
        "产出指标（60分）,,,,,,,,",
        "里程,20,公里,21,60,60,55,测量方法不一,统一口径",
        "满意度,,,,,,,,",
        "群众满意度,≥90%,,95%,40,40,40,,",
    )
    first, second = found.rows
    assert (first.level1, first.name, first.target.normal(), first.review) == ("产出指标", "里程", "20公里", 55)
    assert (first.reason, first.improvement) == ("测量方法不一", "统一口径")
    assert (second.level1, second.target.normal()) == ("满意度", ">=90%")
    assert [section.weight for section in found.sections] == [60, None]


def test_a_total_beside_a_label_is_the_total(tmp_path: Path) -> None:
    found = form(tmp_path, "自评总分：,96,自评等级,优,,,,", HEADER, ROW)
    assert found.total is not None
    assert (found.total.score, found.said("grade")) == (96, "优")
    assert found.total.where("score").column == 2


def test_a_group_whose_points_stand_in_a_line_of_their_own(tmp_path: Path) -> None:
    found = form(tmp_path, HEADER, "产出指标,,,,,50,48,", ",数量指标,里程,≥20公里,21公里,50,48,")
    assert [(row.name, row.level1) for row in found.rows] == [("里程", "产出指标")]
    assert [(one.weight, one.score) for one in found.sections] == [(50, 48)]


def test_an_indicator_may_begin_like_a_remark(tmp_path: Path) -> None:
    found = form(
        tmp_path,
        HEADER,
        "联系群众,,联系群众次数,≥5次,6次,50,50,",
        ",,填报及时率,≥95%,96%,50,50,",
        "填报人：张三,,,,,,,",
    )
    assert [row.name for row in found.rows] == ["联系群众次数", "填报及时率"]
    assert [cell.text for cell in found.notes] == ["填报人：张三"]


def test_a_header_that_comes_again_on_the_next_page_is_passed_over(tmp_path: Path) -> None:
    found = form(tmp_path, HEADER, ROW, HEADER, "效益指标,,便利,显著,显著,50,50,", "总分,,,,,100,100,")
    assert [row.name for row in found.rows] == ["里程", "便利"]
    assert found.findings == ()


def test_a_second_form_on_the_same_page_is_said_and_not_read(tmp_path: Path) -> None:
    whole = (HEADER, ROW, "总分,,,,,50,50,")
    found = form(tmp_path, *whole, "项目支出绩效自评表", "项目名称,,桥梁,,,,,", *whole)
    assert [row.name for row in found.rows] == ["里程"]
    assert keys(found) == [("form-unread.second", "form.csv:6:1")]


def test_other_sheets_with_a_table_are_said(tmp_path: Path) -> None:
    rows = of_texts([line.split(",") for line in (HEADER, ROW)])
    path = write(tmp_path / "a.xlsx", {"说明": of_texts([["填表说明"]]), "甲": rows, "乙": rows})
    found = read(path)
    assert found.rows[0].address("target") == "甲!D2"
    assert keys(found) == [("form-unread.sheets", str(path))]
    assert read(path, "乙").rows[0].address("target") == "乙!D2"
    assert keys(read(path, "乙")) == []
    with pytest.raises(SubmissionError) as caught:
        read(path, "丙")
    assert caught.value.findings[0].message("zh") == "没有工作表“丙”；有 `说明`、`甲`、`乙`"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_csv_as_spreadsheet_programs_write_it(encoding: str, tmp_path: Path) -> None:
    found = form(tmp_path, HEADER, ROW, encoding=encoding)
    assert found.rows[0].name == "里程"
    assert keys(found) == ([("not-utf8.gbk", str(found.path))] if encoding == "gb18030" else [])


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_csv_with_other_separators(separator: str, tmp_path: Path) -> None:
    assert form(tmp_path, HEADER.replace(",", separator), ROW.replace(",", separator)).rows[0].name == "里程"


def test_percentages_and_dates_of_a_workbook_are_read_as_they_show(tmp_path: Path) -> None:
    cells = of_texts(
        [HEADER.split(","), ["产出指标", "时效指标", "完工", "2022年9月底前"], ["", "质量指标", "合格率", "≥98%"]]
    )
    cells |= {"E2": shown(44805, "date"), "E3": shown("0.985", "percent"), "F2": shown(10), "F3": shown("10.3")}
    found = read(write(tmp_path / "a.xlsx", {"S": cells}))
    assert [row.actual.normal() for row in found.rows] == ["2022年9月1日", "98.5%"]
    assert found.rows[1].weight == numbers.parse("10.3")
    assert "date" in STYLES


# -- what cannot be understood -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "key", "about"),
    [
        ("产出指标,,里程,≥20公里,21公里,十分,10,", "form-unread.number", "form.csv:2:6"),
        ("产出指标,,里程,≥20公里,21公里,10,8/10,", "form-unread.number", "form.csv:2:7"),
        ("产出指标,,里程,≥20公里,21公里,10,#DIV/0!,", "form-unread.number", "form.csv:2:7"),
        ("产出指标,,,≥20公里,21公里,,,", "form-unread.line", "form.csv:2:1"),
    ],
)
def test_a_cell_that_cannot_be_understood_is_named(line: str, key: str, about: str, tmp_path: Path) -> None:
    found = form(tmp_path, HEADER, line, ROW.replace("产出指标", "效益指标"))
    assert keys(found) == [(key, about)]
    assert found.rows[-1].score == 50
    assert found.findings[0].where is not None
    assert str(found.findings[0].where) == f"{tmp_path}/{about}"


def test_errors_and_formulas_without_results_are_findings_at_their_cells(tmp_path: Path) -> None:
    cells = of_texts([line.split(",") for line in (HEADER, ROW)])
    cells |= {"G2": 't="e"><v>#DIV/0!</v>', "F2": "><f>10*5</f>"}
    found = read(write(tmp_path / "a.xlsx", {"S": cells}))
    assert keys(found) == [("form-unread.not-xlsx.formula", "S!F2"), ("form-unread.not-xlsx.error", "S!G2")]
    assert (found.rows[0].weight, found.rows[0].score) == (None, None)


@pytest.mark.parametrize(
    ("name", "raw", "key", "place"),
    [
        ("form.csv", "你好,世界\n1,2", "form-unread.table", ""),
        ("form.csv", "", "not-csv.empty", ""),
        ("form.csv", "a\0b,c", "not-csv.nul", ""),
        ("form.csv", f'{HEADER}\n"', "not-csv", "2:1"),
        ("form.csv", HEADER + "\n" + ROW.replace("里程", "里" * 20_001), "too-large.cell", "2:3"),
        ("form.csv", HEADER + ("\n" + ROW) * 2_000, "too-large.sheet", ""),
        ("form.csv", HEADER + "," * 100 + "x", "too-large.sheet", ""),
        ("form.xls", "x", "no-file.form", ""),
        ("form.xlsx", "x", "not-xlsx", ""),
        ("form.toml", "x", "not-toml", "1:2"),
        ("form.toml", "[submission]\nperiod = '2022'", "form-unread.no-rows", ""),
        ("form.toml", "row = 5", "form-unread.table", ""),
    ],
)
def test_what_is_no_form_is_refused(name: str, raw: str, key: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(raw, encoding="utf-8")
    assert refused(path) == (key, place)


def test_bytes_of_no_encoding_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "form.csv"
    path.write_bytes(HEADER.encode() + b"\n\xff\xff\x81")
    assert refused(path)[0] == "not-utf8"


def test_keys_that_a_form_does_not_have_are_findings(tmp_path: Path) -> None:
    path = tmp_path / "form.toml"
    path.write_text(
        lines(
            "notes = ['注：无']",
            "facts = 5",
            "[form]",
            "title = '自评表'",
            "[[row]]",
            "name = '里程'",
            "target = '≥20公里'",
            "actual = 21",
            "weight = 10.30",
            "score = [1]",
            "raeson = ''",
        ),
        encoding="utf-8",
    )
    found = read(path)
    assert keys(found) == [
        ("form-unread.key", "facts"),
        ("form-unread.column", "row.0.raeson"),
        ("form-unread.value", "row.0.score"),
    ]
    assert [(row.name, row.actual.number, row.weight, row.score) for row in found.rows] == [
        ("里程", 21, numbers.parse("10.3"), None)
    ]
    assert [cell.text for cell in found.notes] == ["注：无"]


def test_a_column_may_go_by_several_names_in_toml(tmp_path: Path) -> None:
    path = tmp_path / "form.toml"
    row = "[[row]]\n'三级指标' = '里程'\n'分值' = 5\n'得分' = 4\n[[row]]\nname = '桥梁'\nscore = 3\nweight = 5\n"
    path.write_text(row, encoding="utf-8")
    found = read(path)
    assert [(one.name, one.weight, one.score) for one in found.rows] == [("里程", 5, 4), ("桥梁", 5, 3)]
    assert found.rows[1].address("score") == "form.toml:7:1"


def test_a_workbook_that_merges_everything_is_refused_or_read(tmp_path: Path) -> None:
    cells = of_texts([line.split(",") for line in (HEADER, ROW)])
    path = write(tmp_path / "a.xlsx", {"S": cells})
    merged = "".join(f'<mergeCell ref="A{row}:XFD{row + 1}"/>' for row in range(10, 6_000))
    printed.with_merged(path, merged)
    assert refused(path) == ("too-large.sheet", "S")
    path = write(tmp_path / "b.xlsx", {"S": cells})
    printed.with_merged(path, '<mergeCell ref="A2:XFD1048576"/>')
    assert read(path).rows == ()
    path = write(tmp_path / "c.xlsx", {"S": cells})
    printed.with_merged(path, '<mergeCell ref="nowhere"/>')
    assert refused(path) == ("not-xlsx", "")


def test_texts_that_attack_are_only_texts(tmp_path: Path) -> None:
    evil = "=cmd|' /C calc'!A0\u202e[bold]"
    cells = of_texts([line.split(",") for line in (HEADER, ROW)]) | {"C2": text(evil), "H2": text(evil)}
    for found in (
        read(write(tmp_path / "a.xlsx", {"S": cells})),
        form(tmp_path, HEADER, ROW.replace("里程", f'"{evil}\x1b[31m"')),
    ):
        assert "calc" in found.rows[0].name

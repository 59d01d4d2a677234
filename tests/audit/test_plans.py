"""Forms laid on frameworks: plans that load, submissions with facts and claims, and what follows from them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import perfrules
from audit import printed
from audit.test_forms import HEADER, KNOWN, ROW, form
from perfrules import numbers
from perfrules.audit.naming import Ids, group, indicator, slug
from perfrules.audit.plan import Plan, lay
from perfrules.audit.reading import read
from perfrules.evaluation.evaluation import Evaluation
from perfrules.ruleset.library import load
from perfrules.ruleset.model import is_identifier

NATIONAL, HUBEI, HEBEI = (
    "cn/project-self-evaluation-2020",
    "cn/project-self-evaluation-2020-hubei",
    "cn/project-self-evaluation-hebei",
)
DEPARTMENT = "cn/department-overall-2013"


def laid(name: str, ruleset: str | None = None) -> Plan:
    return lay(read(printed.CASES / f"{name}.toml"), load(ruleset or KNOWN[name]["ruleset"]))


def scored(plan: Plan) -> Evaluation:
    return perfrules.evaluate(plan.ruleset, plan.submission)


def by_rule(plan: Plan, evaluation: Evaluation) -> Any:
    """The total, with rows that the rules leave open counted as printed."""
    return sum(
        row.score or 0 if evaluation[name].exact is None else evaluation[name].exact for name, row in plan.rows.items()
    )


def one(tmp_path: Path, *rows: str, ruleset: str = NATIONAL, head: str = "") -> tuple[Plan, Evaluation]:
    plan = lay(form(tmp_path, head, HEADER, *rows), load(ruleset))
    return plan, scored(plan)


def status(evaluation: Evaluation, name: str) -> tuple[str, Any]:
    given_ = evaluation.given(name)
    assert given_ is not None
    return evaluation[name].status.value, given_.missing


# -- published tables ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", printed.NAMES)
def test_by_rule_a_published_table_earns_what_is_known(name: str) -> None:
    plan, known = laid(name), KNOWN[name]
    evaluation = scored(plan)
    assert plan.findings == ()
    assert [one for one in plan.ruleset.findings if one.severity == "error"] == []
    assert by_rule(plan, evaluation) == Fraction(str(known["by_rule"]))
    statuses = [evaluation[name].status.value for name in plan.rows]
    assert statuses.count("missing") == known.get("missing", 0)
    assert len(plan.rows) == sum(row.shares is None for row in plan.form.rows)
    claimed = {claim.about: claim.claimed for claim in plan.submission.claims}
    assert claimed.get("total") == (plan.form.total.score if plan.form.total else None)


@pytest.mark.parametrize("name", printed.NAMES)
def test_the_two_texts_are_files_that_give_the_same(name: str, tmp_path: Path) -> None:
    plan = laid(name)
    (tmp_path / "plan.toml").write_text(plan.text, encoding="utf-8")
    (tmp_path / "submission.toml").write_text(plan.submission_text, encoding="utf-8")
    there, here = perfrules.evaluate(None, tmp_path / "submission.toml"), scored(plan)
    assert {name: there[name].bounds for name in plan.rows} == {name: here[name].bounds for name in plan.rows}
    assert [claim.verdict for claim in there.claims] == [claim.verdict for claim in here.claims]


@pytest.mark.parametrize("name", printed.NAMES)
def test_a_workbook_gives_the_same_plan_but_for_its_addresses(name: str, tmp_path: Path) -> None:
    page = printed.page(printed.load(name))
    files = [printed.write_xlsx(page, tmp_path / f"{name}.xlsx"), printed.write_csv(page, tmp_path / f"{name}.csv")]
    plans = [laid(name), *(lay(read(path), load(KNOWN[name]["ruleset"])) for path in files)]
    first, *others = ([row.bounds for row in map(scored(plan).__getitem__, plan.rows)] for plan in plans)
    assert [other == first for other in others] == [True, True]
    keys = [[(claim.about, claim.claimed) for claim in plan.submission.claims] for plan in plans]
    assert keys[1] == keys[0] == keys[2]
    assert {tuple(plan.rows) for plan in plans} == {tuple(plans[0].rows)}


@pytest.mark.parametrize(
    "ruleset", [NATIONAL, HUBEI, HEBEI, DEPARTMENT, "cn/project-evaluation-2020", "cn/department-overall-yueyang-2018"]
)
@pytest.mark.parametrize("name", ["zhongjiang-2022", "pudong-2018", "guangshui-2021", "yueyang-2018", "jinzhai-2023"])
def test_any_form_can_be_laid_on_any_ruleset(name: str, ruleset: str) -> None:
    plan = laid(name, ruleset)
    evaluation = scored(plan)
    assert evaluation.total is not None
    assert evaluation.total.weight == KNOWN[name]["weights"]


def test_texts_name_the_cells_that_they_come_from(tmp_path: Path) -> None:
    path = printed.write_xlsx(printed.page(printed.load("zhongjiang-2022")), tmp_path / "zhongjiang.xlsx")
    plan = lay(read(path), load(NATIONAL))
    assert '[dimensions.output]\nreplaces = ["weight"]\nweight = 70  # 框架为 50' in plan.text
    assert "# 产出指标 / 数量指标 / 安装坡面水标尺 Sheet1!D9" in plan.text
    assert 'weight = 10  # Sheet1!E9\nunit = "米"\ntarget = ">= 266"  # Sheet1!F9: ≥266米' in plan.text
    assert '"项目工程验收合格率" = { value = 100, source = "Sheet1!G11" }  # 100%' in plan.submission_text
    assert "total = 100  # Sheet1!H18" in plan.submission_text
    assert str(plan.where("indicators.安装坡面水标尺")) == f"{path}:Sheet1!H9"
    assert str(plan.where("indicators.安装坡面水标尺", "target")) == f"{path}:Sheet1!F9"
    assert str(plan.where("dimensions.output")) == f"{path}:Sheet1!B9"
    assert plan.where("total.weight") is None
    places = {one.about: str(one.where) for one in scored(plan).findings if one.code == "claims-disagree"}
    assert places == {"total": f"{path}:Sheet1!H18"}


def test_the_texts_of_a_whole_form(tmp_path: Path, golden: Any) -> None:
    path = printed.write_xlsx(printed.page(printed.load("huangshi-2022")), tmp_path / "huangshi.xlsx")
    plan = lay(read(path), load(HUBEI))
    folder = Path(__file__).parent / "golden"
    golden(folder / "plan-huangshi.zh.txt", f"{plan.text}\n{'-' * 20}\n\n{plan.submission_text}")
    plan = lay(
        read(printed.write_xlsx(printed.page(printed.load("yueyang-2018")), tmp_path / "yueyang.xlsx")),
        load(DEPARTMENT),
        "en",
    )
    golden(folder / "plan-yueyang.en.txt", f"{plan.text}\n{'-' * 20}\n\n{plan.submission_text}")


# -- rows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "actual", "score", "reason"),
    [
        ("≥20公里", "21公里", 50, ""),
        ("≥20公里", "15公里", Fraction(75, 2), ""),
        ("≤20公里", "25公里", 40, ""),
        ("＝20公里", "25", 40, ""),
        ("20公里", "10公里", 25, ""),
        ("≥2万元", "10000元", 25, ""),
        ("≥100%", "130%", 50, ""),
        ("=100%", "=100%", 50, ""),
        ("≥20公里", "—", None, "表上没有实际完成值"),
        ("≥20公里", "≥20公里", None, "实际完成值照抄指标值“≥20公里”，不是实测值"),
        ("≥20公里", "20公里以上", None, "实际完成值“20公里以上”带有符号，不是一个数"),
        ("≥20公里", "达成年度指标", None, "指标值是数，实际完成值“达成年度指标”不是"),
        ("≥20公里", "21米", None, "实际完成值的单位是米，指标值的单位是公里，不能换算"),
        ("2022年6月底前", "2022年6月", 50, ""),
        ("2022年6月底前", "2022-07-01", 0, ""),
        ("6月30日前", "6月30日", 50, ""),
        ("2022年12月", "11月", 50, ""),
        ("9月前", "7月", 50, ""),
        ("9月前", "10月", 0, ""),
        ("9月前", "9月", None, "按“9月”说不准是否在“9月前”之内"),
        ("6月15日前", "6月", None, "按“6月”说不准是否在“6月15日前”之内"),
        ("2022年6月底前", "按时完成", None, "指标值是时间，实际完成值“按时完成”不是"),
        ("不低于6月", "7月", 50, ""),
    ],
)  # fmt: skip
def test_what_a_row_earns_or_why_it_is_left_open(
    target: str, actual: str, score: Any, reason: str, tmp_path: Path
) -> None:
    _, evaluation = one(tmp_path, f"产出指标,数量指标,里程,{target},{actual},50,50,", head="自评表（2022年度）")
    row = evaluation["里程"]
    assert row.exact == (None if score is None else score)
    assert status(evaluation, "里程") == ("missing" if score is None else "scored", reason)


@pytest.mark.parametrize(
    ("target", "actual", "bounds"),
    [
        ("显著提升", "显著提升", (40, 50)),
        ("显著提升", " 显著 提升。", (40, 50)),
        ("显著提升", "达成年度指标", (40, 50)),
        ("显著提升", "部分达成年度指标并具有一定效果", (30, 40)),
        ("显著提升", "未达成", (0, 30)),
        ("显著提升", "70%", (30, 40)),
        ("显著提升", "略有提升", (0, 50)),
        ("显著提升", "", (0, 50)),
        ("好坏", "好坏", (0, 50)),
        ("", "95%", (0, 50)),
    ],
)
def test_a_judged_row_has_the_bounds_of_its_level(
    target: str, actual: str, bounds: tuple[int, int], tmp_path: Path
) -> None:
    _, evaluation = one(tmp_path, f"效益指标,社会效益指标,便利,{target},{actual},50,45,")
    assert evaluation["便利"].bounds == bounds
    assert evaluation["便利"].exact is None


def test_a_date_on_a_form_without_a_year_is_left_open(tmp_path: Path) -> None:
    plan, evaluation = one(tmp_path, "产出指标,时效指标,完工,9月前,7月,50,50,")
    assert plan.form.year is None
    assert evaluation["完工"].bounds == (0, 50)


def test_hubei_and_hebei_score_by_their_own_levels_and_conversions() -> None:
    assert laid("huangshi-2022").ruleset.declaration.levels["three_grades"].steps[1].from_ == 50
    evaluation = scored(laid("chengan-2020"))
    assert {claim.about.rpartition(".")[2]: (str(claim.claimed), claim.verdict) for claim in evaluation.claims[:4]} == {
        "符合条件申报对象覆盖率": ("Ratio(25, 4)", "refuted"),
        "完成率": ("Ratio(25, 4)", "refuted"),
        "补贴发放率": ("9", "refuted"),
        "服务对象满意度": ("1", "refuted"),
    }


def test_a_cost_without_a_sign_is_not_to_be_reached(tmp_path: Path) -> None:
    plan, evaluation = one(tmp_path, "产出指标,成本指标,投资,20万元,18万元,25,25,", ",,节约率,10%,5%,25,25,")
    assert evaluation["投资"].exact == 25
    assert evaluation["节约率"].exact == Fraction(25, 2)
    assert plan.rows["投资"].target.sign == ""


def test_rows_that_share_a_score_are_met_together_or_left_open() -> None:
    evaluation = scored(laid("huangshi-2022"))
    met, open_ = (
        next(name for name in evaluation.ruleset.program.rows if name.startswith(start)) for start in ("一个", "可保证")
    )
    assert evaluation[met].bounds == (8, 10)
    assert evaluation[open_].bounds == (0, 10)


# -- the execution of the budget -----------------------------------------------------------------------------------


def test_amounts_in_another_unit_are_converted() -> None:
    plan = laid("yongde-2022")
    assert 'full_year_budget = { value = 387664.62, unit = "元", source =' in plan.submission_text
    assert scored(plan)["execution_rate"].exact == 10


def test_a_rate_is_claimed_with_the_decimals_that_it_is_printed_with() -> None:
    evaluation = scored(laid("langfang-2019"))
    assert {claim.about: claim.verdict for claim in evaluation.claims}["values.execution_rate"] == "confirmed"
    assert "execution_rate = 86  #" in laid("langfang-2019").submission_text


def test_without_its_row_the_execution_is_not_scored_and_its_amounts_stay() -> None:
    plan = laid("chengan-2020")
    assert "execution_rate" not in plan.rows
    assert '"indicators.execution_rate"' in plan.text
    facts = scored(plan).facts.names
    assert (facts["executed"], facts["funds_received"]) == (numbers.parse("6.84"), numbers.parse("6.84"))


def test_a_rate_alone_is_a_claim_and_no_fact(tmp_path: Path) -> None:
    plan, evaluation = one(tmp_path, "预算执行率,,预算执行率,100%,86.2%,10,9,", ROW)
    given_ = evaluation.given("executed")
    assert given_ is not None
    assert given_.missing == "表上只有执行率，没有金额"
    assert evaluation["execution_rate"].bounds == (0, 10)
    assert "execution_rate" in plan.rows


def test_a_ruleset_without_an_execution_rate_gets_one() -> None:
    plan = laid("jinzhai-2023")
    assert plan.rows["execution_rate"].name == "预算执行率"
    assert scored(plan)["execution_rate"].exact == 10
    assert numbers.shown(numbers.read(scored(plan).values["execution_rate"].value)) == "≈102.5897"


# -- groups and rows of a ruleset ----------------------------------------------------------------------------------


def test_rows_of_a_ruleset_are_known_by_their_names() -> None:
    plan = laid("yueyang-2018")
    assert list(plan.rows) == [
        "财政供养人员控制率", "three_public_change_rate", "priority_spending_share", "budget_adjustment_rate", "payment_progress_rate",
        "资金结余", "three_public_control_rate", "budget_management_system",
    ]  # fmt: skip
    assert list(laid("yueyang-2018", "cn/department-overall-yueyang-2018").rows) == [
        "staffing_control_rate", "three_public_change_rate", "priority_spending_share", "budget_adjustment_rate", "payment_progress",
        "carry_over", "three_public_control_rate", "management_system",
    ]  # fmt: skip


def test_a_rate_that_the_form_prints_is_scored_by_the_standard_of_the_ruleset(tmp_path: Path) -> None:
    plan, evaluation = one(
        tmp_path,
        "投入,预算配置,在职人员控制率,≤100%,102%,5,5,",
        "投入,预算配置,“三公经费”变动率,≤0,-2%,5,5,",
        ruleset=DEPARTMENT,
    )
    assert evaluation["staffing_control_rate"].exact == 4
    assert evaluation["three_public_change_rate"].status.value == "missing"  # its standard reads the two amounts
    assert 'value = "在职人员控制率"' in plan.text


def test_groups_are_known_by_their_names_and_new_ones_are_added() -> None:
    plan = laid("huangshi-2022")
    dimensions = {name: plan.ruleset.declaration.indicators[name].dimension for name in plan.rows}
    assert sorted(set(dimensions.values())) == [
        "cost", "ecological", "economic", "execution", "quality", "quantity", "sustainable", "timeliness",
    ]  # fmt: skip
    added = laid("guangshui-2021").ruleset.declaration.dimensions
    assert {name: one.within for name, one in added.items()} == {
        "项目决策": None, "项目管理": None, "项目绩效": None, "数量指标": "项目绩效",
    }  # fmt: skip
    nanhua = laid("nanhua").ruleset.declaration
    assert nanhua.dimensions[nanhua.indicators["奖补资金兑付率"].dimension].within == "output"
    assert set(laid("zhongjiang-2022").sections) == {"output", "benefit", "satisfaction"}
    assert set(laid("chengan-2020").sections) == {"output", "benefit", "satisfaction"}


def test_weights_of_groups_are_those_that_are_printed_or_the_sums() -> None:
    plan = laid("zhongjiang-2022")
    assert {name: plan.ruleset.declaration.dimensions[name].weight for name in plan.sections} == {
        "output": 70, "benefit": 20, "satisfaction": 10,
    }  # fmt: skip
    assert plan.framework.declaration.dimensions["output"].weight == 50
    weights = {one.about: one.values["sum"] for one in plan.ruleset.findings if one.code == "weights-sum"}
    assert weights == {"total.weight": "110"}


def test_points_beside_a_group_that_its_rows_do_not_add_up_to_are_kept(tmp_path: Path) -> None:
    plan, _ = one(tmp_path, "产出指标（50分）,数量指标,里程,≥20公里,21公里,30,30,")
    assert [(one.about, one.values["declared"]) for one in plan.ruleset.findings] == [
        ("dimensions.output", "50"),
        ("total.weight", "100"),
    ]


def test_subtotals_and_grades_are_claims(tmp_path: Path) -> None:
    rows = ("产出指标,数量指标,里程,≥20公里,21公里,50,48,", "小计,,,,,50,48,", "总分,,,,,50,48,")
    plan, _ = one(tmp_path, *rows, head="自评等级：,优秀")
    assert [(claim.about, claim.claimed) for claim in plan.submission.claims] == [
        ("total", 48),
        ("grade", "excellent"),
        ("indicators.里程", 48),
        ("dimensions.output", 48),
    ]


def test_a_reason_becomes_a_note_of_its_row() -> None:
    evaluation = scored(laid("langfang-2019"))
    assert evaluation.submission.notes["工程资金金额"].reason.startswith("已完工")


def test_overlays_stay_on_the_ruleset_that_a_form_is_laid_on() -> None:
    framework = load(NATIONAL, overlays=["cn/platform-caps"])
    plan = lay(read(printed.CASES / "langfang-2019.toml"), framework)
    assert [part.id for part in plan.ruleset.overlays] == ["cn/platform-caps"]
    assert "execution_cap" in " ".join(plan.ruleset.declaration.adjustments)


# -- ids -----------------------------------------------------------------------------------------------------------


def test_ids_are_made_of_names_and_numbered_where_they_come_again(tmp_path: Path) -> None:
    rows = [
        f"产出指标,数量指标,{name},≥1,1,10,10,"
        for name in ("里程(公里)", "里程（公里）", "1290.3平方米", "—；", "if", "target", "executed")
    ]
    plan, _ = one(tmp_path, *rows)
    assert list(plan.rows) == ["里程公里", "里程公里_2", "_1290_3平方米", "row_4", "if_2", "target_2", "executed_2"]


@given(st.text(max_size=100))
def test_any_name_makes_an_id(name: str) -> None:
    ids = Ids(["row_1"])
    made = [ids.make(name, "row_1") for _ in range(3)]
    assert all(is_identifier(one) for one in made)
    assert len({*made, "row_1"}) == 4
    assert Ids(["row_1"]).make(name, "row_1") == made[0]
    assert slug(name)


def test_names_of_groups_and_rows_are_compared_without_what_does_not_tell_them_apart() -> None:
    assert {group(name) for name in ("产出指标", "产 出 指 标", "产出", "项目产出（50分）")} == {"产出"}
    assert group("效果指标") == group("效益指标")
    assert indicator("“三公经费”变动率") == indicator("三公经费变动率") == indicator("三公经费变动")


# -- hostile forms -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "keys"),
    [
        ("", ["form-unread.no-weight"]),
        ("-5", ["form-unread.weight"]),
        ("9999999", ["form-unread.weight"]),
        ("1000000", []),
    ],
)
def test_a_weight_that_cannot_be_counts_nothing(weight: str, keys: list[str], tmp_path: Path) -> None:
    plan, evaluation = one(tmp_path, f"产出指标,数量指标,里程,≥20公里,21公里,{weight},10,")
    assert [one.key for one in plan.findings] == keys
    assert evaluation["里程"].weight == (0 if keys else 1000000)


VOCABULARY = [
    "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "绩效指标", "产出指标（50分）", "数量指标", "经济/社会效益", "总分",
    "小计", "预算执行率", "执行率", "100", "50", "9.5", "-3", "0", "≥95%", "95%", "102%", "2022年6月底前", "9月前", "7月",
    "显著提升", "达成年度指标", "好坏", "—", "项目资金（万元）", "全年预算数（A）", "全年执行数（B）", "年度资金总额", "注：1", "指标1：", "executed",
    "execution_rate", "weight", "成本指标", "5万元", "5元", "≥0", "0%", "在职人员控制率", "预算调整率", "预算完成率",
    "9999999999", "1e9", "=1+1", "自评等级：优",
]  # fmt: skip
EVIL = st.text(
    st.sampled_from("\n\r\"'\\#[]{}=%≥≤<>/—0123456789.万元年月日指标总分注：（）")
    | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=12,
)
CELLS = st.lists(st.lists(EVIL | st.sampled_from(VOCABULARY), min_size=8, max_size=8), min_size=1, max_size=6)


@settings(max_examples=100)
@given(CELLS, st.sampled_from([NATIONAL, DEPARTMENT]), st.sampled_from(["zh", "en"]))
def test_any_texts_in_a_table_give_a_plan_that_loads(cells: list[list[str]], ruleset: str, lang: str) -> None:
    from perfrules.audit import reading
    from perfrules.audit.sheets import Sheet
    from perfrules.errors import Where

    rows = [["title\nx", *[""] * 7], HEADER.split(","), *cells]
    texts = {
        (row, column): cell for row, line in enumerate(rows, 1) for column, cell in enumerate(line) if cell.strip()
    }
    sheet = Sheet(
        Path("form.csv"), "", texts, lambda row, column: (f"form.csv:{row}:{column}", Where("form.csv", row, column))
    )
    table = reading.find(sheet)
    assert table is not None
    plan = lay(reading._form(sheet, table), _loaded(ruleset), lang)
    evaluation = scored(plan)
    assert set(plan.rows) == set(evaluation.ruleset.program.rows)
    assert [finding for finding in evaluation.findings if finding.format(lang) == ""] == []


_LOADED: dict[str, Any] = {}


def _loaded(ruleset: str) -> Any:
    return _LOADED.setdefault(ruleset, load(ruleset))

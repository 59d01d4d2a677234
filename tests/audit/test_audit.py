"""The audit of published tables: what each claims, what follows, and what does not."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from audit import filled, printed
from perfrules.audit.audit import Audit, audit_form
from perfrules.errors import RulesetError
from perfrules.ruleset.library import Ruleset, load

FRAMEWORKS = {
    "chengan-2020": "cn/project-self-evaluation-hebei",
    "huangshi-2022": "cn/project-self-evaluation-2020-hubei",
    "yueyang-2018": "cn/department-overall-2013",
}


@cache
def framework(name: str) -> Ruleset:
    return load(FRAMEWORKS.get(name, filled.NATIONAL))


@cache
def of(name: str) -> Audit:
    """The audit of a published table against the framework that it follows."""
    return audit_form(printed.CASES / f"{name}.toml", framework(name))


def found(name: str, code: str) -> list[str]:
    """The findings of a code, each by its row."""
    return [finding.about.partition(".")[2] for finding in of(name).findings if finding.code == code]


def number(text: str) -> Fraction:
    return Fraction(text)


def findings(one: Audit) -> list[Any]:
    """What was found, without the places, which differ from file to file."""
    return [
        (finding.severity, finding.key, finding.about, {key: said for key, said in finding.values.items() if key != "place"})
        for finding in one.findings
    ]  # fmt: skip


# -- every table -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", printed.NAMES)
def test_a_published_table_audits_alike_from_workbook_csv_and_toml(name: str, tmp_path: Path) -> None:
    page = printed.page(printed.load(name))
    expected = findings(of(name))
    assert findings(audit_form(printed.write_xlsx(page, tmp_path / "form.xlsx"), framework(name))) == expected
    assert findings(audit_form(printed.write_csv(page, tmp_path / "form.csv"), framework(name))) == expected


@pytest.mark.parametrize("name", printed.NAMES)
def test_every_finding_of_a_published_table_says_something_and_names_its_cell(name: str) -> None:
    for finding in of(name).findings:
        for lang in ("zh", "en"):
            assert "{" not in finding.message(lang)
            assert finding.message(lang) != finding.key
        assert finding.where is not None
        assert finding.where.line is not None


@pytest.mark.parametrize(
    ("name", "claimed", "by_rule"),
    [
        ("zhongjiang-2022", "110", "110"), ("yongde-2022", "96", "99.80"), ("pudong-2018", "91.80", "91.80"),
        ("langfang-2019", "98", "97.24"), ("chengan-2020", "22.50", "90"), ("jinzhai-2023", "60", "70"),
        ("nanhua", "60", "51.04"), ("tangxi-2022", "80", "80"), ("huangshi-2022", "90", "90"),
        ("guangshui-2021", "30", "30"), ("yueyang-2018", "32", "32"), ("daying-2022", "20", "20"),
    ],
)  # fmt: skip
def test_the_rows_claim_so_much_and_this_follows(name: str, claimed: str, by_rule: str) -> None:
    total = of(name).total
    assert total.claimed == number(claimed)
    assert total.by_rule == number(by_rule)


def test_groups_add_up_to_what_their_rows_claim_and_to_what_follows() -> None:
    for name in printed.NAMES:
        one = of(name)
        tops = [group for group in one.groups if group.within is None]
        assert sum(group.claimed or 0 for group in tops) == one.total.claimed
        assert sum(group.by_rule or 0 for group in tops) == one.total.by_rule


# -- what the issue names ----------------------------------------------------------------------------------------


def test_zhongjiang_prints_100_above_rows_of_110() -> None:
    one = of("zhongjiang-2022")
    assert (one.total.printed, one.total.printed_weight) == (100, 100)
    assert [finding.key for finding in one.findings if finding.severity == "error"] == [
        "total-mismatch", "weights-sum.printed",
    ]  # fmt: skip
    assert found("zhongjiang-2022", "section-weight") == ["output", "benefit"]
    assert len(found("zhongjiang-2022", "actual-echoes-target")) == 6
    assert found("zhongjiang-2022", "direction-missing") == ["项目计划总投资"]
    assert one.total.grade is None  # 110 of 110 is no percentage of anything


def test_yongde_adds_up_and_loses_three_points_without_a_reason() -> None:
    one = of("yongde-2022")
    assert one.total.printed == one.total.claimed == 96
    assert found("yongde-2022", "unexplained-deduction") == ["资金到位及时率"]
    assert found("yongde-2022", "score-not-by-rule") == ["政策知晓率"]
    assert found("yongde-2022", "section-weight") == ["output", "satisfaction"]
    assert not found("yongde-2022", "total-mismatch")
    assert one.total.bounds == (number("97.8"), number("99.8"))


def test_langfang_rounds_the_execution_to_whole_points_and_counts_money() -> None:
    assert found("langfang-2019", "execution-rounded") == ["execution_rate"]
    assert found("langfang-2019", "score-not-by-rule") == ["工程资金金额"]
    assert found("langfang-2019", "money-as-output") == ["工程资金金额"]
    assert found("langfang-2019", "target-not-measurable") == ["学校发展能力", "长期使用性"]
    assert of("langfang-2019").total.derived == number("97.24")


def test_chengan_applies_the_weight_twice_which_is_one_finding() -> None:
    (error,) = [finding for finding in of("chengan-2020").findings if finding.severity == "error"]
    assert error.code == "weight-applied-twice"
    assert error.values == {"converted": "22.5", "weight": "90", "rows": "4"}
    assert not found("chengan-2020", "over-achievement")


def test_jinzhai_spends_more_than_budgeted_and_prints_no_score_for_it() -> None:
    (over,) = [finding for finding in of("jinzhai-2023").findings if finding.code == "execution-over-100"]
    assert over.values["rate"] == "102.59"
    assert found("jinzhai-2023", "score-not-by-rule") == ["execution_rate"]
    (above,) = [finding for finding in of("jinzhai-2023").findings if finding.code == "over-achievement"]
    assert above.values["ratio"] == "153.05"
    assert found("jinzhai-2023", "direction-suspect") == ["开展精品示范村建设数量"]
    assert not found("jinzhai-2023", "total-mismatch")


def test_nanhua_has_full_marks_for_20_of_550() -> None:
    row = "配套烘干杀菌设备及包装设备购置及安装"
    assert found("nanhua", "unexplained-full-marks") == found("nanhua", "unit-mismatch") == [row]
    assert found("nanhua", "actual-missing") == ["配套电力设施1250KVA变压器3台"]
    assert found("nanhua", "wrong-dimension") == ["奖补资金兑付率"]


def test_tangxi_prints_a_total_of_0_above_parts_that_are_not() -> None:
    keys = [finding.key for finding in of("tangxi-2022").findings]
    assert keys[:3] == ["parts-do-not-add.zero"] * 3
    assert "zero-base.budget" in keys
    assert "out-of-range" not in keys
    (alike,) = [finding for finding in of("tangxi-2022").findings if finding.code == "uniform-judgement"]
    assert (alike.severity, alike.values["count"], alike.values["points"]) == ("note", "6", "56")
    execution = of("tangxi-2022").rows[0]
    assert (execution.derived, execution.claimed, execution.by_rule) == (None, 0, 0)


def test_huangshi_scores_one_figure_twice_and_shares_scores() -> None:
    assert len(found("huangshi-2022", "duplicate-indicator")) == 1
    shared = [row for row in of("huangshi-2022").rows if row.form is not None and row.form.shares is not None]
    assert [(row.id, row.claimed) for row in shared] == [("", None), ("", None)]


def test_daying_asks_for_an_option_list() -> None:
    (finding,) = [one for one in of("daying-2022").findings if one.code == "target-not-measurable"]
    assert (finding.severity, finding.key) == ("warning", "target-not-measurable.form-options")


def test_a_table_of_first_level_groups_is_audited_on_its_totals() -> None:
    one = of("pudong-2018")
    assert one.findings == ()
    assert one.total.printed == one.total.by_rule == number("91.80")
    assert one.total.bounds == (0, 100)
    assert not one.needs_attention


def test_a_table_scored_by_standards_without_facts_is_left_as_claimed() -> None:
    one = of("yueyang-2018")
    assert {row.status for row in one.rows} == {"missing"}
    assert one.total.by_rule == one.total.claimed == 32
    assert {finding.code for finding in one.findings} == {"weights-sum", "section-weight"}


# -- the examples of the documents -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[2] / "docs/examples/forms").glob("*.csv")), ids=lambda path: path.stem
)
def test_a_form_of_the_documents_is_the_published_one(path: Path) -> None:
    assert findings(audit_form(path, filled.national())) == findings(of(path.stem))


# -- the rest ----------------------------------------------------------------------------------------------------


def test_what_a_form_was_read_as_scores_as_the_audit_says(tmp_path: Path) -> None:
    from perfrules import evaluate

    one = of("yongde-2022")
    plan, submission = one.as_toml()
    (tmp_path / "plan.toml").write_text(plan, encoding="utf-8")
    (tmp_path / "submission.toml").write_text(submission, encoding="utf-8")
    again = evaluate(None, tmp_path / "submission.toml")
    assert again.total is not None
    assert again.total.bounds == one.total.bounds
    assert {row.id: row.exact for row in again} == {row.id: row.derived for row in one.rows}


def test_a_form_needs_a_framework() -> None:
    with pytest.raises(RulesetError) as refused:
        audit_form(printed.CASES / "yongde-2022.toml")
    assert [finding.key for finding in refused.value.findings] == ["no-ruleset.form"]


def test_an_audit_says_itself_in_one_line_and_as_data() -> None:
    one = of("yongde-2022")
    assert str(one).endswith("printed 96, by rule 99.8; 1 errors, 3 warnings, 2 notes")
    data = one.as_dict("zh")
    assert data["total"]["by_rule"] == "99.80"
    assert data["total"]["bounds"] == ["97.8", "99.8"]
    assert [row["by_rule"] for row in data["rows"][:4]] == ["10", "10", "10", "10"]
    assert {finding["code"] for finding in data["findings"]} == {finding.code for finding in one.findings}


def test_an_overlay_on_the_total_reaches_the_total_by_rule(tmp_path: Path) -> None:
    spent = {"money_0": {"executed": 65, "rate": "65%", "score": 6.5}, "money_1": {"executed": 45}}
    capped = load(filled.NATIONAL, overlays="cn/platform-caps")
    assert filled.audited(tmp_path, **spent).total.by_rule == number("95.5")
    assert filled.audited(tmp_path, **spent, ruleset=capped).total.by_rule == 79

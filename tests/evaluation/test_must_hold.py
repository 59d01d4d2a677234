"""What the project was asked to hold, in the words in which it was asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from perfrules import evaluate
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status

from .small import facts, findings_of, one_row, row, ruleset, score_of

RATIOS = {
    "three_public_change_rate": ("three_public_budget", "three_public_budget_last_year"),
    "priority_spending_share": ("priority_project_expenditure",),
    "budget_completion_rate": ("budget_completed",),
    "budget_adjustment_rate": ("budget_adjustment", "budget_adjustment_excluded"),
}


@pytest.fixture(scope="module")
def julu(project_root: Path) -> Evaluation:
    return evaluate(None, project_root / "docs" / "examples" / "julu-2022" / "submission.toml")


@pytest.fixture(scope="module")
def langfang(project_root: Path) -> Evaluation:
    return evaluate(None, project_root / "docs" / "examples" / "langfang-2019" / "submission.toml")


# -- 1: the Julu report --------------------------------------------------------------------------------------------


def test_julu_has_full_points_for_its_staff_derived_from_two_cited_facts(julu: Evaluation) -> None:
    result = julu["staffing_control_rate"]
    assert (result.status, result.value, result.score, result.weight) == (Status.SCORED, 100, Decimal("5.00"), 5)
    used = result.derivation.facts
    assert [(use.id, use.value) for use in used] == [("staff_in_post", 95), ("staff_posts", 95)]
    assert all("人员及资产情况" in use.source for use in used)
    assert "percent(staff_in_post, staff_posts)" in [part.text for part in result.derivation.parts]


def test_julu_lacks_facts_for_every_other_row_and_names_them(julu: Evaluation) -> None:
    others = [result for result in julu if result.id != "staffing_control_rate"]
    assert len(others) == 27
    assert {result.status for result in others} == {Status.MISSING}
    assert all(result.missing and result.score is None for result in others)
    known = julu.ruleset.program.facts
    assert all(name.partition(".")[0] in known for result in others for name in result.missing)
    assert {name: julu[name].missing for name in RATIOS} == RATIOS


def test_julu_is_incomplete_with_total_bounds_and_coverage(julu: Evaluation) -> None:
    assert julu.total is not None
    assert julu.status == "incomplete"
    assert julu.total.score is None
    assert julu.total.bounds == (5, 100)
    assert julu.coverage == 5
    assert julu.needs_attention


def test_the_98_that_julu_claims_has_no_support(julu: Evaluation) -> None:
    (claim,) = julu.claims
    assert (claim.about, claim.claimed, claim.derived, claim.verdict) == ("total", 98, None, "unsupported")
    assert claim.bounds == (5, 100)


def test_three_sums_of_julu_differ_by_a_cent_and_seven_agree(julu: Evaluation) -> None:
    assert len(julu.checks) == 10
    assert {check.status for check in julu.checks} == {"pass"}
    titled = {check.title["zh"].split()[0]: check for check in julu.checks}
    cent = Fraction(1, 100)
    differing = {name: check.difference for name, check in titled.items() if check.difference}
    assert {name: abs(difference or 0) for name, difference in differing.items()} == {
        "S1": cent,
        "S4": cent,
        "S10": cent,
    }
    notes = [
        about for severity, code, about in findings_of(julu) if (severity, code) == ("note", "rounding-difference")
    ]
    assert sorted(notes) == sorted(f"checks.{check.id}" for check in julu.checks if check.difference)
    assert {check.tolerance for name, check in titled.items() if name in ("S8", "S9")} == {0}
    assert {check.tolerance for name, check in titled.items() if name not in ("S8", "S9")} == {Fraction(5, 100)}


# -- 2: the Langfang table -----------------------------------------------------------------------------------------


def test_langfang_scores_97_24_where_10_times_9_or_10_was_printed(langfang: Evaluation) -> None:
    assert langfang.total is not None
    assert (langfang.total.exact, langfang.total.score) == (Fraction("97.24"), Decimal("97.24"))
    assert (langfang.status, langfang.total.grade, langfang.coverage) == ("scored", "excellent", 100)
    assert langfang["execution_rate"].score == langfang["project_funds"].score == Decimal("8.62")
    assert langfang["execution_rate"].value == Fraction(3724, 4320) * 100


def test_the_two_nines_that_langfang_claims_are_refuted(langfang: Evaluation) -> None:
    verdicts = {claim.about.removeprefix("indicators."): claim.verdict for claim in langfang.claims}
    assert [name for name, verdict in verdicts.items() if verdict == "refuted"] == ["execution_rate", "project_funds"]
    assert len(verdicts) == 10
    assert set(verdicts.values()) == {"refuted", "confirmed"}
    assert langfang.needs_attention
    assert [about for severity, _, about in findings_of(langfang) if severity == "error"] == [
        "indicators.execution_rate",
        "indicators.project_funds",
    ]


# -- 3: numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "exact"),
    [
        ("7 / 3 * 3", "7"),
        ("weight if 7 / 3 * 3 == 7 else 0", "10"),
        ("weight if 0.1 + 0.2 == 0.3 else 0", "10"),
        ("0.1 + 0.2", "0.3"),
        ("15 + 49.04 + 20 + 10", "94.04"),
        ("round(1.005, 2)", "1.01"),
        ("round(-1.005, 2)", "-1.01"),
        ("2 / 3", "2/3"),
    ],
)
def test_arithmetic_is_exact(formula: str, exact: str) -> None:
    assert score_of(formula) == Fraction(exact)


def test_a_score_of_two_thirds_is_0_67_and_its_derivation_shows_the_rounding() -> None:
    result = evaluate(one_row("2 / 3", "", rounding="2"), {})["i"]
    assert (result.score, result.exact) == (Decimal("0.67"), Fraction(67, 100))
    rounding = result.derivation.parts[-1]
    assert (rounding.of, rounding.value) == ("rounding", Fraction(67, 100))
    assert result.derivation.parts[-2].value == Fraction(2, 3)


@pytest.mark.parametrize(
    ("measured", "score"), [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.0049", "1.00"), ("-0.001", "0.00")]
)
def test_scores_round_half_away_from_zero(measured: str, score: str) -> None:
    result = evaluate(one_row("a", facts(a="number"), rounding="2"), {"a": Decimal(measured)})["i"]
    assert str(result.score) == score


# -- 4: unknown ----------------------------------------------------------------------------------------------------

PROCUREMENT = facts(has_procurement="truth", executed="amount 0 100", budget="amount 0 1000")
SPENT = "10 if not has_procurement else executed / budget * 10"


def test_without_procurement_nothing_else_is_needed() -> None:
    assert score_of(SPENT, PROCUREMENT, has_procurement=False) == 10


def test_what_was_executed_is_missing_and_what_it_can_make_is_bounded() -> None:
    result = evaluate(one_row(SPENT, PROCUREMENT), {"has_procurement": True, "budget": 100})["i"]
    assert (result.status, result.missing, result.bounds) == (Status.MISSING, ("executed",), (0, 10))


def test_without_both_facts_both_are_named() -> None:
    result = evaluate(one_row(SPENT, PROCUREMENT), {"has_procurement": True})["i"]
    assert (result.status, set(result.missing)) == (Status.MISSING, {"executed", "budget"})


@pytest.mark.parametrize("given", [{"executed": 5}, {}])
def test_a_budget_of_0_is_undefined_whether_or_not_the_rest_is_known(given: dict[str, int]) -> None:
    result = evaluate(one_row(SPENT, PROCUREMENT), {"has_procurement": True, "budget": 0, **given})["i"]
    assert result.status is Status.UNDEFINED
    assert ("zero", "budget") in result.reasons
    assert result.score is None


def test_an_unknown_test_has_its_own_reasons_and_touches_no_branch() -> None:
    result = evaluate(one_row(SPENT, PROCUREMENT), {"budget": 0})["i"]
    assert (result.status, result.missing) == (Status.MISSING, ("has_procurement",))


@pytest.mark.parametrize("condition", ["a > 0 or b > 0", "b > 0 or a > 0", "not (a <= 0 and b <= 0)"])
def test_one_deciding_term_decides_in_any_order(condition: str) -> None:
    assert score_of(f"weight if {condition} else 0", facts(a="number", b="number"), b=1) == 10


# -- 5: judged, out of range, nothing allowed ----------------------------------------------------------------------

JUDGED = (
    """
[levels.grades]
steps = [ { id = "high", from = 80, to = 100 }, { id = "middle", from = 60, below = 80 }, { id = "low", from = 0, below = 60 } ]
[facts.effect]
kind = "judgement"
levels = "grades"
[facts.other]
kind = "percent"
[dimensions.d]
"""
    + row("effect", score="weight * value / 100")
    + row("other", score="weight * value / 100")
)


def test_a_level_without_a_rate_is_judged_with_the_bounds_of_its_band() -> None:
    result = evaluate(ruleset(JUDGED), {"effect": {"level": "high"}, "other": 50})["effect"]
    assert (result.status, result.bounds, result.score) == (Status.JUDGED, (8, 10), None)


@pytest.mark.parametrize(
    ("level", "rate"), [("high", 79), ("middle", 80), ("middle", 59.9), ("low", 60), ("low", -1), ("high", 101)]
)
def test_a_rate_outside_its_level_is_an_error_and_the_rest_is_evaluated(level: str, rate: float) -> None:
    evaluation = evaluate(ruleset(JUDGED), {"effect": {"level": level, "rate": rate}, "other": 50})
    assert findings_of(evaluation) == [("error", "level-mismatch", "facts.effect")]
    assert (evaluation["effect"].status, evaluation["effect"].missing) == (Status.MISSING, ("effect",))
    assert evaluation["effect"].bounds == (0, 10)
    assert evaluation["other"].exact == 5


@pytest.mark.parametrize(("level", "rate"), [("high", 80), ("high", 100), ("middle", 60), ("middle", 79.9), ("low", 0)])
def test_the_ends_of_a_level_belong_to_it_as_declared(level: str, rate: float) -> None:
    evaluation = evaluate(ruleset(JUDGED), {"effect": {"level": level, "rate": rate}, "other": 50})
    assert evaluation["effect"].exact == Fraction(str(rate)) / 10
    assert findings_of(evaluation) == []


def test_a_value_outside_its_range_is_an_error_and_the_rest_is_evaluated() -> None:
    evaluation = evaluate(ruleset(JUDGED), {"effect": {"level": "high", "rate": 90}, "other": 101})
    assert findings_of(evaluation) == [("error", "out-of-range", "facts.other")]
    assert evaluation["other"].status is Status.MISSING
    assert evaluation["effect"].exact == 9
    assert evaluation.needs_attention


def test_no_accidents_earn_full_marks_against_a_target_of_none(project_root: Path) -> None:
    plan = project_root / "rulesets" / "cn" / "project-self-evaluation-2020" / "examples" / "plan.toml"
    for accidents, score in ((0, 5), (1, 0)):
        result = evaluate(plan, {"accidents": accidents})["accidents"]
        assert (result.status, result.exact, result.met) == (Status.SCORED, score, not accidents)


def test_a_date_is_compared_with_a_date() -> None:
    rules = one_row("weight if met else 0", facts(i="date"), target="<= 2023-09-01")
    assert evaluate(rules, {"i": date(2023, 9, 1)})["i"].exact == 10
    assert evaluate(rules, {"i": "2023-09-02"})["i"].exact == 0

"""Checks: two amounts within a tolerance, conditions, what was submitted; and reasons that are owed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from perfrules import evaluate
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import CheckResult

from .small import facts, findings_of, row, ruleset

FACTS = facts(a="number 0 100", b="number 0 100", day="date")


def checked(check: str, **given: Any) -> Evaluation:
    return evaluate(ruleset(FACTS + "[checks.c]\n" + check), given)


def only(evaluation: Evaluation) -> CheckResult:
    (check,) = evaluation.checks
    return check


@pytest.mark.parametrize(
    ("a", "b", "tolerance", "status", "difference", "finding"),
    [
        (10, 10, "0", "pass", "0", []),
        (10, 10.01, "0.05", "pass", "-0.01", [("note", "rounding-difference", "checks.c")]),
        (10, 9.95, "0.05", "pass", "0.05", [("note", "rounding-difference", "checks.c")]),  # the edge is within
        (10, 9.949, "0.05", "fail", "0.051", [("error", "check-failed", "checks.c")]),
        (10, 11, "0", "fail", "-1", [("error", "check-failed", "checks.c")]),
        (0.3, 0.1, "0.2", "pass", "0.2", [("note", "rounding-difference", "checks.c")]),  # no float would say so
    ],
)
def test_two_amounts_are_equal_within_a_tolerance(
    a: float, b: float, tolerance: str, status: str, difference: str, finding: list[tuple[str, str, str]]
) -> None:
    evaluation = checked(f'equal = ["a", "b"]\ntolerance = {tolerance}', a=a, b=b)
    check = only(evaluation)
    assert (check.status, check.difference, check.left, check.right) == (
        status, Fraction(difference), Fraction(str(a)), Fraction(str(b)),
    )  # fmt: skip
    assert findings_of(evaluation) == finding
    assert evaluation.needs_attention is (status == "fail")


def test_a_check_of_the_severity_warning_only_warns() -> None:
    evaluation = checked('equal = ["a", "b"]\nseverity = "warning"', a=1, b=2)
    assert findings_of(evaluation) == [("warning", "check-failed", "checks.c")]
    assert not evaluation.needs_attention


@pytest.mark.parametrize(
    ("condition", "given", "status"),
    [
        ("a > 5", {"a": 6}, "pass"),
        ("a > 5", {"a": 5}, "fail"),
        ("a > 5", {}, "missing"),
        ("a / b > 5", {"a": 1, "b": 0}, "undefined"),
        ("a / b > 5", {"b": 0}, "undefined"),
        ("a > 5 or b > 5", {"b": 6}, "pass"),
        ("a > 5 and b > 5", {"b": 5}, "fail"),
        ("known(a)", {}, "fail"),
        ("known(a)", {"a": 0}, "pass"),
        ("not known(a) or known(b)", {"a": 1}, "fail"),
        ("not known(a) or known(b)", {}, "pass"),
        ("days(day, '2023-12-31') >= 30", {"day": "2023-12-01"}, "pass"),
    ],
)
def test_a_condition_holds_or_does_not_or_is_not_known(condition: str, given: dict[str, Any], status: str) -> None:
    evaluation = checked(f'assert = "{condition}"', **given)
    check = only(evaluation)
    assert (check.status, check.difference, check.left) == (status, None, None)
    assert [code for _, code, _ in findings_of(evaluation)] == (["check-failed"] if status == "fail" else [])
    assert bool(check.reasons) is (status in ("missing", "undefined"))


def test_two_amounts_of_which_one_is_missing_say_which() -> None:
    check = only(checked('equal = ["a", "b + 1"]', a=1))
    assert (check.status, check.difference, check.left, check.right) == ("missing", None, 1, None)
    assert [reason.about for reason in check.reasons] == ["b"]


def test_a_fact_out_of_range_is_not_known_to_a_check() -> None:
    evaluation = checked('assert = "known(a)"', a=101)
    assert only(evaluation).status == "fail"


OWING = FACTS + "[dimensions.d]\n" + row(value="a", score="weight * value / 100", note_when="value > 50 and b > 0")


@pytest.mark.parametrize(
    ("given", "reason", "owed"),
    [
        ({"a": 60, "b": 1}, None, True),
        ({"a": 60, "b": 1}, "", True),
        ({"a": 60, "b": 1}, "   ", True),
        ({"a": 60, "b": 1}, "sold more", False),
        ({"a": 50}, None, False),
        ({"a": 60}, None, False),  # not known to be owed
    ],
)
def test_a_reason_is_owed_where_the_condition_holds_and_none_is_given(
    given: dict[str, int], reason: str | None, owed: bool
) -> None:
    notes = {} if reason is None else {"notes": {"i": {"reason": reason}}}
    evaluation = evaluate(ruleset(OWING), {"facts": given, **notes})
    assert findings_of(evaluation) == ([("warning", "note-owed", "indicators.i")] if owed else [])
    assert not evaluation.needs_attention or evaluation.status == "incomplete"


def test_no_reason_is_owed_for_a_row_that_does_not_apply() -> None:
    rules = ruleset(
        FACTS + "[dimensions.d]\n" + row(value="a", score="weight", note_when="value > 50", applies="b > 0")
    )
    assert findings_of(evaluate(rules, {"a": 60, "b": 0})) == []
    assert findings_of(evaluate(rules, {"a": 60, "b": 1})) == [("warning", "note-owed", "indicators.i")]


def test_a_method_owes_reasons_for_its_rows_unless_they_say_otherwise() -> None:
    method = '[methods.m]\nparameters = { limit = 50 }\nscore = "weight"\nnote_when = "value > limit"\n'
    text = FACTS + method + '[dimensions.d]\nmethod = "m"\n'
    text += (
        row("plain", value="a")
        + row("higher", value="a", with_="{ limit = 70 }")
        + row("own", value="a", note_when="value > 80")
    )
    owing = {
        number: [about for _, _, about in findings_of(evaluate(ruleset(text), {"a": number}))]
        for number in (50, 60, 75, 90)
    }
    assert owing == {
        50: [], 60: ["indicators.plain"], 75: ["indicators.plain", "indicators.higher"],
        90: ["indicators.plain", "indicators.higher", "indicators.own"],
    }  # fmt: skip


BANDED = """bands = [ { to = 100, score = "weight" }, { above = 100, below = 105, score = "weight / 2" }, { above = 105, score = 0 } ]"""


@pytest.mark.parametrize(
    ("value", "score", "band"),
    [(100, 10, 1), (100.01, 5, 2), (104.99, 5, 2), (105, None, None), (105.01, 0, 3), (-5, 10, 1)],
)
def test_the_first_band_that_takes_the_value_scores(value: float, score: int | None, band: int | None) -> None:
    rules = ruleset(facts(a="number") + "[dimensions.d]\n" + row(value="a") + BANDED)
    evaluation = evaluate(rules, {"a": value})
    result = evaluation["i"]
    assert (result.exact, result.band) == (score, band)
    if score is None:
        assert result.status == "undefined"
        assert findings_of(evaluation) == [("error", "no-band", "indicators.i")]
        assert "105" in evaluation.findings[0].message()


@pytest.mark.parametrize(
    ("given", "score", "band"),
    [
        ({"a": 0}, 10, 1),
        ({"a": 5, "b": 5}, 2, 2),
        ({"a": 5, "b": 4}, 0, 3),
        ({"a": 5}, None, None),
        ({"b": 5}, None, None),
    ],
)
def test_bands_with_conditions_and_a_last_one_without(
    given: dict[str, int], score: int | None, band: int | None
) -> None:
    bands = '[ { when = "a == 0", score = "weight" }, { when = "a <= b", score = 2 }, { score = 0 } ]'
    result = evaluate(ruleset(FACTS + "[dimensions.d]\n" + row(bands=bands)), given)["i"]
    assert (result.exact, result.band) == (score, band)


def test_one_band_without_edges_always_scores() -> None:
    result = evaluate(ruleset(FACTS + "[dimensions.d]\n" + row(bands='[ { score = "a" } ]')), {"a": 3})["i"]
    assert (result.exact, result.band) == (3, 1)

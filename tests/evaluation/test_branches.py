"""Dimensions and the total: sums of rounded rows, scores of their own, adjustments, rounding, grades."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from perfrules import evaluate
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status
from perfrules.ruleset.library import Ruleset

from .small import facts, row, ruleset

THIRDS = facts(a="number 0 10", b="number 0 10", cap="percent")


def table(*, dimension: str = "", other: str = "", extra: str = "", rounding: str = "", total: str = "") -> Ruleset:
    """`a` and `b` of 10 in dimension `d`, each a third of its fact; `c` of 10 in dimension `e`, all of `a`."""
    text = f"[rounding]\n{rounding}\n[dimensions.d]\n{dimension}\n[dimensions.e]\n{other}\n"
    text += row("a", score="a / 3") + row("b", score="b / 3") + row("c", score="a", dimension="e")
    return ruleset(THIRDS + text + extra + f"[total]\n{total}\n")


def score(evaluation: Evaluation, identifier: str = "d") -> str | None:
    found = evaluation.dimensions[identifier].score
    return None if found is None else str(found)


def total(evaluation: Evaluation) -> str | None:
    assert evaluation.total is not None
    return None if evaluation.total.score is None else str(evaluation.total.score)


# -- sums and rounding ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rounding", "rows", "dimension", "whole"),
    [
        ("", "0.33", "0.66", "1.66"),  # a dimension is the sum of its rounded rows: 0.66, never 0.67
        ('score = "none"', "0.3333333333", "0.6666666667", "1.67"),
        ('score = "none"\ntotal = "none"', "0.3333333333", "0.6666666667", "1.6666666667"),
        ("score = 0\ntotal = 0", "0", "0", "1"),
        ("score = 4\ntotal = 1", "0.3333", "0.6666", "1.7"),
        ("total = 0", "0.33", "0.66", "2"),
    ],
)
def test_rows_are_rounded_then_added_up_then_the_total_is_rounded(
    rounding: str, rows: str, dimension: str, whole: str
) -> None:
    evaluation = evaluate(table(rounding=rounding), {"a": 1, "b": 1})
    assert (str(evaluation["a"].score), score(evaluation), total(evaluation)) == (rows, dimension, whole)


def test_a_grade_reads_the_rounded_total() -> None:
    scale = '[scales.g]\nsteps = [ { id = "high", from = 6 }, { id = "low", from = 0 } ]\nof = "score"\n'
    found = evaluate(table(extra=scale, total='scale = "g"'), {"a": Fraction("4.4985"), "b": 0}).total  # 1.50 + 4.50
    assert found is not None
    assert (found.exact, found.grade) == (6, "high")


def test_values_are_rounded_before_they_score() -> None:
    rules = ruleset(
        "[rounding]\nvalue = 1\n" + facts(a="number", b="number") + "[dimensions.d]\n"
        + row(value="percent(a, b)", score="weight if value >= 66.7 else 0")
    )  # fmt: skip
    result = evaluate(rules, {"a": 2, "b": 3})["i"]
    assert (result.value, result.score) == (Fraction("66.7"), Decimal("10.00"))
    assert [part.of for part in result.derivation.parts] == ["value", "rounding", "score", "rounding"]


# -- scores of their own -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("weight * lowest / 100", "0.66"),  # the weakest link: the rounded 0.33 is 3.3 % of 10
        ("weight * highest / 100", "6.66"),
        ("weight * (100 - lowest) / 300", "6.45"),  # 6.4466…, rounded as a row is
        ("earned", "3.66"),
        ("min(earned, 3)", "3.00"),
        ("weight - earned", "16.34"),
        ("earned if cap >= 50 else earned / 2", "1.83"),
    ],
)
def test_a_dimension_may_score_otherwise_than_by_the_sum(formula: str, expected: str) -> None:
    rules = table(dimension=f'weight = 20\nscore = "{formula}"')
    evaluation = evaluate(rules, {"a": 1, "b": 10, "cap": 10})
    assert score(evaluation) == expected
    assert evaluation.dimensions["d"].weight == 20


def test_the_weakest_link_leaves_out_what_does_not_apply() -> None:
    text = (
        facts(a="percent", b="percent", has_b="truth")
        + '[dimensions.d]\nweight = 20\nscore = "weight * lowest / 100"\n'
    )
    rules = ruleset(text + row("a", score="weight * a / 100") + row("b", score="weight * b / 100", applies="has_b"))
    assert score(evaluate(rules, {"a": 80, "b": 30, "has_b": True})) == "6.00"
    assert score(evaluate(rules, {"a": 80, "b": 30, "has_b": False})) == "16.00"
    assert score(evaluate(rules, {"a": 80, "has_b": False})) == "16.00"
    assert evaluate(rules, {"a": 80, "b": 30}).dimensions["d"].missing == ("has_b",)


def test_a_dimension_within_another_counts_by_its_own_score() -> None:
    text = facts(a="percent") + '[dimensions.top]\n[dimensions.d]\nwithin = "top"\nweight = 10\nscore = "earned / 2"\n'
    evaluation = evaluate(ruleset(text + row(score="weight * a / 100")), {"a": 50})
    assert (score(evaluation), score(evaluation, "top"), total(evaluation)) == ("2.50", "2.50", "2.50")


def test_a_total_may_score_otherwise_or_not_at_all() -> None:
    halved = evaluate(table(total='weight = 30\nscore = "earned / 2"'), {"a": 3, "b": 3})
    assert total(halved) == "2.50"
    none = evaluate(table(total="none = true"), {"a": 3, "b": 3})
    assert none.total is None
    assert none.status == "scored"
    assert none.coverage == 100
    assert score(none) == "2.00"


# -- adjustments ---------------------------------------------------------------------------------------------------

MEASURED = facts(a="number 0 1000", b="number 0 1000", day="date")


def adjusted(adjustments: str) -> Ruleset:
    """`a` of 10 with a target, `b` of 10 without value, `day` of 10 with a date."""
    text = MEASURED + "[dimensions.d]\n"
    text += row("a", target=">= 100", score="weight if met else 0")
    text += row("low", value="a", target="<= 500", score="weight if met else 0")
    text += row("b", score="weight if b > 0 else 0")
    text += row("day", target="<= 2023-09-01", score="weight if met else 0")
    return ruleset(text + adjustments)


OVER = '[adjustments.over]\neach = "indicator"\nscore = "earned - 2 if not lower_is_better and value >= 1.3 * target else earned"\n'
GIVEN: dict[str, Any] = {"a": 130, "b": 1, "day": "2023-08-31"}


def by_row(evaluation: Evaluation) -> dict[str, Fraction | None]:
    return {result.id: result.exact for result in evaluation}


def test_an_adjustment_of_indicators_skips_rows_without_what_it_reads() -> None:
    evaluation = evaluate(adjusted(OVER), GIVEN)
    assert by_row(evaluation) == {"a": 8, "low": 10, "b": 10, "day": 10}


def test_an_adjustment_that_reads_only_the_score_touches_every_row() -> None:
    evaluation = evaluate(adjusted('[adjustments.half]\neach = "indicator"\nscore = "earned / 2"\n'), GIVEN)
    assert by_row(evaluation) == {"a": 5, "low": 5, "b": 5, "day": 5}


def test_adjustments_follow_each_other_in_the_order_of_the_file() -> None:
    half = '[adjustments.half]\neach = "indicator"\nscore = "earned / 2"\n'
    less = '[adjustments.less]\neach = "indicator"\nscore = "earned - 1"\n'
    assert by_row(evaluate(adjusted(half + less), GIVEN))["b"] == 4
    assert by_row(evaluate(adjusted(less + half), GIVEN))["b"] == Fraction("4.5")


def test_a_row_is_rounded_after_its_adjustments() -> None:
    third = '[adjustments.third]\neach = "indicator"\nscore = "earned / 3"\n'
    thrice = '[adjustments.thrice]\neach = "indicator"\nscore = "earned * 3"\n'
    assert by_row(evaluate(adjusted(third + thrice), GIVEN))["b"] == 10


def test_adjustments_of_dimensions_and_of_the_total_come_after_their_sums() -> None:
    dimension = '[adjustments.cap]\neach = "dimension"\nscore = "min(earned, weight * 0.9)"\n'
    whole = '[adjustments.execution]\neach = "total"\nscore = "min(earned, 79 if a < 50 else 30.005)"\n'
    evaluation = evaluate(adjusted(dimension + whole), GIVEN)
    assert by_row(evaluation) == dict.fromkeys(("a", "low", "b", "day"), Fraction(10))
    assert score(evaluation) == "36.00"
    assert total(evaluation) == "30.01"
    assert [part.source for part in evaluation["a"].derivation.parts if part.source] == []


def test_an_adjustment_that_lacks_a_fact_leaves_the_total_open_with_bounds() -> None:
    whole = '[adjustments.execution]\neach = "total"\nscore = "min(earned, 10 if day > \'2023-01-01\' else 40)"\n'
    evaluation = evaluate(adjusted(whole), {"a": 130, "b": 1})
    assert evaluation.total is not None
    assert evaluation.total.missing == ("day",)
    assert evaluation.total.bounds == (10, 40)
    assert evaluation["a"].exact == 10


def test_a_total_that_only_its_adjustment_leaves_open_is_incomplete() -> None:
    text = facts(a="percent", rate="percent") + "[dimensions.d]\n" + row(score="weight * a / 100")
    rules = ruleset(text + '[adjustments.cap]\neach = "total"\nscore = "min(earned, 5) if rate < 50 else earned"\n')
    evaluation = evaluate(rules, {"a": 80})
    assert [result.status for result in evaluation] == [Status.SCORED]
    assert evaluation.status == "incomplete"
    assert evaluation.total is not None
    assert (evaluation.total.missing, evaluation.total.bounds) == (("rate",), (5, 8))
    assert evaluation.needs_attention


# -- grades --------------------------------------------------------------------------------------------------------

SCALE = """
[scales.grade]
steps = [
  { id = "failed", when = "fraud" },
  { id = "good", title = "Good", from = 60 },
  { id = "poor", from = 0 },
]
[scales.points]
of = "score"
steps = [ { id = "many", from = 12 }, { id = "few", from = 0 } ]
"""


def graded() -> Ruleset:
    text = facts(a="percent", b="percent", fraud="truth") + SCALE + '[dimensions.d]\nscale = "points"\n'
    return ruleset(
        text + row("a", score="weight * a / 100") + row("b", score="weight * b / 100") + '[total]\nscale = "grade"\n'
    )


@pytest.mark.parametrize(
    ("given", "grade", "grades"),
    [
        ({"a": 60, "b": 60, "fraud": False}, "good", ("good",)),
        ({"a": 60, "b": 59, "fraud": False}, "poor", ("poor",)),
        ({"a": 100, "b": 100, "fraud": True}, "failed", ("failed",)),
        ({"a": 100, "fraud": False}, None, ("good", "poor")),
        ({"a": 100, "fraud": True}, "failed", ("failed",)),  # whatever the score will be
        ({"a": 100, "b": 100}, None, ("failed", "good")),
        ({"b": 10, "fraud": False}, None, ("poor",)),  # at most 11 of 20; decided only with the score
        ({}, None, ("failed", "good", "poor")),
    ],
)
def test_a_grade_is_the_first_step_that_is_reached(
    given: dict[str, Any], grade: str | None, grades: tuple[str, ...]
) -> None:
    found = evaluate(graded(), given).total
    assert found is not None
    assert (found.grade, found.grades) == (grade, grades)


def test_a_dimension_has_a_grade_of_its_own_by_points_or_percent() -> None:
    assert evaluate(graded(), {"a": 60, "b": 60}).dimensions["d"].grade == "many"
    assert evaluate(graded(), {"a": 60, "b": 59}).dimensions["d"].grade == "few"


def test_a_score_below_every_step_has_no_grade_and_no_possible_one() -> None:
    text = facts(a="number -10 10") + '[scales.g]\nsteps = [ { id = "some", from = 0 } ]\n[dimensions.d]\n'
    evaluation = evaluate(ruleset(text + row(score="a") + '[total]\nscale = "g"\n'), {"a": -1})
    assert evaluation.total is not None
    assert (evaluation.total.exact, evaluation.total.grade, evaluation.total.grades) == (-1, None, ())


def test_a_ruleset_without_rows_has_no_total() -> None:
    evaluation = evaluate(ruleset(facts(a="number") + "[dimensions.d]\n[checks.c]\nassert = 'a > 0'\n"), {"a": 1})
    assert evaluation.total is None
    assert [check.status for check in evaluation.checks] == ["pass"]
    assert evaluation.status == "scored"

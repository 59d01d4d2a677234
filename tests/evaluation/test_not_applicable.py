"""What does not apply: said on a row, a dimension or the total; converted, kept or lost; alternatives.

The table of all tests: two dimensions of 40 and 60. In the first, rows `a` of 10 and `b` of 30; in the second, `c` of 60.
Row `x` applies where the fact `has_x` is true, and earns the percentage `x` of its weight.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from perfrules import evaluate
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status
from perfrules.ruleset.library import Ruleset

from .small import facts, findings_of, row, ruleset

FACTS = facts(a="percent", b="percent", c="percent", has_a="truth", has_b="truth", has_c="truth")
ALL = {"a": 80, "b": 50, "c": 90, "has_a": True, "has_b": True, "has_c": True}


def table(
    *, on_a: str = "", on_b: str = "", first: str = "", second: str = "", total: str = "", extra: str = ""
) -> Ruleset:
    rows = [("a", 10, "first", on_a), ("b", 30, "first", on_b), ("c", 60, "second", "")]
    text = "".join(
        row(name, dimension=home, weight=weight, score=f"weight * {name} / 100", applies=f"has_{name}") + said + "\n"
        for name, weight, home, said in rows
    )
    dimensions = f"[dimensions.first]\nweight = 40\n{first}\n[dimensions.second]\nweight = 60\n{second}\n"
    return ruleset(FACTS + dimensions + text + extra + f"[total]\nweight = 100\n{total}\n")


def said(policy: str) -> str:
    return f'not_applicable = "{policy}"'


def scores(evaluation: Evaluation) -> tuple[Any, Any, Any]:
    """The exact scores of the first dimension, the second, and the total."""
    assert evaluation.total is not None
    dimensions = evaluation.dimensions
    return dimensions["first"].exact, dimensions["second"].exact, evaluation.total.exact


def test_when_everything_applies_no_policy_matters() -> None:
    for policy in ("rescale", "full", "zero"):
        assert scores(evaluate(table(first=said(policy), total=said(policy)), ALL)) == (23, 54, 77)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, (32, 54, 86)),  # b is taken up by a: 8 * 40 / 10
        ({"on_b": said("rescale")}, (32, 54, 86)),
        ({"first": said("rescale")}, (32, 54, 86)),
        ({"total": said("rescale")}, (8, 54, Fraction("88.57"))),  # 62 of the 70 that apply, of 100
        ({"on_b": said("full")}, (38, 54, 92)),
        ({"first": said("full")}, (38, 54, 92)),
        ({"total": said("full")}, (38, 54, 92)),
        ({"on_b": said("zero")}, (8, 54, 62)),
        ({"first": said("zero")}, (8, 54, 62)),
        ({"total": said("zero")}, (8, 54, 62)),
        ({"on_b": said("zero"), "first": said("full"), "total": said("rescale")}, (8, 54, 62)),  # the nearest wins
        ({"first": said("full"), "total": said("zero")}, (38, 54, 92)),
        ({"on_a": said("zero"), "total": said("full")}, (38, 54, 92)),  # what is said on another row does not matter
        ({"second": said("zero")}, (32, 54, 86)),
    ],
)
def test_the_weight_of_a_row_that_does_not_apply(where: dict[str, str], expected: tuple[Any, Any, Any]) -> None:
    evaluation = evaluate(table(**where), {**ALL, "has_b": False})
    assert scores(evaluation) == expected
    assert evaluation["b"].status is Status.NOT_APPLICABLE
    assert (evaluation["b"].exact, evaluation["b"].bounds, evaluation["b"].lost) == (None, None, None)
    assert evaluation["a"].exact == 8  # rows are never converted
    assert evaluation.status == "scored"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, (None, 54, 90)),  # the first dimension is not applicable, and the second stands for all
        ({"total": said("rescale")}, (None, 54, 90)),
        ({"total": said("full")}, (None, 54, 94)),
        ({"total": said("zero")}, (None, 54, 54)),
        ({"first": said("full"), "total": said("zero")}, (None, 54, 54)),  # the weight goes one level up, to the total
    ],
)
def test_a_dimension_in_which_nothing_applies_does_not_apply(
    where: dict[str, str], expected: tuple[Any, Any, Any]
) -> None:
    evaluation = evaluate(table(**where), {"c": 90, "has_a": False, "has_b": False, "has_c": True})
    assert scores(evaluation) == expected
    assert evaluation.dimensions["first"].status is Status.NOT_APPLICABLE
    assert evaluation.coverage == 100


def test_a_total_of_which_nothing_applies_does_not_apply() -> None:
    evaluation = evaluate(table(), {"has_a": False, "has_b": False, "has_c": False})
    assert evaluation.total is not None
    assert evaluation.total.status is Status.NOT_APPLICABLE
    assert (evaluation.total.exact, evaluation.total.grades, evaluation.total.grade) == (None, (), None)
    assert {result.status for result in evaluation} == {Status.NOT_APPLICABLE}


def test_an_unknown_condition_makes_the_row_unknown() -> None:
    given = {name: value for name, value in ALL.items() if name != "has_b"}
    evaluation = evaluate(table(), given)
    assert (evaluation["b"].status, evaluation["b"].missing) == (Status.MISSING, ("has_b",))
    assert evaluation.dimensions["first"].missing == ("has_b",)
    # 8 + 15 where it applies, 8 * 4 where it does not
    low, high = evaluation.dimensions["first"].bounds or (None, None)
    assert low is not None
    assert high is not None
    assert low <= 23
    assert high >= 32
    assert evaluation.coverage == 70


def test_a_zero_divisor_in_a_condition_makes_the_row_undefined() -> None:
    rules = ruleset(facts(a="number 0 10") + "[dimensions.d]\n" + row(score="weight", applies="10 / a > 1"))
    assert evaluate(rules, {"a": 0})["i"].status is Status.UNDEFINED
    assert evaluate(rules, {"a": 10})["i"].status is Status.NOT_APPLICABLE


def test_what_a_row_that_does_not_apply_lacks_is_of_no_interest() -> None:
    evaluation = evaluate(table(), {"a": 80, "c": 90, "has_a": True, "has_b": False, "has_c": True})
    assert evaluation["b"].missing == ()
    assert evaluation["b"].reasons == ()
    assert evaluation.status == "scored"
    assert evaluation.coverage == 100


def test_every_completion_lies_in_the_bounds_of_a_table_with_open_conditions() -> None:
    rules = table()
    assert (total := evaluate(rules, {"a": 80}).total) is not None
    assert total.bounds is not None
    for has_a in (True, False):
        for has_b in (True, False):
            given = {"a": 80, "b": 0, "c": 100, "has_a": has_a, "has_b": has_b, "has_c": True}
            complete = evaluate(rules, given).total
            assert complete is not None
            assert complete.exact is not None
            assert total.bounds[0] <= complete.exact <= total.bounds[1]


# -- nested dimensions ---------------------------------------------------------------------------------------------

NESTED = """
[dimensions.top]
weight = 40
{top}
[dimensions.left]
within = "top"
{left}
[dimensions.right]
within = "top"
[dimensions.deep]
within = "right"
"""


def nested(top: str = "", left: str = "", total: str = "") -> Ruleset:
    """`a` of 10 to the left, `b` of 20 to the right and deep, `c` of 10 to the right."""
    rows = [("a", 10, "left"), ("b", 20, "deep"), ("c", 10, "right")]
    text = "".join(
        row(name, dimension=home, weight=weight, score=f"weight * {name} / 100", applies=f"has_{name}")
        for name, weight, home in rows
    )
    return ruleset(FACTS + NESTED.format(top=top, left=left) + text + f"[total]\nweight = 40\n{total}\n")


@pytest.mark.parametrize(
    ("where", "hidden", "expected"),
    [
        # deep is gone: right is c alone, for 30
        ({}, "b", {"left": 8, "right": 27, "top": 35, "deep": None}),
        # left is gone: top is right (10 + 9 of 30), for 40
        ({}, "a", {"left": None, "right": 19, "top": Fraction(76, 3), "deep": 10}),
        # deep and right are gone: top is left (8 of 10), for 40
        ({}, "bc", {"left": 8, "right": None, "top": 32, "deep": None}),
        ({"top": said("full")}, "bc", {"left": 8, "right": None, "top": 38, "deep": None}),
        ({"top": said("zero")}, "bc", {"left": 8, "right": None, "top": 8, "deep": None}),
        ({"left": said("zero")}, "b", {"left": 8, "right": 27, "top": 35, "deep": None}),
        # said on top: what applies below it is converted there, not in right
        ({"top": said("rescale")}, "b", {"left": 8, "right": 9, "top": 34, "deep": None}),
        ({"total": said("rescale")}, "b", {"left": 8, "right": 9, "top": 17, "deep": None}),
    ],
)
def test_weight_that_does_not_apply_goes_up_one_level(
    where: dict[str, str], hidden: str, expected: dict[str, Any]
) -> None:
    evaluation = evaluate(nested(**where), {**ALL, **{f"has_{name}": False for name in hidden}})
    found = {name: result.exact for name, result in evaluation.dimensions.items()}
    rounded = {name: exact if exact is None else round(Fraction(exact), 2) for name, exact in expected.items()}
    assert found == rounded
    assert evaluation.total is not None
    if where.get("total"):
        assert evaluation.total.exact == 34


def test_a_dimension_that_passes_weight_on_is_worth_what_applies_in_it() -> None:
    evaluation = evaluate(nested(total=said("rescale")), {**ALL, "has_b": False})
    weights = {name: result.weight for name, result in evaluation.dimensions.items()}
    assert weights["right"] == 10
    assert weights["top"] == 20
    assert evaluation.total is not None
    assert evaluation.total.weight == 40


# -- alternatives --------------------------------------------------------------------------------------------------


def pair(one: str = "", other: str = "") -> Ruleset:
    """`old` of 10, or `new` instead of it; beside them `c` of 90."""
    conditions = [{"applies": text} if text else {} for text in (one, other)]
    text = row("old", score="weight * a / 100", **conditions[0])
    text += row("new", weight=None, score="weight * b / 100", instead_of="old", **conditions[1])
    return ruleset(FACTS + "[dimensions.d]\nweight = 100\n" + text + row("c", weight=90, score="weight * c / 100"))


BOTH_SAID = ("has_a", "has_b")
GIVEN = {"a": 80, "b": 50, "c": 100}


@pytest.mark.parametrize(
    ("conditions", "given", "score"),
    [
        (BOTH_SAID, {"has_a": True, "has_b": False}, 98),
        (BOTH_SAID, {"has_a": False, "has_b": True}, 95),
        (("has_a", ""), {"has_a": True}, 98),
        (("has_a", ""), {"has_a": False}, 95),
        (("", "has_b"), {"has_b": True}, 95),
        (("", "has_b"), {"has_b": False}, 98),
    ],
)
def test_the_one_of_two_alternatives_that_applies_counts(
    conditions: tuple[str, str], given: dict[str, bool], score: int
) -> None:
    evaluation = evaluate(pair(*conditions), {**GIVEN, **given})
    assert evaluation.dimensions["d"].exact == score
    assert evaluation.dimensions["d"].weight == 100
    assert sorted(str(evaluation[name].status) for name in ("old", "new")) == ["not_applicable", "scored"]
    assert evaluation.coverage == 100
    assert findings_of(evaluation) == []


@pytest.mark.parametrize(("applies", "key"), [(True, "one-must-apply.both"), (False, "one-must-apply.neither")])
def test_both_or_neither_of_two_alternatives_is_an_error(applies: bool, key: str) -> None:
    evaluation = evaluate(pair(*BOTH_SAID), {**GIVEN, "has_a": applies, "has_b": applies})
    assert [finding.key for finding in evaluation.findings] == [key]
    assert evaluation.dimensions["d"].status is Status.UNDEFINED
    assert evaluation.dimensions["d"].exact is None
    assert evaluation.total is not None
    assert evaluation.total.exact is None
    assert evaluation.needs_attention


def test_alternatives_with_an_unknown_condition_are_unknown() -> None:
    evaluation = evaluate(pair("has_a", ""), GIVEN)
    assert {evaluation[name].status for name in ("old", "new")} == {Status.MISSING}
    assert evaluation.dimensions["d"].missing == ("has_a",)
    assert evaluation.dimensions["d"].bounds == (95, 98)
    assert evaluation.coverage == 90
    assert evaluation.status == "incomplete"


def test_alternatives_share_one_weight_in_the_coverage() -> None:
    evaluation = evaluate(pair("has_a", ""), {"c": 100, "has_a": False})
    assert evaluation["new"].weight == 10
    assert evaluation["new"].missing == ("b",)
    assert evaluation.coverage == 90


def test_conversion_is_exact_before_it_is_rounded() -> None:
    text = FACTS + "[dimensions.d]\n" + row("a", weight=7, score="weight * a / 100")
    text += row("b", weight=4, score="weight * b / 100", applies="has_b")
    evaluation = evaluate(ruleset(text), {"a": 50, "has_b": False})
    assert evaluation["a"].score == Decimal("3.50")
    assert evaluation.dimensions["d"].score == Decimal("5.50")


def test_bounds_beside_a_row_that_keeps_its_weight_are_those_of_every_way_it_may_go() -> None:
    ruleset_ = table(on_b=said("full"))
    unknown = {"a": 80, "b": 50, "c": 90, "has_c": True}
    ways = [
        evaluate(ruleset_, {**unknown, "has_a": has_a, "has_b": has_b}).dimensions["first"].score
        for has_a in (True, False)
        for has_b in (True, False)
    ]
    assert ways == [23, 38, 20, None]  # where nothing applies the dimension does not
    assert evaluate(ruleset_, unknown).dimensions["first"].bounds == (20, 38)
    assert evaluate(ruleset_, {**unknown, "has_b": False}).dimensions["first"].bounds == (30, 38)

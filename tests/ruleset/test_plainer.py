"""Facts that show a fault are made as plain as they can be."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from perfrules import numbers
from perfrules.ruleset import model
from perfrules.ruleset.plainer import plainest

AMOUNT = model.Fact.model_validate({"kind": "amount", "range": [0, 10000]})
POSTS = model.Fact.model_validate({"kind": "count", "range": [1, 50]})


def exact(**facts: str) -> dict[str, Any]:
    return {name: numbers.read(Fraction(text)) for name, text in facts.items()}


def is_95_percent(facts: Mapping[str, Any]) -> bool:
    return bool(facts["spent"] * 100 == facts["budget"] * 95)


def test_a_ratio_is_shown_by_plain_amounts() -> None:
    point = exact(budget="21018981/1900000", spent="21018981/2000000")
    found = plainest({"budget": AMOUNT, "spent": AMOUNT}, {}, point, is_95_percent)
    assert found == exact(budget="100", spent="95")


def test_a_single_fact_is_replaced_by_the_plainest_value_that_shows_the_same() -> None:
    found = plainest(
        {"spent": AMOUNT}, {"spent": [0, 1, 100, 1000]}, exact(spent="98765"), lambda facts: facts["spent"] > 50
    )
    assert found == {"spent": 100}


def test_what_would_leave_a_range_or_break_a_count_stays_as_it_was() -> None:
    point = exact(budget="21018981/1900000", spent="21018981/2000000")
    facts = {"budget": POSTS, "spent": POSTS}  # 20 and 19 would do, 100 and 95 are too many
    assert plainest(facts, {}, point, is_95_percent) == exact(budget="20", spent="19")
    assert plainest(facts, {}, point, lambda facts: facts == point) == point

"""The bundled frames of projects: which of them a family and a date lead to."""

from __future__ import annotations

from datetime import date

import pytest

from perfrules.errors import RulesetError
from perfrules.ruleset.library import load


@pytest.mark.parametrize(
    ("family", "on", "identifier"),
    [
        ("cn/project-self-evaluation", date(2020, 2, 25), "cn/project-self-evaluation-2020"),
        ("cn/project-self-evaluation", date(2024, 1, 1), "cn/project-self-evaluation-2020"),
        ("cn/project-core-indicators", date(2021, 8, 18), "cn/project-core-indicators-2021"),
        ("cn/project-core-indicators-without-cost", None, "cn/project-core-indicators-2021-without-cost"),
        ("cn/project-evaluation", None, "cn/project-evaluation-2020"),
    ],
)
def test_a_family_leads_to_its_own_text_and_to_no_other(family: str, on: date | None, identifier: str) -> None:
    assert load(family, as_of=on).id == identifier


def test_the_core_indicators_are_not_in_force_before_their_text() -> None:
    with pytest.raises(RulesetError):
        load("cn/project-core-indicators", as_of=date(2021, 8, 17))


@pytest.mark.parametrize(
    ("identifier", "weights"),
    [
        ("cn/project-self-evaluation-2020-hubei", {"execution": 20, "goals": 80}),
        ("cn/project-self-evaluation-hebei", {"execution": 10, "output": 50, "benefit": 30, "satisfaction": 10}),
        (
            "cn/project-core-indicators-2021",
            {"execution": 10, "cost": 20, "output": 40, "benefit": 20, "satisfaction": 10},
        ),
        (
            "cn/project-core-indicators-2021-without-cost",
            {"execution": 10, "output": 50, "benefit": 30, "satisfaction": 10},
        ),
        ("cn/project-evaluation-2020", {"decision": 20, "process": 20, "output": 30, "benefit": 30}),
    ],
)
def test_the_first_level_has_the_weights_of_the_form(identifier: str, weights: dict[str, int]) -> None:
    dimensions = load(identifier).declaration.dimensions
    assert {name: one.weight for name, one in dimensions.items() if one.within is None} == weights

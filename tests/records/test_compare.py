"""Why two evaluations differ: shares that add up exactly, whatever changed; and answers about what if that are tried."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

import perfrules
from perfrules.errors import SubmissionError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.scoring import evaluate
from perfrules.records.compare import MAX_SHAPLEY, assured, compare
from perfrules.records.whatif import assigned, changed, reach, sensitivity
from perfrules.ruleset.library import Ruleset, load

RULES = """\
format = 1
[ruleset]
id = "test/compared"
[rounding]
score = 2
[scales.g]
steps = [{ id = "good", from = 60 }, { id = "poor", from = 0 }]
[facts.a]
kind = "amount"
range = [0, 100]
[facts.b]
kind = "amount"
range = [1, 100]
[facts.n]
kind = "count"
range = [0, 20]
[facts.yes]
kind = "truth"
[facts.list]
kind = "checklist"
items = { one = "", two = "", three = "" }
[facts.letter]
kind = "choice"
choices = { A = "", B = "", C = "" }
[methods.m]
parameters = { limit = %(limit)s }
score = "weight if value >= limit else weight * value / limit"
[dimensions.d]
[indicators.rate]
dimension = "d"
weight = 40
value = "percent(a, b)"
score = "weight * clamp(value, 0, 100) / 100"
[indicators.steps]
dimension = "d"
weight = %(weight)s
value = "n"
method = "m"
[indicators.points]
dimension = "d"
weight = 20
score = "weight * share(list) / 100 if yes else 0"
[indicators.letter_]
dimension = "d"
weight = 20
score = "weight if letter == 'A' else weight / 2 if letter == 'B' else 0"
%(more)s
[total]
weight = %(total)s
scale = "g"
"""
CAP = '[adjustments.cap]\neach = "total"\nscore = "min(earned, 59) if a < 50 else earned"\n'


@pytest.fixture(scope="module")
def rulesets(tmp_path_factory: pytest.TempPathFactory) -> list[Ruleset]:
    found = []
    for index, (limit, weight, more) in enumerate(((10, 20, ""), (5, 20, ""), (10, 30, ""), (8, 30, CAP))):
        path = tmp_path_factory.mktemp(f"r{index}") / "ruleset.toml"
        said = {"limit": limit, "weight": weight, "more": more, "total": 80 + weight}
        path.write_text(RULES % said, encoding="utf-8")
        found.append(load(path))
    return found


def facts(random: Random) -> dict[str, Any]:
    """Some facts, most of them given."""
    made = {
        "a": random.randint(0, 100), "b": random.randint(1, 100), "n": random.randint(0, 20),
        "yes": random.random() < 0.7, "letter": random.choice("ABC"),
        "list": {item: random.random() < 0.5 for item in ("one", "two", "three")},
    }  # fmt: skip
    return {name: value for name, value in made.items() if random.random() < 0.95}


@pytest.mark.parametrize("seed", range(8))
def test_the_shares_add_up_to_the_difference_exactly(seed: int, rulesets: list[Ruleset]) -> None:
    """125 pairs each, 1,000 in all: of facts that differ, and of rules too."""
    random = Random(seed)
    for index in range(125):
        given = facts(random)
        other = {**given, **dict(list(facts(random).items())[: random.randint(0, 4)])}
        later = random.choice(rulesets) if index % 10 == 0 else rulesets[0]
        before, after = evaluate(rulesets[0], given), evaluate(later, other)
        found = compare(before, after)
        assert sum((change.points for change in found.changes), Fraction(0)) == found.difference
        assert found.difference == assured(after) - assured(before)


def test_equal_parts_get_equal_shares_and_idle_ones_none(rulesets: list[Ruleset]) -> None:
    before = evaluate(rulesets[0], {"a": 10, "b": 100, "n": 0, "yes": False, "list": {}, "letter": "C"})
    after = changed(before, {"yes": True, "list": {"one": True, "two": True, "three": True}, "n": 0.0})
    found = compare(before, after)
    assert {change.about: change.points for change in found.changes} == {"yes": 10, "list": 10}
    assert [row.id for row in found.rows if row.difference] == ["points"]
    assert not compare(before, before).changes


def test_rules_are_changes_of_their_own(rulesets: list[Ruleset]) -> None:
    given = {"a": 40, "b": 50, "n": 5, "yes": True, "list": dict.fromkeys(("one", "two", "three"), True), "letter": "A"}
    found = compare(evaluate(rulesets[0], given), evaluate(rulesets[3], given))
    assert [change.about for change in found.changes] == [
        "methods.m", "indicators.steps", "total", "adjustments.cap",
    ]  # fmt: skip
    assert found.way == "shapley"
    assert sum(change.points for change in found.changes) == found.difference == -23


def test_many_changes_are_shared_out_in_one_order() -> None:
    ruleset = load("cn/department-overall-2013")
    amounts = [name for name, fact in ruleset.program.facts.items() if fact.kind == "amount"]
    before = evaluate(ruleset, dict.fromkeys(amounts, 50))
    after = evaluate(ruleset, {name: 40 + index for index, name in enumerate(amounts)})
    found = compare(before, after)
    assert len(found.changes) > MAX_SHAPLEY
    assert found.way == "in-order"
    assert sum(change.points for change in found.changes) == found.difference


def test_an_overlay_is_compared_rule_by_rule(project_root: Path) -> None:
    path = project_root / "rulesets/cn/project-self-evaluation-2020/examples"
    plan = load(path / "plan.toml")
    before = changed(evaluate(plan, path / "full.toml"), {"executed": 100})
    after = evaluate(load(path / "plan.toml", overlays=["cn/platform-caps"]), before.submission)
    found = compare(before, after)
    assert {change.about for change in found.changes if change.points} == {"adjustments.execution_cap"}
    assert found.difference < 0


# -- what if -------------------------------------------------------------------------------------------------------


@pytest.fixture
def langfang(project_root: Path) -> Evaluation:
    return evaluate(None, project_root / "docs/examples/langfang-2019/submission.toml")


def test_every_answer_reaches_its_goal_and_no_smaller_change_of_the_grid_does(langfang: Evaluation) -> None:
    found = reach(langfang, 98)
    assert [one.fact for one in found] == ["full_year_budget", "executed", "project_funds"]
    for one in found:
        assert changed(langfang, {one.fact: one.value}).total.exact == one.total >= 98  # type: ignore[union-attr]
        step = Fraction(1, 100) if one.value > one.before else Fraction(-1, 100)
        less = changed(langfang, {one.fact: Fraction(one.value.numerator, one.value.denominator) - step})
        assert assured(less) < 98


def test_what_cannot_reach_a_goal_says_the_best_that_it_can(langfang: Evaluation) -> None:
    found = reach(langfang, 99)
    assert {one.fact: (one.value, one.total) for one in found} == {
        "full_year_budget": (None, Fraction("98.62")),
        "executed": (None, Fraction("98.62")),
        "project_funds": (None, Fraction("98.62")),
    }


def test_truths_choices_and_points_of_a_list_are_tried_too(rulesets: list[Ruleset]) -> None:
    given = {
        "a": 50,
        "b": 100,
        "n": 10,
        "yes": False,
        "list": {"one": True, "two": True, "three": False},
        "letter": "C",
    }
    found = {one.fact: one for one in reach(evaluate(rulesets[0], given), 50)}
    assert found["letter"].value == "A"
    assert found["yes"].value is True
    assert found["list"].value is None if "list" in found else True


def test_an_open_total_counts_by_what_is_assured(project_root: Path) -> None:
    julu = evaluate(None, project_root / "docs/examples/julu-2022/submission.toml")
    for one in reach(julu, 9)[:3]:
        assert assured(changed(julu, {one.fact: one.value})) == one.total >= 9


def test_what_is_at_stake_comes_from_bounds(langfang: Evaluation) -> None:
    found = {one.about: (one.loses, one.wins) for one in sensitivity(langfang)}
    assert found["executed"] == (Fraction("8.62"), Fraction("1.38"))
    assert found["indicators.safety_rate"] == (Fraction(10), Fraction(0))
    assert found["initial_budget"] == (Fraction(0), Fraction(0))


def test_assignments_read_like_cells(rulesets: list[Ruleset]) -> None:
    evaluation = evaluate(rulesets[0], {"list": {"one": True}, "a": 1})
    found = assigned(evaluation, ["a=12.5", "yes=是", "letter=B", "list.two=否", "b="])
    assert found == {
        "a": Fraction(25, 2), "yes": True, "letter": "B", "list": {"value": {"one": True, "two": False}}, "b": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("aa=1", "unknown-fact"),
        ("a", "unknown-fact"),
        ("a=x", "unreadable-value"),
        ("list.four=是", "unreadable-value"),
    ],
)
def test_an_assignment_that_says_nothing_is_refused(text: str, code: str, rulesets: list[Ruleset]) -> None:
    with pytest.raises(SubmissionError) as caught:
        changed(evaluate(rulesets[0], {}), assigned(evaluate(rulesets[0], {}), [text]))
    assert [finding.code for finding in caught.value.findings] in ([code], ["unknown-fact"])


def test_it_is_a_public_function() -> None:
    assert perfrules.compare is compare

"""Laws that hold for every small ruleset and every set of facts, searched by hypothesis."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfrules import evaluate
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import as_dict
from perfrules.evaluation.results import Result, Status

from .small import ruleset
from .test_export import SHAPE, differences

NUMBERS = ("a", "b", "c")
TRUTHS = ("p", "q")
FACTS = """
[levels.grades]
steps = [ { id = "high", from = 80, to = 100 }, { id = "low", from = 0, below = 80 } ]
[facts.a]
kind = "number"
range = [0, 10]
[facts.b]
kind = "number"
range = [-5, 5]
[facts.c]
kind = "percent"
unit = ""
[facts.p]
kind = "truth"
[facts.q]
kind = "truth"
[facts.day]
kind = "date"
range = [2023-01-01, 2023-12-31]
[facts.rating]
kind = "choice"
choices = { A = "A", B = "B", C = "C" }
[facts.list]
kind = "checklist"
items = { x = "x", y = "y", z = "z" }
[facts.effect]
kind = "judgement"
levels = "grades"
unit = ""
"""

# None is in a unit (half a rate is in none), so that no random sum is refused for its units.
DAYS, SHARE = "(0.5 * days(day, '2023-12-31'))", "(0.5 * share(list))"
numbers = st.sampled_from(["a", "b", "c", "effect", SHARE, "count(list)", "2", "0.5", "10", "weight", DAYS])
conditions = st.sampled_from(
    ["a > 5", "p", "q", "not p", "b >= 0", "rating in ('A', 'B')", "list.x", "day <= '2023-06-30'", "c == 50"]
)


def _combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tests = st.one_of(
        conditions,
        st.tuples(inner, inner).map("{0[0]} < {0[1]}".format),
        st.tuples(conditions, conditions).map("({0[0]} and {0[1]})".format),
        st.tuples(conditions, conditions).map("({0[0]} or {0[1]})".format),
    )
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map("({0[0]} + {0[1]})".format),
        two.map("({0[0]} - {0[1]})".format),
        two.map("({0[0]} * {0[1]})".format),
        two.map("({0[0]} / {0[1]})".format),
        two.map("min({0[0]}, {0[1]})".format),
        two.map("max({0[0]}, {0[1]})".format),
        two.map("percent({0[0]}, {0[1]})".format),
        inner.map("round({0}, 1)".format),
        inner.map("abs({0})".format),
        inner.map("started({0}, 2)".format),
        inner.map("interpolate({0}, (0, 0), (5, 2), (10, 10))".format),
        st.tuples(inner, tests, inner).map("({0[0]} if {0[1]} else {0[2]})".format),
    )


formulas = st.recursive(numbers, _combine, max_leaves=4).filter(lambda text: text.count("interpolate") < 2)
POLICIES = ("", "rescale", "full", "zero")


@st.composite
def rows(draw: st.DrawFn, identifier: str, dimension: str) -> str:
    lines = [f"[indicators.{identifier}]", f'dimension = "{dimension}"', f"weight = {draw(st.integers(1, 20))}"]
    style = draw(st.sampled_from(["score", "clamped", "bands", "target"]))
    if style == "score":
        lines.append(f"score = '''{draw(formulas)}'''")
    elif style == "clamped":
        lines.append(f"score = '''clamp({draw(formulas)}, 0, weight)'''")
    else:
        lines.append(f"value = '''{draw(formulas).replace('weight', '1')}'''")
    if style == "bands":
        lines.append(
            'bands = [ { to = 1, score = 0 }, { above = 1, below = 4, score = "weight / 3" }, { from = 5, score = "weight" } ]'
        )
    if style == "target":
        operator = draw(st.sampled_from([">=", "<=", ">", "<", "=="]))
        lines += [
            f"target = '''{operator} {draw(numbers).replace('weight', '3')}'''",
            "score = '''weight if met else weight / 3'''",
        ]
    if draw(st.booleans()):
        lines.append(f"applies = '''{draw(conditions)}'''")
        if policy := draw(st.sampled_from(POLICIES)):
            lines.append(f'not_applicable = "{policy}"')
    return "\n".join(lines)


@st.composite
def rulesets(draw: st.DrawFn) -> str:
    """The text of a ruleset of two dimensions, one within the other or beside it, and up to four rows."""
    rounding = draw(
        st.sampled_from(["score = 2\ntotal = 2", "score = 0\ntotal = 1", 'score = "none"\ntotal = "none"', "value = 1"])
    )
    parts = [f"[rounding]\n{rounding}", FACTS, "[dimensions.d]"]
    parts += [
        draw(st.sampled_from(["", 'score = "earned * 2"\nweight = 50', 'score = "weight * lowest / 100"\nweight = 50']))
    ]
    parts += ["[dimensions.e]", draw(st.sampled_from(["", 'within = "d"']))]
    for dimension in ("d", "e"):
        if policy := draw(st.sampled_from(POLICIES)):
            parts.insert(parts.index(f"[dimensions.{dimension}]") + 1, f'not_applicable = "{policy}"')
    for index in range(draw(st.integers(1, 4))):
        parts.append(draw(rows(f"r{index}", draw(st.sampled_from(["d", "e"])))))
    if draw(st.booleans()):
        each = draw(st.sampled_from(["indicator", "dimension", "total"]))
        parts.append(
            f'[adjustments.x]\neach = "{each}"\nscore = "{draw(st.sampled_from(["min(earned, 7)", "earned if a > 5 else earned / 2"]))}"'
        )
    parts.append(
        '[scales.grade]\nsteps = [ { id = "good", from = 60 }, { id = "poor", from = 0 } ]\n[total]\nscale = "grade"'
    )
    if policy := draw(st.sampled_from(POLICIES)):
        parts.append(f'not_applicable = "{policy}"')
    return "\n".join(parts) + "\n"


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, or None for a fact that is not given."""
    return st.one_of(st.none(), strategy)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "a": st.one_of(st.sampled_from([0, 1, 5, 10]), st.decimals(0, 10, places=2)),
    "b": st.one_of(st.sampled_from([-5, 0, 5]), st.decimals(-5, 5, places=2)),
    "c": st.one_of(st.sampled_from([0, 50, 100]), st.decimals(0, 100, places=1)),
    "p": st.booleans(),
    "q": st.booleans(),
    "day": st.dates(date(2023, 1, 1), date(2023, 12, 31)),
    "rating": st.sampled_from("ABC"),
    "list": st.fixed_dictionaries({"x": st.booleans(), "y": st.booleans(), "z": st.booleans()}),
    "effect": st.integers(80, 100).map(lambda rate: {"level": "high", "rate": rate}),
}
complete = st.fixed_dictionaries(VALUES)


@st.composite
def partial(draw: st.DrawFn, whole: Mapping[str, Any]) -> dict[str, Any]:
    """Some of the facts; of a checklist perhaps some of the items, of a judged fact perhaps the level alone."""
    kept = {name: value for name, value in whole.items() if draw(st.booleans())}
    if "list" in kept:
        kept["list"] = {item: answer for item, answer in kept["list"].items() if draw(st.booleans())}
    if "effect" in kept and draw(st.booleans()):
        kept["effect"] = {"level": kept["effect"]["level"]}
    return kept


laws = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def results_of(evaluation: Evaluation) -> Iterator[Result]:
    yield from evaluation
    yield from evaluation.dimensions.values()
    if evaluation.total is not None:
        yield evaluation.total


def lies_in(result: Result, outlook: Result) -> bool:
    """Whether the score of a complete evaluation is one that an incomplete one allowed."""
    interval = outlook.interval
    return result.exact is None or (interval is not None and bool(interval.low <= result.exact <= interval.high))


@laws
@given(rulesets(), complete, st.data())
def test_every_score_lies_in_the_bounds_that_were_given_before(
    text: str, whole: dict[str, Any], data: st.DataObject
) -> None:
    rules = ruleset(text)
    before, after = evaluate(rules, data.draw(partial(whole))), evaluate(rules, whole)
    for early, late in zip(results_of(before), results_of(after), strict=True):
        if early.status is not Status.NOT_APPLICABLE:
            assert lies_in(late, early)


@laws
@given(rulesets(), complete, st.data())
def test_what_is_known_stays_as_it_is_when_more_is_known(text: str, whole: dict[str, Any], data: st.DataObject) -> None:
    rules = ruleset(text)
    before, after = evaluate(rules, data.draw(partial(whole))), evaluate(rules, whole)
    for early, late in zip(results_of(before), results_of(after), strict=True):
        if early.status in (Status.SCORED, Status.NOT_APPLICABLE):
            assert (early.status, early.exact) == (late.status, late.exact)


@laws
@given(rulesets(), complete, st.data())
def test_a_grade_is_one_of_those_that_were_possible_before(
    text: str, whole: dict[str, Any], data: st.DataObject
) -> None:
    rules = ruleset(text)
    before, after = evaluate(rules, data.draw(partial(whole))).total, evaluate(rules, whole).total
    assert before is not None
    assert after is not None
    assert after.grade is None or after.grade in before.grades
    assert after.grade is None or after.grades == (after.grade,)


@laws
@given(rulesets(), complete, st.data())
def test_a_scored_result_has_itself_as_bounds(text: str, whole: dict[str, Any], data: st.DataObject) -> None:
    rules = ruleset(text)
    for result in results_of(evaluate(rules, data.draw(partial(whole)))):
        if result.exact is not None:
            assert result.bounds == (result.exact, result.exact)
            assert result.reasons == ()
            assert result.lost == result.weight - result.exact


@laws
@given(rulesets(), complete, st.data(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(
    text: str, whole: dict[str, Any], data: st.DataObject, shuffle: random.Random
) -> None:
    rules = ruleset(text)
    facts = data.draw(partial(whole))
    names = list(facts)
    shuffle.shuffle(names)
    assert state(evaluate(rules, {name: facts[name] for name in names})) == state(evaluate(rules, facts))


def state(evaluation: Evaluation) -> list[Any]:
    found: list[Any] = [(one.id, one.status, one.exact, one.bounds, one.reasons) for one in results_of(evaluation)]
    return [*found, evaluation.coverage, evaluation.status]


@laws
@given(rulesets(), complete, st.data())
def test_a_claim_of_what_follows_is_confirmed_and_of_anything_else_refuted(
    text: str, whole: dict[str, Any], data: st.DataObject
) -> None:
    rules = ruleset(text)
    facts = data.draw(partial(whole))
    plain = evaluate(rules, facts)
    scored = {row.id: row.exact for row in plain if row.exact is not None}
    branches = {one.id: one.exact for one in plain.dimensions.values() if one.exact is not None}
    for more, verdict in ((0, "confirmed"), (1, "refuted")):
        claims = {
            "indicators": {name: exact + more for name, exact in scored.items()},
            "dimensions": {name: exact + more for name, exact in branches.items()},
        }
        evaluation = evaluate(rules, {"facts": facts, "claims": claims})
        assert {claim.verdict for claim in evaluation.claims} <= {verdict}
        assert len(evaluation.claims) == len(scored) + len(branches)


@laws
@given(rulesets(), complete, st.data())
def test_a_claim_that_comes_true_was_never_refuted(text: str, whole: dict[str, Any], data: st.DataObject) -> None:
    rules = ruleset(text)
    final = {row.id: row.exact for row in evaluate(rules, whole) if row.exact is not None}
    before = evaluate(rules, {"facts": data.draw(partial(whole)), "claims": {"indicators": final}})
    assert "refuted" not in {claim.verdict for claim in before.claims}


@laws
@given(rulesets(), complete)
def test_a_plain_dimension_is_the_sum_of_its_rounded_rows(text: str, whole: dict[str, Any]) -> None:
    rules = ruleset(text)
    evaluation = evaluate(rules, whole)
    adjusted = any(adjustment.each == "dimension" for adjustment in rules.declaration.adjustments.values())
    for dimension in evaluation.dimensions.values():
        declared = rules.declaration.dimensions[dimension.id]
        parts = [
            *(evaluation[row] for row in dimension.branch.rows),
            *(evaluation.dimensions[one] for one in dimension.branch.dimensions),
        ]
        settled = all(result.status is Status.SCORED for result in results_of(evaluation))
        if adjusted or declared.score is not None or not settled:
            continue
        assert dimension.exact == sum((part.exact or Fraction(0) for part in parts), Fraction(0))


@laws
@given(rulesets(), complete, st.data())
def test_coverage_is_a_percentage_and_100_of_what_is_scored(
    text: str, whole: dict[str, Any], data: st.DataObject
) -> None:
    rules = ruleset(text)
    evaluation = evaluate(rules, data.draw(partial(whole)))
    assert 0 <= evaluation.coverage <= 100
    if all(row.status in (Status.SCORED, Status.NOT_APPLICABLE) for row in evaluation):
        assert evaluation.coverage == 100


@laws
@given(rulesets(), complete, st.data())
def test_a_row_lacks_facts_exactly_where_it_says_so(text: str, whole: dict[str, Any], data: st.DataObject) -> None:
    rules = ruleset(text)
    facts = data.draw(partial(whole))
    for row in evaluate(rules, facts):
        assert (row.status is Status.MISSING) <= bool(row.missing)
        for name in row.missing:
            fact, _, item = name.partition(".")
            assert fact not in facts or (item and item not in facts[fact])


@laws
@given(rulesets(), complete, st.data())
def test_every_evaluation_has_the_shape_of_the_export(text: str, whole: dict[str, Any], data: st.DataObject) -> None:
    rules = ruleset(text)
    assert list(differences(as_dict(evaluate(rules, data.draw(partial(whole)))), SHAPE)) == []


@pytest.mark.parametrize("text", ["a / b", "10 / (a - a)"])
def test_what_is_divided_by_0_is_undefined_whatever_else_is_known(text: str) -> None:
    rules = ruleset(FACTS + f"[dimensions.d]\n[indicators.i]\ndimension = 'd'\nweight = 10\nscore = '{text}'\n")
    assert evaluate(rules, {"a": 1, "b": 0})["i"].status is Status.UNDEFINED

"""How a score came about, as data: parts, sub-values with their spans, the branch or band taken, the facts."""

from __future__ import annotations

import ast
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perfrules import evaluate
from perfrules.evaluation.derivation import Part, of_branch, of_value
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.gaps import gaps
from perfrules.formula.systems.exact import Unknown
from perfrules.ruleset.library import Ruleset

from .small import facts, one_row, row, ruleset

AB = facts(a="number 0 100", b="number 0 100", yes="truth")


def part(evaluation: Evaluation, of: str = "score", identifier: str = "i") -> Part:
    return next(one for one in evaluation[identifier].derivation.parts if one.of == of)


def test_the_parts_stand_in_the_order_in_which_they_were_worked_out() -> None:
    text = "[rounding]\nvalue = 1\n" + AB + '[values.half]\nformula = "a / 2"\n[values.quarter]\nformula = "half / 2"\n'
    text += "[values.unused]\nformula = 'a + b'\n[dimensions.d]\n"
    text += row(value="quarter", target=">= b", score="weight if met else 0", applies="a > 0", note_when="value > 0")
    how = evaluate(ruleset(text), {"a": 50, "b": 10})["i"].derivation
    assert how.about == "indicators.i"
    assert [(one.name, one.of, one.text) for one in how.parts[:7]] == [
        ("half", "value", "a / 2"),
        ("quarter", "value", "half / 2"),
        ("measured", "value", "quarter"),
        ("value", "rounding", how.parts[3].text),
        ("target", "target", ">= b"),
        ("met", "met", how.parts[5].text),
        ("applies", "applies", "a > 0"),
    ]
    assert [one.of for one in how.parts[7:]] == ["score", "rounding", "owed"]
    assert [use.id for use in how.facts] == ["a", "b"]


def test_a_formula_is_shown_with_its_values_and_every_sub_value_with_its_span() -> None:
    formula = "max(0, weight - 0.5 * started(percent(a, b) - 100, 1))"
    found = part(evaluate(one_row(formula, AB), {"a": 21, "b": 20}))
    assert found.text == formula
    assert found.filled == "max(0, 10 - 0.5 * started(percent(21, 20) - 100, 1))"
    assert found.value == Fraction(15, 2)
    assert [(step.text, step.filled, step.value) for step in found.steps] == [
        ("percent(a, b)", "percent(21, 20)", 105),
        ("percent(a, b) - 100", "105 - 100", 5),
        ("started(percent(a, b) - 100, 1)", "started(5, 1)", 5),
        ("0.5 * started(percent(a, b) - 100, 1)", "0.5 * 5", Fraction(5, 2)),
        ("weight - 0.5 * started(percent(a, b) - 100, 1)", "10 - 2.5", Fraction(15, 2)),
    ]
    assert [formula[slice(*step.span)] for step in found.steps if step.span] == [step.text for step in found.steps]


def test_spans_count_characters_of_the_formula_as_written() -> None:
    text = '[facts."在职人数"]\nkind = "number"\n[facts."编制数"]\nkind = "number"\n'
    formula = "  min(weight,\n    在职人数 / 编制数 * 10)"
    found = part(evaluate(one_row(formula, text), {"在职人数": 1, "编制数": 2}))
    assert [formula[slice(*step.span)] for step in found.steps if step.span] == [
        "在职人数 / 编制数",
        "在职人数 / 编制数 * 10",
    ]


def test_what_is_not_known_is_a_question_mark_with_its_reasons() -> None:
    found = part(evaluate(one_row("weight * a / b", AB), {"a": 5}))
    assert found.filled == "10 * 5 / ?"
    assert isinstance(found.value, Unknown)
    assert [(step.text, isinstance(step.value, Unknown)) for step in found.steps] == [("weight * a", False)]


def test_the_branch_taken_is_marked_and_the_others_are_not_visited() -> None:
    formula = "weight if a > 50 else weight / 2 if b > 50 else a / b"
    found = part(evaluate(one_row(formula, AB), {"a": 1, "b": 60}))
    assert [(one.condition, one.filled, one.held, one.reached, one.result) for one in found.choices] == [
        ("a > 50", "1 > 50", False, True, "weight"),
        ("b > 50", "60 > 50", True, True, "weight / 2"),
        ("", "", None, False, "a / b"),
    ]
    assert [one.result_filled for one in found.choices] == ["", "10 / 2", ""]
    assert "a / b" not in [step.text for step in found.steps]


def test_a_branch_that_depends_on_what_is_missing_is_open() -> None:
    found = part(evaluate(one_row("weight if a > 50 else 0", AB), {}))
    assert [(one.held, one.reached) for one in found.choices] == [(None, True), (None, False)]


BANDS = '[ { to = 50, score = 1 }, { above = 50, below = 80, score = "weight / 2" }, { from = 80, score = "weight" } ]'


@pytest.mark.parametrize(("a", "band"), [(50, 1), (79, 2), (80, 3)])
def test_the_band_taken_is_counted_from_one(a: int, band: int) -> None:
    result = evaluate(ruleset(AB + "[dimensions.d]\n" + row(value="a", bands=BANDS)), {"a": a})["i"]
    assert result.band == result.derivation.band == band
    choices = part(result.evaluation).choices
    assert [one.held for one in choices if one.condition][:band] == [False] * (band - 1) + [True]


def test_a_method_and_an_adjustment_are_named_as_sources() -> None:
    text = AB + '[methods.m]\nparameters = { limit = 5 }\nscore = "weight if value > limit else 0"\n[dimensions.d]\n'
    text += row(value="a", method="m", with_="{ limit = 7 }")
    text += '[adjustments.half]\neach = "indicator"\nscore = "earned / 2"\n'
    how = evaluate(ruleset(text), {"a": 6})["i"].derivation
    assert [(one.of, one.source, one.filled) for one in how.parts if one.source] == [
        ("score", "methods.m", "10 if 6 > 7 else 0"),
        ("adjustment", "adjustments.half", "0 / 2"),
    ]


def test_the_facts_come_with_all_that_was_said_of_them() -> None:
    text = (
        AB
        + '[levels.g]\nsteps = [ { id = "high", from = 80, to = 100 } ]\n[facts.effect]\nkind = "judgement"\nlevels = "g"\n'
    )
    rules = one_row("a + effect / b", text)
    given: dict[str, Any] = {
        "a": {"value": 5, "source": "p. 3", "note": "rounded"}, "b": {"missing": "not said"},
        "effect": {"level": "high", "rate": 90, "by": "the panel"}, "yes": True,
    }  # fmt: skip
    uses = evaluate(rules, {"facts": given})["i"].derivation.facts
    assert [use.id for use in uses] == ["a", "effect", "b"]
    a, effect, b = uses
    assert (a.value, a.submitted, a.source, a.note, a.missing, a.range) == (5, 5, "p. 3", "rounded", None, (0, 100))
    assert (effect.value, effect.level, effect.by, effect.range) == (90, "high", "the panel", (0, 100))
    assert (b.missing, b.submitted) == ("not said", None)


@pytest.mark.parametrize(
    ("given", "missing"),
    [({}, ""), ({"list": {"missing": "not answered"}}, "not answered"), ({"list": {"value": {"x": True}}}, None)],
)
def test_a_checklist_that_is_given_as_missing_says_why(given: dict[str, Any], missing: str | None) -> None:
    text = '[facts.list]\nkind = "checklist"\nitems = { x = "x", y = "y" }\n'
    (use,) = evaluate(one_row("share(list)", text), {"facts": given})["i"].derivation.facts
    assert use.missing == missing


def test_a_dimension_shows_its_sum_and_the_total_its_parts() -> None:
    text = (
        AB
        + "[dimensions.d]\n[dimensions.e]\n"
        + row(score="a / 10")
        + row("j", score="b / 10")
        + row("k", score="1", dimension="e")
    )
    evaluation = evaluate(ruleset(text), {"a": 50, "b": 30})
    (sum_,) = (one for one in of_branch(evaluation, "d").parts if one.of == "sum")
    assert (sum_.text, sum_.filled, sum_.value) == ("i + j", "5 + 3", 8)
    total = of_branch(evaluation, "")
    assert [one.text for one in total.parts if one.of == "sum"] == ["d + e"]
    assert total.about == "total"


def test_a_value_is_explained_by_itself() -> None:
    text = AB + '[values.rate]\nformula = "percent(a, b)"\n[dimensions.d]\n' + row(score="rate")
    found = of_value(evaluate(ruleset(text), {"a": 1, "b": 3}), "rate")
    assert (found.text, found.filled, found.value) == ("percent(a, b)", "percent(1, 3)", Fraction(100, 3))


def test_every_step_of_the_real_runs_is_a_part_of_its_formula(project_root: Path) -> None:
    for name in ("julu-2022", "langfang-2019"):
        evaluation = evaluate(None, project_root / "docs" / "examples" / name / "submission.toml")
        for result in evaluation:
            for one in result.derivation.parts:
                for step in one.steps:
                    if step.span:
                        assert one.text[slice(*step.span)].split() == step.text.split()


def test_spans_count_from_the_sign_of_a_target_and_from_the_not_of_an_alternative() -> None:
    text = AB + "[dimensions.d]\n" + row("old", value="a", target=">=  b * 2 + 1", score="weight", applies="a + b > 5")
    text += row("new", weight=None, score="weight", instead_of="old")
    evaluation = evaluate(ruleset(text), {"a": 1, "b": 2})
    target, applies = part(evaluation, "target", "old"), part(evaluation, "applies", "new")
    assert [target.text[slice(*step.span)] for step in target.steps if step.span] == ["b * 2"]
    assert applies.text == "not (a + b > 5)"
    assert [applies.text[slice(*step.span)] for step in applies.steps if step.span] == ["a + b", "a + b > 5"]


def test_what_was_put_together_of_several_formulas_has_no_spans() -> None:
    bands = '[ { when = "a + b > 50", score = "weight / 2" }, { score = "a + 1" } ]'
    found = part(evaluate(ruleset(AB + "[dimensions.d]\n" + row(bands=bands)), {"a": 1, "b": 2}))
    assert {step.span for step in found.steps} == {None}
    assert [step.text for step in found.steps] == ["a + b", "a + b > 50", "a + 1"]


# -- what would help most ------------------------------------------------------------------------------------------


def test_the_facts_that_settle_most_come_first_and_a_set_counts_what_it_contains() -> None:
    text = facts(a="percent", b="percent", c="percent", z="number") + "[dimensions.d]\n"
    text += row("one", weight=10, score="weight * a / 100") + row("two", weight=30, score="weight * min(a, b) / 100")
    text += row("three", weight=15, score="weight * c / 100") + row("zero", weight=50, score="c / z")
    assert [(gap.facts, gap.weight) for gap in gaps(evaluate(ruleset(text), {"z": 0}))] == [
        (("a", "b"), 40), (("c",), 15), (("a",), 10),
    ]  # fmt: skip
    assert [gap.facts for gap in gaps(evaluate(ruleset(text), {"a": 1, "c": 1, "z": 0}))] == [("b",)]


def test_rows_that_do_not_apply_and_second_alternatives_are_no_gaps() -> None:
    text = facts(a="percent", b="percent", one="truth") + "[dimensions.d]\n"
    text += row("old", score="weight * a / 100", applies="one") + row(
        "new", weight=None, score="weight * b / 100", instead_of="old"
    )
    rules = ruleset(text)
    assert [(gap.facts, gap.weight) for gap in gaps(evaluate(rules, {"a": 1, "b": 1}))] == [(("one",), 10)]
    assert [(gap.facts, gap.weight) for gap in gaps(evaluate(rules, {"one": False}))] == [(("b",), 10)]
    assert gaps(evaluate(rules, {"one": False, "b": 5})) == []


# -- the trace -----------------------------------------------------------------------------------------------------


def traced(rules: Ruleset, number: int) -> list[tuple[int, object]]:
    """The trace of an evaluation, in a form that can be compared."""
    trace = evaluate(rules, {"a": number, "b": 7}).trace
    return [(id(node), repr(value)) for node, value in trace.items()]


def test_a_branch_that_is_a_number_is_in_the_trace_and_an_operand_is_not() -> None:
    rules = one_row("3 if a > 5 else weight", AB)
    choice = next(tree for _, tree in rules.program.trees if isinstance(tree, ast.IfExp))
    nodes = {node for node in ast.walk(choice) if isinstance(node, ast.expr)}
    for a, seen in ((6, {choice.test: True, choice.body: 3}), (5, {choice.test: False, choice.orelse: 10})):
        trace = evaluate(rules, {"a": a}).trace
        assert {node: trace[node] for node in nodes & trace.keys()} == {**seen, choice: 3 if a > 5 else 10}


def test_threads_that_share_a_ruleset_each_have_their_own_trace() -> None:
    rules = one_row("max(0, weight - 0.5 * started(percent(a, b) - 100, 1)) if a > 3 and b > 2 else a / b", AB)
    alone = [traced(rules, number) for number in range(20)]
    assert len({str(steps) for steps in alone}) == 20
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(traced, [rules] * 200, list(range(20)) * 10)) == alone * 10
    finally:
        sys.setswitchinterval(before)

"""What the rulesets of the library must hold, beside independent statements of the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product
from math import floor
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfrules import evaluate, load
from perfrules.ruleset.library import Ruleset

QUESTIONS = {"purpose": (20, 5), "planning": (10, 8), "management": (20, 7), "results": (50, 5)}
"""The sections of PART: their weights, and how many questions they have."""

POINTS = {
    "yes": Fraction(1),
    "large_extent": Fraction(2, 3),
    "small_extent": Fraction(1, 3),
    "no": Fraction(0),
}
RATED = {"measures_agreed": True, "baseline_data": True}

M2_TWO = "DD D, DC D+, DB C, DA C+, CC C, CB C+, CA B, BB B, BA B+, AA A"
M2_THREE = """
    DDD D, DDC D+, DDB D+, DDA C, DCC D+, DCB C, DCA C+, DBB C+, DBA B, DAA B,
    CCC C, CCB C+, CCA B, CBB B, CBA B, CAA B+, BBB B, BBA B+, BAA A, AAA A
"""
M2_FOUR = """
    DDDD D, DDDC D, DDDB D+, DDDA D+, DDCC D+, DDCB D+, DDCA C, DDBB C, DDBA C+, DDAA C+,
    DCCC D+, DCCB C, DCCA C+, DCBB C+, DCBA C+, DCAA B, DBBB C+, DBBA B, DBAA B, DAAA B+,
    CCCC C, CCCB C+, CCCA C+, CCBB C+, CCBA B, CCAA B, CBBB B, CBBA B, CBAA B+, CAAA B+,
    BBBB B, BBBA B+, BBAA B+, BAAA A, AAAA A
"""
M2 = {
    size: dict(row.split() for row in table.replace("\n", " ").split(","))
    for size, table in (("two", M2_TWO), ("three", M2_THREE), ("four", M2_FOUR))
}
"""The conversion tables of PEFA row by row, not by the sum that the ruleset goes by."""


@pytest.fixture(scope="module")
def part() -> Ruleset:
    return load("us/part-2002")


@pytest.fixture(scope="module")
def pefa() -> Ruleset:
    return load("pefa/2016-scoring")


# -- PART ------------------------------------------------------------------------------------------------------------


@st.composite
def sheets(draw: st.DrawFn) -> dict[str, str]:
    """Filled questionnaires, with questions that do not apply among them."""
    part = load("us/part-2002")
    return {row: draw(st.sampled_from(list(part.program.facts[row].choices))) for row in part.program.rows}


def weighted(part: Ruleset, answers: Mapping[str, str]) -> dict[str, Fraction | None]:
    """The sections as PART has them: the mean of the questions that apply, times the weight."""
    found: dict[str, Fraction | None] = {}
    for section, (weight, _) in QUESTIONS.items():
        rows = part.program.branches[section].rows
        points = [POINTS[answers[row]] for row in rows if answers[row] != "not_applicable"]
        found[section] = weight * sum(points, Fraction(0)) / len(points) if points else None
    return found


def test_part_has_25_questions_in_four_sections(part: Ruleset) -> None:
    branches = part.program.branches
    assert {section: (branch.weight, len(branch.rows)) for section, branch in branches.items()} == QUESTIONS
    for branch in branches.values():
        assert len({part.program.rows[row].weight for row in branch.rows}) == 1


@settings(max_examples=40)
@given(answers=sheets())
def test_part_sections_are_exact_and_the_total_is_rounded_once(part: Ruleset, answers: dict[str, str]) -> None:
    evaluation = evaluate(part, {**RATED, **answers})
    sections = weighted(part, answers)
    assert {name: branch.exact for name, branch in evaluation.dimensions.items()} == sections
    applying = sum(weight for name, (weight, _) in QUESTIONS.items() if sections[name] is not None)
    assume(applying)
    total = sum((score for score in sections.values() if score is not None), Fraction(0)) * 100 / applying
    assert evaluation.total is not None
    assert evaluation.total.exact == Fraction(floor(total * 100 + Fraction(1, 2)), 100)


def test_part_rounding_lifts_no_total_over_a_limit(part: Ruleset) -> None:
    totals = {Fraction(0)}
    for section, (weight, count) in QUESTIONS.items():
        steps = 3 if section == "results" else 1
        scores = {
            Fraction(weight * earned, applying * steps)
            for applying in range(1, count + 1)
            for earned in range(applying * steps + 1)
        }
        totals = {total + score for total in totals for score in scores}
    for limit, nearest in ((85, "84.98"), (70, "69.99"), (50, "49.99")):
        below = max(total for total in totals if total < limit)
        assert str(round(Decimal(below.numerator) / below.denominator, 2)) == nearest
    assert part.declaration.rounding.total == 2


@pytest.mark.parametrize("lacking", RATED)
def test_part_is_not_rated_by_a_number_without_measures_or_data(part: Ruleset, lacking: str) -> None:
    answers = dict.fromkeys(part.program.rows, "yes")
    without = evaluate(part, {**RATED, **answers, lacking: False}).total
    unknown = evaluate(part, {name: value for name, value in {**RATED, **answers}.items() if name != lacking}).total
    assert without is not None
    assert unknown is not None
    assert (without.score, without.grade) == (100, "results_not_demonstrated")
    assert (unknown.score, unknown.grade) == (100, None)
    assert unknown.grades == ("results_not_demonstrated", "effective")


# -- PEFA ------------------------------------------------------------------------------------------------------------


def graded(pefa: Ruleset, block: str, letters: tuple[str, ...] | str) -> str | None:
    """The letter of an indicator whose dimensions have these."""
    facts = {f"{block}_{place}": letter for place, letter in enumerate(letters, 1)}
    return evaluate(pefa, facts).dimensions[block].grade


@pytest.mark.parametrize(("size", "rows"), [("two", 10), ("three", 20), ("four", 35)])
def test_m2_is_the_table_in_every_order(pefa: Ruleset, size: str, rows: int) -> None:
    assert len(M2[size]) == rows
    for letters, grade in M2[size].items():
        for order in sorted(set(permutations(letters))):
            assert graded(pefa, f"m2_{size}", order) == grade


def test_m2_goes_by_the_table_of_the_dimensions_that_apply(pefa: Ruleset) -> None:
    for applying, of in (("two", "three"), ("three", "four"), ("two", "four")):
        for letters, grade in M2[applying].items():
            absent = ("NA",) * ({"three": 3, "four": 4}[of] - len(letters))
            assert graded(pefa, f"m2_{of}", (*letters, *absent)) == grade


@pytest.mark.parametrize(("size", "count"), [("two", 2), ("three", 3), ("four", 4)])
def test_m1_is_the_lowest_with_a_plus_where_another_is_higher(pefa: Ruleset, size: str, count: int) -> None:
    for letters in product("ABCD", repeat=count):
        assert graded(pefa, f"m1_{size}", letters) == max(letters) + ("+" if len(set(letters)) > 1 else "")


def test_m1_of_d_b_a_is_d_plus(pefa: Ruleset) -> None:
    assert graded(pefa, "m1_three", "DBA") == "D+"


@pytest.mark.parametrize("block", ["m1_two", "m1_three", "m1_four", "m2_two", "m2_three", "m2_four"])
def test_insufficient_information_counts_as_d_and_leaves_no_asterisk(pefa: Ruleset, block: str) -> None:
    places = len(pefa.program.branches[block].rows)
    for letters in product("ABCD", repeat=places):
        starred = tuple("D*" if letter == "D" else letter for letter in letters)
        assert graded(pefa, block, starred) == graded(pefa, block, letters)


def test_pefa_adds_nothing_up_over_indicators(pefa: Ruleset) -> None:
    assert evaluate(pefa, {}).total is None


# -- Yueyang, platform -------------------------------------------------------------------------------------------------


def test_yueyang_has_33_of_100_points_and_no_grade() -> None:
    ruleset = load("cn/department-overall-yueyang-2018")
    assert len(ruleset.program.rows) == 8
    assert sum(row.weight for row in ruleset.program.rows.values()) == 33
    assert ruleset.program.total is not None
    assert ruleset.program.total.grade is None


def test_the_platform_caps_the_total_at_every_half_point_of_the_execution_rate(project_root: Path) -> None:
    examples = project_root / "rulesets" / "cn" / "project-self-evaluation-2020" / "examples"
    capped = load(examples / "plan.toml", overlays=["cn/platform-caps"])
    free = load(examples / "plan.toml")
    submitted = evaluate(None, examples / "full.toml").submission.raw
    for hundredths in range(4900, 8101, 50):
        rate = Fraction(hundredths, 100)
        ceiling = next(cap for floor, cap in ((80, 100), (70, 89), (60, 79), (50, 69), (0, 59)) if rate >= floor)
        facts = {**submitted, "full_year_budget": 100, "executed": Decimal(hundredths) / 100}
        with_caps, without = (evaluate(ruleset, {"facts": facts}).total for ruleset in (capped, free))
        assert with_caps is not None
        assert without is not None
        assert without.exact is not None
        assert with_caps.exact == min(without.exact, ceiling)

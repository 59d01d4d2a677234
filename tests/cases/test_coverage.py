"""What the cases of a ruleset cover: each kind of point, seen and not seen, with its place; and nobody else's points."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from evaluation.small import HEAD, facts, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfrules import evaluate, load
from perfrules.cases import coverage
from perfrules.cases.coverage import Coverage, Figure, Watch
from perfrules.cases.points import KINDS
from perfrules.cases.run import Case, run_cases
from perfrules.errors import RulesetError
from perfrules.evaluation.submission import Submission
from perfrules.ruleset.library import paths

D = "[dimensions.d]\n"
NUMBERS = facts(a="number 0 100", b="number 0 100")


def write(folder: Path, text: str, *cases: str, head: str = HEAD) -> Path:
    """A ruleset in a folder, and its cases: the tables of facts that each gives, or a whole case from `[[case]]` on."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ruleset.toml").write_text(head + text, encoding="utf-8")
    (folder / "cases").mkdir(exist_ok=True)
    written = [
        case if "[[case]]" in case else f"[[case]]\nset = {{ {case} }}\nexpect = {{ indicators = {{}} }}\n"
        for case in cases
    ]
    (folder / "cases" / "all.toml").write_text("\n".join(written), encoding="utf-8")
    return folder / "ruleset.toml"


def open_points(path: Path) -> list[str]:
    """What no case shows: the characters of the file that it is about, and what is missing of them."""
    tested = coverage.run(path)
    assert [finding.format() for case in tested.cases for finding in case.findings] == []
    found = []
    for point, finding in tested.coverage.uncovered():
        assert finding.where
        assert finding.where.column
        start = finding.where.column - 1
        found.append(f"{finding.where.text[start : start + finding.where.length]} | {point.side or point.kind}")
    return found


def only(kind: str, points: list[str]) -> list[str]:
    sides = {"branches": ("then", "else"), "outcomes": ("true", "false")}.get(kind, (kind,))
    return [point for point in points if point.rpartition(" | ")[2] in sides]


# -- each kind of point --------------------------------------------------------------------------------------------


def test_an_indicator_is_covered_by_a_case_that_scores_it(tmp_path: Path) -> None:
    rules = NUMBERS + D + row("i", score="a / 10") + row("j", score="b / 10")
    assert only("indicators", open_points(write(tmp_path, rules, "a = 1"))) == ["j | indicators"]
    assert only("indicators", open_points(write(tmp_path, rules, "a = 1", "b = 1"))) == []


BANDS = '[{ from = 90, score = "weight" }, { from = 60, below = 90, when = "b > 1", score = 5 }, { score = 0 }]'


@pytest.mark.parametrize(
    ("cases", "left"),
    [
        ([], [0, 1, 2]),
        (["a = 90, b = 0"], [1, 2]),
        (["a = 89.9, b = 2"], [0, 2]),
        (["a = 59, b = 2"], [0, 1]),
        (["a = 70, b = 1"], [0, 1]),
        (["b = 2"], [0, 1, 2]),
        (["a = 95, b = 0", "a = 60, b = 2", "a = 0, b = 0"], []),
    ],
)
def test_a_band_is_covered_by_a_case_that_falls_into_it(cases: list[str], left: list[int], tmp_path: Path) -> None:
    path = write(tmp_path, NUMBERS + D + row(value="a", bands=BANDS), *cases)
    found = [point.path[-1] for point, _ in coverage.run(path).coverage.uncovered() if point.kind == "bands"]
    assert found == left


def test_the_bands_of_a_method_are_covered_by_any_row_that_uses_it_and_counted_once(tmp_path: Path) -> None:
    method = f"[methods.m]\nbands = {BANDS}\n"
    rules = NUMBERS + method + D + row("i", value="a", method="m") + row("j", value="b", method="m")
    tested = coverage.run(write(tmp_path, rules, "a = 95, b = 0"))
    assert tested.coverage.figure("bands") == Figure(2, 3)
    assert tested.coverage.figure("outcomes") == Figure(0, 2)  # `b > 1` is looked at below 90 and from 60 on only


def test_a_band_behind_one_without_condition_is_never_covered(tmp_path: Path) -> None:
    bands = '[{ score = "weight" }, { from = 0, score = 1 }]'
    assert only("bands", open_points(write(tmp_path, NUMBERS + D + row(value="a", bands=bands), "a = 1"))) == [
        "{ from = 0, score = 1 } | bands"
    ]


def test_a_step_of_a_scale_is_covered_by_a_dimension_or_total_that_reaches_it(tmp_path: Path) -> None:
    scale = (
        '[scales.g]\nsteps = [{ id = "top", when = "b > 5" }, { id = "good", from = 80 }, { id = "poor", from = 0 }]\n'
    )
    rules = NUMBERS + scale + '[total]\nscale = "g"\n[dimensions.d]\nscale = "g"\n' + row(score="a / 10")
    assert only("bands", open_points(write(tmp_path, rules, "a = 90, b = 0"))) == [
        '{ id = "top", when = "b > 5" } | bands',
        '{ id = "poor", from = 0 } | bands',
    ]
    assert open_points(write(tmp_path, rules, "a = 90, b = 0", "a = 1, b = 0", "a = 1, b = 9", "")) == []


INNER = "weight if a >= b else a / 10"
SEEN = {
    "a = 9, b = 2": ["b > 1 | true", f"{INNER} | then", "a >= b | true", "weight | then"],
    "a = 1, b = 2": ["b > 1 | true", f"{INNER} | then", "a >= b | false", "a / 10 | else"],
    "a = 1, b = 1": ["b > 1 | false", "0 | else"],
    "b = 2": ["b > 1 | true", f"{INNER} | then"],
    "a = 1": [],
}
"""Cases, and the branches and outcomes that each shows."""


@pytest.mark.parametrize("cases", [["b = 2"], ["a = 1"], *([case] for case in SEEN), [*SEEN][:2], [*SEEN][:3], [*SEEN]])
def test_branches_and_outcomes_are_covered_one_by_one(cases: list[str], tmp_path: Path) -> None:
    path = write(tmp_path, NUMBERS + D + row(score=f"({INNER}) if b > 1 else 0"), *cases)
    found = open_points(path)
    seen = {point for case in cases for point in SEEN[case]}
    every = {point for points in SEEN.values() for point in points}
    assert sorted([*only("branches", found), *only("outcomes", found)]) == sorted(every - seen)


PLACES = {
    "value of a ruleset": ('[values.v]\nformula = "1 if a > 1 else 2"\n', row(score="v")),
    "value of an indicator": ("", row(value="1 if a > 1 else 2", score="value")),
    "target of an indicator": ("", row(value="b", target=">= 1 if a > 1 else 2", score="value / 100")),
    "score of an indicator": ("", row(score="1 if a > 1 else 2")),
    "score of a band": ("", row(bands='[{ score = "1 if a > 1 else 2" }]')),
    "score of a method": ('[methods.m]\nscore = "1 if a > 1 else 2"\n', row(value="b", method="m")),
    "score of a dimension": ('[dimensions.e]\nweight = 2\nscore = "1 if a > 1 else 2"\n', row(dimension="e", score="a")),
    "score of the total": ('[total]\nweight = 10\nscore = "1 if a > 1 else 2"\n', row(score="a / 10")),
    "adjustment of rows": ('[adjustments.x]\neach = "indicator"\nscore = "1 if a > 1 else 2"\n', row(score="a / 10")),
    "adjustment of dimensions": ('[adjustments.x]\neach = "dimension"\nscore = "1 if a > 1 else 2"\n', row(score="a / 10")),
    "adjustment of the total": ('[adjustments.x]\neach = "total"\nscore = "1 if a > 1 else 2"\n', row(score="a / 10")),
    "side of a check": ('[checks.c]\nequal = ["1 if a > 1 else 2", "b"]\n', row(score="a / 10")),
}  # fmt: skip


@pytest.mark.parametrize("rounding", ['"none"', "2"])
@pytest.mark.parametrize("place", PLACES)
def test_branches_and_outcomes_are_seen_wherever_a_formula_stands(place: str, rounding: str, tmp_path: Path) -> None:
    declared, rows = PLACES[place]
    rules = f"[rounding]\nvalue = {rounding}\nscore = {rounding}\ntotal = {rounding}\n{NUMBERS}{declared}{D}{rows}"
    once = open_points(write(tmp_path, rules, "a = 2, b = 1"))
    assert only("branches", once) == ["2 | else"]
    assert [one for one in only("outcomes", once) if one.startswith("a >")] == ["a > 1 | false"]
    both = open_points(write(tmp_path, rules, "a = 2, b = 1", "a = 1, b = 99"))
    assert [one for one in [*only("branches", both), *only("outcomes", both)] if one[0] in "a2"] == []


CONDITIONS = {
    "applies": row(applies="a > 1", score="b / 10"),
    "note_when": row(note_when="a > 1", score="b / 10"),
    "note_when of a method": '[methods.m]\nscore = "b / 10"\nnote_when = "a > 1"\n' + row(value="b", method="m"),
    "assert": '[checks.c]\nassert = "a > 1"\n' + row(score="b / 10"),
    "when of a band": row(bands='[{ when = "a > 1", score = 1 }, { score = "b / 100" }]'),
    "when of a step": '[total]\nscale = "g"\n[scales.g]\nsteps = [{ id = "x", when = "a > 1" }, { id = "y", from = 0 }]\n' + row(score="b / 10"),
}  # fmt: skip


@pytest.mark.parametrize("place", CONDITIONS)
def test_the_outcomes_of_a_condition_are_seen_wherever_it_stands(place: str, tmp_path: Path) -> None:
    rules = NUMBERS + D + CONDITIONS[place]
    assert only("outcomes", open_points(write(tmp_path, rules, "a = 2, b = 1"))) == ["a > 1 | false"]
    assert only("outcomes", open_points(write(tmp_path, rules, "a = 1, b = 1"))) == ["a > 1 | true"]
    assert only("outcomes", open_points(write(tmp_path, rules, "a = 1, b = 1", "a = 2, b = 1"))) == []


def test_a_target_is_met_and_missed_and_the_sides_of_a_check_are_equal_and_not(tmp_path: Path) -> None:
    rules = NUMBERS + '[checks.c]\nequal = ["a", "b"]\n' + D + row(value="a", target="<= 5", score="value / 10")
    assert only("outcomes", open_points(write(tmp_path, rules, "a = 5, b = 5"))) == [
        '["a", "b"] | false',
        "'''<= 5''' | false",
    ]
    assert only("outcomes", open_points(write(tmp_path, rules, "a = 6, b = 5"))) == [
        '["a", "b"] | true',
        "'''<= 5''' | true",
    ]
    assert only("outcomes", open_points(write(tmp_path, rules, "a = 6, b = 5", "a = 5, b = 5"))) == []


def test_of_a_list_each_option_is_an_outcome_and_of_a_chain_each_comparison(tmp_path: Path) -> None:
    choice = '[facts.c]\nkind = "choice"\nchoices = { A = "A", B = "B", C = "C" }\n'
    rules = NUMBERS + choice + D + row(score='(1 if 1 < a <= 5 else 2) if c in ("A", "B") else 3')
    assert only("outcomes", open_points(write(tmp_path, rules, 'a = 3, c = "A"'))) == [
        "1 < a | false", "a <= 5 | false", '"A" | false', '"B" | true', '"B" | false',
    ]  # fmt: skip
    cases = ('a = 3, c = "A"', 'a = 1, c = "B"', 'a = 9, c = "B"', 'a = 9, c = "C"')
    assert only("outcomes", open_points(write(tmp_path, rules, *cases))) == []


def test_what_is_not_decided_covers_nothing(tmp_path: Path) -> None:
    rules = NUMBERS + D + row(score="1 if a > 1 else 2")
    found = open_points(write(tmp_path, rules, "b = 1"))
    assert len([*only("branches", found), *only("outcomes", found)]) == 4


def test_a_row_that_does_not_apply_covers_nothing_but_that(tmp_path: Path) -> None:
    rules = NUMBERS + D + row(applies="b > 0", score="1 if a > 1 else 2") + row("j", score="a / 10")
    found = open_points(write(tmp_path, rules, "a = 9, b = 0"))
    assert only("branches", found) == ["1 | then", "2 | else"]
    assert only("outcomes", found) == ["b > 0 | true", "a > 1 | true", "a > 1 | false"]


def test_the_condition_of_an_alternative_is_its_others_and_counted_once(tmp_path: Path) -> None:
    rules = (
        NUMBERS + D + row("i", applies="a > 1", score="b / 10") + row("j", weight=None, instead_of="i", score="b / 20")
    )
    tested = coverage.run(write(tmp_path, rules, "a = 2, b = 1"))
    assert tested.coverage.figure("outcomes") == Figure(1, 2)
    assert [point.path for point, _ in tested.coverage.uncovered() if point.kind == "outcomes"] == [
        ("indicators", "i", "applies")
    ]


def test_a_formula_on_several_lines_and_with_chinese_names_is_found_at_its_place(tmp_path: Path) -> None:
    formula = "1 if\n   编制数 > 3\nelse 0"
    head = '[indicators."控制率"]\ndimension = "d"\nweight = 1\n'
    rules = f'{facts(编制数="count 0 100")}{D}{head}score = """\n{formula}"""\n'
    assert open_points(write(tmp_path, rules, '"编制数" = 5')) == [
        '"控制率" | missing', "编制数 > 3 | false", "0 | else",
    ]  # fmt: skip


# -- states ----------------------------------------------------------------------------------------------------------

LEVELS = '[levels.l]\nsteps = [{ id = "high", from = 50, to = 100 }, { id = "low", from = 0, below = 50 }]\n'
JUDGED = LEVELS + '[facts.g]\nkind = "judgement"\nlevels = "l"\n'
STATES = {
    "no fact at all": ("weight", {}, []),
    "a fact": ("a / 10", {}, ["missing"]),
    "a fact by way of a value": ("v / 10", {}, ["missing"]),
    "a judged fact": ("g / 10", {}, ["missing", "judged"]),
    "a condition": ("a / 10", {"applies": "b > 1"}, ["missing", "not_applicable"]),
    "a fact in the condition only": ("weight", {"applies": "b > 1"}, ["missing", "not_applicable"]),
    "a divisor that can be 0": ("a / b", {}, ["missing", "undefined"]),
    "a rate whose divisor can be 0": ("percent(a, b) / 10", {}, ["missing", "undefined"]),
    "a rate by way of a value": ("rate / 10", {}, ["missing", "undefined"]),
    "a divisor whose range begins at 1": ("a / c", {}, ["missing"]),
    "a divisor that is a sum with one": ("a / (b + 1)", {}, ["missing"]),
    "a constant divisor": ("a / 10", {}, ["missing"]),
    "a divisor kept from 0 by a branch": ("a / b if b > 0 else 0", {}, ["missing"]),
    "a divisor kept from 0 by the other branch": ("0 if b == 0 else a / b", {}, ["missing"]),
    "a divisor that the wrong branch keeps at 0": ("0 if b > 0 else a / b", {}, ["missing", "undefined"]),
    "a divisor kept from 0 by the condition": ("a / b", {"applies": "b > 0"}, ["missing", "not_applicable"]),
    "a value kept from 0 by the condition": ("rate / 10", {"applies": "b > 0"}, ["missing", "not_applicable"]),
    "a divisor that is an expression kept from 0": ("a / (a + b)", {"applies": "a + b > 0"}, ["missing", "not_applicable"]),
    "a target that is a fact": ("weight * value / target", {"value": "a", "target": ">= b"}, ["missing", "undefined"]),
    "a target that is a number": ("weight * value / target", {"value": "a", "target": ">= 20"}, ["missing"]),
    "the smaller over the larger": ("target / value if value > target else 1", {"value": "a", "target": ">= 2"}, ["missing"]),
    "steps of a size that can be 0": ("started(a, b)", {}, ["missing", "undefined"]),
    "a table that can be empty": ("mean(t.x)", {}, ["missing", "undefined"]),
    "bands with a last one": ("", {"value": "a", "bands": '[{ from = 9, score = 1 }, { score = 0 }]'}, ["missing"]),
    "bands that meet": ("", {"value": "a", "bands": '[{ from = 9, score = 1 }, { below = 9, score = 0 }]'}, ["missing"]),
    "bands without the point between": ("", {"value": "a", "bands": '[{ above = 9, score = 1 }, { below = 9, score = 0 }]'}, ["missing", "undefined"]),
    "bands that end before the range": ("", {"value": "a", "bands": '[{ below = 99, score = 1 }]'}, ["missing", "undefined"]),
    "bands that end at the range": ("", {"value": "a", "bands": '[{ to = 100, score = 1 }]'}, ["missing"]),
    "bands of a count": ("", {"value": "n", "bands": '[{ to = 3, score = 1 }, { from = 4, score = 1 }]'}, ["missing"]),
    "bands of an amount with the same edges": ("", {"value": "a", "bands": '[{ to = 3, score = 1 }, { from = 4, score = 1 }]'}, ["missing", "undefined"]),
    "bands over every choice": ("", {"bands": '''[{ when = "k == 'A'", score = 1 }, { when = "k == 'B'", score = 0 }]'''}, ["missing"]),
    "bands over one choice of two": ("", {"bands": '''[{ when = "k == 'A'", score = 1 }]'''}, ["missing", "undefined"]),
}  # fmt: skip
DECLARED = (
    NUMBERS + facts(c="number 1 100", n="count 0 100") + JUDGED
    + '[facts.k]\nkind = "choice"\nchoices = { A = "A", B = "B" }\n'
    + '[facts.t]\nkind = "table"\ncolumns = { x = { kind = "number" } }\n'
    + '[values.v]\nformula = "a"\n[values.rate]\nformula = "percent(a, b)"\n' + D
)  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_the_states_of_a_row_are_those_that_it_can_be_in(name: str, tmp_path: Path) -> None:
    score, keys, states = STATES[name]
    standard = {"score": score} if score else {}
    path = write(tmp_path, DECLARED + row(**standard, **keys) + row("z", score="a + b + c + v + rate + g"))
    watch = Watch(load(path).documents[0])
    watch.add(load(path))
    assert [point.side for point in watch.points if point.kind == "states" and point.path[1] == "i"] == states


def test_each_state_is_covered_by_a_case_that_sees_it(tmp_path: Path) -> None:
    rules = DECLARED + row(applies="n > 0", score="g / 10 + a / b")
    cases = {
        "n = 0": "not_applicable",
        "n = 1": "missing",
        'n = 1, a = 0, b = 0, g = { level = "high", rate = 90 }': "undefined",
        'n = 1, a = 0, b = 1, g = { level = "high" }': "judged",
    }
    for case, state in cases.items():
        tested = coverage.run(write(tmp_path, rules, case))
        assert {point.side for point in tested.coverage.covered if point.kind == "states"} == {state}
    assert coverage.run(write(tmp_path, rules, *cases)).coverage.figure("states") == Figure(4, 4)


# -- whose points ------------------------------------------------------------------------------------------------------

FRAME = 'format = 1\n[ruleset]\nid = "test/frame"\nframework = true\n'
METHODS = '[methods.m]\nscore = "weight if value > 5 else 0"\n[methods.unused]\nscore = "weight if value > 7 else 1"\n'


def case(ruleset: str, given: str) -> str:
    return f'[[case]]\nruleset = "{ruleset}"\nset = {{ {given} }}\nexpect = {{ statuses = {{}} }}\n'


def test_a_framework_is_covered_by_cases_on_plans_and_what_no_plan_uses_is_not(tmp_path: Path) -> None:
    plan = 'format = 1\n[ruleset]\nid = "test/plan"\nextends = "../ruleset.toml"\n'
    write(tmp_path / "plan", row("i", value="2 if a > 3 else a", method="m") + facts(a="number 0 9"), head=plan)
    frame = write(tmp_path, METHODS + D, case("../plan", "a = 1"), head=FRAME)
    assert open_points(frame) == [
        "weight | then", "value > 5 | true", "weight | then", "value > 7 | true", "value > 7 | false", "1 | else",
    ]  # fmt: skip
    own = coverage.run(tmp_path / "plan")
    assert {kind: own.coverage.figure(kind).points for kind in KINDS} == {
        "indicators": 1, "bands": 0, "branches": 2, "outcomes": 2, "states": 1,
    }  # fmt: skip


def test_a_plan_that_replaces_a_method_does_not_cover_the_frames(tmp_path: Path) -> None:
    plan = 'format = 1\n[ruleset]\nid = "test/plan"\nextends = "../ruleset.toml"\n'
    other = '[methods.m]\nreplaces = ["score"]\nscore = "weight if value > 5 else 2"\n'
    write(tmp_path / "plan", facts(a="number 0 9") + other + row("i", value="a", method="m"), head=plan)
    frame = write(tmp_path, METHODS + D, case("../plan", "a = 1"), case("../plan", "a = 6"), head=FRAME)
    assert coverage.run(frame).coverage.figure("branches") == Figure(0, 4)


def test_a_variant_is_asked_for_what_it_says_itself(tmp_path: Path) -> None:
    parent = NUMBERS + D + row("i", value="a", score="1 if value > 1 else 2") + row("j", score="1 if b > 1 else 2")
    write(tmp_path / "parent", parent)
    head = 'format = 1\n[ruleset]\nid = "test/variant"\nextends = "../parent"\n'
    text = '[indicators.j]\nreplaces = ["score"]\nscore = "3 if b > 2 else 4"\n'
    tested = coverage.run(write(tmp_path / "variant", text, "b = 5", head=head))
    assert [point.path[1] for point in tested.coverage.points] == ["j"] * 6
    assert {kind: tuple(tested.coverage.figure(kind)) for kind in KINDS} == {
        "indicators": (1, 1), "bands": (0, 0), "branches": (1, 2), "outcomes": (1, 2), "states": (0, 1),
    }  # fmt: skip


def test_an_overlay_is_covered_by_cases_on_what_they_lay_it_on(tmp_path: Path) -> None:
    write(tmp_path / "base", NUMBERS + D + row("i", score="1 if a > 1 else 2"))
    head = 'format = 1\n[ruleset]\nid = "test/caps"\nexpects = ["b"]\n'
    cap = '[adjustments.cap]\neach = "total"\nscore = "min(earned, 1) if b > 5 else earned"\n'
    overlay = write(tmp_path / "caps", cap, case("../../base", "a = 1, b = 9"), head=head)
    assert open_points(overlay) == ["b > 5 | false", "earned | else"]
    overlay = write(tmp_path / "caps", cap, case("../../base", "b = 9"), case("../../base", "b = 1"), head=head)
    assert open_points(overlay) == []
    none = coverage.run(write(tmp_path / "caps", cap, head=head))
    assert (none.cases, none.coverage.points) == ((), {})


def test_a_ruleset_that_cannot_be_loaded_is_an_error_with_all_its_findings(tmp_path: Path) -> None:
    path = write(tmp_path, D + row(score="x + y"), "a = 1")
    with pytest.raises(RulesetError) as raised:
        coverage.run(path)
    assert [finding.code for finding in raised.value.findings] == ["unknown-name", "unknown-name"]
    tested = coverage.try_run(str(path))
    assert (tested.findings, tested.cases) == (raised.value.findings, ())


# -- laws ------------------------------------------------------------------------------------------------------------

EVERYTHING = (
    DECLARED
    + '[scales.s]\nsteps = [{ id = "high", from = 80 }, { id = "low", from = 0 }]\n[total]\nscale = "s"\n'
    + "[methods.m]\nscore = '''weight if met else clamp(value / target, 0, 1)'''\nnote_when = 'value > 30'\n"
    + row("i", value="a", target=">= 50", method="m") + row("j", value="b", bands=BANDS.replace("b > 1", "c > 50"))
    + row("k", applies="n > 3", score="(1 if k in ('A', 'B') else 2) if a > b else 3")
    + row("l", score="weight * g / 100") + "[checks.c]\nequal = ['a', 'b']\n"
)  # fmt: skip
GIVEN = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.integers(0, 100).map(Fraction) for name in ("a", "b")},
        "c": st.integers(1, 100),
        "n": st.integers(0, 6),
        "k": st.sampled_from("AB"),
        "g": st.sampled_from([{"level": "high"}, {"level": "low", "rate": 3}]),
    },
)


def covered(path: Path, given: list[dict[str, Any]]) -> Coverage:
    ruleset = load(path)
    watch = Watch(ruleset.documents[0])
    watch.add(ruleset)
    for facts_ in given:
        watch.see(Case(ruleset.documents[0], 0, {}), evaluate(ruleset, Submission(facts_)))
    return watch.coverage()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(some=st.lists(GIVEN, max_size=4), more=st.lists(GIVEN, max_size=4))
def test_more_cases_never_cover_less(some: list[dict[str, Any]], more: list[dict[str, Any]], tmp_path: Path) -> None:
    path = write(tmp_path, EVERYTHING)
    few, many, others = covered(path, some), covered(path, some + more), covered(path, more)
    assert many.covered == few.covered | others.covered
    assert few.points.keys() == many.points.keys()
    assert {point for point, _ in many.uncovered()} == many.points.keys() - many.covered


# -- the library -----------------------------------------------------------------------------------------------------

EXAMPLES = ["docs/examples/julu-2022", "docs/examples/langfang-2019"]


@pytest.mark.parametrize("reference", [identifier for identifier, _ in paths()] + EXAMPLES)
def test_the_cases_of_every_ruleset_pass_and_cover_its_bands_and_branches(
    reference: str, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project_root)
    tested = coverage.run(reference)
    assert [finding.format() for case in tested.failed for finding in case.findings] == []
    open_ = [
        finding for point, finding in tested.coverage.uncovered() if point.kind in ("indicators", "bands", "branches")
    ]
    assert [finding.format() for finding in open_] == []


# -- cases that are none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("[[cases]]\nexpect = { total = 1 }", ["1:3 unknown-key"]),
        ("[case]\nexpect = { total = 1 }", ["1:2 bad-value"]),
        ("case = [1]", ["1:1 bad-value"]),
        ("[[case]]\nset = { a = 1 }", ["1:3 bad-value"]),
        ("[[case]]\nexpect = {}", ["1:3 bad-value"]),
        ("[[case]]\nexpect = 1", ["2:10 bad-value"]),
        ("[[case]]\nset = 5\nunset = 'a'\nbase = 1\nruleset = 2\nexpect = { total = 1 }",
         ["2:7 bad-value", "3:9 bad-value", "4:8 bad-value", "5:11 bad-value"]),
        ("[[case]]\nsets = 5\nexpect = { totl = 1, indicators = 1, findings = 2, bounds = 'x', checks = [] }",
         ["2:1 unknown-key", "3:12 unknown-key", "3:35 bad-value", "3:49 bad-value", "3:61 bad-value", "3:75 bad-value"]),
        ("[[case]]\nset = { x = 1, a = 'no' }\nexpect = { total = 1 }", ["2:13 unknown-fact", "2:20 unreadable-value"]),
        ("[[case]]\nbase = 'absent.toml'\nexpect = { total = 1 }", [" no-file"]),
        ("[[case]]\nset = { a = 10 }\nexpect = { total = 1.5, findings = [1] }", ["3:20 case-failed", "3:36 case-failed"]),
        ("[[case]]\nset = { a = 10 }\nexpect = { checks = { c = 'pass', d = 'pass' }, indicators = { x = 1 } }",
         ["3:27 case-failed", "3:39 case-failed", "3:68 case-failed"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_case_is_found_at_its_place(written: str, found: list[str], tmp_path: Path) -> None:
    rules = NUMBERS + "[checks.c]\nequal = ['a', '5']\n" + D + row(score="a / 10")
    findings = [
        finding for case in run_cases(write(tmp_path, rules, f"# [[case]]\n{written}")) for finding in case.findings
    ]
    places = [
        f"{one.where.line - 1}:{one.where.column}"
        if one.where and one.where.line and one.where.file.endswith("/cases/all.toml")
        else ""
        for one in findings
    ]
    assert [f"{place} {one.code}" for place, one in zip(places, findings, strict=True)] == found

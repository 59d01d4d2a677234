"""`test --mutate`: every kind of slip, each at its place; what cases notice, what they do not, what makes no difference."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest
from commands import run
from evaluation.small import HEAD, facts, row

from perfrules.cases.generated.targets import submitted, targets
from perfrules.cases.mutated.mutants import EQUIVALENT, NOTICED, REFUSED, UNNOTICED, Mutant, Mutation
from perfrules.cases.mutated.mutations import changed, changes
from perfrules.cases.mutated.rerun import Rerun, outcome
from perfrules.cases.mutated.weighing import weight_changes
from perfrules.errors import RulesetError
from perfrules.evaluation.scoring import evaluate
from perfrules.ruleset.library import load, paths
from perfrules.ruleset.toml import parse

D = "[dimensions.d]\n"


def write(folder: Path, text: str, *cases: str, head: str = HEAD) -> Path:
    """A ruleset in a folder, and its cases: facts and what is expected of them."""
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    (folder / "ruleset.toml").write_text(head + text, encoding="utf-8")
    written = [
        f"[[case]]\nset = {{ {given} }}\nexpect = {{ {expect} }}\n"
        for given, _, expect in (case.partition(" -> ") for case in cases)
    ]
    (folder / "cases" / "all.toml").write_text("\n".join(written), encoding="utf-8")
    return folder


def slips(text: str) -> list[str]:
    """The changes of a document, but for those of weights: what was there, and what is there instead."""
    return [f"{change.was} -> {change.became}" for change in changes(parse(text, "x.toml"))]


def mutants(folder: Path, outcome_: str) -> list[str]:
    """The changes with an outcome: the line, what was there, what is there instead."""
    return [_said(one) for one in Mutation(folder).mutants() if one.outcome == outcome_]


def _said(one: Mutant) -> str:
    return f"{one.about.partition('.')[2]}: {one.was} -> {one.became}"


# -- what is changed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a < 100", ["< -> <=", "100 -> 101", "100 -> 99"]),
        ("a >= 0.5", [">= -> >", "0.5 -> 0.6", "0.5 -> 0.4"]),
        ("a == b", ["== -> !="]),
        ("a != b", ["!= -> =="]),
        ("a + b - c", ["+ -> -", "- -> +"]),
        ("a * b / c", ["* -> /", "/ -> *"]),
        ("p and q or r", ["and -> or", "or -> and"]),
        ("not p", ["not -> —"]),
        ("x in (1,)", ["in -> not in", "1 -> 2", "1 -> 0"]),
        ("x not  in (1,)", ["not in -> in", "1 -> 2", "1 -> 0"]),
        ("min(a, b)", ["min -> max"]),
        ("max(started(a, b), completed(a, b))", ["max -> min", "started -> completed", "completed -> started"]),
        ("min + t.max", ["+ -> -"]),  # names, not calls
        ("orders > -1.50", ["> -> >=", "- -> +", "1.50 -> 1.51", "1.50 -> 1.49"]),
        ("d <= '2023-03-01'", ["<= -> <", "'2023-03-01' -> '2023-03-02'", "'2023-03-01' -> '2023-02-28'"]),
        ("r == 'and < 1'", ["== -> !="]),
        ("甲1 >= 2", [">= -> >", "2 -> 3", "2 -> 1"]),
    ],
)
def test_the_slips_of_a_formula(formula: str, expected: list[str]) -> None:
    assert slips(f'[values.v]\nformula = "{formula}"\n') == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ('">= 100"', [">= -> >", ">= -> <=", "100 -> 101", "100 -> 99"]),
        ('"≤ 2 * a"', ["≤ -> <", "≤ -> >=", "2 -> 3", "2 -> 1", "* -> /"]),
        ('"== 80"', ["== -> >=", "== -> <=", "80 -> 81", "80 -> 79"]),
        ('"<= 2023-09-30"', ["<= -> <", "<= -> >=", "2023-09-30 -> 2023-10-01", "2023-09-30 -> 2023-09-29"]),
        ("2023-09-30", ["2023-09-30 -> 2023-10-01", "2023-09-30 -> 2023-09-29"]),
        ("100", ["100 -> 101", "100 -> 99"]),
    ],
)
def test_the_slips_of_a_target(target: str, expected: list[str]) -> None:
    assert slips(f"[indicators.i]\ntarget = {target}\n") == expected


def test_the_slips_of_bands_levels_scales_parameters_and_rounding() -> None:
    text = """
[rounding]
value = "none"
score = 2
[scales.g]
steps = [{ id = "a", from = 90 }]
[levels.l]
steps = [{ id = "a", title = "5 < 6", from = 60, below = 80 }]
[methods.m]
parameters = { pass_rate = 60 }
bands = [{ above = 5, to = 7.5, score = "weight / 2" }, { score = 0 }]
[indicators.i]
title = "1 + 1"
with = { pass_rate = 0.5 }
[checks.c]
equal = ["a", "b + 1"]
tolerance = 0.05
"""
    assert slips(text) == [
        "2 -> 3", "2 -> 1", "90 -> 91", "90 -> 89",
        "60 -> 61", "60 -> 59", "from = 60 -> above = 60", "80 -> 81", "80 -> 79", "below = 80 -> to = 80",
        "60 -> 61", "60 -> 59", "5 -> 6", "5 -> 4", "above = 5 -> from = 5",
        "7.5 -> 7.6", "7.5 -> 7.4", "to = 7.5 -> below = 7.5", "/ -> *", "2 -> 3", "2 -> 1", "0 -> 1", "0 -> -1",
        "0.5 -> 0.6", "0.5 -> 0.4", "+ -> -", "1 -> 2", "1 -> 0", "0.05 -> 0.06", "0.05 -> 0.04",
    ]  # fmt: skip


def test_a_change_leaves_the_rest_and_the_places() -> None:
    document = parse('[values.v]\nformula = "a < 1"\ntitle = "x"\n[values.w]\nformula = "b"\n', "x.toml")
    change = next(iter(changes(document)))
    after = changed(document, change)
    assert after.data["values"] == {"v": {"formula": "a <= 1", "title": "x"}, "w": {"formula": "b"}}
    assert document.data["values"]["v"]["formula"] == "a < 1"
    assert (str(document.where(change.path, change.span)), after.text) == ("x.toml:2:14", document.text)


NESTED = """
[total]
weight = 20
[dimensions.top]
weight = 12
[dimensions.left]
within = "top"
weight = 7
[dimensions.right]
weight = 8
"""


def test_a_point_moves_between_weights_so_that_every_sum_holds(tmp_path: Path) -> None:
    rules = facts(a="number 0 1") + NESTED + (
        row("x", dimension="left", weight=7, score="7 * a") + row("y", dimension="top", weight=5, score="5 * a")
        + row("z", dimension="right", weight=8, score="weight * a", applies="a > 0.5")
        + row("zz", dimension="right", weight=None, score="weight * a", instead_of="z")
    )  # fmt: skip
    loaded = load(write(tmp_path, rules) / "ruleset.toml")
    moved = list(weight_changes(loaded.documents[0], loaded))
    assert [(change.was, change.became) for change in moved] == [("7, 5", "8, 4"), ("5, 8", "6, 7")]
    assert {".".join(map(str, edit.path)): edit.value for edit in moved[1].edits} == {
        "indicators.y.weight": 6, "indicators.z.weight": 7, "dimensions.top.weight": 13, "dimensions.right.weight": 7,
    }  # fmt: skip
    assert [one.outcome for one in Mutation(tmp_path).mutants() if one.about.endswith("weight")].count(REFUSED) == 0


def test_a_weight_alone_moves_with_all_that_it_adds_up_to(tmp_path: Path) -> None:
    rules = facts(a="number 0 1") + "[total]\nweight = 10\n[dimensions.d]\nweight = 10\n" + row(score="weight * a")
    loaded = load(write(tmp_path, rules) / "ruleset.toml")
    (only,) = weight_changes(loaded.documents[0], loaded)
    assert [edit.value for edit in only.edits] == [11, 11, 11]


# -- what becomes of it ----------------------------------------------------------------------------------------------

BANDS = facts(a="percent 0 100") + D + row(
    value="a", bands='[{ from = 90, score = "weight" }, { from = 60, below = 90, score = 5 }, { below = 60, score = 0 }]'
)  # fmt: skip


def test_cases_at_every_edge_notice_every_change_that_makes_a_difference(tmp_path: Path) -> None:
    folder = write(tmp_path, BANDS, *(
        f"a = {value} -> indicators = {{ i = {score} }}, total = {score}"
        for value, score in ((90, 10), ("89.9", 5), (60, 5), ("59.9", 0))
    ))  # fmt: skip
    assert mutants(folder, UNNOTICED) == []
    # The first band that fits is taken: that the next ends where it begins cannot be seen, unless it ends before.
    assert mutants(folder, EQUIVALENT) == [
        "i.bands.1.below: 90 -> 91", "i.bands.1.below: below = 90 -> to = 90",
        "i.bands.2.below: 60 -> 61", "i.bands.2.below: below = 60 -> to = 60",
    ]  # fmt: skip


def test_a_case_inside_each_band_leaves_its_edges_unnoticed(tmp_path: Path) -> None:
    folder = write(tmp_path, BANDS, "a = 95 -> total = 10", "a = 70 -> total = 5", "a = 20 -> total = 0")
    found = [one for one in Mutation(folder).mutants() if one.outcome == UNNOTICED]
    assert [_said(one) for one in found] == [
        "i.bands.0.from: 90 -> 91", "i.bands.0.from: 90 -> 89", "i.bands.0.from: from = 90 -> above = 90",
        "i.bands.1.from: 60 -> 61", "i.bands.1.from: 60 -> 59", "i.bands.1.from: from = 60 -> above = 60",
        "i.bands.1.below: 90 -> 89", "i.bands.2.below: 60 -> 59",
    ]  # fmt: skip
    for one in found:  # the facts that are named do show the change
        witness = one.witness
        assert witness
        before = load(folder / "ruleset.toml")
        change = next(change for change in changes(before.documents[0]) if change.was == one.was and change.became == one.became
                      and ".".join(map(str, change.path)) == one.about)  # fmt: skip
        path = folder / "changed" / "ruleset.toml"
        path.parent.mkdir(exist_ok=True)
        start, length = before.documents[0].where(change.path, on_key=change.on_key), len(change.was)
        assert start.line
        lines = before.documents[0].text.split("\n")
        at = (start.column or 1) - 1
        lines[start.line - 1] = lines[start.line - 1][:at] + change.became + lines[start.line - 1][at + length :]
        path.write_text("\n".join(lines), encoding="utf-8")
        assert outcome(evaluate(before, {"facts": witness.set})) != outcome(evaluate(path, {"facts": witness.set}))


def test_a_change_that_does_not_load_does_not_count(tmp_path: Path) -> None:
    steps = '[levels.l]\nsteps = [{ id = "a", from = 0, to = 100 }]\n[scales.g]\nsteps = [{ id = "x", from = 0 }]\n'
    rules = facts(a="number 0 10") + steps + D + row(score="round(a, 0)")
    assert mutants(write(tmp_path, rules, "a = 1.4 -> total = 1"), REFUSED) == ["i.score: 0 -> -1"]


def test_what_only_the_display_shows_is_no_difference(tmp_path: Path) -> None:
    rules = facts(a="number 0 10") + D + row(value="a - 1", target=">= 5", score="a")
    folder = write(tmp_path, rules, "a = 4 -> total = 4")
    assert mutants(folder, UNNOTICED) == []
    assert mutants(folder, NOTICED) == []
    assert mutants(folder, EQUIVALENT) == [
        "i.value: - -> +", "i.value: 1 -> 2", "i.value: 1 -> 0",
        "i.target: >= -> >", "i.target: >= -> <=", "i.target: 5 -> 6", "i.target: 5 -> 4", "i.weight: 10 -> 11",
    ]  # fmt: skip


def test_a_case_that_does_not_expect_it_does_not_notice_it(tmp_path: Path) -> None:
    rules = facts(a="number 0 10") + D + row(score="a / 2")
    folder = write(tmp_path, rules, "a = 4 -> status = 'scored'")
    unnoticed = [
        one for one in Mutation(folder).mutants() if one.outcome == UNNOTICED and one.about == "indicators.i.score"
    ]
    assert [one.was for one in unnoticed] == ["/", "2", "2"]
    assert [one.witness.said for one in unnoticed if one.witness] == [{}, {}, {}]  # the case's own facts show it


def test_the_edges_of_levels_are_tried_from_both_sides(tmp_path: Path) -> None:
    rules = (
        '[levels.two]\nsteps = [{ id = "good", from = 60, to = 100 }, { id = "poor", from = 0, below = 60 }]\n'
        '[facts.e]\nkind = "judgement"\nlevels = "two"\n' + D + row(score="weight * e / 100")
    )  # fmt: skip
    folder = write(tmp_path, rules, 'e = { level = "good", rate = 80 } -> total = 8')
    found = mutants(folder, UNNOTICED)
    assert [one for one in found if one.startswith("two")] == [
        f"two.steps.{step}.{key}: {change}"
        for step, key, value in ((0, "from", 60), (0, "to", 100), (1, "from", 0), (1, "below", 60))
        for other in [{"from": "above", "to": "below", "below": "to"}[key]]
        for change in (f"{value} -> {value + 1}", f"{value} -> {value - 1}", f"{key} = {value} -> {other} = {value}")
    ]


def test_a_case_that_expects_bounds_notices_what_bounds_show(tmp_path: Path) -> None:
    rules = facts(a="percent 0 100") + D + row(score="max(2, weight * a / 100)")
    folder = write(tmp_path, rules, "b = 1 -> bounds = [2, 10]".replace("b = 1", ""), "a = 50 -> total = 5")
    assert "i.score: 2 -> 3" not in mutants(folder, UNNOTICED)


def test_changes_of_a_framework_are_tried_on_the_plans_of_its_cases(tmp_path: Path) -> None:
    frame = 'framework = true\n[methods.m]\nscore = "weight if value > 5 else 0"\n' + D
    plan = 'format = 1\n[ruleset]\nid = "test/plan"\nextends = "../frame"\n' + facts(i="number 0 10") + row(method="m")
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "ruleset.toml").write_text(plan, encoding="utf-8")
    folder = write(tmp_path / "frame", frame)
    case = '[[case]]\nruleset = "../../plan"\nset = { i = 6 }\nexpect = { total = 10 }\n'
    (folder / "cases" / "all.toml").write_text(case, encoding="utf-8")
    assert mutants(folder, UNNOTICED) == ["m.score: > -> >=", "m.score: 5 -> 4", "m.score: 0 -> 1", "m.score: 0 -> -1"]
    assert mutants(folder, NOTICED) == ["m.score: 5 -> 6"]


def test_cases_that_fail_already_are_said_first(tmp_path: Path) -> None:
    with pytest.raises(RulesetError, match="case-failed"):
        Mutation(write(tmp_path, BANDS, "a = 95 -> total = 9"))


def test_the_same_outcome_every_time(tmp_path: Path) -> None:
    folder = write(tmp_path, BANDS, "a = 95 -> total = 10")
    assert list(Mutation(folder).mutants()) == list(Mutation(folder).mutants())


# -- running again only what a change reaches ------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", ["cn/department-overall-2013", "us/part-2002"])
def test_a_rerun_is_an_evaluation(identifier: str) -> None:
    mutation = Mutation(identifier)
    target = targets(mutation.trial)[0]
    submissions = [submitted(target, {}), *(case.submission() for case in islice(mutation.trial.cases(), 12))]  # type: ignore[union-attr]
    before = [evaluate(target.ruleset, submission) for submission in submissions]
    differing = 0
    for change in mutation.changes[::25]:
        try:
            after = mutation.altered(target.ruleset, change)
        except RulesetError:
            continue
        rerun = Rerun(target.ruleset, after, reads_alike=change.path[0] != "levels")
        for one in before:
            again, whole = rerun.evaluation(one), evaluate(after, one.submission)
            assert outcome(one if again is None else again) == outcome(whole)
            differing += outcome(whole) != outcome(one)
    assert differing


# -- the command -----------------------------------------------------------------------------------------------------


SAID = """\
test/small: 9 changes noticed, 4 unnoticed (30.8 %)
  not counted: 4 changes that make no difference as far as tried, 0 that do not load

Changes that no case notices
r/ruleset.toml:11:19: 90 → 89
    bands = [{ from = 90, score = "weight" }, { from = 60, below = 90, score =…
                      ^^
a case with such facts would notice: set = { a = 89.99 }

r/ruleset.toml:11:52: 60 → 59
    … [{ from = 90, score = "weight" }, { from = 60, below = 90, score = 5 }, …
                                                 ^^
a case with such facts would notice: set = { a = 59.99 }
"""


def test_the_command_says_what_goes_unnoticed_and_how_it_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    write(tmp_path / "r", BANDS, "a = 90 -> total = 10", "a = 60 -> total = 5", "a = 20 -> total = 0")
    ran = run("test", "r", "--mutate", "--lang", "en")
    assert (ran.status, ran.err) == (1, "")
    assert ran.out.startswith(SAID)
    as_json = json.loads(run("test", "r", "--mutate", "--json").out)["rulesets"][0]
    assert {key: as_json[key] for key in (NOTICED, UNNOTICED, EQUIVALENT, REFUSED)} == {
        "noticed": 9, "unnoticed": 4, "equivalent": 4, "refused": 0,
    }  # fmt: skip
    assert as_json["changes"][0] == {
        "outcome": "unnoticed", "where": "r/ruleset.toml:11:19", "about": "indicators.i.bands.0.from",
        "was": "90", "became": "89", "witness": {"set": "{ a = 89.99 }"},
    }  # fmt: skip
    assert "没有被案例发现的改动" in run("test", "r", "--mutate", "--uncovered", "--lang", "zh").out


def test_the_generated_cases_notice_every_change_of_bands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "r", BANDS)
    assert run("test", "r", "--generate", "-o", "r/cases/all.toml").status == 0
    ran = run("test", "r", "--mutate")
    assert (ran.status, ran.out.splitlines()[0]) == (0, "test/small: 13 changes noticed, 0 unnoticed (0 %)")


@pytest.mark.parametrize("arguments", [["s", "--generate", "--mutate"], ["s", "r", "--generate"]])
def test_what_cannot_be_asked_together_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "r", BANDS)
    write(tmp_path / "s", BANDS)
    ran = run("test", *arguments)
    assert ran.status == 2
    assert "[bad-value] `--generate`" in ran.err


# -- the library -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", [identifier for identifier, _ in paths()])
def test_the_cases_of_every_bundled_ruleset_notice_changes(identifier: str) -> None:
    mutation = Mutation(identifier)
    mutation.changes = mutation.changes[::6]  # the whole is a minute's work: `perfrules test rulesets --mutate`
    found = [one.outcome for one in mutation.mutants()]
    assert found.count(UNNOTICED) * 20 <= found.count(NOTICED) + found.count(UNNOTICED)

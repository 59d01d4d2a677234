"""`test --generate`: the facts at every edge are found exactly, named in words, and run green; pairs for MC/DC are pairs."""

from __future__ import annotations

import ast
import itertools
import math
import re
import shutil
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import tomli
from evaluation.small import HEAD, facts, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfrules.cases.generated import bench, edges, exploring
from perfrules.cases.generated.edges import Edges, generate
from perfrules.cases.generated.knobs import Knob
from perfrules.cases.generated.roots import edge, nicest, roots
from perfrules.cases.run import run_cases
from perfrules.errors import RulesetError
from perfrules.ruleset import library
from perfrules.ruleset.library import paths

D = "[dimensions.d]\n"


def generated(folder: Path, text: str, base: str = "", lang: str = "en") -> Edges:
    """The edge cases of a ruleset, which are run as a file of cases and must pass."""
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    (folder / "ruleset.toml").write_text(HEAD + text, encoding="utf-8")
    if base:
        (folder / "examples").mkdir(exist_ok=True)
        (folder / "examples" / "full.toml").write_text(f"[facts]\n{base}\n", encoding="utf-8")
    found = generate(folder, lang)
    (folder / "cases" / "edges.toml").write_text(found.text(lang), encoding="utf-8")
    results = run_cases(folder)
    assert [finding.format() for result in results for finding in result.findings] == []
    assert len(results) == len(found.cases)
    return found


def listed(found: Edges) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The name, facts and expectation of each case, as read back from the file."""
    cases = tomli.loads(found.text("en"), parse_float=Decimal).get("case", [])
    return [(case["name"], case.get("set", {}), case["expect"]) for case in cases]


def names(found: Edges) -> list[str]:
    return [name for name, _, _ in listed(found)]


def only(found: Edges, *words: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    return [case for case in listed(found) if all(word in case[0] for word in words)]


# -- thresholds ------------------------------------------------------------------------------------------------------

STAFF = facts(in_post="count 0 100000", posts="count 0 100000") + D


def test_the_cases_of_a_deduction_for_each_point_begun(tmp_path: Path) -> None:
    rules = STAFF + row(
        "staffing", value="percent(in_post, posts)", score="max(0, weight - 2 * started(value - 100, 1))"
    )
    assert listed(generated(tmp_path, rules, "in_post = 20\nposts = 20")) == [
        (
            "staffing: weight - 2 * started(value - 100, 1) just below 0 (max)",
            {"in_post": 1051, "posts": 1000},
            {"indicators": {"staffing": 0}},
        ),
        (
            "staffing: weight - 2 * started(value - 100, 1) at 0 (max)",
            {"in_post": 1050, "posts": 1000},
            {"indicators": {"staffing": 0}},
        ),
        (
            "staffing: weight - 2 * started(value - 100, 1) just above 0 (max)",
            {"in_post": 1040, "posts": 1000},
            {"indicators": {"staffing": 2}},
        ),
        (
            "staffing: value - 100 just below 0 (started)",
            {"in_post": 999, "posts": 1000},
            {"indicators": {"staffing": 10}},
        ),
        ("staffing: value - 100 at 0 (started)", {"in_post": 1000, "posts": 1000}, {"indicators": {"staffing": 10}}),
        (
            "staffing: value - 100 just above 0 (started)",
            {"in_post": 1001, "posts": 1000},
            {"indicators": {"staffing": 8}},
        ),
        (
            "staffing: value - 100 just below 1 (started)",
            {"in_post": 1009, "posts": 1000},
            {"indicators": {"staffing": 8}},
        ),
        ("staffing: value - 100 at 1 (started)", {"in_post": 1010, "posts": 1000}, {"indicators": {"staffing": 8}}),
        (
            "staffing: value - 100 just above 1 (started)",
            {"in_post": 1011, "posts": 1000},
            {"indicators": {"staffing": 6}},
        ),
    ]


def test_each_edge_of_bands_is_tried_once(tmp_path: Path) -> None:
    bands = "[{ from = 90, score = 10 }, { from = 60, below = 90, score = 5 }, { below = 60, score = 0 }]"
    found = generated(tmp_path, facts(i="percent 0 100") + D + row(bands=bands), "i = 95")
    assert [(name, given["i"], expect["indicators"]["i"]) for name, given, expect in listed(found)] == [
        ("i: value just below 90", Decimal("89.99"), 5), ("i: value at 90", 90, 10), ("i: value just above 90", Decimal("90.01"), 10),
        ("i: value just below 60", Decimal("59.99"), 0), ("i: value at 60", 60, 5), ("i: value just above 60", Decimal("60.01"), 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "edge_", "declared", "at"),
    [
        ("a / b", "1 / 3", "number 0 1000", {"a": 1, "b": 3}),
        ("10 * a / (a + b)", "4", "number 1 1000", None),
        ("(a - b) / b * 100", "12.5", "amount 0 100000", None),
        ("a * 7 - b", "0.01", "number 0 1000", None),
        ("floor(a / 7)", "3", "count 0 1000", None),
        ("round(a / 7, 1)", "2.5", "number 0 1000", None),
        ("abs(a - b)", "3", "number 0 1000", None),
    ],
)
def test_the_facts_at_an_edge_are_exact(
    tmp_path: Path, value: str, edge_: str, declared: str, at: dict[str, int] | None
) -> None:
    rules = facts(a=declared, b=declared) + D + row(value=value, score=f"10 if value > {edge_} else 0")
    sides: dict[str, dict[str, Any]] = {}
    for name, given_, _ in listed(generated(tmp_path, rules, "a = 1\nb = 3")):
        facts_ = {"a": 1, "b": 3, **given_}
        gap = _compute(value, **facts_) - _compute(edge_)
        side = "above" if gap > 0 else "below" if gap < 0 else "at"
        assert f" {side} {edge_}" in name
        sides[side] = facts_
    assert len(sides) == 3
    assert at is None or sides["at"] == at


def _compute(text: str, **given: Any) -> Any:
    """A formula, by Python's own fractions."""
    scope = {name: Fraction(str(value)) for name, value in given.items()}
    exact = "".join(f"Fraction('{token}')" if token.replace(".", "").isdigit() else token for token in _tokens(text))
    functions = {
        "floor": math.floor,
        "abs": abs,
        "round": lambda x, n: Fraction(math.floor(x * 10 + Fraction(1, 2)), 10),
    }
    return eval(exact, {"Fraction": Fraction, **functions, **scope})  # noqa: S307  (the texts above)


def _tokens(text: str) -> list[str]:
    return re.findall(r"[0-9.]+|[a-z]+|.", text)


def test_a_threshold_behind_a_branch_is_reached_through_it(tmp_path: Path) -> None:
    rules = facts(a="amount 0 1000", b="amount 0 1000") + D + row(
        score="10 if a <= b else max(0, 10 - (a - b) / b * 10) if b > 50 else 1"
    )  # fmt: skip
    found = generated(tmp_path, rules, "a = 10\nb = 10")
    for name, given_, _ in only(found, "b ", " 50"):
        assert given_["a"] > given_.get("b", 10), name
    assert [name for name, _, _ in only(found, "b ", " 50")] == [
        "i: b just below 50",
        "i: b at 50",
        "i: b just above 50",
    ]


def test_of_dates_the_day_before_the_day_and_the_day_after(tmp_path: Path) -> None:
    rules = facts(done="date") + D + row(value="done", target="<= 2023-09-30", score="weight if met else 0")
    assert [
        (name, given_["done"], expect["indicators"]["i"]) for name, given_, expect in listed(generated(tmp_path, rules))
    ] == [
        ("i: value the day before target", date(2023, 9, 29), 10),
        ("i: value on target", date(2023, 9, 30), 10),
        ("i: value the day after target", date(2023, 10, 1), 0),
    ]


def test_the_steps_of_a_scale_are_reached_by_way_of_the_total(tmp_path: Path) -> None:
    rules = (
        '[scales.g]\nsteps = [{ id = "good", from = 80 }, { id = "fair", from = 60 }, { id = "poor", from = 0 }]\n'
        '[total]\nscale = "g"\n' + facts(**{f"r{n}": "percent 0 100" for n in range(5)}) + D
        + "".join(row(f"i{n}", weight=20, score=f"weight * r{n} / 100") for n in range(5))
    )  # fmt: skip
    found = only(generated(tmp_path, rules, "\n".join(f"r{n} = 100" for n in range(5))), "total")
    assert [(expect["total"], expect["grade"]) for _, _, expect in found] == [
        (Decimal("79.99"), "fair"), (80, "good"), (Decimal("80.01"), "good"),
        (Decimal("59.99"), "poor"), (60, "fair"), (Decimal("60.01"), "fair"),
    ]  # fmt: skip


def test_what_does_not_terminate_is_expected_as_a_quotient(tmp_path: Path) -> None:
    rules = (
        '[rounding]\nscore = "none"\ntotal = "none"\n' + facts(a="count 0 30") + D + row(score="a / 3 if a > 1 else 0")
    )
    assert {expect["indicators"]["i"] for _, _, expect in listed(generated(tmp_path, rules))} == {0, "2/3"}


def test_each_edge_of_interpolation_and_clamping(tmp_path: Path) -> None:
    rules = (
        facts(a="number -5 200") + D + row(score="interpolate(a, (0, 0), (60, 5), (100, 10)) - clamp(a, 0, 100) / 100")
    )
    found = names(generated(tmp_path, rules))
    assert [name for name in found if "interpolate" in name and " at " in name] == [
        "i: a at 0 (interpolate)", "i: a at 60 (interpolate)", "i: a at 100 (interpolate)",
    ]  # fmt: skip


# -- facts -----------------------------------------------------------------------------------------------------------


def test_answers_items_choices_and_levels(tmp_path: Path) -> None:
    rules = (
        '[levels.two]\nsteps = [{ id = "good", from = 60, to = 100 }, { id = "poor", from = 0, below = 60 }]\n'
        '[facts.yes]\nkind = "truth"\n[facts.rating]\nkind = "choice"\nchoices = { A = "a", B = "b" }\n'
        '[facts.rules]\nkind = "checklist"\nitems = { issued = "…", kept = "…" }\n'
        '[facts.effect]\nkind = "judgement"\nlevels = "two"\n' + D + row(score="4 if yes else 0")
        + row("j", score='3 if rating == "A" else 1') + row("k", score="share(rules) / 20")
        + row("l", score="weight * effect / 100")
    )  # fmt: skip
    found = {name: (given_, expect.get("indicators")) for name, given_, expect in listed(generated(tmp_path, rules))}
    assert found["yes: no"] == ({"yes": False}, {"i": 0})
    assert found["rating: B"] == ({"rating": "B"}, {"j": 1})
    assert found["rules: all but issued"] == (
        {"rules": {"value": {"issued": False, "kept": True}}},
        {"k": Decimal("2.5")},
    )
    assert found["rules: none of the items"][1] == {"k": 0}
    assert found["effect: a rate at 60"] == ({"effect": {"level": "good", "rate": 60}}, {"l": 6})
    assert {name: given_["effect"] for name, (given_, _) in found.items() if "but" in name and "effect" in given_} == {
        "effect: good, but with a rate of 59.99": {"level": "good", "rate": Decimal("59.99")},
        "effect: good, but with a rate of 100.01": {"level": "good", "rate": Decimal("100.01")},
        "effect: poor, but with a rate of -0.01": {"level": "poor", "rate": Decimal("-0.01")},
        "effect: poor, but with a rate of 60": {"level": "poor", "rate": 60},
    }
    assert found["effect: a rate just below 60"][0] == {"effect": {"level": "poor", "rate": Decimal("59.99")}}


def test_the_cells_of_a_table_are_turned(tmp_path: Path) -> None:
    table = '[facts.t]\nkind = "table"\n[facts.t.columns]\nname = { kind = "text" }\nb = { kind = "amount" }\n'
    found = generated(tmp_path, table + D + row(score="10 if sum(t.b) >= 1000 else 0"), 't = [{ name = "x", b = 400 }]')
    assert [given_["t"][0]["b"] for _, given_, _ in listed(found)] == [Decimal("999.99"), 1000, Decimal("1000.01")]


def test_without_a_base_a_case_gives_what_its_part_reads(tmp_path: Path) -> None:
    rules = (
        facts(a="count 0 9", b="count 0 9") + D + row(score="a if a > 5 else 0") + row("j", score="b if b > 5 else 0")
    )
    assert [sorted(given_) for _, given_, _ in listed(generated(tmp_path, rules))] == [["a"]] * 3 + [["b"]] * 3


# -- what is not reached ---------------------------------------------------------------------------------------------


def reasons(found: Edges) -> dict[str, str]:
    return {one.name: one.reason.rpartition(".")[2] for one in found.unreached}


def test_what_no_facts_reach_is_said_with_the_reason(tmp_path: Path) -> None:
    rules = facts(a="number 0 100", b="number 1 100") + D + row(
        target=">= 5", value="a", score="0 if a > 50 else 1 if a > 60 else 2 if b > 100 else 3 if target > 9 else 4"
    )  # fmt: skip
    found = generated(tmp_path, rules, "a = 10\nb = 10")
    assert reasons(found) == {
        "i: a at 60": "guard", "i: a just above 60": "guard", "i: b just above 100": "range",
        "i: target just below 9": "fixed", "i: target at 9": "fixed", "i: target just above 9": "fixed",
    } | ({"i: a just below 60": "guard"} if "i: a just below 60" in reasons(found) else {})  # fmt: skip
    assert "# not reached: i: b just above 100 (the ranges of the facts do not reach it)" in found.text("en")


def test_a_limit_of_a_method_that_one_of_its_rows_reaches_is_reached(tmp_path: Path) -> None:
    rules = facts(low="percent 0 50", high="percent 0 100") + (
        '[methods.m]\nscore = "weight if value >= 80 else 0"\n' + D
        + row("x", value="low", method="m") + row("y", value="high", method="m")
    )  # fmt: skip
    assert reasons(generated(tmp_path, rules)) == {}


def test_a_search_ends_where_its_work_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exploring.Explorer.__init__, "__defaults__", (40, 40))
    rules = facts(a="number 0 100", b="number 0 100") + D + row(score="10 if a * b > 77 else 0")
    assert set(reasons(generated(tmp_path, rules)).values()) == {"search"}


def test_there_are_never_more_cases_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edges, "MAX_CASES", 2)
    found = generated(tmp_path, facts(i="number 0 100") + D + row(score="1 if value > 5 else 2 if value > 3 else 0"))
    assert len(found.cases) == 2
    assert set(reasons(found).values()) == {"limit"}


def test_a_framework_without_cases_has_nothing_to_be_tried_on(tmp_path: Path) -> None:
    (tmp_path / "ruleset.toml").write_text(HEAD + "framework = true\n" + D, encoding="utf-8")
    with pytest.raises(RulesetError, match="no case says which ruleset to try it on"):
        generate(tmp_path)


# -- the file --------------------------------------------------------------------------------------------------------


def test_the_same_file_every_time_in_either_language(tmp_path: Path) -> None:
    rules = STAFF + row(value="percent(in_post, posts)", score="10 if value <= 100 and in_post > 5 else 0")
    first, again = generated(tmp_path / "a", rules), generated(tmp_path / "b", rules)
    assert first == again
    assert "略高于" in generated(tmp_path / "c", rules, lang="zh").text("zh")
    assert len({(repr(case.said), repr(case.expect)) for case in first.cases}) == len(first.cases)


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    name = 'a\\"]\\u0000\\n[[case]]\\nname = \\"x\\u202e'
    rules = f'[facts.r]\nkind = "choice"\nchoices = {{ "{name}" = "x", B = "b" }}\n' + D + row(
        score='1 if r == "B" else 0'
    )  # fmt: skip
    assert {given_["r"] for _, given_, _ in listed(generated(tmp_path, rules))} == {
        'a"]\0\n[[case]]\nname = "x\u202e',
        "B",
    }


# -- compound conditions ---------------------------------------------------------------------------------------------

TERMS = ("p", "q", "r", "s")


def conditions() -> st.SearchStrategy[str]:
    leaf = st.sampled_from([*TERMS, "n > 5", "n <= 8"])
    return st.recursive(
        leaf, lambda inner: st.one_of(
            inner.map("not ({})".format),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
        ), max_leaves=5,
    )  # fmt: skip


def terms_of(text: str) -> list[str]:
    """The terms of a condition as written, by Python's own parser."""

    def walk(node: ast.expr) -> list[str]:
        if isinstance(node, ast.BoolOp):
            return [term for value in node.values for term in walk(value)]
        if isinstance(node, ast.UnaryOp):
            return walk(node.operand)
        return [ast.unparse(node)]

    return walk(ast.parse(text, mode="eval").body)


def table(text: str, settings_: list[dict[str, Any]]) -> list[tuple[tuple[bool, ...], bool]]:
    """The truths of the terms and of the whole condition for some facts, by Python."""
    return [
        (tuple(eval(term, {}, dict(one)) for term in terms_of(text)), eval(text, {}, dict(one)))  # noqa: S307
        for one in settings_
    ]  # fmt: skip


def shown(rows: list[tuple[tuple[bool, ...], bool]], term: int) -> bool:
    """Whether two rows differ in this term and the outcome, and in nothing else."""
    for (one, first), (two, second) in itertools.combinations(rows, 2):
        differing = [index for index, pair in enumerate(zip(one, two, strict=True)) if pair[0] is not pair[1]]
        if differing == [term] and first is not second:
            return True
    return False


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conditions().filter(lambda text: len(terms_of(text)) > 1 and len(set(terms_of(text))) == len(terms_of(text))))
def test_each_term_that_can_decide_alone_has_a_pair_of_cases(tmp_path: Path, text: str) -> None:
    truths = "".join(f'[facts.{name}]\nkind = "truth"\n' for name in TERMS)
    rules = truths + facts(n="count 0 20") + D + row(score=f"10 if {text} else 0")
    shutil.rmtree(tmp_path, ignore_errors=True)
    base = {"p": True, "q": True, "r": False, "s": False, "n": 7}
    given_base = "\n".join(f"{name} = {str(value).lower()}" for name, value in base.items())
    cases = listed(generated(tmp_path, rules, given_base))
    tried = table(text, [{**base, **given_} for name, given_, expect in cases if "indicators" in expect])
    everything = table(
        text, [dict(zip(TERMS, truth, strict=True)) | {"n": n} for truth in itertools.product((True, False), repeat=4) for n in (5, 7, 9)]
    )  # fmt: skip
    for index in range(len(terms_of(text))):
        assert shown(tried, index) == shown(everything, index), (text, terms_of(text)[index])


def test_terms_that_are_tied_together_have_a_pair_by_masking(tmp_path: Path) -> None:
    truths = '[facts.p]\nkind = "truth"\n[facts.q]\nkind = "truth"\n'
    rules = truths + facts(n="count 0 20") + D + row(score="10 if (n > 5 and p) or (n > 5 and q) else 0")
    found = generated(tmp_path, rules, "n = 2\np = false\nq = false")
    assert (found.unique, found.masking) == (2, 2)
    assert "parts tied to others have a pair by masking MC/DC (2)" in found.text("en")


# -- roots -----------------------------------------------------------------------------------------------------------


def test_the_nicest_number_between_two() -> None:
    assert nicest(Fraction("94.37"), Fraction("95.2")) == 95
    assert nicest(Fraction("0.123"), Fraction("0.129")) == Fraction("0.123")
    assert nicest(Fraction(-7), Fraction(3)) == 0


def test_roots_and_jumps_of_a_function() -> None:
    knob = Knob("x", "x", "number", Fraction(0), Fraction(100))
    stops = [Fraction(0), Fraction(10), Fraction(100)]
    assert list(roots(lambda x: (3 * x - 2) / (x + 1) if x != 7 else None, knob, stops)) == [
        (Fraction("0.66"), Fraction("0.67"))
    ]
    assert list(roots(lambda x: x - Fraction("42.5"), knob, stops)) == [(Fraction("42.5"), Fraction("42.5"))]
    assert list(roots(lambda x: Fraction(-1) if x < Fraction("33.331") else Fraction(1), knob, stops)) == [
        (Fraction("33.33"), Fraction("33.34"))
    ]
    plateau = lambda x: max(x - 20, Fraction(0)) + min(x - 10, Fraction(0))  # noqa: E731
    assert [edge(plateau, knob, Fraction(15), sign) for sign in (-1, 1)] == [Fraction("9.99"), Fraction("20.01")]


# -- the library -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", [identifier for identifier, _ in paths()])
def test_the_edge_cases_of_every_bundled_ruleset_run_green(
    identifier: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = library.roots()[0]
    shutil.copytree(root, tmp_path / "rulesets")
    monkeypatch.setattr(library, "roots", lambda: (tmp_path / "rulesets",))
    found = generate(identifier)
    folder = tmp_path / "rulesets" / identifier / "cases"
    for old in folder.glob("*.toml"):
        old.unlink()
    (folder / "edges.toml").write_text(found.text("zh"), encoding="utf-8")
    results = run_cases(identifier)
    assert [finding.format() for result in results for finding in result.findings] == []
    assert len(results) == len(found.cases) <= edges.MAX_CASES
    assert bench.MAX_WORK == 5_000_000

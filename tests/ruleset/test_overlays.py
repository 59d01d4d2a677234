"""Overlays and dates: what is laid on a ruleset, by whom, in which order; members of families in force at a date."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from perfrules import evaluate
from perfrules.cases.run import run_cases
from perfrules.errors import Finding, RulesetError
from perfrules.evaluation.export import as_dict
from perfrules.ruleset import library
from perfrules.ruleset.library import Ruleset, check, load
from perfrules.ruleset.resolve import MAX_OVERLAYS

BASE = """\
format = 1

[ruleset]
id = "test/base"
title = "the base"
effective = 2020-01-01

[facts.a]
title = "first fact"
kind = "number"
range = [0, 100]

[values.half]
formula = "a / 2"

[dimensions.d]
title = "a dimension"

[indicators.i]
dimension = "d"
title = "first"
authority = "a regulation"
weight = 60
score = "weight * a / 100"

[indicators.j]
dimension = "d"
title = "second"
authority = "a regulation"
weight = 40
score = "weight * half / 50"
"""

CAP = '[adjustments.{0}]\neach = "total"\nscore = "{1}"\n'


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def overlay(folder: Path, name: str, text: str = "", *, header: str = "") -> Path:
    """An overlay `name.toml` with the id `test/name`."""
    return write(folder, f"{name}.toml", f'format = 1\n[ruleset]\nid = "test/{name}"\n{header}\n{text}')


def base(folder: Path, *, header: str = "") -> Path:
    return write(folder, "base.toml", BASE.replace('title = "the base"', f'title = "the base"\n{header}'))


def refused(*arguments: Any, **named: Any) -> tuple[Finding, ...]:
    """The findings that refuse to load."""
    with pytest.raises(RulesetError) as caught:
        load(*arguments, **named)
    return caught.value.findings


def total(ruleset: Ruleset | Path, a: int = 90) -> Any:
    found = evaluate(ruleset, {"a": a}).total
    return found and found.exact


# -- the stack -----------------------------------------------------------------------------------------------------


def test_overlays_are_laid_parents_first_then_own_then_the_callers(tmp_path: Path) -> None:
    for name in ("one", "two", "three", "four"):
        overlay(tmp_path, name, CAP.format(name, "earned + 0"))
    base(tmp_path, header='overlays = ["one.toml"]')
    head = 'format = 1\n[ruleset]\nid = "test/child"\nextends = "base.toml"\noverlays = ["two.toml", "three.toml"]\n'
    path = write(tmp_path, "child.toml", head + CAP.format("own", "earned + 0"))
    ruleset = load(path, overlays=[tmp_path / "four.toml"])
    assert [(part.id.removeprefix("test/"), part.role) for part in ruleset.parts] == [
        ("base", "parent"), ("one", "overlay"), ("child", "ruleset"), ("two", "overlay"), ("three", "overlay"),
        ("four", "overlay"),
    ]  # fmt: skip
    assert list(ruleset.declaration.adjustments) == ["one", "own", "two", "three", "four"]
    assert [part.id for part in ruleset.overlays] == ["test/one", "test/two", "test/three", "test/four"]


def test_adjustments_run_in_the_order_in_which_they_lie(tmp_path: Path) -> None:
    path = write(tmp_path, "base.toml", BASE + CAP.format("plus", "earned + 10"))
    twice = overlay(tmp_path, "twice", CAP.format("twice", "earned * 2"))
    less = overlay(tmp_path, "less", CAP.format("less", "earned - 1"))
    assert total(path) == 100
    assert total(load(path, overlays=[twice, less])) == 199
    assert total(load(path, overlays=[less, twice])) == 198


def test_an_overlay_gives_neither_header_nor_title(tmp_path: Path) -> None:
    cap = overlay(tmp_path, "cap", CAP.format("cap", "min(earned, 59)"), header='title = "a cap"\nauthority = "x"')
    ruleset = load(base(tmp_path), overlays=[cap])
    assert (ruleset.id, ruleset.title) == ("test/base", {"": "the base"})
    assert ruleset.declaration.ruleset.authority == ""
    assert total(ruleset) == 59


def test_an_overlay_replaces_adds_and_drops(tmp_path: Path) -> None:
    changes = (
        '[indicators.i]\nreplaces = ["weight"]\nweight = 70\n'
        '[indicators.k]\ndimension = "d"\nweight = 30\nscore = "weight"\n'
        '[facts.a]\nreplaces = true\nkind = "percent"\n[units]\n"万元" = "10000 元"\n'
    )
    laid = overlay(tmp_path, "laid", changes, header='drops = ["indicators.j", "values.half"]')
    declared = load(base(tmp_path), overlays=[laid]).declaration
    assert {name: row.weight for name, row in declared.indicators.items()} == {"i": 70, "k": 30}
    assert (declared.facts["a"].kind, declared.facts["a"].title, declared.facts["a"].range) == ("percent", {}, None)
    assert (declared.values, declared.units) == ({}, {"万元": "10000 元"})


def test_a_second_overlay_may_change_what_the_first_added(tmp_path: Path) -> None:
    first = overlay(tmp_path, "first", CAP.format("cap", "min(earned, 59)"))
    second = overlay(tmp_path, "second", '[adjustments.cap]\nreplaces = ["score"]\nscore = "min(earned, 49)"\n')
    assert total(load(base(tmp_path), overlays=[first, second])) == 49
    found = {one.code: one for one in refused(base(tmp_path), overlays=[second, first])}
    assert found["unknown-reference"].about == "adjustments.cap"


def test_two_overlays_with_one_id_are_told_apart(tmp_path: Path) -> None:
    first, second = (overlay(tmp_path, name, CAP.format("cap", "min(earned, 59)")) for name in ("first", "second"))
    (finding,) = refused(base(tmp_path), overlays=[first, second])
    assert (finding.code, finding.where and Path(finding.where.file).name) == ("undeclared-replace", "second.toml")
    assert "first.toml" in finding.message()


def test_a_key_is_placed_where_the_last_document_wrote_it(tmp_path: Path) -> None:
    child = (
        'format = 1\n[ruleset]\nid = "c"\nextends = "base.toml"\n[indicators.i]\nreplaces = ["weight"]\nweight = 60\n'
    )
    base(tmp_path)
    whole = '[indicators.i]\nreplaces = true\ndimension = "d"\ntitle = "x"\nweight = 60\nscore = "weigth"\n'
    (finding,) = refused(write(tmp_path, "child.toml", child), overlays=[overlay(tmp_path, "whole", whole)])
    assert finding.where is not None
    assert (Path(finding.where.file).name, finding.where.line) == ("whole.toml", 10)
    ruleset = load(tmp_path / "child.toml")
    lines = {key: ruleset.origins.where(("indicators", "i", key)) for key in ("weight", "score")}
    assert {key: (Path(where.file).name, where.line) for key, where in lines.items()} == {
        "weight": ("child.toml", 7),
        "score": ("base.toml", 25),
    }


def test_replaces_names_keys_that_are_written(tmp_path: Path) -> None:
    laid = overlay(tmp_path, "laid", '[indicators.i]\nreplaces = ["weight", "score"]\nweight = 60\n')
    (finding,) = refused(base(tmp_path), overlays=[laid])
    assert finding.key == "unknown-reference.replaces-key"


@pytest.mark.parametrize("count", range(3))
def test_what_replaces_nothing_changes_nothing(count: int, tmp_path: Path) -> None:
    """A document that adds what nothing reads leaves every line of the program and every score as it was."""
    path = base(tmp_path)
    texts = ('[facts.z]\nkind = "truth"\nfor_record = true\n', '[values.z2]\nformula = "a + 1"\n', "")
    laid = [overlay(tmp_path, f"o{number}", text) for number, text in enumerate(texts[: count + 1])]
    alone = load(path)
    for order in itertools.permutations(laid):
        together = load(path, overlays=order)
        assert {name: line.text for name, line in alone.program.by_name.items()}.items() <= {
            name: line.text for name, line in together.program.by_name.items()
        }.items()
        assert together.declaration.indicators == alone.declaration.indicators
        assert [total(together, a) for a in (0, 33, 100)] == [total(alone, a) for a in (0, 33, 100)]
        assert together.digest != alone.digest  # what was laid is known all the same


# -- what an overlay expects ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "half", "i", "facts.a", "values.half", "indicators.i", "dimensions.d"])
def test_what_is_there_is_found(name: str, tmp_path: Path) -> None:
    assert load(base(tmp_path), overlays=[overlay(tmp_path, "o", header=f'expects = ["{name}"]')]).id == "test/base"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("halve", "half"), ("indicators.a", None), ("facts.half", None), ("d", None), ("dimensions.dd", "dimensions.d"),
        ("ruleset.id", None), ("", None), (".a", "a"), ("facts.", None),
    ],
)  # fmt: skip
def test_what_is_not_there_is_an_error_with_the_near_miss(name: str, near: str | None, tmp_path: Path) -> None:
    laid = overlay(tmp_path, "o", header=f'expects = ["i", "{name}"]')
    (finding,) = refused(base(tmp_path), overlays=[laid])
    assert (finding.code, finding.severity) == ("unmet-expectation", "error")
    assert (finding.where and finding.where.line, finding.key == "unmet-expectation.near") == (4, near is not None)
    assert near is None or finding.help() == f"did you mean `{near}`?"


def test_what_is_missing_is_said_once_and_not_at_each_formula(tmp_path: Path) -> None:
    text = CAP.format("x", "min(earned, rate)") + CAP.format("y", "earned - rate")
    found = refused(base(tmp_path), overlays=[overlay(tmp_path, "o", text, header='expects = ["rate"]')])
    assert [finding.code for finding in found] == ["unmet-expectation"]


def test_an_overlay_may_expect_what_another_brings(tmp_path: Path) -> None:
    brings = overlay(tmp_path, "brings", '[values.rate]\nformula = "a"\n')
    needs = overlay(tmp_path, "needs", CAP.format("cap", "min(earned, rate)"), header='expects = ["values.rate"]')
    assert total(load(base(tmp_path), overlays=[brings, needs]), 20) == 20
    assert [finding.code for finding in refused(base(tmp_path), overlays=[needs, brings])] == ["unmet-expectation"]


def test_a_ruleset_may_expect_something_of_its_parent(tmp_path: Path) -> None:
    base(tmp_path)
    head = 'format = 1\n[ruleset]\nid = "test/child"\nextends = "base.toml"\nexpects = ["half", "quarter"]\n'
    assert [finding.code for finding in refused(write(tmp_path, "child.toml", head))] == ["unmet-expectation"]


# -- what cannot be laid -------------------------------------------------------------------------------------------


def test_an_overlay_lies_once(tmp_path: Path) -> None:
    cap = overlay(tmp_path, "cap", CAP.format("cap", "min(earned, 59)"))
    path = base(tmp_path, header='overlays = ["cap.toml"]')
    (finding,) = refused(path, overlays=[cap])
    assert (finding.code, finding.about, finding.where) == ("duplicate-id", str(cap), None)
    (finding,) = refused(base(tmp_path, header='overlays = ["cap.toml", "./cap.toml"]'))
    assert (finding.code, finding.about) == ("duplicate-id", "ruleset.overlays")
    (finding,) = refused(base(tmp_path), overlays=[path])
    assert finding.code == "duplicate-id"


def test_circles_end(tmp_path: Path) -> None:
    path = base(tmp_path, header='overlays = ["base.toml"]')
    assert [finding.key for finding in refused(path)] == ["cycle.itself"]
    one = overlay(tmp_path, "one", header='overlays = ["two.toml"]')
    overlay(tmp_path, "two", header='overlays = ["one.toml"]')
    assert [finding.key for finding in refused(base(tmp_path), overlays=[one])] == ["bad-value.overlay"]


def test_too_many_overlays_are_refused(tmp_path: Path) -> None:
    for number in range(MAX_OVERLAYS + 1):
        overlay(tmp_path, f"o{number}")
    names = [f"o{number}.toml" for number in range(MAX_OVERLAYS + 1)]
    assert len(load(base(tmp_path, header=f"overlays = {names[:-1]}")).overlays) == MAX_OVERLAYS
    found = refused(base(tmp_path, header=f"overlays = {names[:-1]}"), overlays=[tmp_path / names[-1]])
    assert [finding.key for finding in found] == ["too-large.overlays"]
    found = refused(base(tmp_path, header=f"overlays = {['absent.toml'] * 5_000}"))
    assert [finding.code for finding in found] == ["no-file"] * MAX_OVERLAYS + ["too-large"]


@pytest.mark.parametrize("key", ['extends = "base.toml"', 'overlays = ["x.toml"]', "framework = true"])
def test_an_overlay_stands_on_nothing(key: str, tmp_path: Path) -> None:
    (finding,) = refused(base(tmp_path), overlays=[overlay(tmp_path, "o", header=key)])
    assert (finding.key, finding.where and finding.where.line) == ("bad-value.overlay", 4)


@pytest.mark.parametrize(
    "text",
    ["ruleset = 5", "", "format = 1", "facts = 3", "[facts]\na = 1", "total = []", "[[indicators]]\nx = 1", "[rounding]\nreplaces = 3",
     "[ruleset]\nid = 3\nexpects = 7", "[ruleset]\nid = 'x'\nexpects = [1, []]\ndrops = {}\noverlays = 1",
     "[units]\nx = {}", "[indicators.i]\nreplaces = {}", "[dimensions]\nd = []", "[ruleset]\nid='x'\ndrops = ['ruleset.id', 'total', 'units.x', 'facts.', '.']",
     "not toml"],
)  # fmt: skip
@pytest.mark.parametrize("lying", ["above", "below"])
def test_a_misshapen_document_ends_in_findings(text: str, lying: str, tmp_path: Path) -> None:
    odd = write(tmp_path, "odd.toml", text)
    lowest, laid = (base(tmp_path), odd) if lying == "above" else (odd, base(tmp_path))
    found = refused(lowest, overlays=[laid])
    assert {finding.severity for finding in found} == {"error"}
    check(odd)


def test_a_part_dropped_by_name_leaves_the_documents_as_they_were(tmp_path: Path) -> None:
    laid = overlay(tmp_path, "o", header='drops = ["rounding.score", "total.weight", "ruleset.id", "format"]')
    path = write(tmp_path, "base.toml", BASE + "[rounding]\nscore = 1\n[total]\nweight = 100\n")
    assert [finding.key for finding in refused(path, overlays=[laid])] == ["unknown-reference.drop"] * 4


# -- an overlay alone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ('expects = ["a"]', ""), ("", CAP.format("cap", "earned")), ('drops = ["facts.a"]', ""),
        ("", "[indicators.i]\nreplaces = ['weight']\nweight = 1\n"), ("", "[total]\nreplaces = true\n"),
        ('expects = ["a"]', '[dimensions.e]\n[indicators.k]\ndimension = "e"\nweight = 1\nscore = "a"\n'),
    ],
)  # fmt: skip
def test_an_overlay_is_nothing_alone(header: str, text: str, tmp_path: Path) -> None:
    path = overlay(tmp_path, "o", text, header=header)
    (finding,) = refused(path)
    assert (finding.code, finding.key) == ("no-ruleset", "no-ruleset.overlay")
    assert "--overlay" in finding.help()
    (finding,) = check(path)
    assert (finding.key, finding.severity) == ("no-cases.overlay", "warning")
    head = 'format = 1\n[ruleset]\nid = "test/child"\nextends = "o.toml"\n'
    assert [one.key for one in refused(write(tmp_path, "child.toml", head))] == ["no-ruleset.extends-overlay"]


@pytest.mark.parametrize(
    "text", ["", '[facts.a]\nkind = "number"\n', '[checks.c]\nassert = "1 > 0"\n', "[dimensions.d]\n"]
)
def test_a_ruleset_without_rows_is_no_overlay(text: str, tmp_path: Path) -> None:
    assert load(overlay(tmp_path, "rules", text)).id == "test/rules"


def cases(folder: Path, text: str, name: str = "cases.toml") -> Path:
    return write(folder, f"cases/{name}", text)


def test_an_overlay_is_checked_on_every_ruleset_that_its_cases_name(tmp_path: Path) -> None:
    path = overlay(tmp_path, "laid/ruleset", CAP.format("cap", "min(earned, b)"))
    base(tmp_path)
    write(tmp_path, "other.toml", BASE.replace("[facts.a]", '[facts.b]\nkind = "number"\n[facts.a]'))
    cases(tmp_path / "laid", '[[case]]\nruleset = "../../base.toml"\n[[case]]\nruleset = "../../other.toml"\n')
    cases(tmp_path / "laid", '[[case]]\nruleset = "../../base.toml"\n[[case]]\n', "more.toml")
    errors = [finding for finding in check(path) if finding.severity == "error"]
    assert [(one.code, one.where and Path(one.where.file).name) for one in errors] == [("unknown-name", "ruleset.toml")]
    write(tmp_path, "base.toml", BASE.replace("[facts.a]", '[facts.b]\nkind = "number"\n[facts.a]'))
    assert [finding for finding in check(path) if finding.severity == "error"] == []


def test_what_is_wrong_with_the_ruleset_alone_is_not_the_overlays(tmp_path: Path) -> None:
    path = overlay(tmp_path, "laid/ruleset", CAP.format("cap", "min(earned, 5)"))
    write(tmp_path, "base.toml", BASE.replace("[values.half]", '[facts.spare]\nkind = "number"\n[values.half]'))
    cases(tmp_path / "laid", '[[case]]\nruleset = "../../base.toml"\n')
    about = {finding.about for finding in check(path)}
    assert not {name for name in about if name.startswith(("facts", "indicators"))}
    write(tmp_path, "base.toml", BASE.replace("a / 2", "aa / 2"))
    assert "values.half" in {finding.about for finding in check(path)}  # on that, nothing could be tried


@pytest.mark.parametrize("named", ['"absent.toml"', '"no/such"', "7", '"../ruleset.toml"'])
def test_a_case_that_names_no_ruleset_is_said_so(named: str, tmp_path: Path) -> None:
    path = overlay(tmp_path, "ruleset", CAP.format("cap", "min(earned, 5)"))
    cases(tmp_path, f"[[case]]\nruleset = {named}\n[case.expect]\ntotal = 1\n")
    assert {finding.severity for finding in check(path)} <= {"error", "warning"}
    assert check(path)
    assert all(result.findings for result in run_cases(path))


def test_cases_that_cannot_be_read_are_found_with_the_overlay(tmp_path: Path) -> None:
    path = overlay(tmp_path, "ruleset", CAP.format("cap", "min(earned, 5)"))
    cases(tmp_path, "[[case]\n")
    assert [finding.code for finding in check(path)] == ["not-toml"]


def test_the_cases_of_an_overlay_run_on_the_ruleset_that_each_names(tmp_path: Path) -> None:
    path = overlay(tmp_path, "laid/ruleset", CAP.format("cap", "min(earned, 59)"))
    base(tmp_path)
    write(tmp_path, "other.toml", BASE.replace("a / 2", "a / 4"))
    text = '[[case]]\nname = "{0}"\nruleset = "../../{0}.toml"\nset = {{ a = {1} }}\n[case.expect]\ntotal = {2}\n'
    lines = [("base", 90, 59), ("base", 50, 50), ("other", 50, 40), ("other", 90, 90)]
    cases(tmp_path / "laid", "".join(text.format(*line) for line in lines) + "[[case]]\n[case.expect]\ntotal = 1\n")
    results = run_cases(path)
    assert [[finding.key or finding.code for finding in result.findings] for result in results] == [
        [], [], [], ["case-failed"], ["bad-value.overlay-case"],
    ]  # fmt: skip


# -- submissions ---------------------------------------------------------------------------------------------------


def test_a_submission_names_overlays_from_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base(tmp_path)
    overlay(tmp_path, "overlays/half", CAP.format("half", "earned / 2"))
    less = overlay(tmp_path, "less", CAP.format("less", "earned - 1"))
    head = '[submission]\nruleset = "../base.toml"\noverlays = ["../overlays/half.toml"]\n[facts]\na = 90\n'
    path = write(tmp_path, "given/s.toml", head)
    monkeypatch.chdir(tmp_path)
    assert evaluate(None, path).total.exact == 45  # type: ignore[union-attr]
    assert evaluate(None, path, overlays=["less.toml"]).total.exact == 44  # type: ignore[union-attr]
    assert evaluate("base.toml", path).total.exact == 45  # type: ignore[union-attr]
    assert total(load("base.toml", overlays=[less])) == total(load("base.toml", overlays="less.toml")) == 89


def test_a_loaded_ruleset_must_have_the_overlays_of_a_submission(tmp_path: Path) -> None:
    cap = overlay(tmp_path, "cap", CAP.format("cap", "min(earned, 59)"))
    path = base(tmp_path)
    submission = write(tmp_path, "s.toml", '[submission]\noverlays = ["cap.toml"]\n[facts]\na = 90\n')
    with pytest.raises(RulesetError) as caught:
        evaluate(load(path), submission)
    (finding,) = caught.value.findings
    assert (finding.key, finding.where and finding.where.line) == ("no-ruleset.not-laid", 2)
    assert evaluate(load(path, overlays=[cap]), submission).total.exact == 59  # type: ignore[union-attr]
    with pytest.raises(TypeError):
        evaluate(load(path), {"a": 1}, overlays=[cap])


def test_what_is_wrong_with_a_submissions_overlay_is_found_where_it_is_named(tmp_path: Path) -> None:
    base(tmp_path)
    text = '[submission]\nruleset = "base.toml"\noverlays = [\n"base.toml", "no/such", "gone.toml"]\n[facts]\na = 90\n'
    with pytest.raises(RulesetError) as caught:
        evaluate(None, write(tmp_path, "s.toml", text))
    places = [(one.code, one.where and one.where.line, one.where and one.where.column) for one in caught.value.findings]
    assert places == [("duplicate-id", 4, 1), ("no-ruleset", 4, 14), ("no-file", 4, 25)]


# -- dates ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def dated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library with two versions of a ruleset, and two of a cap; the newer ones are stricter."""
    for name, effective, divisor in (("old", "2013-04-21", 2), ("new", "2020-02-25", 4)):
        text = BASE.replace("effective = 2020-01-01", f'effective = {effective}\nfamily = "p/rules"')
        write(
            tmp_path,
            f"p/{name}/ruleset.toml",
            text.replace("test/base", f"p/{name}").replace("a / 2", f"a / {divisor}"),
        )
    for year, cap in ((2015, 59), (2022, 49)):
        head = f'format = 1\n[ruleset]\nid = "p/cap-{year}"\nfamily = "p/cap"\neffective = {year}-01-01\n'
        write(tmp_path, f"p/cap-{year}/ruleset.toml", head + CAP.format("cap", f"min(earned, {cap})"))
    monkeypatch.setattr(library, "roots", lambda: (tmp_path,))
    return tmp_path


@pytest.mark.parametrize(
    ("as_of", "parts", "exact"),
    [
        (None, ("p/new", "p/cap-2022"), 49),
        (date(2022, 1, 1), ("p/new", "p/cap-2022"), 49),
        (date(2021, 12, 31), ("p/new", "p/cap-2015"), 59),
        (date(2020, 2, 24), ("p/old", "p/cap-2015"), 59),
    ],
)
def test_families_are_taken_as_of_a_date_wherever_they_are_named(
    as_of: date | None, parts: tuple[str, str], exact: int, dated: Path
) -> None:
    child = 'format = 1\n[ruleset]\nid = "c"\nextends = "p/rules"\noverlays = ["p/cap"]\n'
    path = write(dated, "child.toml", child)
    submission = {"submission": {"ruleset": "p/rules", "overlays": ["p/cap"]}, "facts": {"a": 90}}
    found = load(path, as_of=as_of)
    assert (found.parts[0].id, found.parts[2].id) == parts
    for evaluation in (evaluate(None, submission, as_of=as_of), evaluate(found, {"a": 90})):
        assert evaluation.total is not None
        assert evaluation.total.exact == exact
    assert tuple(part.id for part in load("p/rules", as_of=as_of, overlays=["p/cap"]).parts) == parts


@pytest.mark.usefixtures("dated")
def test_a_family_of_which_nothing_is_in_force_yet_names_the_first() -> None:
    (finding,) = refused("p/rules", as_of=date(2013, 4, 20))
    assert finding.key == "no-ruleset.not-yet"
    assert "`p/old`" in finding.help()
    found = refused("p/rules", as_of=date(2014, 1, 1), overlays=["p/cap"])
    assert [one.key for one in found] == ["no-ruleset.not-yet"]


def test_what_takes_effect_after_the_date_is_a_warning(dated: Path) -> None:
    ruleset = load("p/new", as_of=date(2016, 1, 1), overlays=[dated / "p" / "cap-2022"])
    warned = [(one.code, one.severity, one.values["name"]) for one in ruleset.findings]
    assert warned == [("not-in-force", "warning", "p/cap-2022"), ("not-in-force", "warning", "p/new")]
    evaluation = evaluate(ruleset, {"a": 90})
    assert [one.code for one in evaluation.findings] == ["not-in-force"] * 2
    assert evaluation.needs_attention is False
    assert load("p/new", as_of=date(2020, 2, 25)).findings == ()


# -- what is remembered --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("dated")
def test_an_evaluation_says_what_was_resolved() -> None:
    found = as_dict(evaluate("p/rules", {"a": 90}, overlays=["p/cap"], as_of=date(2021, 1, 1)))["ruleset"]
    assert (found["id"], found["as_of"]) == ("p/new", "2021-01-01")
    shown = [(part["id"], part["role"], part["effective"]) for part in found["parts"]]
    assert shown == [("p/new", "ruleset", "2020-02-25"), ("p/cap-2015", "overlay", "2015-01-01")]
    assert len({part["digest"] for part in found["parts"]} | {found["digest"]}) == 3
    assert as_dict(evaluate("p/new", {"a": 90}))["ruleset"]["as_of"] is None

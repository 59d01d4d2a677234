"""Rows that are rolled up from projects: exact, named, safe from hostile folders; and a folder as a portfolio."""

from __future__ import annotations

import io
import random
from fractions import Fraction
from pathlib import Path

import pytest
from projects import DEPARTMENT, PLAN, department, project
from rich.console import Console

from perfrules import evaluate
from perfrules.cases import coverage
from perfrules.errors import RulesetError, SubmissionError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import as_dict
from perfrules.evaluation.portfolio import portfolio
from perfrules.evaluation.portfolio_export import portfolio_as_dict
from perfrules.evaluation.scoring import MAX_DEPTH
from perfrules.report.explanation import explain
from perfrules.ruleset.library import load

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "department"


def keys(error: pytest.ExceptionInfo[SubmissionError]) -> list[str]:
    return [finding.key or finding.code for finding in error.value.findings]


# -- rolling up ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_the_department_has_the_sums_and_means_of_the_projects_exact_values(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    hundredths = [draw.randrange(10_000, 9_999_999) for _ in range(draw.randrange(1, 40))]
    said = [(Fraction(whole, 100), Fraction(draw.randrange(1, whole + 1), 100)) for whole in hundredths]
    files = {f"p{i:02}.toml": project(float(b), float(e), f"项目{i}") for i, (b, e) in enumerate(said)}
    found = evaluate(None, department(tmp_path, files))
    budgets = [budget / 10_000 for budget, _ in said]
    rates = [executed * 100 / budget for budget, executed in said]
    scores = [evaluate(None, tmp_path / name)["execution"].exact or Fraction(0) for name in files]
    assert found["funds"].value == sum(budgets)
    assert found["rate"].value == sum(r * b for r, b in zip(rates, budgets, strict=True)) / sum(budgets)
    assert found["mean"].value == sum(scores) / len(scores)


def test_a_mean_of_a_thousand_rates_is_exact_however_long(tmp_path: Path) -> None:
    path = department(tmp_path, {}, rules=DEPARTMENT.replace("mean(projects.score)", "mean(projects.rate)"))
    primes = [n for n in range(10_000, 30_000) if all(n % d for d in range(2, int(n**0.5) + 1))][:1100]
    rows = [{"path": f"{n}", "cells": {"name": "x", "funds": "1", "score": "1", "rate": f"100/{n}"}} for n in primes]
    found = evaluate(tmp_path / "ruleset.toml", {"facts": {"projects": {"submissions": rows}}})
    assert path.exists()
    assert found["mean"].value == sum(Fraction(100, n) for n in primes) / 1100
    assert len(as_dict(found)["indicators"][2]["value"]) > 8_600


def test_each_row_knows_its_submission_and_its_evaluation(tmp_path: Path) -> None:
    files = {"p1.toml": project(subject="甲"), "p2.toml": project(20_000, 7_000, "乙")}
    found = evaluate(None, department(tmp_path, files))
    (fact,) = found["rate"].derivation.facts
    assert [(source.path, source.subject) for source in fact.sources] == [("p1.toml", "甲"), ("p2.toml", "乙")]
    for source in fact.sources:
        assert isinstance(source.evaluation, Evaluation)
        assert source.digest == source.evaluation.submission.digest
        assert source.cells["rate"] == source.evaluation.values["rate"].value
    exported = as_dict(found)["indicators"][1]["facts"][0]["sources"]
    assert [row["cells"]["rate"] for row in exported] == ["90", "35"]
    again = evaluate(None, department(tmp_path, {"p2.toml": project(1, 1)}))
    assert found.submission.digest != again.submission.digest


def test_what_a_project_lacks_is_named_and_bounded(tmp_path: Path) -> None:
    files = {"p1.toml": project(subject="甲"), "p2.toml": project(10_000, None, "乙")}
    found = evaluate(None, department(tmp_path, files))
    row = found["mean"]
    assert (row.status, row.missing, row.bounds) == ("missing", ("projects[2].score",), (Fraction(18), Fraction(38)))
    assert found["funds"].score is not None
    assert [str(reason.about) for reason in found.facts.sources["projects"][1].missing["rate"]] == ["executed"]
    printed = io.StringIO()
    Console(width=200, file=printed).print(explain(found, "mean", "zh"))
    assert "乙 (p2.toml)：score（缺executed）" in printed.getvalue()


def test_a_file_that_cannot_be_evaluated_is_a_row_that_is_missing(tmp_path: Path) -> None:
    files = {"p1.toml": project(), "p2.toml": "[submission", "p3.toml": project(more="unknown = 3")}
    found = evaluate(None, department(tmp_path, files))
    assert [(one.code, one.about) for one in found.findings if one.severity == "error"] == [
        ("row-unread", "facts.projects[2]"),
        ("row-unread", "facts.projects[3]"),
    ]
    assert found["mean"].missing == ("projects[2].score", "projects[3].score")


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ('{ kind = "number", from = "facts.nothing" }', "column-unfilled.absent"),
        ('{ kind = "number", from = "scores.nothing" }', "column-unfilled.absent"),
        ('{ kind = "number", from = "facts.done" }', "column-unfilled.kind"),
        ('{ kind = "amount", unit = "亩", from = "facts.executed" }', "column-unfilled.unit"),
        ('{ kind = "percent", range = [0, 50], from = "values.rate" }', "out-of-range"),
    ],
)
def test_a_column_that_takes_nothing_is_a_finding(column: str, key: str, tmp_path: Path) -> None:
    rules = DEPARTMENT.replace('score = { kind = "number", range = [0, 100], from = "total" }', f"score = {column}")
    files = {"p1.toml": project(more="done = true")}
    found = evaluate(None, department(tmp_path, files, rules=rules))
    assert [one.key or one.code for one in found.findings] == [key]
    assert found["mean"].missing == ("projects[1].score",)


def test_every_kind_of_column_is_filled(tmp_path: Path) -> None:
    columns = {
        "done": ("truth", "facts.done", True), "level": ("text", "facts.level", "b"), "grade": ("text", "grade", "good"),
        "finished": ("date", "facts.finished", "2022-11-30"), "points": ("number", "dimensions.execution", "90"),
        "row": ("number", "scores.execution", "90"),
    }  # fmt: skip
    declared = "\n".join(
        f'{name} = {{ kind = "{kind}", from = "{asks}" }}' for name, (kind, asks, _) in columns.items()
    )
    rules = DEPARTMENT.replace("[rounding]", declared + "\n[rounding]")
    more = 'done = true\nlevel = "b"\nfinished = 2022-11-30'
    found = evaluate(None, department(tmp_path, {"p1.toml": project(more=more)}, rules=rules))
    cells = as_dict(found)["indicators"][0]["facts"][0]["sources"][0]["cells"]
    assert {name: cells[name] for name in columns} == {name: value for name, (_, _, value) in columns.items()}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('from = "total"', 'from = "everything"', "bad-value.from"),
        ('from = "total"', 'from = "facts."', "bad-value.from"),
        (', from = "total"', "", "bad-value.from-needed"),
        ('from = "total"', 'from = "grade"', "bad-value.from-kind"),
        ('kind = "text", from = "subject"', 'kind = "text", from = "total"', "bad-value.from-kind"),
        ('from = "submissions"\n', "", "bad-value.from-alone"),
        ('kind = "table"\nfrom', 'kind = "amount"\nfrom', "bad-value.not-for-kind"),
    ],
)
def test_what_columns_take_is_checked_when_a_ruleset_is_loaded(old: str, new: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "ruleset.toml").write_text(DEPARTMENT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulesetError) as error:
        load(tmp_path / "ruleset.toml")
    assert key in [finding.key for finding in error.value.findings]


def test_a_case_may_start_from_a_department() -> None:
    results = coverage.run(EXAMPLE / "ruleset.toml").cases
    assert [(case.name, case.findings) for case in results] == [("the four projects", ()), ("one project, typed", ())]


# -- which files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patterns", "key"),
    [
        ('["../*.toml"]', "bad-value.patterns-outside"),
        ('["a/../../p1.toml"]', "bad-value.patterns-outside"),
        ('["/etc/passwd"]', "bad-value.patterns-outside"),
        ('["~/p1.toml"]', "bad-value.patterns-outside"),
        (r'["C:\\p1.toml"]', "bad-value.patterns-outside"),
        ('["**/*.toml"]', "bad-value.patterns-outside"),
        ('[""]', "bad-value.patterns-outside"),
        (r'["p\u00001.toml"]', "bad-value.patterns-outside"),
        (f'["{"*" * 500}"]', "bad-value.patterns-long"),
        (f'["{"a/" * 20}p.toml"]', "bad-value.patterns-long"),
        ('["nothing*.toml"]', "bad-value.patterns-none"),
        ("[]", "bad-value.patterns"),
        ("[3]", "bad-value.patterns"),
        ('"p1.toml"', "bad-value.patterns"),
        (str(["p1.toml"] * 101).replace("'", '"'), "bad-value.patterns-many"),
        ('["link.toml"]', "bad-value.patterns-link"),
        ('["li*.toml"]', "bad-value.patterns-link"),
        ('["linked/p1.toml"]', "bad-value.patterns-link"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_pattern_that_leads_elsewhere_refuses_the_submission(patterns: str, key: str, tmp_path: Path) -> None:
    path = department(tmp_path / "inside", {"p1.toml": project()}, patterns)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "p1.toml").write_text(project(), encoding="utf-8")
    (tmp_path / "inside" / "link.toml").symlink_to(tmp_path / "outside" / "p1.toml")
    (tmp_path / "inside" / "linked").symlink_to(tmp_path / "outside")
    with pytest.raises(SubmissionError) as error:
        evaluate(None, path)
    assert keys(error) == [key]


def test_a_pattern_leaves_out_itself_rulesets_and_hidden_files(tmp_path: Path) -> None:
    files = {"p2.toml": project(), "p1.toml": project(), ".p0.toml": project(), "~$p.toml": "", "p.txt": ""}
    found = evaluate(None, department(tmp_path, files, '["p2.toml", "*", "p?.toml"]'))
    assert [source.path for source in found.facts.sources["projects"]] == ["p2.toml", "p1.toml"]


def test_a_pattern_made_to_backtrack_takes_no_time(tmp_path: Path) -> None:
    files = {"p" + "a" * 200 + ".toml": project()}
    with pytest.raises(SubmissionError):
        evaluate(None, department(tmp_path, files, f'["{"*a" * 100}b"]'))


def test_rows_of_a_dict_name_no_files(tmp_path: Path) -> None:
    department(tmp_path, {})
    with pytest.raises(SubmissionError) as error:
        evaluate(tmp_path / "ruleset.toml", {"facts": {"projects": {"submissions": ["p1.toml"]}}})
    assert keys(error) == ["bad-value.patterns-nowhere"]
    rows = [{"name": "x", "funds": 1, "rate": 80, "score": 80}]
    assert evaluate(tmp_path / "ruleset.toml", {"projects": rows})["mean"].value == 80


@pytest.mark.parametrize(
    "row",
    [
        {}, {"path": 3}, {"path": "p", "cells": []}, {"path": "p", "cells": {"other": "1"}},
        {"path": "p", "cells": {"score": 5}}, {"path": "p", "cells": {"score": "1/0"}},
        {"path": "p", "cells": {"score": "9" * 5000}}, {"path": "p", "cells": {"score": "٣"}},
        {"path": "p", "missing": {"score": ["executed"]}}, {"path": "p", "unfilled": {"score": "because"}},
        {"path": "p", "unread": "no"}, {"path": "p", "more": 1}, {"path": "\ud800"},
    ],
    ids=lambda row: ascii(row)[:40],
)  # fmt: skip
def test_a_row_that_nobody_wrote_is_refused(row: object, tmp_path: Path) -> None:
    department(tmp_path, {})
    with pytest.raises(SubmissionError) as error:
        evaluate(tmp_path / "ruleset.toml", {"facts": {"projects": {"submissions": [row]}}})
    assert keys(error) == ["unreadable-value.rolled"]


# -- circles ------------------------------------------------------------------------------------------------------


def nested(name: str, patterns: str) -> str:
    return f'[submission]\nruleset = "ruleset.toml"\nsubject = "{name}"\n[facts]\nprojects = {{ submissions = {patterns} }}\n'


def test_a_submission_rolled_up_from_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError) as error:
        evaluate(None, department(tmp_path, {}, '["department.toml"]'))
    assert keys(error) == ["submissions-cycle"]


def test_a_circle_is_refused_from_wherever_it_is_entered(tmp_path: Path) -> None:
    files = {"a.toml": nested("a", '["b.toml"]'), "b.toml": nested("b", '["a.toml"]')}
    path = department(tmp_path, files, '["a.toml"]')
    for name in files:
        with pytest.raises(SubmissionError) as error:
            evaluate(None, tmp_path / name)
        assert keys(error) == ["submissions-cycle"]
    found = evaluate(None, path)  # beside the circle, not in it
    assert [source.unread for source in found.facts.sources["projects"]] == [("submissions-cycle",)]
    assert len(portfolio(tmp_path).unread) == 2


def test_a_chain_that_is_too_deep_is_refused(tmp_path: Path) -> None:
    files = {f"n{i}.toml": nested(f"n{i}", f'["n{i + 1}.toml"]') for i in range(MAX_DEPTH + 1)}
    department(tmp_path, {**files, f"n{MAX_DEPTH + 1}.toml": project()})
    with pytest.raises(SubmissionError) as error:
        evaluate(None, tmp_path / "n0.toml")
    assert keys(error) == ["submissions-cycle.deep"]
    assert evaluate(None, tmp_path / "n1.toml").submission.subject == "n1"


# -- portfolios ---------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "p1.toml": project(10_000, 9_000, "甲"), "p2.toml": project(30_000, 15_000, "乙"), "p3.toml": project(5_000, None),
        "p4.toml": "[submission", "notes.txt": "no submission",
    }  # fmt: skip
    department(tmp_path, files)
    return tmp_path


def test_a_portfolio_has_every_file_and_one_bad_file_stops_no_other(folder: Path) -> None:
    found = portfolio(folder)
    assert [entry.name for entry in found.departments] == ["department.toml"]
    assert [entry.name for entry in found.projects] == ["p1.toml", "p2.toml", "p3.toml"]
    assert [(entry.name, entry.findings[0].code) for entry in found.unread] == [("p4.toml", "not-toml")]
    assert found.statuses == {"scored": 2, "incomplete": 1, "unread": 1}
    assert [(grade, count) for grade, _, count in found.grades] == [("good", 1), ("poor", 1)]
    assert found.needs_attention


def test_averages_and_sums_are_exact_and_of_what_is_known(folder: Path) -> None:
    found = portfolio(folder)
    assert found.average == (Fraction(70), 2)
    assert found.weighted == (Fraction(60), 2)
    assert (found.money_sum, found.spent_sum, found.unit) == (45_000, 24_000, "元")
    assert found.execution_rate == 60
    assert [entry.subject for entry in found.losing] == ["乙", "甲"]


@pytest.mark.parametrize(("a", "worst"), [(3, "poor"), (10, None), (12, None)])
def test_the_row_that_loses_most_is_one_that_loses(a: int, worst: str | None, tmp_path: Path) -> None:
    """A row or project that has more points than its weight loses none."""
    (tmp_path / "rules.toml").write_text(
        'format = 1\n[ruleset]\nid = "test/bonus"\n[facts.a]\nkind = "number"\n[dimensions.d]\n[indicators.bonus]\n'
        'dimension = "d"\nweight = 10\nscore = "weight + 5"\n[indicators.poor]\ndimension = "d"\nweight = 10\nscore = "a"\n'
        "[total]\n",
        encoding="utf-8",
    )
    (tmp_path / "one.toml").write_text(f'[submission]\nruleset = "rules.toml"\n[facts]\na = {a}\n', encoding="utf-8")
    found = portfolio(tmp_path)
    assert [entry.worst.id if entry.worst else None for entry in found.projects] == [worst]
    assert [entry.name for entry in found.losing] == (["one.toml"] if worst else [])


def test_each_ruleset_is_loaded_once(folder: Path) -> None:
    rulesets = {id(entry.evaluation.ruleset) for entry in portfolio(folder).entries if entry.evaluation}
    assert len(rulesets) == 2


def test_projects_of_a_department_belong_to_its_portfolio(tmp_path: Path) -> None:
    files = {"projects/plan.toml": PLAN, "projects/p1.toml": project(), "projects/bad.toml": "["}
    department(tmp_path, files, '["projects/p1.toml", "projects/bad.toml"]')
    found = portfolio(tmp_path)
    assert [entry.name for entry in found.entries] == ["department.toml", "projects/p1.toml", "projects/bad.toml"]
    department_of = found.departments[0].evaluation
    assert department_of is not None
    assert found.projects[0].evaluation is department_of.facts.sources["projects"][0].evaluation


def test_money_in_another_unit_is_converted(tmp_path: Path) -> None:
    other = PLAN.replace('unit = "元"', 'unit = "万元"').replace("range = [1,", "range = [0.01,")
    files = {
        "p1.toml": project(10_000),
        "p2.toml": project(2, 1).replace("plan.toml", "other.toml"),
        "other.toml": other,
    }
    department(tmp_path, files)
    assert portfolio(tmp_path).money_sum == 30_000


def test_the_json_of_a_portfolio_has_its_figures_and_the_evaluations(folder: Path) -> None:
    data = portfolio_as_dict(portfolio(folder))
    assert data["portfolio"]["weighted"] == {"rate": "60", "of": "2"}
    assert data["portfolio"]["money"] == {"fact": "full_year_budget", "unit": "元", "sum": "45000"}
    assert [row["path"] for row in data["portfolio"]["projects"]] == ["p1.toml", "p2.toml", "p3.toml"]
    assert len(data["evaluations"]) == 4

"""The audit of a submission with claims: differences that are one, claims at odds, claims that nothing supports."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfrules.audit.audit import Audit, audit_form
from perfrules.audit.rounding import causes
from perfrules.evaluation.scoring import evaluate

JULU = Path(__file__).resolve().parents[2] / "docs/examples/julu-2022/submission.toml"

SUMS = """
format = 1
[ruleset]
id = "test/sums"
title = "sums"
[facts.whole]
kind = "amount"
[facts.one]
kind = "amount"
[facts.two]
kind = "amount"
[facts.three]
kind = "amount"
[facts.other]
kind = "amount"
[facts.goals_achieved]
title = "绩效目标完成率"
kind = "percent"
for_record = true
[facts.tasks]
kind = "count"
range = [0, 100]
[checks.first]
equal = ["whole", "one + two"]
tolerance = 0.05
[checks.second]
equal = ["three", "one + two"]
tolerance = 0.05
[checks.same]
equal = ["whole", "three"]
tolerance = 0.05
[checks.twice]
equal = ["2 * other", "one * 2 + two"]
tolerance = 0.05
[checks.turned]
equal = ["-whole - 0", "0 - one - two"]
tolerance = 0.05
[checks.bent]
equal = ["max(whole, 0)", "one + two"]
tolerance = 0.05
[checks.apart]
equal = ["whole * 1 * whole", "three * whole"]
tolerance = 0.05
[dimensions.d]
[indicators.tasks]
title = "完成任务数"
dimension = "d"
weight = 100
target = ">= 10"
score = "weight * clamp(value / target, 0, 1)"
[total]
weight = 100
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ruleset.toml").write_text(SUMS, encoding="utf-8")
    return tmp_path


def submitted(folder: Path, facts: str, claims: str = "") -> Path:
    path = folder / "submission.toml"
    text = f'[submission]\nruleset = "ruleset.toml"\n[facts]\n{facts}\n[claims]\n{claims}\n'
    path.write_text(text, encoding="utf-8")
    return path


def keys(one: Audit) -> list[str]:
    return [finding.key for finding in one.findings]


def test_julus_three_differences_are_one_rounding_and_its_98_stands_on_nothing() -> None:
    one = audit_form(JULU)
    assert keys(one) == ["claims-disagree.goals", "evidence-missing.total", "rounding-difference.one-cause"]
    rounding = one.findings[2]
    titles = [title["zh"].partition(" ")[0] for title in rounding.values["checks"]]  # type: ignore[attr-defined]
    proofs = [title["zh"].partition(" ")[0] for title in rounding.values["proofs"]]  # type: ignore[attr-defined]
    assert (titles, rounding.values["difference"]) == (["S1", "S4", "S10"], "0.01")
    assert proofs == ["S2", "S3", "S5", "S6", "S7"]
    assert [claim.verdict for claim in one.evaluation.claims] == ["unsupported"]
    assert (one.total.printed, one.total.by_rule, one.total.bounds) == (98, None, (5, 100))


def test_differences_are_one_only_where_exact_sums_prove_it(folder: Path) -> None:
    one = submitted(folder, "whole = 3.01\none = 1\ntwo = 2\nthree = 3.01\nother = 2.02\ntasks = 10")
    found = causes(evaluate(None, one))
    assert [([check.id for check in cause.checks], [check.id for check in cause.proved_by]) for cause in found] == [
        (["first", "second", "turned"], ["same"]), (["twice"], []), (["bent"], []),
    ]  # fmt: skip
    apart = submitted(folder, "whole = 3.01\none = 1\ntwo = 2\nthree = 3.02\nother = 2\ntasks = 10")
    assert [[check.id for check in cause.checks] for cause in causes(evaluate(None, apart))] == [
        ["first", "turned"], ["second"], ["same"], ["bent"], ["apart"],
    ]  # fmt: skip


def test_a_difference_alone_is_said_as_before(folder: Path) -> None:
    alone = submitted(folder, "whole = 3\none = 1\ntwo = 2\nthree = 3\nother = 2.01\ntasks = 10")
    (finding,) = audit_form(alone).findings
    assert (finding.code, finding.about) == ("rounding-difference", "checks.twice")


@pytest.mark.parametrize(
    ("facts", "claims", "expected"),
    [
        ("tasks = 8\ngoals_achieved = 100", "total = 80", ["claims-disagree.goals"]),
        ("tasks = 8\ngoals_achieved = 80", "total = 80", []),
        ("tasks = 10\ngoals_achieved = 100", "total = 100", []),
        ("tasks = 8\ngoals_achieved = 100", "", []),
        ("tasks = 8", "total = 90", ["claim-refuted"]),
        ("", "total = 90", ["evidence-missing.total"]),
        ("", "[claims.indicators]\ntasks = 90", ["evidence-missing.claim"]),
        ("", "", []),
    ],
)  # fmt: skip
def test_claims_at_odds_are_found(facts: str, claims: str, expected: list[str], folder: Path) -> None:
    one = audit_form(submitted(folder, facts, claims))
    assert [finding.key or finding.code for finding in one.findings] == expected
    for finding in one.findings:
        assert "{" not in finding.message("zh") + finding.message("en")


def test_rows_without_facts_count_as_claimed(folder: Path) -> None:
    one = audit_form(submitted(folder, "", "[claims.indicators]\ntasks = 90"))
    assert (one.total.derived, one.total.by_rule, one.total.bounds) == (None, 90, (0, 100))
    assert one.as_dict()["rows"][0]["by_rule"] == "90"
    with pytest.raises(ValueError, match="needs no plan"):
        one.as_toml()

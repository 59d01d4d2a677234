"""A department and its projects for tests: only what a test is about has to be written."""

from __future__ import annotations

from pathlib import Path

PLAN = """\
format = 1
[ruleset]
id = "test/plan"
[units]
"万元" = "10000 元"
[scales.grade]
steps = [{ id = "good", from = 80 }, { id = "poor", from = 0 }]
[facts]
full_year_budget = { kind = "amount", unit = "元", range = [1, 1000000000] }
executed = { kind = "amount", unit = "元" }
done = { kind = "truth" }
level = { kind = "choice", choices = { a = "A", b = "B" } }
finished = { kind = "date" }
[values.rate]
formula = "percent(executed, full_year_budget)"
unit = "%"
[dimensions.execution]
[indicators.execution]
dimension = "execution"
weight = 100
value = "rate"
score = "weight * clamp(value, 0, 100) / 100"
[total]
scale = "grade"
"""

DEPARTMENT = """\
format = 1
[ruleset]
id = "test/department"
[units]
"万元" = "10000 元"
[facts.projects]
title = "Projects"
kind = "table"
from = "submissions"
[facts.projects.columns]
name = { kind = "text", from = "subject" }
funds = { kind = "amount", unit = "万元", range = [0.0001, 100000], from = "facts.full_year_budget" }
rate = { kind = "percent", unit = "%", range = [0, 200], from = "values.rate" }
score = { kind = "number", range = [0, 100], from = "total" }
[rounding]
score = "none"
total = "none"
[dimensions.d]
[indicators.funds]
dimension = "d"
weight = 10
value = "sum(projects.funds)"
score = "weight"
[indicators.rate]
dimension = "d"
weight = 50
value = "weighted_mean(projects.rate, projects.funds)"
score = "weight * clamp(value, 0, 100) / 100"
[indicators.mean]
dimension = "d"
weight = 40
value = "mean(projects.score)"
score = "weight * value / 100"
[total]
"""


def project(budget: object = 10000, executed: object = 9000, subject: str = "", more: str = "") -> str:
    """A submission on the plan; None leaves a fact out."""
    facts = {"full_year_budget": budget, "executed": executed}
    lines = [f"{name} = {value}" for name, value in facts.items() if value is not None]
    return "\n".join(['[submission]\nruleset = "plan.toml"', f'subject = "{subject}"', "[facts]", *lines, more, ""])


def department(folder: Path, projects: dict[str, str], patterns: str = '["p*.toml"]', rules: str = DEPARTMENT) -> Path:
    """A folder with a department, its ruleset, the plan and projects; the department's file."""
    folder.mkdir(parents=True, exist_ok=True)
    given = (
        f'[submission]\nruleset = "ruleset.toml"\nsubject = "局"\n[facts]\nprojects = {{ submissions = {patterns} }}\n'
    )
    files = {"plan.toml": PLAN, "ruleset.toml": rules, "department.toml": given, **projects}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "department.toml"

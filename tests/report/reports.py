"""Evaluations that reports are tried on: published ones, a full one, one that loses points in every way, a hostile one."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import perfrules
from perfrules.evaluation.evaluation import Evaluation

ROOT = Path(__file__).resolve().parents[2]
DEPARTMENT = ROOT / "rulesets/cn/department-overall-2013/examples/full.toml"
PUBLISHED = {
    "julu": ROOT / "docs/examples/julu-2022/submission.toml",
    "langfang": ROOT / "docs/examples/langfang-2019/submission.toml",
}
FALLEN: dict[str, Any] = {
    "staff_in_post": 23,
    "priority_project_expenditure": 750,
    "three_public_budget": 12,
    "goal_reasonableness": {"lawful": True, "within_duties": False, "within_plans": True},
    "indicator_clarity": {"missing": "未逐项作答"},
    "social_benefit": {"level": "partly", "by": "评价组"},
    "carry_over": -5,
    "budget_completed": {"value": 2100, "source": "决算表"},
}
"""Facts of the department by which it loses points: by a step, a band, a branch, an item; and by being unknown."""

HOSTILE = (
    "<w:p>&amp;</w:t> | a `b` **c** # ]]> =1+1 \x07\x1b[31m \ufffe \u202e javascript:alert(1) " + "长" * 200 + "W" * 400
)

STATION = """
format = 1
[ruleset]
id = "test/station"
[facts.a]
kind = "number"
range = [0, 10]
[facts.t]
kind = "text"
for_record = true
[dimensions.d]
[indicators.x]
dimension = "d"
weight = 100
value = "a"
score = "weight * value / 10"
"""


@cache
def evaluated(name: str) -> Evaluation:
    """An evaluation by its name."""
    if name in PUBLISHED:
        return perfrules.evaluate(None, PUBLISHED[name])
    data = tomllib.loads(DEPARTMENT.read_text(encoding="utf-8"))
    if name == "fallen":
        data["facts"] |= FALLEN
        data["claims"] = {"total": 98, "indicators": {"staffing_control_rate": 5}}
        data["notes"] = {"staffing_control_rate": {"reason": "借调三人", "improvement": "年内调回"}}
        data["narrative"] = {"overview": "第一段。\n\n第二段。", "problems": "* 一项"}
    return perfrules.evaluate(data["submission"]["ruleset"], data)


def hostile(folder: Path, text: str = HOSTILE) -> Evaluation:
    """An evaluation whose submission has one text wherever it can."""
    path = folder / "ruleset.toml"
    path.write_text(STATION, encoding="utf-8")
    facts = {"a": {"value": 3, "source": text, "note": text}, "t": {"value": text, "by": text}}
    submission = {"subject": text, "period": text, "prepared_by": text, "source": text}
    notes = {"x": {"reason": text, "improvement": text}}
    narrative = {"overview": text, "problems": text}
    return perfrules.evaluate(path, {"submission": submission, "facts": facts, "notes": notes, "narrative": narrative})

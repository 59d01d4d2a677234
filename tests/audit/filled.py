"""Small filled forms for tests: a form whose rows follow the rule, and what a test changes of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import tomli_w

from perfrules.audit.audit import Audit, audit_form
from perfrules.ruleset.library import Ruleset, load

NATIONAL = "cn/project-self-evaluation-2020"

SOUND: tuple[dict[str, Any], ...] = (
    {
        "level1": "产出指标",
        "level2": "数量指标",
        "name": "村道硬化里程",
        "target": "≥20公里",
        "actual": "21公里",
        "weight": 20,
        "score": 20,
    },
    {
        "level1": "产出指标",
        "level2": "质量指标",
        "name": "工程验收合格率",
        "target": "=100%",
        "actual": "100%",
        "weight": 10,
        "score": 10,
    },
    {
        "level1": "产出指标",
        "level2": "时效指标",
        "name": "按期完工率",
        "target": "≥90%",
        "actual": "81%",
        "weight": 10,
        "score": 9,
        "reason": "雨季停工20天",
    },
    {
        "level1": "产出指标",
        "level2": "成本指标",
        "name": "项目总成本",
        "target": "≤100万元",
        "actual": "98万元",
        "weight": 10,
        "score": 10,
    },
    {
        "level1": "效益指标",
        "level2": "社会效益指标",
        "name": "受益群众人数",
        "target": "≥1000人",
        "actual": "1100人",
        "weight": 30,
        "score": 30,
    },
    {
        "level1": "满意度指标",
        "level2": "服务对象满意度指标",
        "name": "群众满意度",
        "target": "≥90%",
        "actual": "95%",
        "weight": 10,
        "score": 10,
    },
    {"name": "总分", "weight": 100, "score": 99},
)
"""A form in which everything follows; its execution is in MONEY."""

MONEY: tuple[dict[str, Any], ...] = (
    {
        "label": "年度资金总额",
        "initial": 100,
        "budget": 100,
        "executed": 100,
        "weight": 10,
        "rate": "100%",
        "score": 10,
    },
    {"label": "其中：当年财政拨款", "initial": 80, "budget": 80, "executed": 80},
    {"label": "上年结转资金", "initial": 20, "budget": 20, "executed": 20},
    {"label": "其他资金", "initial": 0, "budget": 0, "executed": 0},
)


@cache
def national() -> Ruleset:
    return load(NATIONAL)


def rows(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the sound form; `row_1={…}` changes the second of them, None takes a key away."""
    found = [{"reason": "", **row} for row in SOUND]
    for name, changed in changes.items():
        row = found[int(name.removeprefix("row_"))]
        row |= {key: "" if said is None else said for key, said in changed.items()}
    return found


def money(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of money of the sound form; `money_0={…}` changes the first."""
    found = [dict(line) for line in MONEY]
    for name, changed in changes.items():
        found[int(name.removeprefix("money_"))] |= changed
    return found


def write(path: Path, **changes: Any) -> Path:
    """The sound form as a file of tables, with rows and lines of money changed, more rows, or a head of its own."""
    of_rows = {name: said for name, said in changes.items() if name.startswith("row_")}
    of_money = {name: said for name, said in changes.items() if name.startswith("money_")}
    listed = rows(**of_rows)
    more = changes.get("more", [])
    data = {
        "form": {"title": "村道项目支出绩效自评表（2022年度）", **changes.get("form", {})},
        "money": money(**of_money) if changes.get("money", True) else [],
        "row": [*listed[:-1], *more, *([listed[-1]] if changes.get("total", True) else [])],
    }
    if not data["money"]:
        del data["money"]
    path.write_text(tomli_w.dumps(data), encoding="utf-8")
    return path


def audited(folder: Path, **changes: Any) -> Audit:
    """The audit of the sound form as changed."""
    return audit_form(write(folder / "form.toml", **changes), changes.get("ruleset", national()))


def keys(found: Audit, *, notes: bool = True) -> list[str]:
    """What was found, by the keys of the messages."""
    return [finding.key for finding in found.findings if notes or finding.severity != "note"]

"""`show --resolved`: one file that loads as the same rules on its own, and says where each part and key came from."""

from __future__ import annotations

import ast
import json
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from commands import run

from perfrules import evaluate
from perfrules.report.resolved import content, resolved, resolved_data
from perfrules.ruleset.library import Ruleset, load, paths
from perfrules.ruleset.resolve import is_overlay
from perfrules.ruleset.toml import read

ROOT = Path(__file__).resolve().parents[2]
RULES = [identifier for identifier, path in paths() if not is_overlay(read(path))]
PLANS = sorted(str(path) for path in (ROOT / "docs" / "examples").glob("*/ruleset.toml"))

PARENT = """
format = 1
[ruleset]
id = "test/parent"
title = "the parent"
family = "test/family"
effective = 2020-01-01
[units]
"万元" = "10000 元"
[scales."a.b"]
steps = [{ id = "A \\"+\\"", from = 59.5, title = { zh = "优" } }, { id = "B", from = -1e2 }]
[facts."金额"]
title = { zh = "金额", en = "amount" }
kind = "amount"
unit = "万元"
range = [0.10, 1_000_000]
[facts.list]
kind = "checklist"
[facts.list.items]
one = "first \\u202e [bold]"
two = { zh = "第二" }
[facts.rating]
kind = "choice"
choices = { A = "A", "D*" = "insufficient\\ninformation" }
[facts.day]
kind = "date"
range = [2023-01-01, 2023-12-31]
[dimensions.d]
[indicators.i]
dimension = "d"
title = "first"
weight = 60
value = "day"
target = "<= 2023-06-30"
score = '''
weight if met
else 0'''
[indicators.j]
dimension = "d"
title = "second"
weight = 40
score = "weight * min(1, 金额 / 10)"
[total]
scale = "a.b"
weight = 100
"""

LAID = """
format = 1
[ruleset]
id = "test/laid"
expects = ["j"]
drops = ["facts.rating"]
[units]
"亿元" = "10000 万元"
[indicators.j]
replaces = ["title"]
title = "a new title"
unit = "万元"
[adjustments.cap]
each = "total"
score = "min(earned, 59)"
"""

CHILD = """
format = 1
[ruleset]
id = "test/child"
extends = "parent.toml"
overlays = ["laid.toml"]
[indicators.i]
replaces = ["weight"]
weight = 60.0
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ruleset:
    for name, text in (("parent", PARENT), ("laid", LAID), ("child", CHILD)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return load("child.toml")


def again(ruleset: Ruleset, folder: Path) -> Ruleset:
    """The ruleset as its resolved text loads."""
    path = folder / "resolved.toml"
    path.write_text(resolved(ruleset, "zh"), encoding="utf-8")
    return load(path)


def program(ruleset: Ruleset) -> list[tuple[Any, ...]]:
    """Everything of a program that scores or explains."""
    lines = [line._replace(tree=ast.dump(line.tree)) for line in ruleset.program.lines]  # type: ignore[arg-type]
    return [*lines, *ruleset.program.constants.items(), *ruleset.program.facts.items()]


@pytest.mark.parametrize("reference", [*RULES, *PLANS])
def test_the_text_loads_as_the_same_rules(reference: str, tmp_path: Path) -> None:
    ruleset = load(reference)
    alone = again(ruleset, tmp_path)
    assert program(alone) == program(ruleset)
    assert (alone.id, alone.plan, len(alone.parts)) == (ruleset.id, ruleset.plan, 1)
    for section in ("scales", "levels", "checks", "total", "rounding", "units", "adjustments", "dimensions"):
        assert getattr(alone.declaration, section) == getattr(ruleset.declaration, section)
    assert {one.code for one in alone.findings} == {one.code for one in ruleset.findings}
    assert content(again(alone, tmp_path)) == content(alone)


def test_what_was_laid_counts_in_the_text(child: Ruleset, tmp_path: Path) -> None:
    alone = again(child, tmp_path)
    assert program(alone) == program(child)
    assert content(alone) == content(child)
    facts = {"金额": 5, "day": "2023-06-30", "list": {"one": True, "two": False}}
    totals = [evaluate(one, facts).total for one in (child, alone)]
    assert [(total.exact, total.grade) for total in totals if total] == [(Fraction(59), "B")] * 2
    assert "rating" not in alone.declaration.facts


def at(text: str, line: str) -> str:
    """The place of a line in one of the three files."""
    name = {PARENT: "parent", LAID: "laid", CHILD: "child"}[text]
    return f"{name}.toml:{text.split(chr(10)).index(line) + 1}"


def test_the_text_says_where_each_part_and_replaced_key_came_from(child: Ruleset) -> None:
    lines = resolved(child, "en").split("\n")
    heads = {line: lines[index - 1] for index, line in enumerate(lines) if line.startswith("[")}
    for head in ("[indicators.i]", "[indicators.j]", '[facts."金额"]', "[total]", '[scales."a.b"]', "[dimensions.d]"):
        assert heads[head] == f"# {at(PARENT, head)}"
    assert heads["[adjustments.cap]"] == f"# {at(LAID, '[adjustments.cap]')}"
    assert heads["[ruleset]"] == f"# {at(CHILD, '[ruleset]')}"
    noted = [
        (LAID, 'title = "a new title"'), (LAID, 'unit = "万元"'), (LAID, '"亿元" = "10000 万元"'),
        (PARENT, '"万元" = "10000 元"'), (CHILD, "weight = 60.0"),
    ]  # fmt: skip
    assert {line for line in lines if "  # " in line} == {f"{line}  # {at(text, line)}" for text, line in noted}
    assert lines[1:4] == [
        "#   parent test/parent (parent.toml), effective from 2020-01-01 on",
        "#   ruleset test/child (child.toml)",
        "#   overlay test/laid (laid.toml)",
    ]


def test_what_cannot_be_seen_is_escaped(child: Ruleset) -> None:
    text = resolved(child, "zh")
    assert all(char.isprintable() or char == "\n" for char in text)
    assert tomllib.loads(text)["facts"]["list"]["items"]["one"] == "first \u202e [bold]"


def test_the_same_in_json_with_the_origin_of_each_key(child: Ruleset) -> None:
    data = resolved_data(child)
    assert data["ruleset"]["ruleset"] == {"id": "test/child"}
    assert [part["role"] for part in data["parts"]] == ["parent", "ruleset", "overlay"]
    origins = data["origins"]
    assert origins["indicators.j"] == at(PARENT, "[indicators.j]")
    assert origins["indicators.j.title"] == at(LAID, 'title = "a new title"')
    assert origins["facts.金额.kind"] == at(PARENT, 'kind = "amount"')
    assert origins['scales."a.b"'] == at(PARENT, '[scales."a.b"]')
    assert origins["units.亿元"] == at(LAID, '"亿元" = "10000 万元"')


def test_a_plan_says_that_it_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = 'format = 1\n[ruleset]\nid = "f"\nframework = true\n[dimensions.d]\nweight = 50\n'
    rows = '[indicators.i]\ndimension = "d"\nweight = 60\nscore = "weight"\n'
    (tmp_path / "frame.toml").write_text(frame, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(
        f'format = 1\n[ruleset]\nid = "p"\nextends = "frame.toml"\n{rows}', encoding="utf-8"
    )
    alone = again(load("plan.toml"), tmp_path)
    assert alone.plan
    assert [(one.code, one.severity) for one in alone.findings] == [("weights-sum", "warning")]


@pytest.mark.usefixtures("child")
def test_on_the_command_line(tmp_path: Path) -> None:
    assert run("show", "child.toml", "--resolved", "-o", "out.toml").status == 0
    assert (tmp_path / "out.toml").read_text(encoding="utf-8") == run("show", "child.toml", "--resolved").out
    assert run("check", "out.toml").status < 2
    shown = json.loads(run("show", "child.toml", "--resolved", "--json", "--as-of", "2021-05-01").out)
    assert list(shown) == ["format", "id", "digest", "ruleset", "as_of", "parts", "origins"]
    assert shown["as_of"] == "2021-05-01"

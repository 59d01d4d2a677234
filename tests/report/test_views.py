"""What people see: lines that break well, facts as they were given, tables that fit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType

import perfrules
from perfrules.report.console import evaluation_view
from perfrules.report.style import NO_START, Line
from perfrules.report.template import template

ROOT = Path(__file__).resolve().parents[2]

JUDGED = """
format = 1
[ruleset]
id = "test/judged"
[scales.grade]
steps = [{ id = "high", from = 60 }, { id = "low", from = 0 }]
[levels.three]
steps = [{ id = "achieved", from = 80, to = 100 }, { id = "missed", from = 0, below = 80 }]
[facts.benefit]
title = "Benefit"
kind = "judgement"
levels = "three"
[facts.posts]
title = "Posts"
kind = "count"
range = [1, 500]
[dimensions.d]
[indicators.benefit]
dimension = "d"
weight = 40
score = "weight * value / 100"
[indicators.staffing]
dimension = "d"
weight = 60
value = "posts"
bands = [{ above = 400, score = 0 }, { from = 1, to = 300, score = "weight" }]
[total]
scale = "grade"
"""


def drawn(view: RenderableType, width: int = 80) -> list[str]:
    console = Console(width=width, no_color=True, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(view)
    return [line.rstrip() for line in captured.get().splitlines()]


def said(lines: list[str]) -> Counter[str]:
    """How often each character stands in lines, but for spaces and rules."""
    return Counter("".join(lines)) - Counter({" ": 10**6, "─": 10**6})


@pytest.fixture
def ruleset(tmp_path: Path) -> perfrules.Ruleset:
    path = tmp_path / "ruleset.toml"
    path.write_text(JUDGED, encoding="utf-8")
    return perfrules.load(path)


@given(st.text("三公经费预算数，、。“”（）a1 .", max_size=60), st.integers(4, 30))
def test_breaking_lines_keeps_every_character_but_spaces_and_fits(text: str, width: int) -> None:
    lines = [line.plain for line in Line(text).wrap(Console(width=width), width)]
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line.rstrip()) <= width for line in lines)


def test_chinese_fills_the_line_and_closing_signs_begin_none() -> None:
    lines = drawn(Group(Line("缺 本年度“三公经费”预算数、上年度“三公经费”预算数")), 26)
    assert lines == ["缺 本年度“三公经费”预算", "数、上年度“三公经费”预算数"]
    assert not any(line[0] in NO_START for line in lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_fits_and_loses_no_word(lang: str, width: int) -> None:
    evaluation = perfrules.evaluate(None, ROOT / "docs" / "examples" / "julu-2022" / "submission.toml")
    narrow, wide = (drawn(evaluation_view(evaluation, lang), columns) for columns in (width, 240))
    assert max(map(cell_len, narrow)) <= width
    assert said(narrow) == said(wide)


def test_a_fact_judged_to_a_level_is_shown_as_given(ruleset: perfrules.Ruleset) -> None:
    evaluation = perfrules.evaluate(ruleset, {"facts": {"benefit": {"level": "achieved", "by": "panel"}}})
    assert "    └── Benefit benefit = ?  level achieved  judged by panel" in drawn(
        perfrules.explain(evaluation, "benefit", "en")
    )


def test_a_fact_out_of_its_range_is_shown_as_given(ruleset: perfrules.Ruleset) -> None:
    evaluation = perfrules.evaluate(ruleset, {"posts": 900})
    shown = drawn(perfrules.explain(evaluation, "staffing", "en"))
    assert "    └── Posts posts  submitted as 900, not counted" in shown


def test_where_no_band_holds_none_is_shown_as_taken(ruleset: perfrules.Ruleset) -> None:
    lines = drawn(perfrules.explain(perfrules.evaluate(ruleset, {"posts": 350}), "staffing", "en"))
    assert not any("no_band" in line or "✓" in line for line in lines)
    assert any("no band takes" in line for line in lines)


def test_one_possible_grade_is_the_grade(ruleset: perfrules.Ruleset) -> None:
    evaluation = perfrules.evaluate(ruleset, {"facts": {"benefit": {"level": "achieved"}, "posts": 5}})
    assert any("between 92.00 and 100.00   grade high" in line for line in drawn(evaluation_view(evaluation, "en")))


def test_a_template_shows_how_a_fact_is_written(ruleset: perfrules.Ruleset) -> None:
    assert '# say where a fact comes from: id = { value = 95, source = "…" }' in template(ruleset, "en")

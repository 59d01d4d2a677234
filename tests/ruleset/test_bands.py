"""Band tables whose gaps, overlaps and unreachable rows are known by hand: the report is exactly these."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import perfrules
from perfrules.errors import Finding

HEAD = """\
format = 1
[ruleset]
id = "test/bands"
[rounding]
score = "none"
[facts.x]
kind = "number"
range = [0, 100]
[facts.y]
kind = "number"
range = [0, 100]
[facts.n]
kind = "count"
range = [0, 10]
[facts.part]
kind = "amount"
range = [0, 1000]
[facts.whole]
kind = "amount"
range = [1, 1000]
[facts.done]
kind = "truth"
[facts.rating]
kind = "choice"
choices = { A = "", B = "", C = "" }
[facts.day]
kind = "date"
range = [2023-01-01, 2023-12-31]
[dimensions.d]
[indicators.i]
dimension = "d"
weight = 10
"""
CODES = ("band-gap", "band-overlap", "band-unreachable", "range-undecided")


def report(folder: Path, table: str) -> list[tuple[Any, ...]]:
    """What `check` says of a table: code, and region or bands."""
    path = folder / "ruleset.toml"
    path.write_text(HEAD + table, encoding="utf-8")
    return [said(finding) for finding in perfrules.check(path) if finding.code in CODES]


def said(finding: Finding) -> tuple[Any, ...]:
    values = finding.values
    bands = [values[key] for key in ("earlier", "later", "band") if key in values]
    region = [values["region"]] if "region" in values else []
    return (finding.code.removeprefix("band-"), *bands, *region, *(["searched"] if "searched" in finding.key else []))


def edges(*bands: str) -> str:
    return f"value = 'x'\nbands = [{', '.join(f'{{ {band}, score = 1 }}' for band in bands)}]\n"


def when(*conditions: str) -> str:
    bands = [f"{{ when = '''{one}''', score = 1 }}" if one else "{ score = 0 }" for one in conditions]
    return f"bands = [{', '.join(bands)}]\n"


ONE_FACT: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "full cover": (edges("to = 60", "above = 60, below = 80", "from = 80"), []),
    "full cover by a cascade": (edges("from = 90", "from = 80", "from = 60", "from = 0"), []),
    "one gap between": (edges("to = 60", "from = 80"), [("gap", "60 < x < 80")]),
    "one gap below": (edges("from = 10"), [("gap", "x < 10")]),
    "one gap above": (edges("to = 99"), [("gap", "99 < x")]),
    "two gaps": (edges("from = 10, to = 20", "from = 30"), [("gap", "x < 10"), ("gap", "20 < x < 30")]),
    "three gaps": (
        edges("from = 10, to = 20", "from = 30, to = 40"),
        [("gap", "x < 10"), ("gap", "20 < x < 30"), ("gap", "40 < x")],
    ),
    "touching open edges leave a point": (edges("below = 60", "above = 60"), [("gap", "x = 60")]),
    "touching closed edges share a point": (edges("to = 60", "from = 60"), [("overlap", "1", "2", "x = 60")]),
    "an open and a closed edge touch": (edges("below = 60", "from = 60"), []),
    "the end of the range is left out": (edges("below = 100"), [("gap", "x = 100")]),
    "a stretch in two bands": (edges("to = 70", "from = 60"), [("overlap", "1", "2", "60 <= x <= 70")]),
    "three bands, two overlaps": (
        edges("to = 50", "from = 50, to = 80", "from = 80"),
        [("overlap", "1", "2", "x = 50"), ("overlap", "2", "3", "x = 80")],
    ),
    "an earlier band wholly inside a later one is a special case of it": (edges("from = 40, to = 60", "from = 0"), []),
    "a later band wholly inside an earlier one is masked": (
        edges("from = 0", "from = 40, to = 60"),
        [("unreachable", "2")],
    ),
    "masked by two bands together": (
        edges("to = 50", "above = 50", "from = 40, to = 60"),
        [("unreachable", "3")],
    ),
    "outside the range": (edges("to = 100", "above = 100"), [("unreachable", "2")]),
    "upside down": (edges("from = 80, to = 60", "from = 0"), [("unreachable", "1")]),
}

TWO_FACTS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "full cover of two facts": (when("x < 50 and y < 50", "x >= 50", "x < 50 and y >= 50"), []),
    "one corner is left": (
        when("x < 50", "y < 50"),
        [("gap", "50 <= x, 50 <= y"), ("overlap", "1", "2", "x < 50, y < 50")],
    ),
    "two corners are left": (
        when("x < 50 and y < 50", "x > 50 and y > 50", "x == 50", "y == 50"),
        [
            ("gap", "x < 50, 50 < y"),
            ("gap", "50 < x, y < 50"),
            ("overlap", "3", "4", "x = 50, y = 50"),
        ],
    ),
    "three corners are one gap": (when("x < 50 and y < 50"), [("gap", "50 <= y | 50 <= x")]),
    "four corners without the lines between": (
        when("x < 50 and y < 50", "x > 50 and y < 50", "x < 50 and y > 50", "x > 50 and y > 50"),
        [("gap", "y = 50 | x = 50")],
    ),
    "a single point": (when("x != 50 or y != 50"), [("gap", "x = 50, y = 50")]),
    "a hole with closed edges": (
        when("x < 40", "x > 60", "y < 40", "y > 60"),
        [
            ("gap", "40 <= x <= 60, 40 <= y <= 60"),
            ("overlap", "1", "3", "x < 40, y < 40"),
            ("overlap", "2", "3", "60 < x, y < 40"),
            ("overlap", "1", "4", "x < 40, 60 < y"),
            ("overlap", "2", "4", "60 < x, 60 < y"),
        ],
    ),
    "three gaps in a row of two facts": (
        when("x == 50", "x < 50 and y < 50", "x > 50 and y > 20 and y < 80"),
        [("gap", "x < 50, 50 <= y"), ("gap", "50 < x, y <= 20"), ("gap", "50 < x, 80 <= y")],
    ),
    "an overlap of a point of two facts": (
        when("x <= 50 and y <= 50", "x >= 50 and y >= 50", ""),
        [("overlap", "1", "2", "x = 50, y = 50")],
    ),
    "a last band without condition": (
        when("x < 50", "y < 50 and x < 80", ""),
        [("overlap", "1", "2", "x < 50, y < 50")],
    ),
    "a row masked by two others": (
        when("x < 60", "y < 60", "x < 50 and y > 70 or y < 30", ""),
        [("unreachable", "3"), ("overlap", "1", "2", "x < 60, y < 60")],
    ),
    "nothing behind a band without condition": (when("x < 60", "", "y < 60"), [("unreachable", "3")]),
    "chained comparisons and negation": (
        when("20 <= x < 40", "not (x < 40)", "x < 20 and not y > 50"),
        [("gap", "x < 20, 50 < y")],
    ),
    "truths": (when("done and x >= 50", "not done"), [("gap", "done = true, x < 50")]),
    "choices": (
        when("rating == 'A'", "rating in ('B',) and x > 10"),
        [("gap", "rating = B / C, x <= 10 | rating = C")],
    ),
    "dates": (
        when("day <= '2023-06-30'", "day > '2023-07-01'"),
        [("gap", "day = 2023-07-01")],
    ),
    "whole numbers have nothing between": (when("n <= 4", "n >= 5"), []),
    "whole numbers leave one out": (when("n <= 4", "n >= 6"), [("gap", "4 < n < 6")]),
    "a rate of two facts": (
        "value = 'percent(part, whole)'\nbands = [{ to = 100, score = 1 }, { above = 105, score = 0 }]\n",
        [("gap", "100 < value <= 105")],
    ),
    "a rate that its facts keep small": (
        "value = 'percent(part, part + whole)'\nbands = [{ to = 100, score = 1 }]\n",
        [],
    ),
    "only where the row applies": (
        "applies = 'x > 50'\n" + when("x > 80", "x <= 80 and x > 60"),
        [("gap", "50 < x <= 60")],
    ),
}

COMPARED: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "two facts with each other, covered": (when("x == 0", "x <= y", ""), []),
    "two facts with each other, with a gap": (when("x < y", "x > y"), [("gap", "searched")]),
    "two facts with each other, nothing left": (when("x < y", "x > y", "x == y"), []),
    "two facts with each other, overlapping": (
        when("x <= y", "x >= y"),
        [("overlap", "1", "2", "searched")],
    ),
    "a sum is masked": (when("x + y <= 150", "x <= 50 and y <= 50", ""), [("unreachable", "2")]),
    "arithmetic leaves a gap": (when("x + y < 100", "x + y > 120"), [("gap", "searched")]),
}


@pytest.mark.parametrize("name", [*ONE_FACT, *TWO_FACTS, *COMPARED])
def test_the_report_is_exactly_what_is_wrong(name: str, tmp_path: Path) -> None:
    table, expected = {**ONE_FACT, **TWO_FACTS, **COMPARED}[name]
    assert sorted(report(tmp_path, table), key=repr) == sorted(expected, key=repr)


def test_a_gap_comes_with_facts_that_lie_in_it(tmp_path: Path) -> None:
    path = tmp_path / "ruleset.toml"
    path.write_text(HEAD + TWO_FACTS["a rate of two facts"][0], encoding="utf-8")
    finding = next(one for one in perfrules.check(path) if one.code == "band-gap")
    facts = dict(pair.split(" = ") for pair in str(finding.values["facts"]).split(", "))
    evaluation = perfrules.evaluate(path, {name: Fraction(value) for name, value in facts.items()})
    assert evaluation["i"].status.value == "undefined"


SCALES = {
    "from the top": ("{ id = 'a', from = 90 }, { id = 'b', from = 60 }, { id = 'c', from = 0 }", []),
    "not down to 0": ("{ id = 'a', from = 90 }, { id = 'b', from = 60 }", [("gap", "score < 60")]),
    "from the bottom": (
        "{ id = 'c', from = 0 }, { id = 'b', from = 60 }",
        [("unreachable", "b")],
    ),
    "an override by a fact": ("{ id = 'none', when = 'done' }, { id = 'a', from = 50 }, { id = 'b', from = 0 }", []),
}


@pytest.mark.parametrize("name", SCALES)
def test_a_scale_takes_every_score(name: str, tmp_path: Path) -> None:
    steps, expected = SCALES[name]
    table = f"score = 'x / 10'\n[scales.g]\nsteps = [{steps}]\n[total]\nscale = 'g'\n"
    assert report(tmp_path, table) == expected


LEVELS = {
    "three grades": (
        "{ id = 'a', from = 80, to = 100 }, { id = 'b', from = 60, below = 80 }, { id = 'c', from = 0, below = 60 }",
        [],
    ),
    "80 in neither": ("{ id = 'a', above = 80, to = 100 }, { id = 'b', from = 0, below = 80 }", [("gap", "rate = 80")]),
    "80 in both": (
        "{ id = 'a', from = 80, to = 100 }, { id = 'b', from = 0, to = 80 }",
        [("overlap", "a", "b", "rate = 80")],
    ),
}


@pytest.mark.parametrize("name", LEVELS)
def test_levels_take_every_rate_once(name: str, tmp_path: Path) -> None:
    steps, expected = LEVELS[name]
    table = f"score = 'weight * j / 100'\n[levels.l]\nsteps = [{steps}]\n[facts.j]\nkind = 'judgement'\nlevels = 'l'\n"
    assert report(tmp_path, table) == expected

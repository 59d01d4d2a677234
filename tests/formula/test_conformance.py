"""Every row of the conformance data, through every number system."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perfrules import words
from perfrules.formula.reader import parse
from perfrules.formula.render import render
from perfrules.formula.systems import bounds, exact, intervals, kinds
from perfrules.formula.systems.exact import Unknown
from perfrules.rationals import Ratio

from .rows import Row, Vocabulary, rows

ROWS = rows()
SOUND = [row for row in ROWS if "error" not in row.asked]


def of(those: list[Row]) -> pytest.MarkDecorator:
    """Run a test once for each of some rows."""
    return pytest.mark.parametrize("row", those, ids=str)


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    """The facts that the rows read."""
    return Vocabulary(tmp_path_factory.mktemp("language"))


def reasons(value: Unknown) -> list[str]:
    """The reasons as the rows say them."""
    return sorted(f"{kind}:{about}" for kind, about in value.reasons)


def same(left: Any, right: Any) -> bool:
    """Whether two results are one: equal and of a kind, or unknown for the same reasons."""
    if isinstance(left, Unknown) and isinstance(right, Unknown):
        return left.reasons == right.reasons
    return kind_of(left) == kind_of(right) and bool(left == right)


def kind_of(value: Any) -> str:
    """What kind of thing an exact value is; no number system has floats."""
    kinds_of_values = {bool: "truth", str: "text", date: "date", Unknown: "unknown"}
    return "number" if type(value) in (int, Fraction, Ratio) else kinds_of_values[type(value)]


def lies_in(value: Any, outlook: Any) -> bool:
    """Whether an exact value is one of those that bounds allow."""
    match outlook:
        case intervals.Interval(low, high):
            return bool(low <= value <= high)
        case intervals.Truth():
            return outlook.true if value else outlook.false
        case intervals.Options(possible):
            return possible is None or value in possible
    return False


def as_said(outlook: Any) -> list[Any]:
    """Bounds as the rows say them: two ends, or the possible answers."""
    if isinstance(outlook, intervals.Interval):
        return list(outlook)
    assert isinstance(outlook, intervals.Truth)
    return [answer for answer, possible in ((True, outlook.true), (False, outlook.false)) if possible]


@of(SOUND)
def test_a_sound_formula_has_no_findings_and_its_kind(row: Row, vocabulary: Vocabulary) -> None:
    kind, findings = kinds.check(row.tree, vocabulary.kinds, wanted=row.asked.get("kind"), checks=row.in_check)
    assert not findings
    assert kind.name == row.asked.get("kind", kind.name)


@of([row for row in SOUND if "value" in row.asked])
def test_the_exact_value(row: Row, vocabulary: Vocabulary) -> None:
    value = exact.evaluate(row.tree, vocabulary.exact(row.facts))
    assert kind_of(value) == {"choice": "text"}.get(row.asked["kind"], row.asked["kind"])
    assert value == row.value


@of([row for row in SOUND if "value" in row.asked])
def test_a_known_value_is_its_own_bounds(row: Row, vocabulary: Vocabulary) -> None:
    outlook = bounds.evaluate(row.tree, vocabulary.bounds(row.facts))
    assert outlook == intervals.point(row.value) or (row.in_check and lies_in(row.value, outlook))


@of([row for row in SOUND if "unknown" in row.asked])
def test_an_unknown_value_has_its_reasons(row: Row, vocabulary: Vocabulary) -> None:
    value = exact.evaluate(row.tree, vocabulary.exact(row.facts))
    assert isinstance(value, Unknown)
    assert reasons(value) == row.reasons


@of([row for row in SOUND if "bounds" in row.asked])
def test_an_unknown_value_has_its_bounds(row: Row, vocabulary: Vocabulary) -> None:
    assert as_said(bounds.evaluate(row.tree, vocabulary.bounds(row.facts))) == row.bounds


@of([row for row in ROWS if "error" in row.asked])
def test_a_mistake_is_found_at_its_place(row: Row, vocabulary: Vocabulary) -> None:
    findings = vocabulary.findings(row)
    assert {finding.code for finding in findings} == {row.asked["error"]}
    span: Any = findings[0].values["span"]
    start, end = span
    assert row.asked.get("at", [start + 1, end + 1]) == [start + 1, end + 1]
    for language in words.LANGUAGES:
        assert row.asked.get("help", "") in findings[0].message(language) + findings[0].help(language)


@of(SOUND)
@pytest.mark.parametrize("system", [exact, bounds], ids=["exact", "bounds"])
def test_every_observed_node_is_in_the_tree(row: Row, system: Any, vocabulary: Vocabulary) -> None:
    tree, seen = row.tree, list[ast.expr]()
    names: Callable[[Any], dict[str, Any]] = vocabulary.exact if system is exact else vocabulary.bounds
    system.evaluate(tree, names(row.facts), observe=lambda step: seen.append(step[0]))
    assert {id(node) for node in seen} <= {id(node) for node in ast.walk(tree)}
    assert seen[-1] is tree


@of(SOUND)
def test_a_rendered_formula_is_read_as_itself(row: Row, vocabulary: Vocabulary) -> None:
    tree, names = row.tree, vocabulary.exact(row.facts)
    again = parse(render(tree)).tree
    assert ast.dump(again) == ast.dump(tree)
    assert same(exact.evaluate(again, names), exact.evaluate(tree, names))


def test_the_data_says_what_its_readme_says(project_root: Path) -> None:
    readme = (project_root / "tests" / "conformance" / "README.md").read_text(encoding="utf-8")
    used = {key for row in ROWS for key in row.asked}
    assert {key for key in used if f"`{key}`" not in readme and f"`{key} =" not in readme} == set()
    assert all(("value" in row.asked) + ("unknown" in row.asked) + ("error" in row.asked) == 1 for row in ROWS)

"""docs/json.md lists every field of `evaluate --json`, and nothing else, each with its type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import perfrules
from perfrules.evaluation.export import as_dict

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| `([\w.\[\]]+)` \| ([\w ]+) \| (.+) \|$", re.MULTILINE)
STEPS = re.compile(r"^(?:total|dimensions\[\]|values\[\]|indicators\[\])\.(?=steps\[\])")
OPEN = re.compile(r"(^|\.)(title|value|submitted)$|sources\[\]\.(cells|missing|unfilled)$")
"""Fields whose own keys are languages, items or columns."""

OF_EVERY_SHAPE = """
format = 1
[ruleset]
id = "test/shapes"
[scales.grade]
steps = [{ id = "high", from = 50 }, { id = "low", from = 0 }]
[facts.a]
kind = "number"
[facts.projects]
kind = "table"
[facts.projects.columns]
cost = { kind = "number" }
[facts.finished]
kind = "date"
range = [2023-01-01, 2023-12-31]
[values.double]
formula = "a * 2"
[values.large]
formula = "a > 2"
[dimensions.d]
scale = "grade"
[dimensions.within_d]
within = "d"
[indicators.banded]
dimension = "d"
weight = 10
value = "double"
target = ">= 1"
bands = [{ from = 1, score = "weight" }, { score = 0 }]
[indicators.absent]
dimension = "d"
weight = 5
applies = "large"
score = "weight"
[indicators.costly]
dimension = "within_d"
weight = 5
value = "sum(projects.cost)"
score = "clamp(value, 0, weight)"
[indicators.on_time]
dimension = "within_d"
weight = 5
value = "finished"
target = "<= 2023-06-30"
score = "weight if met else 0"
[indicators.unbounded]
dimension = "d"
weight = 5
score = "a / (a - 1)"
[checks.said]
assert = "known(a)"
[total]
scale = "grade"
"""


def exports(folder: Path) -> Iterator[dict[str, Any]]:
    for name in ("julu-2022", "langfang-2019"):
        yield as_dict(perfrules.evaluate(None, ROOT / "docs" / "examples" / name / "submission.toml"))
    yield as_dict(perfrules.evaluate(None, ROOT / "docs" / "examples" / "department" / "department.toml"))
    lacking = {"path": "a.toml", "missing": {"score": ["missing:x"]}, "unread": ["not-toml"]}
    rows = {"facts": {"projects": {"submissions": [lacking]}}}
    yield as_dict(perfrules.evaluate(ROOT / "docs" / "examples" / "department", rows))
    for ruleset in ("department-overall-2013", "project-self-evaluation-2020"):
        yield as_dict(perfrules.evaluate(None, ROOT / "rulesets" / "cn" / ruleset / "examples" / "full.toml"))
    path = folder / "ruleset.toml"
    path.write_text(OF_EVERY_SHAPE, encoding="utf-8")
    submission = {"facts": {"a": 1, "projects": [{"cost": 2}], "finished": "2023-05-01"}, "claims": {"grade": "low"}}
    yield as_dict(perfrules.evaluate(path, submission))
    yield as_dict(perfrules.evaluate(path, {}))


def fields(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each field of an export with its value."""
    if isinstance(data, dict) and not OPEN.search(path):
        if "note" in path.split("."):
            yield path, data
        for key, value in data.items():
            yield from fields(value, f"{path}.{key}" if path else key)
        return
    yield path, data
    if isinstance(data, list) and not OPEN.search(path):
        for entry in data:
            yield from fields(entry, f"{path}[]")


def is_a(kind: str, value: Any) -> bool:
    """Whether a value is of a type that the page names."""
    kind, _, null = kind.partition(" or ")
    if value is None:
        return bool(null)
    if kind == "number":
        return isinstance(value, str) and Fraction(value) is not None
    if kind == "title":
        return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    types = {"text": str, "list": list, "object": dict, "truth value": bool, "any": object}
    return isinstance(value, types[kind])


@pytest.fixture(scope="module")
def page() -> dict[str, str]:
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    return {path: kind for path, kind, _ in ROW.findall(text)}


def test_the_page_lists_every_field_and_no_other(page: dict[str, str], tmp_path: Path) -> None:
    found = {STEPS.sub("", path) for export in exports(tmp_path) for path, _ in fields(export)}
    entries = {path for path in found if path.endswith("[]") and any(other.startswith(f"{path}.") for other in found)}
    assert found - entries == set(page)


def test_each_field_is_of_its_type(page: dict[str, str], tmp_path: Path) -> None:
    wrong = {
        f"{path} is {value!r}, not {kind}"
        for export in exports(tmp_path)
        for path, value in fields(export)
        if (kind := page.get(STEPS.sub("", path))) and not is_a(kind, value)
    }
    assert not wrong

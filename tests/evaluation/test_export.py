"""The shape of `evaluate --json`: keys, types, numbers as text; and that every evaluation has it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perfrules import __version__, evaluate
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import as_dict, safe

from .small import facts, row, ruleset

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+|/[1-9][0-9]*)?")
TEXT, TRUTH = "text", "truth"
"""A leaf of the shapes below: a text, or a truth value."""


class Maybe(tuple[Any, ...]):
    """A shape, or null."""

    __slots__ = ()


def maybe(shape: Any) -> Maybe:
    return Maybe((shape,))


EXACT = NUMBER
TITLE = {"*": TEXT}
STEPS = [{"of": TEXT, "text": TEXT, "span": maybe([int]), "value": object}]
SHAPE: dict[str, Any] = {
    "format": 1,
    "engine": f"perfrules {__version__}",
    "ruleset": {
        "id": TEXT, "title": TITLE, "digest": TEXT, "as_of": maybe(TEXT),
        "parts": [{"id": TEXT, "digest": TEXT, "role": ("parent", "ruleset", "overlay"), "effective": maybe(TEXT)}],
    },
    "submission": {"subject": TEXT, "period": TEXT, "prepared_by": TEXT, "source": TEXT, "digest": TEXT},
    "status": ("scored", "incomplete"),
    "total": maybe({
        "score": maybe(EXACT), "exact": maybe(EXACT), "weight": EXACT, "bounds": maybe([EXACT]), "grade": maybe(TEXT),
        "grades": [TEXT], "coverage": EXACT, "steps": STEPS,
    }),
    "dimensions": [{
        "id": TEXT, "within": maybe(TEXT), "title": TITLE,
        "status": ("scored", "missing", "undefined", "judged", "not_applicable"),
        "score": maybe(EXACT), "weight": EXACT, "bounds": maybe([EXACT]), "grade": maybe(TEXT), "steps": STEPS,
    }],
    "values": [{"id": TEXT, "value": object, "unit": maybe(TEXT), "steps": STEPS}],
    "indicators": [{
        "id": TEXT, "dimension": TEXT, "title": TITLE,
        "status": ("scored", "missing", "undefined", "judged", "not_applicable"),
        "value": object, "unit": maybe(TEXT), "target": maybe(TEXT), "met": maybe(TRUTH), "score": maybe(EXACT),
        "exact": maybe(EXACT), "weight": EXACT, "rate": maybe(EXACT), "bounds": maybe([EXACT]), "lost": maybe(EXACT),
        "missing": [TEXT], "because": [{"kind": ("missing", "zero", "judged", "no-band", "alternatives"), "about": TEXT}],
        "method": maybe(TEXT), "authority": maybe(TEXT), "band": maybe(int),
        "note": maybe({"reason": TEXT, "improvement": TEXT}), "steps": STEPS,
        "facts": [{
            "id": TEXT, "title": TITLE, "value": object, "unit": maybe(TEXT), "submitted": object, "source": maybe(TEXT),
            "note": maybe(TEXT), "by": maybe(TEXT), "level": maybe(TEXT), "missing": maybe(TEXT), "range": maybe([maybe(TEXT)]),
            "sources": [{
                "path": TEXT, "subject": TEXT, "ruleset": TEXT, "rules": TEXT, "digest": TEXT, "cells": object,
                "missing": object, "unfilled": object, "unread": [TEXT],
            }],
        }],
    }],
    "checks": [{
        "id": TEXT, "title": TITLE, "status": ("pass", "fail", "missing", "undefined"), "severity": ("error", "warning"),
        "difference": maybe(EXACT), "tolerance": EXACT,
    }],
    "claims": [{
        "about": TEXT, "claimed": TEXT, "derived": maybe(TEXT), "bounds": maybe([TEXT]),
        "verdict": ("confirmed", "refuted", "permitted", "unsupported"),
    }],
    "findings": [{
        "code": TEXT, "severity": ("error", "warning", "note"), "about": TEXT, "message": TEXT, "help": maybe(TEXT),
        "where": maybe(TEXT),
    }],
}  # fmt: skip


def differences(data: Any, shape: Any, path: str = "") -> Iterator[str]:
    """Where data is not of a shape."""
    match shape:
        case Maybe((inner,)):
            yield from differences(data, inner, path) if data is not None else ()
        case dict() if "*" in shape:
            yield from (f"{path}.{key}" for key, value in data.items() if not isinstance(value, str))
        case dict():
            if not isinstance(data, dict) or set(data) != set(shape):
                yield f"{path}: {sorted(set(data) ^ set(shape)) if isinstance(data, dict) else data}"
            else:
                for key, inner in shape.items():
                    yield from differences(data[key], inner, f"{path}.{key}")
        case [inner]:
            if not isinstance(data, list):
                yield f"{path}: no list"
            else:
                for index, item in enumerate(data):
                    yield from differences(item, inner, f"{path}[{index}]")
        case _ if not fits(data, shape):
            yield f"{path}: {data!r}"


def fits(data: Any, shape: Any) -> bool:
    if isinstance(shape, re.Pattern):
        return isinstance(data, str) and shape.fullmatch(data) is not None
    if isinstance(shape, tuple):
        return data in shape
    if shape is object:
        return not isinstance(data, float) and (isinstance(data, bool) or not isinstance(data, int))
    if shape in (TEXT, TRUTH):
        return isinstance(data, str if shape == TEXT else bool)
    return isinstance(data, int) if shape is int else bool(data == shape)


def exported(evaluation: Evaluation) -> dict[str, Any]:
    """What a reader of the JSON gets."""
    data = json.loads(json.dumps(as_dict(evaluation), allow_nan=False))
    assert list(differences(data, SHAPE)) == []
    assert isinstance(data, dict)
    return data


EVERYTHING = """
[levels.grades]
steps = [ { id = "high", from = 80, to = 100 }, { id = "low", from = 0, below = 80 } ]
[facts.effect]
kind = "judgement"
levels = "grades"
[facts.list]
kind = "checklist"
items = { x = "x", y = "y" }
[facts.rating]
kind = "choice"
choices = { A = "A", B = "B" }
[facts.projects]
kind = "table"
columns = { name = { kind = "text" }, budget = { kind = "amount" } }
[values.third]
formula = "a / 3"
unit = "份"
[values.yes]
formula = "a > 1"
[scales.grade]
steps = [ { id = "good", from = 50 }, { id = "poor", from = 0 } ]
[methods.m]
title = { zh = "方法" }
score = "weight if met else 0"
[dimensions.top]
scale = "grade"
[dimensions.d]
title = { zh = "维度", en = "dimension" }
within = "top"
"""
EVERYTHING = facts(a="number", b="number 0 10", yes_no="truth", day="date") + EVERYTHING
EVERYTHING += (
    row("third", value="third", score="value")
    + row("met", value="a", target=">= b", method="m", unit="人", authority="a text", note_when="value > 0")
    + row("day", score="weight if day <= '2023-09-01' else 0")
    + row("banded", value="b", bands='[ { to = 5, score = 1 }, { above = 7, score = "weight" } ]')
    + row("zero", score="10 / b")
    + row("effect", score="weight * effect / 100")
    + row("share", value="share(list)", score="weight * value / 100")
    + row("rated", value="rating", score="weight if value == 'A' else 0")
    + row("table", score="min(weight, sum(projects.budget))")
    + row("hidden", score="weight", applies="yes_no")
    + '[adjustments.cap]\neach = "total"\nscore = "min(earned, 90)"\n'
    + '[checks.c]\nequal = ["a", "b"]\ntolerance = 100\n[checks.e]\nassert = "a > b"\n[total]\nscale = "grade"\n'
)
RULES = ruleset(EVERYTHING)
GIVEN: list[dict[str, Any]] = [
    {},
    {"a": 2},
    {"a": 0.1, "b": 0, "day": date(2023, 9, 1), "yes_no": False, "list": {"x": True}, "rating": "A", "effect": {"level": "high"}},
    {"a": Decimal("1.10"), "b": 6, "yes_no": True, "list": {"x": True, "y": False}, "effect": {"level": "low", "rate": 5, "by": "we"},
     "projects": [{"name": "x", "budget": Fraction(1, 3)}, {"name": "y"}]},
    {"a": {"missing": "why"}, "b": {"value": 8, "source": "p", "note": "n"}, "projects": [{"budget": 1}], "rating": "B"},
]  # fmt: skip


@pytest.mark.parametrize("given", GIVEN, ids=str)
def test_every_evaluation_has_the_shape(given: dict[str, Any]) -> None:
    claims = {
        "total": 50,
        "grade": "good",
        "indicators": {"third": 0.67},
        "weights": {"met": 10},
        "values": {"third": 1},
    }
    notes = {"met": {"reason": "r", "improvement": "i"}}
    exported(evaluate(RULES, {"facts": given, "claims": claims, "notes": notes}))
    exported(evaluate(RULES, given))


def test_the_two_real_runs_have_the_shape(project_root: Path) -> None:
    for name in ("julu-2022", "langfang-2019"):
        exported(evaluate(None, project_root / "docs" / "examples" / name / "submission.toml"))


def test_a_ruleset_without_a_total_has_none() -> None:
    data = exported(
        evaluate(ruleset(facts(a="number") + "[dimensions.d]\n" + row(score="a") + "[total]\nnone = true\n"), {})
    )
    assert data["total"] is None


def by_id(data: dict[str, Any], section: str) -> dict[str, Any]:
    return {item["id"]: item for item in data[section]}


def test_numbers_are_texts_exact_where_they_end_and_fractions_where_they_do_not() -> None:
    data = exported(evaluate(RULES, {"a": 2, "b": 8}))
    values, rows = by_id(data, "values"), by_id(data, "indicators")
    assert values["third"]["value"] == "2/3"
    assert values["yes"]["value"] is True
    third = rows["third"]
    assert (third["value"], third["score"], third["exact"], third["weight"], third["rate"], third["lost"]) == (
        "2/3", "0.67", "0.67", "10", "6.7", "9.33",
    )  # fmt: skip
    assert (rows["met"]["met"], rows["met"]["target"], rows["met"]["method"]) == (False, ">= b", "m")
    assert (rows["banded"]["band"], rows["third"]["band"]) == (2, None)
    assert rows["zero"]["score"] == "1.25"


def test_what_is_not_known_is_null_with_reasons() -> None:
    rows = by_id(exported(evaluate(RULES, {"b": 0, "effect": {"level": "high"}})), "indicators")
    assert rows["third"]["value"] is rows["third"]["score"] is rows["third"]["exact"] is rows["third"]["rate"] is None
    assert rows["third"]["missing"] == ["a"]
    assert rows["third"]["because"] == [{"kind": "missing", "about": "a"}]
    assert rows["zero"]["because"] == [{"kind": "zero", "about": "b"}]
    assert (rows["effect"]["status"], rows["effect"]["bounds"]) == ("judged", ["8.00", "10.00"])
    assert rows["third"]["bounds"] is None  # a has no range


def test_a_choice_a_date_and_a_checklist_are_given_as_they_are() -> None:
    given = {"rating": "A", "day": "2023-09-01", "list": {"x": True}}
    rows = by_id(exported(evaluate(RULES, given)), "indicators")
    assert rows["rated"]["value"] == "A"
    assert rows["day"]["facts"][0]["value"] == "2023-09-01"
    (used,) = rows["share"]["facts"]
    assert (used["value"], used["submitted"]) == ({"x": True, "y": None}, {"x": True})


def test_what_was_submitted_is_kept_beside_what_it_was_read_as() -> None:
    text = '[units]\n"万元" = "10000 元"\n[facts.a]\nkind = "amount"\nunit = "万元"\nrange = [0, 100]\n[dimensions.d]\n'
    data = exported(evaluate(ruleset(text + row(score="min(weight, a)")), {"a": {"value": 5000.5, "unit": "元"}}))
    (used,) = data["indicators"][0]["facts"]
    assert (used["value"], used["submitted"], used["unit"], used["range"]) == (
        "0.50005",
        "5000.5",
        "万元",
        ["0", "100"],
    )


def test_a_fact_says_why_it_is_missing_and_none_where_it_is_there() -> None:
    rows = by_id(exported(evaluate(RULES, {"facts": {"a": {"missing": "not said"}, "b": 1}})), "indicators")
    used = {one["id"]: one["missing"] for one in rows["met"]["facts"]}
    assert used == {"a": "not said", "b": None}
    assert by_id(exported(evaluate(RULES, {})), "indicators")["zero"]["facts"][0]["missing"] == ""


def test_the_spans_of_steps_cut_out_of_the_formula_what_they_say(project_root: Path) -> None:
    path = project_root / "docs" / "examples" / "langfang-2019" / "submission.toml"
    for one in exported(evaluate(None, path))["indicators"]:
        steps = one["steps"]
        wholes = [step["text"] for step in steps if step["span"] and step["span"] == [0, len(step["text"])]]
        for step in steps:
            if step["span"]:
                start, end = step["span"]
                assert any(whole[start:end].replace(" ", "") == step["text"].replace(" ", "") for whole in wholes)


def test_findings_speak_the_language_asked_for() -> None:
    evaluation = evaluate(RULES, {"b": 11})
    for lang, word in (("zh", "按缺少处理"), ("en", "counts as missing")):
        messages = [finding["message"] for finding in as_dict(evaluation, lang)["findings"]]
        assert any(word in message for message in messages)


def test_nothing_that_cannot_be_encoded_leaves() -> None:
    assert safe({"\ud800": ["x\udfff", "😀", 5, None]}) == {"\\ud800": ["x\\udfff", "😀", 5, None]}

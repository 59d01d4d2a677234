"""The JSON Schemas that editors use: every file of ours fits them, and the usual slips do not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli
from commands import run
from jsonschema import Draft202012Validator

from perfrules import load, words
from perfrules.cases import run as cases
from perfrules.evaluation import submission
from perfrules.report.schema import schema
from perfrules.ruleset import model

ROOT = Path(__file__).resolve().parents[2]
BROKEN = ROOT / "tests" / "ruleset" / "broken"
FILES = sorted([*(ROOT / "rulesets").rglob("*.toml"), *(ROOT / "docs" / "examples").rglob("*.toml")])


def data_of(path: Path) -> Any:
    """A TOML file as an editor gives it to a validator: dates are texts."""
    return json.loads(json.dumps(tomli.loads(path.read_text(encoding="utf-8-sig")), default=str))


def kind_of(path: Path, data: Any) -> str:
    if path.parent.name == "cases":
        return "cases"
    return "submission" if "submission" in data or ("facts" in data and "ruleset" not in data) else "ruleset"


def complaints(of: str, data: Any) -> list[str]:
    validator = Draft202012Validator(schema(of, "en"))  # type: ignore[arg-type]
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(data)]


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("of", ["ruleset", "submission", "cases"])
def test_a_schema_is_one_and_every_key_says_what_it_is(of: str, lang: str) -> None:
    made = json.loads(run("schema", "--of", of, "--lang", lang).out)
    Draft202012Validator.check_schema(made)
    assert made["$id"] == f"urn:perfrules:{of}:1"
    said = [part["description"] for part in every_table(made) for part in part["properties"].values()]
    assert len(said) > 10
    assert all(said)
    assert all(re.search("[\u4e00-\u9fff]", text) for text in said) is (lang == "zh")


def every_table(part: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema that names its keys."""
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict) and part.get("additionalProperties") is False:
            yield part
        for inner in part.values():
            yield from every_table(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from every_table(inner)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_the_library_fits(path: Path) -> None:
    data = data_of(path)
    assert complaints(kind_of(path, data), data) == []


def test_an_example_fits_the_schema_of_its_own_ruleset() -> None:
    for name in ("julu-2022", "langfang-2019"):
        folder = ROOT / "docs" / "examples" / name
        made = schema("submission", "zh", load(folder))
        data = data_of(folder / "submission.toml")
        assert [error.message for error in Draft202012Validator(made).iter_errors(data)] == []
        data["facts"]["staff_in_pots"] = 5
        assert [error.json_path for error in Draft202012Validator(made).iter_errors(data)] == ["$.facts"]


# -- what must not fit ---------------------------------------------------------------------------------------------

SLIPS = [
    "another-format", "bad-ids", "bad-ruleset-id", "checks", "empty", "header-is-no-table", "missing-keys", "no-format",
    "no-header", "not-one-of", "reserved-names", "scale-steps", "tables-that-are-none", "unknown-keys-at-the-top",
    "unknown-keys-everywhere", "weights-missing-and-negative", "wrong-numbers", "wrong-types",
]  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_ruleset_with_unknown_keys_or_wrong_shapes_does_not_fit(name: str) -> None:
    assert complaints("ruleset", data_of(BROKEN / f"{name}.toml"))


HEAD: dict[str, Any] = {"format": 1, "ruleset": {"id": "x"}}


@pytest.mark.parametrize(
    "more",
    [
        {"factz": {}},
        {"facts": {"a": {"kind": "numbr"}}},
        {"facts": {"a": {"kind": "number", "rnage": [0, 1]}}},
        {"facts": {"a": {"kind": "number", "range": [0]}}},
        {"facts": {"a": {}}},
        {"facts": {"weight": {"kind": "number"}}},
        {"facts": {"a b": {"kind": "number"}}},
        {"facts": {"1a": {"kind": "number"}}},
        {"facts": []},
        {"indicators": {"a": {"weight": 5}}},
        {"indicators": {"a": {"dimension": "d", "weight": "5"}}},
        {"indicators": {"a": {"dimension": "d", "title": 5}}},
        {"indicators": {"a": {"dimension": "d", "bands": [{"form": 5, "score": 1}]}}},
        {"indicators": {"a": {"dimension": "d", "bands": [{"from": 5}]}}},
        {"indicators": {"a": {"weight": 5, "replaces": True}}},
        {"dimensions": {"d": {"not_applicable": "skip"}}},
        {"scales": {"g": {"steps": [{"id": "x", "from": 0, "when": "a"}]}}},
        {"scales": {"g": {"steps": []}}},
        {"checks": {"c": {"equal": ["a"]}}},
        {"rounding": {"score": 11}},
        {"total": {"none": "yes"}},
    ],
    ids=str,
)
def test_a_slip_in_a_ruleset_does_not_fit(more: dict[str, Any]) -> None:
    assert complaints("ruleset", HEAD) == []
    assert complaints("ruleset", {**HEAD, **more})


def test_a_part_that_changes_a_parents_may_be_partial() -> None:
    assert complaints("ruleset", {**HEAD, "indicators": {"a": {"weight": 5, "replaces": ["weight"]}}}) == []
    assert complaints("ruleset", {**HEAD, "facts": {"人数": {"kind": "count"}, "_a1": {"kind": "text"}}}) == []


@pytest.mark.parametrize(
    "data",
    [
        {"submision": {}},
        {"submission": {"subjct": "x"}},
        {"facts": {"a": {"value": 5, "soruce": "x"}}},
        {"facts": {"a": {"value": 5, "missing": "x"}}},
        {"facts": {"a": {"source": "x"}}},
        {"facts": {"a": {"rate": 5}}},
        {"claims": {"total": "x"}},
        {"claims": {"indicators": {"a": "x"}}},
        {"notes": {"a": {"raeson": "x"}}},
        {"narrative": {"overview": 5}},
        {"narrative": {"overveiw": "x"}},
    ],
    ids=str,
)
def test_a_slip_in_a_submission_does_not_fit(data: dict[str, Any]) -> None:
    assert complaints("submission", data)


@pytest.mark.parametrize(
    "case",
    [
        {}, {"expect": {"totl": 5}}, {"expect": {}, "sett": {}}, {"expect": {"bounds": [1]}},
        {"expect": {"statuses": {"a": "scord"}}}, {"expect": {"verdicts": {"total": "right"}}}, {"expect": {"grade": 5}},
    ],
    ids=str,
)  # fmt: skip
def test_a_slip_in_a_case_does_not_fit(case: dict[str, Any]) -> None:
    assert complaints("cases", {"case": [{"expect": {"total": 5}}]}) == []
    assert complaints("cases", {"case": [case]})


# -- the keys are those that the readers take ----------------------------------------------------------------------


def test_the_keys_of_a_ruleset_are_those_of_its_models() -> None:
    made = schema("ruleset", "en")
    assert set(made["properties"]) == set(model.Declaration.model_fields)
    for name, part in made["$defs"].items():
        fields = getattr(model, name).model_fields
        assert set(part["properties"]) == {field.alias or key for key, field in fields.items()}
    parts = {part.__name__ for part in vars(model).values() if isinstance(part, type) and issubclass(part, model.Part)}
    assert set(made["$defs"]) == parts - {"Part", "Named", "Declaration"}


def test_the_keys_of_a_submission_and_of_cases_are_those_that_their_readers_take() -> None:
    made = schema("submission", "en")["properties"]
    assert tuple(made) == submission._TABLES
    assert tuple(made["submission"]["properties"]) == submission.HEADER
    assert tuple(made["claims"]["properties"]) == submission._CLAIMED
    assert tuple(made["notes"]["additionalProperties"]["properties"]) == submission._NOTED
    given = made["facts"]["additionalProperties"]["anyOf"][1]
    assert tuple(given["properties"]) == submission._GIVEN
    assert {one["required"][0] for one in given["oneOf"]} == submission._SAID
    case = schema("cases", "en")["properties"]["case"]["items"]
    assert tuple(case["properties"]) == cases._KEYS
    assert tuple(case["properties"]["expect"]["properties"]) == tuple(cases._EXPECTED)


def test_every_kind_of_fact_has_a_schema_of_its_value(tmp_path: Path) -> None:
    from .test_forms import EVERY_KIND, answers

    (tmp_path / "ruleset.toml").write_text(EVERY_KIND, encoding="utf-8")
    ruleset = load(tmp_path)
    made = schema("submission", "zh", ruleset)
    Draft202012Validator.check_schema(made)
    validator = Draft202012Validator(made)
    given = json.loads(json.dumps(answers(ruleset), default=str))
    assert [error.message for error in validator.iter_errors({"facts": given})] == []
    wrong: dict[str, Any] = {
        "spent": "5", "delta": 6, "share_": 101, "open": 1, "rating": "C", "remark": 5, "清单": {"isued": True},
        "effect": {"level": "hihg"}, "projects": [{"budget": "x"}], "unheard": 1,
    }  # fmt: skip
    for name, value in wrong.items():
        assert list(validator.iter_errors({"facts": {name: value}})), name
    assert not list(validator.iter_errors({"facts": {"spent": {"value": -5, "unit": "元"}}}))

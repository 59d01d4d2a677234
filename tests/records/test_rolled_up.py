"""The record of a department verifies without its projects, and shows when a row of it was changed."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from projects import department, project

from perfrules import evaluate, verify
from perfrules.evaluation.portfolio import portfolio
from perfrules.records.record import load_record
from perfrules.records.whatif import changed


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    files = {
        "p1.toml": project(30_000, 20_000, "甲"),
        "p2.toml": project(7_000, 4_001),
        "p3.toml": project(1, None),
        "p4.toml": "[",
    }
    evaluation = evaluate(None, department(tmp_path / "files", files))
    evaluation.save(tmp_path / "record.json")
    shutil.rmtree(tmp_path / "files")
    return tmp_path / "record.json"


def test_a_record_derives_again_without_the_projects(recorded: Path) -> None:
    assert verify(recorded) == ()
    found = load_record(recorded).evaluation()
    assert [source.path for source in found.facts.sources["projects"]] == ["p1.toml", "p2.toml", "p3.toml", "p4.toml"]
    assert found.facts.sources["projects"][0].cells["rate"] == Fraction(200, 3)
    assert [finding.code for finding in found.findings] == ["row-unread"]


@pytest.mark.parametrize(("old", "new"), [("200/3", "250/3"), ("p1.toml", "p9.toml"), ("甲", "乙")])
def test_a_row_that_was_changed_is_found(old: str, new: str, recorded: Path) -> None:
    text = recorded.read_text(encoding="utf-8")
    assert old in text
    recorded.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert "record-differs" in [finding.code for finding in verify(recorded)]


def test_a_project_may_be_a_record_that_holds(tmp_path: Path) -> None:
    path = department(tmp_path, {"p1.toml": project(subject="甲")}, '["p1.json"]')
    evaluate(None, tmp_path / "p1.toml").save(tmp_path / "p1.json")
    (tmp_path / "p1.toml").unlink()
    assert evaluate(None, path)["mean"].value == 90
    assert [entry.subject for entry in portfolio(tmp_path).projects] == ["甲"]
    text = (tmp_path / "p1.json").read_text(encoding="utf-8")
    (tmp_path / "p1.json").write_text(text.replace('"score":"90.00"', '"score":"99.00"'), encoding="utf-8")
    found = evaluate(None, path)
    assert found.facts.sources["projects"][0].unread == ("record-differs",)


def test_other_facts_may_be_tried_on_a_department(tmp_path: Path) -> None:
    found = evaluate(None, department(tmp_path, {"p1.toml": project()}))
    rows = {"projects": [{"name": "x", "funds": 1, "rate": 50, "score": 50}]}
    assert changed(found, rows)["mean"].value == 50

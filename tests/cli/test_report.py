"""The command `report`: which file it writes by which ending, what it refuses, and how it ends."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from commands import run

from perfrules import evaluate
from perfrules.report.document import document
from perfrules.report.narrated import report_text

JULU = "docs/examples/julu-2022/submission.toml"
FULL = "rulesets/cn/project-self-evaluation-2020/examples/full.toml"


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch, project_root: Path) -> None:
    monkeypatch.chdir(project_root)


@pytest.mark.parametrize(("submission", "status"), [(JULU, 1), (FULL, 0)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_ends_as_evaluate_does_and_prints_nothing(submission: str, status: int, lang: str, tmp_path: Path) -> None:
    path = tmp_path / "report.MD"
    assert run("report", submission, "-o", path, "--lang", lang) == (status, "", "")
    assert path.read_text(encoding="utf-8") == report_text(evaluate(None, submission), lang)
    assert [file.name for file in tmp_path.iterdir()] == ["report.MD"]


def test_a_word_document_by_its_ending(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    assert run("report", JULU, "-o", path, "--lang", "zh").status == 1
    assert path.read_bytes() == document(evaluate(None, JULU), "zh")


def test_a_record_is_reported_as_its_submission(tmp_path: Path) -> None:
    record, path = tmp_path / "record.json", tmp_path / "report.md"
    evaluate(None, JULU).save(record)
    assert run("report", record, "-o", path, "--lang", "zh").status == 1
    ours, theirs = (
        text.splitlines() for text in (path.read_text(encoding="utf-8"), report_text(evaluate(None, JULU), "zh"))
    )
    assert [line for line in ours if line not in theirs] == [line for line in ours if "`perfrules e" in line]


def test_an_overlay_and_a_ruleset_are_laid_on_as_by_evaluate(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    plan = "rulesets/cn/project-self-evaluation-2020/examples/plan.toml"
    assert run("report", FULL, "--ruleset", plan, "--overlay", "cn/platform-caps", "-o", path).status <= 1
    assert "| `cn/platform-caps` | overlay |" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((JULU,), "it is not said which file to write"),
        ((JULU, "-o", "x.pdf"), "a report cannot be a file ending in `.pdf`"),
        ((JULU, "-o", "x"), "a report cannot be a file ending in ``"),
        (("docs/examples", "-o", "x.docx"), "a report cannot be a file ending in `.docx`"),
        (("nothing.toml", "-o", "x.md"), "there is no such file"),
        ((JULU, "-o", "nowhere/x.md"), "cannot write"),
    ],
    ids=str,
)
def test_what_cannot_be_written_is_a_finding(given: tuple[str, ...], said: str) -> None:
    found = run("report", *given, "--lang", "en")
    assert (found.status, found.out) == (2, "")
    assert said in found.err
    assert not Path("x.md").exists()


@pytest.mark.parametrize(
    ("ending", "module", "function"),
    [(".html", "perfrules.report.page", "page"), (".xlsx", "perfrules.report.live", "live_workbook")],
)
def test_pages_and_workbooks_are_asked_of_those_who_make_them(
    ending: str, module: str, function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"report{ending}"
    made: dict[str, Any] = {".html": "<p>页</p>", ".xlsx": b"\0PK"}
    stand_in = ModuleType(module)
    setattr(
        stand_in,
        function,
        lambda evaluation, lang: made[ending] if lang == "zh" and evaluation["execution_rate"] else "",
    )
    monkeypatch.setitem(sys.modules, module, stand_in)
    assert run("report", FULL, "-o", path, "--lang", "zh").status == 0
    assert path.read_bytes() == (made[ending] if ending == ".xlsx" else made[ending].encode())


@pytest.mark.parametrize("ending", [".html", ".xlsx"])
def test_a_folder_goes_to_the_portfolio(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    stand_in = ModuleType("perfrules.commands.portfolio")

    def report(arguments: Any, face: Any) -> int:
        asked.append((arguments.submission, face.output))
        return 1

    stand_in.report = report  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "perfrules.commands.portfolio", stand_in)
    assert run("report", tmp_path, "-o", tmp_path / f"all{ending}").status == 1
    assert asked == [(str(tmp_path), tmp_path / f"all{ending}")]

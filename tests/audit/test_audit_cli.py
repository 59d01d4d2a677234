"""`audit` as people use it: one form, a folder of forms, a submission; both languages, several widths, files, JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli
from commands import run

from audit import filled, printed
from perfrules import words
from perfrules.errors import width

NATIONAL = ("--ruleset", filled.NATIONAL)
CASES = "tests/audit/cases"
JULU = "docs/examples/julu-2022/submission.toml"

Golden = Callable[[Path, str], None]


@pytest.fixture(autouse=True)
def _at_the_root(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project_root)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


RUNS: dict[str, tuple[str, ...]] = {
    "zhongjiang": (f"{CASES}/zhongjiang-2022.toml", *NATIONAL),
    "yongde": (f"{CASES}/yongde-2022.toml", *NATIONAL),
    "huangshi": (f"{CASES}/huangshi-2022.toml", "--ruleset", "cn/project-self-evaluation-2020-hubei"),
    "julu": (JULU,),
    "folder": (CASES, *NATIONAL),
}


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("name", RUNS)
def test_an_audit_reads_as_shown(name: str, lang: str, golden: Golden) -> None:
    ran = run("audit", *RUNS[name], "--lang", lang)
    assert (ran.status, ran.err) == (1, "")
    text = "\n".join(line.rstrip() for line in ran.out.split("\n"))
    golden(Path(__file__).parent / "golden" / f"audit-{name}.{lang}.txt", text)


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("columns", [60, 80, 140])
@pytest.mark.parametrize("name", RUNS)
def test_an_audit_fits_the_terminal(name: str, columns: int, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = run("audit", *RUNS[name], "--lang", lang).out
    assert [line for line in out.split("\n") if width(line) > columns] == []


def test_a_sound_form_ends_with_0(tmp_path: Path) -> None:
    ran = run("audit", filled.write(tmp_path / "form.toml"), *NATIONAL, "--lang", "zh")
    assert (ran.status, ran.err) == (0, "")
    assert "没有发现问题" in ran.out


def test_a_form_without_a_ruleset_is_refused() -> None:
    ran = run("audit", f"{CASES}/yongde-2022.toml", "--lang", "en")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("[no-ruleset] nothing says which framework")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("form.toml", b"not toml", "not-toml"), ("form.csv", b"a,b\n1,2\n", "form-unread"),
        ("form.xlsx", b"PK no", "not-xlsx"), ("form.txt", b"", "no-file"), ("form.json", b"[]", "not-json"),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused(name: str, content: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    ran = run("audit", tmp_path / name, *NATIONAL, "--lang", "en")
    assert (ran.status, ran.out) == (2, "")
    assert f"[{code}]" in ran.err


def test_json_has_the_rows_groups_total_and_findings() -> None:
    ran = run("audit", *RUNS["zhongjiang"], "--json", "--lang", "en")
    data = json.loads(ran.out)
    assert (ran.status, data["format"], data["total"]["printed"], data["total"]["by_rule"]) == (1, 1, "100", "110.00")
    assert [len(data[name]) for name in ("rows", "groups", "findings")] == [10, 10, 12]
    echo = next(one for one in data["findings"] if one["code"] == "actual-echoes-target")
    assert echo["where"] == f"{CASES}/zhongjiang-2022.toml:29:1"


def test_as_toml_prints_both_files_or_writes_them_into_a_folder(tmp_path: Path) -> None:
    printed_ = run("audit", *RUNS["yongde"], "--as-toml", "--lang", "zh").out
    written = run("audit", *RUNS["yongde"], "--as-toml", "--lang", "zh", "-o", tmp_path / "read")
    plan, submission = (tmp_path / "read" / name for name in ("plan.toml", "submission.toml"))
    assert (written.status, written.out, written.err) == (0, "", "")
    assert plan.read_text(encoding="utf-8").strip() in printed_
    assert tomli.loads(submission.read_text(encoding="utf-8"))["claims"]["total"] == 96
    scored = run("evaluate", submission, "--json")
    assert json.loads(scored.out)["total"]["bounds"] == ["97.80", "99.80"]


@pytest.mark.parametrize("forms", [(JULU,), (CASES, *NATIONAL)], ids=["submission", "folder"])
def test_as_toml_is_of_one_form(forms: tuple[str, ...]) -> None:
    ran = run("audit", *forms, "--as-toml", "--lang", "en")
    assert (ran.status, ran.out) == (2, "")
    assert "[bad-value] --as-toml takes one form" in ran.err


def test_a_folder_is_one_line_a_form_and_says_what_it_could_not_read(tmp_path: Path) -> None:
    for name in ("zhongjiang-2022", "yongde-2022"):
        printed.write_xlsx(printed.page(printed.load(name)), tmp_path / f"{name}.xlsx")
    filled.write(tmp_path / "sound.toml")
    (tmp_path / "broken.csv").write_bytes(b"a,b\n")
    (tmp_path / "~$zhongjiang-2022.xlsx").write_bytes(b"lock")
    (tmp_path / "notes.txt").write_bytes(b"")
    ran = run("audit", tmp_path, *NATIONAL, "--json", "--lang", "en")
    forms = json.loads(ran.out)["forms"]
    assert ran.status == 2
    assert [(one["file"], one["errors"], one["by_rule"]) for one in forms] == [
        ("zhongjiang-2022.xlsx", 2, "110"), ("yongde-2022.xlsx", 1, "99.8"), ("sound.toml", 0, "99"),
        ("broken.csv", 0, None),
    ]  # fmt: skip
    assert [one["code"] for one in forms[-1]["unread"]] == ["form-unread"]
    shown = run("audit", tmp_path, *NATIONAL, "--lang", "en").out
    assert "4 forms: 2 with findings, 1 without, 1 could not be read" in shown


def test_several_forms_are_a_table_too() -> None:
    ran = run("audit", f"{CASES}/yongde-2022.toml", f"{CASES}/pudong-2018.toml", *NATIONAL, "--lang", "en")
    assert ran.status == 1
    assert "2 forms: 1 with findings, 1 without, 0 could not be read" in ran.out


def test_a_folder_without_forms_is_refused(tmp_path: Path) -> None:
    ran = run("audit", tmp_path, *NATIONAL, "--lang", "en")
    assert (ran.status, ran.out) == (2, "")
    assert "[no-file] there is no form in the folder" in ran.err


def test_names_from_a_form_are_never_markup_or_escapes(tmp_path: Path) -> None:
    evil = "[bold red]x[/] \x1b[2J\u202e{0}"
    filled.write(tmp_path / "form.toml", row_0={"name": evil, "actual": "≥20公里"}, form={"title": evil})
    ran = run("audit", tmp_path / "form.toml", *NATIONAL, "--lang", "en")
    assert ran.status == 1
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert "[bold red]x[/]" in ran.out
    shutil.copy(tmp_path / "form.toml", tmp_path / "[red]y.toml")
    assert "[red]y.toml" in run("audit", tmp_path, *NATIONAL, "--lang", "en").out


def test_an_audit_is_written_whole_into_a_file(tmp_path: Path) -> None:
    ran = run("audit", *RUNS["yongde"], "--lang", "zh", "-o", tmp_path / "audit.txt")
    assert (ran.status, ran.out) == (1, "")
    assert "按规则 99.8" in (tmp_path / "audit.txt").read_text(encoding="utf-8")

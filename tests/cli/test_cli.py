"""The command line as people use it: every command in both languages and at several widths, statuses, files, pipes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import run

from perfrules import __version__, evaluate, load, words
from perfrules.errors import width
from perfrules.ruleset.library import Ruleset, paths
from perfrules.ruleset.resolve import is_overlay
from perfrules.ruleset.toml import read

JULU = "docs/examples/julu-2022/submission.toml"
LANGFANG = "docs/examples/langfang-2019/submission.toml"
DEPARTMENT = "cn/department-overall-2013"
PLAN = "rulesets/cn/project-self-evaluation-2020/examples/plan.toml"
FULL = "rulesets/cn/project-self-evaluation-2020/examples/full.toml"

COMMANDS: dict[str, int] = {
    f"evaluate {JULU}": 1,
    f"evaluate {LANGFANG}": 1,
    f"evaluate {FULL}": 0,
    f"evaluate {JULU} {LANGFANG}": 1,
    f"explain {JULU}": 0,
    f"explain {JULU} staffing_control_rate": 0,
    f"explain {JULU} budget_adjustment_rate": 0,
    f"explain {LANGFANG} project_funds": 0,
    f"explain {LANGFANG} output": 0,
    f"explain {LANGFANG} total": 0,
    f"check {DEPARTMENT}": 0,
    "check docs/examples/langfang-2019": 1,
    f"check {DEPARTMENT} docs/examples/langfang-2019": 1,
    f"show {DEPARTMENT}": 0,
    "show cn/project-self-evaluation-2020": 0,
    "show docs/examples/julu-2022": 0,
    "list": 0,
    f"template {PLAN}": 0,
    f"test {DEPARTMENT} docs/examples/julu-2022": 0,
}
"""Commands, and the status that each ends with."""

Golden = Callable[[Path, str], None]


@pytest.fixture(autouse=True)
def _at_the_root(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project_root)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


# -- what people see -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("columns", [60, 80, 140])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_fits_the_terminal(
    command: str, columns: int, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ran = run(*command.split(), "--lang", lang)
    assert (ran.status, ran.err) == (COMMANDS[command], "")
    assert ran.out.strip()
    assert "\x1b" not in ran.out
    if not command.startswith("template") and command.count("submission.toml") < 2:  # a file; one line a submission
        assert [line for line in ran.out.split("\n") if width(line) > columns] == []


SHOWN = {
    "evaluate-julu": f"evaluate {JULU}",
    "evaluate-langfang": f"evaluate {LANGFANG}",
    "explain-julu-staffing": f"explain {JULU} staffing_control_rate",
    "explain-julu-missing": f"explain {JULU} budget_adjustment_rate",
    "explain-langfang-row": f"explain {LANGFANG} project_funds",
    "explain-langfang-dimension": f"explain {LANGFANG} output",
    "explain-langfang-total": f"explain {LANGFANG}",
    "check-langfang": "check docs/examples/langfang-2019",
    "list": "list",
}


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("name", SHOWN)
def test_the_two_real_runs_read_as_shown(name: str, lang: str, golden: Golden) -> None:
    out = run(*SHOWN[name].split(), "--lang", lang).out
    text = "\n".join(line.rstrip() for line in out.split("\n"))
    golden(Path(__file__).parent / "golden" / f"{name}.{lang}.txt", text)


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_language_is_that_of_the_locale(
    variables: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert run("check", DEPARTMENT).out == run("check", DEPARTMENT, "--lang", lang).out
    assert run("check", "no/such").err == run("check", "no/such", "--lang", lang).err


# -- statuses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("evaluate absent.toml", "no-file", "absent.toml"),
        ("evaluate docs", "no-file", "there is no submission in the folder `docs`"),
        ("evaluate README.md", "no-file", "do not know how to read a file ending in `.md`"),
        (
            f"evaluate {JULU} --ruleset cn/department-overall-2031",
            "no-ruleset",
            "did you mean `cn/department-overall-2013`?",
        ),
        (f"evaluate {JULU} --ruleset absent.toml", "no-file", "absent.toml"),
        (f"evaluate {JULU} --ruleset {PLAN}", "unknown-fact", "staff_posts"),
        (f"explain {JULU} staffing_control_rat", "unknown-reference", "did you mean `staffing_control_rate`?"),
        (f"explain {JULU} xyz", "unknown-reference", "known: `goal_reasonableness`"),
        ("explain absent.toml", "no-file", "absent.toml"),
        ("check cn/department-overall", "", ""),
        ("check no/such", "no-ruleset", "known: `cn/department-overall-2013`"),
        ("check absent.toml", "no-file", "there is no such file or folder"),
        ("test docs/images", "no-ruleset", "there is no ruleset in the folder `docs/images`"),
        (f"check {JULU}", "unknown-key", "`submission` is not a key of the file"),
        ("show no/such", "no-ruleset", "no/such"),
        ("template no/such", "no-ruleset", "no/such"),
        ("test no/such", "no-ruleset", "no/such"),
        (f"show {DEPARTMENT} -o absent/folder/x.txt", "cannot-write", "there is no such file or folder"),
        (f"show {DEPARTMENT} -o docs", "cannot-write", "cannot write `docs`"),
    ],
)
def test_bad_input_ends_with_2_and_says_what_and_where(command: str, code: str, said: str) -> None:
    ran = run(*command.split(), "--lang", "en")
    if not code:  # a family, of which the latest is taken
        assert ran.status == 0
        return
    assert ran.status == 2
    assert f"[{code}]" in ran.out + ran.err
    assert said in " ".join((ran.out + ran.err).split())
    assert bool(ran.err) is not command.startswith("check")


@pytest.mark.parametrize("command", ["", "--help", "evaluate --help", "--version"])
def test_help_and_version_end_with_0(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["perfrules", *command.split()])
    ran = run(*command.split())
    assert ran.status == 0
    assert (__version__ if command == "--version" else "usage: perfrules") in ran.out


@pytest.mark.parametrize(
    "command",
    ["evalute x", "evaluate", "explain", "check", f"check {DEPARTMENT} --lang fr", "list --no-such", "show a b c"],
)
def test_a_command_that_is_not_understood_ends_with_2(command: str) -> None:
    ran = run(*command.split())
    assert ran.status == 2
    assert ran.err.startswith("usage:")


def test_every_command_says_what_it_does() -> None:
    listed = run("--help").out
    for command in ("evaluate", "explain", "check", "test", "show", "list", "template", "new", "schema"):
        assert re.search(rf"^\s+{command}\s+\S", listed, re.MULTILINE)
        assert "--lang" in run(command, "--help").out


# -- JSON ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if not command.startswith(("explain", "template"))]
)
def test_json_is_json_and_ends_with_the_same_status(command: str, lang: str) -> None:
    ran = run(*command.split(), "--json", "--lang", lang)
    assert (ran.status, ran.err) == (COMMANDS[command], "")
    assert isinstance(json.loads(ran.out), dict)


@pytest.mark.parametrize("command", [f"evaluate absent.toml {JULU}", "check no/such", "show no/such", "test no/such"])
def test_bad_input_is_json_too(command: str) -> None:
    ran = run(*command.split(), "--json", "--lang", "zh")
    assert (ran.status, ran.err) == (2, "")
    (finding,) = json.loads(ran.out)["findings"]
    assert set(finding) == {"code", "severity", "about", "message", "help", "where"}
    assert finding["severity"] == "error"
    assert re.search("[\u4e00-\u9fff]", finding["message"])


def test_json_of_one_submission_is_the_evaluation_and_of_several_a_list() -> None:
    one = json.loads(run("evaluate", LANGFANG, "--json").out)
    assert (one["format"], one["total"]["score"]) == (1, "97.24")
    several = json.loads(run("evaluate", JULU, LANGFANG, "--json").out)
    assert [entry["total"]["score"] for entry in several["evaluations"]] == [None, "97.24"]


def test_json_of_a_check_has_its_findings_with_places() -> None:
    findings = json.loads(run("check", "docs/examples/langfang-2019", "--json", "--lang", "en").out)["findings"]
    assert len(findings) == 12
    assert findings[0]["where"] == "docs/examples/langfang-2019/ruleset.toml:23:8"


# -- folders and files ---------------------------------------------------------------------------------------------


def test_a_folder_of_submissions_is_evaluated_as_a_portfolio(tmp_path: Path, project_root: Path) -> None:
    for name in ("b.toml", "a.toml"):
        text = (
            (project_root / FULL)
            .read_text(encoding="utf-8")
            .replace('"plan.toml"', f'"{(project_root / PLAN).as_posix()}"')
        )
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a submission", encoding="utf-8")
    ran = run("evaluate", tmp_path, "--lang", "en")
    assert ran.status == 0
    listed = [line for line in ran.out.splitlines() if "100.00 / 100" in line]
    assert len(listed) == 2
    assert all("Excellent" in line for line in listed)
    several = run("evaluate", tmp_path / "a.toml", tmp_path / "b.toml", "--lang", "en")
    assert all(line.endswith("100.00 / 100 (excellent)") for line in several.out.splitlines())


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 100, b"\xff\xfe\x00", b"\x1f\x8b\x08", bytes(range(255, 0, -1)) * 2, b"PK\x03\x04"],
    ids=len,
)
@pytest.mark.parametrize("name", ["x.toml", "x.json", "x.csv", "x.xlsx"])
def test_garbage_is_refused(content: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert run("evaluate", path, "--ruleset", DEPARTMENT).status == 2
    if name == "x.toml":
        assert run("check", path).status == 2


@pytest.mark.parametrize(
    "command",
    [
        f"evaluate {LANGFANG}",
        f"explain {JULU}",
        f"show {DEPARTMENT}",
        f"template {PLAN}",
        "list",
        f"evaluate {LANGFANG} --json",
    ],
)
def test_what_is_written_to_a_file_is_whole_and_plain(command: str, tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    printed = run(*command.split(), "--lang", "zh")
    ran = run(*command.split(), "--lang", "zh", "-o", path)
    assert ran.status == printed.status
    assert ran.out == ran.err == ""
    written = path.read_text(encoding="utf-8")
    assert written.endswith("\n")
    assert "\x1b" not in written
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"]
    if "--json" in command:
        assert written == printed.out


@pytest.mark.parametrize("options", [(), ("--json",), ("--record", "{folder}/kept.json")])
@pytest.mark.parametrize("ending", [".xlsx", ".HTML", ".docx", ".pdf", ".parquet"])
def test_text_is_not_written_under_the_name_of_something_else(
    options: tuple[str, ...], ending: str, tmp_path: Path
) -> None:
    options = tuple(option.format(folder=tmp_path) for option in options)
    ran = run("evaluate", LANGFANG, *options, "--lang", "en", "-o", tmp_path / f"out{ending}")
    assert ran.status == 2
    assert "this command writes text" in ran.out + ran.err
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.txt"
    path.write_text("as it was", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("perfrules.output.os.replace", fail)
    ran = run("show", DEPARTMENT, "-o", path, "--lang", "en")
    assert ran.status == 2
    assert ran.err.strip() == f"[cannot-write] cannot write `{path}`: the disk is full"
    assert path.read_text(encoding="utf-8") == "as it was"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"]


def test_a_file_is_written_with_the_usual_rights(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x", encoding="utf-8")
    run("list", "-o", tmp_path / "listed")
    assert (tmp_path / "listed").stat().st_mode == (tmp_path / "plain").stat().st_mode


# -- templates -----------------------------------------------------------------------------------------------------


def fill(text: str, ruleset: Ruleset) -> str:
    """A template with something in every line that asks for something."""
    values = {
        "number": "5", "amount": "5", "count": "5", "percent": "50", "truth": "true", "date": "2023-09-01", "text": '"x"',
    }  # fmt: skip
    for identifier, fact in ruleset.program.facts.items():
        said = values.get(fact.kind)
        levels = ruleset.declaration.levels.get(fact.levels or "")
        if fact.kind == "judgement" and levels:
            said = f'{{ level = "{levels.steps[0].id}", rate = 90, by = "x" }}'
        said = json.dumps(next(iter(fact.choices)), ensure_ascii=False) if fact.kind == "choice" else said
        line = re.compile(rf'^# ("?{re.escape(identifier)}"?) = (.*)$', re.MULTILINE)
        assert len(line.findall(text)) == 1
        text = line.sub(lambda match, said=said: f"{match[1]} = {said or match[2]}", text)  # type: ignore[misc]
    return text


TEMPLATES = [identifier for identifier, path in paths() if not is_overlay(read(path))] + [
    PLAN,
    "docs/examples/julu-2022",
    "docs/examples/langfang-2019/ruleset.toml",
]


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("reference", TEMPLATES)
def test_a_template_is_a_submission_and_filled_in_it_evaluates(reference: str, lang: str, tmp_path: Path) -> None:
    path = tmp_path / "submission.toml"
    assert run("template", reference, "-o", path, "--lang", lang).status == 0
    text = path.read_text(encoding="utf-8")
    assert tomllib.loads(text)["facts"] == {}
    ruleset = load(reference)
    if ruleset.declaration.ruleset.framework:
        return  # which is for plans, and not scored itself
    assert run("evaluate", path).status == 1  # nothing is filled in yet
    path.write_text(fill(text, ruleset), encoding="utf-8")
    assert run("evaluate", path).status < 2
    evaluation = evaluate(None, path)
    assert evaluation.ruleset.digest == ruleset.digest
    assert {row.status for row in evaluation} == {"scored"}


def test_every_kind_of_fact_has_a_line_in_a_template_that_can_be_filled_in(tmp_path: Path) -> None:
    kinds = """
format = 1
[ruleset]
id = "test/kinds"
[levels.g]
steps = [ { id = "high", from = 80, to = 100 } ]
[facts."在职人数"]
kind = "count"
[facts.yes]
kind = "truth"
[facts.day]
kind = "date"
[facts.words]
kind = "text"
[facts.rating]
kind = "choice"
choices = { A = "A", "D*" = "D" }
[facts.list]
kind = "checklist"
items = { issued = "issued", "完整" = "complete" }
[facts.effect]
kind = "judgement"
levels = "g"
[facts.projects]
kind = "table"
columns = { name = { kind = "text" }, budget = { kind = "amount" } }
"""
    path = tmp_path / "ruleset.toml"
    path.write_text(kinds, encoding="utf-8")
    lines = [line for line in run("template", path).out.splitlines() if " = " in line]
    assert [line for line in lines if line.startswith("# ")][2:-3] == [
        '# "在职人数" = ',
        "# yes = true / false",
        "# day = 2023-12-31",
        '# words = ""',
        '# rating = "A" / "D*"',
        '# list = { value = { issued = true, "完整" = true }, source = "" }',
        '# effect = { level = "high", rate = 0, by = "" }',
        "# projects = [ { name = …, budget = … } ]",
    ]


def test_a_template_names_its_ruleset_from_where_it_will_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project_root: Path
) -> None:
    monkeypatch.chdir(project_root / "docs")
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep" / "submission.toml"
    run("template", "examples/langfang-2019", "-o", path)
    assert evaluate(None, path).ruleset.id == "examples/langfang-2019"
    assert tomllib.loads(run("template", DEPARTMENT).out)["submission"]["ruleset"] == DEPARTMENT


def test_a_framework_is_not_scored_itself() -> None:
    ran = run("evaluate", JULU, "--ruleset", "cn/project-self-evaluation-2020", "--lang", "en")
    assert ran.status == 2


# -- processes -----------------------------------------------------------------------------------------------------


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "80", **options.pop("env", {})}
    command = [sys.executable, "-m", "perfrules", *arguments]
    return subprocess.run(
        command,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
        **options,
    )


def test_a_reader_that_goes_away_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = process("show", DEPARTMENT, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_terminal_that_knows_only_ascii_gets_escapes(lang: str) -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = process("evaluate", LANGFANG, "--lang", lang, env=plain)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.isascii()
    assert b"97.24" in done.stdout


def test_the_program_is_the_module_and_findings_go_beside_the_output() -> None:
    done = process("evaluate", "absent.toml", "--lang", "en")
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode().startswith("absent.toml: [no-file] cannot open `absent.toml`")

"""`check` and `test` over several rulesets: tables, what is not covered, statuses, JSON, and the bar that says how far it is."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import run

from perfrules import words
from perfrules.errors import width
from perfrules.report import progress
from perfrules.ruleset.library import paths

SOUND = """\
format = 1

[ruleset]
id = "test/{name}"
title = {{ zh = "文化站", en = "Culture station" }}
authority = "an example"

[facts.visitors]
title = {{ zh = "接待人次", en = "Visitors" }}
kind = "count"
range = [0, 1000000]

[facts.effect]
title = {{ zh = "群众反映", en = "What people say" }}
kind = "judgement"
levels = "two"

[levels.two]
title = {{ zh = "两档", en = "Two levels" }}
steps = [
  {{ id = "good", title = {{ zh = "好", en = "Good" }}, from = 60, to = 100 }},
  {{ id = "poor", title = {{ zh = "差", en = "Poor" }}, from = 0, below = 60 }},
]

[dimensions.results]
title = {{ zh = "绩效", en = "Results" }}

[indicators.visitors]
dimension = "results"
title = {{ zh = "接待人次", en = "Visitors" }}
weight = 60
unit = "人次"
target = ">= 3000"
authority = "an example"
score = "weight if met else weight * value / 3000 if value >= 1000 else 0"

[indicators.effect]
dimension = "results"
title = {{ zh = "群众反映", en = "What people say" }}
weight = 40
value = "effect"
unit = "%"
authority = "an example"
bands = [
  {{ from = 80, score = "weight" }},
  {{ from = 60, below = 80, score = "weight / 2" }},
  {{ score = 0 }},
]
"""
CASE = (
    '[[case]]\nname = "many came"\nset = {{ visitors = 4000 }}\nexpect = {{ indicators = {{ visitors = {score} }} }}\n'
)
MORE = """
[[case]]
name = "few came, and liked it well enough"
set = { visitors = 1500, effect = { level = "good", rate = 60 } }
expect = { indicators = { visitors = 30, effect = 20 } }
"""
UNREADABLE = (
    'format = 1\n[ruleset]\nid = "test/unreadable"\n[dimensions.d]\n[indicators.i]\ndimension = "d"\nweight = x\n'
)
FAULTY = SOUND.replace('kind = "judgement"', 'knd = "none"\nkind = "judgement"')

Golden = Callable[[Path, str], None]


@pytest.fixture(autouse=True)
def _small_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four rulesets in folders below one another: one with cases that pass, one with one that fails, and two that no one can use."""
    rulesets = {"town/library": SOUND, "town/station": SOUND, "town/wrong": FAULTY, "unreadable": UNREADABLE}
    for folder, text in rulesets.items():
        path = tmp_path / "rules" / folder
        (path / "cases").mkdir(parents=True)
        (path / "ruleset.toml").write_text(text.format(name=folder) if text != UNREADABLE else text, encoding="utf-8")
    (tmp_path / "rules/town/library/cases/all.toml").write_text(CASE.format(score=60) + MORE, encoding="utf-8")
    for town in ("station", "wrong"):
        (tmp_path / f"rules/town/{town}/cases/all.toml").write_text(CASE.format(score=59), encoding="utf-8")
    (tmp_path / "rules/.hidden").mkdir()
    (tmp_path / "rules/.hidden/ruleset.toml").write_text("not toml", encoding="utf-8")
    (tmp_path / "rules/empty/deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


# -- what people see -------------------------------------------------------------------------------------------------

SHOWN = {
    "check-one": ("check rules/town/library", 0),
    "check-folder": ("check rules", 2),
    "check-sound-folder": ("check rules/town/library rules/town/station", 0),
    "test-one": ("test rules/town/library", 0),
    "test-one-failing": ("test rules/town/station", 1),
    "test-folder": ("test rules", 2),
    "test-two": ("test rules/town/station rules/town/library", 1),
}


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("name", SHOWN)
def test_it_reads_as_shown_and_fits(
    name: str, lang: str, columns: int, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    command, status = SHOWN[name]
    ran = run(*command.split(), "--lang", lang)
    assert (ran.status, ran.err) == (status, "")
    lines = [line.rstrip() for line in ran.out.split("\n")]
    assert [line for line in lines if width(line) > columns] == []
    assert "\x1b" not in ran.out
    if columns == 80 or name == "test-folder":
        suffix = "" if columns == 80 else f"-{columns}"
        golden(Path(__file__).parent / "golden" / f"{name}{suffix}.{lang}.txt", "\n".join(lines))


def test_much_that_is_not_covered_is_listed_when_it_is_asked_for(tmp_path: Path) -> None:
    rows = (f'[indicators.row_{index}]\ndimension = "results"\nweight = 1\nscore = "1"\n' for index in range(30))
    path = tmp_path / "rules/town/library/ruleset.toml"
    path.write_text(SOUND.format(name="many") + "".join(rows), encoding="utf-8")
    (path.parent / "cases/all.toml").unlink()
    short, long = run("test", path, "--lang", "en"), run("test", path, "--uncovered", "--lang", "en")
    assert (short.status, long.status) == (0, 0)
    place = "rules/town/library/ruleset.toml:"
    assert (short.out.count(place), long.out.count(place)) == (20, 46)
    assert "and 26 more, listed with --uncovered" in short.out
    assert "there are no cases" in long.out
    assert "more" not in long.out


# -- which rulesets ----------------------------------------------------------------------------------------------------


def ids(*arguments: str | Path) -> list[str]:
    return [one["id"] for one in json.loads(run("test", *arguments, "--json").out)["rulesets"]]


def test_a_folder_means_every_ruleset_below_it_in_order_and_each_once() -> None:
    assert ids("rules/town") == ["test/town/library", "test/town/station", "rules/town/wrong"]
    assert ids("rules/town/station", "rules/town/") == ["test/town/station", "test/town/library", "rules/town/wrong"]


def test_the_library_is_named_by_its_ids_from_wherever_it_is_reached(
    project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [identifier for identifier, _ in paths()]
    assert ids("us") == [identifier for identifier in known if identifier.startswith("us/")]
    assert ids(project_root / "rulesets" / "us") == ids("us")
    monkeypatch.chdir(project_root)
    checked = json.loads(run("check", "rulesets", "--json").out)["rulesets"]
    assert [one["id"] for one in checked] == known


@pytest.mark.parametrize("command", ["check", "test"])
@pytest.mark.parametrize(
    ("given", "key"), [("rules/empty", "in the folder `rules/empty`"), ("rules/none", "`rules/none`"), ("a\0b", "`a\\x00b`"), ("x" * 5000, "`xxx")]
)  # fmt: skip
def test_where_there_is_no_ruleset_it_says_so(command: str, given: str, key: str) -> None:
    ran = run(command, given, "--lang", "en")
    assert ran.status == 2
    assert "[no-ruleset] there is no ruleset" in ran.out + ran.err
    assert key in " ".join((ran.out + ran.err).split())


def test_a_folder_that_leads_back_to_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "rules/town/library/again").symlink_to(tmp_path / "rules", target_is_directory=True)
    assert ids("rules/town")[0] == "test/town/library"
    assert len(ids("rules/town")) == 3


# -- statuses and JSON -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("test rules/town/library", 0),
        ("test rules/town/station", 1),
        ("test rules/unreadable", 2),
        ("test rules/town/wrong", 2),
        ("test rules/unreadable rules/town/library", 2),
        ("check rules/town/library rules/town/wrong", 2),
        ("check rules/unreadable", 2),
    ],
)
def test_the_status_is_that_of_the_worst(command: str, status: int) -> None:
    assert run(*command.split()).status == status
    assert run(*command.split(), "--json").status == status


def test_the_json_of_a_test_has_every_case_and_every_point_that_is_not_covered() -> None:
    data = json.loads(run("test", "rules/town", "--json", "--lang", "en").out)
    assert [(case["ruleset"], case["name"], len(case["findings"])) for case in data["cases"]] == [
        ("test/town/library", "many came", 0),
        ("test/town/library", "few came, and liked it well enough", 0),
        ("test/town/station", "many came", 1),
    ]
    library, station, wrong = data["rulesets"]
    assert (library["cases"], library["failed"], station["failed"]) == (2, 0, 1)
    assert library["coverage"] == {
        "indicators": {"covered": 2, "points": 2},
        "bands": {"covered": 1, "points": 3},
        "branches": {"covered": 3, "points": 4},
        "outcomes": {"covered": 3, "points": 4},
        "states": {"covered": 1, "points": 3},
    }
    assert len(library["uncovered"]) == 15 - 10 + 1
    assert library["uncovered"][0] == {
        "kind": "states", "code": "not-covered", "severity": "note", "about": "indicators.visitors",
        "message": "no case leaves `visitors` missing", "help": None, "where": "rules/town/library/ruleset.toml:28:13",
    }  # fmt: skip
    assert [finding["code"] for finding in wrong["findings"]] == ["unknown-key"]
    assert wrong["coverage"]["bands"] == {"covered": 0, "points": 0}


def test_the_json_of_a_check_counts_by_ruleset_and_has_each_finding_once() -> None:
    data = json.loads(run("check", "rules/town/wrong", "rules/unreadable", "rules/town/wrong", "--json").out)
    assert [finding["code"] for finding in data["findings"]] == ["unknown-key", "not-toml"]
    assert data["rulesets"] == [
        {"id": "rules/town/wrong", "errors": 1, "warnings": 0, "notes": 0, "scores": 2, "proved": 2},
        {"id": "rules/unreadable", "errors": 1, "warnings": 0, "notes": 0, "scores": 0, "proved": 0},
    ]


def test_names_from_files_obey_nobody(tmp_path: Path) -> None:
    path = tmp_path / "rules/town/library/cases/all.toml"
    path.write_text(
        '[[case]]\nname = "[red]\\u001b[31m/x"\nset = { visitors = 1 }\nexpect = { status = "[bold]\\u202e" }\n',
        encoding="utf-8",
    )
    for arguments in (["test", "rules/town/library"], ["test", "rules/town"], ["test", "rules/town", "--json"]):
        out = run(*arguments).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "[red]" in out


# -- the bar -----------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def worked(monkeypatch: pytest.MonkeyPatch, *, out: io.StringIO, patience: float, work: float) -> str:
    """What a terminal beside the output is sent while three pieces of work are done."""
    beside = Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", beside)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "PATIENCE", patience)
    for _ in progress.each(["cn/one", "cn/two", "cn/[red]"]):
        time.sleep(work)
    return beside.getvalue()


def test_long_work_on_a_terminal_shows_a_bar_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = worked(monkeypatch, out=Terminal(), patience=0, work=0.15)
    assert "cn/[red]" in drawn
    assert "/3" in drawn
    assert drawn.endswith("\x1b[2K")  # its line is erased


def test_short_work_and_piped_output_show_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert worked(monkeypatch, out=Terminal(), patience=60, work=0) == ""
    assert worked(monkeypatch, out=io.StringIO(), patience=0, work=0.05) == ""


def test_what_goes_wrong_under_the_bar_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    beside = Terminal()
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(sys, "stderr", beside)
    monkeypatch.setattr(progress, "PATIENCE", 0)

    def fail() -> None:
        with progress.bar(2) as step:
            step("one")
            time.sleep(0.15)
            raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        fail()
    assert "\x1b[?25h" in beside.getvalue()  # the cursor is back

"""`perfrules new`: what it writes holds as it stands; nothing is overwritten, and nothing is left where it fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import run

from perfrules import evaluate, load, words
from perfrules.report.starter import plant
from perfrules.ruleset.library import headers

FRAMEWORKS = [header.id for header in headers() if header.framework]
PARENTS = ["cn/department-overall-2013", "us/part-2002", "pefa/2016-scoring"]
FILES = ["README.md", "cases/first.toml", "ruleset.toml"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def check_holds(folder: Path) -> None:
    """No finding, no failed case, and nothing that a case does not cover."""
    checked = json.loads(run("check", folder, "--json", "--lang", "en").out)
    assert [finding["message"] for finding in checked["findings"]] == []
    tested = run("test", folder, "--uncovered", "--lang", "en")
    assert tested.status == 0
    assert "not covered" not in tested.out
    assert " 0 failed" in tested.out
    for covered, all_ in re.findall(r"(\d+)/(\d+)", tested.out):
        assert covered == all_
    assert "@" not in "".join((folder / name).read_text(encoding="utf-8") for name in files(folder))


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_new_ruleset_checks_tests_and_shows_everything_once(lang: str, tmp_path: Path) -> None:
    ran = run("new", "town/文化站-2024", "--lang", lang)
    folder = tmp_path / "town" / "文化站-2024"
    assert (ran.status, ran.err) == (0, "")
    assert "perfrules check town/文化站-2024" in ran.out
    assert files(folder) == ["README.md", "cases/first.toml", "examples/full.toml", "ruleset.toml"]
    check_holds(folder)
    declared = load(folder).declaration
    assert declared.ruleset.id == "town/文化站-2024"
    assert {fact.kind for fact in declared.facts.values()} >= {"amount", "count", "checklist", "judgement"}
    rows = declared.indicators.values()
    assert [row for row in rows if row.bands]
    assert [row for row in rows if row.method and row.target]
    assert [row for row in rows if row.applies]
    assert [row for row in rows if row.score and "started" in row.score]
    assert declared.checks
    assert declared.scales
    evaluation = evaluate(None, folder / "examples" / "full.toml")
    assert evaluation.total
    assert evaluation.total.score == 100
    assert all(used.source for row in evaluation for used in row.derivation.facts)
    text = (folder / "ruleset.toml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 220
    assert max(map(len, text.splitlines())) <= 120
    assert bool(re.search("[\u4e00-\u9fff]{4}", text)) is (lang == "zh")


def test_both_languages_of_a_new_ruleset_are_the_same_rules() -> None:
    for lang in words.LANGUAGES:
        run("new", "x", "-o", lang, "--lang", lang)
    said = {}
    for lang in words.LANGUAGES:
        text = (Path(lang) / "ruleset.toml").read_text(encoding="utf-8")
        said[lang] = re.sub(
            r' *#.*|^(title|authority|provenance|standard|issued|complete|followed) = .*|title = "[^"]*"',
            "",
            text,
            flags=re.MULTILINE,
        ).split()
    assert said["zh"] == said["en"]
    cases = [
        re.sub(
            r" *#.*|^name = .*",
            "",
            (Path(lang) / "cases" / "first.toml").read_text(encoding="utf-8"),
            flags=re.MULTILINE,
        ).split()
        for lang in words.LANGUAGES
    ]
    assert cases[0] == cases[1]


@pytest.mark.parametrize(("framework", "lang"), [*((name, "zh") for name in FRAMEWORKS), (FRAMEWORKS[0], "en")])
def test_a_plan_has_a_row_in_every_dimension_and_its_points_add_up(framework: str, lang: str, tmp_path: Path) -> None:
    assert run("new", "town/plan", "--extends", framework, "--lang", lang).status == 0
    folder = tmp_path / "town" / "plan"
    assert files(folder) == FILES
    check_holds(folder)
    plan = load(folder)
    assert plan.plan
    assert plan.program.total
    assert plan.program.total.weight == 100
    leaves = [branch for branch in plan.program.branches.values() if not branch.dimensions]
    assert all(branch.rows for branch in leaves)
    assert run("template", folder, "-o", tmp_path / "form.csv").status == 0


@pytest.mark.parametrize(("parent", "lang"), [(PARENTS[0], "zh"), (PARENTS[1], "en"), (PARENTS[2], "zh")])
def test_another_version_of_a_ruleset_is_the_same_until_it_is_edited(parent: str, lang: str, tmp_path: Path) -> None:
    assert run("new", "town/version", "--extends", parent, "--lang", lang).status == 0
    folder = tmp_path / "town" / "version"
    assert files(folder) == FILES
    check_holds(folder)
    assert load(folder).program.rows.keys() == load(parent).program.rows.keys()
    text = (folder / "ruleset.toml").read_text(encoding="utf-8")
    first = next(iter(load(parent).program.rows))
    (folder / "ruleset.toml").write_text(
        text.replace(f'# drops = ["indicators.{first}"]', f'drops = ["indicators.{first}"]'), encoding="utf-8"
    )
    assert f'drops = ["indicators.{first}"]' in (folder / "ruleset.toml").read_text(encoding="utf-8")
    changed = run("check", folder, "--lang", "en").out
    assert "weights-sum" in changed or "unknown-name" in changed or "nothing found" in changed or "unused" in changed


@pytest.mark.parametrize(("on", "lang"), [(PARENTS[0], "zh"), (PARENTS[1], "en"), (PARENTS[2], "zh")])
def test_an_overlay_is_tried_on_the_ruleset_that_is_named(on: str, lang: str, tmp_path: Path) -> None:
    assert run("new", "town/cap", "--on", on, "--lang", lang).status == 0
    folder = tmp_path / "town" / "cap"
    assert files(folder) == FILES
    check_holds(folder)
    assert load(on, overlays=[folder]).overlays[0].id == "town/cap"


@pytest.mark.parametrize("of", ["--extends", "--on"])
def test_a_parent_given_as_a_path_is_named_from_where_the_file_stands(of: str, tmp_path: Path) -> None:
    run("new", "town/first", "--lang", "zh")
    hostile = tmp_path / "town" / "first" / "ruleset.toml"
    text = hostile.read_text(encoding="utf-8").replace(
        'title = "文化站年度绩效评价"', 'title = "x\\n[facts.evil]\\n\\u001b[31m @ID@ | `<b>` \\"\\"\\" \\\\"', 1
    )
    hostile.write_text(text, encoding="utf-8")
    assert run("new", "second", of, "town/first", "-o", "go/deep/er", "--lang", "en").status == 0
    assert run("new", "third", of, "town/first/ruleset.toml", "--lang", "en").status == 0
    for folder in (tmp_path / "go" / "deep" / "er", tmp_path / "third"):
        assert files(folder) == FILES
        assert run("check", folder).status == 0
        assert run("test", folder).status == 0
        written = "".join((folder / name).read_text(encoding="utf-8") for name in FILES)
        assert "\x1b" not in written
        assert "\n[facts.evil]" not in written


def test_a_framework_without_room_is_stood_on_as_any_ruleset(tmp_path: Path) -> None:
    run("new", "town/full", "--lang", "en")
    path = tmp_path / "town" / "full" / "ruleset.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[ruleset]", "[ruleset]\nframework = true"), encoding="utf-8"
    )
    assert run("new", "town/plan", "--extends", "town/full", "--lang", "en").status == 0
    assert run("test", "town/plan").status == 0
    assert "@" not in (tmp_path / "town" / "plan" / "cases" / "first.toml").read_text(encoding="utf-8")


def test_a_framework_that_says_no_points_or_methods_gets_some(tmp_path: Path) -> None:
    (tmp_path / "frame.toml").write_text(
        'format = 1\n[ruleset]\nid = "a/frame"\ntitle = "frame"\nauthority = "x"\nframework = true\n'
        '[dimensions."维度"]\ntitle = "维度"\n[dimensions.other]\ntitle = "other"\n', encoding="utf-8",
    )  # fmt: skip
    assert run("new", "plan", "--extends", "frame.toml", "--lang", "zh").status == 0
    check_holds(tmp_path / "plan")
    assert [row.weight for row in load(tmp_path / "plan").program.rows.values()] == [10, 10]


def test_an_overlay_can_be_tried_on_a_ruleset_that_has_overlays_of_its_own(tmp_path: Path) -> None:
    run("new", "first", "--lang", "en")
    run("new", "cap", "--on", "first", "--lang", "en")
    cap = tmp_path / "cap" / "ruleset.toml"
    cap.write_text(cap.read_text(encoding="utf-8").replace("[adjustments.cap]", "[adjustments.own]"), encoding="utf-8")
    path = tmp_path / "first" / "ruleset.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[ruleset]", '[ruleset]\noverlays = ["../cap"]', 1), encoding="utf-8"
    )
    assert run("new", "second", "--on", "first", "--lang", "en").status == 0
    check_holds(tmp_path / "second")


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "identifier",
    ["..", "../x", "a/../b", "/etc/x", "a//b", "a/", "/", "", ".", ".hidden", "-x", "a b", "a\\b", "a\nb", "a\0b", "~x", "C:x", "ａ", "x" * 201, "a/.", "a/.."],
)  # fmt: skip
def test_what_is_no_id_is_refused(identifier: str, tmp_path: Path) -> None:
    ran = (
        run("new", "--lang", "en", "--", identifier)
        if identifier.startswith("-")
        else run("new", identifier, "--lang", "en")
    )
    assert ran.status == 2
    assert "[bad-value]" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["ruleset.toml", "cases", "examples", "README.md", "dangling"])
def test_nothing_is_overwritten(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "town" / "x"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("kept", encoding="utf-8")
    if name == "dangling":
        (folder / "README.md").symlink_to("nowhere")
    elif "." in name:
        (folder / name).write_text("mine", encoding="utf-8")
    else:
        (folder / name).mkdir()
    before = sorted(path.name for path in folder.rglob("*"))
    ran = run("new", "town/x", "--lang", "zh")
    assert (ran.status, ran.out) == (2, "")
    assert "[exists]" in ran.err
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_a_folder_that_is_there_takes_a_new_ruleset(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("kept", encoding="utf-8")
    assert run("new", "town/x", "-o", ".").status == 0
    assert files(tmp_path) == ["README.md", "cases/first.toml", "examples/full.toml", "notes.txt", "ruleset.toml"]
    assert run("new", "town/x", "-o", ".").status == 2


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("new cn/department-overall-2013", "exists"),
        ("new x -o file", "exists"),
        ("new x -o file/deeper", "cannot-write"),
        ("new x --extends no/such", "no-ruleset"),
        ("new x --extends cn/platform-caps", "no-ruleset"),
        ("new x --on no/such", "no-ruleset"),
        ("new x --on cn/project-self-evaluation-2020", "no-ruleset"),
        ("new x --on cn/department-overall-2013 --extends us/part-2002", "bad-value"),
        (f"new {'x/' * 40}{'长' * 100}", "cannot-write"),
    ],
)
def test_what_cannot_be_written_leaves_nothing(command: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    ran = run(*command.split(), "--lang", "en")
    assert ran.status == 2
    assert f"[{code}]" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_where_not_all_can_be_written_nothing_is_left(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[str, str]]:
        yield "a/b/c.txt", "x"
        yield "d.txt", "x"
        raise KeyboardInterrupt

    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine").write_text("kept", encoding="utf-8")
    for folder in ("there", "new/deep"):
        with pytest.raises(KeyboardInterrupt):
            plant(tmp_path / folder, broken())
    assert files(tmp_path) == ["there/mine"]
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    with pytest.raises(FileExistsError):
        plant(tmp_path / "there", [("a.txt", "x"), ("mine", "x")])
    assert files(tmp_path) == ["there/mine"]
    assert (tmp_path / "there" / "mine").read_text(encoding="utf-8") == "kept"

"""Finding rulesets, and laying one over another: by path, id and family; extends, replaces, drops."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

import perfrules
from perfrules.errors import Finding, RulesetError
from perfrules.numbers import to_fraction
from perfrules.ruleset import library, toml
from perfrules.ruleset.library import Ruleset, check, load

from .loading import at_load

PARENT = """\
format = 1

[ruleset]
id = "test/parent"
title = "the parent"
authority = "a regulation"

[rounding]
score = 1
total = 0

[units]
"万元" = "10000 元"

[scales.grade]
steps = [ { id = "good", from = 60 }, { id = "poor", from = 0 } ]

[facts.a]
title = "first fact"
kind = "number"
unit = "人"
range = [0, 100]

[values.twice]
formula = "a * 2"

[methods.m]
parameters = { limit = 50 }
score = "weight if value > limit else 0"

[dimensions.d]
title = "a dimension"

[indicators.i]
dimension = "d"
title = "first"
weight = 60
value = "a"
method = "m"

[indicators.j]
dimension = "d"
title = "second"
weight = 40
value = "twice"
method = "m"

[checks.c]
assert = "a >= 0"

[total]
weight = 100
scale = "grade"
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def child(folder: Path, text: str, *, header: str = "") -> Path:
    """A ruleset that extends the parent."""
    write(folder, "parent.toml", PARENT)
    head = 'format = 1\n\n[ruleset]\nid = "test/child"\nextends = "parent.toml"\n'
    return write(folder, "child.toml", head + header + text)


def codes(path: Path) -> list[str]:
    return [finding.code for finding in at_load(path)]


# -- laying one over another ---------------------------------------------------------------------------------------


def test_a_child_has_all_of_its_parent_and_its_own(tmp_path: Path) -> None:
    path = child(
        tmp_path,
        '\n[indicators.k]\ndimension = "d"\nweight = 5\nvalue = "a"\nmethod = "m"\n[total]\nreplaces = ["weight"]\nweight = 105\n',
    )
    ruleset = load(path)
    assert ruleset.id == "test/child"
    assert list(ruleset.program.rows) == ["i", "j", "k"]
    assert ruleset.title == {}  # a header counts whole: who changes a ruleset names and cites it anew
    assert ruleset.declaration.ruleset.authority == ""
    assert ruleset.declaration.rounding.total == 0
    assert ruleset.declaration.units == {"万元": "10000 元"}


def test_named_keys_are_merged_over_the_parents(tmp_path: Path) -> None:
    changes = '\n[indicators.i]\nreplaces = ["weight", "title"]\nweight = 50\ntitle = "renamed"\n'
    path = child(tmp_path, changes + '\n[indicators.j]\nreplaces = ["weight"]\nweight = 50\nunit = "%"\n')
    declared = load(path).declaration.indicators
    assert (declared["i"].weight, declared["i"].title, declared["i"].value) == (50, {"": "renamed"}, "a")
    assert (declared["j"].weight, declared["j"].title, declared["j"].unit) == (50, {"": "second"}, "%")


def test_a_part_is_replaced_whole(tmp_path: Path) -> None:
    path = child(
        tmp_path, '\n[indicators.i]\nreplaces = true\ndimension = "d"\nweight = 60\nscore = "weight if a > 1 else 0"\n'
    )
    replaced = load(path).declaration.indicators["i"]
    assert (replaced.title, replaced.method, replaced.value) == ({}, None, None)
    assert replaced.score == "weight if a > 1 else 0"


def test_single_tables_are_replaced_in_the_same_way(tmp_path: Path) -> None:
    path = child(tmp_path, '\n[rounding]\nreplaces = ["score"]\nscore = 2\n\n[total]\nreplaces = true\nweight = 100\n')
    declared = load(path).declaration
    assert (declared.rounding.score, declared.rounding.total) == (2, 0)
    assert declared.total.scale is None


def test_units_are_added_and_changed_one_by_one(tmp_path: Path) -> None:
    path = child(tmp_path, '\n[units]\n"亿元" = "10000 万元"\n')
    assert load(path).declaration.units == {"万元": "10000 元", "亿元": "10000 万元"}


def test_dropped_parts_are_gone_and_may_be_declared_anew(tmp_path: Path) -> None:
    again = '\n[indicators.j]\ndimension = "d"\nweight = 40\nvalue = "a"\nmethod = "m"\n'
    path = child(tmp_path, again, header='drops = ["indicators.j", "values.twice", "checks.c"]\n')
    ruleset = load(path)
    assert ruleset.declaration.values == {}
    assert ruleset.declaration.checks == {}
    assert ruleset.declaration.indicators["j"].value == "a"


def test_parts_are_dropped_before_anything_is_laid_over(tmp_path: Path) -> None:
    path = child(tmp_path, "\n[total]\nreplaces = true\nweight = 60\n", header='drops = ["indicators.j"]\n')
    assert list(load(path).program.rows) == ["i"]


def test_a_grandchild_counts_last(tmp_path: Path) -> None:
    child(tmp_path, '\n[indicators.i]\nreplaces = ["title"]\ntitle = "child"\n')
    head = 'format = 1\n[ruleset]\nid = "test/grandchild"\nextends = "child.toml"\n'
    path = write(tmp_path, "grandchild.toml", head + '[indicators.i]\nreplaces = ["title"]\ntitle = "grandchild"\n')
    ruleset = load(path)
    assert ruleset.title == {}
    assert ruleset.declaration.indicators["i"].title == {"": "grandchild"}
    assert [part.id for part in ruleset.parts] == ["test/parent", "test/child", "test/grandchild"]


def test_a_changed_default_of_a_method_reaches_the_rows_of_the_parent(tmp_path: Path) -> None:
    path = child(tmp_path, '\n[methods.m]\nreplaces = ["parameters"]\nparameters = { limit = 10 }\n')
    assert perfrules.evaluate(load(path), {"a": 20}).total is not None
    assert perfrules.evaluate(load(path), {"a": 20})["i"].exact == 60
    assert perfrules.evaluate(load(tmp_path / "parent.toml"), {"a": 20})["i"].exact == 0


def test_a_mistake_in_a_merged_part_is_shown_where_its_key_stands(tmp_path: Path) -> None:
    path = child(tmp_path, '\n[indicators.i]\nreplaces = ["value"]\nvalue = "b"\n')
    (finding,) = at_load(path)
    assert finding.where is not None
    assert (Path(finding.where.file).name, finding.where.line, finding.where.column) == ("child.toml", 9, 10)


def test_more_than_ten_parents_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "0.toml", PARENT)
    for number in range(1, 13):
        text = f'format = 1\n[ruleset]\nid = "test/n{number}"\nextends = "{number - 1}.toml"\n'
        write(tmp_path, f"{number}.toml", text)
    assert codes(tmp_path / "9.toml") == []
    assert [finding.key for finding in check(tmp_path / "12.toml")] == ["cycle.parents"]


def test_weights_of_a_plan_warn_and_those_of_a_ruleset_stop(tmp_path: Path) -> None:
    frame = 'format = 1\n[ruleset]\nid = "test/frame"\nframework = true\n[dimensions.d]\nweight = 50\n[total]\nweight = 100\n'
    write(tmp_path, "frame.toml", frame)
    row = '[facts.a]\nkind = "number"\n[indicators.i]\ndimension = "d"\nweight = 60\nscore = "weight if a > 0 else 0"\n'
    plan = write(tmp_path, "plan.toml", 'format = 1\n[ruleset]\nid = "test/plan"\nextends = "frame.toml"\n' + row)
    assert [(one.code, one.severity, one.about) for one in at_load(plan)] == [
        ("weights-sum", "warning", "dimensions.d"),
        ("weights-sum", "warning", "total.weight"),
    ]
    assert load(plan).plan
    assert perfrules.evaluate(plan, {"a": 1})["i"].exact == 60
    alone = write(tmp_path, "alone.toml", frame.replace("framework = true\n", "") + row)
    assert {(one.code, one.severity) for one in at_load(alone)} == {("weights-sum", "error")}


def test_a_framework_is_sound_without_rows_and_a_plan_is_not(tmp_path: Path) -> None:
    frame = write(
        tmp_path,
        "frame.toml",
        'format = 1\n[ruleset]\nid = "test/frame"\nframework = true\n[dimensions.d]\nweight = 50\n[total]\nweight = 50\n',
    )
    assert codes(frame) == []
    plan = write(tmp_path, "plan.toml", 'format = 1\n[ruleset]\nid = "test/plan"\nextends = "frame.toml"\n')
    assert codes(plan) == ["weights-sum"]


# -- finding -------------------------------------------------------------------------------------------------------


def test_a_ruleset_is_found_by_id_by_file_and_by_folder(project_root: Path) -> None:
    folder = project_root / "rulesets" / "cn" / "department-overall-2013"
    found = [load("cn/department-overall-2013"), load(folder), load(folder / "ruleset.toml"), load(str(folder))]
    assert {ruleset.id for ruleset in found} == {"cn/department-overall-2013"}
    assert len({ruleset.digest for ruleset in found}) == 1


def test_a_parent_is_found_beside_the_file_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = child(tmp_path / "deep", "")
    monkeypatch.chdir(tmp_path)
    assert load(path.relative_to(tmp_path)).id == "test/child"
    assert load(Path("deep/../deep/child.toml")).id == "test/child"


def library_of(folder: Path, monkeypatch: pytest.MonkeyPatch, **members: str) -> None:
    """A library in a folder: the last part of each id, and the lines of its header."""
    for name, header in members.items():
        text = PARENT.replace('id = "test/parent"', f'id = "place/{name}"\n{header}')
        write(folder, f"place/{name}/ruleset.toml", text)
    monkeypatch.setattr(library, "roots", lambda: (folder,))


def test_a_family_is_the_latest_that_is_effective_at_a_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library_of(
        tmp_path, monkeypatch,
        first='family = "place/rules"\neffective = 2013-04-21', second='family = "place/rules"\neffective = 2020-02-25',
        other='family = "place/others"\neffective = 2021-01-01', loose="effective = 2022-01-01",
        undated='family = "place/rules"',
    )  # fmt: skip
    assert load("place/rules").id == "place/second"
    assert load("place/rules", as_of=date(2020, 2, 25)).id == "place/second"
    assert load("place/rules", as_of=date(2020, 2, 24)).id == "place/first"
    assert load("place/others").id == "place/other"
    with pytest.raises(RulesetError) as caught:
        load("place/rules", as_of=date(2013, 4, 20))
    assert [one.code for one in caught.value.findings] == ["no-ruleset"]


def test_an_id_counts_before_a_folder_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library_of(tmp_path / "library", monkeypatch, first="")
    write(tmp_path, "place/first/ruleset.toml", PARENT)
    monkeypatch.chdir(tmp_path)
    assert load("place/first").id == "place/first"
    assert load("./place/first").id == "test/parent"


@pytest.mark.parametrize("reference", ["", "x\0y", "a" * 5000, "no/such/one", "..", "/"])
def test_what_is_no_ruleset_is_said_to_be_none(reference: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (finding,) = check(reference)
    assert finding.code == "no-ruleset"
    assert "cn/department-overall-2013" in finding.help() + finding.format()


def test_a_misspelt_id_has_its_near_miss() -> None:
    (finding,) = check("cn/departement-overall-2013")
    assert finding.help() == "did you mean `cn/department-overall-2013`?"


def test_every_ruleset_of_the_library_is_sound_and_is_called_as_its_folder() -> None:
    listed = dict(library.paths())
    assert list(listed) == sorted(listed)
    assert {"cn/department-overall-2013", "cn/project-self-evaluation-2020"} <= set(listed)
    for identifier in listed:
        assert [one.severity for one in check(identifier)] == []
    assert [header.id for header in library.headers()] == list(listed)


def test_a_broken_file_in_the_library_does_not_hide_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library_of(tmp_path, monkeypatch, good="", family='family = "place/rules"\neffective = 2020-01-01')
    write(tmp_path, "place/bad/ruleset.toml", "format = \n")
    write(tmp_path, "place/headless/ruleset.toml", "format = 1\nruleset = 5\n")
    assert load("place/good").id == "place/good"
    assert load("place/rules").id == "place/family"
    assert [header.id for header in library.headers()] == ["place/family", "place/good"]


def test_an_installed_package_finds_the_rulesets_inside_it(project_root: Path, tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    shutil.copytree(project_root / "perfrules", site / "perfrules", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(project_root / "rulesets", site / "perfrules" / "rulesets")
    program = (
        "import perfrules\n"
        "from perfrules.ruleset.library import paths, roots\n"
        "print(*roots(), sep='\\n')\n"
        "print(*(identifier for identifier, _ in paths()), sep='\\n')\n"
        "print(perfrules.load('cn/department-overall-2013'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(site)!r})\n{program}"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        str(site / "perfrules" / "rulesets"),
        *dict(library.paths()),
        "<Ruleset cn/department-overall-2013: 28 indicators>",
    ]


# -- files ---------------------------------------------------------------------------------------------------------


def only(path: Path) -> Finding:
    (finding,) = check(path)
    return finding


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "ruleset.toml"
    path.write_bytes(b"\xef\xbb\xbf" + PARENT.replace("\n", "\r\n").encode())
    plain = write(tmp_path, "plain.toml", PARENT)
    assert load(path).digest == load(plain).digest


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = write(tmp_path, "ruleset.toml", PARENT + "# " + "x" * toml.MAX_BYTES)
    assert only(path).key == "too-large.file"


@pytest.mark.parametrize(
    "line", ["a" + ".a" * 40_000 + " = 1", "a = " + "[" * 40_000, "a = " + "{a=" * 40_000, "a = 1" + "0" * 50_000]
)
def test_what_would_make_a_reader_slow_is_refused(line: str, tmp_path: Path) -> None:
    found = check(write(tmp_path, "ruleset.toml", line + "\n" + PARENT))
    assert {one.severity for one in found} == {"error"}


def test_a_folder_without_a_ruleset_and_a_missing_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    assert only(tmp_path / "folder.toml").code == "no-file"
    assert only(tmp_path / "absent.toml").message("zh").endswith("没有这个文件或文件夹")
    assert only(tmp_path / "absent.toml").message("en").endswith("there is no such file or folder")


def test_a_number_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = write(
        tmp_path, "ruleset.toml", PARENT.replace("weight = 60", "weight = 59.9").replace("weight = 40", "weight = 40.1")
    )
    assert sum((to_fraction(row.weight) for row in load(path).program.rows.values()), Fraction(0)) == 100


# -- what a ruleset is known by ------------------------------------------------------------------------------------


def test_the_digest_is_of_what_is_said_not_of_how_it_is_set_out(tmp_path: Path) -> None:
    plain = load(write(tmp_path, "plain.toml", PARENT))
    spaced = load(write(tmp_path, "spaced.toml", "# a comment\n" + PARENT.replace("weight = 60", "weight   =  60.0")))
    changed = load(write(tmp_path, "changed.toml", PARENT.replace("limit = 50", "limit = 51")))
    assert plain.digest == spaced.digest
    assert plain.digest != changed.digest
    assert plain.digest.startswith("sha256:")


def test_a_child_has_another_digest_when_its_parent_changes(tmp_path: Path) -> None:
    path = child(tmp_path, "")
    before = load(path)
    write(tmp_path, "parent.toml", PARENT.replace("limit = 50", "limit = 51"))
    after = load(path)
    assert before.digest != after.digest
    assert before.parts[1] == after.parts[1]
    assert before.parts[0] != after.parts[0]


def test_checking_a_loaded_ruleset_says_what_checking_its_file_says(project_root: Path) -> None:
    path = project_root / "docs" / "examples" / "langfang-2019" / "ruleset.toml"
    ruleset = load(path)
    assert isinstance(ruleset, Ruleset)
    assert check(ruleset) == check(path)
    assert [finding.code for finding in ruleset.findings] == ["direction-missing"] * 9
    assert [finding.key for finding in check(ruleset) if finding.code == "target-not-measurable"] == [
        "target-not-measurable.money", "target-not-measurable.unit", "target-not-measurable.unit",
    ]  # fmt: skip


def test_errors_and_warnings_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = PARENT.replace('value = "a"', 'value = "b"').replace('value = "twice"', 'value = "twise"')
    lines = [
        finding.where.line
        for finding in at_load(write(tmp_path, "ruleset.toml", text))
        if finding.where and finding.where.line
    ]
    assert lines == sorted(filter(None, lines))
    assert len(lines) == 2


# -- ids -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["编制数", "在职人员数_2023", "_private", "x1", "ü", "数" * 80])
def test_names_of_letters_digits_and_underscores_are_ids(name: str, tmp_path: Path) -> None:
    text = PARENT.replace("[facts.a]", f'[facts."{name}"]').replace('"a * 2"', f'"{name} * 2"')
    text = text.replace('value = "a"', f'value = "{name}"').replace('"a >= 0"', f'"{name} >= 0"')
    assert codes(write(tmp_path, "ruleset.toml", text)) == []


@pytest.mark.parametrize("name", ["ｘ", "１", "²", "x y", "x-y", "x.y", "ﬁ", "数" * 81, "e\u0301", "x\u200b"])
def test_names_that_look_like_others_are_no_ids(name: str, tmp_path: Path) -> None:
    found = at_load(write(tmp_path, "ruleset.toml", PARENT + f'\n[facts."{name}"]\nkind = "number"\n'))
    assert [(one.code, one.key) for one in found] == [("bad-value", "bad-value.id")]

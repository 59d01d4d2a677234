"""Rulesets with the usual mistakes, each with the messages that its author reads: `broken/*.toml` and `broken/*.txt`.

`PERFRULES_UPDATE_GOLDEN=1 pytest tests/ruleset` writes the messages anew; the difference is then read, line by line.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from perfrules import words
from perfrules.errors import Finding
from perfrules.ruleset.library import check

BROKEN = Path(__file__).resolve().parent / "broken"
NAMES = sorted(path.stem for path in BROKEN.glob("*.toml"))


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages name files as seen from where one stands."""
    monkeypatch.chdir(BROKEN)


UNFINISHED = ("no-authority", "no-cases", "no-title")
"""What every file here lacks, and none is about."""


def findings(name: str) -> tuple[Finding, ...]:
    return tuple(finding for finding in check(f"{name}.toml") if finding.code not in UNFINISHED)


@pytest.mark.parametrize("name", NAMES)
def test_the_messages_read_as_written(name: str, golden: Callable[[Path, str], None]) -> None:
    pages = [[f"{one.severity}: {one.format(lang)}" for one in findings(name)] for lang in words.LANGUAGES]
    golden(BROKEN / f"{name}.txt", "\n\n".join("\n".join(page) for page in pages) + "\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_caret_stands_under_text_of_its_line(name: str) -> None:
    for finding in findings(name):
        where = finding.where
        assert where is not None
        assert Path(where.file).is_file()
        if where.line is None or where.column is None or not where.text:
            continue
        lines = Path(where.file).read_bytes().decode("utf-8-sig").split("\n")
        assert where.text == lines[where.line - 1].rstrip("\r")
        marked = where.text[where.column - 1 : where.column - 1 + where.length]
        assert marked.strip() or where.column > len(where.text) or finding.key == "syntax.empty"


@pytest.mark.parametrize("name", NAMES)
def test_no_mistake_is_named_twice_and_none_in_control_characters(name: str) -> None:
    for lang in words.LANGUAGES:
        texts = [one.format(lang) for one in findings(name)]
        assert len(set(texts)) == len(texts)
        assert not [char for text in texts for char in text if unicodedata.category(char) == "Cc" and char != "\n"]


def test_every_ruleset_has_its_messages() -> None:
    assert sorted(path.stem for path in BROKEN.glob("*.txt")) == NAMES


# -- ten faults in one ruleset -------------------------------------------------------------------------------------

TEN = Path(__file__).resolve().parent / "ten_faults"


def test_ten_faults_of_ten_kinds_are_found_in_one_go_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, golden: Callable[[Path, str], None]
) -> None:
    monkeypatch.chdir(TEN)
    found = check("ruleset.toml")
    lines = (TEN / "ruleset.toml").read_text(encoding="utf-8").split("\n")
    planted = {line.split("# fault: ")[1]: number for number, line in enumerate(lines, 1) if "# fault: " in line}
    assert {one.code: one.where.line for one in found if one.where} == planted
    assert len(found) == len(planted) == 10
    pages = ["\n".join(f"{one.severity}: {one.format(lang)}" for one in found) for lang in words.LANGUAGES]
    golden(TEN / "report.txt", "\n\n".join(pages) + "\n")


def test_without_its_faults_the_ruleset_is_sound(tmp_path: Path) -> None:
    text = (TEN / "ruleset.toml").read_text(encoding="utf-8")
    repaired = re.sub(r"^(?:.*# (?:fault: |and of ).*\n)?# sound: (.*)$", r"\1", text, flags=re.MULTILINE).replace(
        "\\n", "\n"
    )
    shutil.copytree(TEN / "cases", tmp_path / "cases")
    (tmp_path / "ruleset.toml").write_text(repaired, encoding="utf-8")
    assert [one.format() for one in check(tmp_path)] == []

"""Rulesets with the usual mistakes, each with the messages that its author reads: `broken/*.toml` and `broken/*.txt`.

`PERFRULES_UPDATE_GOLDEN=1 pytest tests/ruleset` writes the messages anew; the difference is then read, line by line.
"""

from __future__ import annotations

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


def findings(name: str) -> tuple[Finding, ...]:
    return check(f"{name}.toml")


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

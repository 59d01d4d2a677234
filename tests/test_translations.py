"""The Chinese pages say what the English ones say: the same steps, examples, tables, keys and places to link to."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from documents import blocks

DOCS = Path(__file__).resolve().parents[1] / "docs"
CHINESE = sorted(DOCS.rglob("*.zh.md"))
REFERENCES = [DOCS / "format.zh.md", DOCS / "language.zh.md"]

UNLESS_SAID = {"required": "必写", "absent": "没有", "empty": "空", "by kind": "随类型"}
"""What the references say that a key is unless said, where it is no code."""

of_a_page = pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.relative_to(DOCS).as_posix())
of_a_reference = pytest.mark.parametrize("page", REFERENCES, ids=lambda page: page.name)


def english(page: Path) -> Path:
    """The English page of a Chinese one."""
    return page.with_name(page.name.replace(".zh.md", ".md"))


def tables(page: Path) -> list[list[list[str]]]:
    """The tables of a page, each as its rows of cells, without the header."""
    found: list[list[list[str]]] = []
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for lines in re.findall(r"(?:^\|.*\n?)+", prose, re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines.splitlines()]
        found.append([[cell.strip() for cell in row] for row in rows[2:]])
    return found


def codes(cell: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`+[^`]+`+", cell)


def anchors(page: Path) -> list[str]:
    """The addresses of the headings of a page, as the site makes them: what is not ASCII is left out."""
    found = []
    for heading in re.findall(r"^#{2,} (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
        found.append(re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower()))
    return found


@of_a_page
def test_a_chinese_page_and_its_english_one_link_to_each_other(page: Path) -> None:
    assert f"({english(page).name})" in page.read_text(encoding="utf-8")
    assert f"({page.name})" in english(page).read_text(encoding="utf-8")


@of_a_page
def test_a_chinese_page_runs_the_same_kinds_of_examples_in_the_same_order(page: Path) -> None:
    there, here = (
        [(block.language, sorted(block.marks)) for block in blocks(one.read_text())] for one in (english(page), page)
    )
    assert here == there


@of_a_reference
def test_a_chinese_reference_has_the_places_that_the_english_one_has(page: Path) -> None:
    assert anchors(page) == anchors(english(page))


@of_a_reference
def test_a_chinese_reference_has_the_tables_of_the_english_one_with_the_same_keys(page: Path) -> None:
    theirs, ours = tables(english(page)), tables(page)
    assert len(ours) == len(theirs)
    for there, here in zip(theirs, ours, strict=True):
        assert [codes(row[0]) for row in here] == [codes(row[0]) for row in there]


@of_a_reference
def test_a_chinese_reference_has_the_codes_and_numbers_of_the_english_one(page: Path) -> None:
    for there, here in zip(tables(english(page)), tables(page), strict=True):
        for mine, row in zip(here, there, strict=True):
            fixed = [cell for cell in row if re.fullmatch(r"(`+[^`]+`+ ?)+|[\d,]+", cell)]
            assert [cell for cell in fixed if not any(cell in one for one in mine)] == [], mine


def test_the_chinese_format_page_says_the_same_of_a_key_that_is_not_written() -> None:
    page = DOCS / "format.zh.md"
    for there, here in zip(tables(english(page)), tables(page), strict=True):
        for mine, row in zip(here, there, strict=True):
            if len(row) == 3:
                assert mine[1] == UNLESS_SAID.get(row[1], mine[1]), mine
                assert mine[1] not in UNLESS_SAID.values() or row[1] in UNLESS_SAID, mine

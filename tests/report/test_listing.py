"""A ruleset as people read it, on the console, in Markdown, as a page and a workbook: all of it, at every width, and nothing in it is markup."""

from __future__ import annotations

import io
import re
import sys
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import run
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from python_calamine import CalamineWorkbook
from rich.cells import cell_len

from perfrules import load, words
from perfrules.report import markup
from perfrules.report.markdown import code, paragraph, ruleset_markdown, text
from perfrules.report.overview import overview
from perfrules.report.rules_page import ruleset_page
from perfrules.report.rules_workbook import ruleset_workbook
from perfrules.ruleset.library import Ruleset

from .test_forms import EVERY_KIND

GOLDEN = Path(__file__).resolve().parent / "golden"
Golden = Callable[[Path, str], None]

HOSTILE = EVERY_KIND.replace("[dimensions.d]", """
[values.sum_]
title = "a|b `c` <script>alert(1)</script> [red]x[/red] *y* $z$"
formula = "spent + 1"
explanation = "# heading\\n\\n- list\\n1. more | cell"
[methods.m]
title = "`|\\\\"
parameters = { p = 1 }
score = "weight if met else 0"
note_when = "value > 1"
[adjustments.cap]
each = "total"
score = "min(earned, 9)"
authority = "[link](javascript:x)"
[checks.c]
title = "\\u202egnp.exe"
equal = ["spent", "sum_"]
tolerance = 0.5
[scales.g]
steps = [{ id = "a|b", title = "=1", from = 60 }, { id = "c", from = 0 }]
[dimensions.d]
title = "- [ ] x"
scale = "g"
""")  # fmt: skip


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes the starter ruleset in a language, and gives its folder."""
    monkeypatch.chdir(tmp_path)

    def write(lang: str) -> str:
        assert run("new", "town/culture-station", "-o", lang, "--lang", lang).status == 0
        return lang

    return write


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_ruleset_reads_as_shown(
    columns: int, lang: str, starter: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, golden: Golden
) -> None:
    folder = starter(lang)
    monkeypatch.setenv("COLUMNS", str(columns))
    out = run("show", folder, "--lang", lang).out
    lines = [line.rstrip() for line in out.split("\n")]
    assert max(map(cell_len, lines)) <= columns
    golden(GOLDEN / f"show.{lang}.{columns}.txt", "\n".join(lines))


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_ruleset_in_markdown_reads_as_shown(lang: str, starter: Callable[[str], str], golden: Golden) -> None:
    folder = starter(lang)
    out = run("show", folder, "--format", "md", "--lang", lang).out
    assert run("show", folder, "-o", "x.md", "--lang", lang) == (0, "", "")
    assert Path("x.md").read_text(encoding="utf-8") == out
    assert run("show", folder, "-o", "x.txt", "--lang", lang) == (0, "", "")
    assert not Path("x.txt").read_text(encoding="utf-8").startswith("#")
    golden(GOLDEN / f"show.{lang}.md", out)


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_nothing_of_a_ruleset_is_lost_or_obeyed_on_the_console(
    columns: int, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    (tmp_path / "ruleset.toml").write_text(HOSTILE, encoding="utf-8")
    out = run("show", tmp_path, "--lang", lang).out
    assert not [char for char in out if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]
    assert max(cell_len(line.rstrip()) for line in out.split("\n")) <= columns
    shown = re.sub(r"[\s─]", "", out)
    read = overview(load(tmp_path), lang)
    said = [read.title, *read.about]
    for item in (*read.rows, *(item for section in read.sections for item in section.items)):
        said += [item.title, item.id, item.weight] if columns > 40 else []
    for fact in read.facts:
        said += [fact.title, fact.unit] if columns > 40 else []
    for one in said:
        # What is beside another column is broken into lines among its lines.
        pieces = re.split(r"\s", words.safe(one, None))
        assert all(re.sub(r"\s", "", piece)[:8] in shown for piece in pieces), one


# -- Markdown ------------------------------------------------------------------------------------------------------


def rendered(markdown: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


def plain(html: str) -> str:
    """The text of HTML without tags."""
    from html import unescape

    return unescape(re.sub(r"</?(p|br|code|td|th|tr|table|thead|tbody|h[12]|strong)\b[^>]*>", "", html)).strip()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.text(
    "#*_`|<>[]()!&~-+=.:\\1 a$^{}\n\"'", max_size=20
)


@given(TEXTS)
def test_a_paragraph_shows_its_text_and_nothing_else(data: str) -> None:
    shown = words.safe(" ".join(data.split()), None)
    assert plain(rendered(paragraph(data))) == shown
    if shown:
        assert rendered(paragraph(data)).startswith("<p>")


@given(TEXTS, TEXTS)
def test_a_cell_shows_its_text_and_ends_where_it_ends(data: str, formula: str) -> None:
    html = rendered(f"| a | b |\n| --- | --- |\n| {text(data)} | {code(formula)} |\n")
    cells = re.findall(r"<td>(.*?)</td>", html, re.DOTALL)
    assert [plain(cell) for cell in cells] == [words.safe(" ".join(one.split()), None) for one in (data, formula)]


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_hostile_names_are_data_in_markdown(lang: str, tmp_path: Path) -> None:
    (tmp_path / "ruleset.toml").write_text(HOSTILE, encoding="utf-8")
    written = ruleset_markdown(load(tmp_path), lang)
    html = rendered(written)
    tags = set(re.findall(r"<(\w+)", html))
    assert tags <= {"h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td", "br", "code", "strong"}
    assert "\x1b" not in written
    assert "\u202e" not in written
    for table in re.findall("<table>.*?</table>", html, re.DOTALL):
        widths = {len(re.findall("<t[hd]", row)) for row in re.findall("<tr>.*?</tr>", table, re.DOTALL)}
        assert len(widths) == 1
    assert "a|b `c` <script>alert(1)</script> [red]x[/red] *y* $z$" in plain(html)


def test_markdown_leaves_out_columns_that_nothing_stands_in(tmp_path: Path) -> None:
    (tmp_path / "ruleset.toml").write_text(HOSTILE, encoding="utf-8")
    written = ruleset_markdown(load(tmp_path), "en")
    assert "| Level 1 | Indicator | Weight |" in written
    assert "| Target |" not in written
    assert "| Level 2 |" not in written


# -- the page and the workbook -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_page_and_workbook_say_all_that_the_overview_says(lang: str, tmp_path: Path) -> None:
    (tmp_path / "ruleset.toml").write_text(HOSTILE, encoding="utf-8")
    for ruleset in (load(tmp_path), load("cn/department-overall-2013"), load("us/part-2002")):
        read = overview(ruleset, lang)
        said = [read.title, *read.about]
        for item in (*read.rows, *(item for section in read.sections for item in section.items)):
            said += [item.title, item.id, item.weight, *(one.text for one in item.said)]
        for fact in read.facts:
            said += [fact.title, fact.id, fact.kind, fact.unit, *fact.can_be, *(one.text for one in fact.said)]
        wanted = {words.safe(" ".join(one.split()), None) for one in said} - {""}
        assert [one for one in wanted if one not in unescaped(ruleset_page(ruleset, lang))] == []
        cells = {
            line for sheet in sheets(ruleset, lang) for row in sheet for cell in row for line in shown(cell).split("\n")
        }
        assert [one for one in wanted if one not in cells and not any(cell.endswith(one) for cell in cells)] == []


def shown(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def unescaped(html: str) -> str:
    """The text of a page, its tags left out."""
    from html import unescape

    return re.sub(r"\s+", " ", unescape(re.sub(r"<[a-z/!][^>]*>", "", html)))


def sheets(ruleset: Ruleset, lang: str) -> list[list[list[Any]]]:
    """The cells of the workbook, sheet by sheet."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(ruleset_workbook(ruleset, lang)))
    return [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]


def test_the_workbook_of_a_published_ruleset_has_its_columns_and_rows() -> None:
    rows, facts, others = sheets(load("cn/department-overall-2013"), "zh")
    at = next(number for number, row in enumerate(rows) if row[0] == "一级指标")
    assert rows[at] == ["一级指标", "二级指标", "指标", "分值", "指标解释", "计算公式", "目标", "评分标准", "依据"]
    found = next(row for row in rows if str(row[2]).endswith("staffing_control_rate"))
    assert found[2:4] == ["在职人员控制率\nstaffing_control_rate", 5]
    assert found[5:7] == ["percent(staff_in_post, staff_posts)", "<= 100"]
    assert str(found[7]).startswith("以100%为标准。")
    assert str(found[7]).endswith("\nmax(0, weight - 0.5 * started(value - 100, 1))")
    assert [row[:4] for row in facts if row[1] == "staff_posts"] == [["编制数", "staff_posts", "计数", "人"]]
    assert {row[0] for row in others[4:]} >= {"评分方法", "等级 grade"}


def test_in_page_and_workbook_nothing_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "ruleset.toml").write_text(HOSTILE, encoding="utf-8")
    ruleset = load(tmp_path)
    html = ruleset_page(ruleset, "en")
    assert set(re.findall(r"<(script|img|iframe|a)\b", html)) == set()
    assert [char for char in html if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"] == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    made = ruleset_workbook(ruleset, "en")
    assert made == ruleset_workbook(ruleset, "en")
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        written = "".join(parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/"))
    assert "<f>" not in written
    assert "hyperlink" not in written.lower().replace("=hyperlink(", "")


def test_the_ending_or_the_format_says_what_is_written(starter: Callable[[str], str]) -> None:
    folder = starter("zh")
    page = run("show", folder, "--format", "html", "--lang", "zh")
    assert page.out.startswith('<!DOCTYPE html>\n<html lang="zh-Hans">')
    assert run("show", folder, "-o", "x.html", "--lang", "zh") == (0, "", "")
    assert Path("x.html").read_text(encoding="utf-8") == page.out
    assert run("show", folder, "-o", "x.XLSX", "--lang", "zh") == (0, "", "")
    assert Path("x.XLSX").read_bytes() == ruleset_workbook(load(folder), "zh")
    refused = run("show", folder, "--format", "xlsx", "--lang", "en")
    assert (refused.status, refused.out) == (2, "")
    assert "a workbook is written into a file" in refused.err


@pytest.mark.parametrize(("module", "ending", "extra"), [("jinja2", "html", "html"), ("xlsxwriter", "xlsx", "office")])
def test_without_the_extra_one_sentence_says_what_to_install(
    module: str, ending: str, extra: str, starter: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = starter("en")
    markup._environment.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    refused = run("show", folder, "-o", f"x.{ending}", "--lang", "en")
    assert (refused.status, Path(f"x.{ending}").exists()) == (2, False)
    assert "needs-extra" in refused.err
    assert f"perfrules[{extra}]" in refused.err

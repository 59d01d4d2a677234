"""A ruleset as people read it, on the console and in Markdown: all of it, at every width, and nothing in it is markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import run
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from perfrules import load, words
from perfrules.report.markdown import code, paragraph, ruleset_markdown, text
from perfrules.report.overview import overview

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

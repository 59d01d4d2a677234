"""The report as a Word document: read back, opened by another program, and the same for the same evaluation."""

from __future__ import annotations

import builtins
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.opc.oxml import serialize_part_xml
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from hypothesis import given
from hypothesis import strategies as st

import perfrules
from perfrules.evaluation.export import as_dict
from perfrules.report.document import document
from perfrules.report.narrated import report_text
from perfrules.report.paper import run

from .reports import evaluated, hostile

NAMES = ("julu", "langfang", "full", "fallen")
LANGS = ("zh", "en")
NO_OFFICE = "LibreOffice is not installed"
NO_PDF = "pdftotext is not installed (poppler-utils)"

each = pytest.mark.parametrize("name", NAMES)
each_lang = pytest.mark.parametrize("lang", LANGS)


def opened(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def below(file: Any, heading: str) -> list[Paragraph | Table]:
    """The paragraphs and tables between a heading and the next one."""
    found: list[Paragraph | Table] = []
    inside = False
    for block in file.iter_inner_content():
        if isinstance(block, Paragraph) and block.style and (block.style.name or "").startswith("Heading"):
            inside = block.text.endswith(heading)
        elif inside:
            found.append(block)
    return found


def table(file: Any, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, row by row; those that are joined with the one above are empty."""
    found = next(block for block in below(file, heading) if isinstance(block, Table))
    rows = []
    for row in found._tbl.tr_lst:
        cells = []
        for cell in row.tc_lst:
            joined = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            texts = ["".join(piece.text or "" for piece in line.iter(qn("w:t"))) for line in cell.findall(qn("w:p"))]
            cells.append("" if joined is not None and joined.get(qn("w:val")) == "continue" else "\n".join(texts))
        rows.append(cells)
    return rows


@each
@each_lang
def test_the_sections_are_real_headings_in_order(name: str, lang: str) -> None:
    file = opened(document(evaluated(name), lang))
    heads = [block.text for block in file.paragraphs if block.style.name == "Heading 1"]
    markdown = report_text(evaluated(name), lang)
    assert heads == re.findall(r"^## (.*)$", markdown, re.MULTILINE)
    parts = [block.text for block in file.paragraphs if block.style.name == "Heading 2"]
    assert parts == re.findall(r"^### (.*)$", markdown, re.MULTILINE)


@each
def test_the_figures_are_those_of_the_json(name: str) -> None:
    file, data = opened(document(evaluated(name), "zh")), as_dict(evaluated(name))
    _, *rows = table(file, "各项指标")
    assert [(row[-3], row[-2]) for row in rows] == [(one["weight"], one["score"] or "—") for one in data["indicators"]]
    _, *rows = table(file, "各维度得分")
    for row, dimension in zip(rows, data["dimensions"], strict=False):
        assert row[0].strip() == dimension["title"]["zh"]
        assert row[1] == dimension["weight"]
        assert row[2] == dimension["score"] or dimension["score"] is None
    assert rows[-1][2] == data["total"]["score"] or data["total"]["score"] is None


@each
def test_what_fell_short_and_every_finding_is_there(name: str) -> None:
    evaluation = evaluated(name)
    file = opened(document(evaluation, "zh"))
    lost = [row for row in evaluation if row.lost and row.lost > 0]
    if lost:
        told = {row[0].split("\n")[0]: row[1] for row in table(file, "失分的指标及原因")[1:]}
        assert set(told) == {row.title["zh"] for row in lost}
        assert all("评分：" in reason for reason in told.values())
    if evaluation.findings:
        _, *rows = table(file, "发现")
        assert [row[1].rpartition("\n")[2] for row in rows] == [finding.code for finding in evaluation.findings]


def test_gaps_and_the_submitters_words_look_as_what_they_are() -> None:
    file = opened(document(evaluated("fallen"), "zh"))
    quoted = [block for block in file.paragraphs if block.style.name == "Quote"]
    assert [block.text for block in quoted] == ["第一段。", "第二段。", "* 一项"]
    gaps = [block for block in file.paragraphs if block.text.startswith("[未填写")]
    assert len(gaps) == 3
    assert all(str(block.runs[0].font.color.rgb) == "9C0006" for block in gaps)


@each_lang
def test_chinese_has_fonts_of_its_own_everywhere(lang: str) -> None:
    file = opened(document(evaluated("julu"), lang))
    used = {block.style.name for block in file.paragraphs} | {
        block.style.name for grid in file.tables for row in grid.rows for cell in row.cells for block in cell.paragraphs
    }
    assert {"Title", "Subtitle", "Heading 1", "Heading 2", "Table Text", "Table Head"} <= used
    for name in used:
        fonts = file.styles[name].element.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
        assert fonts.get(qn("w:eastAsia")) in ("宋体", "黑体"), name
        assert not [key for key in fonts.keys() if "Theme" in key], name  # noqa: SIM118  (an element of XML is no dict)
    for fonts in file.element.iter(qn("w:rFonts")):
        assert fonts.get(qn("w:eastAsia")) in ("宋体", "黑体", "楷体")


@each
def test_tables_fit_the_page_repeat_their_heads_and_keep_their_rows(name: str) -> None:
    file = opened(document(evaluated(name), "zh"))
    section = file.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    for grid in file.tables:
        widths = [int(column.get(qn("w:w"))) * 635 for column in grid._tbl.tblGrid]
        assert room * 0.99 < sum(widths) <= room
        rows = grid._tbl.tr_lst
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
        head = rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}")
        assert (head is not None) or len(grid.columns) == 2  # what names things in its first column


def test_a_row_that_may_not_fit_on_a_page_may_be_split(tmp_path: Path) -> None:
    file = opened(document(hostile(tmp_path, "长" * 5000), "zh"))
    rows = [row for grid in file.tables for row in grid._tbl.tr_lst]
    long = [row for row in rows if len("".join(row.itertext())) > 5000]
    assert long
    assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is None for row in long)


@each_lang
def test_the_footer_counts_pages(lang: str) -> None:
    footer = opened(document(evaluated("full"), lang)).sections[0].footer._element
    assert [field.get(qn("w:instr")) for field in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]


@each
@each_lang
def test_the_same_evaluation_gives_the_same_bytes_without_a_time(name: str, lang: str) -> None:
    evaluation = evaluated(name)
    content = document(evaluation, lang)
    assert content == document(evaluation, lang)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
        assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2000-01-01T00:00:00Z"}
        names = set(archive.namelist())
        for part in (entry for entry in names if entry.endswith(".rels")):
            folder = part.partition("_rels/")[0]
            targets = re.findall(r'Target="([^"]+)"', archive.read(part).decode())
            assert {folder + target for target in targets} <= names


@each_lang
def test_hostile_texts_show_as_texts(tmp_path: Path, lang: str) -> None:
    file = opened(document(hostile(tmp_path), lang))
    shown = "".join(piece.text or "" for piece in file.element.body.iter(qn("w:t")))
    assert r"<w:p>&amp;</w:t> | a `b` **c** # ]]> =1+1 \x07\x1b[31m \ufffe \u202e javascript:alert(1)" in shown
    assert not [char for char in shown if ord(char) < 32 or char in "\u202e\ufffe"]
    assert not list(file.element.iter(qn("w:hyperlink")))


@given(st.text(max_size=40))
def test_any_text_can_be_written(text: str) -> None:
    shown = parse_xml(serialize_part_xml(run(text))).find(qn("w:t")).text or ""
    assert shown == text or "\\" in shown


def test_without_python_docx_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refusing(name: str, *rest: Any) -> Any:
        if name == "docx" or name.startswith("docx."):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(perfrules.PerfrulesError) as refused:
        document(evaluated("full"), "en")
    assert [finding.code for finding in refused.value.findings] == ["needs-extra"]
    assert "perfrules[office]" in refused.value.findings[0].help()


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The texts of reports as LibreOffice prints them."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip(NO_OFFICE)
    if shutil.which("pdftotext") is None:
        pytest.skip(NO_PDF)
    folder = tmp_path_factory.mktemp("printed")
    made = {f"{name}-{lang}": document(evaluated(name), lang) for name, lang in (("julu", "zh"), ("fallen", "en"))}
    made["hostile-zh"] = document(hostile(folder), "zh")
    for name, content in made.items():
        (folder / f"{name}.docx").write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    files = [str(folder / f"{name}.docx") for name in made]
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pdftotext = str(shutil.which("pdftotext"))
    return {
        name: subprocess.run(
            [pdftotext, "-layout", str(folder / f"{name}.pdf"), "-"], check=True, capture_output=True, encoding="utf-8"
        ).stdout
        for name in made
    }


def test_libreoffice_opens_the_documents_and_prints_all_of_them(printed: dict[str, str]) -> None:
    assert "巨鹿县巨鹿镇人民政府" in printed["julu-zh"]
    for row in evaluated("julu"):
        assert row.title["zh"][:6] in printed["julu-zh"]
    pages = printed["julu-zh"].count("\f")
    assert f"共 {pages} 页" in printed["julu-zh"]
    assert printed["julu-zh"].count("得分率") <= 2  # a head comes again on a new page
    assert "Performance evaluation report 2023" in printed["fallen-en"]
    assert f"page 1 of {printed['fallen-en'].count(chr(12))}" in printed["fallen-en"]
    assert "<w:p>&amp;</w:t>" in printed["hostile-zh"]

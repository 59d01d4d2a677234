"""A portfolio drawn: on the console at two widths, as a page, as a workbook that recalculates; hostile names as text."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import console, requests, run, screen, violations, visit, walk
from projects import department, project
from rich.cells import cell_len
from rich.console import Console

from perfrules.evaluation.portfolio import Portfolio, portfolio
from perfrules.report.derived import told
from perfrules.report.portfolio import portfolio_view
from perfrules.report.portfolio_page import portfolio_page
from perfrules.report.portfolio_workbook import portfolio_workbook
from perfrules.report.told import Told

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "department"
HOSTILE = "<script>alert(1)</script>=1+1 [bold]\\u001b[31m javascript:x"


@pytest.fixture(scope="module")
def found() -> Portfolio:
    return portfolio(EXAMPLE)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    folder = tmp_path_factory.mktemp("hostile")
    files = {
        "p1.toml": project(subject=HOSTILE), "p2.toml": project(subject="=HYPERLINK(\\\"http://x\\\")"),
        "p3.toml": project(10_000, None, "@SUM(A1)"), "p<b>.toml": "[submission",
    }  # fmt: skip
    department(folder, files)
    return portfolio(folder)


def drawn(given: Portfolio, width: int, lang: str) -> str:
    printed = io.StringIO()
    Console(width=width, file=printed).print(portfolio_view(given, lang))
    return printed.getvalue()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [60, 120])
def test_the_console_fits_its_width(width: int, lang: str, found: Portfolio, hostile: Portfolio) -> None:
    for given in (found, hostile):
        text = drawn(given, width, lang)
        assert max(cell_len(line) for line in text.splitlines()) <= width
        assert "\x1b" not in text
    text = drawn(found, width, lang)
    assert {"zh": "示例市水利局  94.66 / 100  优", "en": "示例市水利局  94.66 / 100  Excellent"}[lang] in text
    assert "79.71 / 100" in text
    assert ("17.53" in text) == (width == 120)


class Texts(HTMLParser):
    """The tags of a page, its attributes, and its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids |= {value or "" for name, value in attrs if name == "id"}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_one_file_that_asks_for_nothing(lang: str, found: Portfolio) -> None:
    page = portfolio_page(found, lang)
    texts = Texts(page)
    assert "script" not in texts.tags
    assert all(link == "data:," or link[1:] in texts.ids for link in texts.links)
    assert "default-src 'none'" in page
    assert set(re.findall(r"url\(.*?\)", page)) == {"url(#hatch)"}
    assert page == portfolio_page(found, lang)
    whole = "".join(texts.texts)
    for shown in ("94.66 / 100", "79.71 / 100", "weighted_mean(projects.intact, projects.budget)"):
        assert shown in whole
    assert "projects/hexi-2022.toml" in texts.texts
    assert (
        texts.links.count("#project-3") == 6
    )  # the row of a project, from each indicator of the department, and what loses


def test_hostile_names_are_texts_of_the_page(hostile: Portfolio) -> None:
    page = portfolio_page(hostile, "en")
    texts = Texts(page)
    assert not {"script", "b>"} & set(texts.tags)
    assert any("<script>alert(1)</script>=1+1 [bold]\\x1b[31m javascript:x" in text for text in texts.texts)
    assert "\x1b" not in page
    assert any("p<b>.toml" in text for text in texts.texts)


# -- the page in a browser ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["found", "hostile"])
def opened(
    request: pytest.FixtureRequest, browser: Chrome, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Chrome, Portfolio]:
    """A page, opened from its file, and what it shows."""
    given: Portfolio = request.getfixturevalue(request.param)
    file = tmp_path_factory.mktemp("page") / "portfolio.html"
    file.write_text(portfolio_page(given, "en"), encoding="utf-8")
    visit(browser, file)
    return browser, given


@pytest.mark.xdist_group("chromium")
def test_the_page_asks_for_nothing_and_logs_nothing(opened: tuple[Chrome, Portfolio]) -> None:
    browser, _ = opened
    assert requests(browser) == []
    assert console(browser) == []


@pytest.mark.xdist_group("chromium")
def test_the_rows_of_a_department_open_by_keyboard_and_say_what_explain_says(opened: tuple[Chrome, Portfolio]) -> None:
    browser, given = opened
    walk(browser)
    script = "[...document.querySelectorAll('details')].map(e => [e.dataset.id, e.open, e.querySelector('.inside').innerText])"
    rows = run(browser, f"return {script}")
    (department,) = given.departments
    assert department.evaluation is not None
    assert {name for name, _, _ in rows} == set(department.evaluation.ruleset.program.rows)
    for name, is_open, text in rows:
        assert is_open
        assert "".join(text.split()) == "".join(map(spoken, told(department.evaluation, name, "en").below))


def spoken(line: Told) -> str:
    """A line and those below, without spaces."""
    return "".join("".join(span.text for span in line.spans).split()) + "".join(map(spoken, line.below))


@pytest.mark.xdist_group("chromium")
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("light", 1280), ("dark", 1280)])
def test_the_page_is_accessible_and_as_wide_as_the_screen(
    scheme: str, width: int, opened: tuple[Chrome, Portfolio]
) -> None:
    browser, _ = opened
    screen(browser, width, scheme)
    run(browser, "document.querySelectorAll('details').forEach(e => e.open = true)")
    assert run(browser, "return document.documentElement.scrollWidth") <= width
    rules = ("color-contrast",) if scheme == "dark" else ()  # where the colours alone are others
    assert violations(browser, *rules) == []


# -- the workbook ------------------------------------------------------------------------------------------------


def sheets(book: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


def test_texts_of_the_workbook_are_never_formulas_or_links(hostile: Portfolio) -> None:
    files = sheets(portfolio_workbook(hostile, "en"))
    formulas = [
        formula for name, text in files.items() if "worksheets" in name for formula in re.findall("<f>(.*?)</f>", text)
    ]
    assert formulas
    assert not [formula for formula in formulas if "HYPERLINK" in formula or "1+1" in formula]
    assert not [name for name, text in files.items() if "<hyperlink" in text]
    assert "=HYPERLINK" in files["xl/sharedStrings.xml"]


def test_cells_of_what_is_not_known_stay_empty_and_their_sums_too(hostile: Portfolio) -> None:
    first = sheets(portfolio_workbook(hostile, "en"))["xl/worksheets/sheet1.xml"]
    assert re.search('<f>IF\\(COUNT\\(I3:I5\\)&lt;ROWS\\(I3:I5\\),"",SUM\\(I3:I5\\)\\)</f><v></v>', first)
    assert '<td class="right open"><span class="points"><span class="score">0 – 100</span>' in portfolio_page(
        hostile, "en"
    )


def test_the_same_portfolio_is_the_same_bytes(found: Portfolio) -> None:
    assert portfolio_workbook(found, "zh") == portfolio_workbook(found, "zh")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_the_sums_and_averages_of_the_workbook_recalculate(found: Portfolio, tmp_path: Path) -> None:
    book = portfolio_workbook(found, "en")
    with zipfile.ZipFile(io.BytesIO(book)) as archive, zipfile.ZipFile(tmp_path / "book.xlsx", "w") as target:
        for name in archive.namelist():  # without the values that the formulas carry: they must be worked out
            text = archive.read(name)
            target.writestr(name, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", text) if "worksheets" in name else text)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        "--headless",
        "--convert-to",
        "csv",
        "--outdir",
        str(tmp_path),
        profile,
        str(tmp_path / "book.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    rows = list(csv.reader((tmp_path / "book.csv").read_text(encoding="utf-8").splitlines()))
    total, mean, weighted = rows[-3:]
    exact = [found.money_sum, found.spent_sum, found.execution_rate, found.average.value, found.weighted.value]
    assert [float(cell) for cell in (*total[3:6], mean[12], weighted[12])] == pytest.approx(
        [float(one or 0) for one in exact]
    )
    assert [float(row[12]) for row in rows[2:-3]] == pytest.approx([float(entry.rate or 0) for entry in found.projects])

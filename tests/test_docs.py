"""The documents hold: every example runs and gives what the page shows, and every link leads somewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from documents import Page, prepare

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "rulesets").rglob("*.md"))]

_FENCED = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_the_examples_of_a_page_do_what_it_shows(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    shown = Page(page, folder, prepare(folder, ROOT, [sys.executable, "-m", "perfrules"]))
    shown.run()
    if request.config.getoption("--update-docs"):
        shown.update()
    if shown.wrong:
        pytest.fail("\n\n".join(shown.wrong), pytrace=False)


@each_page
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    prose = _CODE.sub("", _FENCED.sub("", page.read_text(encoding="utf-8")))
    lost = [link for link in _LINK.findall(prose) if not (page.parent / unquote(link)).exists()]
    assert not lost

"""What every test stands on: how properties are searched, where the project is, and that no skip hides in CI."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

settings.register_profile("developer", deadline=None)  # machines differ, and a slow one is no wrong answer
settings.register_profile("ci", parent=settings.get_profile("developer"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
NO_SKIPS = os.environ.get("PERFRULES_NO_SKIPS") == "1"
"""Where every program that a test may need is installed, a test that is skipped has failed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-docs", action="store_true", help="write into the documents what their examples gave")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _refuse_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _refuse_skip(report)


def _refuse_skip(report: Report) -> Report:
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The root of the project, where `README.md` is."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def golden() -> Callable[[Path, str], None]:
    """Compares a text with the file that people read; `PERFRULES_UPDATE_GOLDEN=1` writes the file, to be read in the diff."""

    def compare(path: Path, text: str) -> None:
        if os.environ.get("PERFRULES_UPDATE_GOLDEN") == "1":
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8")

    return compare

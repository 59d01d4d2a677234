"""A portfolio as one self-contained HTML page: departments with what they are rolled up from, projects side by side.

Departments are shown as the page of an evaluation shows one; here the rest of the portfolio becomes texts and bars, and
the template lays them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfrules import numbers, words
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.portfolio import Average, Entry, Portfolio
from perfrules.evaluation.results import Result, Status
from perfrules.report.bars import bar, part_of
from perfrules.report.markup import rendered
from perfrules.report.page_content import found, page_content
from perfrules.report.style import points

MAX_INDICATORS = 40
"""Indicators that are shown side by side; more are in the workbook."""


def portfolio_page(portfolio: Portfolio, lang: str) -> str:
    """The HTML of a portfolio's page; the same portfolio gives the same text.

    Args:
        portfolio: The evaluations of a folder.
        lang: `zh` or `en`.

    Raises:
        PerfrulesError: Jinja2 is not installed.
    """
    return rendered("projects.html", lang, **_Page(portfolio, lang).content())


class _Page:
    """The texts and bars of a page."""

    def __init__(self, portfolio: Portfolio, lang: str) -> None:
        self.portfolio = portfolio
        self.lang = lang
        self.links = {entry.path.resolve(): f"project-{index}" for index, entry in enumerate(portfolio.projects, 1)}

    def say(self, key: str, **values: object) -> str:
        return words.say(key, self.lang, values)

    def title(self, titles: Any, identifier: str) -> str:
        return words.title(titles, self.lang, identifier)

    def content(self) -> dict[str, Any]:
        """What the template names."""
        shown, unit = self.portfolio, self.portfolio.unit
        top = shown.departments[0] if shown.departments else None
        average = shown.weighted if shown.weighted.value is not None else shown.average
        return {
            "title": self.say("portfolio.title", name=top.subject if top else shown.folder.resolve().name),
            "counts": self.say("portfolio.count", count=len(shown.projects)),
            "statuses": [{"status": status, "text": self.say(f"portfolio.{status}", count=count)}
                         for status, count in shown.statuses.items() if count],
            "departments": [self.department(entry, entry.evaluation, f"department-{number}-")
                            for number, entry in enumerate(shown.departments, 1) if entry.evaluation],
            "figures": list(self.figures()), "grades": self.grades(),
            "money": self.say("portfolio.money", unit=unit) if unit else "", "money_sum": _number(shown.money_sum),
            "average": f"{_number(average.value)} %" if average.value is not None else "",
            "dimensions": [self.title(title, name) for name, title in shown.dimensions.items()],
            "indicators": [self.title(title, name) for name, title in self.indicators.items()],
            "projects": [self.project(entry) for entry in shown.projects],
            "losing": [self.loss(entry) for entry in shown.losing],
            "unread": [{"name": entry.name, "findings": [found(one, self.lang) for one in entry.findings]}
                       for entry in shown.unread],
        }  # fmt: skip

    @property
    def indicators(self) -> dict[str, Any]:
        declared = self.portfolio.indicators
        return declared if len(declared) <= MAX_INDICATORS else {}

    # -- projects -------------------------------------------------------------------------------------------------

    def project(self, entry: Entry) -> dict[str, Any]:
        """A row of the tables of projects."""
        evaluation = entry.evaluation
        branches = evaluation.dimensions if evaluation else {}
        rows = {row.id: row for row in evaluation or ()}
        return {
            "anchor": self.links[entry.path.resolve()], "subject": entry.subject, "name": entry.name,
            "total": self.cell(entry.total), "grade": words.title(entry.grade_title, self.lang),
            "money": _number(self.portfolio.money(entry)),
            "dimensions": [self.cell(branches.get(name)) for name in self.portfolio.dimensions],
            "indicators": [self.cell(rows.get(name)) for name in self.indicators],
        }  # fmt: skip

    def cell(self, result: Result | None) -> dict[str, Any]:
        """A score of a table, with its weight and its bar."""
        if result is None or result.status is Status.NOT_APPLICABLE:
            return {"score": "—", "weight": "", "open": False, "bar": None}
        weight = numbers.plain(result.weight)
        return {"score": _points(result), "weight": weight, "open": result.score is None, "bar": bar(result, self.lang)}

    def loss(self, entry: Entry) -> dict[str, Any]:
        """A project that loses much."""
        row, worst = entry.worst, ""
        if row is not None:
            worst = self.say("portfolio.worst", title=self.title(row.title, row.id), lost=_number(row.lost))
        link = self.links.get(entry.path.resolve())
        return {"subject": entry.subject, "link": link, "lost": _number(entry.lost), "worst": worst}

    def figures(self) -> Iterator[dict[str, str]]:
        """Averages and sums."""
        shown, unit = self.portfolio, self.portfolio.unit or ""

        def average(key: str, of: Average) -> Iterator[dict[str, str]]:
            if of.value is not None:
                yield {"label": self.say(key, count=of.of), "value": f"{_number(of.value)} %"}

        yield from average("portfolio.by-money", shown.weighted)
        yield from average("portfolio.plain", shown.average)
        for key, amount in (("portfolio.all-money", shown.money_sum), ("portfolio.all-spent", shown.spent_sum)):
            if amount is not None:
                yield {"label": self.say(key), "value": f"{_number(amount)} {unit}"}
        if shown.execution_rate is not None:
            yield {"label": self.say("portfolio.executed"), "value": f"{_number(shown.execution_rate)} %"}

    def grades(self) -> list[dict[str, Any]]:
        """How many projects have each grade."""
        grades = self.portfolio.grades
        most = max((count for _, _, count in grades), default=0)
        return [
            {"title": self.title(title, identifier), "count": count, "bar": part_of(count, most)}
            for identifier, title, count in grades
        ]

    # -- departments ----------------------------------------------------------------------------------------------

    def department(self, entry: Entry, evaluation: Evaluation, within: str) -> dict[str, Any]:
        """A department as its own page shows it, and where this page has what it is rolled up from."""
        paths = {source.path for sources in evaluation.facts.sources.values() for source in sources}
        found_at = {path: self.links.get((entry.path.parent / path).resolve()) for path in sorted(paths)}
        return {
            "page": page_content(evaluation, self.lang, within), "within": within,
            "links": {path: anchor for path, anchor in found_at.items() if anchor},
        }  # fmt: skip


def _points(result: Result) -> str:
    """The score, or from where to where it can be."""
    ends = None if result.score is not None else result.bounds
    return " – ".join(numbers.shown(end, 2) for end in ends) if ends else points(result)


def _number(given: Any) -> str:
    return "—" if given is None else numbers.shown(given, 2)

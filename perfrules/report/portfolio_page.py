"""A portfolio as one self-contained HTML page: departments with what they are rolled up from, projects side by side.

Here the portfolio becomes texts and shares; the template only lays them out. Every text is escaped, and shown as
`perfrules.words.safe` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from perfrules import numbers, words
from perfrules.errors import Finding, PerfrulesError
from perfrules.evaluation.derivation import FactUse
from perfrules.evaluation.portfolio import Average, Entry, Portfolio
from perfrules.evaluation.results import Result, RowResult, Status
from perfrules.formula.systems.exact import Unknown
from perfrules.report.style import points, value
from perfrules.report.wording import reason_text
from perfrules.ruleset.program import authorities

if TYPE_CHECKING:
    from jinja2 import Template

MAX_INDICATORS = 40
"""Indicators that are shown side by side; more are in the workbook."""

_SHOWN_PARTS = ("value", "target", "score")


def portfolio_page(portfolio: Portfolio, lang: str) -> str:
    """The page.

    Raises:
        PerfrulesError: Jinja2 is not installed.
    """
    return _template().render(**_Page(portfolio, lang).content())


@cache
def _template() -> Template:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise PerfrulesError([Finding("needs-extra", about=".html", values={"extra": "html"})]) from None
    environment = Environment(
        loader=PackageLoader("perfrules", "report/templates"), autoescape=True, finalize=_shown,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("portfolio.html")


def _shown(found: Any) -> Any:
    """A value as the page shows it: on one line, safe; what the template made itself stays as it is."""
    return found if hasattr(found, "__html__") else words.safe(" ".join(str(found).split()), None)


class _Page:
    """The texts and shares of a page."""

    def __init__(self, portfolio: Portfolio, lang: str) -> None:
        self.portfolio = portfolio
        self.lang = lang
        self.links = {entry.path.resolve(): index for index, entry in enumerate(portfolio.projects, 1)}

    def say(self, key: str, **values: object) -> str:
        return words.say(key, self.lang, values)

    def title(self, titles: Any, identifier: str) -> str:
        return words.title(titles, self.lang, identifier)

    def content(self) -> dict[str, Any]:
        """What the template names."""
        found, unit = self.portfolio, self.portfolio.unit
        top = found.departments[0] if found.departments else None
        average = found.weighted if found.weighted.value is not None else found.average
        return {
            "lang": self.lang, "say": self.say,
            "title": self.say("portfolio.title", name=top.subject if top else found.folder.resolve().name),
            "counts": self.say("portfolio.count", count=len(found.projects)),
            "statuses": [{"status": status, "text": self.say(f"portfolio.{status}", count=count)}
                         for status, count in found.statuses.items() if count],
            "departments": [self.department(entry) for entry in found.departments],
            "figures": list(self.figures()), "grades": self.grades(),
            "money": self.say("portfolio.money", unit=unit) if unit else "", "money_sum": _number(found.money_sum),
            "average": f"{_number(average.value)} %" if average.value is not None else "",
            "dimensions": [self.title(title, name) for name, title in found.dimensions.items()],
            "indicators": [self.title(title, name) for name, title in self.indicators.items()],
            "projects": [self.project(entry) for entry in found.projects],
            "losing": [self.loss(entry) for entry in found.losing],
            "unread": [{"name": entry.name, "findings": [one.message(self.lang) for one in entry.findings]}
                       for entry in found.unread],
        }  # fmt: skip

    @property
    def indicators(self) -> dict[str, Any]:
        found = self.portfolio.indicators
        return found if len(found) <= MAX_INDICATORS else {}

    # -- projects -------------------------------------------------------------------------------------------------

    def head(self, entry: Entry) -> dict[str, Any]:
        """What departments and projects have in common."""
        total = entry.total
        score = f"{points(total)} / {numbers.plain(total.weight)}" if total else "—"
        grade = words.title(entry.grade_title, self.lang)
        return {"subject": entry.subject, "name": entry.name, "status": entry.status, "score": score, "grade": grade,
                **_shares(total)}  # fmt: skip

    def project(self, entry: Entry) -> dict[str, Any]:
        """A row of the tables of projects."""
        evaluation = entry.evaluation
        branches = evaluation.dimensions if evaluation else {}
        rows = {row.id: row for row in evaluation or ()}
        return {
            **self.head(entry),
            "money": _number(self.portfolio.money(entry)),
            "dimensions": [self.cell(branches.get(name)) for name in self.portfolio.dimensions],
            "indicators": [self.cell(rows.get(name)) for name in self.indicators],
        }

    @staticmethod
    def cell(result: Result | None) -> dict[str, Any]:
        """A score of a table."""
        if result is None:
            return {"text": "—", "status": "", "share": 0, "may": 0}
        shown = points(result)
        text = shown if result.status is Status.NOT_APPLICABLE else f"{shown} / {numbers.plain(result.weight)}"
        return {"text": text, "status": "open" if result.score is None else "", **_shares(result)}

    def loss(self, entry: Entry) -> dict[str, Any]:
        """A project that loses much."""
        row, worst = entry.worst, ""
        if row is not None:
            worst = self.say("portfolio.worst", title=self.title(row.title, row.id), lost=_number(row.lost))
        link = self.links.get(entry.path.resolve())
        return {"subject": entry.subject, "link": link, "lost": _number(entry.lost), "worst": worst}

    def figures(self) -> Iterator[dict[str, str]]:
        """Averages and sums."""
        found, unit = self.portfolio, self.portfolio.unit or ""

        def average(key: str, of: Average) -> Iterator[dict[str, str]]:
            if of.value is not None:
                yield {"label": self.say(key, count=of.of), "value": f"{_number(of.value)} %"}

        yield from average("portfolio.by-money", found.weighted)
        yield from average("portfolio.plain", found.average)
        for key, amount in (("portfolio.all-money", found.money_sum), ("portfolio.all-spent", found.spent_sum)):
            if amount is not None:
                yield {"label": self.say(key), "value": f"{_number(amount)} {unit}"}
        if found.execution_rate is not None:
            yield {"label": self.say("portfolio.executed"), "value": f"{_number(found.execution_rate)} %"}

    def grades(self) -> list[dict[str, Any]]:
        """How many projects have each grade."""
        found = self.portfolio.grades
        most = max((count for _, _, count in found), default=0) or 1
        return [
            {"title": self.title(title, identifier), "count": count, "share": count * 100 // most}
            for identifier, title, count in found
        ]

    # -- departments ----------------------------------------------------------------------------------------------

    def department(self, entry: Entry) -> dict[str, Any]:
        """A department: its score, and each indicator with what it is rolled up from."""
        evaluation = entry.evaluation
        coverage = f"{_number(evaluation.coverage)} %" if evaluation else ""
        rows = [self.row(entry, row) for row in evaluation or ()]
        return {**self.head(entry), "coverage": coverage, "rows": rows}

    def row(self, entry: Entry, row: RowResult) -> dict[str, Any]:
        """An indicator of a department."""
        how, evaluation = row.derivation, row.evaluation
        parts = [
            {"label": self.say(f"explain.{part.of}"), "text": part.text, "value": self.equals(part.value)}
            for part in how.parts if part.of in _SHOWN_PARTS
        ]  # fmt: skip
        read = {name for part in how.parts for name in _columns(part.text)}
        return {
            "title": self.title(row.title, row.id), "status": "scored" if row.score is not None else "incomplete",
            "score": f"{points(row)} / {numbers.plain(row.weight)}", "parts": parts,
            "reasons": [reason_text(evaluation, reason, self.lang) for reason in row.reasons],
            "facts": [self.fact(entry, use, read) for use in how.facts if use.sources],
            "authority": " · ".join(authorities(evaluation.ruleset.declaration, row.row)),
        }  # fmt: skip

    def equals(self, found: Any) -> str:
        if isinstance(found, Unknown):
            return "= ?"
        shown = value(found, None, self.lang)
        return f"≈ {shown[1:]}" if shown.startswith("≈") else f"= {shown}"

    def fact(self, entry: Entry, use: FactUse, read: set[str]) -> dict[str, Any]:
        """A table that is rolled up: each project, and the columns that the indicator reads."""
        assert entry.evaluation is not None  # noqa: S101  (a department has one)
        declared = entry.evaluation.ruleset.program.facts[use.id].columns
        columns = {name: column for name, column in declared.items() if f"{use.id}.{name}" in read} or declared
        sources = []
        for source in use.sources:
            cells = [source.cells.get(name) for name in columns]
            shown = [
                {"text": "?" if isinstance(cell, Unknown) else value(cell, None, self.lang),
                 "open": isinstance(cell, Unknown)}
                for cell in cells
            ]  # fmt: skip
            link = self.links.get((entry.path.parent / source.path).resolve())
            name = source.subject or source.path
            sources.append({"name": name, "path": source.path, "link": link, "cells": shown})
        titles = [
            self.title(column.title, name) + (f" ({column.unit})" if column.unit else "")
            for name, column in columns.items()
        ]
        return {"title": self.title(use.title, use.id), "columns": titles, "sources": sources}


def _columns(text: str) -> set[str]:
    """The names with a dot in a formula."""
    return set(re.findall(r"\w+\.\w+", text))


def _shares(result: Result | None) -> dict[str, Any]:
    """How much of a bar is earned, and how much may be."""
    if result is None or not result.weight:
        return {"share": 0, "may": 0}
    bounds = result.bounds
    low, high = (result.exact, result.exact) if result.exact is not None else bounds or (Fraction(0), Fraction(0))
    return {"share": _share(low, result.weight), "may": _share(high, result.weight) if high != low else 0}


def _share(part: Fraction | None, whole: Fraction) -> str:
    share = min(max((part or Fraction(0)) * 100 / whole, Fraction(0)), Fraction(100))
    return numbers.plain(numbers.round_half_away(share, 1), 1)


def _number(found: Any) -> str:
    return "—" if found is None else numbers.shown(found, 2)

"""A portfolio as JSON: `evaluate FOLDER --json`. Numbers are texts, exact; what is not known is null."""

from __future__ import annotations

from typing import Any

import perfrules
from perfrules.evaluation.export import FORMAT, as_dict, text
from perfrules.evaluation.portfolio import Average, Entry, Portfolio


def portfolio_as_dict(portfolio: Portfolio, lang: str = "en") -> dict[str, Any]:
    """The portfolio as data for JSON: its figures, a line for each file, and the evaluations whole."""
    evaluations = [entry.evaluation for entry in portfolio.entries if entry.evaluation]
    return {
        "format": FORMAT,
        "engine": f"perfrules {perfrules.__version__}",
        "portfolio": {
            "departments": [_line(portfolio, entry) for entry in portfolio.departments],
            "projects": [_line(portfolio, entry) for entry in portfolio.projects],
            "unread": [_unread(entry, lang) for entry in portfolio.unread],
            "statuses": portfolio.statuses,
            "grades": {identifier: count for identifier, _, count in portfolio.grades},
            "average": _average(portfolio.average),
            "weighted": _average(portfolio.weighted),
            "money": {"fact": portfolio.money_fact, "unit": portfolio.unit, "sum": text(portfolio.money_sum)},
            "spent": {"fact": portfolio.spent_fact, "unit": portfolio.unit, "sum": text(portfolio.spent_sum)},
            "execution_rate": text(portfolio.execution_rate),
            "losing": [entry.name for entry in portfolio.losing],
        },
        "evaluations": [as_dict(evaluation, lang) for evaluation in evaluations],
    }


def _line(portfolio: Portfolio, entry: Entry) -> dict[str, Any]:
    total, evaluation = entry.total, entry.evaluation
    places = evaluation.ruleset.declaration.rounding.total if evaluation else None
    bounds = total.bounds if total else None
    return {
        "path": entry.name, "subject": entry.subject, "ruleset": evaluation.ruleset.id if evaluation else None,
        "status": entry.status, "score": text(entry.score, places), "weight": text(total.weight) if total else None,
        "rate": text(entry.rate), "bounds": [text(end, places) for end in bounds] if bounds else None,
        "grade": entry.grade, "lost": text(entry.lost, places),
        "coverage": text(evaluation.coverage) if evaluation else None, "money": text(portfolio.money(entry)),
        "spent": text(portfolio.spent(entry)), "worst": entry.worst.id if entry.worst else None,
    }  # fmt: skip


def _unread(entry: Entry, lang: str) -> dict[str, Any]:
    return {"path": entry.name, "findings": [finding.as_dict(lang) for finding in entry.findings]}


def _average(average: Average) -> dict[str, Any]:
    return {"rate": text(average.value), "of": str(average.of)}

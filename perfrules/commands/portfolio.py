"""Commands over a folder of submissions: `evaluate FOLDER`, and `report FOLDER`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from perfrules.commands import keeping
from perfrules.commands.face import Arguments, Face, laid_on
from perfrules.errors import Finding, PerfrulesError

if TYPE_CHECKING:
    from perfrules.evaluation.portfolio import Portfolio


def evaluate_folder(arguments: Arguments, face: Face) -> int:
    """Score a folder as a portfolio; one with a single submission as that submission."""
    found = _portfolio(arguments, Path(arguments.submissions[0]))
    evaluations = [entry.evaluation for entry in found.entries if entry.evaluation]
    alone = len(found.entries) == 1
    if alone and found.unread:
        raise PerfrulesError(found.unread[0].findings)
    keeping.check(arguments, face, len(found.entries))
    added = keeping.keep(arguments, evaluations)
    if arguments.json:
        from perfrules.evaluation.export import as_dict
        from perfrules.evaluation.portfolio_export import portfolio_as_dict

        face.data(as_dict(evaluations[0], face.lang) if alone else portfolio_as_dict(found, face.lang))
    elif alone:
        from perfrules.report.console import evaluation_view

        face.view(evaluation_view(evaluations[0], face.lang))
    else:
        from perfrules.report.portfolio import portfolio_view

        face.view(portfolio_view(found, face.lang))
    keeping.say(arguments, face, added)
    return _status(found)


def report(arguments: Arguments, face: Face) -> int:
    """Write a folder as a page or a workbook, by the ending of the output: `.html` or `.xlsx`."""
    given = arguments.submission if isinstance(arguments.submission, str | Path) else arguments.submission[0]
    target = face.output
    ending = target.suffix.lower() if target else ""
    if target is None or ending not in (".html", ".xlsx"):
        values = {"given": target.name if target else "—"}
        raise PerfrulesError([Finding("bad-value", about="--output", key="bad-value.portfolio-output", values=values)])
    found = _portfolio(arguments, Path(given))
    if ending == ".html":
        from perfrules.report.portfolio_page import portfolio_page

        face.file(target, portfolio_page(found, face.lang))
    else:
        from perfrules.report.portfolio_workbook import portfolio_workbook

        face.file(target, portfolio_workbook(found, face.lang))
    return _status(found)


def _portfolio(arguments: Arguments, folder: Path) -> Portfolio:
    from perfrules.commands.face import files_of
    from perfrules.evaluation.portfolio import portfolio
    from perfrules.report import progress

    with progress.bar(len(files_of(folder))) as step:
        return portfolio(folder, arguments.ruleset, **laid_on(arguments), tell=step)


def _status(found: Portfolio) -> int:
    return 2 if found.unread else int(found.needs_attention)

"""The self-evaluation form (自评表) in the layout in which it is published, its scores referring to the calculation.

Head, money, goals, one row an indicator under merged first and second levels, total and grade. The block of money
stands where the ruleset has the facts that the national frame calls `full_year_budget` and `executed`.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import RowResult
from perfrules.formula.systems.spreadsheet.formulas import Formula
from perfrules.report.live.display import DASH, Display
from perfrules.report.live.pages import Page, Styles, places

_WIDTHS = (13, 15, 26, 17, 17, 9, 10, 34)
_LAST = len(_WIDTHS) - 1
_BUDGET, _EXECUTED, _INITIAL = "full_year_budget", "executed", "initial_budget"
_HEADS = ("level-1", "level-2", "level-3", "target", "actual", "weight", "score", "reason")


def write(sheet: Any, styles: Styles, display: Display) -> None:
    """Write the form."""
    evaluation = display.evaluation
    page = Page(sheet, styles, _WIDTHS, None)
    money = execution_row(evaluation)
    row = _head(page, display, money is not None)
    if money is not None:
        row = _money(page, display, row, money)
    row = _goals(page, display, row)
    page.heads(row, (display.say(f"live.form.{key}") for key in _HEADS))
    page.sheet.repeat_rows(row)
    rows = [one for one in evaluation if money is None or one.id != money.id]
    row = _rows(page, display, row + 1, rows)
    _total(page, display, row)
    page.close(least=21)


def execution_row(evaluation: Evaluation) -> RowResult | None:
    """The indicator of the budget's execution: the one that is worked out of the budget and what was spent of it."""
    program = evaluation.ruleset.program
    if not {_BUDGET, _EXECUTED} <= program.facts.keys():
        return None
    return next((row for row in evaluation if {_BUDGET, _EXECUTED} <= _read(evaluation, row)), None)


def _read(evaluation: Evaluation, row: RowResult) -> set[str]:
    found: set[str] = set()
    waiting = [row.row.value] if row.row.value else []
    by_name = evaluation.ruleset.program.by_name
    while waiting:
        line = by_name.get(waiting.pop())
        names = {node.id for node in ast.walk(line.tree) if isinstance(node, ast.Name)} - found if line else set()
        found |= names
        waiting += names
    return found


# -- above the rows -----------------------------------------------------------------------------------------------


def _head(page: Page, display: Display, project: bool) -> int:
    """Title, period, and whose form it is; the row after them."""
    evaluation = display.evaluation
    said = evaluation.submission
    page.text(0, 0, display.say("live.form.title.project" if project else "live.form.title"), "title", _LAST)
    period = display.say("live.form.year", period=said.period) if said.period.isdigit() else said.period
    page.text(1, 0, period, "under", _LAST)
    title = display.title(evaluation.ruleset.title, evaluation.ruleset.id)
    page.text(2, 0, display.say("live.form.project" if project else "form.subject"), "side", 1)
    page.text(2, 2, said.subject or title, "text", _LAST)
    page.text(3, 0, display.say("form.prepared_by"), "side", 1)
    page.text(3, 2, said.prepared_by, "text", 3)
    page.text(3, 4, display.say("form.ruleset"), "side")
    page.text(3, 5, title, "text", _LAST)
    return 4


def _money(page: Page, display: Display, row: int, money: RowResult) -> int:
    """The block 项目资金."""
    facts = display.evaluation.ruleset.program.facts
    unit = facts[_BUDGET].unit or ""
    page.down(row, row + 1, 0, display.say("live.form.money", unit=unit), "side")
    page.text(row, 1, "", "head")
    money_heads = ("initial", "budget", "executed", "weight", "rate", "score")
    page.heads(row, (display.say(f"live.form.{key}") for key in money_heads), 2)
    page.text(row + 1, 1, display.say("live.form.funds"), "side")
    for column, name in ((2, _INITIAL), (3, _BUDGET), (4, _EXECUTED)):
        if name in facts:
            _cell(page, display, row + 1, column, display.known(name), "middle")
        else:
            page.text(row + 1, column, DASH, "middle")
    page.sheet.write_number(row + 1, 5, float(money.weight), page.styles("middle", "General"))
    value, shape = display.value(money)
    assert value is not None  # noqa: S101  (it is how the row was found)
    _cell(page, display, row + 1, 6, value, "middle", shape)
    _cell(page, display, row + 1, 7, display.row_score(money), "middle", _score_shape(display))
    return row + 2


def _goals(page: Page, display: Display, row: int) -> int:
    """The block 年度总体目标, from the submitter's own texts; blank where there are none."""
    said = display.evaluation.submission.narrative
    page.down(row, row + 1, 0, display.say("live.form.goals"), "side")
    page.text(row, 1, display.say("live.form.expected"), "head", 3)
    page.text(row, 4, display.say("live.form.achieved"), "head", _LAST)
    page.text(row + 1, 1, said.get("goal", ""), "text", 3)
    page.text(row + 1, 4, said.get("achieved", ""), "text", _LAST)
    page.heights[row + 1] = max(3, page.heights[row + 1])
    return row + 2


# -- rows ---------------------------------------------------------------------------------------------------------


def _rows(page: Page, display: Display, row: int, rows: Sequence[RowResult]) -> int:
    paths = {one.id: _path(display, one) for one in rows}
    for first, of_first in groupby(rows, key=lambda one: paths[one.id][0]):
        listed, top = list(of_first), row
        for second, of_second in groupby(listed, key=lambda one: paths[one.id][1:]):
            start = row
            for one in of_second:
                _row(page, display, row, one)
                row += 1
            if second or len(listed) > row - start:
                page.down(start, row - 1, 1, " / ".join(second), "middle")
        page.down(top, row - 1, 0, first, "side", until=0 if any(len(paths[one.id]) > 1 for one in listed) else 1)
    return row


def _path(display: Display, one: RowResult) -> tuple[str, ...]:
    """The dimensions above an indicator, from the first level on."""
    declared = display.evaluation.ruleset.declaration
    outwards = list(declared.outwards(one.row.indicator.dimension))
    return tuple(display.title(dimension.title, name) for name, dimension in reversed(outwards))


def _row(page: Page, display: Display, row: int, one: RowResult) -> None:
    page.text(row, 2, display.title(one.title, one.id))
    for column, (formula, shape) in ((3, display.target(one)), (4, display.value(one))):
        if formula is None:
            page.text(row, column, "", "middle")
        else:
            _cell(page, display, row, column, formula, "middle", shape)
    page.sheet.write_number(row, 5, float(one.weight), page.styles("middle", "General"))
    _cell(page, display, row, 6, display.row_score(one), "middle", _score_shape(display))
    note = one.note
    said = [note.reason, note.improvement] if note else []
    page.text(row, 7, "\n".join(filter(None, said)))


def _total(page: Page, display: Display, row: int) -> None:
    total = display.evaluation.total
    if total is None:
        return
    page.text(row, 0, display.say("live.form.total"), "top", 4)
    _cell(page, display, row, 5, display.earnable(total), "top_number", "General")
    shape = places(display.evaluation.ruleset.declaration.rounding.total)
    _cell(page, display, row, 6, display.branch_score(total), "top_number", shape)
    grade = display.grade(total)
    if grade is None:
        page.text(row, 7, "", "top")
    else:
        label = display.say("live.form.grade")
        _cell(page, display, row, 7, grade, "top", f'"{label}"@')


def _score_shape(display: Display) -> str:
    return places(display.evaluation.ruleset.declaration.rounding.score)


def _cell(page: Page, display: Display, row: int, column: int, formula: Formula, style: str, shape: str = "") -> None:
    page.formula(row, column, display.text(formula), formula.now, style, shape)

"""The scoring table (评分表): dimensions with their subtotals, indicators with standard, value and score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perfrules import words
from perfrules.evaluation.results import BranchResult, RowResult
from perfrules.formula.systems.spreadsheet.formulas import Formula
from perfrules.report.live.display import Display
from perfrules.report.live.pages import Page, Styles, places

_WIDTHS = (26, 40, 46, 9, 16, 10, 10)
_HEADS = ("indicator", "explanation", "standard", "weight", "value", "score", "lost")
_GRADE = 14


def write(sheet: Any, styles: Styles, display: Display) -> None:
    """Write the table."""
    evaluation = display.evaluation
    graded = any(branch.branch.grade for branch in evaluation.dimensions.values())
    widths = (*_WIDTHS, _GRADE) if graded else _WIDTHS
    page = Page(sheet, styles, widths, (2, 2))
    said = evaluation.submission
    page.text(0, 0, display.title(evaluation.ruleset.title, evaluation.ruleset.id), "title", len(widths) - 1)
    head = (said.subject, said.period, said.prepared_by)
    page.text(1, 0, "  ·  ".join(filter(None, head)), "under", len(widths) - 1)
    page.heads(2, (display.say(f"live.scoring.{key}") for key in ((*_HEADS, "grade") if graded else _HEADS)))
    row = 3
    for branch in evaluation.dimensions.values():
        depth = len(list(evaluation.ruleset.declaration.outwards(branch.id))) - 1
        _branch(page, display, row, branch, depth, graded)
        row += 1
        for identifier in branch.branch.rows:
            _row(page, display, row, evaluation[identifier], depth + 1, graded)
            row += 1
    if evaluation.total is not None:
        _branch(page, display, row, evaluation.total, 0, graded)
    sheet.freeze_panes(3, 1)
    page.close()


def _branch(page: Page, display: Display, row: int, branch: BranchResult, depth: int, graded: bool) -> None:
    """A dimension with its subtotal, or the total."""
    style = "branch" if depth else "top"
    rounding = display.evaluation.ruleset.declaration.rounding
    title = display.title(branch.title, branch.id) if branch.id else display.say("live.form.total")
    page.text(row, 0, title, style, indent=depth)
    declared = display.evaluation.ruleset.declaration.dimensions.get(branch.id)
    page.text(row, 1, display.title(declared.explanation) if declared else "", style, 2)
    weight, score = display.earnable(branch), display.branch_score(branch)
    shape = places(rounding.score if branch.id else rounding.total)
    _cells(
        page,
        display,
        row,
        style,
        ((3, weight, "General"), (5, score, shape), (6, display.lost(score, weight), "General")),
    )
    grade = display.grade(branch)
    for column in (4, 7) if graded else (4,):
        if grade is None or (column == 4 and graded):
            page.text(row, column, "", style)
        else:
            shape = f'"{display.say("live.form.grade")}"@' if column == 4 else "@"
            page.formula(row, column, display.text(grade), grade.now, style, shape)


def _row(page: Page, display: Display, row: int, one: RowResult, depth: int, graded: bool) -> None:
    page.text(row, 0, display.title(one.title, one.id), "text", indent=depth)
    page.text(row, 1, display.title(one.row.indicator.explanation))
    page.text(row, 2, _standard(display, one))
    weight, score = display.api.lit(float(one.weight)), display.row_score(one)
    shape = places(display.evaluation.ruleset.declaration.rounding.score)
    page.sheet.write_number(row, 3, float(one.weight), page.styles("number", "General"))
    value, value_shape = display.value(one)
    if value is None:
        page.text(row, 4, "", "number")
    else:
        page.formula(row, 4, display.text(value), value.now, "number", value_shape)
    _cells(page, display, row, "", ((5, score, shape), (6, display.lost(score, weight), "General")))
    if graded:
        page.text(row, 7, "", "text")


def _standard(display: Display, one: RowResult) -> str:
    """The standard in words: the indicator's own, or its method's."""
    declared = display.evaluation.ruleset.declaration
    method = declared.methods.get(one.row.method or "")
    own = words.title(one.row.indicator.standard, display.lang)
    return own or (words.title(method.explanation or method.title, display.lang) if method else "")


def _cells(page: Page, display: Display, row: int, style: str, cells: Sequence[tuple[int, Formula, str]]) -> None:
    name = f"{style}_number" if style else "number"
    for column, formula, shape in cells:
        page.formula(row, column, display.text(formula), formula.now, name, shape)

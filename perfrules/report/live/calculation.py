"""The sheet of calculation: one row a line of the program, with its formula as written, its cell, and what it was.

Beside a line stand the helper cells that its formula needs: what is read twice, and what would grow long. The last
column but those says where a cell differs from what was evaluated, which it does once a fact is changed.
"""

from __future__ import annotations

from typing import Any

from perfrules import words
from perfrules.formula.render import render
from perfrules.formula.systems.exact import Unknown
from perfrules.report.live.cells import Places, reference
from perfrules.report.live.display import DASH, Display, Spare
from perfrules.report.live.held import as_float
from perfrules.report.live.lines import Calculation
from perfrules.report.live.pages import TRUTH, Page, Styles
from perfrules.ruleset.program import Line

_WIDTHS = (36, 16, 64, 13, 13, 8)
_HEADS = ("about", "part", "formula", "live", "evaluated", "differs")
_LIVE, _WAS, _DIFFERS, _BESIDE = 3, 4, 5, 6
_TOP = 3


def place(made: Calculation, places: Places, sheet: str) -> Spare:
    """Give the lines and their helper cells places; where further helper cells can go."""
    for row, line in enumerate(made.lines, _TOP):
        places.put(line.line.name, sheet, row, _LIVE)
        for column, helper in enumerate(line.helpers, _BESIDE):
            places.put(helper, sheet, row, column)
    return Spare(sheet, _TOP + len(made.lines) + 1, _BESIDE)


def write(sheet: Any, styles: Styles, display: Display, made: Calculation) -> None:
    """Write the sheet."""
    page = Page(sheet, styles, _WIDTHS, (_TOP - 1, _TOP - 1))
    page.titled(display.say("live.calculation.title"), display.say("live.calculation.note"), _DIFFERS)
    page.heads(_TOP - 1, (display.say(f"live.calculation.{key}") for key in _HEADS))
    most = max((len(line.helpers) for line in made.lines), default=0)
    for column in range(_BESIDE, _BESIDE + most):
        page.sheet.set_column(column, column, 12)
        page.text(_TOP - 1, column, display.say("live.calculation.helper", index=column - _BESIDE + 1), "id")
    for row, line in enumerate(made.lines, _TOP):
        page.text(row, 0, about(display, line.line))
        page.text(row, 1, _part(display, line.line))
        page.text(row, 2, " ".join((line.line.text or render(line.line.tree)).split())[:2000], "formula")
        shape = "yyyy-mm-dd" if _is_date(display, line.line) else "General"
        page.formula(row, _LIVE, display.text(line.formula), line.formula.now, "number", shape)
        _was(page, display, row, line.line, shape)
        for column, helper in enumerate(line.helpers, _BESIDE):
            formula = made.api.laid[helper]
            page.formula(row, column, display.text(formula), formula.now, "read")
    for at, helper in enumerate(display.helpers):
        formula = made.api.laid[helper]
        page.formula(display.spare.row, display.spare.column + at, display.text(formula), formula.now, "read")
    sheet.freeze_panes(_TOP, 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:C{_TOP + len(made.lines)}"})
    page.close(least=16)
    sheet.print_area(0, 0, _TOP + len(made.lines) - 1, _DIFFERS)


def _was(page: Page, display: Display, row: int, line: Line, shape: str) -> None:
    """What the evaluation came to, and a mark where the cell comes to something else."""
    value = display.evaluation.results[line.name]
    plain = DASH if isinstance(value, Unknown) else as_float(value)
    made = page.styles("read", shape)
    if isinstance(plain, bool):
        page.sheet.write_boolean(row, _WAS, plain, page.styles("read", TRUTH))
    elif isinstance(plain, float):
        page.sheet.write_number(row, _WAS, plain, made)
    else:
        page.text(row, _WAS, str(plain), "read")
    live, was = reference(row, _LIVE), reference(row, _WAS)
    near = f'IF(ISNUMBER({was}),IF(ABS({live}-{was})>0.000000001*(1+ABS({was})),"≠",""),"≠")'
    same = f'IF(ISNUMBER({live}),{near},IF(EXACT({live}&"",{was}&""),"","≠"))'
    page.formula(row, _DIFFERS, f'=IF(ISNA({live}),IF(EXACT({was}&"","{DASH}"),"","≠"),{same})', "", "middle")


def about(display: Display, line: Line) -> str:
    """What a line belongs to: an indicator, a dimension, a named value, a check, the total."""
    section, _, name = line.about.partition(".")
    declared = display.evaluation.ruleset.declaration
    if section == "total":
        return display.say("live.form.total")
    part = getattr(declared, section, {}).get(name) if section else None
    return words.title(part.title, display.lang, name) if part is not None else (name or line.name)


def _part(display: Display, line: Line) -> str:
    """What a line is: value, target, score, sum."""
    keys = {"met": "explain.met", "holds": "live.part.holds", "adjustment": "explain.adjustment"}
    return display.say(keys.get(line.of, f"explain.{line.of}"))


def _is_date(display: Display, line: Line) -> bool:
    from datetime import date

    return isinstance(display.evaluation.results[line.name], date)

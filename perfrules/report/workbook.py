"""A blank submission as an Excel workbook: one sheet for the facts, and one for each fact of kind `table`.

Whatever comes from the ruleset is written as a text, never as a formula or link.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perfrules import words
from perfrules.errors import width
from perfrules.report import excel, forms
from perfrules.report.forms import FormLine
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset

_WIDTHS = {"fact": 26, "title": 40, "value": 20, "unit": 9, "range": 40, "source": 28, "note": 28, "by": 14}
_TO_FILL_IN = ("value", "unit", "source", "note", "by")
_ROWS = 500
"""Rows of a table's sheet that are prepared."""


def workbook(ruleset: Ruleset, lang: str, reference: str | None = None, overlays: Sequence[str] = ()) -> bytes:
    """The content of a blank workbook; the arguments are those of `forms.lines`.

    Raises:
        PerfrulesError: XlsxWriter is not installed.
    """
    title = words.title(ruleset.title, lang, ruleset.id)
    return excel.written(title, lambda book: _fill(book, ruleset, lang, (reference, overlays)))


def _fill(book: Any, ruleset: Ruleset, lang: str, named: tuple[str | None, Sequence[str]]) -> None:
    """The sheets, for a ruleset that the submission names so, with overlays."""
    tables = _apart(ruleset)
    first = words.say("form.facts", lang)
    styles = _styles(book)
    lines = list(forms.lines(ruleset, lang, *named, tuple(tables)))
    columns = forms.header(ruleset, lang)
    _facts(book.add_worksheet(first if first not in tables else f"{first} 1"), columns, lines, styles)
    for identifier, fact in tables.items():
        _table(book.add_worksheet(identifier), fact, lang, styles)


def _apart(ruleset: Ruleset) -> dict[str, model.Fact]:
    """The facts of kind `table` whose ids can be names of sheets, which Excel does not tell apart by case."""
    found: dict[str, model.Fact] = {}
    names = {"history"}  # taken by Excel
    for identifier, fact in ruleset.program.facts.items():
        if fact.kind == "table" and len(identifier) <= 31 and identifier.lower() not in names:
            names.add(identifier.lower())
            found[identifier] = fact
    return found


def _styles(book: Any) -> dict[str, Any]:
    lined = {"border": 1, "border_color": "#BFBFBF", "valign": "top", "text_wrap": True}
    to_fill_in = {**lined, "bg_color": "#FFF9E5"}
    return {
        "header": book.add_format({**lined, "bold": True, "bg_color": "#DDE6F0"}),
        "fixed": book.add_format(lined),
        "id": book.add_format({**lined, "font_color": "#7F7F7F"}),
        "value": book.add_format(to_fill_in),
        "text": book.add_format({**to_fill_in, "num_format": "@"}),
    }


def _page(sheet: Any, rows: int) -> None:
    """A header that stays in view, and a page that is as wide as the paper."""
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:Z{rows + 1}"})


def _facts(sheet: Any, columns: dict[str, str], lines: Sequence[FormLine], styles: dict[str, Any]) -> None:
    _page(sheet, len(lines))
    for index, (name, heading) in enumerate(columns.items()):
        sheet.set_column(index, index, _WIDTHS[name])
        sheet.write_string(0, index, heading, styles["header"])
    at = list(columns).index("value")
    for number, line in enumerate(lines, 1):
        cells = {
            "fact": line.name, "title": line.title, "value": line.value, "unit": line.unit, "range": line.can_be
        }  # fmt: skip
        sheet.set_row(number, 17 * max(_lines(cells[name], _WIDTHS[name]) for name in cells))
        for index, name in enumerate(columns):
            style = "id" if name == "fact" else "fixed"
            if name in _TO_FILL_IN:
                style = "value" if name == "value" and not line.text else "text"
            _write(sheet, number, index, cells.get(name, ""), styles[style])
        _choose(sheet, (number, at, number, at), line.options)


def _lines(text: str, cells: int) -> int:
    """How many lines a text takes in a column, of which a cell is about a digit wide."""
    return max(1, -(-width(text) // (cells - 2)))


def _write(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    if text:
        sheet.write_string(row, column, words.safe(text, None), style)
    else:
        sheet.write_blank(row, column, None, style)


def _choose(sheet: Any, cells: tuple[int, int, int, int], options: Sequence[str]) -> None:
    """Offer options to choose from, where the list of them can be written into a cell's rule at all."""
    writable = all(option == option.strip() and not set(option) & set(',"') for option in options)
    if options and writable and len(",".join(options)) <= 255 and not options[0].startswith("="):
        sheet.data_validation(*cells, {"validate": "list", "source": list(options)})


def _table(sheet: Any, fact: model.Fact, lang: str, styles: dict[str, Any]) -> None:
    """The sheet of a table: a column for each of its columns, called by its title where that tells it."""
    _page(sheet, _ROWS)
    titles = {name: column.title for name, column in fact.columns.items()}
    headings = forms.shown_options(titles, lang)
    for index, (heading, column) in enumerate(zip(headings, fact.columns.values(), strict=True)):
        sheet.write_string(0, index, words.safe(heading, None), styles["header"])
        line = forms.column_line(column, lang, "", "", heading)
        sheet.set_column(index, index, 24, styles["text" if line.text else "value"])
        if line.can_be:
            sheet.write_comment(0, index, words.safe(line.can_be, None))
        _choose(sheet, (1, index, _ROWS, index), line.options)

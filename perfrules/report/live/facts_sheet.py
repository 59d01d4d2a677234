"""The sheet of facts: one row a fact with its named cell, unit, source and note; and a sheet for each table.

Behind the cell that is filled in stands the cell that reads it, which shows #N/A where there is nothing to read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from perfrules import words
from perfrules.evaluation.facts import Given
from perfrules.report.forms import harmless
from perfrules.report.live import blocks
from perfrules.report.live.cells import Places, reference, sheet_name
from perfrules.report.live.display import Display
from perfrules.report.live.held import FactCell, as_float
from perfrules.report.live.lines import Calculation
from perfrules.report.live.names import cell_names
from perfrules.report.live.pages import Page, Styles

_WIDTHS = (40, 18, 9, 36, 30, 34, 13)
_HEADS = ("fact", "value", "unit", "source", "note-column", "name", "read")
_VALUE, _READ, _BESIDE = 1, 6, 7
_TOP = 3


def place(made: Calculation, places: Places, sheet: str, book: Any) -> None:
    """Give the cells of facts their places and names."""
    cells = made.facts.cells
    names = cell_names(cell.name for cell in cells)
    reading = cell_names((f"{cell.name}_read" for cell in cells), names.values())
    for row, cell in enumerate(cells, _TOP):
        book.define_name(names[cell.name], f"={sheet_name(sheet)}!{reference(row, _VALUE)}")
        places.of[f"{cell.name}!"] = names[cell.name]
        if cell.reads is not None:
            name = reading[f"{cell.name}_read"]
            book.define_name(name, f"={sheet_name(sheet)}!{reference(row, _READ)}")
            places.of[cell.name] = name
    for helper, row, column in _beside(made):
        places.put(helper, sheet, row, column)


def _beside(made: Calculation) -> Iterator[tuple[str, int, int]]:
    """The helper cells that facts need, each with its row and column."""
    used: Counter[int] = Counter()
    for helper in made.reading:
        row = made.facts.beside[helper]
        yield helper, _TOP + row, _BESIDE + used[row]
        used[row] += 1


def write(sheet: Any, styles: Styles, display: Display, made: Calculation) -> None:
    """Write the sheet."""
    page = Page(sheet, styles, _WIDTHS, (_TOP - 1, _TOP - 1))
    page.titled(display.say("live.facts.title"), display.say("live.facts.note"), _READ)
    page.heads(_TOP - 1, (display.say(f"live.facts.{key}") for key in _HEADS))
    for row, cell in enumerate(made.facts.cells, _TOP):
        _fact(page, display, row, cell)
    for helper, row, column in _beside(made):
        formula = made.api.laid[helper]
        page.formula(row, column, display.text(formula), formula.now, "read")
    sheet.freeze_panes(_TOP, 2)
    sheet.ignore_errors({"number_stored_as_text": f"A1:G{_TOP + len(made.facts.cells)}"})
    page.close()
    sheet.print_area(0, 0, _TOP + len(made.facts.cells) - 1, _READ)


def _fact(page: Page, display: Display, row: int, cell: FactCell) -> None:
    fact = display.evaluation.ruleset.program.facts[cell.fact]
    said = display.evaluation.given(cell.fact) or Given()
    numeric = cell.kind == "number"
    page.text(row, 0, cell.title)
    held(page, row, _VALUE, cell)
    page.text(row, 2, (fact.unit or "") if numeric else "", "middle")
    page.text(row, 3, "\n".join(filter(None, (said.source, said.by and display.say("explain.judged-by", by=said.by)))))
    page.text(row, 4, "\n".join(filter(None, (said.note, said.missing))))
    page.text(row, 5, display.places.of[f"{cell.name}!"], "id")
    if cell.reads is None:
        page.text(row, _READ, "", "read")
    else:
        shape = "yyyy-mm-dd" if cell.kind == "date" else "General"
        page.formula(row, _READ, display.text(cell.reads), cell.reads.now, "read", shape)


def held(page: Page, row: int, column: int, cell: FactCell) -> None:
    """What stands in the cell that is filled in."""
    shape = {"number": "General", "date": "yyyy-mm-dd"}.get(cell.kind, "@")
    made = page.styles("fill" if shape != "@" else "fill_text", shape)
    value = as_float(cell.held)
    if isinstance(value, str) and not value:
        page.sheet.write_formula(row, column, '=""', made, "")  # a blank cell would be a missing fact
    elif isinstance(value, str):
        page.sheet.write_string(row, column, words.shorten(value, 32_000), made)
    elif isinstance(value, float):
        page.sheet.write_number(row, column, value, made)
    else:
        page.sheet.write_blank(row, column, None, made)
    if cell.options and all(option == harmless(option) and not set(option) & set(',"') for option in cell.options):
        listed = ",".join(cell.options)
        if len(listed) <= 255:
            page.sheet.data_validation(
                row, column, row, column, {"validate": "list", "source": list(cell.options), "error_type": "warning"}
            )  # fmt: skip


# -- tables -------------------------------------------------------------------------------------------------------


def write_blocks(made: Calculation, places: Places, sheets: Mapping[str, Any], styles: Styles, lang: str) -> None:
    """Write the sheets of tables."""
    for block in made.facts.blocks:
        columns = list(block.columns)
        page = Page(sheets[block.fact], styles, (8, *(20 for _ in columns), *(14 for _ in block.read)), (0, 0))
        page.text(0, 0, "#", "head")
        for at, (name, column) in enumerate(block.columns.items(), 1):
            unit = f"（{column.unit}）" if column.unit else ""
            page.text(0, at, words.title(column.title, lang, name) + unit, "head")
        for at, name in enumerate(block.read, len(columns) + 1):
            said = {"about": words.title(block.columns[name].title, lang, name)}
            page.text(0, at, words.say("live.facts.read-column", lang, said), "head")
        for row in range(1, block.room + 1):
            for at in range(len(columns) + 1):
                page.sheet.write_blank(row, at, None, styles("fill"))
        blocks.write(page.sheet, block, 1, places, lambda sheet, row, at, value: _write(sheet, row, at, value, styles))
        page.sheet.freeze_panes(1, 1)
        page.close()


def _write(sheet: Any, row: int, column: int, value: Any, styles: Styles) -> None:
    value = as_float(value)
    if isinstance(value, str):
        sheet.write_string(row, column, words.shorten(value, 32_000), styles("fill_text", "@"))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, styles("fill"))
    elif isinstance(value, float):
        sheet.write_number(row, column, value, styles("fill", "General"))

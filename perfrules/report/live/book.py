"""A live workbook: an evaluation as an Excel workbook whose scores are formulas over the cells of its facts.

Facts are named cells; the sheet of calculation has a row for each line of the program; the form and the scoring table
refer to that. So *Trace Precedents* leads from a score to its facts, and another fact gives another score. XlsxWriter
is asked for here alone. Texts are written as texts, and the same evaluation gives the same bytes.
"""

from __future__ import annotations

from typing import Any

from perfrules import words
from perfrules.evaluation.evaluation import Evaluation
from perfrules.report import excel
from perfrules.report.live import calculation, derivations, facts_sheet, form, scoring
from perfrules.report.live.cells import Places
from perfrules.report.live.display import Display
from perfrules.report.live.lines import Calculation
from perfrules.report.live.names import sheet_names
from perfrules.report.live.pages import Styles

_SHEETS = ("form", "scoring", "facts", "calculation", "derivations")


def live_workbook(evaluation: Evaluation, lang: str) -> bytes:
    """The content of the workbook of an evaluation.

    Args:
        evaluation: The evaluation.
        lang: `zh` or `en`.

    Raises:
        PerfrulesError: XlsxWriter is not installed.
    """
    title = words.title(evaluation.ruleset.title, lang, evaluation.ruleset.id)
    return excel.written(title, lambda book: _write(book, evaluation, lang))


def _write(book: Any, evaluation: Evaluation, lang: str) -> None:
    book.set_calc_mode("auto")
    made = Calculation(evaluation, lang)
    names = {key: words.say(f"live.sheet.{key}", lang) for key in _SHEETS}
    titles = [
        words.title(evaluation.ruleset.program.facts[block.fact].title, lang, block.fact)
        for block in made.facts.blocks
    ]  # fmt: skip
    tables = dict(zip((block.fact for block in made.facts.blocks), sheet_names(titles, names.values()), strict=True))
    sheets = {key: book.add_worksheet(name) for key, name in names.items()}
    blocks = {fact: book.add_worksheet(name) for fact, name in tables.items()}
    places, styles = Places(made.api), Styles(book, lang)
    facts_sheet.place(made, places, names["facts"], book)
    spare = calculation.place(made, places, names["calculation"])
    display = Display(evaluation, lang, made.api, places, spare)
    facts_sheet.write_blocks(made, places, blocks, styles, lang)
    form.write(sheets["form"], styles, display)
    scoring.write(sheets["scoring"], styles, display)
    facts_sheet.write(sheets["facts"], styles, display, made)
    calculation.write(sheets["calculation"], styles, display, made)
    derivations.write(sheets["derivations"], styles, evaluation, lang)
    sheets["form"].activate()

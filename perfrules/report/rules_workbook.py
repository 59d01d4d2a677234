"""A ruleset as an Excel workbook: a sheet of indicators, a sheet of facts, and one of everything else.

XlsxWriter is asked for when it is needed. Whatever comes from the ruleset is written as a text, never as a formula;
weights are numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from perfrules import words
from perfrules.errors import width
from perfrules.report import excel
from perfrules.report.rules_table import Entry, Row, RulesTable, rules_table
from perfrules.ruleset.library import Ruleset

_LONGEST = 32767
"""Characters that a cell can hold."""

_WEIGHT = re.compile(r"\d{1,9}(\.\d{1,4})?")
"""Weights that a cell holds as a number, to be added up; others are fractions, or left to plans."""

_HEIGHT = 14
"""Points of a line."""


def ruleset_workbook(ruleset: Ruleset, lang: str) -> bytes:
    """The content of a workbook that lists a ruleset.

    Args:
        ruleset: The ruleset.
        lang: The language of titles and headings.

    Raises:
        PerfrulesError: XlsxWriter is not installed.
    """
    rules = rules_table(ruleset, lang)
    return excel.written(rules.title, lambda book: _fill(book, rules, lang))


def _fill(book: Any, rules: RulesTable, lang: str) -> None:
    sheets = _Sheets(book, rules, lang)
    sheets.rows()
    sheets.facts()
    sheets.others()


class _Sheets:
    """The sheets of one workbook, which share their looks."""

    def __init__(self, book: Any, rules: RulesTable, lang: str) -> None:
        self.book, self.rules_, self.lang = book, rules, lang
        lined = {"border": 1, "border_color": "#BFBFBF", "valign": "top", "text_wrap": True, "font_size": 10}
        shaded = {**lined, "bold": True, "bg_color": "#EEF2F6"}
        self.style = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "about": book.add_format({"font_color": "#595959", "text_wrap": True, "valign": "top", "font_size": 9}),
            "header": book.add_format({**lined, "bold": True, "bg_color": "#DDE6F0", "valign": "vcenter"}),
            "text": book.add_format(lined),
            "text-number": book.add_format({**lined, "align": "center"}),
            "branch": book.add_format(shaded),
            "branch-number": book.add_format({**shaded, "align": "center"}),
        }  # fmt: skip

    def say(self, key: str, **values: object) -> str:
        return words.say(key, self.lang, values)

    def rows(self) -> None:
        """Indicators, a column for each level of dimensions."""
        rules = self.rules_
        levels = max((row.depth for row in rules.rows if not row.leaf), default=-1) + 1
        headings = [self.say("show.level", level=words.ordinal(level, self.lang)) for level in range(levels)]
        headings += [self.say("view.indicator"), self.say("show.weight"), *rules.headings]
        widths = [*([12] * levels), 20, 7, 26, 34, 16, 46, 28]
        listed = [_cells(row, levels) for row in rules.rows]
        looks = ["text" if row.leaf else "branch" for row in rules.rows]
        self._sheet(self.say("listing.rows"), headings, widths, listed, looks, centred=levels + 1)

    def facts(self) -> None:
        """What a submission must give."""
        keys = ("show.fact", "show.id", "show.kind", "show.unit", "show.can-be", "listing.fact-explanation")
        listed = [
            [_one_line(fact.title), fact.id, fact.kind, _one_line(fact.unit), _joined(fact.can_be), _lines(fact.said)]
            for fact in self.rules_.facts
        ]
        self._sheet(self.say("listing.facts"), [*map(self.say, keys)], [36, 30, 10, 10, 46, 60], listed)

    def others(self) -> None:
        """Values, methods, adjustments, checks, units, levels and grades, where there are any."""
        keys = ("listing.section", "show.title", "show.id", "listing.content")
        listed = [
            [f"{group.heading} {group.id}".strip(), _one_line(part.title), part.id, _lines(part.entries)]
            for group in self.rules_.groups for part in group.parts
        ]  # fmt: skip
        if listed:
            self._sheet(self.say("listing.others"), [*map(self.say, keys)], [22, 36, 30, 90], listed)

    def _sheet(
        self,
        name: str,
        headings: Sequence[str],
        widths: Sequence[int],
        listed: Sequence[Sequence[str]],
        looks: Sequence[str] = (),
        centred: int | None = None,
    ) -> None:
        """A sheet: the head of the ruleset, a header that stays in view, and rows as high as their texts."""
        sheet = self.book.add_worksheet(name)
        for column, cells in enumerate(widths):
            sheet.set_column(column, column, cells)
        sheet.write_string(0, 0, _fitting(_one_line(self.rules_.title)), self.style["title"])
        for number, text in enumerate(self.rules_.about, 1):
            about = _fitting(_one_line(text))
            sheet.merge_range(number, 0, number, len(widths) - 1, "", self.style["about"])
            sheet.write_string(number, 0, about, self.style["about"])
            sheet.set_row(number, _HEIGHT * _height(about, sum(widths)))
        header = len(self.rules_.about) + 1
        self._write(sheet, header, headings, widths, "header")
        for number, texts in enumerate(listed):
            self._write(sheet, header + 1 + number, texts, widths, looks[number] if looks else "text", centred)
        _printed(sheet, header)

    def _write(
        self, sheet: Any, row: int, texts: Sequence[str], widths: Sequence[int], look: str, centred: int | None = None
    ) -> None:
        for column, text in enumerate(texts):
            style = self.style[f"{look}-number" if column == centred else look]
            if column == centred and _WEIGHT.fullmatch(text):
                sheet.write_number(row, column, float(text), style)
            elif text:
                sheet.write_string(row, column, _fitting(text), style)
            else:
                sheet.write_blank(row, column, None, style)
        sheet.set_row(row, min(409, 3 + _HEIGHT * max(map(_height, texts, widths))))  # no row of Excel is higher


def _printed(sheet: Any, header: int) -> None:
    """A4 across, as wide as the paper, the header on every page."""
    sheet.freeze_panes(header + 1, 0)
    sheet.repeat_rows(header)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    sheet.ignore_errors({"number_stored_as_text": "A1:Z10000"})


def _height(text: str, cells: int) -> int:
    """How many lines a text takes in a column, of which a cell is about a digit wide."""
    return sum(max(1, -(-width(line) // (cells - 1))) for line in text.split("\n"))


def _cells(row: Row, levels: int) -> list[str]:
    names = [""] * (levels + 1)
    names[levels if row.leaf else row.depth] = _named(row.title, row.id)
    return [*names, row.weight, *map(_lines, row.cells)]


def _one_line(text: str) -> str:
    return words.safe(" ".join(text.split()), None)


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(map(_one_line, texts))


def _named(title: str, identifier: str) -> str:
    return identifier if title == identifier else _joined((title, identifier))


def _lines(entries: Iterable[Entry]) -> str:
    return _joined(f"{one.label}: {one.text}" if one.label else one.text for one in entries)


def _fitting(text: str) -> str:
    return words.shorten(text, _LONGEST)

"""A portfolio as an Excel workbook: projects side by side, their indicators, every row, what departments roll up.

Sums and averages are formulas, so that a corrected cell changes them; each carries its value, for readers that do not
calculate. Texts are written as texts, never as formulas or links.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from perfrules import numbers, words
from perfrules.errors import width
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.portfolio import Entry, Portfolio
from perfrules.evaluation.results import Result
from perfrules.evaluation.workbook import letters
from perfrules.formula.systems.exact import Unknown
from perfrules.numbers import Exact
from perfrules.report import excel
from perfrules.report.style import value
from perfrules.report.wording import reasons_text
from perfrules.ruleset.names import NUMERIC

_MAX_COLUMNS = 16_000
"""Columns that are written: Excel has 16,384."""


class _Column(NamedTuple):
    """A column of a sheet.

    Attributes:
        title: Its heading.
        cells: Its value in each row: a number, a text, None, or a function of the row's number that gives a formula and
            its value.
        below: What stands in the rows below: a function of the first and last row that gives a formula, and its value.
        wide: How wide it is, in characters.
        of: What it is a part of: stands above the heading.
        style: The style of its cells, where it is not that of what they hold.
    """

    title: str
    cells: Sequence[Any]
    below: Sequence[tuple[Callable[[str], str], Any] | None] = ()
    wide: int = 11
    of: str = ""
    style: str = ""


def portfolio_workbook(portfolio: Portfolio, lang: str) -> bytes:
    """The content of the workbook.

    Raises:
        PerfrulesError: XlsxWriter is not installed.
    """
    title = words.say("portfolio.title", lang, {"name": portfolio.folder.resolve().name})
    return excel.written(title, lambda book: _Book(book, portfolio, lang).write())


class _Book:
    """The sheets of a portfolio."""

    def __init__(self, book: Any, portfolio: Portfolio, lang: str) -> None:
        self.book = book
        self.portfolio = portfolio
        self.lang = lang
        lined = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
        headed = {**lined, "bold": True, "bg_color": "#DDE6F0", "text_wrap": True, "align": "center"}
        summed = {**lined, "bold": True, "bg_color": "#F2F5F9"}
        self.styles = {
            "text": book.add_format({**lined, "text_wrap": True, "indent": 1}),
            "line": book.add_format({**lined, "indent": 1}), "number": book.add_format(lined),
            "part": book.add_format({**lined, "num_format": "0.00"}), "head": book.add_format(headed),
            "sum": book.add_format({**summed, "text_wrap": True, "indent": 1}),
            "sum-part": book.add_format({**summed, "num_format": "0.00"}),
            "long": book.add_format({**lined, "num_format": "0.00##"}),
        }  # fmt: skip

    def say(self, key: str, **values: object) -> str:
        return words.say(key, self.lang, values)

    def title(self, titles: Any, identifier: str) -> str:
        return words.safe(words.title(titles, self.lang, identifier), 200)

    def write(self) -> None:
        """All sheets."""
        projects = self.portfolio.projects
        if projects:
            self.sheet("portfolio.sheet-projects", [*self.names(), *self.figures(), *self.branches(), *self.totals()])
            self.sheet("portfolio.sheet-indicators", [*self.names(2), *self.indicators()])
            self.sheet("portfolio.sheet-rows", self.rows())
        for number, entry in enumerate(self.portfolio.departments, 1):
            self.department(entry, number)
        if self.portfolio.unread:
            said = [(entry.name, one.message(self.lang)) for entry in self.portfolio.unread for one in entry.findings]
            files, why = zip(*said, strict=True)
            columns = [_Column(self.say("portfolio.file"), files, wide=30)]
            self.sheet("portfolio.sheet-unread", [*columns, _Column(self.say("portfolio.why"), why, wide=90)])

    # -- one sheet ------------------------------------------------------------------------------------------------

    def sheet(self, key: str, columns: Sequence[_Column], number: int = 1) -> None:
        """A sheet of columns, with headings that stay in view, and as wide as the paper."""
        sheet = self.book.add_worksheet(self.say(key) + (f" {number}" if number > 1 else ""))
        top = 2 if any(column.of for column in columns) else 1
        most = len(columns[0].cells)
        sheet.freeze_panes(top, 1)
        sheet.repeat_rows(0, top - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        sheet.set_row(top - 1, 15 * max(-(-width(column.title) // (column.wide - 1)) for column in columns) + 3)
        self.headings(sheet, columns, top)
        self.heights(sheet, columns, top)
        for index, column in enumerate(columns[:_MAX_COLUMNS]):
            sheet.set_column(index, index, column.wide)
            for row, cell in enumerate(column.cells, top):
                self.cell(sheet, row, index, cell, column)
            for row, below in enumerate(column.below, top + most):
                self.below(sheet, (row, index), below, (top, top + most - 1))

    @staticmethod
    def heights(sheet: Any, columns: Sequence[_Column], top: int) -> None:
        """Rows high enough for the texts in them, which not every program works out itself."""
        lines: dict[int, int] = {}
        for column in columns:
            for row, cell in enumerate((*column.cells, *column.below), top):
                if isinstance(cell, str) and column.style != "line":
                    lines[row] = max(lines.get(row, 1), -(-width(words.safe(cell, 2000)) // max(1, column.wide - 2)))
        for row, count in lines.items():
            sheet.set_row(row, min(15 * count + 3, 400))

    def headings(self, sheet: Any, columns: Sequence[_Column], top: int) -> None:
        """The headings, and what several columns are parts of above them."""
        for index, column in enumerate(columns):
            sheet.write_string(top - 1, index, column.title, self.styles["head"])
            if top == 2 and not column.of:
                sheet.write_blank(0, index, None, self.styles["head"])
        index = 0
        while top == 2 and index < len(columns):
            end = index
            while end + 1 < len(columns) and columns[end + 1].of == columns[index].of:
                end += 1
            if columns[index].of and end > index:
                sheet.merge_range(0, index, 0, end, columns[index].of, self.styles["head"])
            elif columns[index].of:
                sheet.write_string(0, index, columns[index].of, self.styles["head"])
            index = end + 1

    def cell(self, sheet: Any, row: int, index: int, cell: Any, column: _Column) -> None:
        """One cell; what is not known stays empty."""
        if callable(cell):
            formula, found = cell(row + 1)
            sheet.write_formula(row, index, formula, self.styles["part"], "" if found is None else _float(found))
        elif cell is None or isinstance(cell, Unknown):
            sheet.write_blank(row, index, None, self.styles["number"])
        elif isinstance(cell, Exact) and not isinstance(cell, bool):
            style = column.style or ("number" if cell.denominator == 1 else "long")
            sheet.write_number(row, index, _float(cell), self.styles[style])
        elif isinstance(cell, date):
            sheet.write_string(row, index, cell.isoformat(), self.styles["text"])
        else:
            shown = cell if isinstance(cell, str) else value(cell, None, self.lang)
            sheet.write_string(row, index, words.safe(shown, 30_000), self.styles[column.style or "text"])

    def below(self, sheet: Any, at: tuple[int, int], below: Any, rows: tuple[int, int]) -> None:
        """A sum or average of the column above."""
        if below is None:
            sheet.write_blank(*at, None, self.styles["sum"])
        elif isinstance(below, str):
            sheet.write_string(*at, below, self.styles["sum"])
        else:
            formula, found = below
            name = letters(at[1])
            over = f"{name}{rows[0] + 1}:{name}{rows[1] + 1}"
            sheet.write_formula(*at, formula(over), self.styles["sum-part"], "" if found is None else _float(found))

    # -- projects -------------------------------------------------------------------------------------------------

    def names(self, rows: int = 3) -> list[_Column]:
        """The first column: the projects, and below them what the sums are."""
        subjects = [entry.subject for entry in self.portfolio.projects]
        below: list[Any] = [self.say(f"portfolio.below.{key}") for key in ("sum", "mean", "weighted")]
        return [_Column(self.say("portfolio.project"), subjects, below[:rows], 28)]

    def figures(self) -> list[_Column]:
        """File, state, money, and how much of it was spent; the money stands in column D."""
        found, projects = self.portfolio, self.portfolio.projects
        unit = words.safe(found.unit or "—")
        money = [found.money(entry) for entry in projects]
        spent = [found.spent(entry) for entry in projects]

        def rate(entry: Entry) -> Callable[[int], tuple[str, Any]]:
            whole, part = found.money(entry), found.spent(entry)
            known = part * Fraction(100) / whole if whole and part is not None else None
            return lambda row: (f'=IF(OR(D{row}="",E{row}="",D{row}=0),"",E{row}/D{row}*100)', known)

        last = len(projects) + self.top
        whole = (lambda over: f'=IF(D{last + 1}=0,"",E{last + 1}/D{last + 1}*100)', found.execution_rate)
        return [
            _Column(self.say("portfolio.file"), [entry.name for entry in projects], [None] * 3, 28),
            _Column(self.say("portfolio.status"), [self.say(f"portfolio.is.{entry.status}") for entry in projects],
                    [None] * 3),
            _Column(self.say("portfolio.money", unit=unit), money, [_summed(found.money_sum), None, None], 13),
            _Column(self.say("portfolio.spent", unit=unit), spent, [_summed(found.spent_sum), None, None], 13),
            _Column(self.say("portfolio.executed-percent"), [rate(entry) for entry in projects], [whole, None, None]),
        ]  # fmt: skip

    @property
    def top(self) -> int:
        """The rows of headings of the first sheet."""
        return 2 if self.portfolio.dimensions else 1

    def branches(self) -> list[_Column]:
        """The outermost dimensions: score and weight."""
        found = []
        for name, title in self.portfolio.dimensions.items():
            results = [
                entry.evaluation.dimensions.get(name) if entry.evaluation else None for entry in self.portfolio.projects
            ]
            found += self.scored(results, self.title(title, name))
        return found

    def indicators(self) -> list[_Column]:
        """The indicators that projects share: score and weight."""
        found = []
        rows = [{row.id: row for row in entry.evaluation or ()} for entry in self.portfolio.projects]
        for name, title in self.portfolio.indicators.items():
            found += self.scored([one.get(name) for one in rows], self.title(title, name), 2)
        return found

    def scored(self, results: Sequence[Result | None], of: str, rows: int = 3) -> list[_Column]:
        """Score and weight of one dimension or indicator, with their sums and the average of the scores."""
        scores = [result.exact if result else None for result in results]
        weights = [result.weight if result else None for result in results]
        known = [score for score in scores if score is not None]
        mean = sum(known, Fraction(0)) / len(known) if known else None
        whole = sum((weight for weight in weights if weight is not None), Fraction(0))
        return [
            _Column(
                self.say("portfolio.points"), scores, [_whole(scores), _averaged(mean), None][:rows], 9, of, "part"
            ),
            _Column(self.say("portfolio.weight"), weights, [_summed(whole), None, None][:rows], 9, of),
        ]

    def totals(self) -> list[_Column]:
        """The total, its share of the weight, the grade; below, the plain average and that by money."""
        found, projects = self.portfolio, self.portfolio.projects
        first = 6 + 2 * len(found.dimensions)
        score, weight = letters(first), letters(first + 1)
        top, last = self.top + 1, self.top + len(projects)

        def rate(entry: Entry) -> Callable[[int], tuple[str, Any]]:
            return lambda row: (f'=IF({score}{row}="","",{score}{row}/{weight}{row}*100)', entry.rate)

        def by_money(over: str) -> str:
            money = f"D{top}:D{last}"
            return f'=IF(SUM({money})=0,"",SUMPRODUCT({over},{money})/SUMPRODUCT(--({over}<>""),{money}))'

        rates = [None, _averaged(found.average.value), (by_money, found.weighted.value)]
        grades = [words.title(entry.grade_title, self.lang) or None for entry in projects]
        results = [entry.total for entry in projects]
        whole = self.say("portfolio.total")
        return [
            *self.scored(results, whole),
            _Column(self.say("portfolio.percent"), [rate(entry) for entry in projects], rates, 10, whole),
            _Column(self.say("portfolio.grade"), grades, [None] * 3, 9, whole),
        ]

    # -- rows -----------------------------------------------------------------------------------------------------

    def rows(self) -> list[_Column]:
        """Every indicator of every project: what was measured, against what, and what it came to."""
        rows = [(entry, row) for entry in self.portfolio.projects for row in entry.evaluation or ()]
        lost = [lambda at, row=row: (f'=IF(G{at}="","",F{at}-G{at})', row.lost) for _, row in rows]
        units = [words.safe(row.row.unit or "") for _, row in rows]
        said: list[tuple[str, list[Any], int]] = [
            ("portfolio.project", [entry.subject for entry, _ in rows], 28),
            ("view.indicator", [self.title(row.title, row.id) for _, row in rows], 30),
            ("view.value", [row.value for _, row in rows], 12),
            ("portfolio.unit", units, 8),
            ("portfolio.target", [row.row.indicator.target or None for _, row in rows], 22),
            ("portfolio.weight", [row.weight for _, row in rows], 9),
            ("portfolio.points", [row.exact for _, row in rows], 9),
            ("portfolio.lost", lost, 9),
            ("portfolio.status", [self.say(f"status.{row.status}") for _, row in rows], 12),
            ("portfolio.why", [_why(row.evaluation, row, self.lang) for _, row in rows], 44),
        ]
        styles = {"portfolio.points": "part"}
        return [_Column(self.say(key), cells, wide=wide, style=styles.get(key, "")) for key, cells, wide in said]

    # -- departments ----------------------------------------------------------------------------------------------

    def department(self, entry: Entry, number: int) -> None:
        """The indicators of a department, and on a sheet of its own each table that is rolled up."""
        evaluation = entry.evaluation
        assert evaluation is not None  # noqa: S101  (a department has one)
        rows = list(evaluation)
        weights, scores = [row.weight for row in rows], [row.exact for row in rows]
        total = entry.total.exact if entry.total else None
        grade = words.safe(words.title(entry.grade_title, self.lang))
        whole = f"{self.say('portfolio.below.total')} {grade}".strip()
        below: list[Any] = [self.say("portfolio.below.sum"), whole]
        heads = [_Column(entry.subject, [self.title(row.title, row.id) for row in rows], below, 30)]
        heads += [
            _Column(self.say("view.value"), [row.value for row in rows], [None, None], 14),
            _Column(self.say("portfolio.formula"), [row.row.indicator.value for row in rows], [None, None], 46),
            _Column(self.say("portfolio.weight"), weights, [_summed(sum(weights, Fraction(0))), None], 8),
            _Column(self.say("portfolio.points"), scores, [_whole(scores), _stands(total)], 9, style="part"),
            _Column(self.say("portfolio.why"), [_why(evaluation, row, self.lang) for row in rows], [None, None], 50),
        ]
        self.sheet("portfolio.sheet-department", heads, number)
        for index, (fact, sources) in enumerate(evaluation.facts.sources.items(), 1):
            columns = evaluation.ruleset.program.facts[fact].columns
            named: list[Any] = [self.say("portfolio.below.sum"), self.say("portfolio.below.mean")]
            listed = [_Column(self.say("portfolio.file"), [source.path for source in sources], named, 26)]
            for name, column in columns.items():
                heading = self.title(column.title, name) + (f" ({words.safe(column.unit)})" if column.unit else "")
                cells = [source.cells.get(name) for source in sources]
                listed.append(_Column(heading, cells, self.of_column(column.kind, cells), 14))
            digests = [source.digest for source in sources]
            listed.append(_Column(self.say("portfolio.digest"), digests, [None] * 2, 74, style="line"))
            self.sheet("portfolio.sheet-sources", listed, max(number, index))

    @staticmethod
    def of_column(kind: str, cells: Iterable[Any]) -> list[Any]:
        """What stands below a column that is rolled up: its sum, but of percentages, and its average."""
        known = [numbers.to_fraction(cell) for cell in cells if isinstance(cell, Exact) and not isinstance(cell, bool)]
        if kind not in NUMERIC or not known:
            return [None, None]
        whole = sum(known, Fraction(0))
        return [None if kind == "percent" else _summed(whole), _averaged(whole / len(known))]


def _summed(found: Exact | None) -> tuple[Callable[[str], str], Any]:
    return (lambda over: f"=SUM({over})"), found


def _whole(scores: Sequence[Exact | None]) -> tuple[Callable[[str], str], Any]:
    """The sum of scores, where all are known: missing is not zero."""
    known = [numbers.to_fraction(score) for score in scores if score is not None]
    added = sum(known, Fraction(0)) if len(known) == len(scores) else None
    return (lambda over: f'=IF(COUNT({over})<ROWS({over}),"",SUM({over}))'), added


def _averaged(found: Exact | None) -> tuple[Callable[[str], str], Any]:
    return (lambda over: f'=IF(COUNT({over})=0,"",AVERAGE({over}))'), found


def _stands(found: Fraction | None) -> Any:
    return None if found is None else ((lambda over: f"={_float(found)!r}"), found)


def _why(evaluation: Evaluation, row: Any, lang: str) -> str | None:
    """Why there is no score, or what the submitter said of a deviation."""
    if row.reasons:
        return reasons_text(evaluation, row.reasons, lang)
    return " ".join(filter(None, row.note)) if row.note else None


def _float(number: Exact) -> float:
    """A number as a spreadsheet has it; the largest that there is where it is larger."""
    try:
        return float(numbers.to_fraction(number))
    except OverflowError:
        return 1.7e308 if number > 0 else -1.7e308

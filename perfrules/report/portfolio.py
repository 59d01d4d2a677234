"""A portfolio on the console: departments, a line a project, sums and averages, grades, what loses most.

Which columns there is room for is decided when it is drawn: 60 columns hold the score and the grade, 120 the money and
every dimension.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perfrules import numbers, words
from perfrules.errors import worst
from perfrules.evaluation.portfolio import Average, Entry, Portfolio
from perfrules.report.style import COLOURS, Identifier, Line, plain, points, titled

_MONEY_FROM, _DIMENSIONS_FROM, _DIMENSION = 76, 100, 14
"""Columns of the console from which on money and dimensions are shown, and those that a dimension takes."""

_COLOURS = {"scored": "green", "incomplete": "yellow", "unread": "red"}


def portfolio_view(portfolio: Portfolio, lang: str | None = None) -> RenderableType:
    """The whole portfolio."""
    return _View(portfolio, lang or words.default_language())


class _View:
    def __init__(self, portfolio: Portfolio, lang: str) -> None:
        self.portfolio = portfolio
        self.lang = lang

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it at the width that there is."""
        portfolio = self.portfolio
        yield Group(plain(portfolio.folder.as_posix(), "bold"), self.counts())
        for department in portfolio.departments:
            yield self.department(department)
        if portfolio.projects:
            yield self.table(options.max_width)
            yield from self.figures()
        if portfolio.losing:
            yield Line()
            yield Line(self.say("portfolio.losing"), "bold")
            yield Padding(Group(*(self.loss(entry) for entry in portfolio.losing)), (0, 0, 0, 2))
        if portfolio.unread:
            yield Line()
            yield Line(self.say("portfolio.unread-files"), "bold")
            yield Padding(Group(*map(self.unread, portfolio.unread)), (0, 0, 0, 2))

    def say(self, key: str, **values: object) -> str:
        return words.say(key, self.lang, values)

    def counts(self) -> Text:
        line = Line(self.say("portfolio.count", count=len(self.portfolio.projects)))
        for status, count in self.portfolio.statuses.items():
            if count:
                line.append("  ").append(self.say(f"portfolio.{status}", count=count), _COLOURS[status])
        return line

    def department(self, entry: Entry) -> RenderableType:
        """What a department comes to: on one line, above its projects."""
        line = plain(entry.subject, "bold").append("  ")
        line.append_text(self.score(entry))
        if entry.grade:
            line.append(f"  {self.grade(entry)}")
        if entry.evaluation:
            coverage = numbers.shown(entry.evaluation.coverage, 2)
            line.append("  " + self.say("view.coverage", coverage=coverage), "dim")
        return line.append(f"  {words.safe(entry.name, None)}", "dim")

    def score(self, entry: Entry) -> Text:
        total = entry.total
        if total is None:
            return Line("—", "dim")
        return Line(f"{points(total)} / {numbers.plain(total.weight)}", _COLOURS[entry.status])

    def grade(self, entry: Entry) -> str:
        return words.safe(words.title(entry.grade_title, self.lang)) or "—"

    # -- the table ------------------------------------------------------------------------------------------------

    def table(self, width: int) -> Table:
        """A line a project."""
        drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=False)
        drawn.add_column(self.say("portfolio.project"), overflow="fold", min_width=14, ratio=1)
        dimensions = self.dimensions(width)
        if with_money := width >= _MONEY_FROM and self.portfolio.unit is not None:
            unit = words.safe(self.portfolio.unit or "")
            drawn.add_column(self.say("portfolio.money", unit=unit), justify="right", no_wrap=True)
        for identifier, title in dimensions.items():
            drawn.add_column(titled(title, identifier, self.lang), justify="right", max_width=_DIMENSION)
        drawn.add_column(self.say("portfolio.score"), justify="right", no_wrap=True)
        if graded := bool(self.portfolio.grades):
            drawn.add_column(self.say("portfolio.grade"), no_wrap=True)
        for entry in self.portfolio.projects:
            cells: list[RenderableType] = [self.project(entry, width)]
            if with_money:
                money = self.portfolio.money(entry)
                cells.append(Line("—" if money is None else numbers.shown(money)))
            cells += [self.dimension(entry, identifier) for identifier in dimensions]
            drawn.add_row(*cells, self.score(entry), *([Line(self.grade(entry))] if graded else []))
        return drawn

    def dimensions(self, width: int) -> Mapping[str, Mapping[str, str]]:
        """The outermost dimensions, where there is room for all of them."""
        found = self.portfolio.dimensions
        fit = width >= _DIMENSIONS_FROM and len(found) * (_DIMENSION + 2) <= width - 60
        return found if fit else {}

    @staticmethod
    def project(entry: Entry, width: int) -> Text:
        line = plain(entry.subject)
        if entry.subject != entry.name and width >= _MONEY_FROM:
            line.append_text(Identifier(f"  {words.safe(entry.name, None)}", "dim"))
        return line

    @staticmethod
    def dimension(entry: Entry, identifier: str) -> Text:
        result = entry.evaluation.dimensions.get(identifier) if entry.evaluation else None
        if result is None:
            return Line("—", "dim")
        return Line(points(result), COLOURS[result.status] if result.score is None else "")

    # -- below ----------------------------------------------------------------------------------------------------

    def figures(self) -> Iterator[RenderableType]:
        """Averages, sums, grades."""
        portfolio = self.portfolio
        weighted, average = portfolio.weighted, portfolio.average
        if average.value is not None:
            said = [self.average("portfolio.average", average)]
            if weighted.value is not None:
                said.insert(0, self.average("portfolio.weighted", weighted))
            yield Line("  ".join(said), "bold")
        if portfolio.money_sum is not None:
            yield Line(self.money())
        graded = [(title, count) for _, title, count in portfolio.grades]
        if graded:
            parts = (f"{words.safe(words.title(title, self.lang))} {count}" for title, count in graded)
            yield Line(self.say("portfolio.grades") + "  " + "  ".join(parts))

    def average(self, key: str, average: Average) -> str:
        value = numbers.shown(average.value or Fraction(0), 2)
        return self.say(key, value=value, count=average.of)

    def money(self) -> str:
        portfolio, unit = self.portfolio, words.safe(self.portfolio.unit or "")
        said = [self.say("portfolio.money-sum", sum=_shown(portfolio.money_sum), unit=unit)]
        if portfolio.spent_sum is not None:
            said.append(self.say("portfolio.spent-sum", sum=_shown(portfolio.spent_sum), unit=unit))
        if portfolio.execution_rate is not None:
            said.append(self.say("portfolio.rate", rate=numbers.shown(portfolio.execution_rate, 2)))
        return "  ".join(said)

    def loss(self, entry: Entry) -> Text:
        """A project that loses much, and the indicator that it loses most in."""
        line = plain(entry.subject).append(f"  −{_shown(entry.lost)}", "red")
        if entry.worst is not None:
            title = words.title(entry.worst.title, self.lang, entry.worst.id)
            said = self.say("portfolio.worst", title=title, lost=_shown(entry.worst.lost))
            line.append(f"  {said}", "dim")
        return line

    def unread(self, entry: Entry) -> Text:
        line = Line(words.safe(entry.name, None), "bold")
        for finding in entry.findings[:3]:
            line.append("  ").append(finding.message(self.lang), COLOURS[worst([finding]) or "error"])
        more = len(entry.findings) - 3
        return line.append(f"  +{more}") if more > 0 else line


def _shown(value: Fraction | None) -> str:
    return "—" if value is None else numbers.shown(value, 2)

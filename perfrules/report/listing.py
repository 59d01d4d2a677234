"""Rulesets on the console: the library, one ruleset as a table, findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perfrules import words
from perfrules.errors import Finding
from perfrules.report.overview import FactItem, Item, Said, Section, overview
from perfrules.report.style import COLOURS, Line, plain, titled
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset


def library_view(headers: Iterable[model.Header], lang: str) -> RenderableType:
    """The rulesets of the library, one a line."""
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    drawn.add_column(words.say("show.id", lang), overflow="fold")
    drawn.add_column(words.say("show.effective", lang), no_wrap=True)
    drawn.add_column(words.say("show.authority", lang), overflow="fold")
    for header in headers:
        name = Group(plain(header.id, "bold"), titled(header.title, header.id, lang))
        effective = header.effective.isoformat() if header.effective else "—"
        drawn.add_row(name, effective, plain(header.authority))
    return drawn


def findings_view(findings: Iterable[Finding], lang: str) -> RenderableType:
    """Findings with place, line and caret; then how many there are."""
    listed = list(findings)
    lines: list[RenderableType] = [finding_text(finding, lang) for finding in listed]
    if not listed:
        return Line(words.say("check.sound", lang), "green")
    counts = {
        f"{severity}s": sum(one.severity == severity for one in listed) for severity in ("error", "warning", "note")
    }
    lines.append(Line(words.say("check.count", lang, counts), "bold"))
    return Group(*lines)


def finding_text(finding: Finding, lang: str) -> Text:
    """One finding with its place, the line with a caret, and help."""
    head, *rest = finding.format(lang).split("\n")
    text = Line(words.say(f"severity.{finding.severity}", lang) + " ", COLOURS[finding.severity]).append(head, "bold")
    for line in rest:
        text.append("\n" + line)
    return text.append("\n")


# -- one ruleset -------------------------------------------------------------------------------------------------

_WIDE = 110
"""Columns of a terminal from which on the standards of rows stand beside their formulas, not below them."""

_IN_WORDS = ("show.explanation", "explain.standard", "show.note-when", "explain.note", "explain.authority")


def ruleset_view(ruleset: Ruleset, lang: str) -> RenderableType:
    """A ruleset as people read it: dimensions and indicators with formula, standard and authority; then the rest."""
    read = overview(ruleset, lang)
    parts = [
        Group(plain(read.title, "bold"), *(plain(line, "dim") for line in read.about)),
        *([_Rows(read.rows, lang)] if read.rows else []),
        *(_section(section, lang) for section in read.sections),
        *([_facts(read.facts, lang)] if read.facts else []),
    ]
    return Group(*(piece for part in parts for piece in (part, Line())))


class _Rows:
    """The tree of dimensions and indicators, drawn as the width allows."""

    def __init__(self, rows: Sequence[Item], lang: str) -> None:
        self.rows = rows
        self.lang = lang

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw formulas and standards side by side where there is room, else below the names."""
        yield self._wide() if options.max_width >= _WIDE else self._narrow()

    def _table(self) -> Table:
        drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
        drawn.add_column(words.say("view.indicator", self.lang), overflow="fold", ratio=4)
        drawn.add_column(words.say("show.weight", self.lang), justify="right", no_wrap=True)
        return drawn

    def _narrow(self) -> Table:
        drawn = self._table()
        for row in self.rows:
            name = Group(_name(row), Padding(_said(row.said, self.lang), (0, 0, 0, 2)))
            drawn.add_row(Padding(name, (0, 0, 0, 2 * row.depth)), Line(row.weight, _style(row)))
        return drawn

    def _wide(self) -> Table:
        drawn = self._table()
        drawn.add_column(words.say("show.formula", self.lang), overflow="fold", ratio=6)
        drawn.add_column(words.say("explain.standard", self.lang).capitalize(), overflow="fold", ratio=5)
        for row in self.rows:
            formulas = [said for said in row.said if said.key not in _IN_WORDS]
            in_words = [said for said in row.said if said.key in _IN_WORDS]
            name = Padding(_name(row), (0, 0, 0, 2 * row.depth))
            weight = Line(row.weight, _style(row))
            drawn.add_row(name, weight, _said(formulas, self.lang), _said(in_words, self.lang))
        return drawn


def _style(item: Item) -> str:
    return "" if item.leaf else "bold"


def _name(item: Item) -> RenderableType:
    name = plain(item.title, _style(item))
    return name if item.title == item.id else Group(name, plain(item.id, "dim"))


def _said(said: Sequence[Said], lang: str) -> Table:
    """Labelled lines; a label that repeats stands once."""
    drawn = Table.grid(padding=(0, 1))
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold", ratio=1)
    last = ""
    for key, text, code in said:
        label = Line("" if key == last else words.say(key, lang).lower(), "dim")
        drawn.add_row(label, plain(text, "cyan" if code else ""))
        last = key
    return drawn


def _section(section: Section, lang: str) -> RenderableType:
    head = Line(words.say(section.key, lang), "bold")
    if section.id:
        head.append(f" {words.safe(section.id)}", "dim")
    if any(len(item.said) > 1 for item in section.items):
        lines = (Group(_one_line(item), Padding(_said(item.said, lang), (0, 0, 0, 2))) for item in section.items)
        return Group(head, Padding(Group(*lines), (0, 0, 0, 2)))
    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(overflow="fold")
    drawn.add_column(overflow="fold")
    for item in section.items:
        drawn.add_row(_one_line(item), *(plain(said.text, "cyan" if said.code else "") for said in item.said))
    return Group(head, Padding(drawn, (0, 0, 0, 2)))


def _one_line(item: Item) -> Text:
    name = plain(item.title)
    return name if item.title == item.id else name.append(f" {words.safe(item.id)}", "dim")


def _facts(facts: Sequence[FactItem], lang: str) -> RenderableType:
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
    drawn.add_column(words.say("show.fact", lang), overflow="fold", ratio=5)
    drawn.add_column(words.say("show.kind", lang), no_wrap=True)
    drawn.add_column(words.say("show.unit", lang), overflow="fold", max_width=10)
    drawn.add_column(words.say("show.can-be", lang), overflow="fold", ratio=6)
    for fact in facts:
        name = Group(plain(fact.title), plain(fact.id, "dim")) if fact.title != fact.id else plain(fact.id)
        can_be = [plain(line) for line in fact.can_be] + [plain(said.text, "dim") for said in fact.said]
        drawn.add_row(name, Line(fact.kind), plain(fact.unit), Group(*can_be))
    return Group(Line(words.say("show.facts", lang), "bold"), drawn)

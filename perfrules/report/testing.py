"""Whether rulesets hold on the console: what `check` found, how the cases of `test` came out, and what they cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perfrules import words
from perfrules.cases.coverage import Figure, Tested
from perfrules.cases.points import KINDS
from perfrules.errors import SEVERITIES, Finding
from perfrules.report.listing import finding_text, findings_view
from perfrules.report.style import COLOURS, Identifier, Line, plain
from perfrules.ruleset.library import Checked

ID_WIDTH = 20
"""Terminal cells that the id of a ruleset needs at least, beside a row of figures."""

MANY = 20
"""Uncovered points that are listed without being asked for all."""


# -- check -------------------------------------------------------------------------------------------------------


def checked_view(checked: Mapping[str, Checked], lang: str) -> RenderableType:
    """What was found in each ruleset, and of its scores how many are proved: of several first a table."""
    found = findings_view(distinct(checked), lang)
    if len(checked) == 1:
        return Group(found, *_proved(next(iter(checked.values())), lang))
    drawn = _table("errors", "warnings", "notes", "proved", lang=lang)
    for identifier, one in checked.items():
        counts = counted(one.findings)
        cells = [Line(str(count), COLOURS[severity] if count else "dim") for severity, count in counts.items()]
        drawn.add_row(Identifier(words.safe(identifier, None)), *cells, _fraction(Figure(one.proved, one.scores)))
    return Group(drawn, Line(), found)


def _proved(one: Checked, lang: str) -> Iterator[RenderableType]:
    if one.scores:
        values = {"proved": one.proved, "scores": one.scores}
        yield Line(words.say("check.proved", lang, values), "green" if one.proved == one.scores else "yellow")


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each severity."""
    listed = [finding.severity for finding in findings]
    return {severity: listed.count(severity) for severity in SEVERITIES}


def distinct(checked: Mapping[str, Checked]) -> list[Finding]:
    """The findings of some rulesets, those of a parent that several share once."""
    found = {(one.code, one.key, one.about, one.where): one for each in checked.values() for one in each.findings}
    return list(found.values())


def checked_data(checked: Mapping[str, Checked], lang: str) -> dict[str, Any]:
    """What was found, as in `--json`: every finding, and for each ruleset how many it has, and scores proved."""
    counts = [
        {
            "id": words.safe(identifier),
            **{f"{severity}s": count for severity, count in counted(one.findings).items()},
            "scores": one.scores, "proved": one.proved,
        }
        for identifier, one in checked.items()
    ]  # fmt: skip
    return {"format": 1, "findings": [finding.as_dict(lang) for finding in distinct(checked)], "rulesets": counts}


def _table(*columns: str, lang: str) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    drawn.add_column(words.say("test.ruleset", lang), overflow="fold")
    for column in columns:
        drawn.add_column(words.say(f"test.{column}", lang), justify="right", no_wrap=True)
    return drawn


# -- test --------------------------------------------------------------------------------------------------------


def tested_view(tested: Sequence[Tested], lang: str, *, everything: bool) -> RenderableType:
    """The cases that failed, how many passed, what they cover, and the first points that they do not; or all."""
    parts = [*_failed(tested, lang), _figures(tested[0], lang) if len(tested) == 1 else _overview(tested, lang)]
    return Group(*parts, *_uncovered(tested, lang, everything=everything))


def _failed(tested: Sequence[Tested], lang: str) -> Iterator[RenderableType]:
    """What cannot be read, and the cases that failed, each with what came out."""
    for one in tested:
        yield from (finding_text(finding, lang) for finding in one.findings)
        for case in one.failed:
            yield plain(f"{case.file}: {case.name}", "bold red")
            yield from (finding_text(finding, lang) for finding in case.findings)


def _figures(one: Tested, lang: str) -> RenderableType:
    failed, cases = len(one.failed), len(one.cases)
    counts = words.say("cases.count", lang, {"passed": cases - failed, "failed": failed})
    first = Line(counts, "red" if failed else "green") if cases else Line(words.say("cases.none", lang), "yellow")
    return Group(first, Line(words.say("test.coverage", lang) + "  ", "bold").append(_listed(one, lang, KINDS)))


def _listed(one: Tested, lang: str, kinds: Iterable[str]) -> Text:
    figures = [(kind, one.coverage.figure(kind)) for kind in kinds]
    line = Line()
    for kind, figure in figures:
        line.append(" · " if line else "").append(words.say(f"test.{kind}", lang) + " ")
        line.append_text(_fraction(figure))
    return line


def _fraction(figure: Figure) -> Text:
    """How many points are covered of how many; a dash where there are none."""
    if not figure.points:
        return Line("—", "dim")
    return Line(f"{figure.covered}/{figure.points}", "yellow" if figure.covered < figure.points else "green")


class _Fitting:
    """What fits of two views: the wide one where there are enough columns for it."""

    def __init__(self, wide: RenderableType, narrow: RenderableType, least: int) -> None:
        self.wide = wide
        self.narrow = narrow
        self.least = least

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.wide if self.least <= options.max_width else self.narrow


def _overview(tested: Sequence[Tested], lang: str) -> RenderableType:
    """One line a ruleset; where it is narrow only what is not covered whole. Then how many cases passed of all."""
    cases, failed = sum(len(one.cases) for one in tested), sum(len(one.failed) for one in tested)
    counts = words.say("cases.count", lang, {"passed": cases - failed, "failed": failed})
    return Group(_table_of(tested, lang), Line(), Line(counts, "red" if failed else "green"))


def _table_of(tested: Sequence[Tested], lang: str) -> RenderableType:
    wide, narrow = _table("cases", "failed", *KINDS, lang=lang), _table("cases", "failed", lang=lang)
    narrow.add_column(words.say("test.coverage", lang), overflow="fold")
    for one in tested:
        failed, refused = len(one.failed), Line(words.say("test.refused", lang), "red")
        counts = ("—", "—") if one.findings else (str(len(one.cases)), str(failed))
        first = [Identifier(words.safe(one.id, None)), Line(counts[0]), Line(counts[1], "red" if failed else "dim")]
        figures = {kind: one.coverage.figure(kind) for kind in KINDS}
        cells = [_fraction(figure) for figure in figures.values()]
        wide.add_row(*first, *(cells if not one.findings else [refused]))
        open_ = [kind for kind, figure in figures.items() if figure.covered < figure.points]
        whole = Line(words.say("test.whole", lang), "green") if one.coverage.points else Line("—", "dim")
        covered = _listed(one, lang, open_) if open_ else whole
        narrow.add_row(*first, refused if one.findings else covered)
    columns = [[column.header, *column.cells] for column in wide.columns[1:]]
    least = 2 + ID_WIDTH + sum(1 + max(cell_len(str(cell)) for cell in cells) for cells in columns)
    return _Fitting(wide, narrow, least)


def _uncovered(tested: Sequence[Tested], lang: str, *, everything: bool) -> Iterator[RenderableType]:
    """What no case shows, one line each: all of it, or the first lines and how many there are besides."""
    found = [finding for one in tested for _, finding in one.coverage.uncovered()]
    if not found:
        return
    yield from (Line(), Line(words.say("test.uncovered", lang), "bold"))
    listed = found if everything or len(found) <= MANY else found[:MANY]
    for finding in listed:
        place, said = Line(str(finding.where), "dim"), plain(finding.message(lang))
        together = Line.assemble(place, "  ", said)
        apart = Group(place, Padding(said, (0, 0, 0, 2)))
        yield Padding(_Fitting(together, apart, together.cell_len), (0, 0, 0, 2))
    if len(listed) < len(found):
        rest = words.say("test.more", lang, {"count": len(found) - len(listed)})
        yield Padding(Line(rest, "dim"), (0, 0, 0, 2))

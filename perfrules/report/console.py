"""An evaluation on the console: the score, the table, checks, claims, findings, and what would help most.

Everything from files is shown as plain text. The views fit 80 columns with Chinese text, and use more where there is
more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from perfrules import numbers, words
from perfrules.errors import Finding
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.gaps import gaps
from perfrules.evaluation.results import BranchResult, RowResult, Status, losing
from perfrules.report import wording
from perfrules.report.style import COLOURS, Line, plain, points, titled

MANY_ALIKE = 3
"""Findings of one code that are shown in full; of more, the first, and the places of the others."""

BAR_WIDTH = 36
MARKS = {"pass": "✓", "fail": "✗", "missing": "?", "undefined": "?"}


def evaluation_view(evaluation: Evaluation, lang: str | None = None) -> RenderableType:
    """The whole evaluation."""
    lang = lang or words.default_language()
    sections = [
        header(evaluation, lang), score(evaluation, lang), table(evaluation, lang), checks(evaluation, lang),
        claims(evaluation, lang), lost(evaluation, lang), findings(evaluation.findings, lang),
        helpful(evaluation, lang),
    ]  # fmt: skip
    shown = [section for section in sections if section is not None]
    return Group(*(part for section in shown for part in (section, Line())))


def header(evaluation: Evaluation, lang: str) -> RenderableType:
    """Who, when, by which ruleset; on which authority; what is not official about it."""
    submission, declared = evaluation.submission, evaluation.ruleset.declaration.ruleset
    first = [submission.subject, submission.period, words.title(declared.title, lang, declared.id)]
    lines = [plain(" · ".join(part for part in first if part), "bold")]
    second = [declared.id, declared.authority]
    lines.append(plain(" · ".join(part for part in second if part), "dim"))
    if overlays := evaluation.ruleset.overlays:
        said = {"rulesets": words.separator(lang).join(part.id for part in overlays)}
        lines.append(plain(words.say("show.overlays", lang, said), "dim"))
    if declared.provenance:
        lines.append(plain(words.title(declared.provenance, lang), "dim"))
    return Group(*lines)


# -- the score ---------------------------------------------------------------------------------------------------


def score(evaluation: Evaluation, lang: str) -> RenderableType | None:
    """The total, or what it can be; the coverage; a bar of points earned, open and lost."""
    total = evaluation.total
    if total is None:
        return None
    line = Line()
    line.append(words.say("view.score", lang) + " ", "bold")
    if total.score is not None:
        line.append(f"{total.score:f} / {numbers.plain(total.weight)}", "bold green")
    else:
        line.append(words.say("view.undecided", lang), "bold yellow")
        line.append("  " + wording.between(total, lang))
    if graded := wording.grade(evaluation, total, lang):
        line.append("   " + graded)
    line.append("   " + words.say("view.coverage", lang, {"coverage": numbers.shown(evaluation.coverage, 2)}))
    return Group(line, _bar(evaluation, lang))


def _bar(evaluation: Evaluation, lang: str) -> RenderableType:
    earned, lost_, open_ = wording.spread(evaluation)
    whole = earned + lost_ + open_
    if not whole or earned < 0 or lost_ < 0:
        return Line()
    cells = int(BAR_WIDTH * earned / whole)
    gone = int(BAR_WIDTH * lost_ / whole) if open_ else BAR_WIDTH - cells
    bar = Line()
    bar.append("█" * cells, "green").append("░" * (BAR_WIDTH - cells - gone), "yellow").append("·" * gone, "red")
    said = {"earned": earned, "open": open_, "lost": lost_}
    bar.append("  " + words.say("view.bar", lang, {key: numbers.shown(part, 2) for key, part in said.items()}))
    return bar


# -- the table ---------------------------------------------------------------------------------------------------


def table(evaluation: Evaluation, lang: str) -> RenderableType:
    """Dimensions and indicators, with values, scores or bounds, and states."""
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=False)
    drawn.add_column(words.say("view.indicator", lang), overflow="fold", min_width=12, ratio=4)
    drawn.add_column(words.say("view.value", lang), justify="right", overflow="fold", max_width=14)
    drawn.add_column(words.say("view.points", lang), justify="right", no_wrap=True)
    drawn.add_column(words.say("view.status", lang), overflow="fold", min_width=8, ratio=3)
    for result, depth in _walk(evaluation):
        drawn.add_row(
            *_cells(evaluation, result, depth, lang), style="bold" if isinstance(result, BranchResult) else ""
        )
    return drawn


def _walk(evaluation: Evaluation) -> Iterator[tuple[BranchResult | RowResult, int]]:
    depths: dict[str, int] = {}
    for branch in evaluation.dimensions.values():
        depth = depths[branch.id] = depths.get(branch.branch.within or "", -1) + 1
        yield branch, depth
        for row in branch.branch.rows:
            yield evaluation[row], depth + 1


def _cells(evaluation: Evaluation, result: BranchResult | RowResult, depth: int, lang: str) -> list[RenderableType]:
    name = Padding(titled(result.title, result.id, lang), (0, 0, 0, 2 * depth))
    weight = numbers.plain(result.weight)
    earned = Line(f"{points(result)} / {weight}")
    if isinstance(result, BranchResult):
        status = "" if result.status in (Status.SCORED, Status.MISSING) else words.say(f"status.{result.status}", lang)
        return [name, "", earned, Line(status, COLOURS[result.status])]
    return [
        name,
        Line(wording.measured(result, lang)),
        earned,
        plain(wording.state(evaluation, result, lang), COLOURS[result.status]),
    ]


# -- below the table ---------------------------------------------------------------------------------------------


def _section(key: str, lang: str, body: RenderableType) -> RenderableType:
    return Group(Line(words.say(key, lang), "bold"), Padding(body, (0, 0, 0, 2)))


def checks(evaluation: Evaluation, lang: str) -> RenderableType | None:
    """Each check, its mark, and the difference even where it is within tolerance."""
    if not evaluation.checks:
        return None
    drawn = Table.grid(padding=(0, 1))
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold", ratio=1)
    drawn.add_column(no_wrap=True, justify="right")
    for check in evaluation.checks:
        mark = "≈" if check.status == "pass" and check.difference else MARKS[check.status]
        colour = COLOURS[check.status]
        difference = plain(wording.difference(evaluation, check, lang), "" if check.difference is not None else colour)
        drawn.add_row(Line(mark, colour), titled(check.title, check.id, lang), difference)
    return _section("view.checks", lang, drawn)


def claims(evaluation: Evaluation, lang: str) -> RenderableType | None:
    """Each claim, its verdict, and what follows from the facts instead."""
    if not evaluation.claims:
        return None
    drawn = Table.grid(padding=(0, 1))
    drawn.add_column(overflow="fold", max_width=34)
    drawn.add_column(no_wrap=True, justify="right")
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold", ratio=1)
    for claim in evaluation.claims:
        claimed = claim.claimed if isinstance(claim.claimed, str) else numbers.shown(claim.claimed)
        verdict = Line(words.say(f"verdict.{claim.verdict}", lang), COLOURS[claim.verdict])
        about, instead = wording.claimed_of(evaluation, claim, lang), wording.consequence(evaluation, claim, lang)
        drawn.add_row(plain(about), plain(claimed), verdict, Line(instead))
    return _section("view.claims", lang, drawn)


def lost(evaluation: Evaluation, lang: str, most: int = 5) -> RenderableType | None:
    """The rows that lost most points, ranked."""
    ranked = losing(evaluation)
    if not ranked:
        return None
    said = [
        words.say(
            "view.lost-row", lang, {"title": words.title(row.title, lang, row.id), "lost": numbers.shown(row.lost or 0)}
        )
        for row in ranked[:most]
    ]
    return _section("view.lost", lang, plain(" · ".join(said)))


def findings(found: Iterable[Finding], lang: str) -> RenderableType | None:
    """Errors and warnings in full, and how many notes there are besides."""
    serious = [finding for finding in found if finding.severity != "note"]
    if not serious:
        return None
    codes = Counter(finding.code for finding in serious)
    lines: list[RenderableType] = []
    for code, count in codes.items():
        alike = [finding for finding in serious if finding.code == code]
        lines += [finding_view(finding, lang) for finding in (alike if count <= MANY_ALIKE else alike[:1])]
        if count > MANY_ALIKE:
            others = ", ".join(finding.about for finding in alike[1:])
            said = words.say("view.alike", lang, {"count": count - 1, "code": code, "others": others})
            lines.append(plain(said, "dim"))
    return _section("view.findings", lang, Group(*lines))


def finding_view(finding: Finding, lang: str) -> RenderableType:
    """One finding: severity, code, message, place, help."""
    line = Line(words.say(f"severity.{finding.severity}", lang), COLOURS[finding.severity])
    line.append(f" [{finding.code}] ", "dim").append(finding.message(lang))
    if finding.where:
        line.append(f"  {finding.where}", "dim")
    if help_text := finding.help(lang):
        line.append(f"  {words.say('help', lang)}{help_text}", "dim")
    return line


def helpful(evaluation: Evaluation, lang: str, most: int = 4) -> RenderableType | None:
    """The facts that would raise the coverage most, with the weight they would settle."""
    ranked = gaps(evaluation)[:most]
    if not ranked:
        return None
    said = [
        words.say("view.raise-row", lang, {
            "facts": " + ".join(wording.fact_titles(evaluation, gap.facts, lang)), "weight": numbers.shown(gap.weight)
        })
        for gap in ranked
    ]  # fmt: skip
    return _section("view.raise", lang, Group(*(plain(line) for line in said)))

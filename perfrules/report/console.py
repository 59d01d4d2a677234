"""An evaluation on the console: the score, the table, checks, claims, findings, and what would help most.

Everything from files is shown as plain text. The views fit 80 columns with Chinese text, and use more where there is
more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perfrules import numbers, words
from perfrules.errors import Finding
from perfrules.evaluation.claims import ClaimResult
from perfrules.evaluation.gaps import gaps
from perfrules.evaluation.results import BranchResult, CheckResult, Evaluation, Result, RowResult, Status
from perfrules.formula.systems.exact import Reason
from perfrules.report.style import COLOURS, Line, plain, points, say, titled, value
from perfrules.ruleset.names import fact_of

MANY_ALIKE = 3
"""Findings of one code that are shown in full; of more, the first, and the places of the others."""

_CELL = re.compile(r"([^\[]+)\[([0-9]{1,6})\]\.(.+)")

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
        line.append("  " + _between(total, lang))
    line.append(_grade(evaluation, total, lang))
    line.append("   " + words.say("view.coverage", lang, {"coverage": numbers.shown(evaluation.coverage, 2)}))
    return Group(line, _bar(evaluation, lang))


def _between(result: Result, lang: str) -> str:
    if result.bounds is None:
        return words.say("view.unbounded", lang)
    low, high = (numbers.plain(numbers.round_half_away(end, 2), 2) for end in result.bounds)
    return words.say("view.between", lang, {"low": low, "high": high})


def _grade(evaluation: Evaluation, total: BranchResult, lang: str) -> str:
    if total.branch.grade is None:
        return ""
    steps = {step.id: words.title(step.title, lang, step.id) for step in evaluation.scale_of(total.branch).steps}
    possible = [steps[grade] for grade in ((total.grade,) if total.grade else total.grades)]
    if len(possible) == 1:
        return "   " + words.say("view.grade", lang, {"grade": possible[0]})
    return "   " + words.say("view.grades", lang, {"grades": words.separator(lang).join(possible)}) if possible else ""


def _bar(evaluation: Evaluation, lang: str) -> RenderableType:
    earned, lost_, open_ = spread(evaluation)
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


def spread(evaluation: Evaluation) -> tuple[Fraction, Fraction, Fraction]:
    """Points that are earned, lost, and still open; of a scored total as it stands, else row by row."""
    total = evaluation.total
    if total is not None and total.exact is not None:
        return total.exact, total.weight - total.exact, Fraction(0)
    rows = evaluation.counted
    scored = [row for row in rows if row.exact is not None]
    earned = sum((row.exact or Fraction(0) for row in scored), Fraction(0))
    lost_ = sum((row.lost or Fraction(0) for row in scored), Fraction(0))
    return (
        earned,
        lost_,
        sum((row.weight for row in rows if row.exact is None), Fraction(0)),
    )


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
    measured = _halves(result) or value(result.value, result.row.unit, lang)
    return [name, Line(measured), earned, state(evaluation, result, lang)]


def _halves(row: RowResult) -> str | None:
    """Of a rate that is not known, what is: `? / 3167.2`; None for any other value, or where nothing is."""
    part = next((part for part in row.derivation.parts if part.name == "value"), None) if row.value is None else None
    if part is None or not part.filled.startswith("percent(") or part.filled.count(",") != 1:
        return None
    above, _, below = part.filled.removeprefix("percent(").removesuffix(")").partition(", ")
    return None if " " in above + below or above == below == "?" else f"{above} / {below}"


def state(evaluation: Evaluation, row: RowResult, lang: str) -> Text:
    """The state of a row, and for one without a score, why."""
    colour = COLOURS[row.status]
    if not row.reasons or row.status is Status.NOT_APPLICABLE:
        return Line(words.say(f"status.{row.status}", lang), colour)
    if row.status is Status.MISSING:
        listed = words.separator(lang).join(fact_titles(evaluation, row.missing, lang))
        said = words.say("reason.missing", lang, {"about": listed})
        return plain(said, colour)
    kinds = {reason.kind for reason in row.reasons}
    first = [reason for reason in row.reasons if reason.kind != "missing"] if kinds != {"missing"} else row.reasons
    return plain(reasons_text(evaluation, first, lang), colour)


def fact_titles(evaluation: Evaluation, names: Iterable[str], lang: str) -> list[str]:
    """The titles of facts; of an item of a checklist its own."""
    return [_fact_title(evaluation, name, lang) for name in names]


def _cell_title(evaluation: Evaluation, name: str, lang: str) -> str:
    """A cell of a table that is rolled up: the submission that its row is of, and what that lacks."""
    found = _CELL.fullmatch(name)
    sources = evaluation.facts.sources.get(found[1], ()) if found else ()
    if not found or int(found[2]) > len(sources):
        return ""
    source, column = sources[int(found[2]) - 1], evaluation.ruleset.program.facts[found[1]].columns[found[3]]
    named = words.title(column.title, lang, found[3])
    lacks = [reason.about for reason in source.missing.get(found[3], ())]
    if source.evaluation is not None:
        lacks = fact_titles(source.evaluation, lacks, lang)
    if lacks and lacks != [named]:
        said = {"column": named, "lacks": words.separator(lang).join(dict.fromkeys(lacks))}
        named = words.say("rolled.lacks", lang, said)
    return words.say("rolled.cell", lang, {"source": source.name, "column": named})


def _fact_title(evaluation: Evaluation, name: str, lang: str) -> str:
    fact = evaluation.ruleset.program.facts.get(fact_of(name.partition("[")[0]))
    if fact is None:
        return name
    if fact_of(name) == name:
        return words.title(fact.title, lang, name)
    if said := _cell_title(evaluation, name, lang):
        return said
    item = name.partition(".")[2]
    return words.title(fact.items.get(item), lang, name) if item in fact.items else name


def reason_text(evaluation: Evaluation, reason: Reason, lang: str) -> str:
    """Why something is unknown, in words."""
    about = reason.about
    if reason.kind in ("missing", "judged"):
        about = _fact_title(evaluation, about, lang)
    return words.say(f"reason.{reason.kind}", lang, {"about": about})


def reasons_text(evaluation: Evaluation, reasons: Iterable[Reason], lang: str) -> str:
    """All the reasons, in words."""
    return words.say("reason.next", lang).join(reason_text(evaluation, reason, lang) for reason in reasons)


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
        drawn.add_row(
            Line(mark, COLOURS[check.status]), titled(check.title, check.id, lang), _difference(evaluation, check, lang)
        )
    return _section("view.checks", lang, drawn)


def _difference(evaluation: Evaluation, check: CheckResult, lang: str) -> Text:
    if check.difference is not None:
        return say("view.difference", lang, difference=numbers.shown(check.difference))
    if check.reasons:
        return plain(reasons_text(evaluation, check.reasons, lang), COLOURS[check.status])
    return Line(words.say(f"status.{check.status}", lang), COLOURS[check.status])


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
        drawn.add_row(_about(evaluation, claim, lang), plain(claimed), verdict, _consequence(evaluation, claim, lang))
    return _section("view.claims", lang, drawn)


def _about(evaluation: Evaluation, claim: ClaimResult, lang: str) -> Text:
    section, _, name = claim.about.partition(".")
    declared: dict[str, Any] = {
        "indicators": evaluation.ruleset.program.rows, "dimensions": evaluation.ruleset.program.branches,
        "values": evaluation.ruleset.declaration.values, "weights": evaluation.ruleset.program.rows,
    }  # fmt: skip
    if section not in declared:
        return Line(words.say("view.total" if section == "total" else "explain.grade", lang))
    part = declared[section][name]
    title = words.title(part.indicator.title if hasattr(part, "indicator") else part.title, lang, name)
    return plain(words.say("view.weight-of", lang, {"about": title}) if section == "weights" else title)


def _consequence(evaluation: Evaluation, claim: ClaimResult, lang: str) -> Text:
    if claim.verdict == "confirmed":
        return Line()
    if claim.derived is not None:
        derived = claim.derived if isinstance(claim.derived, str) else numbers.shown(claim.derived)
        return say("view.derived", lang, derived=derived)
    ends = [end if isinstance(end, str) else numbers.shown(end, 2) for end in claim.bounds or ()]
    if claim.about == "total" and claim.verdict == "unsupported" and len(ends) == 2:
        earned = numbers.shown(spread(evaluation)[0], 2)
        return say("view.claim-open", lang, low=ends[0], high=ends[1], earned=earned)
    key = "view.claim-outside" if claim.verdict == "refuted" else "view.claim-within"
    return say(key, lang, bounds=" – ".join(ends)) if ends else Line()


def lost(evaluation: Evaluation, lang: str, most: int = 5) -> RenderableType | None:
    """The rows that lost most points, ranked."""
    ranked = sorted((row for row in evaluation if row.lost and row.lost > 0), key=lambda row: -(row.lost or 0))
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
            "facts": " + ".join(fact_titles(evaluation, gap.facts, lang)), "weight": numbers.shown(gap.weight)
        })
        for gap in ranked
    ]  # fmt: skip
    return _section("view.raise", lang, Group(*(plain(line) for line in said)))

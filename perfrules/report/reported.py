"""An evaluation as a report in the outline that such reports have: who, how much, by which rules and facts.

The last two sections, on what fell short, stand in `shortfalls`. Sentences carry figures and nothing else: where the
facts and the submitter say nothing there is a gap, and nobody is praised.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import perfrules
from perfrules import numbers, words
from perfrules.evaluation.derivation import FactUse, fact_use
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import BranchResult, CheckResult
from perfrules.formula.systems.exact import Unknown
from perfrules.report import shortfalls
from perfrules.report.outline import (
    Block,
    Cell,
    Grid,
    Line,
    Listed,
    Outline,
    Paragraph,
    Section,
    Style,
    Teller,
    Words,
    filled,
    one,
)
from perfrules.report.style import points, value
from perfrules.report.wording import between, difference, grade, spread


def outline(evaluation: Evaluation, lang: str) -> Outline:
    """The report of an evaluation, as data."""
    teller = Teller(evaluation, lang)
    sections = (
        teller.section("overview", [("subject", _subject(teller)), ("basic-facts", _facts(teller))]),
        teller.section(
            "management",
            [("total", _total(teller)), ("dimensions", _dimensions(teller)), ("checks", _checks(teller))],
        ),
        _organisation(teller),
        *shortfalls.sections(teller),
    )
    return Outline(_titles(teller), ((Words(teller.sentence("about", engine=_engine())),),), sections)


def _engine() -> str:
    return f"perfrules {perfrules.__version__}"


def _titles(teller: Teller) -> tuple[Line, ...]:
    submission = teller.evaluation.submission
    year = "year" if submission.period.isdigit() and len(submission.period) == 4 else "period"
    of = teller.say(f"title.{year}", period=submission.period) if submission.period else teller.say("title")
    subject = Words(submission.subject, "strong") if submission.subject.strip() else teller.gap("subject")
    return (subject,), (Words(of, "strong"),)


# -- who, and what is known ---------------------------------------------------------------------------------------


def _subject(teller: Teller) -> Iterator[Block]:
    """Who is evaluated, for when, by whom, from what, by which rules."""
    submission, header = teller.evaluation.submission, teller.evaluation.ruleset.declaration.ruleset
    rows: list[tuple[str, Cell]] = [
        (words.say(f"form.{key}", teller.lang), ((teller.theirs(getattr(submission, key), key),),))
        for key in ("subject", "period", "prepared_by", "source")
    ]
    ruleset = ((Words(teller.title(header.title, header.id)),), (Words(header.id, "code"),))
    rows.append((teller.say("ruleset"), ruleset if header.title else ruleset[1:]))
    authority = Words(header.authority) if header.authority.strip() else teller.gap("authority")
    rows.append((words.say("show.authority", teller.lang), ((authority,),)))
    if header.provenance:
        rows.append((teller.say("provenance"), one(teller.title(header.provenance))))
    yield _pairs(teller, rows)


def _pairs(teller: Teller, rows: list[tuple[str, Cell]]) -> Grid:
    """A table of two columns without headings: what something is, and what is said of it."""
    return Grid(teller.columns(("", 22), ("", 78)), tuple((one(key, "strong"), cell) for key, cell in rows))


def _facts(teller: Teller) -> Iterator[Block]:
    """The facts that are given, each with where it stands."""
    evaluation = teller.evaluation
    given = [fact_use(evaluation, name) for name in evaluation.ruleset.program.facts if evaluation.given(name)]
    rows = tuple(_fact(teller, use) for use in given if use.missing is None)
    if rows:
        shares = (22, 36, 22, 20) if any(len(row[1]) > 1 for row in rows) else (23, 17, 36, 24)
        columns = zip(("fact", "value", "source", "note"), shares, strict=True)
        yield filled(teller.columns(*columns), rows)
    else:
        yield Paragraph((teller.gap("facts"),))


def _fact(teller: Teller, use: FactUse) -> tuple[Cell, ...]:
    said = [use.note] if use.note.strip() else []
    if use.by.strip():
        said.append(words.say("explain.judged-by", teller.lang, {"by": use.by}))
    source = ((teller.theirs(use.source, "source"),),)
    note = tuple((Words(text, "quoted"),) for text in said)
    return one(teller.title(use.title, use.id)), _value(teller, use), source, note


def _value(teller: Teller, use: FactUse) -> Cell:
    """The value of a fact: of a checklist each answer, of a table how many rows, of a judged fact its level."""
    declared = teller.evaluation.ruleset.program.facts[use.id]
    if declared.kind == "table":
        columns: list[Any] = list(use.value.values()) if isinstance(use.value, dict) else []
        count = max((len(found) for found in columns if isinstance(found, tuple)), default=0)
        return one(teller.say("rows", count=count))
    if isinstance(use.value, dict):
        return tuple(
            (Words(_answer(teller, found) + " "), Words(teller.title(declared.items[name], name)))
            for name, found in use.value.items()
        )
    if use.level:
        levels = teller.evaluation.ruleset.declaration.levels[str(declared.levels)]
        steps = {step.id: step.title for step in levels.steps}
        level = one(teller.title(steps.get(use.level), use.level))
        return level if isinstance(use.value, Unknown) else (*level, *one(value(use.value, use.unit, teller.lang)))
    if declared.kind == "choice":
        return one(teller.title(declared.choices.get(str(use.value)), str(use.value)))
    return one(use.value if isinstance(use.value, str) else value(use.value, use.unit, teller.lang))


def _answer(teller: Teller, found: Any) -> str:
    return teller.say("unanswered") if isinstance(found, Unknown) else value(found, None, teller.lang)


# -- how much ------------------------------------------------------------------------------------------------------


def _total(teller: Teller) -> Iterator[Block]:
    """The total with its grade, or what both can be; points earned, open and lost; the coverage."""
    total = teller.evaluation.total
    if total is None:
        yield Paragraph((Words(teller.sentence("no-total")),))
        return
    weight = numbers.plain(total.weight)
    if total.score is not None:
        said = teller.say("total.scored", score=points(total), weight=weight)
    else:
        said = teller.say("total.open", weight=weight, between=between(total, teller.lang))
    lines = [said, grade(teller.evaluation, total, teller.lang)]
    lines.append(words.say("view.coverage", teller.lang, {"coverage": numbers.shown(teller.evaluation.coverage, 2)}))
    shares = zip(("earned", "lost", "open"), spread(teller.evaluation), strict=True)
    lines.append(words.say("view.bar", teller.lang, {key: numbers.shown(part, 2) for key, part in shares}))
    yield Listed(tuple((Words(line),) for line in lines if line))


def _dimensions(teller: Teller) -> Iterator[Block]:
    """The dimensions, those within others set in."""
    depths: dict[str, int] = {}
    rows = []
    for branch in teller.evaluation.dimensions.values():
        depth = depths[branch.id] = depths.get(branch.branch.within or "", -1) + 1
        rows.append(_dimension(teller, branch, depth))
    if total := teller.evaluation.total:
        rows.append(_dimension(teller, total, 0))
    columns = (("dimension", 36), ("weight", 12, True), ("score", 20, True), ("rate", 14, True), ("status", 18))
    yield Grid(teller.columns(*columns), tuple(rows))


def _dimension(teller: Teller, branch: BranchResult, depth: int) -> tuple[Cell, ...]:
    name = teller.title(branch.title, branch.id) if branch.id else words.say("view.total", teller.lang)
    rate = "—" if branch.rate is None else f"{numbers.shown(branch.rate, 2)}%"
    status = words.say(f"status.{branch.status}", teller.lang)
    if branch.id and (graded := grade(teller.evaluation, branch, teller.lang)):
        status += f" · {graded}"
    style: Style = "said" if depth else "strong"
    cells = ("\u3000" * depth + name, numbers.plain(branch.weight), points(branch), rate, status)
    return tuple(one(text, style) for text in cells)


def _checks(teller: Teller) -> Iterator[Block]:
    """The checks that a ruleset makes on facts, each with its difference, also within the tolerance."""
    if teller.evaluation.checks:
        columns = (("check", 52), ("status", 14), ("difference", 34))
        yield Grid(teller.columns(*columns), tuple(_check(teller, check) for check in teller.evaluation.checks))


def _check(teller: Teller, check: CheckResult) -> tuple[Cell, ...]:
    off = difference(teller.evaluation, check, teller.lang)
    status = words.say(f"status.{check.status}", teller.lang)
    return one(teller.title(check.title, check.id)), one(status), one("—" if off == status else off)


# -- by which rules and facts -------------------------------------------------------------------------------------


def _organisation(teller: Teller) -> Section:
    return teller.section(
        "organisation", [("rules", _rules(teller)), ("facts-given", _counts(teller)), ("again", _again(teller))]
    )


def _rules(teller: Teller) -> Iterator[Block]:
    """What the ruleset was made of, each document with its digest; how it rounds."""
    ruleset = teller.evaluation.ruleset
    rounding = ruleset.declaration.rounding
    places = {key: _places(teller, getattr(rounding, key)) for key in ("score", "total")}
    counts = {"indicators": len(ruleset.program.rows), "checks": len(ruleset.program.checks)}
    yield Paragraph((Words(teller.sentence("rules", **counts, **places)),))
    rows = tuple(
        (
            one(part.id, "code"), one(teller.say(f"role.{part.role}")),
            one(part.effective.isoformat() if part.effective else "—"), one(part.digest, "code"),
        )
        for part in ruleset.parts
    )  # fmt: skip
    yield Grid(teller.columns(("document", 30), ("role", 12), ("effective", 14), ("digest", 44)), rows)
    if len(ruleset.parts) > 1:
        yield Paragraph((Words(teller.say("digest-of-all")), Words(ruleset.digest, "code")))


def _places(teller: Teller, places: int | None) -> str:
    return teller.say("exact") if places is None else teller.say("places", places=places)


def _counts(teller: Teller) -> Iterator[Block]:
    """How many facts were given, with sources, judged, by whom; how many are missing, with a reason."""
    evaluation = teller.evaluation
    uses = [fact_use(evaluation, name) for name in evaluation.ruleset.program.facts]
    given = [use for use in uses if use.missing is None]
    ignored = [use for use in uses if use.missing is not None and use.submitted is not None]
    absent = [use for use in uses if use.missing is not None and use.submitted is None]
    judged = [use for use in given if use.level or use.by.strip()]
    sourced = sum(bool(use.source.strip()) for use in given)
    said = sum(bool((use.missing or "").strip()) for use in absent)
    counts = {"facts": len(uses), "given": len(given), "sourced": sourced}
    lines: list[Line] = [(Words(teller.say("counts.given", **counts)),)]
    lines.append((Words(teller.say("counts.absent", absent=len(absent), said=said)),))
    if ignored:
        lines.append((Words(teller.say("counts.ignored", ignored=len(ignored))),))
    if judged:
        by = tuple(dict.fromkeys(use.by.strip() for use in judged if use.by.strip()))
        who = Words(words.separator(teller.lang).join(by), "quoted") if by else teller.gap("by")
        lines.append((Words(teller.say("counts.judged", judged=len(judged))), who))
    yield Listed(tuple(lines))


def _is_named(evaluation: Evaluation) -> bool:
    """Whether the submission itself names the ruleset that it was scored by."""
    header, submission = evaluation.ruleset.declaration.ruleset, evaluation.submission
    if submission.ruleset is None or submission.ruleset in (header.id, header.family):
        return submission.ruleset is not None
    path = (submission.path.parent if submission.path else Path()) / submission.ruleset
    ours = [document.path.resolve() for document in evaluation.ruleset.documents if document.path]
    return any(found.resolve() in ours for found in (path, path / "ruleset.toml"))


def _again(teller: Teller) -> Iterator[Block]:
    """What the figures follow from, and the commands that derive them again."""
    submission, ruleset = teller.evaluation.submission, teller.evaluation.ruleset
    name = submission.path.name if submission.path else "SUBMISSION"
    command = f"perfrules evaluate {name}" + ("" if _is_named(teller.evaluation) else f" --ruleset {ruleset.id}")
    if ruleset.as_of:
        command += f" --as-of {ruleset.as_of.isoformat()}"
    yield _pairs(teller, [
        (teller.say("engine"), one(_engine())), (teller.say("submission-digest"), one(submission.digest, "code")),
        (teller.say("evaluate-again"), one(command, "code")),
        (teller.say("explain-again"), one(f"perfrules explain {name} …", "code")),
        (teller.say("keep-record"), one(f"perfrules evaluate {name} --record record.json", "code")),
        (teller.say("verify-record"), one("perfrules verify record.json", "code")),
    ])  # fmt: skip

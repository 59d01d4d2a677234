"""What fell short, as the last two sections of a report: each indicator's score with its reason, and the findings.

Every row that lost points or has no score is here with what the derivation says of it, and beside it what the submitter
says, or that nothing is said. Nothing is weighed: what a finding means is on its page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

from perfrules import numbers, words
from perfrules.errors import SEVERITIES, Finding
from perfrules.evaluation.gaps import gaps
from perfrules.evaluation.results import RowResult, Status, losing
from perfrules.report import reasons
from perfrules.report.outline import (
    Block,
    Cell,
    Column,
    Grid,
    Listed,
    Paragraph,
    Section,
    Teller,
    Words,
    filled,
    marked,
    one,
)
from perfrules.report.style import points, value
from perfrules.report.wording import claimed_of, consequence, fact_titles, measured

LEVELS = 2
"""Columns of dimensions at most; those further in share the last one."""

_SIGNS = {"<=": "≤", ">=": "≥", "==": "=", "<": "<", ">": ">"}


def sections(teller: Teller) -> tuple[Section, Section]:
    """How far each target was reached and why not; and what is wrong, with what would mend it."""
    rows = list(teller.evaluation)
    lost = losing(rows)
    unscored = [row for row in rows if row.status not in (Status.SCORED, Status.NOT_APPLICABLE)]
    others = [row for row in rows if row not in lost and row not in unscored and _speaks(teller, row)]
    return (
        teller.section("achievement", [
            ("indicators", _table(teller)), ("lost", _lost(teller, lost)), ("unscored", _unscored(teller, unscored)),
            ("noted", _noted(teller, others)),
        ]),
        teller.section("problems", [
            ("findings", _findings(teller)), ("claims", _claims(teller)),
            ("improvements", _improvements(teller, [*lost, *unscored, *others])), ("settle", _settle(teller)),
        ]),
    )  # fmt: skip


def _nothing(teller: Teller) -> Paragraph:
    return Paragraph((Words(teller.sentence("none")),))


def _name(teller: Teller, row: RowResult) -> str:
    return teller.title(row.title, row.id)


# -- all indicators -----------------------------------------------------------------------------------------------


def _table(teller: Teller) -> Iterator[Block]:
    """The table of all indicators, a column for each level of dimensions."""
    dimensions = teller.evaluation.dimensions
    ways: dict[str, tuple[str, ...]] = {}
    for branch in dimensions.values():
        ways[branch.id] = (*ways.get(branch.branch.within or "", ()), teller.title(branch.title, branch.id))
    levels = min(LEVELS, max(map(len, ways.values()), default=0))
    rows: list[tuple[Cell | None, ...]] = []
    before: tuple[str, ...] = ()
    for row in teller.evaluation:
        way = _way(ways[row.row.indicator.dimension], levels)
        heads = [None if way[: at + 1] == before[: at + 1] else one(name) for at, name in enumerate(way)]
        rows.append((*heads, *_row(teller, row)))
        before = way
    share = 26 // max(levels, 1)
    levels_shown = [Column(_level(teller, level), share) for level in range(levels)]
    columns = (("target", 12), ("actual", 13), ("weight", 10, True), ("score", 10, True), ("status", 11))
    yield Grid((*levels_shown, Column(_level(teller, levels), 18), *teller.columns(*columns)), tuple(rows))


def _level(teller: Teller, level: int) -> str:
    ordinal = "一二三"[level] if teller.lang == "zh" else str(level + 1)
    return words.say("show.level", teller.lang, {"level": ordinal})


def _way(names: tuple[str, ...], levels: int) -> tuple[str, ...]:
    """The dimensions from the outermost to a row's own, as so many columns."""
    shown = (*names[: levels - 1], " / ".join(names[levels - 1 :]))
    return (*shown, *[""] * (levels - len(shown)))


def _row(teller: Teller, row: RowResult) -> tuple[Cell, ...]:
    actual = measured(row, teller.lang)
    score = f"{row.score:f}" if row.score is not None else "—"
    status = words.say(f"status.{row.status}", teller.lang)
    return tuple(map(one, (_name(teller, row), _target(row), actual, numbers.plain(row.weight), score, status)))


def _target(row: RowResult) -> str:
    """年度指标值: the sign and the number with its unit, or as the ruleset writes it; a dash where there is none."""
    sign = _SIGNS.get(row.row.operator)
    written = row.row.indicator.target or ""
    if sign and row.target is not None:
        return f"{sign}{value(row.target, row.row.unit)}"
    return written.strip() or "—"


# -- those that lost points or have none --------------------------------------------------------------------------


def _speaks(teller: Teller, row: RowResult) -> bool:
    owed = bool(row.row.owed) and teller.evaluation.results[str(row.row.owed)] is True
    said = bool(row.note and (row.note.reason.strip() or row.note.improvement.strip()))
    return row.status is not Status.NOT_APPLICABLE and (owed or said)


def _lost(teller: Teller, rows: list[RowResult]) -> Iterator[Block]:
    """Those that lost points, the ones that lost most first, each with how its score came about."""
    if not rows:
        yield _nothing(teller)
        return
    columns = teller.columns(("indicator", 22), ("derivation", 48), ("submitter", 30))
    cells = tuple(
        (
            (*one(_name(teller, row), "strong"), *one(_points(teller, row))),
            reasons.scored(teller, row), reasons.noted(teller, row),
        )
        for row in rows
    )  # fmt: skip
    yield Grid(columns, cells)


def _points(teller: Teller, row: RowResult) -> str:
    lost = numbers.shown(row.lost or 0)
    return teller.say("points", score=points(row), weight=numbers.plain(row.weight), lost=lost)


def _unscored(teller: Teller, rows: list[RowResult]) -> Iterator[Block]:
    """Those without a score, each with what is missing, and what the submission says of that."""
    if not rows:
        yield _nothing(teller)
        return
    columns = teller.columns(("indicator", 24), ("why", 48), ("submitter", 28))
    cells = tuple(
        (
            (*one(_name(teller, row), "strong"), *one(teller.say("weight-of", weight=numbers.plain(row.weight)))),
            reasons.unscored(teller, row), reasons.noted(teller, row, asked=_speaks(teller, row)),
        )
        for row in rows
    )  # fmt: skip
    yield filled(columns, cells)


def _noted(teller: Teller, rows: list[RowResult]) -> Iterator[Block]:
    """Rows that lost nothing, and of which the submitter says something, or owes a reason."""
    if rows:
        columns = teller.columns(("indicator", 30), ("score", 14, True), ("submitter", 56))
        cells = tuple((one(_name(teller, row), "strong"), one(points(row)), reasons.noted(teller, row)) for row in rows)
        yield Grid(columns, cells)


# -- findings and claims ------------------------------------------------------------------------------------------


def _findings(teller: Teller) -> Iterator[Block]:
    """Every finding, errors first: what is wrong, what to do, and where."""
    found = teller.evaluation.findings
    if not found:
        yield _nothing(teller)
        return
    counts = Counter(finding.severity for finding in found)
    yield Paragraph((Words(teller.sentence("findings", **{severity: counts[severity] for severity in SEVERITIES})),))
    columns = teller.columns(("severity", 11), ("finding", 45), ("help", 25), ("place", 19))
    yield filled(columns, (_finding(teller, finding) for finding in found))


def _finding(teller: Teller, finding: Finding) -> tuple[Cell, ...]:
    severity = words.say(f"severity.{finding.severity}", teller.lang)
    message = (marked(finding.message(teller.lang)), (Words(finding.code, "code"),))
    help_text = finding.help(teller.lang)
    return one(severity), message, (marked(help_text),) if help_text else (), one(_place(finding), "code")


def _place(finding: Finding) -> str:
    """The name of the file with line and column; of the rest what it is about."""
    if finding.where is None:
        return finding.about
    return str(finding.where._replace(file=PurePath(finding.where.file).name))


def _claims(teller: Teller) -> Iterator[Block]:
    """How many claims there are of each verdict, and those that are not confirmed."""
    claims = teller.evaluation.claims
    if not claims:
        return
    counts = Counter(claim.verdict for claim in claims)
    said = [f"{words.say(f'verdict.{verdict}', teller.lang)} {count}" for verdict, count in counts.items()]
    yield Paragraph((Words(teller.say("claims", count=len(claims)) + words.separator(teller.lang).join(said)),))
    rows = tuple(
        (
            one(claimed_of(teller.evaluation, claim, teller.lang)),
            one(claim.claimed if isinstance(claim.claimed, str) else numbers.shown(claim.claimed), "quoted"),
            one(words.say(f"verdict.{claim.verdict}", teller.lang)),
            one(consequence(teller.evaluation, claim, teller.lang)),
        )
        for claim in claims
        if claim.verdict != "confirmed"
    )
    if rows:
        yield Grid(teller.columns(("claim", 34), ("claimed", 12, True), ("verdict", 14), ("consequence", 40)), rows)


# -- what would mend it -------------------------------------------------------------------------------------------


def _improvements(teller: Teller, rows: list[RowResult]) -> Iterator[Block]:
    """The indicators that lost most, and what the submitter will do about each; of the others what is said."""
    shown = [row for row in rows if row.lost or (row.note and row.note.improvement.strip())]
    if shown:
        columns = teller.columns(("indicator", 36), ("lost", 14, True), ("improvement", 50))
        yield Grid(columns, tuple(_improvement(teller, row) for row in shown))
    else:
        yield _nothing(teller)


def _improvement(teller: Teller, row: RowResult) -> tuple[Cell, ...]:
    lost = "—" if row.lost is None else numbers.shown(row.lost)
    said = teller.theirs(row.note.improvement if row.note else "", "improvement")
    return one(_name(teller, row)), one(lost), ((said,),)


def _settle(teller: Teller) -> Iterator[Block]:
    """The facts that are missing, those that would settle most points first."""
    ranked = gaps(teller.evaluation)
    lines = [
        (
            Words(" + ".join(fact_titles(teller.evaluation, gap.facts, teller.lang)), "strong"),
            Words(" " + teller.say("settles", weight=numbers.shown(gap.weight))),
        )
        for gap in ranked
    ]
    if lines:
        yield Listed(tuple(lines))

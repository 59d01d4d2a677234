"""The findings of an evaluation: rows in no band, reasons owed, checks that fail, claims refuted, what is assumed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from perfrules import numbers
from perfrules.errors import SEVERITIES, Finding, Severity
from perfrules.evaluation.claims import disagreements
from perfrules.evaluation.results import CheckResult, RowResult, Status
from perfrules.numbers import Exact

if TYPE_CHECKING:
    from perfrules.evaluation.evaluation import Evaluation


def observe(evaluation: Evaluation) -> tuple[Finding, ...]:
    """Every finding of an evaluation, errors first; those of the ruleset that it does not stop for come with it."""
    found = [*evaluation.facts.findings, *evaluation.submission.findings]
    for row in evaluation:
        found += _row(evaluation, row)
    for check in evaluation.checks:
        found += _check(check)
    found += _claims(evaluation)
    found += evaluation.ruleset.findings
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def _row(evaluation: Evaluation, row: RowResult) -> Iterator[Finding]:
    about = f"indicators.{row.id}"
    if row.row.applies and row.row.alternative:
        yield from _alternatives(evaluation, row)
    if row.status is Status.NOT_APPLICABLE:
        return
    for reason in row.reasons:
        if reason.kind == "no-band":
            value = numbers.shown(row.value) if isinstance(row.value, Fraction) else str(row.value)
            yield Finding("no-band", "error", about, "", {"value": value, "of": reason.about})
        elif reason.kind == "alternatives":
            yield Finding("one-must-apply", "error", about, "", {"other": row.row.alternative or ""})
    if row.row.owed and evaluation.results[row.row.owed] is True and not (row.note and row.note.reason.strip()):
        line = evaluation.ruleset.program.by_name[row.row.owed]
        yield Finding("note-owed", "warning", about, "", {"condition": line.text})


def _alternatives(evaluation: Evaluation, row: RowResult) -> Iterator[Finding]:
    other = evaluation.ruleset.program.rows[str(row.row.alternative)]
    states = [evaluation.results[name] for name in (row.row.applies, other.applies) if name]
    if len(states) == 2 and all(isinstance(state, bool) for state in states) and states[0] is states[1]:
        key = "one-must-apply.both" if states[0] else "one-must-apply.neither"
        yield Finding("one-must-apply", "error", f"indicators.{row.id}", key, {"other": other.id})


def _check(check: CheckResult) -> Iterator[Finding]:
    about = f"checks.{check.id}"
    severity: Severity = "error" if check.severity == "error" else "warning"
    title: object = dict(check.title) or check.id
    if check.status == "fail" and check.difference is None:
        yield Finding("check-failed", severity, about, "check-failed.condition", {"title": title})
    elif check.difference:
        values = {"title": title, **_sides(check)}
        if check.status == "fail":
            yield Finding("check-failed", severity, about, "", values)
        else:
            yield Finding("rounding-difference", "note", about, "", values)


def _sides(check: CheckResult) -> dict[str, str]:
    sides: dict[str, Exact] = {
        "difference": check.difference or 0, "tolerance": check.tolerance, "left": check.left, "right": check.right
    }  # fmt: skip
    return {name: numbers.shown(side) for name, side in sides.items()}


def _claims(evaluation: Evaluation) -> Iterator[Finding]:
    for claim in evaluation.claims:
        if claim.verdict != "refuted":
            continue
        where = evaluation.submission.locate(("claims", *claim.about.split(".")))
        claimed = claim.claimed if isinstance(claim.claimed, str) else numbers.shown(claim.claimed)
        if claim.derived is not None:
            derived = claim.derived if isinstance(claim.derived, str) else numbers.shown(claim.derived)
            values = {"claimed": claimed, "derived": derived}
            yield Finding("claim-refuted", "error", claim.about, "", values, where)
        else:
            ends = [end if isinstance(end, str) else numbers.shown(end) for end in claim.bounds or ()]
            key = "claim-refuted.bounds" if ends else "claim-refuted.ruled-out"
            values = {"claimed": claimed, "bounds": " … ".join(ends)}
            yield Finding("claim-refuted", "error", claim.about, key, values, where)
    for one in disagreements(evaluation):
        values = {"claimed": numbers.shown(one.claimed), "sum": numbers.shown(one.sum), "count": str(len(one.parts))}
        where = evaluation.submission.locate(("claims", *one.about.split(".")))
        yield Finding("claims-disagree", "error", one.about, "", values, where)

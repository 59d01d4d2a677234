"""Scores against the rule: what a row claims beside what follows from its own target and actual.

A row has at most one finding about its score. A score that fits the rule in one of the ways in which its row can be
read, or is the rule's score with fewer decimals, is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from perfrules import numbers
from perfrules.audit import nature
from perfrules.audit.audited import AuditedRow
from perfrules.audit.examined import HUNDREDTH, Examined, cell_of, places, told
from perfrules.audit.forms import FormRow
from perfrules.audit.sheets import Cell
from perfrules.errors import Finding
from perfrules.evaluation.results import Status
from perfrules.numbers import Exact
from perfrules.rationals import ratio

MUCH_ABOVE = 130
"""Percent of its target from which on a value is much above it, where the framework says no number."""


def scores(case: Examined) -> Iterator[Finding]:
    """Each score against the rule."""
    if case.weighed_twice:
        return
    for row, of in case.scored:
        if row.claimed is None:
            yield from _blank(case, row, of)
        elif row.claimed < 0:
            yield case.finding("error", "score-above-weight.negative", row, _cell(of), claimed=row.claimed)
        elif row.weight is not None and row.claimed > row.weight:
            above: dict[str, object] = {"claimed": row.claimed, "weight": row.weight}
            yield case.finding("error", "score-above-weight", row, _cell(of), **above)
        elif row.derived is not None:
            yield from _decided(case, row, of, row.claimed, row.derived)
        elif row.status == Status.JUDGED and row.bounds and not row.bounds[0] <= row.claimed <= row.bounds[1]:
            values = {"claimed": row.claimed, "low": row.bounds[0], "high": row.bounds[1], "said": of.actual.text}
            yield case.finding("error", "score-not-by-rule.bounds", row, _cell(of), **values)


def _cell(of: FormRow) -> Cell | None:
    return cell_of(of, "converted", "score", "name")


def _blank(case: Examined, row: AuditedRow, of: FormRow) -> Iterator[Finding]:
    """A row with points and no score."""
    if not of.weight or not {"score", "converted"} & of.cells.keys():
        return
    key = "score-not-by-rule.blank" if row.derived is None else "score-not-by-rule.blank-decided"
    yield case.finding("warning", key, row, _cell(of), weight=of.weight, derived=row.derived)


def _decided(case: Examined, row: AuditedRow, of: FormRow, claimed: Exact, derived: Fraction) -> Iterator[Finding]:
    """A score that the rule decides otherwise."""
    cell = _cell(of)
    values: dict[str, object] = {
        "claimed": claimed, "derived": derived, "weight": row.weight, "target": told(of.target),
        "actual": told(of.actual),
    }  # fmt: skip
    if abs(claimed - derived) <= HUNDREDTH / 2:
        return
    written = places(cell_of(of, "converted", "score"))
    if numbers.round_half_away(derived, written) == claimed:
        if of.kind == "execution" and not written:
            yield case.finding("warning", "execution-rounded", row, cell, **values)
            return
        if written:
            yield case.finding("note", "rounding-difference.score", row, cell, **values)
            return
    if derived == row.weight:
        yield from _less_than_full(case, row, of, values)
    elif claimed == row.weight and not of.reason:
        spent = of.kind == "execution"
        yield case.finding(
            "error", "unexplained-full-marks.execution" if spent else "unexplained-full-marks", row, cell, **values
        )
    else:
        yield case.finding("error", "score-not-by-rule", row, cell, **values)


def _less_than_full(case: Examined, row: AuditedRow, of: FormRow, values: dict[str, object]) -> Iterator[Finding]:
    """Points lost though the target is met: what exceeds it by much may be reduced, and a reason explains."""
    if _ratio(row, of) is not None and (_ratio(row, of) or 0) >= _much_above(case, row):
        return
    if of.reason:
        yield case.finding("note", "score-not-by-rule.explained", row, _cell(of), **values)
    else:
        yield case.finding("warning", "unexplained-deduction", row, _cell(of), **values)


# -- much above the target, and short of it ----------------------------------------------------------------------


def _ratio(row: AuditedRow, of: FormRow) -> Fraction | None:
    """What was reached in percent of the target, of a row of which more is better; None of any other."""
    target, actual = of.target, of.actual
    if of.kind != "indicator" or row.doubt or not target.number or actual.number is None or target.number < 0:
        return None
    if target.sign in ("<=", "<") or (target.sign not in (">=", ">") and nature.either_way(of)):
        return None
    if row.result is not None and row.result.row.operator in ("<=", "<"):
        return None
    value, goal = (row.result.value, row.result.target) if row.result else (None, None)
    if isinstance(value, Fraction) and isinstance(goal, Fraction) and goal > 0:
        return value * 100 / goal
    return numbers.to_fraction(actual.number * Fraction(100) / target.number)


def _much_above(case: Examined, row: AuditedRow) -> Exact:
    declared = case.evaluation.ruleset.declaration
    method = declared.methods.get(row.result.row.method or "") if row.result else None
    return method.parameters.get("much_above", MUCH_ABOVE) if method else MUCH_ABOVE


def exceeded(case: Examined) -> Iterator[Finding]:
    """Values much above their targets, without a reason and without a reduction."""
    for row, of in case.indicators:
        ratio = _ratio(row, of)
        if ratio is None or of.reason or ratio < _much_above(case, row) or of.actual.sign:
            continue
        if row.claimed is not None and row.weight is not None and row.claimed < row.weight:
            continue
        values = {"target": told(of.target), "actual": told(of.actual), "ratio": _shown(ratio)}
        yield case.finding("warning", "over-achievement", row, cell_of(of, "actual", "name"), **values)


def _shown(ratio: Fraction) -> Exact:
    return numbers.round_half_away(ratio, 2)


def reasons(case: Examined) -> Iterator[Finding]:
    """Points lost on a missed target, on a form that asks for the reason, and none is given."""
    if "reason" not in case.form.columns:
        return
    for row, of in case.scored:
        if (
            of.kind != "indicator"
            or of.reason
            or row.derived is None
            or row.result is None
            or row.result.met is not False
        ):
            continue
        if row.claimed is not None and row.weight is not None and row.claimed < row.weight:
            values = {"target": told(of.target), "actual": told(of.actual)}
            yield case.finding("warning", "reason-missing", row, cell_of(of, "reason"), **values)


# -- the execution of the budget, rates --------------------------------------------------------------------------


def execution(case: Examined) -> Iterator[Finding]:
    """More spent than budgeted; a budget of 0."""
    if case.execution is None:
        return
    row, of = case.execution
    budget, spent = of.target.number, of.actual.number
    if budget is None or spent is None:
        return
    values = {"budget": budget, "spent": spent}
    cell = cell_of(of, "actual", "rate", "name")
    if budget == 0:
        yield case.finding("warning", "zero-base.budget", row, cell_of(of, "target", "name"), **values)
    elif spent > budget and not of.target.sign:  # with a sign the target is a rate that was aimed at, and no budget
        rate = numbers.round_half_away(ratio(1, 1) * spent * 100 / budget, 2)
        values["rate"] = rate
        if of.reason:
            yield case.finding("note", "execution-over-100.reason", row, cell, **values)
        else:
            yield case.finding("warning", "execution-over-100", row, cell, **values)


def rates(case: Examined) -> Iterator[Finding]:
    """A printed rate that is neither the score in percent of its weight, nor the actual in percent of its target."""
    for row, of in case.scored:
        if of.rate is None or row.doubt:
            continue
        written = places(cell_of(of, "rate"))
        meant = _rates(of)
        # 0.905 where 90.5 is meant: the cell of a workbook that shows a quotient without the sign of percent.
        printed = [(of.rate, written)] + ([(of.rate * 100, written - 2)] if of.rate <= 2 else [])
        if meant and not any(_alike(rate, one, max(0, shown)) for rate, shown in printed for one in meant):
            values = {"printed": of.rate, "derived": numbers.round_half_away(meant[0], 2)}
            yield case.finding("warning", "score-not-by-rule.rate", row, cell_of(of, "rate"), **values)


def _rates(of: FormRow) -> list[Fraction]:
    """What a rate of a row may be of; none where it may be of something that is not known."""
    of_scores, of_values = (of.score, of.weight), (of.actual.number, of.target.number)
    pairs = {"execution": [of_values], "group": [of_scores]}.get(of.kind, [of_scores, of_values, of_values[::-1]])
    found = [
        numbers.to_fraction(above * Fraction(100) / below) for above, below in pairs if above is not None and below
    ]
    if len(found) < len(pairs):
        return []
    return [*found, *(Fraction(100) for rate in found if rate > 100)]


def _alike(printed: Exact, rate: Fraction, written: int) -> bool:
    """Whether a printed rate is this one, rounded or cut off at the decimals it was written with."""
    return bool(abs(printed - rate) < Fraction(1, 10**written))

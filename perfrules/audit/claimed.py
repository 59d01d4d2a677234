"""What a submission claims of each row, dimension and the total, beside what follows: an audit without a form."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from perfrules import numbers
from perfrules.audit.audited import AuditedGroup, AuditedRow, AuditedTotal, below, claimed_by, grade_title, weight_of
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status


def rows_of(evaluation: Evaluation) -> tuple[AuditedRow, ...]:
    """The rows of a ruleset, with what a submission claims of each."""
    claims = _claims(evaluation)
    rows = []
    for result in evaluation:
        if result.status is Status.NOT_APPLICABLE:
            continue
        claimed = claims.get(f"indicators.{result.id}")
        where = evaluation.submission.locate(("claims", "indicators", result.id)) if claimed is not None else None
        rows.append(
            AuditedRow(
                result.id, result.title, result.weight, claimed, result.exact, result.bounds, result.status.value,
                result=result, where=where, address=str(where or ""),
            )
        )  # fmt: skip
    return tuple(rows)


def _claims(evaluation: Evaluation) -> dict[str, Fraction]:
    claims = evaluation.submission.claims
    return {one.about: numbers.to_fraction(one.claimed) for one in claims if not isinstance(one.claimed, str)}


def groups_of(evaluation: Evaluation, rule: Evaluation, rows: tuple[AuditedRow, ...]) -> Iterator[AuditedGroup]:
    """The dimensions of a ruleset, with what a submission claims of each."""
    claims, by_id = _claims(evaluation), {row.id: row for row in rows}
    depths: dict[str, int] = {}
    for branch in evaluation.dimensions.values():
        depth = depths[branch.id] = depths.get(branch.branch.within or "", -1) + 1
        inside = [by_id[one] for one in below(evaluation, branch) if one in by_id]
        yield AuditedGroup(
            branch.id, branch.title, branch.branch.within, depth, branch.weight, branch.weight, None,
            claims.get(f"dimensions.{branch.id}"), claimed_by(inside), branch.exact, branch.bounds,
            rule.dimensions[branch.id].exact, tuple(by_id[one] for one in branch.branch.rows if one in by_id),
        )  # fmt: skip


def total_of(evaluation: Evaluation, rule: Evaluation, rows: tuple[AuditedRow, ...]) -> AuditedTotal:
    """The total, with what a submission claims of it."""
    grade = next((str(one.claimed) for one in evaluation.submission.claims if one.about == "grade"), "")
    total, follows = evaluation.total, rule.total
    weight = total.weight if total else weight_of(rows)
    found = follows.grade if follows else None
    return AuditedTotal(
        weight, None, _claims(evaluation).get("total"), grade, claimed_by(rows), total.exact if total else None,
        total.bounds if total else None, follows.exact if follows else None, found, grade_title(rule, found),
    )  # fmt: skip

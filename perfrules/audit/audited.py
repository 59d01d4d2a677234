"""What is claimed of each row, group and total, beside what follows from the rules.

A row that the rules decide has a derived score. One that is judged, lacks its actual, or can be read in two ways has
bounds. *By rule*, such a row counts as claimed: what is left of the difference is what the rules do not bear out.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from perfrules import numbers
from perfrules.audit import doubts
from perfrules.audit.doubts import Doubt
from perfrules.audit.forms import FormRow
from perfrules.audit.plan import Plan
from perfrules.errors import Where
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.facts import prepared
from perfrules.evaluation.results import BranchResult, Ends, RowResult
from perfrules.formula.direct import DirectEvaluator, Trace
from perfrules.formula.systems.exact import EXACT
from perfrules.numbers import Exact


@dataclass(frozen=True, slots=True)
class AuditedRow:
    """One row: what is claimed, and what follows.

    Attributes:
        id: Of the indicator in the plan; empty for a row that shares the score of the one above it.
        title: Its name, by language.
        weight: 分值, as printed; 权重占比 where the form has only that.
        claimed: 得分, as printed; where the form converts scores (折算得分), the converted one. None where none is.
        derived: What follows by rule; None where that is not decided.
        bounds: What it can be; None where nothing bounds it.
        status: The status of the indicator; `doubtful` where the row can be read in two ways.
        doubt: In which ways: more or less may be better; the units of target and actual differ; the form scores the row
            by a standard in words.
        result: The result of the indicator.
        form: The row of the form; None of a submission.
    """

    id: str
    title: Mapping[str, str]
    weight: Fraction | None
    claimed: Fraction | None
    derived: Fraction | None = None
    bounds: Ends | None = None
    status: str = ""
    doubt: Doubt = ""
    result: RowResult | None = None
    form: FormRow | None = None
    where: Where | None = None
    address: str = ""

    @property
    def by_rule(self) -> Fraction | None:
        """What follows; where that is not decided, what is claimed."""
        return self.claimed if self.derived is None else self.derived


@dataclass(frozen=True, slots=True)
class AuditedGroup:
    """One dimension of the tree.

    Attributes:
        id: Of the dimension.
        within: The dimension that it stands in; None at the top.
        depth: How many stand above it.
        weight: The sum of the weights of its rows.
        declared: The weight that the framework gives it; None where it gives none.
        printed_weight, printed: Its weight and score in a line of its own, or beside its name.
        claimed: The sum of what its rows claim; None where none does.
        derived, bounds, by_rule: As of rows.
        rows: Its own rows.
    """

    id: str
    title: Mapping[str, str]
    within: str | None
    depth: int
    weight: Fraction
    declared: Fraction | None
    printed_weight: Fraction | None
    printed: Fraction | None
    claimed: Fraction | None
    derived: Fraction | None
    bounds: Ends | None
    by_rule: Fraction | None
    rows: tuple[AuditedRow, ...]


@dataclass(frozen=True, slots=True)
class AuditedTotal:
    """The total.

    Attributes:
        weight: The sum of the weights of all rows.
        printed_weight, printed, printed_grade: As printed; None, and an empty grade, where nothing is.
        claimed: The sum of what the rows claim.
        derived, bounds, by_rule: As of rows.
        grade: The grade of the total by rule, an id of the scale; None where it is not decided, there is no scale, or
            the weights do not add up to those of the framework.
        grade_title: Its name.
    """

    weight: Fraction
    printed_weight: Fraction | None
    printed: Fraction | None
    printed_grade: str
    claimed: Fraction | None
    derived: Fraction | None
    bounds: Ends | None
    by_rule: Fraction | None
    grade: str | None
    grade_title: Mapping[str, str]


def counted(evaluation: Evaluation, rows: tuple[AuditedRow, ...]) -> Evaluation:
    """The same evaluation, in which rows that are not decided count as claimed."""
    program = evaluation.ruleset.program
    claimed = {
        program.rows[row.id].score: numbers.read(row.claimed)
        for row in rows
        if row.id and row.derived is None and row.claimed is not None
    }
    names = prepared(program)[1] | evaluation.facts.names
    trace: Trace = {}
    visit = DirectEvaluator(EXACT, names, trace).visit
    for name, tree in program.trees:
        names[name] = claimed[name] if name in claimed else visit(tree)
    return Evaluation(evaluation.ruleset, evaluation.submission, evaluation.facts, names, trace)


# -- of a form ---------------------------------------------------------------------------------------------------


def rows_of(plan: Plan, evaluation: Evaluation) -> tuple[AuditedRow, ...]:
    """The rows of a form, in its order."""
    ids = {row.index: identifier for identifier, row in plan.rows.items()}
    converts = "converted" in plan.form.columns
    known = plan.framework.declaration.indicators
    return tuple(_row(row, ids.get(row.index, ""), evaluation, known, converts=converts) for row in plan.form.rows)


def _row(row: FormRow, identifier: str, evaluation: Evaluation, known: Container[str], *, converts: bool) -> AuditedRow:
    claimed = _public(row.converted if converts else row.score)
    weight = _public(row.share if row.weight is None else row.weight)
    placed: dict[str, Any] = {"form": row, "where": row.where(), "address": row.address()}
    title = {"zh": row.name}
    if not identifier:
        return AuditedRow("", title, weight, claimed, **placed)
    result = evaluation[identifier]
    doubt, ends = doubts.of(row, result, claimed, own_standard=bool(row.standard) and identifier not in known)
    exact = None if doubt else result.exact
    if not doubt:
        ends = result.bounds if exact is None else (exact, exact)  # bounds take long, and a score is its own
    status = "doubtful" if doubt else result.status.value
    return AuditedRow(identifier, title, weight, claimed, exact, ends, status, doubt, result, **placed)


def groups_of(
    plan: Plan, evaluation: Evaluation, rule: Evaluation, rows: tuple[AuditedRow, ...]
) -> Iterator[AuditedGroup]:
    """The dimensions of the plan, each before those within it."""
    by_id = {row.id: row for row in rows if row.id}
    depths: dict[str, int] = {}
    for branch in evaluation.dimensions.values():
        depth = depths[branch.id] = depths.get(branch.branch.within or "", -1) + 1
        inside = [by_id[one] for one in below(evaluation, branch) if one in by_id]
        declared = plan.framework.declaration.dimensions.get(branch.id)
        printed = plan.sections.get(branch.id)
        follows, ends = _follows(branch, inside)
        yield AuditedGroup(
            branch.id, branch.title, branch.branch.within, depth,
            weight=weight_of(inside),
            declared=_public(declared.weight) if declared else None,
            printed_weight=_public(printed.weight) if printed else None,
            printed=_public(printed.score) if printed else None,
            claimed=claimed_by(inside), derived=follows, bounds=ends, by_rule=rule.dimensions[branch.id].exact,
            rows=tuple(by_id[one] for one in branch.branch.rows if one in by_id),
        )  # fmt: skip


def below(evaluation: Evaluation, branch: BranchResult) -> Iterator[str]:
    """The rows of a dimension and of those within it."""
    yield from branch.branch.rows
    for child in branch.branch.dimensions:
        yield from below(evaluation, evaluation.dimensions[child])


def claimed_by(rows: Sequence[AuditedRow]) -> Fraction | None:
    """The sum of what some rows claim; None where none does."""
    claims = [row.claimed for row in rows if row.claimed is not None]
    return sum(claims, Fraction(0)) if claims else None


def weight_of(rows: Sequence[AuditedRow]) -> Fraction:
    """The sum of the weights of some rows."""
    return sum((row.weight for row in rows if row.weight is not None), Fraction(0))


def _public(value: Exact | None) -> Fraction | None:
    return None if value is None else numbers.to_fraction(value)


def _follows(result: BranchResult, below: list[AuditedRow]) -> tuple[Fraction | None, Ends | None]:
    """The score of a dimension or the total, and its bounds, widened by the rows that can be read in two ways."""
    doubtful = [row for row in below if row.doubt and row.bounds and row.result and row.result.exact is not None]
    exact = result.exact
    if exact is not None and not doubtful:
        return exact, (exact, exact)
    if not doubtful or result.bounds is None:
        return exact, result.bounds
    low, high = result.bounds
    for row in doubtful:
        ends, scored = row.bounds, row.result.exact if row.result else None
        if ends is not None and scored is not None:
            low, high = low + ends[0] - scored, high + ends[1] - scored
    return None, (low, high)


def total_of(plan: Plan, evaluation: Evaluation, rule: Evaluation, rows: tuple[AuditedRow, ...]) -> AuditedTotal:
    """The total of a form."""
    printed = plan.form.total
    converts = "converted" in plan.form.columns
    score = None if printed is None else printed.converted if converts else printed.score
    if score is None and printed is not None:
        score = printed.score
    derived, ends, by_rule, grade = None, None, None, None
    title: Mapping[str, str] = {}
    if evaluation.total is not None and rule.total is not None:
        derived, ends = _follows(evaluation.total, list(rows))
        by_rule = rule.total.exact
        whole = plan.framework.declaration.total.weight
        grade = rule.total.grade if whole is None or rule.total.weight == whole else None
        title = grade_title(rule, grade)
    return AuditedTotal(
        weight=weight_of(rows),
        printed_weight=_public(printed.weight) if printed else None, printed=_public(score),
        printed_grade=plan.form.said("grade"),
        claimed=claimed_by(rows), derived=derived, bounds=ends, by_rule=by_rule, grade=grade, grade_title=title,
    )  # fmt: skip


def grade_title(evaluation: Evaluation, grade: str | None) -> Mapping[str, str]:
    """The name of a grade of the total."""
    if grade is None or evaluation.total is None:
        return {}
    steps = evaluation.scale_of(evaluation.total.branch).steps
    return next((step.title for step in steps if step.id == grade), {})

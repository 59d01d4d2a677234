"""audit_form(): re-derive what a filled form or a submission claims, and list what does not follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from perfrules import numbers, words
from perfrules.audit import audited, claimed, rules_evidence, rules_scores, rules_submission, rules_sums, rules_targets
from perfrules.audit.audited import AuditedGroup, AuditedRow, AuditedTotal
from perfrules.audit.examined import Examined
from perfrules.audit.forms import Form
from perfrules.audit.plan import Plan, lay
from perfrules.audit.reading import read
from perfrules.errors import SEVERITIES, Finding, RulesetError
from perfrules.evaluation import files
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.scoring import evaluate
from perfrules.evaluation.submission import Submission
from perfrules.ruleset import toml
from perfrules.ruleset.library import load
from perfrules.ruleset.loaded import Ruleset
from perfrules.ruleset.resolve import Overlays

Rule = Callable[[Examined], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    rules_sums.totals, rules_sums.weights, rules_sums.sections, rules_sums.money, rules_sums.grade, rules_sums.twice,
    rules_scores.scores, rules_scores.exceeded, rules_scores.reasons, rules_scores.execution, rules_scores.rates,
    rules_targets.echoes, rules_targets.measurable, rules_targets.directions, rules_targets.zeros, rules_targets.units,
    rules_targets.inputs, rules_targets.places_of, rules_targets.duplicates,
    rules_evidence.actuals, rules_evidence.evidence, rules_evidence.judgements,
)  # fmt: skip
"""Everything that is looked for on a form."""

COVERED = frozenset(
    (
        "claim-refuted", "claims-disagree", "direction-missing", "note-owed", "target-not-measurable", "unit-mismatch",
        "weights-sum",
    )
)  # fmt: skip
"""Findings of the evaluation that the rules for forms say in their own way, or hold back for want of certainty."""


@dataclass(frozen=True, eq=False)
class Audit:
    """What was claimed, what follows, and what does not.

    Attributes:
        evaluation: Of the plan that the form was read as, or of the submission.
        rows: Every row, in the order of the form.
        groups: The dimensions, each before those within it.
        total: The total: printed, of the printed rows, derived, by rule.
        findings: Errors first, and those in the order of the rows.
        plan: The form as plan and submission; None where a submission was audited.
    """

    evaluation: Evaluation
    rows: tuple[AuditedRow, ...]
    groups: tuple[AuditedGroup, ...]
    total: AuditedTotal
    findings: tuple[Finding, ...]
    plan: Plan | None = None

    @property
    def form(self) -> Form | None:
        """The form; None where a submission was audited."""
        return self.plan.form if self.plan else None

    @property
    def ruleset(self) -> Ruleset:
        """What it was audited by: the framework of a form, the ruleset of a submission."""
        return self.plan.framework if self.plan else self.evaluation.ruleset

    @property
    def title(self) -> str:
        """What stands above the table, or whom it is about."""
        if self.form is None:
            return self.evaluation.submission.subject
        parts = (self.form.title, self.form.said("unit"), self.form.said("project"))
        return next((part for part in parts if part), self.form.path.stem)

    @property
    def needs_attention(self) -> bool:
        """Whether an error or a warning was found."""
        return any(finding.severity != "note" for finding in self.findings)

    def count(self, severity: str) -> int:
        """How many findings of a severity there are."""
        return sum(finding.severity == severity for finding in self.findings)

    def as_toml(self) -> tuple[str, str]:
        """The plan and the submission that the form was read as, to be corrected and scored again.

        Raises:
            ValueError: A submission was audited, which is TOML itself.
        """
        if self.plan is None:
            raise ValueError("a submission was audited, which needs no plan")
        return self.plan.text, self.plan.submission_text

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """The audit as data for JSON; `lang` is the language of findings."""
        from perfrules.audit.export import as_dict

        return as_dict(self, lang)

    def __str__(self) -> str:
        """One line: what, what is printed, what follows, how many findings."""
        printed, follows = (
            "—" if one is None else numbers.shown(one, 2) for one in (self.total.printed, self.total.by_rule)
        )
        counts = ", ".join(f"{self.count(severity)} {severity}s" for severity in SEVERITIES)
        return f"{words.safe(self.title)}: printed {printed}, by rule {follows}; {counts}"

    __repr__ = __str__

    def __rich__(self) -> Any:
        """The table, for `rich.print`."""
        from perfrules.report.audit import audit_view

        return audit_view(self)


def audit_form(
    form: Form | Submission | str | Path,
    ruleset: Ruleset | str | Path | None = None,
    *,
    sheet: str | None = None,
    overlays: Overlays = (),
    as_of: date | None = None,
    lang: str = "zh",
) -> Audit:
    """Audit a filled form, or a submission with claims.

    Args:
        form: A form, or the path of one (.xlsx, .csv, or .toml with `[[row]]`); a submission, or the path of one
            (.toml, .json).
        ruleset: The framework that the form follows, loaded, or what `load` takes; of a submission the ruleset to
            score by, None for the one that it names.
        sheet: The sheet of a workbook; the first with a table of indicators unless said.
        overlays: As of `load`.
        as_of: As of `load`.
        lang: The language of the comments in the plan that a form is read as.

    Raises:
        SubmissionError: It cannot be read.
        RulesetError: The ruleset cannot be found or read, or none is given for a form.
    """
    if isinstance(form, str | Path):
        path = Path(form)
        form = files.read(path) if is_submission(path) else read(path, sheet)
    if isinstance(form, Submission):
        return _of_submission(evaluate(ruleset, form, overlays=overlays, as_of=as_of))
    if ruleset is None:
        raise RulesetError([Finding("no-ruleset", about=str(form.path), key="no-ruleset.form")])
    if not isinstance(ruleset, Ruleset):
        ruleset = load(ruleset, overlays=overlays, as_of=as_of)
    return _of_form(form, ruleset, lang)


def is_submission(path: Path) -> bool:
    """Whether a file is a submission, and no form: JSON, or TOML without `[[row]]`."""
    if path.suffix.lower() != ".toml":
        return path.suffix.lower() == ".json"
    try:
        data = toml.read(path).data
    except toml.DocumentError:
        return False  # its reader says what is wrong
    return "row" not in data and bool({"facts", "claims", "submission"} & data.keys())


# -- forms -------------------------------------------------------------------------------------------------------


def _of_form(form: Form, framework: Ruleset, lang: str) -> Audit:
    plan = lay(form, framework, lang)
    evaluation = evaluate(plan.ruleset, plan.submission)
    rows = audited.rows_of(plan, evaluation)
    rule = audited.counted(evaluation, rows)
    groups = tuple(audited.groups_of(plan, evaluation, rule, rows))
    case = Examined(plan, evaluation, rows, groups, audited.total_of(plan, evaluation, rule, rows))
    found = [*form.findings, *plan.findings, *_of_evaluation(case)]
    for look in RULES:
        found += look(case)
    return Audit(evaluation, rows, groups, case.total, _in_order(found, rows), plan)


def _of_evaluation(case: Examined) -> Iterator[Finding]:
    """What the evaluation found that the rules for forms do not say."""
    budget = case.execution[1].target.number if case.execution else None
    for finding in case.evaluation.findings:
        if finding.code in COVERED or (finding.code == "out-of-range" and budget == 0):
            continue
        where = case.plan.where(finding.about) or finding.where
        yield finding._replace(where=where)


def _in_order(found: list[Finding], rows: tuple[AuditedRow, ...]) -> tuple[Finding, ...]:
    """Findings by severity, and by the order of the rows; what is about no row comes first."""
    order = {f"indicators.{row.id}": index for index, row in enumerate(rows) if row.id}
    return tuple(sorted(found, key=lambda one: (SEVERITIES.index(one.severity), order.get(one.about, -1))))


# -- submissions -------------------------------------------------------------------------------------------------


def _of_submission(evaluation: Evaluation) -> Audit:
    rows = claimed.rows_of(evaluation)
    rule = audited.counted(evaluation, rows)
    groups = tuple(claimed.groups_of(evaluation, rule, rows))
    total = claimed.total_of(evaluation, rule, rows)
    found = list(rules_submission.findings(evaluation))
    return Audit(evaluation, rows, groups, total, _in_order(found, rows))

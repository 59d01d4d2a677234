"""The evaluation: one submission, scored by one ruleset; all that is asked of it is worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfrules import numbers
from perfrules.errors import Finding
from perfrules.evaluation import outlook
from perfrules.evaluation.facts import Facts, Given, prepared
from perfrules.evaluation.results import (
    BranchResult,
    CheckResult,
    Result,
    RowResult,
    Status,
    ValueResult,
    known,
    status_of,
)
from perfrules.evaluation.submission import Submission
from perfrules.formula.direct import Trace
from perfrules.formula.systems.exact import Unknown
from perfrules.formula.systems.intervals import Bounds
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.program import Branch

if TYPE_CHECKING:
    from perfrules.evaluation.claims import ClaimResult


class Evaluation:
    """One submission, scored by one ruleset.

    `evaluation["some_indicator"]` is the result of an indicator; `total` that of the whole.
    """

    def __init__(
        self, ruleset: Ruleset, submission: Submission, facts: Facts, results: dict[str, Any], trace: Trace
    ) -> None:
        """Take what `evaluate` worked out: the value of every line, and of every node that was visited."""
        self.ruleset = ruleset
        self.submission = submission
        self.facts = facts
        self.results = results
        self.trace = trace

    # -- results --------------------------------------------------------------------------------------------------

    @property
    def total(self) -> BranchResult | None:
        """The total; None where the ruleset has none."""
        total = self.ruleset.program.total
        return BranchResult(self, total) if total else None

    def __getitem__(self, identifier: str) -> RowResult:
        """The result of an indicator.

        Raises:
            KeyError: The ruleset has no such indicator.
        """
        return RowResult(self, self.ruleset.program.rows[identifier])

    def __iter__(self) -> Iterator[RowResult]:
        """The indicators, in the order of the table: dimension by dimension."""
        for branch in self._in_order():
            yield from (self[row] for row in branch.branch.rows)

    def _in_order(self) -> list[BranchResult]:
        """The dimensions from the top, each before those within it."""
        program = self.ruleset.program
        order: list[BranchResult] = []
        waiting = [branch for branch in program.branches.values() if branch.within is None][::-1]
        while waiting:
            branch = waiting.pop()
            order.append(BranchResult(self, branch))
            waiting += [program.branches[child] for child in branch.dimensions[::-1]]
        return order

    @cached_property
    def dimensions(self) -> dict[str, BranchResult]:
        """The dimensions by id, each before those within it."""
        return {result.id: result for result in self._in_order()}

    @cached_property
    def values(self) -> dict[str, ValueResult]:
        """The named values of the ruleset."""
        declared = self.ruleset.declaration.values
        return {
            name: ValueResult(name, value.title, known(self.results.get(name)), value.unit)
            for name, value in declared.items()
        }

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """The checks, in file order."""
        return tuple(self._check(lines) for lines in self.ruleset.program.checks)

    def _check(self, lines: Any) -> CheckResult:
        holds = self.results[lines.holds]
        difference = known(self.results[lines.difference]) if lines.difference else None
        status = {Status.UNDEFINED: "undefined"}.get(status_of(holds), "missing")
        status = ("pass" if holds else "fail") if isinstance(holds, bool) else status
        left, right = (known(self.results[side]) for side in lines.equal) if lines.equal else (None, None)
        check = lines.check
        reasons = tuple(sorted(holds.reasons)) if isinstance(holds, Unknown) else ()
        tolerance = numbers.to_fraction(check.tolerance)
        return CheckResult(lines.id, check.title, status, check.severity, difference, tolerance, left, right, reasons)

    @cached_property
    def claims(self) -> tuple[ClaimResult, ...]:
        """What the submission claims, each with a verdict."""
        from perfrules.evaluation.claims import judge

        return judge(self)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything worth looking at, errors first."""
        from perfrules.evaluation.observations import observe

        return observe(self)

    @property
    def status(self) -> str:
        """`scored`, or `incomplete` while a row that may apply, a dimension or the total has no score."""
        results: list[Result] = [*self, *self._in_order(), *filter(None, [self.total])]
        settled = all(result.status in (Status.SCORED, Status.NOT_APPLICABLE) for result in results)
        return "scored" if settled else "incomplete"

    @property
    def needs_attention(self) -> bool:
        """Whether there is something to look at: incomplete, a failed check, a refuted claim, an error finding."""
        return self.status != "scored" or any(finding.severity == "error" for finding in self.findings)

    # -- what may still come --------------------------------------------------------------------------------------

    @cached_property
    def outlook(self) -> dict[str, Bounds]:
        """The bounds of every name, given what is known."""
        readers, _ = prepared(self.ruleset.program)
        return outlook.outlook(self.ruleset.program, readers, self.facts, self.results)

    @property
    def coverage(self) -> Fraction:
        """The weight of the scored rows in percent of the weight of the rows not known to be inapplicable."""
        total = self.ruleset.program.total
        roots = [total] if total else [branch for branch in self.ruleset.program.branches.values() if not branch.within]
        return _covered([row for root in roots for row in self._rows_below(root)])

    def coverage_of(self, branch: Branch) -> Fraction:
        """The coverage of one dimension."""
        return _covered(self._rows_below(branch))

    @property
    def counted(self) -> tuple[RowResult, ...]:
        """The rows whose weights count: those not known to be inapplicable, and of two open alternatives one."""
        return tuple(row for row in self if row.counts)

    def _rows_below(self, branch: Branch) -> list[RowResult]:
        below = [self[row] for row in branch.rows if self[row].counts]
        for child in branch.dimensions:
            below += self._rows_below(self.ruleset.program.branches[child])
        return below

    # -- lookups --------------------------------------------------------------------------------------------------

    def scale_of(self, branch: Branch) -> Any:
        """The scale that grades a branch."""
        declared = self.ruleset.declaration
        identifier = declared.dimensions[branch.id].scale if branch.id else declared.total.scale
        return declared.scales[str(identifier)]

    def given(self, fact: str) -> Given | None:
        """What the submission says of a fact; None where it says nothing."""
        if fact not in self.facts.given and fact in self.submission.raw:
            return Given(self.submission.raw[fact])
        return self.facts.given.get(fact)

    def save(self, path: str | Path) -> None:
        """Write the evaluation as a record, which `verify` derives again; all of it or nothing.

        Raises:
            PerfrulesError: It cannot be written, or a fact is a fraction that no decimal says.
        """
        from perfrules.records.record import save

        save(self, Path(path))

    def __str__(self) -> str:
        """One line: what, by what, the score or its bounds."""
        total = self.total
        what = self.submission.subject or self.ruleset.id
        if total is None:
            return f"{what}: {self.status}"
        if total.score is not None:
            return f"{what}: {total.score} / {numbers.plain(total.weight)}" + (
                f" ({total.grade})" if total.grade else ""
            )
        ends = " … ".join(numbers.shown(end, 2) for end in total.bounds) if total.bounds else "?"
        coverage = numbers.shown(self.coverage, 2)
        return f"{what}: {self.status}, {ends} / {numbers.plain(total.weight)}, coverage {coverage} %"

    __repr__ = __str__

    def __rich__(self) -> Any:
        """The table, for `rich.print`."""
        from perfrules.report.console import evaluation_view

        return evaluation_view(self)


def _covered(rows: list[RowResult]) -> Fraction:
    """The weight of the scored rows in percent of the weight of all; 100 of none."""
    whole = sum((row.weight for row in rows), Fraction(0))
    scored = sum((row.weight for row in rows if row.status is Status.SCORED), Fraction(0))
    return scored * 100 / whole if whole else Fraction(100)

"""What an evaluation says: of the total, each dimension and each indicator, each worked out when it is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from perfrules import numbers
from perfrules.errors import Finding
from perfrules.evaluation import outlook
from perfrules.evaluation.facts import Facts, Given, prepared
from perfrules.evaluation.submission import Note, Submission
from perfrules.formula.direct import Trace
from perfrules.formula.systems import intervals
from perfrules.formula.systems.exact import Reason, Unknown
from perfrules.formula.systems.intervals import Bounds, Interval, Options
from perfrules.numbers import Exact
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.names import fact_of
from perfrules.ruleset.program import Branch, Row

if TYPE_CHECKING:
    from perfrules.evaluation.claims import ClaimResult
    from perfrules.evaluation.derivation import Derivation

Ends = tuple[Fraction, Fraction]


class Status(StrEnum):
    """The state of a row, dimension or total."""

    SCORED = "scored"
    MISSING = "missing"
    UNDEFINED = "undefined"
    JUDGED = "judged"
    NOT_APPLICABLE = "not_applicable"


def status_of(value: Any) -> Status:
    """The status that a score has: undefined before missing before judged."""
    if not isinstance(value, Unknown):
        return Status.SCORED
    found = {reason.kind for reason in value.reasons}
    if found & {"zero", "no-band", "alternatives"}:
        return Status.UNDEFINED
    return Status.MISSING if "missing" in found else Status.JUDGED


class Result(ABC):
    """What rows, dimensions and the total have in common: a score, a weight, bounds, reasons."""

    __slots__ = ("_score_name", "evaluation", "id", "title")

    def __init__(self, evaluation: Evaluation, identifier: str, title: Mapping[str, str], score_name: str) -> None:
        """Take where the score stands among the results."""
        self.evaluation = evaluation
        self.id = identifier
        self.title = title
        self._score_name = score_name

    @property
    def _outcome(self) -> Any:
        return self.evaluation.results[self._score_name]

    @property
    def status(self) -> Status:
        """Scored, missing, undefined, judged or not_applicable."""
        return status_of(self._outcome)

    @property
    @abstractmethod
    def weight(self) -> Fraction:
        """The points that can be earned."""

    @property
    def exact(self) -> Fraction | None:
        """The score after the ruleset's rounding, as sums use it; None while unknown."""
        found = self._found
        return None if found is None else numbers.to_fraction(found)

    @property
    def score(self) -> Decimal | None:
        """The score as a decimal: the ruleset's places, or up to 10 where it does not round; None while unknown."""
        found = self._found
        return None if found is None else numbers.to_decimal(found, self._places)

    @property
    def _found(self) -> Exact | None:
        """The score, if there is one and it counts."""
        outcome = self._outcome
        return None if isinstance(outcome, Unknown) or self.status is not Status.SCORED else outcome

    @property
    def _places(self) -> int | None:
        return self.evaluation.ruleset.declaration.rounding.score

    @property
    def rate(self) -> Fraction | None:
        """The score in percent of the weight; None while unknown, or where the weight is 0."""
        exact, weight = self.exact, self.weight
        return None if exact is None or not weight else exact * 100 / weight

    @property
    def lost(self) -> Fraction | None:
        """Weight less score; None while unknown."""
        exact = self.exact
        return None if exact is None else self.weight - exact

    @property
    def interval(self) -> Interval | None:
        """What the score can be, sides possibly infinite; None for a row that does not apply."""
        if self.status is Status.NOT_APPLICABLE:
            return None
        found = self.evaluation.outlook[self._score_name]
        return found if isinstance(found, Interval) else intervals.ANYTHING

    @property
    def bounds(self) -> Ends | None:
        """The least and the greatest that the score can be; None where a side is unbounded or it does not apply."""
        return finite(self.interval)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why there is no score, in a stable order; empty where there is one, or where none is asked for."""
        outcome = self._outcome
        asked = isinstance(outcome, Unknown) and self.status is not Status.NOT_APPLICABLE
        return tuple(sorted(outcome.reasons)) if asked else ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts (or items of checklists) that it lacks, in the order of the ruleset."""
        names = {reason.about for reason in self.reasons if reason.kind == "missing"}
        order = {fact: index for index, fact in enumerate(self.evaluation.ruleset.program.facts)}
        return tuple(sorted(names, key=lambda about: (order.get(fact_of(about), len(order)), about)))

    def __repr__(self) -> str:
        """The id, the status, and the score if there is one."""
        score = "" if self.score is None else f" {self.score}"
        return f"<{type(self).__name__} {self.id or 'total'}: {self.status}{score}>"


def finite(interval: Interval | None) -> Ends | None:
    """An interval as a pair; None where there is none or a side is infinite."""
    if interval is None or isinstance(interval.low, float) or isinstance(interval.high, float):
        return None
    return numbers.to_fraction(interval.low), numbers.to_fraction(interval.high)


class RowResult(Result):
    """One indicator."""

    __slots__ = ("row",)

    def __init__(self, evaluation: Evaluation, row: Row) -> None:
        """Take the row of the program."""
        self.evaluation = evaluation
        self.id = row.id
        self.title = row.indicator.title
        self._score_name = row.score
        self.row = row

    @property
    def _outcome(self) -> Any:
        applies = self.evaluation.results[self.row.applies] if self.row.applies else True
        return applies if isinstance(applies, Unknown) else self.evaluation.results[self.row.score]

    @property
    def _found(self) -> Exact | None:
        outcome = self.evaluation.results[self.row.score]
        if isinstance(outcome, Unknown) or (self.row.applies and self.evaluation.results[self.row.applies] is not True):
            return None
        return outcome  # type: ignore[no-any-return]

    @property
    def status(self) -> Status:
        """As for any result; not_applicable where its condition says so."""
        if self.row.applies and self.evaluation.results[self.row.applies] is False:
            return Status.NOT_APPLICABLE
        return status_of(self._outcome)

    @property
    def weight(self) -> Fraction:
        """分值: the points the indicator can earn, as declared."""
        return numbers.to_fraction(self.row.weight)

    @property
    def value(self) -> Any:
        """What was measured: a Fraction, truth value, choice or date; None while unknown."""
        return self._known(self.row.value)

    @property
    def target(self) -> Any:
        """What was promised; None while unknown or where there is no target."""
        return self._known(self.row.target)

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None while unknown or where there is no target."""
        met = self._known(self.row.met)
        return met if isinstance(met, bool) else None

    def _known(self, name: str | None) -> Any:
        value = self.evaluation.results[name] if name else None
        return known(value)

    @property
    def counts(self) -> bool:
        """Whether its weight counts: not where it does not apply, nor beside an alternative that may apply as well."""
        other = self.row.alternative
        beside = other is not None and self.evaluation[other].status is not Status.NOT_APPLICABLE
        return self.status is not Status.NOT_APPLICABLE and not beside

    @property
    def band(self) -> int | None:
        """Which band was taken, counted from 1; None where there are no bands, or none was."""
        return self.derivation.band if self.row.bands else None

    @property
    def note(self) -> Note | None:
        """The submitter's reason and improvement, if given."""
        return self.evaluation.submission.notes.get(self.id)

    @property
    def derivation(self) -> Derivation:
        """How the score came about, as data."""
        from perfrules.evaluation.derivation import of_row

        return of_row(self.evaluation, self.row)


class BranchResult(Result):
    """One dimension, or the total."""

    __slots__ = ("branch",)

    def __init__(self, evaluation: Evaluation, branch: Branch) -> None:
        """Take the branch of the program."""
        super().__init__(evaluation, branch.id, branch.title, branch.score)
        self.branch = branch

    @property
    def status(self) -> Status:
        """As for any result; not_applicable where no row below it applies."""
        if self.branch.live and self.evaluation.results[self.branch.live] == 0:
            return Status.NOT_APPLICABLE
        return status_of(self._outcome)

    @property
    def _places(self) -> int | None:
        rounding = self.evaluation.ruleset.declaration.rounding
        return rounding.score if self.id else rounding.total

    @property
    def weight(self) -> Fraction:
        """The points that can be earned, once what does not apply is taken off or taken up."""
        weight = self.evaluation.results[self.branch.earnable]
        return numbers.to_fraction(self.branch.weight if isinstance(weight, Unknown) else weight)

    @property
    def grade(self) -> str | None:
        """The id of the step of its scale; None while undecided, or where it has no scale."""
        graded = self.branch.grade is not None and self.status is not Status.NOT_APPLICABLE
        grade = self.evaluation.results[str(self.branch.grade)] if graded else None
        return grade if isinstance(grade, str) else None

    @property
    def grades(self) -> tuple[str, ...]:
        """The grades that are possible, in the order of the scale."""
        if self.branch.grade is None or self.status is Status.NOT_APPLICABLE:
            return ()
        possible = self.evaluation.outlook[self.branch.grade]
        scale = self.evaluation.scale_of(self.branch)
        if not isinstance(possible, Options) or possible.possible is None:
            return ()
        return tuple(step.id for step in scale.steps if step.id in possible.possible)

    @property
    def coverage(self) -> Fraction:
        """The weight of the scored rows in percent of the weight of the rows not known to be inapplicable."""
        return self.evaluation.coverage_of(self.branch)


class CheckResult(NamedTuple):
    """One check: whether two amounts are equal within a tolerance, or a condition holds."""

    id: str
    title: Mapping[str, str]
    status: str
    severity: str
    difference: Fraction | None
    tolerance: Fraction
    left: Any
    right: Any
    reasons: tuple[Reason, ...]


class ValueResult(NamedTuple):
    """One named value of the ruleset; None while unknown."""

    id: str
    title: Mapping[str, str]
    value: Any
    unit: str | None


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


def known(value: Any) -> Any:
    """A value for the public: a Fraction for a number, None for an unknown."""
    if isinstance(value, Unknown):
        return None
    return numbers.to_fraction(value) if isinstance(value, Exact) and not isinstance(value, bool) else value

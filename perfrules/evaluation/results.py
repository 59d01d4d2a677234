"""What an evaluation says of the total, each dimension and each indicator, each worked out when it is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from perfrules import numbers
from perfrules.evaluation.submission import Note
from perfrules.formula.systems import intervals
from perfrules.formula.systems.exact import Reason, Unknown
from perfrules.formula.systems.intervals import Interval, Options
from perfrules.numbers import Exact
from perfrules.ruleset.names import fact_of
from perfrules.ruleset.program import Branch, Row

if TYPE_CHECKING:
    from perfrules.evaluation.derivation import Derivation
    from perfrules.evaluation.evaluation import Evaluation

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


class _Loses(Protocol):
    @property
    def lost(self) -> Fraction | None:
        """The points that are lost; None while unknown."""


Loses = TypeVar("Loses", bound=_Loses)


def losing(some: Iterable[Loses]) -> list[Loses]:
    """Those of some rows or projects that lost points, the one that lost most first."""
    return sorted((one for one in some if one.lost and one.lost > 0), key=lambda one: -(one.lost or 0))


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


def known(value: Any) -> Any:
    """A value for the public: a Fraction for a number, None for an unknown."""
    if isinstance(value, Unknown):
        return None
    return numbers.to_fraction(value) if isinstance(value, Exact) and not isinstance(value, bool) else value

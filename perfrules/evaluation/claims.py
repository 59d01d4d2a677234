"""Claims and their verdicts: does what somebody says follow from the facts and the rules?

*confirmed*: equal after the ruleset's rounding. *refuted*: outside the bounds, or different from a determined score.
*permitted*: inside the band that a judged level allows. *unsupported*: inside the bounds, with facts missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from perfrules import numbers
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import BranchResult, Ends, Result, Status, finite, status_of
from perfrules.evaluation.submission import Claim
from perfrules.formula.systems.intervals import ANYTHING, Interval
from perfrules.numbers import Exact


class ClaimResult(NamedTuple):
    """One claim: what is said, what follows, and the verdict."""

    about: str
    claimed: Exact | str
    derived: Fraction | str | None
    bounds: Ends | tuple[str, ...] | None
    verdict: str


class Disagreement(NamedTuple):
    """Claims that do not agree among themselves: parts that do not add up to a whole."""

    about: str
    claimed: Exact
    sum: Exact
    parts: tuple[str, ...]


def judge(evaluation: Evaluation) -> tuple[ClaimResult, ...]:
    """Every claim of the submission with its verdict, in the order given."""
    return tuple(_judge(evaluation, claim) for claim in evaluation.submission.claims)


def _judge(evaluation: Evaluation, claim: Claim) -> ClaimResult:
    section, _, name = claim.about.partition(".")
    if section == "grade":
        return _grade(evaluation.total, claim)
    if section == "weights":
        weight = evaluation[name].weight
        return ClaimResult(claim.about, claim.claimed, weight, (weight, weight), _equal(claim.claimed == weight))
    if section == "values":
        return _value(evaluation, claim, name)
    result: Result | None = evaluation.total
    if section != "total":
        result = evaluation[name] if section == "indicators" else evaluation.dimensions[name]
    return (
        ClaimResult(claim.about, claim.claimed, None, None, "unsupported") if result is None else _score(result, claim)
    )


def _equal(same: bool) -> str:
    return "confirmed" if same else "refuted"


def _score(result: Result, claim: Claim) -> ClaimResult:
    if result.exact is not None:
        same = _same(claim, result.exact, result._places)
        return ClaimResult(claim.about, claim.claimed, result.exact, (result.exact, result.exact), _equal(same))
    if result.status is Status.NOT_APPLICABLE:
        return ClaimResult(claim.about, claim.claimed, None, None, _equal(claim.claimed == 0))
    verdict = _inside(claim, result.interval, result.status)
    return ClaimResult(claim.about, claim.claimed, None, result.bounds, verdict)


def _inside(claim: Claim, interval: Interval | None, status: Status) -> str:
    if interval is not None and not interval.low <= claim.claimed <= interval.high:
        return "refuted"
    return "permitted" if status is Status.JUDGED else "unsupported"


def _same(claim: Claim, derived: Fraction, places: int | None) -> bool:
    """Equal after the ruleset's rounding; where it does not round, to the decimals that the claim was written with.

    A score that the ruleset keeps exact and that can be written out must be claimed as it is; what is measured is
    printed with fewer decimals as a matter of course.
    """
    if isinstance(claim.claimed, str):
        return False
    if claim.claimed == derived:
        return True
    if places is not None:
        return claim.claimed == numbers.round_half_away(derived, places)
    if claim.about.startswith("values.") or numbers.decimal_places(derived) is None:
        return claim.claimed == numbers.round_half_away(derived, claim.places)
    return False


def _value(evaluation: Evaluation, claim: Claim, name: str) -> ClaimResult:
    derived = evaluation.values[name].value
    if derived is None:
        bounds = evaluation.outlook[name]
        interval = bounds if isinstance(bounds, Interval) else ANYTHING
        verdict = _inside(claim, interval, status_of(evaluation.results[name]))
        return ClaimResult(claim.about, claim.claimed, None, finite(interval), verdict)
    if not isinstance(derived, Fraction):
        return ClaimResult(claim.about, claim.claimed, None, None, "refuted")
    same = _same(claim, derived, evaluation.ruleset.declaration.rounding.value)
    return ClaimResult(claim.about, claim.claimed, derived, (derived, derived), _equal(same))


def _grade(total: BranchResult | None, claim: Claim) -> ClaimResult:
    if total is None or total.branch.grade is None:
        return ClaimResult(claim.about, claim.claimed, None, None, "unsupported")
    if total.grade is not None:
        return ClaimResult(claim.about, claim.claimed, total.grade, total.grades, _equal(claim.claimed == total.grade))
    verdict = "permitted" if total.status is Status.JUDGED else "unsupported"
    verdict = verdict if claim.claimed in total.grades else "refuted"
    return ClaimResult(claim.about, claim.claimed, None, total.grades, verdict)


def disagreements(evaluation: Evaluation) -> Iterator[Disagreement]:
    """Claims that contradict each other: a claimed whole whose parts are all claimed, and add up to something else.

    Only where the whole is the plain sum of its parts by the ruleset.
    """
    program, declared = evaluation.ruleset.program, evaluation.ruleset.declaration
    claimed = {
        claim.about: claim.claimed for claim in evaluation.submission.claims if not isinstance(claim.claimed, str)
    }
    adjusted = {adjustment.each for adjustment in declared.adjustments.values()}
    sums: dict[str, Exact] = {}
    for branch in [
        *reversed([result.branch for result in evaluation.dimensions.values()]),
        *filter(None, [program.total]),
    ]:
        about = f"dimensions.{branch.id}" if branch.id else "total"
        custom = declared.dimensions[branch.id].score if branch.id else declared.total.score
        if custom not in (None, "earned") or branch.live or ("dimension" if branch.id else "total") in adjusted:
            continue
        parts = [*(f"indicators.{row}" for row in branch.rows), *(f"dimensions.{child}" for child in branch.dimensions)]
        known = [claimed.get(part, sums.get(part)) for part in parts]
        if parts and all(part is not None for part in known):
            sums[about] = sum(part for part in known if part is not None)
            if about in claimed and claimed[about] != sums[about]:
                yield Disagreement(about, claimed[about], sums[about], tuple(parts))

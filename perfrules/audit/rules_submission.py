"""What does not follow in a submission: differences with one cause, claims at odds, and claims without facts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfrules import numbers
from perfrules.audit.rounding import Cause, causes
from perfrules.errors import Finding
from perfrules.evaluation.evaluation import Evaluation
from perfrules.numbers import Exact

_GOALS = re.compile(
    "(?:目标|总体).{0,6}(?:实现|完成|达成)(?:程度|率|情况|比例)?|(?:goals?|overall)_?(?:achieve|met|reach|complete)",
    re.IGNORECASE,
)
"""Facts that say how far the goals were reached: 绩效目标实现程度, 总体完成率."""


def findings(evaluation: Evaluation) -> Iterator[Finding]:
    """What the evaluation finds, with differences that are one shown as one, and what its claims leave open."""
    yield from (finding for finding in evaluation.findings if finding.code != "rounding-difference")
    for cause in causes(evaluation):
        yield _cause(evaluation, cause)
    yield from _goals(evaluation)
    yield from _unsupported(evaluation)


def _cause(evaluation: Evaluation, cause: Cause) -> Finding:
    """One finding for differences that are one, naming the sums that prove it."""
    first = cause.checks[0]
    if len(cause.checks) == 1:
        own = (
            one
            for one in evaluation.findings
            if one.about == f"checks.{first.id}" and one.code == "rounding-difference"
        )
        return next(own)
    values = {
        "count": len(cause.checks),
        "difference": numbers.shown(cause.difference),
        "checks": tuple(dict(check.title) or check.id for check in cause.checks),
        "proofs": tuple(dict(check.title) or check.id for check in cause.proved_by),
    }
    return Finding("rounding-difference", "note", f"checks.{first.id}", "rounding-difference.one-cause", values)


def _goals(evaluation: Evaluation) -> Iterator[Finding]:
    """Goals that are said to be reached to 100 %, beside a claimed total that has lost points."""
    total = evaluation.total
    claim = next((one for one in evaluation.submission.claims if one.about == "total"), None)
    if claim is None or total is None or isinstance(claim.claimed, str) or claim.claimed >= total.weight:
        return
    for name, fact in evaluation.ruleset.program.facts.items():
        value = evaluation.results.get(name)
        told = fact.for_record and (_GOALS.search(name) or any(map(_GOALS.search, fact.title.values())))
        if told and isinstance(value, Exact) and fact.unit in (None, "%") and value == 100:
            where = evaluation.submission.locate(("claims", "total"))
            values = {
                "fact": dict(fact.title) or name, "claimed": numbers.shown(claim.claimed),
                "weight": numbers.shown(total.weight), "lost": numbers.shown(total.weight - claim.claimed),
            }  # fmt: skip
            yield Finding("claims-disagree", "error", "total", "claims-disagree.goals", values, where)


def _unsupported(evaluation: Evaluation) -> Iterator[Finding]:
    """Claimed scores for which the facts are missing."""
    open_ = [claim for claim in evaluation.claims if claim.verdict == "unsupported" and _is_score(claim.about)]
    for claim in open_:
        where = evaluation.submission.locate(("claims", *claim.about.split(".")))
        ends = tuple(one if isinstance(one, str) else numbers.shown(one, 2) for one in claim.bounds or ())
        values: dict[str, object] = {
            "claimed": claim.claimed if isinstance(claim.claimed, str) else numbers.shown(claim.claimed),
            "bounds": " … ".join(ends) or "?", "coverage": numbers.shown(evaluation.coverage, 2),
        }  # fmt: skip
        key = "evidence-missing.total" if claim.about == "total" else "evidence-missing.claim"
        if claim.about.startswith("indicators."):
            row = evaluation[claim.about.partition(".")[2]]
            values |= {"title": dict(row.title) or row.id, "missing": tuple(row.missing)}
        if key.endswith("total") or claim.about.startswith("indicators."):
            yield Finding("evidence-missing", "warning", claim.about, key, values, where)


def _is_score(about: str) -> bool:
    return about == "total" or about.startswith("indicators.")

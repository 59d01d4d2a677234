"""What is worth knowing of a ruleset beyond what loading it must find: `check`, complete.

Loading finds what makes a ruleset unusable. What is found here makes it doubtful: a band table with a hole, a score
that can leave 0..weight, a divisor that can be 0, a target that nobody can measure, a part that nothing reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from perfrules.errors import Finding
from perfrules.ruleset.bands import bands
from perfrules.ruleset.completeness import authority, cases, titles, unused
from perfrules.ruleset.examination import Examination
from perfrules.ruleset.proofs import Proof, scores
from perfrules.ruleset.targets import targets

if TYPE_CHECKING:
    from perfrules.ruleset.library import Ruleset

CHECKS: tuple[Callable[[Examination], Iterator[Finding]], ...] = (
    bands, scores, targets, unused, titles, authority, cases,
)  # fmt: skip
"""Every check, in the order in which they run."""


def examine(ruleset: Ruleset) -> tuple[list[Finding], tuple[Proof, ...]]:
    """Everything that the checks find, equal findings once; and the proof of every score that could be looked at."""
    examination = Examination(ruleset)
    found: dict[tuple[object, ...], list[Finding]] = {}
    for check in CHECKS:
        for finding in filter(examination.is_news, check(examination)):
            alike = found.setdefault((finding.code, finding.key, finding.about, finding.where), [])
            alike += [] if finding in alike else [finding]
    return [finding for alike in found.values() for finding in alike], examination.prover.proofs

"""What is worth knowing of a ruleset beyond what loading it must find: `check`, complete.

Loading finds what makes a ruleset unusable. What is found here makes it doubtful: a band table with a hole, a score
that can leave 0..weight, a divisor that can be 0, a target that nobody can measure, a part that nothing reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from perfrules.errors import Finding, Severity
from perfrules.ruleset.toml import KeyPath

if TYPE_CHECKING:
    from perfrules.ruleset.library import Ruleset


class Examination:
    """One ruleset under examination: what its checks share."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Take a loaded ruleset."""
        self.ruleset = ruleset
        self.program = ruleset.program
        self.declared = ruleset.declaration

    def finding(
        self,
        code: str,
        path: KeyPath,
        key: str = "",
        severity: Severity = "warning",
        on_key: bool = False,
        **values: object,
    ) -> Finding:
        """A finding about a part of the ruleset, with its place."""
        about = ".".join(map(str, path[:2]))
        return Finding(code, severity, about, key, values, self.ruleset.origins.where(path, on_key=on_key))


CHECKS: tuple[Callable[[Examination], Iterator[Finding]], ...] = ()
"""Every check, in the order in which they run."""


def examine(ruleset: Ruleset) -> list[Finding]:
    """Everything that the checks find; equal findings once."""
    examination = Examination(ruleset)
    found: list[Finding] = []
    for check in CHECKS:
        found += [finding for finding in check(examination) if finding not in found]
    return found

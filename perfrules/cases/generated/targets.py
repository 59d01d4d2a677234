"""What a ruleset is tried on when facts are searched for it: itself, or what its cases name; and from which base.

A ruleset that scores is tried on itself, from `examples/full.toml` beside it, or the base that its cases start from.
A framework or an overlay is tried on each ruleset that its cases name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from perfrules.cases.run import Case, Trial
from perfrules.errors import Finding, PerfrulesError, RulesetError
from perfrules.evaluation import files
from perfrules.evaluation.submission import Submission, from_data, read_facts
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.toml import KeyPath

FULL = "../examples/full.toml"
"""The base that a case starts from where there is one, as seen from `cases/`."""


class Target(NamedTuple):
    """What facts are searched for.

    Attributes:
        ruleset: What is tried.
        named: What a case must say in `ruleset`; None where it need not.
        base: What a case must say in `base`; None without a base.
        start: The base, read.
        own: Whether the document under test says a key.
    """

    ruleset: Ruleset
    named: str | None
    base: str | None
    start: Submission | None
    own: Callable[[KeyPath], bool]


def targets(trial: Trial) -> list[Target]:
    """What a ruleset under test is tried on.

    Raises:
        RulesetError: Something cannot be read, or there is nothing to try a framework or overlay on.
    """
    found = list(_targets(trial))
    if not found:
        raise RulesetError([Finding("no-ruleset", about=str(trial.reference), key="no-ruleset.untried")])
    return found


def _targets(trial: Trial) -> Iterator[Target]:
    cases = [case for case in trial.cases() if isinstance(case, Case)]
    if trial.is_overlay or trial.ruleset().declaration.ruleset.framework:
        for reference in dict.fromkeys(case.data["ruleset"] for case in cases if "ruleset" in case.data):
            alike = [case for case in cases if case.data.get("ruleset") == reference]
            bases = [case.data["base"] for case in alike if "base" in case.data]
            yield _target(trial, trial.ruleset(alike[0]), reference, bases)
    else:
        bases = [FULL, *(case.data["base"] for case in cases if "base" in case.data and "ruleset" not in case.data)]
        yield _target(trial, trial.ruleset(), None, bases)


def _target(trial: Trial, ruleset: Ruleset, named: str | None, bases: list[str]) -> Target:
    own = _own(ruleset, trial)
    for base in dict.fromkeys(bases):
        path = trial.path.parent / "cases" / base
        try:
            start = files.read(path)
            read_facts(start, ruleset)
        except PerfrulesError:
            continue  # another base may fit; that this one does not is said by the cases that start from it
        return Target(ruleset, named, base, start, own)
    return Target(ruleset, named, None, None, own)


def _own(ruleset: Ruleset, trial: Trial) -> Callable[[KeyPath], bool]:
    """Whether a key of a ruleset was said by the document under test."""
    path = trial.path.resolve()
    mine = [document for document in ruleset.documents if document.path and document.path.resolve() == path]
    return lambda key: ruleset.origins.document(key) in mine


def submitted(target: Target, facts: Mapping[str, Any]) -> Submission:
    """What a case hands in that sets some facts over the base."""
    data = dict(target.start.data or {}) if target.start else {}
    data.pop("submission", None)
    return from_data(data | {"facts": {**(target.start.raw if target.start else {}), **facts}})

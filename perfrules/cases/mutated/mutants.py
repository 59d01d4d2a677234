"""`test --mutate`: small changes of a ruleset that no case notices.

A change that gives the same on every submission that is tried, the edges of what was changed among them, makes no
difference as far as tried, and is not counted against the cases. For any other that goes unnoticed there are facts by
which a case would notice it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from perfrules import words
from perfrules.cases.mutated.crowd import Crowd, Witness
from perfrules.cases.mutated.mutations import Change, changed, changes
from perfrules.cases.mutated.rerun import Rerun
from perfrules.cases.mutated.weighing import weight_changes
from perfrules.cases.run import Case, CaseResult, Trial
from perfrules.errors import Finding, PerfrulesError, RulesetError, Where
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.scoring import evaluate
from perfrules.ruleset.library import Ruleset, assemble
from perfrules.ruleset.resolve import header

NOTICED, UNNOTICED, EQUIVALENT, REFUSED = "noticed", "unnoticed", "equivalent", "refused"


class Mutant(NamedTuple):
    """One change and what became of it.

    Attributes:
        about: The key that was changed.
        where: The place in the file.
        was, became: What stood there, and what stands there instead.
        outcome: `noticed`, `unnoticed`, `equivalent` (no difference as far as tried), or `refused` (it does not load).
        case: The case that noticed it.
        witness: For an unnoticed one, facts by which a case would notice it.
    """

    about: str
    where: Where
    was: str
    became: str
    outcome: str
    case: str = ""
    witness: Witness | None = None


class Mutated(NamedTuple):
    """What became of the changes of one ruleset."""

    id: str
    mutants: tuple[Mutant, ...]

    def of(self, outcome: str) -> tuple[Mutant, ...]:
        """The changes with an outcome."""
        return tuple(mutant for mutant in self.mutants if mutant.outcome == outcome)

    def as_dict(self) -> dict[str, Any]:
        """The outcome as in `--json`."""
        counts = {outcome: len(self.of(outcome)) for outcome in (NOTICED, UNNOTICED, EQUIVALENT, REFUSED)}
        listed = [_as_dict(mutant) for outcome in (UNNOTICED, EQUIVALENT) for mutant in self.of(outcome)]
        return {"id": words.safe(self.id), **counts, "changes": listed}


def _as_dict(mutant: Mutant) -> dict[str, Any]:
    return {
        "outcome": mutant.outcome,
        "where": str(mutant.where),
        "about": words.safe(mutant.about),
        "was": words.safe(mutant.was),
        "became": words.safe(mutant.became),
        "witness": mutant.witness.said if mutant.witness else None,
    }


class _Run(NamedTuple):
    """A case that was run: what came out, the ids of the parts that it expects something of, and whether of bounds."""

    case: Case
    evaluation: Evaluation
    mentions: frozenset[str]
    bounds: bool


class Mutation:
    """The changes of one ruleset, and its cases.

    `changes` says how many there are, `mutants()` what becomes of each.
    """

    def __init__(self, reference: str | Path, *, as_of: date | None = None) -> None:
        """Load the ruleset and run its cases once.

        Args:
            reference: What `perfrules.load` takes, or an overlay.
            as_of: The date at which members of families must be effective.

        Raises:
            RulesetError: The ruleset or a file of cases cannot be read, or a case fails already.
        """
        self.trial = Trial(reference, as_of)
        self.document = self.trial.document
        self.id = str(header(self.document).get("id", reference))
        self._runs = list(_runs(self.trial))
        self._rulesets = list(dict.fromkeys(run.evaluation.ruleset for run in self._runs)) or [self.trial.ruleset()]
        self._path = self.trial.path.resolve()
        self._noticed: dict[str, list[_Run]] = {}
        self.changes = [*changes(self.document), *weight_changes(self.document, self._rulesets[0])]
        self.changes.sort(key=lambda change: _line(self.document.where(change.path, change.span)))
        self._crowd = Crowd(self.trial, [run.evaluation for run in self._runs])

    def mutants(self) -> Iterator[Mutant]:
        """What becomes of each change, one after the other."""
        for change in self.changes:
            yield self._mutant(change)

    def _mutant(self, change: Change) -> Mutant:
        where = self.document.where(change.path, change.span, on_key=change.on_key)
        mutant = Mutant(".".join(map(str, change.path)), where, change.was, change.became, NOTICED)
        altered = _Altered(self, change)
        try:
            altered.of(self._rulesets[0])
        except RulesetError:
            return mutant._replace(outcome=REFUSED)
        if altered.is_silent(self._rulesets):
            return mutant._replace(outcome=EQUIVALENT)
        part = ".".join(map(str, change.path[:2]))
        for run in self._in_order(part):
            if altered.notices(run):
                self._remember(part, run)
                return mutant._replace(case=run.case.name)
        witness = self._crowd.difference(altered.of, change.path)
        return mutant._replace(outcome=UNNOTICED if witness else EQUIVALENT, witness=witness)

    def altered(self, ruleset: Ruleset, change: Change) -> Ruleset:
        """A ruleset with a change made in the document under test.

        Raises:
            RulesetError: It does not load so.
        """
        layers = tuple(
            layer._replace(document=changed(layer.document, change))
            if layer.document.path and layer.document.path.resolve() == self._path
            else layer
            for layer in ruleset.layers
        )
        return assemble(layers, ruleset.as_of)

    def _in_order(self, part: str) -> list[_Run]:
        """The cases, those first that noticed a change of the same part, then those that expect something of it."""
        first, name = self._noticed.get(part, []), part.partition(".")[2]

        def place(run: _Run) -> tuple[int, bool]:
            return 0 if run in first else 1 if name in run.mentions else 2, run.bounds

        return sorted(self._runs, key=place)

    def _remember(self, part: str, run: _Run) -> None:
        known = self._noticed.setdefault(part, [])
        if run not in known:
            known.append(run)


def _line(where: Where) -> tuple[int, int]:
    return where.line or 0, where.column or 0


class _Altered:
    """The rulesets of the cases with one change made, each assembled when it is asked for."""

    def __init__(self, mutation: Mutation, change: Change) -> None:
        self.mutation = mutation
        self.change = change
        self.known: dict[Ruleset, Rerun] = {}

    def of(self, ruleset: Ruleset) -> Rerun:
        """What a ruleset makes of submissions with the change made.

        Raises:
            RulesetError: It does not load so.
        """
        if ruleset not in self.known:
            after = self.mutation.altered(ruleset, self.change)
            self.known[ruleset] = Rerun(ruleset, after, reads_alike=self.change.path[0] != "levels")
        return self.known[ruleset]

    def is_silent(self, rulesets: list[Ruleset]) -> bool:
        """Whether the change reaches nothing in any of some rulesets that a case could expect."""
        try:
            return all(self.of(ruleset).is_silent for ruleset in rulesets)
        except RulesetError:
            return False

    def notices(self, run: _Run) -> bool:
        """Whether a case comes out otherwise than expected."""
        try:
            evaluation = self.of(run.evaluation.ruleset).evaluation(run.evaluation, bounds=run.bounds)
        except PerfrulesError:
            return True
        return evaluation is not None and next(iter(run.case.differences(evaluation)), None) is not None


def _runs(trial: Trial) -> Iterator[_Run]:
    """The cases of a ruleset, ready to be run.

    Raises:
        RulesetError: One cannot be run, or fails.
    """
    failed: list[Finding] = []
    for case in trial.cases():
        if isinstance(case, CaseResult):
            failed += case.findings
            continue
        try:
            evaluation = evaluate(trial.ruleset(case), case.submission())
        except PerfrulesError as error:
            failed += error.findings
            continue
        failed += case.differences(evaluation)
        expect = case.data["expect"]
        bounds = "bounds" in expect or bool(evaluation.submission.claims)  # whether a claim is permitted asks them too
        yield _Run(case, evaluation, _mentions(expect), bounds)
    if failed:
        raise RulesetError(failed)


def _mentions(expect: Mapping[str, Any]) -> frozenset[str]:
    """The ids of the parts that a case expects something of."""
    return frozenset(name for table in expect.values() if isinstance(table, Mapping) for name in table)

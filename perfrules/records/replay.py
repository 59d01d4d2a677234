"""The submission of a record scored by another ruleset: a newer version, another place's, one with an overlay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from perfrules import words
from perfrules.errors import Finding
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.scoring import evaluate
from perfrules.evaluation.submission import Submission
from perfrules.records.record import Record
from perfrules.ruleset.library import Ruleset

ABSENT = words.Term("record.absent")
"""What stands for a side that has no such thing."""


class Pair(NamedTuple):
    """A row, dimension or the total on both sides; None where a side has no such thing.

    Attributes:
        about: `indicators.x`, `dimensions.x` or `total`.
        recorded, replayed: The results.
    """

    about: str
    recorded: Any
    replayed: Any

    @property
    def differs(self) -> bool:
        """Whether it comes out otherwise: by its score, its state, or its bounds."""
        return bool(self._said(self.recorded) != self._said(self.replayed))

    @staticmethod
    def _said(result: Any) -> Any:
        return None if result is None else (result.status, result.exact, result.bounds, result.weight)


class Replay(NamedTuple):
    """The submission of a record, scored by another ruleset.

    Attributes:
        before, after: The evaluation of the record, and the other.
        left_out: Notes on what the other ruleset does not have.
    """

    before: Evaluation
    after: Evaluation
    left_out: tuple[Finding, ...]

    @classmethod
    def of(cls, record: Record, before: Evaluation, ruleset: Ruleset) -> Replay:
        """Score the submission of a record, which came to `before`, by another ruleset.

        Raises:
            RulesetError, SubmissionError: The submission does not fit the ruleset, or it scores nothing.
        """
        kept, left_out = _fitted(record.submission(), ruleset)
        return cls(before, evaluate(ruleset, kept), tuple(left_out))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The total, then the dimensions and their indicators in the order of the record, then what is new."""
        ours, theirs = _results(self.before), _results(self.after)
        return tuple(Pair(about, ours.get(about), theirs.get(about)) for about in {**ours, **theirs})

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was left out, and a note for each score that comes out otherwise."""
        changed = (pair for pair in self.pairs if pair.differs)
        return (*self.left_out, *(self._note(pair) for pair in changed))

    def _note(self, pair: Pair) -> Finding:
        values = {"recorded": _points(pair.recorded), "derived": _points(pair.replayed), "name": self.after.ruleset.id}
        return Finding("record-differs", "note", pair.about, "record-differs.replayed", values)


def _results(evaluation: Evaluation) -> dict[str, Any]:
    found: dict[str, Any] = {} if evaluation.total is None else {"total": evaluation.total}
    for branch in evaluation.dimensions.values():
        found[f"dimensions.{branch.id}"] = branch
        found |= {f"indicators.{row}": evaluation[row] for row in branch.branch.rows}
    return found


def _points(result: Any) -> object:
    if result is None:
        return ABSENT
    return words.Term(f"status.{result.status}") if result.score is None else f"{result.score:f}"


def _fitted(submission: Submission, ruleset: Ruleset) -> tuple[Submission, list[Finding]]:
    """A submission without what a ruleset does not have, and notes on what was left out."""
    program, notes = ruleset.program, list[Finding]()

    def keeps(about: str, known: bool, key: str = "unknown-fact.left-out") -> bool:
        if not known:
            values = {"name": about, "ruleset": ruleset.id}
            notes.append(Finding("unknown-fact", "note", about, key, values))
        return known

    def is_fact(name: str) -> bool:
        return name in program.facts or (submission.texts and re.split(r"[.\[]", name)[0] in program.facts)

    known: dict[str, Mapping[str, Any]] = {
        "indicators": program.rows, "weights": program.rows, "dimensions": program.branches,
        "values": ruleset.declaration.values,
    }  # fmt: skip
    raw = {name: said for name, said in submission.raw.items() if keeps(f"facts.{name}", is_fact(name))}
    claims = []
    for claim in submission.claims:
        section, dot, name = claim.about.partition(".")
        if keeps(f"claims.{claim.about}", not dot or name in known[section]):
            claims.append(claim)
    said_of = {name: note for name, note in submission.notes.items() if keeps(f"notes.{name}", name in program.rows)}
    for overlay in submission.overlays:
        keeps(overlay, known=False, key="unknown-fact.not-laid")
    return replace(submission, raw=raw, claims=tuple(claims), notes=said_of, overlays=(), findings=[]), notes

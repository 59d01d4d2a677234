"""evaluate(): run a ruleset's program over a submission's facts, exactly.

The whole program runs once, and every node's value is recorded. What people ask of the result (bounds, findings,
words) is worked out when they ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from perfrules.errors import Finding, RulesetError, SubmissionError
from perfrules.evaluation import files
from perfrules.evaluation.facts import prepared
from perfrules.evaluation.results import Evaluation
from perfrules.evaluation.submission import Submission, from_data, read_facts
from perfrules.formula.direct import DirectEvaluator, Visit, prepare
from perfrules.formula.systems.exact import EXACT
from perfrules.ruleset.library import Ruleset, find, load
from perfrules.ruleset.program import Program
from perfrules.ruleset.resolve import Overlays, Reference, references


def evaluate(
    ruleset: Ruleset | str | Path | None,
    submission: Submission | Mapping[str, Any] | str | Path,
    *,
    overlays: Overlays = (),
    as_of: date | None = None,
) -> Evaluation:
    """Score a submission.

    Args:
        ruleset: A loaded ruleset, or what `load` takes; None to take the one that the submission names.
        submission: A `Submission`, the path of a file (TOML, JSON, CSV, Excel), a dict in the shape of such a file, or
            simply a dict of facts. Numbers are in the unit that the ruleset declares beside the fact; percentages are
            0-100.
        overlays: What to lay on the ruleset, after the overlays that it and the submission name.
        as_of: As of `load`: the date at which members of families must be effective.

    Returns:
        The evaluation: scores, bounds, statuses, checks, claims, findings, derivations.

    Raises:
        RulesetError: The ruleset cannot be found, read or scored with.
        SubmissionError: The submission cannot be read; all findings at once.
        TypeError: A loaded ruleset is given with overlays or a date, which are said when it is loaded.
    """
    if isinstance(submission, str | Path):
        submission = files.read(submission)
    elif not isinstance(submission, Submission):
        submission = _from_dict(submission)
    if not isinstance(ruleset, Ruleset):
        ruleset = _ruleset(ruleset, submission, overlays, as_of)
    elif overlays or as_of:
        raise TypeError("a loaded ruleset is scored with as it is: say overlays and as_of when loading it")
    elif submission.overlays:
        _check_laid(ruleset, submission)
    if ruleset.declaration.ruleset.framework:
        raise RulesetError([Finding("no-ruleset", about=ruleset.id, key="no-ruleset.framework")])
    program = ruleset.program
    facts = read_facts(submission, ruleset)
    names = {**prepared(program)[1], **facts.names}
    steps: list[Any] = []
    run = DirectEvaluator(EXACT, names, steps.append)
    for name, visit in _visits(program):
        names[name] = visit(run)
    return Evaluation(ruleset, submission, facts, names, steps)


@lru_cache(maxsize=64)
def _visits(program: Program) -> tuple[tuple[str, Visit], ...]:
    """The lines of a program, prepared."""
    return tuple((name, prepare(tree, EXACT)) for name, tree in program.trees)


def _from_dict(data: Mapping[str, Any]) -> Submission:
    """A dict of facts, or a dict in the shape of a file: told apart by the tables a file has."""
    if isinstance(data.get("facts"), Mapping) or isinstance(data.get("submission"), Mapping):
        return from_data(data)
    return Submission(data)


def _ruleset(reference: str | Path | None, submission: Submission, overlays: Overlays, as_of: date | None) -> Ruleset:
    """The ruleset that is asked for, or that the submission names; with the submission's overlays laid on it."""
    beside = None
    if reference is None:
        if submission.ruleset is None:
            submission.note("no-ruleset", ("submission", "ruleset"), "no-ruleset.unnamed")
            raise SubmissionError(submission.findings)
        reference, beside = submission.ruleset, submission.path
    return load(reference, beside=beside, as_of=as_of, overlays=[*_own(submission), *references(overlays)])


def _own(submission: Submission) -> Iterator[Reference]:
    """The overlays that a submission names."""
    for index, overlay in enumerate(submission.overlays):
        locate = partial(submission.locate, ("submission", "overlays", index))
        yield Reference(overlay, submission.path, "submission.overlays", locate)


def _check_laid(ruleset: Ruleset, submission: Submission) -> None:
    """Refuse a loaded ruleset on which an overlay does not lie that the submission asks for.

    A ruleset that was made of texts, such as a record's, is what it is: its documents lie in no files to compare.

    Raises:
        RulesetError: It would be scored by other rules than the submission says.
    """
    laid = [document.path.resolve() for document in ruleset.documents if document.path]
    findings = []
    for overlay in _own(submission) if laid else ():
        path, _ = find(overlay.text, overlay.beside, ruleset.as_of)
        if path.resolve() not in laid:
            values = {"name": str(overlay.text)}
            key = "no-ruleset.not-laid"
            findings.append(Finding("no-ruleset", "error", overlay.about, key, values, overlay.locate()))
    if findings:
        raise RulesetError(findings)

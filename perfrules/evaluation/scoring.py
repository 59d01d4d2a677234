"""evaluate(): run a ruleset's program over a submission's facts, exactly.

The whole program runs once, and every node's value is recorded. What people ask of the result (bounds, findings,
words) is worked out when they ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfrules.errors import Finding, RulesetError, SubmissionError
from perfrules.evaluation import files
from perfrules.evaluation.facts import prepared
from perfrules.evaluation.results import Evaluation
from perfrules.evaluation.submission import Submission, from_data, read_facts
from perfrules.formula.evaluator import DirectEvaluator
from perfrules.formula.systems.exact import EXACT
from perfrules.ruleset.library import Ruleset, load


def evaluate(
    ruleset: Ruleset | str | Path | None, submission: Submission | Mapping[str, Any] | str | Path
) -> Evaluation:
    """Score a submission.

    Args:
        ruleset: A loaded ruleset, or what `load` takes; None to take the one that the submission names.
        submission: A `Submission`, the path of a TOML, JSON or CSV file, a dict in the shape of such a file, or simply
            a dict of facts. Numbers are in the unit that the ruleset declares beside the fact; percentages are 0-100.

    Returns:
        The evaluation: scores, bounds, statuses, checks, claims, findings, derivations.

    Raises:
        RulesetError: The ruleset cannot be found, read or scored with.
        SubmissionError: The submission cannot be read; all findings at once.
    """
    if isinstance(submission, str | Path):
        submission = files.read(submission)
    elif not isinstance(submission, Submission):
        submission = _from_dict(submission)
    if not isinstance(ruleset, Ruleset):
        ruleset = _ruleset(ruleset, submission)
    if ruleset.declaration.ruleset.framework:
        raise RulesetError([Finding("no-ruleset", about=ruleset.id, key="no-ruleset.framework")])
    program = ruleset.program
    facts = read_facts(submission, ruleset)
    names = {**prepared(program)[1], **facts.names}
    steps: list[Any] = []
    run = DirectEvaluator(EXACT, names, steps.append)
    visit = run.visit
    for name, tree in program.trees:
        names[name] = visit(tree)
    return Evaluation(ruleset, submission, facts, names, steps)


def _from_dict(data: Mapping[str, Any]) -> Submission:
    """A dict of facts, or a dict in the shape of a file: told apart by the tables a file has."""
    if isinstance(data.get("facts"), Mapping) or isinstance(data.get("submission"), Mapping):
        return from_data(data)
    return Submission(data)


def _ruleset(reference: str | Path | None, submission: Submission) -> Ruleset:
    if reference is not None:
        return load(reference)
    if submission.ruleset is None:
        submission.note("no-ruleset", ("submission", "ruleset"), "no-ruleset.unnamed")
        raise SubmissionError(submission.findings)
    return load(submission.ruleset, beside=submission.path)

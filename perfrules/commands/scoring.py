"""Commands about scores: evaluate, explain, compare."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfrules import words
from perfrules.commands import keeping
from perfrules.commands.face import Arguments, Face, evaluated, files_of, laid_on
from perfrules.errors import Finding, PerfrulesError

if TYPE_CHECKING:
    from perfrules.evaluation.evaluation import Evaluation


def evaluate(arguments: Arguments, face: Face) -> int:
    """Score a submission; several, one line each; or a folder, as a portfolio."""
    if len(arguments.submissions) == 1 and os.path.isdir(arguments.submissions[0]):  # noqa: PTH112  (no file can be called so: False, where `Path` raises)
        from perfrules.commands.portfolio import evaluate_folder

        return evaluate_folder(arguments, face)
    paths = [path for given in arguments.submissions for path in files_of(Path(given))]
    keeping.check(arguments, face, len(paths))
    evaluations = [evaluated(path, arguments.ruleset, **laid_on(arguments)) for path in paths]
    kept = keeping.keep(arguments, evaluations)
    if arguments.json:
        from perfrules.evaluation.export import as_dict

        data = [as_dict(evaluation, face.lang) for evaluation in evaluations]
        face.data(data[0] if len(data) == 1 else {"format": 1, "evaluations": data})
    elif len(evaluations) == 1:
        from perfrules.report.console import evaluation_view

        face.view(evaluation_view(evaluations[0], face.lang))
    else:
        lines = (f"{path}: {one}" for path, one in zip(paths, evaluations, strict=True))
        face.text("\n".join(words.safe(line, None) for line in lines))
    keeping.say(arguments, face, kept)
    return 1 if any(evaluation.needs_attention for evaluation in evaluations) else 0


def explain(arguments: Arguments, face: Face) -> int:
    """Show how a score came about: formula, values, branch or band, rounding, facts with sources, authority."""
    from perfrules.report import explanation

    evaluation = evaluated(Path(arguments.submission), arguments.ruleset, **laid_on(arguments))
    _known(evaluation, arguments.about)
    if arguments.set or arguments.reach or arguments.sensitivity:
        return _what_if(evaluation, arguments, face)
    face.view(explanation.explain(evaluation, arguments.about, face.lang))
    return 0


def _what_if(evaluation: Evaluation, arguments: Arguments, face: Face) -> int:
    """The same submission with other facts; what reaches a total; what is at stake."""
    from perfrules.records import whatif
    from perfrules.records.compare import compare as compared
    from perfrules.report import comparison, explanation

    if arguments.set:
        other = whatif.changed(evaluation, whatif.assigned(evaluation, arguments.set))
        face.view(comparison.comparison_view(compared(evaluation, other), face.lang))
        evaluation = other
    if arguments.set and arguments.about:
        face.view(explanation.explain(evaluation, arguments.about, face.lang))
    if arguments.reach:
        goal = _goal(arguments.reach)
        face.view(comparison.reach_view(whatif.reach(evaluation, goal), evaluation, goal, face.lang))
    if arguments.sensitivity:
        face.view(comparison.sensitivity_view(whatif.sensitivity(evaluation), evaluation, face.lang))
    return 0


def _goal(text: str) -> Any:
    from perfrules import numbers

    try:
        return numbers.parse(text)
    except numbers.NumberError as error:
        key = f"unreadable-value.{error.reason}"
        raise PerfrulesError(
            [Finding("unreadable-value", about="--reach", key=key, values={"name": "--reach", "given": text})]
        ) from None


def compare(arguments: Arguments, face: Face) -> int:
    """Say why two evaluations differ, in points, fact by fact and rule by rule."""
    from perfrules.records.compare import compare as compared
    from perfrules.report import comparison

    laid, paths = laid_on(arguments), [Path(one) for one in arguments.submissions]
    if len(paths) == 1 and (arguments.ruleset or arguments.overlay):
        found = compared(evaluated(paths[0]), evaluated(paths[0], arguments.ruleset, **laid))
    elif len(paths) == 2:
        found = compared(*(evaluated(path, arguments.ruleset, **laid) for path in paths))
    else:
        raise PerfrulesError([Finding("bad-value", about="compare", key="compare.one")])
    if arguments.json:
        face.data(comparison.comparison_data(found))
    else:
        face.view(comparison.comparison_view(found, face.lang))
    return 0


def _known(evaluation: Evaluation, about: str | None) -> None:
    """Refuse a name that nothing in the ruleset has."""
    from perfrules.report.explanation import subjects

    known = subjects(evaluation)
    if about is not None and about not in known:
        near = words.nearest(about, known)
        key = "explain.no-such.near" if near else "explain.no-such"
        values = {"name": about, "near": near or "", "known": known}
        raise PerfrulesError([Finding("unknown-reference", about=about, key=key, values=values)])

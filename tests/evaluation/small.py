"""Small rulesets for tests: only what a test is about has to be written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from perfrules import evaluate
from perfrules.errors import SubmissionError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.ruleset.library import Ruleset, load

HEAD = 'format = 1\n[ruleset]\nid = "test/small"\n'


def ruleset(text: str, head: str = HEAD) -> Ruleset:
    """A ruleset of these lines, with a header before them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ruleset.toml"
        path.write_text(head + text, encoding="utf-8")
        return load(path)


def facts(**declared: str) -> str:
    """Declarations of facts: `a="number 0 100"` has that range, `a="number"` none."""
    lines = []
    for identifier, said in declared.items():
        kind, *ends = said.split()
        lines += [f'[facts."{identifier}"]', f'kind = "{kind}"', f"range = [{', '.join(ends)}]" if ends else ""]
    return "\n".join(lines) + "\n"


def row(identifier: str = "i", *, dimension: str = "d", weight: object = 10, **keys: str) -> str:
    """One indicator; keys as in TOML, with `with_` for `with`."""
    said = {"dimension": dimension, **{key.rstrip("_"): value for key, value in keys.items()}}
    lines = [f"{key} = {_toml(value)}" for key, value in said.items()]
    lines += [] if weight is None else [f"weight = {weight}"]
    return "\n".join([f"[indicators.{identifier}]", *lines, ""])


def _toml(text: str) -> str:
    """A text in quotes; what begins with a bracket or brace stands as it is."""
    return text if text[:1] in "[{" else f"'''{text}'''"


def one_row(score: str, declared: str, *, rounding: str = '"none"', head: str = HEAD, **keys: str) -> Ruleset:
    """A ruleset of one indicator `i` of weight 10 in a dimension `d`."""
    text = f"[rounding]\nscore = {rounding}\ntotal = {rounding}\n{declared}[dimensions.d]\n"
    return ruleset(text + row(score=score, **keys), head)


def score_of(formula: str, declared: str = "", **given: Any) -> Fraction | None:
    """The exact score of one indicator, unrounded."""
    return evaluate(one_row(formula, declared), given)["i"].exact


def findings_of(evaluation: Evaluation) -> list[tuple[str, str, str]]:
    """The findings as (severity, code, about)."""
    return [(finding.severity, finding.code, finding.about) for finding in evaluation.findings]


def refused(rules: Ruleset | str | Path | None, submission: Any) -> list[str]:
    """The keys of the findings (else their codes) with which a submission is refused; it must be."""
    try:
        evaluate(rules, submission)
    except SubmissionError as error:
        return [finding.key or finding.code for finding in error.findings]
    raise AssertionError("the submission was not refused")


def fractions(pairs: Iterable[tuple[Any, Any]]) -> list[tuple[Fraction, Fraction]]:
    """Pairs of numbers as bounds say them."""
    return [(Fraction(low), Fraction(high)) for low, high in pairs]

"""One row of a frame, scored exactly: the evaluation that the row's columns must agree with.

What a cell says is read as the facts of a submission are, and what cannot be read makes the fact missing, since one
bad cell must not stop a million rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from perfrules import numbers
from perfrules.evaluation import cells
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.facts import FactReader, Unreadable, prepared
from perfrules.evaluation.facts import Facts as Read
from perfrules.evaluation.results import Status
from perfrules.evaluation.scoring import evaluate
from perfrules.evaluation.submission import Submission
from perfrules.frames.appended import SEPARATOR
from perfrules.frames.matching import Column
from perfrules.frames.plan import branches
from perfrules.ruleset.loaded import Ruleset
from perfrules.ruleset.names import NUMERIC

SETTLED = 1e-9
"""The share by which a number of a frame may differ from the exact one where no ruleset rounds it."""


def evaluate_row(
    ruleset: Ruleset, matched: Mapping[str, Column | None], row: Mapping[str, Any], *, texts: bool = False
) -> Evaluation:
    """The exact evaluation of one row.

    Args:
        ruleset: The ruleset.
        matched: The column of each name that formulas read.
        row: The cells, by column.
        texts: Whether cells are texts, to be read as those of a table are.
    """
    readers, _ = prepared(ruleset.program)
    facts: dict[str, Any] = {}
    for name, reader in readers.items():
        said = _said(name, reader, matched, row, texts)
        if said is not None and _readable(reader, said):
            facts[name] = said
    return evaluate(ruleset, Submission(facts))


def _readable(reader: FactReader, said: Any) -> bool:
    """Whether a cell is of its fact's kind; a value out of range is, and a finding of the evaluation."""
    try:
        if isinstance(said, dict) and "level" in said:
            reader.judged(said["level"], said.get("rate"), Read())
        else:
            reader.read(said, Read())
    except (Unreadable, numbers.NumberError):
        return False
    return True


def _said(
    name: str, reader: FactReader, matched: Mapping[str, Column | None], row: Mapping[str, Any], texts: bool
) -> Any:
    """What the cells of one fact say; None where they say nothing."""
    fact = reader.fact
    if fact.kind == "table":
        return None
    if fact.kind == "checklist":
        said = {item: _cell("truth", None, matched.get(f"{name}.{item}"), row, texts) for item in fact.items}
        return {item: answer for item, answer in said.items() if answer is not None}
    value = _cell(fact.kind, fact.unit, matched.get(name), row, texts)
    if fact.kind == "choice" and texts and value is not None:
        return cells.option(fact.choices, value) or value
    level = _level(name, reader, matched, row, texts) if fact.kind == "judgement" else None
    if level is None:
        return value
    if level not in reader.steps:
        return None
    return {"level": level} if value is None else {"level": level, "rate": value}


def _level(
    name: str, reader: FactReader, matched: Mapping[str, Column | None], row: Mapping[str, Any], texts: bool
) -> Any:
    """The level of a judged fact: of texts it may stand in the fact's own cell, too."""
    said = _cell("text", None, matched.get(f"{name}.level"), row, texts)
    if not texts:
        return said
    known = {identifier: step.title for identifier, step in reader.steps.items()}
    if said is not None:
        return cells.option(known, said) or said
    own = _cell("text", None, matched.get(name), row, texts)
    return None if own is None else cells.option(known, own)


def _cell(kind: str, unit: str | None, column: Column | None, row: Mapping[str, Any], texts: bool) -> Any:
    """A cell as its kind reads it, a number in the fact's unit; None where it says nothing, or nothing readable."""
    value = None if column is None else row[column.name]
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if texts:
        text = str(value).strip(" ")
        try:
            value = cells.read(kind, unit, text) if text else None
        except Unreadable:
            return None
    if kind == "date" and isinstance(value, datetime):
        return value.date() if value == datetime.combine(value.date(), datetime.min.time(), value.tzinfo) else None
    if kind not in NUMERIC or value is None or column is None or column.factor == 1:
        return value
    try:
        return numbers.to_fraction(numbers.read(value)) * numbers.to_fraction(column.factor)
    except numbers.NumberError:
        return None


# -- what must be appended ----------------------------------------------------------------------------------------


def appended(evaluation: Evaluation, *, reasons: bool = False) -> dict[str, Any]:
    """What the appended columns of a row must say."""
    program, rounding = evaluation.ruleset.program, evaluation.ruleset.declaration.rounding
    found: dict[str, Any] = {
        f"score.{identifier}": _shown(evaluation[identifier].exact, rounding.score) for identifier in program.rows
    }
    dimensions = evaluation.dimensions
    for branch in branches(program):
        result = dimensions[branch.id] if branch.id else evaluation.total
        if result is not None:
            name = f"subtotal.{branch.id}" if branch.id else "total"
            found[name] = _shown(result.exact, rounding.score if branch.id else rounding.total)
            if not branch.id:
                found |= {"grade": result.grade} if branch.grade else {}
    found["status"] = evaluation.status
    found["coverage"] = Unrounded(evaluation.coverage)
    found["exact"] = True
    if reasons:
        found["because"] = _because(evaluation)
    return found


def _because(evaluation: Evaluation) -> str | None:
    """The reasons of everything that has no score and may count."""
    results = [*evaluation, *evaluation.dimensions.values(), *filter(None, [evaluation.total])]
    found = {
        reason for result in results if result.status is not Status.NOT_APPLICABLE for reason in result.reasons
    }  # fmt: skip
    return SEPARATOR.join(f"{kind} {about}" for kind, about in sorted(found)) or None


def _shown(exact: Fraction | None, places: int | None) -> float | None:
    """A score as a frame shows it: the nearest float, of at most ten decimals where nothing rounds it."""
    if exact is None:
        return None
    return float(exact) if places is not None else Unrounded(numbers.to_decimal(numbers.read(exact), None))


class Unrounded(float):
    """A number that no ruleset rounded, which the floats of a frame need not have to the last digit."""


def differences(wanted: Mapping[str, Any], got: Mapping[str, Any]) -> list[str]:
    """The names of appended columns that are not what they must be.

    What a ruleset rounds must be the same to the last digit; other numbers may differ by a share of `SETTLED`.

    Args:
        wanted: What `appended` says of a row.
        got: What the row says.
    """
    return [name for name, value in wanted.items() if not _same(value, got[name])]


def _same(wanted: Any, got: Any) -> bool:
    if isinstance(got, float) and math.isnan(got):
        got = None
    if isinstance(wanted, Unrounded) and isinstance(got, float):
        return math.isclose(wanted, got, rel_tol=SETTLED, abs_tol=SETTLED)
    return bool(wanted == got) and (wanted is None) == (got is None)

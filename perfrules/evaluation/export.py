"""An evaluation as JSON: the shape of `evaluate --json`. Numbers are strings, exact; what is not known is null."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import perfrules
from perfrules import numbers, words
from perfrules.evaluation import derivation
from perfrules.evaluation.claims import ClaimResult
from perfrules.evaluation.derivation import FactUse, Part
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import BranchResult, CheckResult, RowResult
from perfrules.evaluation.rolled import Source
from perfrules.formula.systems.exact import Unknown
from perfrules.numbers import Exact

FORMAT = 1


def as_dict(evaluation: Evaluation, lang: str = "en") -> dict[str, Any]:
    """The evaluation as data for JSON; `lang` is the language of findings."""
    return {
        "format": FORMAT,
        "engine": f"perfrules {perfrules.__version__}",
        "ruleset": _ruleset(evaluation),
        "submission": _submission(evaluation),
        "status": evaluation.status,
        "total": _total(evaluation),
        "dimensions": [_dimension(evaluation, result) for result in evaluation.dimensions.values()],
        "values": [_value(evaluation, name) for name in evaluation.values],
        "indicators": [_indicator(evaluation, row) for row in evaluation],
        "checks": [_check(check) for check in evaluation.checks],
        "claims": [_claim(claim) for claim in evaluation.claims],
        "findings": [finding.as_dict(lang) for finding in evaluation.findings],
    }


def text(value: Any, places: int | None = None) -> Any:
    """A value as JSON has it: numbers as text, dates in ISO, truth values as they are, None for unknown."""
    if value is None or isinstance(value, Unknown):
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Exact):
        known = numbers.decimal_places(value)
        return numbers.plain(value, places if known is not None and places is not None and known <= places else None)
    if isinstance(value, dict):
        return {key: text(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [text(item) for item in value]
    return str(value)


def _ends(bounds: Iterable[Any] | None, places: int | None) -> list[Any] | None:
    return None if bounds is None else [text(end, places) for end in bounds]


def _titles(titles: Any) -> dict[str, str]:
    return dict(titles)


def _ruleset(evaluation: Evaluation) -> dict[str, Any]:
    ruleset = evaluation.ruleset
    parts = [{**part._asdict(), "effective": text(part.effective)} for part in ruleset.parts]
    as_of = text(ruleset.as_of)
    return {
        "id": ruleset.id, "title": _titles(ruleset.title), "digest": ruleset.digest, "as_of": as_of, "parts": parts,
    }  # fmt: skip


def _submission(evaluation: Evaluation) -> dict[str, Any]:
    submission = evaluation.submission
    header = {key: getattr(submission, key) for key in ("subject", "period", "prepared_by", "source")}
    return {**header, "digest": submission.digest}


def _total(evaluation: Evaluation) -> dict[str, Any] | None:
    total = evaluation.total
    if total is None:
        return None
    shared = _branch(evaluation, total, evaluation.ruleset.declaration.rounding.total)
    return {
        "score": shared["score"], "exact": text(total.exact), "weight": shared["weight"], "bounds": shared["bounds"],
        "grade": total.grade, "grades": list(total.grades), "coverage": text(total.coverage), "steps": shared["steps"],
    }  # fmt: skip


def _dimension(evaluation: Evaluation, result: BranchResult) -> dict[str, Any]:
    shared = _branch(evaluation, result, evaluation.ruleset.declaration.rounding.score)
    return {
        "id": result.id, "within": result.branch.within, "title": _titles(result.title), "status": result.status.value,
        **shared, "grade": result.grade,
    }  # fmt: skip


def _branch(evaluation: Evaluation, result: BranchResult, places: int | None) -> dict[str, Any]:
    parts = derivation.of_branch(evaluation, result.id).parts
    return {
        "score": text(result.exact, places), "weight": text(result.weight), "bounds": _ends(result.bounds, places),
        "steps": _steps(parts),
    }  # fmt: skip


def _value(evaluation: Evaluation, name: str) -> dict[str, Any]:
    result = evaluation.values[name]
    steps = _steps([derivation.of_value(evaluation, name)])
    return {"id": name, "value": text(result.value), "unit": result.unit, "steps": steps}


def _steps(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The steps of some lines: sub-values in order, then the whole."""
    steps = []
    for part in parts:
        if part.of == "live":
            continue
        for step in part.steps:
            span = list(step.span) if step.span else None
            steps.append({"of": part.of, "text": step.text, "span": span, "value": text(step.value)})
        whole = [0, len(part.text)]
        steps.append({"of": part.of, "text": part.text, "span": whole, "value": text(part.value)})
    return steps


def _indicator(evaluation: Evaluation, row: RowResult) -> dict[str, Any]:
    declared, places = row.row.indicator, evaluation.ruleset.declaration.rounding.score
    how = row.derivation
    note = row.note
    return {
        "id": row.id, "dimension": declared.dimension, "title": _titles(row.title), "status": row.status.value,
        "value": text(row.value), "unit": row.row.unit, "target": declared.target, "met": row.met,
        "score": text(row.exact, places), "exact": text(row.exact), "weight": text(row.weight), "rate": text(row.rate),
        "bounds": _ends(row.bounds, places), "lost": text(row.lost, places), "missing": list(row.missing),
        "because": [{"kind": reason.kind, "about": reason.about} for reason in row.reasons],
        "method": row.row.method, "authority": declared.authority or None, "band": how.band,
        "note": {"reason": note.reason, "improvement": note.improvement} if note else None,
        "steps": _steps(how.parts), "facts": [_fact(use) for use in how.facts],
    }  # fmt: skip


def _fact(use: FactUse) -> dict[str, Any]:
    return {
        "id": use.id, "title": _titles(use.title), "value": text(use.value), "unit": use.unit,
        "submitted": text(use.submitted) if not isinstance(use.submitted, float) else repr(use.submitted),
        "source": use.source or None, "note": use.note or None, "by": use.by or None, "level": use.level,
        "missing": use.missing, "range": [_end(end) for end in use.range] if use.range else None,
        "sources": [_source(source) for source in use.sources],
    }  # fmt: skip


def _source(source: Source) -> dict[str, Any]:
    """The submission that a row of a rolled-up table is of; what it lacks as `kind:about`."""
    missing = {name: [f"{kind}:{about}" for kind, about in why] for name, why in source.missing.items()}
    return {
        "path": source.path, "subject": source.subject, "ruleset": source.ruleset, "rules": source.rules,
        "digest": source.digest, "cells": text(dict(source.cells)),
        "missing": missing, "unfilled": dict(source.unfilled), "unread": list(source.unread),
    }  # fmt: skip


def _end(end: Any) -> str | None:
    return None if isinstance(end, float) else str(text(end))


def _check(check: CheckResult) -> dict[str, Any]:
    return {
        "id": check.id, "title": _titles(check.title), "status": check.status, "severity": check.severity,
        "difference": text(check.difference), "tolerance": text(check.tolerance),
    }  # fmt: skip


def _claim(claim: ClaimResult) -> dict[str, Any]:
    return {
        "about": claim.about, "claimed": text(claim.claimed), "derived": text(claim.derived),
        "bounds": _ends(claim.bounds, None), "verdict": claim.verdict,
    }  # fmt: skip


def safe(data: Any) -> Any:
    """The same data without lone surrogates, which no encoding can write."""
    if isinstance(data, str):
        return (
            data if data.isascii() else "".join(words.safe(c, None) if "\ud800" <= c <= "\udfff" else c for c in data)
        )
    if isinstance(data, dict):
        return {safe(key): safe(value) for key, value in data.items()}
    return [safe(item) for item in data] if isinstance(data, list) else data
